"""Cutting a long text into messages that Telegram takes."""

from __future__ import annotations

import re

# Bot API, sendMessage.text. Telegram's apps count UTF-16 units: most emoji count twice.
MAX_UNITS = 4096

# Where to cut, best first: after a paragraph, a line, a sentence, a word.
_CUTS = (re.compile(r"\n\s*\n"), re.compile(r"\n"), re.compile(r"(?<=[.!?…])\s+"), re.compile(r"\s+"))


def units(text: str) -> int:
    """The length as Telegram counts it, in UTF-16 units."""
    return len(text) + sum(1 for character in text if character > "\uffff")


def split_text(text: str, limit: int = MAX_UNITS) -> list[str]:
    """The text in pieces of at most `limit` UTF-16 units, none empty; an empty text gives no piece."""
    pieces: list[str] = []
    rest = text.strip()
    while units(rest) > limit:
        head = _start_of(rest, limit)
        end = _cut(rest, len(head))
        pieces.append(rest[:end].rstrip())
        rest = rest[end:].lstrip()
    return [*pieces, rest] if rest else pieces


def _start_of(text: str, limit: int) -> str:
    """As many whole characters as fit into `limit` units."""
    used = 0
    for position, character in enumerate(text):
        used += units(character)
        if used > limit:
            return text[:position]
    return text


def _cut(text: str, room: int) -> int:
    """Where the first piece ends; a cut in the first half would make needlessly many messages."""
    for pattern in _CUTS:
        ends = [match.start() for match in pattern.finditer(text, 0, room + 1) if match.start() <= room]
        if ends and ends[-1] > room // 2:
            return ends[-1]
    return room
