"""The sample board of the demo: invented vacancies in invented towns, found by words and place."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import yaml

from integrations.job_boards.types import JobQuery, Vacancy

VACANCIES = Path(__file__).parent / "sample_vacancies.yml"
#: They ask for work, and say nothing about which.
_NOT_A_KIND = frozenset(
    re.findall(
        r"\w+",
        "a an and any anything as at for from i in job jobs like mahi me of or position role roles some "
        "something the to vacancies vacancy want with work",
    )
)


@dataclass(frozen=True)
class _Entry:
    vacancy: Vacancy
    country: str
    days_ago: int
    open_days: int | None
    words: frozenset[str]


class SampleBoard:
    """A job board that needs no network."""

    name = "sample"

    def __init__(self, entries: Sequence[_Entry], today: Callable[[], date]) -> None:
        self._entries = tuple(entries)
        self._today = today

    @classmethod
    def load(cls, path: Path = VACANCIES, today: Callable[[], date] | None = None) -> SampleBoard:
        """Read the invented vacancies; their dates move along with `today`."""
        book = yaml.safe_load(path.read_text(encoding="utf-8"))
        entries = [
            _entry(raw, country, f"{country}-{number}")
            for country, adverts in book.items()
            for number, raw in enumerate(adverts, start=1)
        ]
        return cls(entries, today or (lambda: datetime.now(UTC).date()))

    def search(self, query: JobQuery) -> tuple[Vacancy, ...]:
        """Return what has any of the words and lies in the place, most fitting first, then newest."""
        wanted = _words(query.what) - _NOT_A_KIND
        found: list[tuple[int, int, Vacancy]] = []
        for entry in self._entries:
            fits = sum(_akin(word, entry.words) for word in wanted)
            recent = query.max_days_old is None or entry.days_ago <= query.max_days_old
            if (
                entry.country == query.country
                and recent
                and _near(query.where, entry)
                and (fits or not wanted)
            ):
                found.append((-fits, entry.days_ago, self._dated(entry)))
        found.sort(key=lambda one: one[:2])
        return tuple(vacancy for _, _, vacancy in found[: max(0, query.limit)])

    def _dated(self, entry: _Entry) -> Vacancy:
        today = self._today()
        closes = None if entry.open_days is None else today + timedelta(days=entry.open_days)
        values = {
            **vars(entry.vacancy),
            "posted_on": today - timedelta(days=entry.days_ago),
            "closes_on": closes,
        }
        return Vacancy(**values)


def _entry(raw: Mapping[str, Any], country: str, ref: str) -> _Entry:
    vacancy = Vacancy(
        id=ref,
        board=SampleBoard.name,
        title=raw["title"],
        employer=raw["employer"],
        place=raw["place"],
        url=f"https://jobs.example/{ref}",
        summary=raw["summary"],
        pay_text=raw.get("pay"),
        hours_text=raw.get("hours"),
        contract=raw.get("contract"),
    )
    words = _words(raw["title"]) | _words(raw["summary"]) | _words(raw.get("also"))
    return _Entry(vacancy, country, raw["days_ago"], raw.get("open_days"), words)


def _words(text: str | None) -> frozenset[str]:
    return frozenset(re.findall(r"[^\W\d_]+", (text or "").casefold()))


def _akin(wanted: str, words: frozenset[str]) -> bool:
    """True if a word begins alike: "cleaning" finds a cleaner, "driver" finds driving."""
    stem = wanted if len(wanted) <= 4 else wanted[: max(4, len(wanted) - 3)]
    return any(word.startswith(stem) for word in words)


def _near(where: str | None, entry: _Entry) -> bool:
    return where is None or bool(_words(where) & _words(entry.vacancy.place)) or not _words(where)
