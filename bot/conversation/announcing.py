"""Tells a client what their consultant decided: the bot promised to say so."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from bot.caseload.models.plan import Appointment
from bot.caseload.store import Case
from bot.conversation.speaking import meeting_names, say_to
from bot.conversation.starting import why_unreached
from bot.conversation.wording import Wording
from bot.spoken import when_words


def announce_appointment(
    case: Case, words: Wording, appointment: Appointment, decision: str, asked_for: datetime | None = None
) -> str | None:
    """Queue the answer to a client's request; return why it reaches nobody, or None when it does.

    `decision` is confirmed, declined, not_moved, changed or called_off.
    It answers what the client asked, so it is sent whoever has the chat, and also after a stop.
    """
    client = appointment.client
    conversation = case.conversations.primary_for(client)
    why = why_unreached(conversation)
    if why is not None or conversation is None:
        return why
    zone = ZoneInfo(client.timezone)
    values = {
        **meeting_names(words, appointment),
        "when": when_words(appointment.starts_at, zone),
        "asked_for": when_words(asked_for or appointment.starts_at, zone),
        "place": f", {appointment.place}" if appointment.place else "",
    }
    key = f"appointment:{appointment.id}:{decision}:{case.clock.now().isoformat()}"
    say_to(case, words, conversation, f"utter_gateway_appointment_{decision}", key=key, values=values)
    return None
