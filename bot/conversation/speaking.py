"""Says the gateway's sentences to a client, with the names they know and an honest time."""

from __future__ import annotations

from collections.abc import Mapping
from zoneinfo import ZoneInfo

from bot.caseload.models.conversation import Conversation
from bot.caseload.models.people import Client, Staff
from bot.caseload.models.queues import OutboxItem
from bot.caseload.store import Case
from bot.conversation.wording import Said, Wording
from bot.spoken import clock_words, when_words


def names_of(words: Wording, client: Client) -> dict[str, str]:
    """Return the names that every sentence may use."""
    consultant = client.consultant
    return {
        "first_name": client.preferred_name,
        "consultant": consultant.first_name if consultant else words.say("utter_gateway_the_team").text,
        "service": client.service.name,
    }


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


def say_when_a_person_reads(
    case: Case, words: Wording, conversation: Conversation, *, key: str, inbox_seq: int | None
) -> None:
    """Tell the client honestly who was asked and when they read it."""
    client = conversation.client
    zone = ZoneInfo(client.timezone)
    honest = case.services.honest_time(client)
    if honest.in_hours and honest.until is not None:
        name, values = "utter_gateway_person_asked_in_hours", {"until": clock_words(honest.until, zone)}
    elif honest.next_start is not None:
        name, values = (
            "utter_gateway_person_asked_out_of_hours",
            {"next_start": when_words(honest.next_start, zone)},
        )
    else:
        name, values = "utter_gateway_person_asked_no_time", {}
    say_to(case, words, conversation, name, key=key, origin="bot", inbox_seq=inbox_seq, values=values)
