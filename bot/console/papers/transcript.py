"""The transcript of a client's chat: who said what and when, and what the phone has of it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from typing import NamedTuple
from zoneinfo import ZoneInfo

from bot.caseload.models.conversation import Message
from bot.caseload.models.people import Client, Staff
from bot.caseload.records import ChangeOfHands, Span
from bot.console import labels, times
from bot.console.papers.paper import Entry, Heading, Mark, Paper
from bot.spoken import DAYS, MONTHS, clock_words

#: What the assistant said can be left out; what the safety layer said never is.
PEOPLE = ("client", "person", "safety")
EVERYBODY = (*PEOPLE, "bot", "system")
#: Longer ones are taken in parts, so that no page of paper takes a minute to make.
MOST = 2000
_SPOKEN = {"text", "edited", "button"}


class Made(NamedTuple):
    """Who makes a paper, and when."""

    by: Staff
    at: datetime
    #: For how many days words are kept.
    kept_days: int


def transcript(
    client: Client,
    span: Span,
    messages: list[Message],
    hands: list[ChangeOfHands],
    made: Made,
    *,
    with_bot: bool,
) -> Paper:
    """Return the transcript of a span."""
    facts = (
        *about(client, made),
        ("Days", span_words(span)),
        ("Times", f"the client's, {zone_words(span.zone)}"),
        ("Messages", _counted(messages, client)),
        *(() if with_bot else (("Left out", "what the assistant said"),)),
        ("Kept", f"words older than {made.kept_days} days are not kept"),
    )
    body = tuple(_body(client, ZoneInfo(span.zone), messages, hands))
    return Paper(
        f"Chat with {client.display_name}",
        facts,
        body or (Mark("Nothing was said in these days."),),
        f"{client.ref} · {span_words(span)}",
    )


def about(client: Client, made: Made) -> tuple[tuple[str, str], ...]:
    """Return what stands on top of every paper about a client."""
    when = times.day_and_time(made.at, client.timezone, made.at)
    return (
        ("Service", client.service.name),
        ("Client", f"{client.display_name} ({client.ref})"),
        ("Made by", f"{made.by.name}, {labels.say(labels.ROLE_WORDS, made.by.role)}, on {when}"),
    )


def day_of(day: date) -> str:
    """Return "25 November 2026"."""
    return f"{day.day} {MONTHS[day.month - 1]} {day.year}"


def span_words(span: Span) -> str:
    """Return "25 November 2026", or "1 to 25 November 2026" with what differs said twice."""
    first, last = span.first, span.last
    if first == last:
        return day_of(last)
    if first.year != last.year:
        return f"{day_of(first)} to {day_of(last)}"
    month = "" if first.month == last.month else f" {MONTHS[first.month - 1]}"
    return f"{first.day}{month} to {day_of(last)}"


def zone_words(zone: str) -> str:
    """Return the name of a time zone as people read it."""
    return zone.replace("_", " ")


def _counted(messages: list[Message], client: Client) -> str:
    mine = sum(message.author == "client" for message in messages)
    return f"{len(messages)}, of which {mine} from {client.preferred_name}"


def _body(
    client: Client, zone: ZoneInfo, messages: list[Message], hands: list[ChangeOfHands]
) -> Iterator[Heading | Mark | Entry]:
    happened: list[tuple[datetime, Message | ChangeOfHands]] = [
        *((change.at, change) for change in hands),
        *((message.created_at, message) for message in messages),
    ]
    happened.sort(key=lambda one: one[0])
    day: date | None = None
    for at, one in happened:
        local = at.astimezone(zone)
        if local.date() != day:
            day = local.date()
            yield Heading(f"{DAYS[day.weekday()]} {day_of(day)}")
        # The name of the time in use: it tells apart the two hours of the night on which clocks go back.
        clock = f"{clock_words(at, zone)} {local.tzname()}"
        yield _mark(one, clock) if isinstance(one, ChangeOfHands) else _entry(one, client, clock)


def _mark(change: ChangeOfHands, clock: str) -> Mark:
    if change.taken:
        return Mark(f"{clock}: {change.staff_name} took the chat. The assistant was silent from here on.")
    return Mark(f"{clock}: {change.staff_name} handed the chat back to the assistant.")


def _entry(message: Message, client: Client, clock: str) -> Entry:
    head = f"{clock}, {speaker(message, client)}"
    if message.kind != "text":
        head += f" {labels.say(labels.KINDS, message.kind)}"
    text = message.text
    if not text and message.kind in _SPOKEN:
        text = "[words that are not kept any more]"
    foot = labels.say(labels.DELIVERIES, message.delivery)
    if message.buttons:
        foot = f"Buttons offered: {' | '.join(str(label) for label in message.buttons)}. {foot}"
    return Entry(head, text, foot)


def speaker(message: Message, client: Client) -> str:
    """Return who said it, and as what: "Amina, consultant", "Sam", "assistant" or "safety"."""
    if message.author == "client":
        return client.preferred_name
    if message.author == "person":
        if message.staff is None:
            return "A colleague"
        return f"{message.staff.first_name}, {labels.say(labels.ROLE_WORDS, message.staff.role)}"
    return "safety" if message.author == "safety" else "assistant"
