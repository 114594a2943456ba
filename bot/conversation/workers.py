"""What turns and sender share: claim what is due, work on several at once, keep the claims meanwhile."""

from __future__ import annotations

import asyncio
import contextlib
from abc import ABC, abstractmethod
from collections.abc import Collection, Coroutine
from typing import Any, ClassVar, Generic, TypeVar

import structlog

from bot.caseload.inbox import Inbox
from bot.caseload.sending import Sending
from bot.caseload.store import Case, Caseload
from bot.conversation.supervise import finished_even_if_stopped

Claimed = TypeVar("Claimed")

logger = structlog.get_logger(__name__)

STOP_SECONDS = 10


class Worker(ABC, Generic[Claimed]):
    """Takes work from one queue; subclasses say which queue, how much at once, and what to do with it."""

    at_once: ClassVar[int]
    look_seconds: ClassVar[float]
    renew_seconds: ClassVar[float]

    def __init__(self, caseload: Caseload, worker: str, dead_workers: Collection[str]) -> None:
        self._caseload = caseload
        #: Stands in every row that we claim; no other worker has the same, now or later.
        self._worker = worker
        self._dead_workers = dead_workers
        self._running: set[asyncio.Task[None]] = set()
        self.wake = asyncio.Event()

    async def run(self) -> None:
        """Work until cancelled; what is in hand then is finished first."""
        try:
            await asyncio.to_thread(self._release_dead)
            while True:
                # Cleared before looking, so that what comes meanwhile wakes us again.
                self.wake.clear()
                if not await self._start_some():
                    await self._wait()
        finally:
            if self._running:
                await asyncio.wait(self._running, timeout=STOP_SECONDS)

    async def keep_claims(self) -> None:
        """Renew our claims until cancelled: a dead worker's claims run out by themselves."""
        while True:
            await asyncio.sleep(self.renew_seconds)
            if self._running:
                await asyncio.to_thread(self._renew)

    @abstractmethod
    def _queue(self, case: Case) -> Inbox | Sending:
        """Return the queue that we take from."""

    @abstractmethod
    def _claim(self, case: Case, limit: int) -> list[Claimed]:
        """Claim up to `limit`; called in a thread, while nothing else begins."""

    @abstractmethod
    def _begin(self, claimed: Claimed) -> Coroutine[Any, Any, None]:
        """Return the work on what was claimed; called the moment it begins."""

    def _room(self) -> int:
        """Return how much more may be begun now."""
        return self.at_once - len(self._running)

    async def _wait(self) -> None:
        # Other processes (console, another gateway) put messages in too: look again.
        # Not wait_for: before Python 3.12 it can swallow the cancellation that stops us.
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(self.look_seconds):
                await self.wake.wait()

    async def _start_some(self) -> bool:
        room = self._room()
        if room <= 0:
            return False
        claimed = await finished_even_if_stopped(self._claim_some, self._start, room)
        return bool(claimed)

    def _claim_some(self, limit: int) -> list[Claimed]:
        with self._caseload.reading() as case:
            if not self._queue(case).has_work():
                return []
        with self._caseload.transaction() as case:
            self._queue(case).release_abandoned()
            return self._claim(case, limit)

    def _start(self, claimed: list[Claimed]) -> None:
        for one in claimed:
            task = asyncio.create_task(self._begin(one))
            self._running.add(task)
            task.add_done_callback(self._finished)

    def _finished(self, task: asyncio.Task[None]) -> None:
        self._running.discard(task)
        self.wake.set()
        error = None if task.cancelled() else task.exception()
        if error is not None:
            # The row stays claimed; when the claim runs out it is taken up again.
            logger.error("outcome not recorded", of=type(self).__name__, error=type(error).__name__)

    def _renew(self) -> None:
        with self._caseload.transaction() as case:
            self._queue(case).renew(self._worker)

    def _release_dead(self) -> None:
        if self._dead_workers:
            with self._caseload.transaction() as case:
                self._queue(case).release_of(self._dead_workers)
