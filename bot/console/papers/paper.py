"""What people take along: a title, a few facts about it, and what it says, as plain text."""

from __future__ import annotations

import textwrap
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

WIDTH = 88
#: Marks that turn the direction of writing, and so the order of what is read.
_DIRECTIONS = frozenset(map(chr, (0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2066, 0x206A))))


@dataclass(frozen=True)
class Heading:
    """What the following is about: a day, or a consultant."""

    text: str


@dataclass(frozen=True)
class Mark:
    """Something that happened between what was said."""

    text: str


@dataclass(frozen=True)
class Entry:
    """One thing that was said, or one client: who and when, the words, and what became of it."""

    head: str
    text: str = ""
    foot: str = ""


@dataclass(frozen=True)
class Paper:
    """One document, the same as text and as PDF."""

    title: str
    facts: tuple[tuple[str, str], ...]
    body: tuple[Heading | Mark | Entry, ...]
    #: What stands at the foot of each page, so that a lost page is known again.
    running: str = ""


def clean(text: str) -> str:
    """Return words without what could hide or reorder others: controls, and marks of writing direction."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").expandtabs(4)
    return "".join(sign for sign in lines if sign == "\n" or not _hides(sign))


def _hides(sign: str) -> bool:
    return sign in _DIRECTIONS or unicodedata.category(sign) in {"Cc", "Cs"}


def as_text(paper: Paper) -> str:
    """Return a paper as text; what somebody wrote is indented, so that it is known from ours."""
    return "\n".join(_lines(paper)) + "\n"


def _lines(paper: Paper) -> Iterator[str]:
    title = one_line(paper.title)
    yield title
    yield "=" * len(title)
    for name, value in paper.facts:
        yield from _wrapped(f"{name}: {one_line(value)}", "", "    ")
    for part in paper.body:
        yield ""
        if isinstance(part, Heading):
            text = one_line(part.text)
            yield from (text, "-" * len(text))
        elif isinstance(part, Mark):
            yield from _wrapped(one_line(part.text), "* ", "  ")
        else:
            yield one_line(part.head)
            for line in clean(part.text).split("\n") if part.text else ():
                yield from _wrapped(line, "    ", "    ")
            if part.foot:
                yield from _wrapped(one_line(part.foot), "    (", "     ", ")")


def _wrapped(line: str, first: str, more: str, last: str = "") -> list[str]:
    return textwrap.wrap(
        line + last,
        WIDTH,
        initial_indent=first,
        subsequent_indent=more,
        break_long_words=False,
        break_on_hyphens=False,
    )


def one_line(text: str) -> str:
    """Return text as one clean line."""
    return " ".join(clean(text).split())


def shortened(text: str, most: int) -> str:
    """Return words as one line of at most so many characters, cut between words and marked where cut."""
    return textwrap.shorten(one_line(text), most, placeholder="…") or one_line(text)[: most - 1] + "…"
