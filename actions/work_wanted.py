"""What work a client asks for, and where: "any cleaning jobs in leeds", read from their words."""

from __future__ import annotations

import re
from dataclasses import dataclass

_WORK = r"(?:jobs?|work|mahi|vacanc(?:y|ies)|roles?|positions?|stuff)"
#: Before "jobs": the words that say which jobs and not that jobs are asked for.
_BEFORE = re.compile(rf"\b((?:[a-z&'-]+\s+){{1,3}}){_WORK}\b")
#: "a job in retail", "work as a driver", "going at a garden centre", "work with animals".
_AFTER = re.compile(
    rf"\b(?:{_WORK}|going|anything|something|hiring)\s+"
    r"(?:as an?\s+|as\s+|at an?\s+|at\s+|in\s+|with\s+|for an?\s+)([a-z' -]+)"
)
_WANTS = re.compile(
    r"\b(?:looking for|after|do|want|fancy|like|seen anything for|is there)\s+"
    r"(?:(?:an?|some|any)\s+)?([a-z' -]+)"
)
_PLACE = re.compile(
    r"\b(?:in|near|round|around|by|close to|out)\s+([a-zāēīōū' -]+?)\s*(?:[?.!,]|$|\bpls\b|\bplease\b|\bor\b)"
)

#: They ask for jobs, or for how much of them; they are no kind of work.
_NO_KIND = frozenset(
    re.findall(
        r"\S+",
        "a about after all amina an and another any anyone anything are around as asap at back by can "
        "consultant could couple decent did different do does easy ere fancy few find first for full get "
        "give go going good got has have hello here hey hi hiring i id im in is it ive job jobs just keen "
        "like local look looking mahi me more my near need new next nights no now of ok on only or other "
        "out owt paid part please pls real round see seen send sent show so some something somewhere start "
        "summat that the there these this those time to today u up us vacancies wanna want week weekends "
        "what whats which with work wot yeah you",
    )
)
_NO_PLACE = frozenset(
    {
        "",
        "me",
        "here",
        "ere",
        "town",
        "there",
        "my area",
        "the area",
        "this area",
        "home",
        "us",
        "a",
        "the",
        "the morning",
        "the afternoon",
        "the evening",
        "the week",
    }
)
#: "work in retail" says what, not where.
_SECTORS = frozenset(
    {"retail", "care", "catering", "admin", "construction", "security", "hospitality", "a shop", "an office"}
    | {
        "a cafe",
        "a kitchen",
        "a bakery",
        "a warehouse",
        "a factory",
        "a school",
        "a library",
        "a supermarket",
    }
)


@dataclass(frozen=True)
class WorkWanted:
    """The kind of work and the place, as far as the words say."""

    job_type: str | None
    place: str | None


def work_wanted_in(words: str) -> WorkWanted:
    """Return what the words ask for; both None for "any jobs going"."""
    words = " ".join(words.lower().replace("?", " ? ").split())
    place = _place(words)
    rest = words
    if place:
        rest = re.sub(rf"\b(?:in|near|round|around|by|close to|out)\s+{re.escape(place)}\b", "", words)
    return WorkWanted(_kind(rest), place)


def bare_work_in(words: str) -> WorkWanted:
    """Return what the words answer to "what kind of work, and where?": "warehouse", "shop in leeds"."""
    told = work_wanted_in(words)
    if told.job_type:
        return told
    rest = (
        re.split(r"\b(?:in|near|round|around|by|close to|out)\s", words.lower())[0]
        if told.place
        else words.lower()
    )
    return WorkWanted(_telling(" ".join(re.findall(r"[a-zāēīōū'-]+", rest))), told.place)


def _place(words: str) -> str | None:
    for found in _PLACE.finditer(words):
        # "in retail near bradford": the last one says where.
        place = re.split(r"\b(?:in|near|round|around)\s+", found[1])[-1].strip()
        if place in _NO_PLACE | _SECTORS or len(place.split()) > 3:
            continue
        if place.split()[0] not in _NO_PLACE - {"the"}:
            return place
    return None


def _kind(words: str) -> str | None:
    for pattern in (_BEFORE, _AFTER, _WANTS):
        for found in pattern.finditer(words):
            kind = _telling(found[1])
            if kind:
                return kind
    return None


def _telling(words: str) -> str | None:
    """Return the last run of words that name a kind of work."""
    kept: list[str] = []
    for word in words.split():
        if word in _NO_KIND:
            if kept:
                break
            continue
        kept.append(word)
    return " ".join(kept[:3]) or None
