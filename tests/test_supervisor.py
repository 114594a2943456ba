"""The supervisor with real processes: what dies comes back, what must stop stops, nothing is left behind."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.conftest import ROOT

#: Writes its name down when it starts and when it is told to stop.
OBEDIENT = """
import signal, sys, time
log = open({log!r}, "a", buffering=1)
def stop(*_):
    log.write("{name} stops\\n")
    sys.exit(0)
signal.signal(signal.SIGTERM, stop)
log.write("{name} starts\\n")
while True:
    time.sleep(0.05)
"""
STUBBORN = """
import signal, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
open({log!r}, "a").write("{name} starts\\n")
while True:
    time.sleep(0.05)
"""
BROKEN = "open({log!r}, 'a').write('{name} starts\\n'); raise SystemExit('the reason why {name} ended')"

SUPERVISOR = """
import asyncio, os, sys
from pathlib import Path
from bot.logs import set_up_logging
from bot.supervisor import Part, Supervisor
set_up_logging("json", "supervisor")
parts = []
for name, code, log in {parts!r}:
    command = [sys.executable, "-c", code] if code else ["/no/such/program"]
    parts.append(Part(name, command, dict(os.environ), log and Path(log)))
asyncio.run(Supervisor(parts, stop_seconds={stop_seconds!r}).run())
"""


@dataclass
class Supervised:
    """A running supervisor, and what its parts wrote down."""

    process: subprocess.Popen[bytes]
    log: Path
    said: Path

    def waits_for(self, met: Callable[[str], bool], seconds: float = 20) -> str:
        deadline = time.monotonic() + seconds
        while True:
            text = self.log.read_text() if self.log.exists() else ""
            if met(text):
                return text
            assert time.monotonic() < deadline, f"{text}\n{self.said.read_text()}"
            time.sleep(0.02)

    def stops(self, seconds: float = 20) -> float:
        """Tell it to stop; how long it took."""
        began = time.monotonic()
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(seconds)
        return time.monotonic() - began

    def parts(self) -> list[int]:
        """The process ids of what it started."""
        lines = [json.loads(line) for line in self.said.read_text().splitlines() if line.startswith("{")]
        return [line["pid"] for line in lines if line["event"] == "part started"]


Start = Callable[..., Supervised]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    running: list[Supervised] = []

    def begin(
        *parts: tuple[str, str | None], stop_seconds: float = 17.0, logs: Path | None = None
    ) -> Supervised:
        log, said = tmp_path / "parts.log", tmp_path / "supervisor.log"
        written = [
            (name, code and code.format(log=str(log), name=name), logs and str(logs / f"{name}.log"))
            for name, code in parts
        ]
        with said.open("wb") as output:
            process = subprocess.Popen(
                [sys.executable, "-c", SUPERVISOR.format(parts=written, stop_seconds=stop_seconds)],
                cwd=ROOT,
                stdout=output,
                stderr=output,
            )
        running.append(Supervised(process, log, said))
        return running[-1]

    yield begin
    for one in running:
        one.process.kill()
        one.process.wait(10)


def is_alive(pid: int) -> bool:
    try:
        return (Path("/proc") / str(pid) / "stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def test_parts_stop_in_the_reverse_of_the_order_in_which_they_are_given(start: Start) -> None:
    supervised = start(("actions", OBEDIENT), ("dialogue", OBEDIENT), ("gateway", OBEDIENT))
    supervised.waits_for(lambda text: text.count("starts") == 3)
    supervised.stops()
    stops = [line for line in supervised.log.read_text().splitlines() if line.endswith("stops")]
    assert stops == ["gateway stops", "dialogue stops", "actions stops"]
    assert supervised.process.returncode == 0


def test_a_part_that_is_killed_comes_back(start: Start) -> None:
    supervised = start(("gateway", OBEDIENT))
    supervised.waits_for(lambda text: text.count("starts") == 1)
    os.kill(supervised.parts()[0], signal.SIGKILL)
    supervised.waits_for(lambda text: text.count("starts") == 2)
    supervised.stops()


def test_a_part_that_ends_at_once_is_tried_again_ever_later_and_says_why(start: Start) -> None:
    supervised = start(("dialogue", BROKEN))
    supervised.waits_for(lambda text: text.count("starts") == 3)
    supervised.stops()
    said = supervised.said.read_text()
    assert "the reason why dialogue ended" in said
    assert '"again_in_seconds": 0.2' in said
    assert '"again_in_seconds": 0.5' in said


def test_with_log_files_the_supervisor_says_where_the_reason_stands(start: Start, tmp_path: Path) -> None:
    supervised = start(("dialogue", BROKEN), logs=tmp_path)
    supervised.waits_for(lambda text: text.count("starts") == 2)
    supervised.stops()
    assert str(tmp_path / "dialogue.log") in supervised.said.read_text()
    assert "the reason why dialogue ended" in (tmp_path / "dialogue.log").read_text()


def test_a_part_that_cannot_be_started_does_not_take_the_others_along(start: Start) -> None:
    supervised = start(("actions", OBEDIENT), ("dialogue", None), ("gateway", OBEDIENT))
    supervised.waits_for(lambda text: text.count("starts") == 2)
    deadline = time.monotonic() + 20
    while supervised.said.read_text().count("part not started") < 2:
        assert time.monotonic() < deadline, supervised.said.read_text()
        time.sleep(0.02)
    supervised.stops()
    assert supervised.log.read_text().splitlines()[-2:] == ["gateway stops", "actions stops"]
    assert "Traceback" not in supervised.said.read_text()


def test_parts_that_will_not_stop_do_not_hold_up_the_machine(start: Start) -> None:
    supervised = start(
        ("actions", STUBBORN),
        ("dialogue", STUBBORN),
        ("console", STUBBORN),
        ("gateway", STUBBORN),
        stop_seconds=1.7,
    )
    supervised.waits_for(lambda text: text.count("starts") == 4)
    # A tenth of what is real: there, it is less than the 20 seconds that machines give at shutdown.
    assert supervised.stops() < 2.0 + 1.0
    assert [pid for pid in supervised.parts() if is_alive(pid)] == []


def test_a_killed_supervisor_leaves_nothing_behind(start: Start) -> None:
    supervised = start(("actions", OBEDIENT), ("gateway", OBEDIENT))
    supervised.waits_for(lambda text: text.count("starts") == 2)
    pids = supervised.parts()
    supervised.process.kill()
    supervised.process.wait(10)
    supervised.waits_for(lambda text: text.count("stops") == 2)
    deadline = time.monotonic() + 10
    while [pid for pid in pids if is_alive(pid)]:
        assert time.monotonic() < deadline
        time.sleep(0.02)
