"""What the bot starts by itself: due timers ring once, and never into quiet hours or a crisis."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import timedelta
from zoneinfo import ZoneInfo

import structlog

from bot.caseload.errors import CaseloadError
from bot.caseload.models.conversation import Mode
from bot.caseload.models.queues import Timer
from bot.caseload.store import Case, Caseload
from bot.conversation.escalation import TIMER as ESCALATE
from bot.conversation.escalation import Escalation
from bot.conversation.linking import has_consent
from bot.conversation.speaking import say_to
from bot.conversation.wording import Wording, WordingMissing
from bot.spoken import when_words

logger = structlog.get_logger(__name__)

LOOK_SECONDS = 1.0
#: A reminder that can only go out later than this is of no use any more.
STALE_AFTER = timedelta(hours=6)


class TimerRunner:
    """Rings timers: each in its own transaction, so that one that fails holds up no other."""

    def __init__(self, caseload: Caseload, words: Wording, escalation: Escalation | None = None) -> None:
        self._caseload = caseload
        self._words = words
        self._kinds: dict[str, Callable[[Case, Timer], None]] = {
            "appointment_reminder": self._appointment_reminder,
            ESCALATE: (escalation or Escalation()).ring,
        }

    async def run(self) -> None:
        """Ring until cancelled."""
        while True:
            await asyncio.to_thread(self.ring_due)
            await asyncio.sleep(LOOK_SECONDS)

    def ring_due(self) -> int:
        """Ring what is due; return how many rang."""
        with self._caseload.reading() as case:
            due = [timer.id for timer in case.timers.due()]
        return sum(self._ring(timer_id) for timer_id in due)

    def _ring(self, timer_id: int) -> bool:
        try:
            with self._caseload.transaction() as case:
                timer = next((one for one in case.timers.due(limit=200) if one.id == timer_id), None)
                if timer is None:
                    return False
                self._kinds[timer.kind](case, timer)
                if timer.due_at <= case.clock.now():
                    case.timers.finish(timer)
            return True
        except (CaseloadError, WordingMissing, LookupError, TypeError, ValueError) as error:
            logger.error("timer failed", timer_id=timer_id, error=type(error).__name__)
            with self._caseload.transaction() as case:
                case.timers.failed(timer_id)
            return False

    def _appointment_reminder(self, case: Case, timer: Timer) -> None:
        client = case.clients.find(str(timer.client_id))
        appointment = case.appointments.get_for_client(client, str(timer.payload["appointment"]))
        conversation = case.conversations.primary_for(client)
        now = case.clock.now()
        still_on = appointment.status in {"confirmed", "change_requested"} and appointment.starts_at > now
        if conversation is None or not still_on or not self._may_start(case, timer):
            return
        earliest = case.preferences.earliest_start(client, now)
        if earliest > now:
            if earliest < appointment.starts_at and earliest - timer.due_at < STALE_AFTER:
                case.timers.put_off(timer, earliest)
            return
        zone = ZoneInfo(client.timezone)
        say_to(
            case,
            self._words,
            conversation,
            "utter_gateway_appointment_reminder",
            key=timer.key,
            origin="timer",
            values={
                "when": when_words(appointment.starts_at, zone),
                "place": f", {appointment.place}" if appointment.place else "",
            },
        )

    def _may_start(self, case: Case, timer: Timer) -> bool:
        """Return whether the bot may start a message to this client now; never until danger is cleared."""
        client = case.clients.find(str(timer.client_id))
        conversation = case.conversations.primary_for(client)
        return (
            conversation is not None
            and conversation.unreachable_at is None
            and conversation.mode != Mode.PERSON
            and has_consent(case, conversation)
            and case.preferences.may_start(client)
            and case.safety_events.paused_since(client) is None
        )
