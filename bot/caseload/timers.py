"""Things to do later; each is kept in the database and done once."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, select, update

from bot.caseload.models.queues import Timer
from bot.caseload.repository import Repository

#: A timer whose work fails this often is listed as dead.
MAX_ATTEMPTS = 5


class Timers(Repository):
    """Use-cases about timers."""

    def set(
        self,
        key: str,
        kind: str,
        due_at: datetime,
        *,
        client_id: str | None = None,
        payload: dict[str, Any] | None = None,
    ) -> Timer:
        """Set a timer; a key that exists keeps its timer, so that setting twice rings once."""
        found = self._session.scalars(select(Timer).where(Timer.key == key)).one_or_none()
        if found is not None:
            if found.status == "cancelled":
                found.status, found.due_at, found.finished_at = "waiting", due_at, None
            return found
        timer = Timer(key=key, kind=kind, due_at=due_at, client_id=client_id, payload=payload or {})
        self._session.add(timer)
        self._session.flush()
        return timer

    def cancel(self, key_prefix: str) -> None:
        """Cancel the waiting timers whose key starts with this text."""
        self._session.execute(
            update(Timer)
            .where(Timer.key.startswith(key_prefix, autoescape=True), Timer.status == "waiting")
            .values(status="cancelled", finished_at=self._now())
        )

    def due(self, limit: int = 20) -> list[Timer]:
        """Return due timers, oldest first, locked until the transaction ends so that one worker has each."""
        query = (
            select(Timer)
            .where(Timer.status == "waiting", Timer.due_at <= self._now())
            .order_by(Timer.due_at, Timer.id)
            .limit(limit)
            .with_for_update(skip_locked=True)
        )
        return list(self._session.scalars(query))

    def finish(self, timer: Timer) -> None:
        """Note that a timer has rung."""
        timer.status = "done"
        timer.finished_at = self._now()

    def put_off(self, timer: Timer, until: datetime) -> None:
        """Ring later instead."""
        timer.due_at = until

    def failed(self, timer_id: int) -> None:
        """Count a failure of a timer's work: try again in a minute, then give up."""
        timer = self._session.get(Timer, timer_id)
        if timer is None:
            return
        timer.attempts += 1
        timer.due_at = self._now() + timedelta(minutes=1)
        if timer.attempts >= MAX_ATTEMPTS:
            timer.status = "dead"
            timer.finished_at = self._now()

    def waiting(self, key_prefix: str) -> list[Timer]:
        """Return the waiting timers whose key starts with this text, the next one first."""
        query = (
            select(Timer)
            .where(Timer.key.startswith(key_prefix, autoescape=True), Timer.status == "waiting")
            .order_by(Timer.due_at, Timer.id)
        )
        return list(self._session.scalars(query))

    def waiting_for_clients(self, kind: str, client_ids: Collection[str]) -> list[Timer]:
        """Return the waiting timers of a kind about these clients, the next one first."""
        query = (
            select(Timer)
            .where(Timer.kind == kind, Timer.client_id.in_(client_ids), Timer.status == "waiting")
            .order_by(Timer.due_at, Timer.id)
        )
        return list(self._session.scalars(query))

    def count_waiting(self) -> int:
        """Return how many timers wait."""
        return self._session.scalar(select(func.count()).where(Timer.status == "waiting")) or 0
