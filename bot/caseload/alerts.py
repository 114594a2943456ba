"""Alerts: messages to members of staff that a client is in danger, or waits, or that an account was changed.

Each is sent once, and ends.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, func, or_, select, true, update
from sqlalchemy.orm import aliased

from bot.caseload.models.conversation import Handoff
from bot.caseload.models.people import Audit, Staff
from bot.caseload.models.safety import Alert
from bot.caseload.repository import Repository

#: How long after each failed try the next one comes; the last of these again and again.
RETRY_AFTER = (timedelta(seconds=5), timedelta(seconds=30), timedelta(minutes=2), timedelta(minutes=10))
#: From so many failures on people are told that it does not get through.
STUCK_AFTER = 4
#: The line may be broken for so long before the alert is dead; the service's opening rings anew.
GIVE_UP_AFTER = timedelta(hours=24)
#: One mail takes so long at the very most; a worker that has not finished by then is taken for dead.
LEASE = timedelta(minutes=3)
CHANNELS = ("console", "telegram", "email")
#: What an alert is about. What is urgent is danger: it has its own words, its own ladder, and leaves first.
URGENT, WAIT = "urgent", "wait"
#: Somebody else changed how a member of staff signs in, or let one see clients.
ACCOUNT = "account"


@dataclass(frozen=True)
class AccountChange:
    """What was done to an account, as the audit has it."""

    action: str
    at: datetime
    #: Who did it; None: the operator.
    by: str | None
    #: Whose account it is.
    name: str
    is_mine: bool


def is_alarming(handoff: Handoff) -> bool:
    """Return whether people are being alerted about this handoff and nobody has said "I am on it"."""
    last = [event.what for event in handoff.events if event.what in {"escalated", "acknowledged"}][-1:]
    return handoff.is_open and last == ["escalated"]


def is_waiting(handoff: Handoff) -> bool:
    """Return whether nobody has answered it, ended it or taken the chat for it."""
    return handoff.is_open and handoff.status != "taken"


def is_still_needed(alert: Alert, handoff: Handoff | None) -> bool:
    """Return whether an alert that has not left yet still tells its reader something to do."""
    if alert.staff.disabled_at is not None:
        return False
    if alert.about == ACCOUNT:
        return True
    if handoff is None:
        return False
    return is_alarming(handoff) if alert.about == URGENT else is_waiting(handoff)


def channels_of(staff: Staff, *, by_mail: bool) -> list[str]:
    """Return by which ways somebody is alerted; `by_mail` says whether this install can send mail."""
    channels = ["console"]
    if staff.alert_chat_id is not None:
        channels.append("telegram")
    if by_mail:
        channels.append("email")
    return channels


def alarm_of(handoff: Handoff) -> int:
    """Return the number of the present alarm: danger that comes after an acknowledgement is a new one."""
    return sum(1 for event in handoff.events if event.what == "acknowledged")


def is_stuck(alert: Alert) -> bool:
    """Return whether it is still being tried and has failed so often that somebody should phone."""
    return alert.status in {"new", "sending"} and alert.attempts >= STUCK_AFTER


def alarm_key(handoff: Handoff) -> str:
    """Return what the keys of this alarm's alerts and timers begin with."""
    return f"{handoff.id}:{alarm_of(handoff)}:"


class Alerts(Repository):
    """Use-cases about alerts."""

    def queue(
        self,
        handoff: Handoff,
        staff: Staff,
        step: str,
        channels: Collection[str],
        again: str = "",
        *,
        about: str = URGENT,
    ) -> None:
        """Alert somebody by each of these channels; the same step of an alarm, or a wait, alerts once.

        `again` names a later round of the same alarm, or wait, which alerts them once more.
        """
        whole = alarm_key(handoff) if about == URGENT else f"{handoff.id}:{about}:"
        for channel in channels:
            key = f"{whole}{again}{step}:{staff.id}:{channel}"
            if self._session.scalars(select(Alert.id).where(Alert.key == key)).first() is None:
                self._add(key, staff, about, step, channel, handoff_id=handoff.id)
        self._session.flush()

    def queue_about_account(self, line: Audit, staff: Staff, step: str, channels: Collection[str]) -> None:
        """Tell somebody what was done to an account, theirs or a colleague's, as the audit has it."""
        self._session.flush()
        for channel in channels:
            key = f"{ACCOUNT}:{line.id}:{staff.id}:{channel}"
            self._add(key, staff, ACCOUNT, step, channel, audit_id=line.id)
        self._session.flush()

    def about_accounts(self, staff: Staff, limit: int = 10) -> list[AccountChange]:
        """Return what this person was last told about accounts, newest first."""
        by, whose = aliased(Staff), aliased(Staff)
        query = (
            select(Audit.action, Audit.at, by.name, whose.name, whose.id)
            .join(Alert, Alert.audit_id == Audit.id)
            .join(by, by.id == Audit.staff_id, isouter=True)
            .join(whose, whose.id == Audit.subject)
            .where(Alert.staff_id == staff.id, Alert.about == ACCOUNT, Alert.channel == "console")
            .order_by(Audit.id.desc())
            .limit(limit)
        )
        return [
            AccountChange(action, at, by_name, name, staff_id == staff.id)
            for action, at, by_name, name, staff_id in self._session.execute(query)
        ]

    def has_work(self, channel: str) -> bool:
        """Return whether anything is due or abandoned: a cheap look before a claim."""
        now = self._now()
        due = or_(
            and_(Alert.status == "new", Alert.next_try_at <= now),
            and_(Alert.status == "sending", Alert.claimed_until < now),
        )
        query = select(Alert.id).where(Alert.channel == channel, due).limit(1)
        return self._session.scalars(query).first() is not None

    def claim(
        self, worker: str, channel: str, limit: int, bot_ids: Collection[str] | None = None
    ) -> list[Alert]:
        """Claim due alerts of a channel, danger first, then oldest first, before anything is sent.

        With `bot_ids` only those to people whose own chat is with one of these bots: others have their line.
        """
        now = self._now()
        ours = (
            true()
            if bot_ids is None
            else Alert.staff.has(or_(Staff.alert_bot_id.in_(bot_ids), Staff.alert_bot_id.is_(None)))
        )
        query = (
            select(Alert)
            .where(Alert.channel == channel, Alert.status == "new", Alert.next_try_at <= now)
            .where(ours)
            .order_by(Alert.about != URGENT, Alert.id)
            .limit(limit)
            .with_for_update(of=Alert, skip_locked=True)
        )
        alerts = list(self._session.scalars(query).unique())
        for alert in alerts:
            alert.status = "sending"
            alert.attempts += 1
            alert.claimed_by = worker
            alert.claimed_until = now + LEASE
        return alerts

    def release_abandoned(self) -> None:
        """Give back what a worker claimed and never finished; it may have arrived."""
        self._release(Alert.claimed_until < self._now())

    def release_of(self, workers: Collection[str]) -> None:
        """Give back what these workers had in hand, who are known to be dead; it may have arrived."""
        self._release(Alert.claimed_by.in_(workers))

    def get(self, alert_id: int) -> Alert | None:
        """Return an alert as it is now; None when its client was erased."""
        return self._session.get(Alert, alert_id, populate_existing=True)

    def sent(self, alert: Alert) -> None:
        """Note that the channel took it."""
        self._finish(alert, "sent", None)
        alert.sent_at = self._now()

    def retry(self, alert: Alert, why: str, wait: timedelta | None = None) -> None:
        """Try again later, or give up after a day; `wait` when we were told how long, which is no failure."""
        if self._now() - alert.created_at > GIVE_UP_AFTER:
            self._finish(alert, "dead", why)
            return
        if wait is None:
            wait = RETRY_AFTER[min(alert.attempts, len(RETRY_AFTER)) - 1]
        else:
            alert.attempts -= 1
        alert.status = "new"
        alert.claimed_by = alert.claimed_until = None
        alert.last_error = why[:200]
        alert.next_try_at = self._now() + wait

    def give_up(self, alert: Alert, why: str) -> None:
        """Note that it cannot be sent."""
        self._finish(alert, "dead", why)

    def drop(self, alert: Alert) -> None:
        """Do not send it: somebody is on it already."""
        self._finish(alert, "dropped", None)

    def put_off(self, alert: Alert, until: datetime) -> None:
        """Send it later: it is claimed, and nothing was tried."""
        alert.status = "new"
        alert.attempts -= 1
        alert.claimed_by = alert.claimed_until = None
        alert.next_try_at = until

    def drop_waiting(self, handoff: Handoff) -> None:
        """Do not send what of an alarm has not left yet."""
        self._drop_new(handoff, URGENT)

    def drop_waits(self, handoff: Handoff) -> None:
        """Do not send what has not left yet about a client who waits."""
        self._drop_new(handoff, WAIT)

    def of_waits(self, handoffs: Collection[Handoff]) -> dict[str, list[Alert]]:
        """Return the alerts about clients who wait, oldest first: handoff id to alerts."""
        ids = [handoff.id for handoff in handoffs]
        query = select(Alert).where(Alert.handoff_id.in_(ids), Alert.about == WAIT).order_by(Alert.id)
        found: dict[str, list[Alert]] = {}
        for alert in self._session.scalars(query).unique():
            found.setdefault(str(alert.handoff_id), []).append(alert)
        return found

    def of_alarm(self, handoff: Handoff) -> list[Alert]:
        """Return the alerts of a handoff's present alarm, oldest first."""
        query = select(Alert).where(Alert.handoff_id == handoff.id).order_by(Alert.id)
        mine = alarm_key(handoff)
        return [one for one in self._session.scalars(query).unique() if one.key.startswith(mine)]

    def to_staff(self, staff: Staff, limit: int = 20) -> list[Alert]:
        """Return the newest alerts to somebody, newest first."""
        query = select(Alert).where(Alert.staff_id == staff.id).order_by(Alert.id.desc()).limit(limit)
        return list(self._session.scalars(query).unique())

    def count_dead_since(self, since: datetime) -> int:
        """Return how many alerts reached nobody since an instant."""
        query = select(func.count()).where(Alert.status == "dead", Alert.created_at >= since)
        return self._session.scalar(query) or 0

    def count_stuck(self) -> int:
        """Return how many alerts are being tried again and again and do not get through."""
        query = select(func.count()).where(
            Alert.status.in_(("new", "sending")), Alert.attempts >= STUCK_AFTER
        )
        return self._session.scalar(query) or 0

    def count_waiting_since(self, before: datetime) -> int:
        """Return how many alerts nobody has even tried to send, though they were due before an instant."""
        query = select(func.count()).where(
            Alert.status == "new", Alert.attempts == 0, Alert.next_try_at < before
        )
        return self._session.scalar(query) or 0

    def _add(
        self,
        key: str,
        staff: Staff,
        about: str,
        step: str,
        channel: str,
        *,
        handoff_id: str | None = None,
        audit_id: int | None = None,
    ) -> None:
        # The console shows it from this moment on; nothing has to be sent.
        now, in_console = self._now(), channel == "console"
        self._session.add(
            Alert(
                key=key,
                staff_id=staff.id,
                handoff_id=handoff_id,
                audit_id=audit_id,
                about=about,
                step=step,
                channel=channel,
                status="sent" if in_console else "new",
                next_try_at=now,
                created_at=now,
                sent_at=now if in_console else None,
            )
        )

    def _drop_new(self, handoff: Handoff, about: str) -> None:
        self._session.execute(
            update(Alert)
            .where(Alert.handoff_id == handoff.id, Alert.status == "new", Alert.about == about)
            .values(status="dropped", claimed_by=None, claimed_until=None)
        )

    def _release(self, which: ColumnElement[bool]) -> None:
        query = select(Alert).where(Alert.status == "sending", which)
        abandoned: Sequence[Alert] = (
            self._session.scalars(query.with_for_update(of=Alert, skip_locked=True)).unique().all()
        )
        for alert in abandoned:
            self.retry(alert, "the sender died: it may have arrived")
            if alert.status == "new":
                alert.next_try_at = self._now()

    def _finish(self, alert: Alert, status: str, why: str | None) -> None:
        alert.status = status
        alert.claimed_by = alert.claimed_until = None
        alert.last_error = why[:200] if why else None
