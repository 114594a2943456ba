"""What the bot starts by itself: due timers ring once, and never into quiet hours or a crisis."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import timedelta
from functools import partial

import structlog

from bot.caseload.errors import CaseloadError
from bot.caseload.models.queues import Timer
from bot.caseload.store import Case, Caseload
from bot.caseload.waits import TIMER as WAIT
from bot.conversation import covering, later, moving, reminders
from bot.conversation.escalation import TIMER as ESCALATE
from bot.conversation.escalation import Escalation
from bot.conversation.silence import TIMER as SILENCE
from bot.conversation.silence import Silence
from bot.conversation.starting import why_not_started
from bot.conversation.waiting import Waiting
from bot.conversation.wording import Wording, WordingMissing

logger = structlog.get_logger(__name__)

LOOK_SECONDS = 1.0
#: A reminder that can only go out later than this is of no use any more.
STALE_AFTER = timedelta(hours=6)


class TimerRunner:
    """Rings timers: each in its own transaction, so that one that fails holds up no other."""

    def __init__(self, caseload: Caseload, words: Wording, escalation: Escalation | None = None) -> None:
        self._caseload = caseload
        self._words = words
        escalation = escalation or Escalation()
        self._kinds: dict[str, Callable[[Case, Timer], None]] = {
            "appointment_reminder": self._appointment_reminder,
            moving.TIMER: partial(moving.ring, words=words),
            ESCALATE: escalation.ring,
            WAIT: Waiting(by_mail=escalation.by_mail).ring,
            SILENCE: Silence(words, by_mail=escalation.by_mail).ring,
            covering.TIMER: covering.ring,
            later.TIMER: partial(later.ring, words),
        }

    @property
    def kinds(self) -> frozenset[str]:
        """The kinds of timers that it knows."""
        return frozenset(self._kinds)

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
        still_on = reminders.is_still_on(appointment) and appointment.starts_at > now
        # The leads are asked to rearrange it: see leaving.py.
        still_on = still_on and not (appointment.staff and appointment.staff.disabled_at)
        if not still_on:
            return
        why = why_not_started(case, client)
        if conversation is None or why is not None:
            reminders.note_not_sent(case, appointment, why or "no_chat")
            return
        earliest = case.preferences.earliest_start(client, now)
        if earliest > now:
            if earliest < appointment.starts_at and earliest - timer.due_at < STALE_AFTER:
                case.timers.put_off(timer, earliest)
            else:
                reminders.note_not_sent(case, appointment, "quiet")
            return
        reminders.remind(case, self._words, conversation, appointment, timer.key)
