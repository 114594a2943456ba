"""Keeps the gateway's tasks alive: one that dies is started again, one that keeps dying ends the process."""

from __future__ import annotations

import asyncio
import time
import traceback
from collections import deque
from collections.abc import Awaitable, Callable
from typing import TypeVar

import structlog

from bot.caseload.errors import CaseloadUnavailable

Claims = TypeVar("Claims")

logger = structlog.get_logger(__name__)

#: So many deaths of one task within this time end the process; the supervisor starts it afresh.
MAX_DEATHS = 5
WITHIN_SECONDS = 60.0
#: Before a task that met a database that does not answer tries again.
PAUSE_WHEN_AWAY = 1.0
PAUSES_WHEN_UNSTORED = (0.1, 0.5, 1, 2, 5, 10, 10, 10, 10, 10)


class KeepsDying(Exception):
    """A task of the gateway died too often; the process had better start afresh."""


async def supervise(
    name: str, work: Callable[[], Awaitable[None]], *, pause_when_away: float = PAUSE_WHEN_AWAY
) -> None:
    """Run `work` for ever; raises KeepsDying when starting it again does not help.

    A database that does not answer is waited for: `pause_when_away` seconds between two tries.
    """
    deaths: deque[float] = deque(maxlen=MAX_DEATHS)
    while True:
        task = asyncio.ensure_future(work())
        try:
            await asyncio.wait({task})
        except asyncio.CancelledError:
            task.cancel()
            await asyncio.wait({task}, timeout=15)
            raise
        error = task.exception()
        if isinstance(error, CaseloadUnavailable):
            # No fault of the task, and starting the process afresh would forget who was answered meanwhile.
            logger.warning("the database does not answer", task=name, again_in_seconds=pause_when_away)
            await asyncio.sleep(pause_when_away)
            continue
        deaths.append(time.monotonic())
        logger.error("task died", task=name, error=type(error).__name__, at=where(error) if error else None)
        if len(deaths) == MAX_DEATHS and deaths[-1] - deaths[0] < WITHIN_SECONDS:
            raise KeepsDying(name)
        await asyncio.sleep(0.2 * 2 ** min(len(deaths), 5))


async def finished_even_if_stopped(
    claim: Callable[..., Claims], start: Callable[[Claims], None], *arguments: object
) -> Claims:
    """Claim work in a thread and start it; also when we are stopped meanwhile: what was claimed is ours.

    Else it would lie there until the claim runs out, and a message would pass for one that was cut off.
    """
    claiming = asyncio.ensure_future(asyncio.to_thread(claim, *arguments))
    try:
        claimed = await asyncio.shield(claiming)
    except asyncio.CancelledError:
        start(await claiming)
        raise
    start(claimed)
    return claimed


async def until_stored(work: Callable[..., None], *arguments: object, **named: object) -> None:
    """Run database work in a thread, again while the database does not answer; raises when it stays away.

    What happened outside (a sent message, an answered turn) must be written down, or it happens twice.
    """
    for pause in PAUSES_WHEN_UNSTORED:
        try:
            return await asyncio.to_thread(work, *arguments, **named)
        except CaseloadUnavailable:
            logger.warning("the database does not answer", again_in_seconds=pause)
            await asyncio.sleep(pause)
    return await asyncio.to_thread(work, *arguments, **named)


def where(error: BaseException) -> str:
    """Return file and line of the innermost frame: the error's own text may quote a client."""
    frames = traceback.extract_tb(error.__traceback__)
    return f"{frames[-1].filename.rsplit('/', 1)[-1]}:{frames[-1].lineno}" if frames else "?"
