"""Puts vacancies in order for one client, and says why, in codes: the words stand in the domain.

A first, honest version. It leaves out what the client has said no to, where the advert itself says so; it
guesses neither distance, pay nor hours. It never judges whether somebody is ready for a job.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from integrations.job_boards.types import Vacancy

#: What an advert says when it has what a "not for me" is about, by the code of the reason.
_SAYS = {
    "nights": re.compile(
        r"\bnights?\b|\bovernight\b|\b1[0-2]pm\b|\bto [1-5]am\b|\bmidnight\b", re.IGNORECASE
    ),
    "people_contact": re.compile(
        r"\bcustomers?\b|\bcall (?:handler|centre)|\breception|\bserving\b|\bsales\b|\bphone\b|\bbar\b"
        r"|\bbusy\b",
        re.IGNORECASE,
    ),
}
#: Said no to, but an advert seldom tells: kept, with the doubt named, for the consultant and the client.
_DOUBTS = {"hours": "hours_not_given", "pay": "pay_not_given"}
_SMALL = frozenset(re.findall(r"\w+", "a an and any as at for in job jobs of or role some the to with work"))


@dataclass(frozen=True)
class Preferences:
    """What a client wants and does not want.

    `declined` are reason codes (too_far, nights, people_contact, hours, pay …); `not_titles` and
    `not_employers` come from the jobs that they refused for the work or for the place; `avoid` are words that
    no advert may hold, such as "bar" for somebody in recovery.
    """

    work: str | None = None
    place: str | None = None
    declined: frozenset[str] = frozenset()
    not_titles: frozenset[str] = frozenset()
    not_employers: frozenset[str] = frozenset()
    avoid: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Match:
    """A vacancy with codes. For: work, place. Against: other_place, hours_not_given, pay_not_given."""

    vacancy: Vacancy
    reasons_for: tuple[str, ...]
    reasons_against: tuple[str, ...]


def rank(
    vacancies: Sequence[Vacancy], preferences: Preferences, seen_ids: Collection[tuple[str, str]]
) -> list[Match]:
    """Return what is left, best first; `seen_ids` are (board, id) of all that the client was ever given.

    The same advert from two boards is kept once. Equal ones stay in the order of the board.
    """
    kept: list[Match] = []
    known: set[tuple[str, str, str]] = set()
    for vacancy in vacancies:
        same = (_folded(vacancy.title), _folded(vacancy.employer), _folded(vacancy.place))
        if (vacancy.board, vacancy.id) in seen_ids or same in known or _refused(vacancy, preferences):
            continue
        known.add(same)
        kept.append(Match(vacancy, _for(vacancy, preferences), _against(vacancy, preferences)))
    kept.sort(key=lambda match: len(match.reasons_against) - len(match.reasons_for))
    return kept


def _refused(vacancy: Vacancy, preferences: Preferences) -> bool:
    text = _text(vacancy)
    said_no = any(_SAYS[code].search(text) for code in preferences.declined & _SAYS.keys())
    too_far = "too_far" in preferences.declined and _elsewhere(vacancy, preferences)
    been_there = _folded(vacancy.employer) in {_folded(name) for name in preferences.not_employers}
    not_that = _folded(vacancy.title) in {_folded(title) for title in preferences.not_titles}
    return said_no or too_far or been_there or not_that or not preferences.avoid.isdisjoint(_words(text))


def _for(vacancy: Vacancy, preferences: Preferences) -> tuple[str, ...]:
    reasons = []
    wanted = _words(preferences.work) - _SMALL
    if any(_akin(one, other) for one in wanted for other in _words(_text(vacancy))):
        reasons.append("work")
    if preferences.place and vacancy.place and not _elsewhere(vacancy, preferences):
        reasons.append("place")
    return tuple(reasons)


def _against(vacancy: Vacancy, preferences: Preferences) -> tuple[str, ...]:
    doubts = {"hours_not_given": vacancy.hours_text, "pay_not_given": vacancy.pay_text}
    reasons = [
        _DOUBTS[code] for code in sorted(preferences.declined & _DOUBTS.keys()) if not doubts[_DOUBTS[code]]
    ]
    if _elsewhere(vacancy, preferences):
        reasons.insert(0, "other_place")
    return tuple(reasons)


def _elsewhere(vacancy: Vacancy, preferences: Preferences) -> bool:
    """True only if both places are known and share no word: "Westmere" is in "Westmere, Harbourshire"."""
    place, wanted = _words(vacancy.place), _words(preferences.place)
    return bool(place) and bool(wanted) and place.isdisjoint(wanted)


def _akin(one: str, other: str) -> bool:
    """True for words of one family: cleaner and cleaning, drive and driver."""
    shorter = min(len(one), len(other))
    alike = next((n for n in range(shorter) if one[n] != other[n]), shorter)
    return alike >= max(4, shorter - 2) or one == other


def _text(vacancy: Vacancy) -> str:
    return " ".join(part for part in (vacancy.title, vacancy.hours_text, vacancy.summary) if part)


def _words(text: str | None) -> frozenset[str]:
    return frozenset(re.findall(r"[^\W\d_]+", (text or "").casefold()))


def _folded(text: str | None) -> str:
    return " ".join((text or "").casefold().split())
