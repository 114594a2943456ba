"""The content files of the safety layer: one for each region, and one for the words of all."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import yaml


class ContentMistake(Exception):
    """A content file is missing, unreadable or incomplete. Raised at start, never while replying."""


@dataclass(frozen=True)
class Number:
    """A phone number in reviewed content. `last_checked` None: nobody has yet dialled or looked it up."""

    region: str
    number: str
    purpose: str
    owner: str
    last_checked: date | None


@dataclass(frozen=True)
class Texts:
    """The sentences of one content file. `last_checked` None: their owner has never read them through."""

    file: str
    owner: str
    last_checked: date | None


@dataclass(frozen=True)
class Region:
    """The numbers of one region, and the texts that show them."""

    key: str
    name: str
    version: str
    emergency: str
    lines: Mapping[str, Sequence[str]]
    numbers: tuple[Number, ...]
    texts: Texts

    def filled(self, template: str, lines: str) -> str:
        """Put this region's numbers into a text; a region without lines of that sort shows its main ones."""
        shown = self.lines.get(lines, self.lines["main"])
        return template.replace("{emergency}", self.emergency).replace("{lines}", "\n".join(shown)).strip()


def read(path: Path) -> Mapping[str, Any]:
    """Read one file; raises ContentMistake."""
    try:
        # BaseLoader: a phone number stays text, with its spaces and its leading nought.
        book = yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.BaseLoader)  # noqa: S506
    except (OSError, yaml.YAMLError) as error:
        raise ContentMistake(f"{path.name} cannot be read") from error
    if not isinstance(book, dict):
        raise ContentMistake(f"{path.name} is not a content file")
    return book


def region_of(book: Mapping[str, Any]) -> Region:
    """Make a region of what its file holds."""
    key = book["region"]
    numbers = tuple(
        Number(key, number, about["for"], book["owner"], _checked(about["last_checked"]))
        for number, about in book["numbers"].items()
    )
    texts = texts_of(f"{key}.yml", book)
    return Region(key, book["name"], book["version"], book["emergency"], book["lines"], numbers, texts)


def texts_of(file: str, book: Mapping[str, Any]) -> Texts:
    """Say whose the sentences of a file are, and when they were last read through."""
    return Texts(file, book["owner"], _checked(book["last_checked"]))


def _checked(text: str) -> date | None:
    return None if text == "never" else date.fromisoformat(text)
