"""People without an invite: counted per day, and nothing else."""

from __future__ import annotations

from sqlalchemy import select

from bot.caseload.models.queues import StrangerCount
from bot.caseload.repository import Repository


class Strangers(Repository):
    """Use-cases about people whom the service does not know."""

    def count(self, bot_id: str) -> None:
        """Add one message of a stranger to today's count."""
        today = self._now().date()
        row = self._session.get(StrangerCount, (bot_id, today), with_for_update=True)
        if row is None:
            self._session.add(StrangerCount(bot_id=bot_id, day=today, count=1))
            self._session.flush()
        else:
            row.count += 1

    def total(self) -> int:
        """Return how many messages of strangers were ever counted."""
        return sum(self._session.scalars(select(StrangerCount.count)))
