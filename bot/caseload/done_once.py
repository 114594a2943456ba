"""Keys of actions that were carried out, so that asking twice changes nothing."""

from __future__ import annotations

import hashlib
from typing import Any

from bot.caseload.models.queues import DoneOnce
from bot.caseload.repository import Repository


class DoneOnceKeys(Repository):
    """Use-cases about done-once keys."""

    def find(self, *parts: str) -> dict[str, Any] | None:
        """Return what was recorded under (conversation, message, action, …), if it was done."""
        done = self._session.get(DoneOnce, _key(parts))
        return None if done is None else done.result

    def record(self, *parts: str, result: dict[str, Any]) -> None:
        """Record a thing as done; a second record of the same key fails the transaction."""
        self._session.add(
            DoneOnce(key=_key(parts), conversation_id=parts[0][:32], result=result, at=self._now())
        )
        self._session.flush()


def _key(parts: tuple[str, ...]) -> str:
    return hashlib.sha256("\x1f".join(parts).encode()).hexdigest()
