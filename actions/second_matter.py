"""A second matter in one message: the other half is named, so that it is not lost."""

from __future__ import annotations

import re

_CANNOT_COME = re.compile(
    r"\b(?:cant|can't|cannot|wont|won't|not gonna|not going to|unable to)\b[^.?!]{0,14}"
    r"\b(?:come|make it|make my appointment|be there|attend|see (?:you|her|him))\b"
    r"|\bcancel\b[^.?!]{0,20}\b(?:appointment|appt|meeting|visit|tomorrow|tmrw|today)\b",
    re.IGNORECASE,
)
_JOBS = re.compile(
    r"\b(?:any|find|look for|show|send|got)\b[^.?!]{0,24}\b(?:jobs?|work|mahi|vacanc\w+)\b", re.IGNORECASE
)


def also_cannot_come(words: str) -> bool:
    """Whether words that ask for jobs say as well that the client cannot come."""
    return bool(_CANNOT_COME.search(words))


def also_asks_for_jobs(words: str) -> bool:
    """Whether words about an appointment ask for jobs as well."""
    return bool(_JOBS.search(words))
