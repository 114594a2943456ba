"""Runs the parts as processes of their own: starts them in order, restarts the ones that die, stops them."""

from __future__ import annotations

import asyncio
import contextlib
import ctypes
import functools
import os
import signal
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import structlog

logger = structlog.get_logger(__name__)

#: Pauses before a dead part is started again; a part that lived for a minute starts at the first again.
RESTART_PAUSES = (0.2, 0.5, 1, 2, 5)
HEALTHY_AFTER_SECONDS = 60.0
#: All parts together have this long to stop, and the first that is told (the gateway, with turns in hand)
#: most of it; what still runs then is killed. Machines that shut down often give 20 seconds.
STOP_SECONDS = 17.0
SHARE_OF_THE_FIRST = 0.7
SHARE_OF_THE_LAST = 0.06
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

    def __init__(self, parts: Sequence[Part], stop_seconds: float = STOP_SECONDS) -> None:
        self._parts = list(parts)
        self._stop_seconds = stop_seconds
        self._stopping = asyncio.Event()
        self._stopping_since = 0.0
        # Opened here: between fork and exec it could wait for ever for a lock that another thread held.
        self._c_library = ctypes.CDLL(None) if sys.platform == "linux" else None

    async def run(self) -> None:
        """Run until SIGINT or SIGTERM."""
        loop = asyncio.get_running_loop()
        for name in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(name, self._stopping.set)
        stops = {part.name: asyncio.Event() for part in self._parts}
        tasks = {part.name: asyncio.create_task(self._keep(part, stops[part.name])) for part in self._parts}
        await self._stopping.wait()
        self._stopping_since = time.monotonic()
        # The gateway is last in the list and stops first: what is in hand is finished while the others live.
        for part in reversed(self._parts):
            stops[part.name].set()
            await tasks[part.name]

    async def _keep(self, part: Part, stop: asyncio.Event) -> None:
        failures = 0
        while not stop.is_set():
            started = time.monotonic()
            try:
                process = await self._start(part)
            except OSError as error:
                failures += 1
                pause = _pause(failures)
                logger.error("part not started", name=part.name, why=error.strerror, again_in_seconds=pause)
                await self._wait(stop, pause)
                continue
            stopping = asyncio.create_task(stop.wait())
            ended = asyncio.create_task(process.wait())
            await asyncio.wait({stopping, ended}, return_when=asyncio.FIRST_COMPLETED)
            stopping.cancel()
            if stop.is_set():
                await self._stop(part, process)
                return
            failures = 0 if time.monotonic() - started > HEALTHY_AFTER_SECONDS else failures + 1
            pause = _pause(failures)
            # What it said last is above this line, or in its own file.
            why = {"log": str(part.log)} if part.log else {}
            logger.warning(
                "part died", name=part.name, code=process.returncode, again_in_seconds=pause, **why
            )
            await self._wait(stop, pause)

    async def _wait(self, stop: asyncio.Event, seconds: float) -> None:
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), seconds)

    async def _start(self, part: Part) -> asyncio.subprocess.Process:
        output = part.log.open("ab") if part.log else None
        try:
            process = await asyncio.create_subprocess_exec(
                *part.command,
                env=dict(part.environment),
                stdin=asyncio.subprocess.DEVNULL,
                stdout=output or sys.stderr.fileno(),
                stderr=output or sys.stderr.fileno(),
                preexec_fn=functools.partial(_die_with_parent, self._c_library, os.getpid()),
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
            await asyncio.wait_for(process.wait(), self._patience())
        except TimeoutError:
            logger.warning("part does not stop", name=part.name)
            with contextlib.suppress(ProcessLookupError):
                process.kill()
            await process.wait()

    def _patience(self) -> float:
        """How long this part may take to stop: what is left for all, within the shares."""
        left = self._stopping_since + self._stop_seconds - time.monotonic()
        return max(SHARE_OF_THE_LAST * self._stop_seconds, min(SHARE_OF_THE_FIRST * self._stop_seconds, left))


def _pause(failures: int) -> float:
    return RESTART_PAUSES[min(max(failures - 1, 0), len(RESTART_PAUSES) - 1)]


def _die_with_parent(c_library: ctypes.CDLL | None, parent: int) -> None:
    # Between fork and exec: a new session, so that Ctrl-C reaches only us and the parts stop in order;
    # and on Linux the kernel ends a part whose supervisor was killed, which would else keep its port.
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGTERM, signal.SIGINT})
    os.setsid()
    if c_library is not None:
        c_library.prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
        if os.getppid() != parent:
            # It was killed before we asked to be told of that.
            os._exit(1)
