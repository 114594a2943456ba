"""Says the gateway's sentences to a client, with the names they know and an honest time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from zoneinfo import ZoneInfo

from bot.caseload.models.conversation import Conversation
from bot.caseload.models.people import Client, Staff
from bot.caseload.models.plan import Appointment
from bot.caseload.models.queues import OutboxItem
from bot.caseload.store import Case
from bot.caseload.working_time import WhoReads
from bot.conversation.wording import Said, Wording
from bot.spoken import back_words, clock_words, when_words, within_words


def names_of(words: Wording, client: Client) -> dict[str, str]:
    """Return the names that every sentence may use."""
    consultant = client.working_consultant
    return {
        "first_name": client.preferred_name,
        "consultant": consultant.first_name if consultant else words.say("utter_gateway_the_team").text,
        "service": client.service.name,
    }


def meeting_names(words: Wording, appointment: Appointment) -> dict[str, str]:
    """Return the names for a sentence about a meeting: the consultant is whoever holds it."""
    names = names_of(words, appointment.client)
    return names | {"consultant": appointment.staff.first_name} if appointment.staff else names


def say_to(
    case: Case,
    words: Wording,
    conversation: Conversation,
    response: str,
    *,
    key: str,
    origin: str = "system",
    inbox_seq: int | None = None,
    staff: Staff | None = None,
    silent: bool = False,
    values: Mapping[str, str] | None = None,
) -> OutboxItem:
    """Queue one of the gateway's own sentences; the same key is queued once."""
    said = words.say(response, **{**names_of(words, conversation.client), **(values or {})})
    return queue(
        case, conversation, said, key=key, origin=origin, inbox_seq=inbox_seq, staff=staff, silent=silent
    )


def queue(
    case: Case,
    conversation: Conversation,
    said: Said,
    *,
    key: str,
    origin: str,
    inbox_seq: int | None = None,
    staff: Staff | None = None,
    silent: bool = False,
    suppressed: bool = False,
) -> OutboxItem:
    """Queue a sentence with its buttons, each behind a fresh token."""
    buttons = case.buttons.offer(conversation, key, said.buttons) if said.buttons and not suppressed else []
    return case.outbox.add(
        conversation,
        said.text,
        origin=origin,
        dedup_key=key,
        buttons=buttons,
        inbox_seq=inbox_seq,
        staff=staff,
        silent=silent,
        suppressed=suppressed,
    )


def say_to_whom_it_went(
    case: Case,
    words: Wording,
    conversation: Conversation,
    response: str,
    *,
    key: str,
    inbox_seq: int,
    values: Mapping[str, str] | None = None,
) -> OutboxItem:
    """Queue a sentence that names whoever reads what was passed on, and why that is not their consultant."""
    client = conversation.client
    reads = case.working_time.who_reads(client)
    names = _reading_names(words, client, reads)
    said = words.say(response, **names, **(values or {}))
    away = _away(case, words, client, reads)
    if away is not None:
        said = replace(said, text=f"{away.text}\n\n{said.text}")
    return queue(case, conversation, said, key=key, origin="bot", inbox_seq=inbox_seq)


def say_when_a_person_reads(
    case: Case, words: Wording, conversation: Conversation, *, key: str, inbox_seq: int | None
) -> None:
    """Tell the client honestly who was asked, who reads it when they are away, and when."""
    parts = _who_reads(case, words, conversation.client)
    said = Said("\n\n".join(part.text for part in parts))
    queue(case, conversation, said, key=key, origin="bot", inbox_seq=inbox_seq)


def _who_reads(case: Case, words: Wording, client: Client) -> list[Said]:
    zone, now = ZoneInfo(client.timezone), case.clock.now()
    reads = case.working_time.who_reads(client)
    names = _reading_names(words, client, reads)
    away = _away(case, words, client, reads)
    said: list[Said] = [] if away is None else [away]

    def add(response: str, **values: str) -> None:
        said.append(words.say(f"utter_gateway_{response}", **{**names, **values}))

    if reads.time.in_hours and reads.time.until is not None:
        until = clock_words(reads.time.until, zone)
        usual = case.working_time.usual_wait(reads.reader) if reads.reader else None
        if reads.reader is None:
            add("person_asked_in_hours", until=until)
        elif usual is None:
            add("named_person_asked_in_hours", until=until)
        else:
            within = within_words(usual, (reads.time.until - now).total_seconds())
            add("named_person_asked_in_hours_usual", until=until, within=within)
        add("not_a_crisis_line")
    elif reads.time.next_start is not None:
        add("person_asked_out_of_hours", next_start=when_words(reads.time.next_start, zone))
    else:
        add("person_asked_no_time")
    return said


def _reading_names(words: Wording, client: Client, reads: WhoReads) -> dict[str, str]:
    names = names_of(words, client)
    return names | {"consultant": reads.reader.first_name} if reads.reader else names


def _away(case: Case, words: Wording, client: Client, reads: WhoReads) -> Said | None:
    if reads.away is None or reads.reader is None or reads.back_at is None:
        return None
    back = back_words(reads.back_at, case.clock.now(), ZoneInfo(client.timezone))
    names = _reading_names(words, client, reads)
    return words.say("utter_gateway_person_away", **names, away=reads.away.first_name, back=back)
