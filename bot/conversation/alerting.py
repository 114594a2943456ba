"""Carries alerts to members of staff: by their own Telegram and by mail, each on a line of its own."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import timedelta

import structlog

from bot.caseload.alerts import ACCOUNT, URGENT, WAIT, is_still_needed
from bot.caseload.errors import CaseloadUnavailable
from bot.caseload.models.conversation import Handoff
from bot.caseload.models.safety import Alert
from bot.caseload.store import Case, Caseload
from bot.caseload.waits import LOOK_AGAIN
from bot.conversation.escalation import hurry_next_step
from bot.conversation.sender import Delivery
from bot.conversation.staff_opening import buttons_of_alert
from bot.conversation.staff_speaking import StaffWords
from bot.conversation.supervise import until_stored
from integrations.mail.types import Mail, MailError, MailLoginRefused, MailRefused
from integrations.telegram.types import (
    ChatUnreachable,
    Outgoing,
    OutgoingButton,
    RetryAfter,
    SendRefused,
    TelegramError,
)

logger = structlog.get_logger(__name__)

LOOK_SECONDS = 0.5
AT_ONCE = 8
#: Neither a name nor words of a client: it stands on a lock screen, and in the mail of a server of others.
SUBJECT = "Somebody needs you now"
TEXT = "Somebody needs you now. Open Foothold: {link}"
WAIT_SUBJECT = "A client waits for you"
WAIT_TEXT = "A client waits for you. Open Foothold: {link}"
ACCOUNT_SUBJECT = "An account of your service was changed"
ACCOUNT_TEXT = "The way into an account of your service was changed. See whose, and by whom: {link}"
#: By what an alert is about.
WORDS = {
    URGENT: (SUBJECT, TEXT),
    WAIT: (WAIT_SUBJECT, WAIT_TEXT),
    ACCOUNT: (ACCOUNT_SUBJECT, ACCOUNT_TEXT),
}

#: Hands one mail over, in a thread; raises the errors of integrations.mail.types.
SendMail = Callable[[Mail], None]


@dataclass(frozen=True)
class Claimed:
    """An alert that is ours to send; `to` is a chat or an address, None when there is none any more."""

    alert_id: int
    #: The page that it leads to.
    path: str
    bot_id: str | None
    to: str | None
    about: str
    buttons: tuple[OutgoingButton, ...] = ()


class AlertSender:
    """Sends what waits in the alerts; without a line for a channel its alerts are listed as dead."""

    def __init__(
        self,
        caseload: Caseload,
        deliveries: Mapping[str, Delivery],
        send_mail: SendMail | None,
        console_url: str,
        worker: str,
        dead_workers: Collection[str] = (),
    ) -> None:
        self._caseload = caseload
        #: By bot id.
        self._deliveries = dict(deliveries)
        self._send_mail = send_mail
        self._console_url = console_url.rstrip("/")
        self._worker = worker
        self._dead_workers = dead_workers
        self._words = StaffWords.load()

    async def run(self) -> None:
        """Send until cancelled; neither line waits for the other."""
        async with asyncio.TaskGroup() as tasks:
            for channel in self.lines:
                tasks.create_task(self._keep_sending(channel))

    @property
    def lines(self) -> tuple[str, ...]:
        """The channels that this gateway can send by; what it cannot is left to one that can."""
        mail = ("email",) if self._send_mail is not None else ()
        return ("telegram", *mail)

    async def send_due(self, channel: str) -> int:
        """Send what is due on one channel; return how many that were."""
        claimed = await asyncio.to_thread(self._claim, channel)
        await asyncio.gather(*(self._send(channel, one) for one in claimed))
        return len(claimed)

    async def _keep_sending(self, channel: str) -> None:
        released = not self._dead_workers
        while True:
            # A database that is away must not end this: it is back before anybody looks.
            with contextlib.suppress(CaseloadUnavailable):
                if not released:
                    await asyncio.to_thread(self._release_dead)
                    released = True
                if await self.send_due(channel):
                    continue
            await asyncio.sleep(LOOK_SECONDS)

    def _release_dead(self) -> None:
        with self._caseload.transaction() as case:
            case.alerts.release_of(self._dead_workers)

    def _claim(self, channel: str) -> list[Claimed]:
        with self._caseload.reading() as case:
            if not case.alerts.has_work(channel):
                return []
        with self._caseload.transaction() as case:
            case.alerts.release_abandoned()
            ours = list(self._deliveries) if channel == "telegram" else None
            due = case.alerts.claim(self._worker, channel, AT_ONCE, ours)
            return [self._claimed(case, alert, channel) for alert in due if self._may_leave(case, alert)]

    def _claimed(self, case: Case, alert: Alert, channel: str) -> Claimed:
        staff, handoff = alert.staff, _handoff_of(case, alert)
        path = f"/handoffs/{handoff.id}" if handoff else "/account"
        if channel == "email":
            return Claimed(alert.id, path, None, staff.email, alert.about)
        buttons = buttons_of_alert(case, self._words, staff, handoff.client_id) if handoff else ()
        return Claimed(alert.id, path, staff.alert_bot_id, staff.alert_chat_id, alert.about, buttons)

    def _may_leave(self, case: Case, alert: Alert) -> bool:
        handoff = _handoff_of(case, alert)
        # Acknowledged or answered meanwhile, or the person's account was closed.
        if not is_still_needed(alert, handoff):
            case.alerts.drop(alert)
            return False
        # Who changes an account at night is not left alone until the morning.
        if handoff is None or alert.about == URGENT:
            return True
        # The line was broken, and now it is evening: whoever is at home is left alone.
        hours = case.services.honest_time(handoff.client)
        if hours.in_hours:
            return True
        case.alerts.put_off(alert, hours.next_start or case.clock.now() + LOOK_AGAIN)
        return False

    async def _send(self, channel: str, claimed: Claimed) -> None:
        subject, text = WORDS[claimed.about]
        text = text.format(link=f"{self._console_url}{claimed.path}")
        try:
            if channel == "email":
                await self._by_mail(claimed, subject, text)
            else:
                await self._by_telegram(claimed, text)
        except (ChatUnreachable, SendRefused, MailRefused, _NoLine) as error:
            logger.error("alert refused", alert_id=claimed.alert_id, error=type(error).__name__)
            await until_stored(self._give_up, claimed.alert_id, _reason(error))
        except RetryAfter as error:
            await until_stored(
                self._retry, claimed.alert_id, _reason(error), timedelta(seconds=error.seconds)
            )
        except (TelegramError, MailError) as error:
            logger.warning("alert not sent", alert_id=claimed.alert_id, error=type(error).__name__)
            await until_stored(self._retry, claimed.alert_id, _reason(error), None)
        else:
            await until_stored(self._sent, claimed.alert_id)

    async def _by_telegram(self, claimed: Claimed, text: str) -> None:
        delivery = self._deliveries.get(claimed.bot_id or "")
        if delivery is None or claimed.to is None:
            raise _NoLine
        await delivery.send(claimed.to, Outgoing(text, claimed.buttons))

    async def _by_mail(self, claimed: Claimed, subject: str, text: str) -> None:
        if self._send_mail is None or claimed.to is None:
            raise _NoLine
        await asyncio.to_thread(self._send_mail, Mail(claimed.to, subject, text))

    def _mine(self, case: Case, alert_id: int) -> Alert | None:
        alert = case.alerts.get(alert_id)
        mine = alert is not None and alert.status == "sending" and alert.claimed_by == self._worker
        return alert if mine else None

    def _sent(self, alert_id: int) -> None:
        with self._caseload.transaction() as case:
            if (alert := self._mine(case, alert_id)) is not None:
                case.alerts.sent(alert)

    def _retry(self, alert_id: int, why: str, wait: timedelta | None) -> None:
        with self._caseload.transaction() as case:
            if (alert := self._mine(case, alert_id)) is not None:
                case.alerts.retry(alert, why, wait)

    def _give_up(self, alert_id: int, why: str) -> None:
        with self._caseload.transaction() as case:
            if (alert := self._mine(case, alert_id)) is not None:
                case.alerts.give_up(alert, why)
                hurry_next_step(case, alert)


def _handoff_of(case: Case, alert: Alert) -> Handoff | None:
    return case.handoffs.find(alert.handoff_id) if alert.handoff_id else None


class _NoLine(Exception):
    """This install, or this person, has no such channel any more."""


def _reason(error: Exception) -> str:
    """Return why, for the operator: the name of the error, which holds no address and no secret."""
    return (
        str(error) if isinstance(error, MailLoginRefused | MailRefused) else type(error).__name__.lstrip("_")
    )
