"""What the long lists share: a search, and a page of what was found at a time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import request

from bot.caseload.repository import Found
from bot.console.forms import number_asked_for

#: As many as one can look through; the next ones are a press away.
SHOWN = 50
SEARCH_LENGTH = 80


@dataclass(frozen=True)
class Asked:
    """What somebody searches for, and how many of those they have passed."""

    search: str
    skip: int

    def shows(self, found: Found[Any]) -> dict[str, Any]:
        """Return what the template of a list needs to know of it."""
        return {
            "lines": found.lines,
            "total": found.total,
            "search": self.search,
            "skip": self.skip,
            "size": SHOWN,
        }


def asked() -> Asked:
    """Return what the address of a list asks for."""
    return Asked(request.args.get("search", "").strip()[:SEARCH_LENGTH], number_asked_for("skip"))
