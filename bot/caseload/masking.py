"""Hides what could name a person in words that other people read for tuning."""

from __future__ import annotations

import re

_EMAIL = re.compile(r"[^\s@]{1,64}@[^\s@]{1,255}")
_LINK = re.compile(r"https?://\S{1,500}", re.IGNORECASE)
_POSTCODE = re.compile(r"\b[A-Z]{1,2}\d[A-Z\d]? ?\d[A-Z]{2}\b", re.IGNORECASE)
#: Five digits or more, with the separators people put between them: phones, account and record numbers.
_NUMBER = re.compile(r"\+?\d(?:[\s().-]?\d){4,}")
_HANDLE = re.compile(r"@\w{3,32}")


def mask(words: str, names: tuple[str, ...] = ()) -> str:
    """Return the words with names, e-mail addresses, links, post codes and long numbers hidden."""
    masked = _EMAIL.sub("[email]", words)
    masked = _LINK.sub("[link]", masked)
    masked = _HANDLE.sub("[name]", masked)
    masked = _POSTCODE.sub("[post code]", masked)
    masked = _NUMBER.sub("[number]", masked)
    parts = {part for name in names for part in name.split() if len(part) > 1}
    for part in sorted(parts, key=len, reverse=True):
        masked = re.sub(rf"\b{re.escape(part)}\b", "[name]", masked, flags=re.IGNORECASE)
    return masked
