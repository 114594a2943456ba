"""The real `foothold` command, in a process of its own, on an install of its own."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

import pytest

from bot.caseload.store import Caseload
from bot.cli.main import main
from bot.clock import FixedClock
from tests.conftest import NewDatabase
from tests.people import amina, clock, grace, hana, jo, piotr, sam

__all__ = ["amina", "clock", "grace", "hana", "jo", "piotr", "sam"]

ROOT = Path(__file__).resolve().parents[2]
#: Long enough for a slow machine; the command itself must not need it.
SECONDS = 60


@dataclass(frozen=True)
class Said:
    """What a command printed, and its exit code."""

    code: int
    out: str
    err: str

    @property
    def is_one_clear_line(self) -> bool:
        """Whether an operator's mistake was answered as the contract says."""
        lines = self.err.strip().splitlines()
        return len(lines) == 1 and lines[0].startswith("foothold: ") and "Traceback" not in self.out


@dataclass
class Install:
    """A state folder with its own ports; `environment` adds to or overrides what the commands see."""

    state_dir: Path
    environment: dict[str, str] = field(default_factory=dict)

    @property
    def database(self) -> Path:
        return self.state_dir / "foothold.db"

    def run(self, *arguments: str, stdin: str = "", **environment: str) -> Said:
        """Run `foothold` with these arguments."""
        finished = subprocess.run(
            [sys.executable, "-m", "bot.cli.main", *arguments],
            cwd=ROOT, env=self.variables() | environment, input=stdin, capture_output=True, text=True,
            timeout=SECONDS, check=False,
        )  # fmt: skip
        return Said(finished.returncode, finished.stdout, finished.stderr)

    def variables(self) -> dict[str, str]:
        """Return the whole environment of a command."""
        own = {name: value for name, value in os.environ.items() if not _is_a_setting(name)}
        # Empty, so that the `.env` of whoever runs the tests does not count.
        silent = dict.fromkeys(("TELEGRAM_BOT_TOKEN", "TELEGRAM_WEBHOOK_URL", "FOOTHOLD_DATABASE_URL"), "")
        ports = {f"FOOTHOLD_{part}_PORT": str(free_port()) for part in ("CONSOLE", "DIALOGUE", "ACTIONS")}
        return own | silent | ports | {"FOOTHOLD_STATE_DIR": str(self.state_dir)} | self.environment


class Call(Protocol):
    """Runs `foothold` within the tests' own process: for what ends before anything is started."""

    def __call__(self, *arguments: str, **environment: str) -> Said: ...


@pytest.fixture
def call(install: Install, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Call:
    """The command without the second that a new process takes; an exception that escapes fails the test."""

    def run(*arguments: str, **environment: str) -> Said:
        for name in list(os.environ):
            monkeypatch.delenv(name)
        for name, value in (install.variables() | environment).items():
            monkeypatch.setenv(name, value)
        with pytest.raises(SystemExit) as ended:
            main(arguments)
        assert isinstance(ended.value.code, int)
        return Said(ended.value.code, *capsys.readouterr())

    return run


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _is_a_setting(name: str) -> bool:
    return name.startswith(("FOOTHOLD_", "TELEGRAM_", "ADZUNA_"))


@pytest.fixture
def install(tmp_path: Path) -> Install:
    """A fresh install without a database."""
    return Install(tmp_path / "state")


@pytest.fixture
def caseload(install: Install, clock: FixedClock, new_sqlite: NewDatabase) -> Iterator[Caseload]:
    """The install's caseload, for the cast."""
    install.state_dir.mkdir(parents=True)
    Path(new_sqlite().removeprefix("sqlite:///")).rename(install.database)
    store = Caseload(f"sqlite:///{install.database}", clock)
    yield store
    store.close()
