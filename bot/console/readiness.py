"""Asks the parts whether they answer, one question at a time."""

from __future__ import annotations

import threading

from bot.caseload.errors import CaseloadUnavailable
from bot.caseload.store import Caseload
from bot.console.config import ConsoleConfig


class Readiness:
    """Which parts do not answer; one that hangs holds up one question, not every thread of the console."""

    def __init__(self, caseload: Caseload, config: ConsoleConfig) -> None:
        self._caseload = caseload
        self._checks = config.checks
        self._asking = threading.Lock()
        self._last: list[str] | None = None

    def failing(self) -> list[str]:
        """Return the names of the parts that do not answer; while somebody asks, what was known last."""
        if not self._asking.acquire(blocking=self._last is None):
            return list(self._last or ())
        try:
            failing = [] if self._database_answers() else ["database"]
            self._last = [*failing, *(name for name, answers in self._checks.items() if not answers())]
            return list(self._last)
        finally:
            self._asking.release()

    def _database_answers(self) -> bool:
        try:
            self._caseload.check()
        except CaseloadUnavailable:
            return False
        return True
