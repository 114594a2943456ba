"""The contact note: at most five lines for the case record, put together from what was written down."""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from zoneinfo import ZoneInfo

from bot.caseload.models.conversation import Handoff, Message
from bot.caseload.models.people import Client
from bot.caseload.models.plan import Appointment
from bot.caseload.records import Happened, Span
from bot.console import labels, times
from bot.console.papers.paper import Entry, Paper, shortened
from bot.console.papers.transcript import Made, about, span_words, zone_words
from bot.spoken import clock_words, day_words

#: Only these hold words of the client; the others are the service's own notes.
ASKED = {"question", "person", "complaint", "appointment"}
MOST_QUOTES, QUOTE_LENGTH = 3, 90
#: A quote says more than "ok" or "yes please".
FEWEST_WORDS = 3
MOST_CHANGES = 6
#: In a case record nobody is "you", and a note calls nobody's state by a name.
STATUSES = {
    **labels.APPOINTMENT_STATUSES,
    "requested": "Asked for, not confirmed yet",
    "change_requested": "Asked to move, not confirmed yet",
    "cancelled_by_service": "Cancelled by the service",
}
REASONS = {
    **labels.REASONS,
    "safety": "A safety message",
    "screen_failed": "Messages that the safety check did not read",
    "unreachable": "Cannot be reached on the chat",
}
GOAL_EVENTS = {**labels.PROGRESS, "changed": "Put in new words"}


def contact_note(
    client: Client,
    span: Span,
    messages: list[Message],
    happened: Happened,
    open_handoffs: list[Handoff],
    upcoming: list[Appointment],
    now: datetime,
) -> tuple[str, ...]:
    """Return the lines: contact, what was asked or said, what was agreed, what is open, what is next."""
    name = client.preferred_name
    quotes = _quotes(messages, happened)
    changes = _listed(_changes(client, happened, now), "nothing is written down")
    waiting = _listed([_open(client, one, now) for one in open_handoffs], "nothing")
    said = "; ".join(f"“{one}”" for one in quotes) or "nothing in words"
    return (
        _contact(client, span, messages),
        f"{name} asked or said: {said}.",
        f"Agreed or changed: {changes}.",
        f"Open: {waiting}.",
        f"Next: {_next(client, upcoming, now)}.",
    )


def as_paper(client: Client, span: Span, lines: tuple[str, ...], made: Made) -> Paper:
    """Return the note as a paper."""
    return Paper(
        f"Contact note: {client.display_name}",
        about(client, made),
        tuple(Entry(line) for line in lines),
        f"{client.ref} · {span_words(span)}",
    )


def _contact(client: Client, span: Span, messages: list[Message]) -> str:
    head = f"Chat, {span_words(span)} (times are {zone_words(span.zone)})"
    mine = [one for one in messages if one.author == "client"]
    if not mine:
        return f"{head}: no message from {client.preferred_name}."
    people = Counter(one.staff.first_name for one in messages if one.author == "person" and one.staff)
    counts = [f"{labels.count(len(mine), 'message')} from {client.preferred_name}"]
    counts += [f"{number} from {who}" for who, number in people.items()]
    zone = ZoneInfo(span.zone)
    last = mine[-1].created_at
    return f"{head}: {', '.join(counts)}, last on {day_words(last, zone)} at {clock_words(last, zone)}."


def _quotes(messages: list[Message], happened: Happened) -> list[str]:
    """Return what the client asked a person, and then their newest words, in the order of saying."""
    asked = [line for one in happened.asked if one.reason in ASKED for line in one.question.split("\n")]
    own = [
        one.text
        for one in reversed(messages)
        if one.author == "client" and one.kind == "text" and len(one.text.split()) >= FEWEST_WORDS
    ]
    chosen: list[str] = []
    for text in [*asked, *own]:
        if text.strip() and text not in chosen and len(chosen) < MOST_QUOTES:
            chosen.append(text)
    order = {one.text: place for place, one in enumerate(messages)}
    chosen.sort(key=lambda text: order.get(text, -1))
    # A quote ends where the client's sentence ends: the list puts its own stops.
    return [shortened(text, QUOTE_LENGTH).rstrip(".") for text in chosen]


def _changes(client: Client, happened: Happened, now: datetime) -> list[str]:
    def when(at: datetime) -> str:
        return times.day_and_time(at, client.timezone, now)

    changes = [f"meeting on {when(one.starts_at)}, {_status(one)}" for one in happened.appointments]
    # Of each job and goal the newest word counts.
    leads = {lead.id: (lead, event) for lead, event in happened.leads}
    changes += [
        f"job “{shortened(lead.title, 60)}”: {labels.say(labels.LEAD_STATUSES, event.to_status).lower()}"
        for lead, event in leads.values()
    ]
    goals = {goal.id: (goal, event) for goal, event in happened.goals}
    changes += [
        f"goal “{shortened(goal.text, 60)}”: {labels.say(GOAL_EVENTS, event.progress).lower()}"
        for goal, event in goals.values()
    ]
    return changes


def _open(client: Client, handoff: Handoff, now: datetime) -> str:
    since = times.day_and_time(handoff.waiting_since, client.timezone, now)
    reason = labels.say_reason(handoff.reason, handoff.subject, REASONS)
    return f"{reason[:1].lower()}{reason[1:]} (since {since})"


def _next(client: Client, upcoming: list[Appointment], now: datetime) -> str:
    if not upcoming:
        return "no appointment ahead"
    first = upcoming[0]
    when = times.day_and_time(first.starts_at, client.timezone, now)
    return f"meeting on {when}, {labels.say(labels.MODES, first.mode).lower()}, {_status(first)}"


def _status(one: Appointment) -> str:
    if one.client_cannot_come:
        return "they cannot come, no other time found yet"
    return labels.say(STATUSES, one.status).lower()


def _listed(parts: list[str], none: str) -> str:
    if not parts:
        return none
    more = len(parts) - MOST_CHANGES
    return "; ".join(parts[:MOST_CHANGES]) + (f"; and {more} more" if more > 0 else "")
