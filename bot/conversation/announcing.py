"""Tells a client what their consultant decided: the bot promised to say so."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from bot.caseload.models.plan import Appointment
from bot.caseload.store import Case
from bot.conversation.speaking import say_to
from bot.conversation.wording import Wording
from bot.spoken import when_words


def announce_appointment(
    case: Case, words: Wording, appointment: Appointment, decision: str, asked_for: datetime | None = None
) -> None:
    """Queue the answer to a client's request: `decision` is confirmed, declined or not_moved.

    It answers what the client asked, so it is sent whoever has the chat, and also after a stop.
    """
    client = appointment.client
    conversation = case.conversations.primary_for(client)
    if conversation is None or conversation.unreachable_at is not None:
        return
    zone = ZoneInfo(client.timezone)
    values = {
        "when": when_words(appointment.starts_at, zone),
        "asked_for": when_words(asked_for or appointment.starts_at, zone),
        "place": f", {appointment.place}" if appointment.place else "",
    }
    key = f"appointment:{appointment.id}:{decision}:{case.clock.now().isoformat()}"
    say_to(case, words, conversation, f"utter_gateway_appointment_{decision}", key=key, values=values)
