"""The quick replies that a service starts with: reviewed content, given once, then its own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import yaml

from bot.caseload.models.people import Service
from bot.caseload.store import Case

CONTENT = Path(__file__).with_name("starting_replies_content")
#: What every service is given; beside it there is a file for each region with words of its own.
SHARED = "shared"


@dataclass(frozen=True)
class StartingReply:
    """A name to choose by, and the words."""

    name: str
    text: str


@dataclass(frozen=True)
class StartingSet:
    """One file of them, with who answers for it and when somebody last read it."""

    version: str
    owner: str
    last_checked: date
    replies: tuple[StartingReply, ...]


def load_sets() -> Mapping[str, StartingSet]:
    """Read the files: SHARED or region to its set."""
    return {file.stem: _set(file) for file in sorted(CONTENT.glob("*.yml"))}


def give(case: Case, service: Service) -> int:
    """Give a service its first quick replies, and return how many.

    None when it was given them before, so that those which it deleted stay away, or has written its own.
    """
    if service.quick_replies_version is not None:
        return 0
    sets = load_sets()
    mine = {name: sets[name] for name in (SHARED, service.region) if name in sets}
    service.quick_replies_version = ", ".join(f"{name} {one.version}" for name, one in mine.items())
    if case.quick_replies.of_service(service):
        return 0
    replies = [reply for one in mine.values() for reply in one.replies]
    for reply in replies:
        case.quick_replies.add(service, reply.name, reply.text)
    return len(replies)


def _set(file: Path) -> StartingSet:
    kept = yaml.safe_load(file.read_text(encoding="utf-8"))
    replies = tuple(StartingReply(one["name"], one["text"]) for one in kept["replies"])
    return StartingSet(kept["version"], kept["owner"], kept["last_checked"], replies)
