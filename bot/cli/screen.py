"""`foothold screen`: the safety screen from outside."""

from __future__ import annotations

import sys

import click

from bot.cli.support import print_line
from bot.safety.screen import Screen


@click.command()
def screen() -> None:
    """Read one message a line; print the safety route of each as a JSON line."""
    safety = Screen.load()
    for line in sys.stdin.buffer:
        text = line.decode("utf-8", errors="replace").rstrip("\r\n")
        screening = safety.read(text)
        print_line({"route": screening.route, "detectors": list(screening.detectors), "ms": screening.ms})
