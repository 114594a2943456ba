"""`foothold screen` is how somebody else judges the screen: one JSON line for each message."""

from __future__ import annotations

import json
import subprocess
import sys

from tests.cli.conftest import ROOT, SECONDS, Install

LINES = b"i want to die\n\nhello\n\xff\n"


def test_each_line_is_read_without_any_database_whatever_its_bytes(install: Install) -> None:
    said = subprocess.run(
        [sys.executable, "-m", "bot.cli.main", "screen"],
        cwd=ROOT, env=install.variables(), input=LINES, capture_output=True, timeout=SECONDS, check=False,
    )  # fmt: skip
    assert said.returncode == 0
    found = [json.loads(line) for line in said.stdout.decode("utf-8").splitlines()]
    assert [list(one) for one in found] == [["route", "detectors", "ms"]] * 4
    assert [one["route"] for one in found] == ["crisis", None, None, None]
    assert found[0]["detectors"]
    assert [one["detectors"] for one in found[1:]] == [[], [], []]
    assert all(isinstance(one["ms"], int | float) and one["ms"] >= 0 for one in found)
    assert not install.database.exists()
