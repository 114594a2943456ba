"""Who is alive on this machine: each gateway holds a locked file, and the kernel unlocks it at its death."""

from __future__ import annotations

import fcntl
import os
import re
import secrets
import socket
from dataclasses import dataclass
from pathlib import Path

import structlog

logger = structlog.get_logger(__name__)

SUFFIX = ".alive"
#: With process id and chance behind it, the name must fit the 64 characters of `claimed_by`.
HOST_LENGTH = 32


@dataclass(frozen=True)
class Presence:
    """Our name among the workers, never given twice, and the names of those that died on this machine."""

    name: str
    dead: frozenset[str]


def announce(folder: Path, host: str | None = None) -> Presence:
    """Say that this process works, until it ends, and find out who does not any more.

    Process ids would not do: containers count them from 1 again, and do not see each other's. `host` is
    this machine's name unless told. On a disk without locks nobody is found dead.
    """
    machine = re.sub(r"[^\w.-]", "-", host or socket.gethostname())[:HOST_LENGTH]
    name = f"{machine}:{os.getpid()}:{secrets.token_hex(6)}"
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        _lock_until_we_end(folder / name)
        dead = frozenset(_bury(file) for file in folder.glob(f"{machine}:*{SUFFIX}") if _is_dead(file))
    except OSError as error:
        logger.warning("no lock for this worker: its claims will run out", error=type(error).__name__)
        dead = frozenset()
    return Presence(name, dead)


def _lock_until_we_end(file: Path) -> None:
    # Never closed: the lock ends with the process. Locked before it gets the name that others look at,
    # so that nobody finds it unlocked in between.
    descriptor = os.open(file, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    file.rename(file.with_name(file.name + SUFFIX))


def _is_dead(file: Path) -> bool:
    try:
        with file.open("r+b") as held:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except (BlockingIOError, FileNotFoundError):
        # Held by a living worker; or another one buries it at this moment, and gives back what it had.
        return False
    return True


def _bury(file: Path) -> str:
    file.unlink(missing_ok=True)
    return file.name.removesuffix(SUFFIX)
