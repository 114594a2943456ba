"""Working hours as spans of real time: weekly hours, bank holidays, and what is left of them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

import holidays

#: Of each region, its country and the part of it whose bank holidays everybody there has.
COUNTRIES: Mapping[str, tuple[str, str | None]] = {
    "england": ("GB", "ENG"),
    "new_zealand": ("NZ", None),
    "ireland": ("IE", None),
    "australia": ("AU", None),
}


@dataclass(frozen=True, order=True)
class Span:
    """From the first instant up to, not including, the second; in UTC, so that a difference is real time."""

    start: datetime
    end: datetime


def spans_of_day(hours: Mapping[str, Any], day: date, zone: ZoneInfo) -> list[Span]:
    """Return a day's spans of weekly hours in local time, earliest first; those that overlap are one."""
    spans = [
        Span(_instant(day, start, zone), _instant(day, end, zone))
        for start, end in hours.get(str(day.weekday()), [])
    ]
    return merged(span for span in spans if span.start < span.end)


def spans_between(
    hours: Mapping[str, Any], zone: ZoneInfo, first: datetime, last: datetime, closed: Collection[date] = ()
) -> list[Span]:
    """Return the spans of weekly hours within [first, last), without those of the closed days."""
    day, final = first.astimezone(zone).date(), last.astimezone(zone).date()
    spans: list[Span] = []
    while day <= final:
        if day not in closed:
            spans += spans_of_day(hours, day, zone)
        day += timedelta(days=1)
    return within(spans, first, last)


def merged(spans: Iterable[Span]) -> list[Span]:
    """Return the spans in order, with those that touch or overlap made one."""
    found: list[Span] = []
    for span in sorted(spans):
        if found and span.start <= found[-1].end:
            found[-1] = Span(found[-1].start, max(found[-1].end, span.end))
        else:
            found.append(span)
    return found


def within(spans: Iterable[Span], first: datetime, last: datetime) -> list[Span]:
    """Return what of the spans lies within [first, last)."""
    first, last = first.astimezone(UTC), last.astimezone(UTC)
    cut = (Span(max(span.start, first), min(span.end, last)) for span in spans)
    return [span for span in cut if span.start < span.end]


def without(spans: Iterable[Span], gaps: Iterable[Span]) -> list[Span]:
    """Return what of the spans lies in none of the gaps."""
    left = list(spans)
    for gap in gaps:
        left = [
            part
            for span in left
            for part in (
                Span(span.start, min(span.end, gap.start)),
                Span(max(span.start, gap.end), span.end),
            )
            if part.start < part.end
        ]
    return left


def seconds_in(spans: Iterable[Span]) -> int:
    """Return how long the spans are together, in whole seconds."""
    return int(sum((span.end - span.start).total_seconds() for span in spans))


@lru_cache(maxsize=256)
def bank_holidays(region: str | None, area: str | None, year: int) -> frozenset[date]:
    """Return the bank holidays of a year; none where nobody knows the region.

    `area` adds those of a part of the country, such as an anniversary day in New Zealand.
    """
    if region is None or region not in COUNTRIES:
        return frozenset()
    country, part = COUNTRIES[region]
    return frozenset(holidays.country_holidays(country, subdiv=area or part, years=year))


def areas_of(region: str) -> dict[str, str]:
    """Return the parts of a region's country that have bank holidays of their own: code to name, by name."""
    if region not in COUNTRIES:
        return {}
    country = holidays.country_holidays(COUNTRIES[region][0])
    # The first name of each is the one in English; the others are in the country's other languages, or short.
    names: dict[str, str] = {}
    for name, code in country.subdivisions_aliases.items():
        names.setdefault(code, name)
    areas = {code: names.get(code, code) for code in country.subdivisions}
    return dict(sorted(areas.items(), key=lambda one: one[1]))


def _instant(day: date, at: str, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time.fromisoformat(at), zone).astimezone(UTC)
