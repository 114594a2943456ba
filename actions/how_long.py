"""How long a client means by "a fortnight" or "2 weeks"."""

from __future__ import annotations

import re
from datetime import timedelta

_NUMBERS = {
    "a": 1,
    "an": 1,
    "one": 1,
    "two": 2,
    "couple": 2,
    "three": 3,
    "few": 3,
    "four": 4,
    "five": 5,
    "six": 6,
    "seven": 7,
    "eight": 8,
    "ten": 10,
}
_UNITS = {"day": 1, "week": 7, "wk": 7, "fortnight": 14, "month": 30}
_SPAN = re.compile(
    r"\b(?P<number>\d{1,3}|"
    + "|".join(_NUMBERS)
    + r")\s*(?:of\s+)?(?P<unit>days?|weeks?|wks?|fortnights?|months?)\b"
)


def how_long_in(words: str) -> timedelta | None:
    """Return the length of time in the words; None when they name none ("this week" is a date, no length)."""
    words = words.lower().replace("a couple", "couple").replace("a few", "few")
    found = _SPAN.search(words)
    if not found:
        return None
    number = found["number"]
    count = int(number) if number.isdigit() else _NUMBERS[number]
    return timedelta(days=count * _UNITS[found["unit"].rstrip("s")])


def how_many_in(words: str) -> int | None:
    """Return how many times a week the words allow; None when they name no number."""
    words = words.lower()
    for name, number in {"once": 1, "twice": 2, "thrice": 3}.items():
        if name in words:
            return number
    for word in re.findall(r"\w+", words):
        if word.isdigit():
            return int(word)
        if word in _NUMBERS and word not in {"a", "an"}:
            return _NUMBERS[word]
    return None
