"""Alerts: messages to members of staff that somebody may be in danger. Each is sent once, and ends."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, func, or_, select, update

from bot.caseload.models.conversation import Handoff
from bot.caseload.models.people import Staff
from bot.caseload.models.safety import Alert
from bot.caseload.repository import Repository

#: How long after each failed try the next one comes; after the last of these the alert is dead.
RETRY_AFTER = (timedelta(seconds=5), timedelta(seconds=30), timedelta(minutes=2), timedelta(minutes=10))
#: One mail takes so long at the very most; a worker that has not finished by then is taken for dead.
LEASE = timedelta(minutes=3)
CHANNELS = ("console", "telegram", "email")


def is_alarming(handoff: Handoff) -> bool:
    """Return whether people are being alerted about this handoff and nobody has said "I am on it"."""
    last = [event.what for event in handoff.events if event.what in {"escalated", "acknowledged"}][-1:]
    return handoff.is_open and last == ["escalated"]


def alarm_of(handoff: Handoff) -> int:
    """Return the number of the present alarm: danger that comes after an acknowledgement is a new one."""
    return sum(1 for event in handoff.events if event.what == "acknowledged")


def alarm_key(handoff: Handoff) -> str:
    """Return what the keys of this alarm's alerts and timers begin with."""
    return f"{handoff.id}:{alarm_of(handoff)}:"


class Alerts(Repository):
    """Use-cases about alerts."""

    def queue(self, handoff: Handoff, staff: Staff, step: str, channels: Collection[str]) -> None:
        """Alert somebody by each of these channels; the same step of an alarm alerts a person once."""
        now = self._now()
        for channel in channels:
            key = f"{alarm_key(handoff)}{step}:{staff.id}:{channel}"
            if self._session.scalars(select(Alert.id).where(Alert.key == key)).first() is not None:
                continue
            # The console shows it from this moment on; nothing has to be sent.
            in_console = channel == "console"
            self._session.add(
                Alert(
                    key=key,
                    staff_id=staff.id,
                    handoff_id=handoff.id,
                    step=step,
                    channel=channel,
                    status="sent" if in_console else "new",
                    next_try_at=now,
                    created_at=now,
                    sent_at=now if in_console else None,
                )
            )
        self._session.flush()

    def has_work(self, channel: str) -> bool:
        """Return whether anything is due or abandoned: a cheap look before a claim."""
        now = self._now()
        due = or_(
            and_(Alert.status == "new", Alert.next_try_at <= now),
            and_(Alert.status == "sending", Alert.claimed_until < now),
        )
        query = select(Alert.id).where(Alert.channel == channel, due).limit(1)
        return self._session.scalars(query).first() is not None

    def claim(self, worker: str, channel: str, limit: int) -> list[Alert]:
        """Claim due alerts of a channel, oldest first, before anything is sent."""
        now = self._now()
        query = (
            select(Alert)
            .where(Alert.channel == channel, Alert.status == "new", Alert.next_try_at <= now)
            .order_by(Alert.id)
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

    def retry(self, alert: Alert, why: str, at_least: timedelta = timedelta()) -> None:
        """Try again later, or give up after the last try."""
        if alert.attempts > len(RETRY_AFTER):
            self._finish(alert, "dead", why)
            return
        alert.status = "new"
        alert.claimed_by = alert.claimed_until = None
        alert.last_error = why[:200]
        alert.next_try_at = self._now() + max(RETRY_AFTER[alert.attempts - 1], at_least)

    def give_up(self, alert: Alert, why: str) -> None:
        """Note that it cannot be sent."""
        self._finish(alert, "dead", why)

    def drop(self, alert: Alert) -> None:
        """Do not send it: somebody is on it already."""
        self._finish(alert, "dropped", None)

    def drop_waiting(self, handoff: Handoff) -> None:
        """Do not send what has not left yet."""
        self._session.execute(
            update(Alert)
            .where(Alert.handoff_id == handoff.id, Alert.status == "new")
            .values(status="dropped", claimed_by=None, claimed_until=None)
        )

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
