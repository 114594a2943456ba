"""How lists and long texts are written for clients, and how a heard time is read."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta, tzinfo

#: An open side of a stretch ("after 2", "before Friday") reaches this far.
OPEN_SIDE = timedelta(days=21)


@dataclass(frozen=True)
class Span:
    """From the first instant up to, not including, the second; `exact` when one instant was named."""

    start: datetime
    end: datetime
    exact: bool = False

    def holds(self, instant: datetime) -> bool:
        """Whether an instant lies within the span."""
        return instant == self.start if self.exact else self.start <= instant < self.end


@dataclass(frozen=True)
class WantedTime:
    """When a client would like something: one span, or several readings where the words leave it open."""

    readings: tuple[Span, ...]

    @property
    def start(self) -> datetime:
        """The earliest instant of all readings."""
        return min(span.start for span in self.readings)

    @property
    def exact(self) -> bool:
        """Whether every reading names one instant."""
        return all(span.exact for span in self.readings)

    @property
    def end(self) -> datetime:
        """The end of the latest reading."""
        return max(span.end for span in self.readings)

    def holds(self, instant: datetime) -> bool:
        """Whether an instant fits one of the readings."""
        return any(span.holds(instant) for span in self.readings)

    def as_slot(self) -> list[str]:
        """Return it as a slot can hold it; `wanted_time` reads it back."""
        return [
            span.start.isoformat() if span.exact else f"{span.start.isoformat()}/{span.end.isoformat()}"
            for span in self.readings
        ]


def listed(items: Sequence[str]) -> str:
    """Return "a, b and c"."""
    if len(items) < 2:
        return "".join(items)
    return f"{', '.join(items[:-1])} and {items[-1]}"


def shortened(text: str, limit: int = 24) -> str:
    """Return the text cut at a word so that it fits a button."""
    text = " ".join(text.split())
    if len(text) <= limit:
        return text
    cut = text[: limit - 1].rsplit(" ", 1)[0]
    return f"{cut}…"


def wanted_time(value: object, zone: tzinfo) -> WantedTime | None:
    """Read the value of a `time` entity, or of a slot made by `as_slot`; None when it names no time.

    The value is ISO 8601: an instant, a day, "first/last" of either (days: both included; a side ".." is
    open), or a list of these where the words leave it open.
    """
    values = value if isinstance(value, list) else [value]
    spans = [span for each in values if isinstance(each, str) and (span := _span(each, zone))]
    return WantedTime(tuple(spans)) if spans else None


def each_day(value: object, now: datetime, zone: tzinfo) -> WantedTime | None:
    """Read a part of the day that recurs, "T12:00/T18:00"; None for what is no such part."""
    found = re.fullmatch(r"(T\d\d:\d\d|\.\.)/(T\d\d:\d\d|\.\.)", str(value or ""))
    if found is None or value == "../..":
        return None
    first = time(0) if found[1] == ".." else time.fromisoformat(found[1][1:])
    last = time(23, 59) if found[2] == ".." else time.fromisoformat(found[2][1:])
    if last <= first:
        return None
    today = now.astimezone(zone).date()
    days = [today + timedelta(days=ahead) for ahead in range(OPEN_SIDE.days)]
    return WantedTime(
        tuple(Span(datetime.combine(day, first, zone), datetime.combine(day, last, zone)) for day in days)
    )


def _span(value: str, zone: tzinfo) -> Span | None:
    first, slash, last = value.partition("/")
    start, end = _point(first, zone), _point(last, zone)
    if not slash:
        return start
    if start is None:
        return None if end is None else Span(_edge(end) - OPEN_SIDE, _edge(end))
    return Span(start.start, start.start + OPEN_SIDE if end is None else _edge(end))


def _edge(last: Span) -> datetime:
    """The end of a stretch: the instant itself, or the end of the day that is included."""
    return last.start if last.exact else last.end


def _point(value: str, zone: tzinfo) -> Span | None:
    try:
        instant = datetime.fromisoformat(value)
    except ValueError:
        return None
    if instant.tzinfo is None:
        instant = instant.replace(tzinfo=zone)
    if "T" in value:
        return Span(instant, instant + timedelta(minutes=1), exact=True)
    return Span(instant, instant + timedelta(days=1))
