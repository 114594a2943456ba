"""The public few-shot sets, read from the CSV files beside this module."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).resolve().parent
SETS = ("banking77", "clinc150", "hwu64")


@dataclass(frozen=True)
class Part:
    """Messages and their intents, in the order of the file."""

    texts: tuple[str, ...]
    intents: tuple[str, ...]


def read_part(name: str, part: str) -> Part:
    """Read one file of a set: `train_10`, `test` or (CLINC150) `oos_test`."""
    with (HERE / name / f"{part}.csv").open(encoding="utf-8", newline="") as stream:
        rows: list[tuple[str, str]] = [(row["text"], row["label"]) for row in csv.DictReader(stream)]
    return Part(tuple(text for text, _ in rows), tuple(intent for _, intent in rows))
