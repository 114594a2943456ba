"""Carries alerts to members of staff: by their own Telegram and by mail, each on a line of its own."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import timedelta

import structlog

from bot.caseload.alerts import is_alarming
from bot.caseload.errors import CaseloadUnavailable
from bot.caseload.models.safety import Alert
from bot.caseload.store import Case, Caseload
from bot.conversation.sender import Delivery
from bot.conversation.supervise import until_stored
from integrations.mail.types import Mail, MailError, MailLoginRefused, MailRefused
from integrations.telegram.types import ChatUnreachable, Outgoing, RetryAfter, SendRefused, TelegramError

logger = structlog.get_logger(__name__)

LOOK_SECONDS = 0.5
AT_ONCE = 8
#: Neither a name nor words of a client: it stands on a lock screen, and in the mail of a server of others.
SUBJECT = "Somebody needs you now"
TEXT = "Somebody needs you now. Open Foothold: {link}"

#: Hands one mail over, in a thread; raises the errors of integrations.mail.types.
SendMail = Callable[[Mail], None]


@dataclass(frozen=True)
class Claimed:
    """An alert that is ours to send; `to` is a chat or an address, None when there is none any more."""

    alert_id: int
    handoff_id: str
    bot_id: str | None
    to: str | None


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

    async def run(self) -> None:
        """Send until cancelled; neither line waits for the other."""
        async with asyncio.TaskGroup() as tasks:
            for channel in ("telegram", "email"):
                tasks.create_task(self._keep_sending(channel))

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
            due = case.alerts.claim(self._worker, channel, AT_ONCE)
            return [_claimed(alert, channel) for alert in due if not self._is_too_late(case, alert)]

    def _is_too_late(self, case: Case, alert: Alert) -> bool:
        handoff = case.handoffs.find(alert.handoff_id)
        # Acknowledged meanwhile, or the person's account was closed.
        if handoff is not None and is_alarming(handoff) and alert.staff.disabled_at is None:
            return False
        case.alerts.drop(alert)
        return True

    async def _send(self, channel: str, claimed: Claimed) -> None:
        text = TEXT.format(link=f"{self._console_url}/handoffs/{claimed.handoff_id}")
        try:
            if channel == "email":
                await self._by_mail(claimed, text)
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
            await until_stored(self._retry, claimed.alert_id, _reason(error), timedelta())
        else:
            await until_stored(self._sent, claimed.alert_id)

    async def _by_telegram(self, claimed: Claimed, text: str) -> None:
        delivery = self._deliveries.get(claimed.bot_id or "")
        if delivery is None or claimed.to is None:
            raise _NoLine
        await delivery.send(claimed.to, Outgoing(text))

    async def _by_mail(self, claimed: Claimed, text: str) -> None:
        if self._send_mail is None or claimed.to is None:
            raise _NoLine
        await asyncio.to_thread(self._send_mail, Mail(claimed.to, SUBJECT, text))

    def _mine(self, case: Case, alert_id: int) -> Alert | None:
        alert = case.alerts.get(alert_id)
        mine = alert is not None and alert.status == "sending" and alert.claimed_by == self._worker
        return alert if mine else None

    def _sent(self, alert_id: int) -> None:
        with self._caseload.transaction() as case:
            if (alert := self._mine(case, alert_id)) is not None:
                case.alerts.sent(alert)

    def _retry(self, alert_id: int, why: str, at_least: timedelta) -> None:
        with self._caseload.transaction() as case:
            if (alert := self._mine(case, alert_id)) is not None:
                case.alerts.retry(alert, why, at_least)

    def _give_up(self, alert_id: int, why: str) -> None:
        with self._caseload.transaction() as case:
            if (alert := self._mine(case, alert_id)) is not None:
                case.alerts.give_up(alert, why)


class _NoLine(Exception):
    """This install, or this person, has no such channel any more."""


def _claimed(alert: Alert, channel: str) -> Claimed:
    staff = alert.staff
    if channel == "email":
        return Claimed(alert.id, alert.handoff_id, None, staff.email)
    return Claimed(alert.id, alert.handoff_id, staff.alert_bot_id, staff.alert_chat_id)


def _reason(error: Exception) -> str:
    """Return why, for the operator: the name of the error, which holds no address and no secret."""
    return (
        str(error) if isinstance(error, MailLoginRefused | MailRefused) else type(error).__name__.lstrip("_")
    )
