"""The whole product as real processes: `with Stack(...) as stack:` runs `foothold run` on free ports."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any

import httpx

from bot.caseload.migrations.migrate import migrate
from bot.caseload.store import Caseload
from bot.demo.seed import seed
from tests.conftest import ROOT, SECRET
from tests.telegram_server.server import TelegramServer

PARTS = ("actions", "dialogue", "console", "gateway")
READY_SECONDS = 120.0
STOP_SECONDS = 40.0


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


class Stack:
    """`foothold run` with its own state, the demo's fictional services, and an emulated Telegram."""

    def __init__(
        self,
        folder: Path,
        models: Path,
        telegram: TelegramServer,
        *,
        parts: Sequence[str] = PARTS,
        settings: dict[str, str] | None = None,
        ready_seconds: float = READY_SECONDS,
    ) -> None:
        self.folder, self.telegram, self.parts = folder, telegram, tuple(parts)
        self.log = folder / "run.log"
        self.console_port, self.dialogue_port, self.actions_port = (free_port() for _ in range(3))
        self.console_url = f"http://127.0.0.1:{self.console_port}"
        self._ready_seconds = ready_seconds
        self._process: subprocess.Popen[bytes] | None = None
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "models").symlink_to(models)
        kept = ("PATH", "HOME", "LANG", "TMPDIR")
        self.environment = {
            **{name: os.environ[name] for name in kept if name in os.environ},
            "FOOTHOLD_STATE_DIR": str(folder),
            "FOOTHOLD_SECRET_KEY": SECRET,
            "FOOTHOLD_CONSOLE_PORT": str(self.console_port),
            "FOOTHOLD_DIALOGUE_PORT": str(self.dialogue_port),
            "FOOTHOLD_ACTIONS_PORT": str(self.actions_port),
            "FOOTHOLD_LOG": "json",
            "TELEGRAM_BOT_TOKEN": telegram.token,
            "TELEGRAM_API_URL": telegram.api_url,
            "RASA_TELEMETRY_ENABLED": "false",
            **(settings or {}),
        }
        url = self.environment.get("FOOTHOLD_DATABASE_URL", f"sqlite:///{folder / 'foothold.db'}")
        self.caseload = Caseload(url)

    def __enter__(self) -> Stack:
        migrate(self.caseload.engine)
        seed(self.caseload)
        try:
            self.start()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()
        self.caseload.close()

    def start(self) -> None:
        """Start, and wait until everything answers."""
        only = [] if self.parts == PARTS else ["--only", ",".join(self.parts)]
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "bot.cli.main", "run", *only],
                cwd=ROOT,
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )
        if set(self.parts) >= {"console", "dialogue", "actions"}:
            self.waits_until(self.is_ready, self._ready_seconds, "everything is ready")
        elif "console" in self.parts:
            # Which part is up first is chance: a test that opens a page needs the console to listen.
            self.waits_until(self.has_a_console, self._ready_seconds, "the console answers")
        if "gateway" in self.parts:
            self.waits_until(lambda: self.telegram.open_connections, self._ready_seconds, "the gateway polls")

    def stop(self) -> None:
        """Ask it to stop, as the operator's Ctrl-C does; what does not stop by then is killed and told."""
        process = self._process
        if process is None:
            return
        self._process = None
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            for pid in [*_children(process.pid), process.pid]:
                os.kill(pid, signal.SIGKILL)
            process.wait(10)
            raise AssertionError(f"it does not stop:\n{self.log_tail()}") from None

    def kill(self, part: str) -> int:
        """kill -9 one part; returns its process id. The supervisor starts it again."""
        pid = self.pid_of(part)
        os.kill(pid, signal.SIGKILL)
        return pid

    def pid_of(self, part: str) -> int:
        """The process id of a part, told by its name in the command line."""
        assert self._process is not None
        found: list[int] = []

        def is_there() -> bool:
            assert self._process is not None
            found[:] = [pid for pid in _children(self._process.pid) if part in _command_line(pid)]
            return bool(found)

        self.waits_until(is_there, 30, f"{part} runs")
        return found[0]

    def is_ready(self) -> bool:
        """Every part answers."""
        return self._answers("/readyz")

    def has_a_console(self) -> bool:
        """The console answers, whatever it says of the other parts."""
        return self._answers("/healthz")

    def _answers(self, path: str) -> bool:
        try:
            return httpx.get(f"{self.console_url}{path}", timeout=5, trust_env=False).status_code == 200
        except httpx.HTTPError:
            return False

    def command(self, *arguments: str) -> list[dict[str, Any]]:
        """Run a foothold command to its end; the JSON lines that it printed."""
        finished = subprocess.run(
            [sys.executable, "-m", "bot.cli.main", *arguments],
            cwd=ROOT, env=self.environment, capture_output=True, text=True, timeout=60, check=False,
        )  # fmt: skip
        assert finished.returncode == 0, finished.stderr
        return [json.loads(line) for line in finished.stdout.splitlines()]

    def invite(self, ref: str) -> str:
        """The token of a fresh invite for a client of the demo."""
        with self.caseload.transaction() as case:
            client = case.clients.find_by_ref(ref)
            assert client is not None
            return case.invites.create(client).token

    def waits_until(self, met: Callable[[], object], seconds: float, what: str) -> float:
        """Wait for something; how long it took in seconds."""
        began = time.monotonic()
        while not met():
            waited = time.monotonic() - began
            ended = self._process is not None and self._process.poll() is not None
            assert waited < seconds and not ended, f"{what}: not after {waited:.0f} s\n{self.log_tail()}"
            time.sleep(0.05)
        return time.monotonic() - began

    def log_tail(self) -> str:
        """The last lines of the log."""
        return self.log.read_text(errors="replace")[-4000:]


def _children(pid: int) -> list[int]:
    found = []
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            try:
                fields = (folder / "stat").read_text().rpartition(")")[2].split()
            except OSError:
                continue  # It ended while we looked.
            if int(fields[1]) == pid and fields[0] != "Z":
                found.append(int(folder.name))
    return found


def _command_line(pid: int) -> list[str]:
    try:
        return (Path("/proc") / str(pid) / "cmdline").read_text().split("\0")
    except OSError:
        return []
