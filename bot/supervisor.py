"""Runs the parts as processes of their own: starts them in order, restarts the ones that die, stops them."""

from __future__ import annotations

import asyncio
import contextlib
import ctypes
import signal
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import structlog

logger = structlog.get_logger(__name__)

#: Pauses before a dead part is started again; a part that lived for a minute starts at the first again.
RESTART_PAUSES = (0.2, 0.5, 1, 2, 5, 10)
HEALTHY_AFTER_SECONDS = 60.0
#: A part that does not stop by itself within this time is killed.
STOP_SECONDS = 20.0
_PR_SET_PDEATHSIG = 1


@dataclass(frozen=True)
class Part:
    """One process: what to start, and where its output goes (None for our own standard error)."""

    name: str
    command: Sequence[str]
    environment: Mapping[str, str]
    log: Path | None


class Supervisor:
    """Keeps parts running until told to stop. Parts stop in the reverse of the order given."""

    def __init__(self, parts: Sequence[Part]) -> None:
        self._parts = list(parts)
        self._stopping = asyncio.Event()

    async def run(self) -> None:
        """Run until SIGINT or SIGTERM."""
        loop = asyncio.get_running_loop()
        for name in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(name, self._stopping.set)
        stops = {part.name: asyncio.Event() for part in self._parts}
        tasks = {part.name: asyncio.create_task(self._keep(part, stops[part.name])) for part in self._parts}
        await self._stopping.wait()
        # The gateway is last in the list and stops first: what is in hand is finished while the others live.
        for part in reversed(self._parts):
            stops[part.name].set()
            await tasks[part.name]

    async def _keep(self, part: Part, stop: asyncio.Event) -> None:
        failures = 0
        while not stop.is_set():
            started = time.monotonic()
            process = await self._start(part)
            stopping = asyncio.create_task(stop.wait())
            ended = asyncio.create_task(process.wait())
            await asyncio.wait({stopping, ended}, return_when=asyncio.FIRST_COMPLETED)
            stopping.cancel()
            if stop.is_set():
                await self._stop(part, process)
                return
            failures = 0 if time.monotonic() - started > HEALTHY_AFTER_SECONDS else failures + 1
            pause = RESTART_PAUSES[min(max(failures - 1, 0), len(RESTART_PAUSES) - 1)]
            logger.warning("part died", name=part.name, code=process.returncode, again_in_seconds=pause)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), pause)

    async def _start(self, part: Part) -> asyncio.subprocess.Process:
        output = part.log.open("ab") if part.log else None
        try:
            process = await asyncio.create_subprocess_exec(
                *part.command,
                env=dict(part.environment),
                stdin=asyncio.subprocess.DEVNULL,
                stdout=output or sys.stderr.fileno(),
                stderr=output or sys.stderr.fileno(),
                preexec_fn=_die_with_parent,
            )
        finally:
            if output is not None:
                output.close()
        logger.info("part started", name=part.name, pid=process.pid)
        return process

    async def _stop(self, part: Part, process: asyncio.subprocess.Process) -> None:
        with contextlib.suppress(ProcessLookupError):
            process.terminate()
        try:
            await asyncio.wait_for(process.wait(), STOP_SECONDS)
        except TimeoutError:
            logger.warning("part does not stop", name=part.name)
            with contextlib.suppress(ProcessLookupError):
                process.kill()
            await process.wait()


def _die_with_parent() -> None:
    # Between fork and exec: a new session, so that Ctrl-C reaches only us and the parts stop in order;
    # and on Linux the kernel ends a part whose supervisor was killed, which would else keep its port.
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGTERM, signal.SIGINT})
    import os

    os.setsid()
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
