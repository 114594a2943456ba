"""Local time with daylight saving, and the holidays that clients name."""

import calendar
import functools
from datetime import date, datetime, timedelta, timezone
from typing import Callable
from zoneinfo import ZoneInfo

DAY = timedelta(days=1)


def instants(day: date, minutes: int, zone: ZoneInfo) -> list[datetime]:
    """The instants a wall clock can mean: two where clocks go back, moved on where they skip it."""
    wall = datetime(day.year, day.month, day.day) + timedelta(minutes=minutes)  # noqa: DTZ001  # a wall time has no zone yet
    first = wall.replace(tzinfo=zone, fold=0)
    second = wall.replace(tzinfo=zone, fold=1)
    if first.utcoffset() == second.utcoffset():
        return [first]
    back = first.astimezone(timezone.utc).astimezone(zone)
    if back.replace(tzinfo=None) != wall:
        return [back]
    return [first, second]


def instant(day: date, minutes: int, zone: ZoneInfo) -> datetime:
    """The earliest instant of a wall clock; the edges of a stretch need only one."""
    return instants(day, minutes, zone)[0]


def make_date(year: int, month: int, day: int) -> "date | None":
    """A date within living memory or reach, or None where the calendar has no such day."""
    try:
        return date(year, month, day) if 1900 <= year <= 2200 else None
    except ValueError:
        return None


def coming(month: int, day: int, today: date) -> "date | None":
    """The next such day of the year (today counts), or None where no year has it."""
    if day > 31 or day < 1 or (month == 2 and day > 29) or (month in (4, 6, 9, 11) and day > 30):
        return None
    this_year = make_date(today.year, month, day)
    if this_year and this_year >= today:
        return this_year
    return make_date(today.year + 1, month, day)


def add_months(day: date, months: int) -> date:
    """The same day some months on, or the last day of a shorter month; the calendar's ends hold."""
    count = day.year * 12 + day.month - 1 + months
    year = min(max(count // 12, 1), 9998)
    month = count % 12 + 1
    return date(year, month, min(day.day, calendar.monthrange(year, month)[1]))


def month_end(day: date) -> date:
    """The last day of the month."""
    return day.replace(day=calendar.monthrange(day.year, day.month)[1])


def easter(year: int) -> date:
    """Easter Sunday (Gregorian, by the anonymous algorithm)."""
    a, b, c = year % 19, year // 100, year % 100
    d, e = b // 4, b % 4
    g = (8 * b + 13) // 25
    h = (19 * a + b - d - g + 15) % 30
    i, k = c // 4, c % 4
    m = (a + 11 * h) // 319
    r = (2 * e + 2 * i - k - h + m + 32) % 7
    month = (h - m + r + 90) // 25
    return date(year, month, (h - m + r + month + 19) % 32)


def nth_weekday(year: int, month: int, weekday: int, which: int) -> date:
    """The n-th weekday of a month (which=-1 is the last)."""
    if which < 0:
        last = month_end(date(year, month, 1))
        return last - timedelta(days=(last.weekday() - weekday) % 7)
    first = date(year, month, 1)
    return first + timedelta(days=(weekday - first.weekday()) % 7 + 7 * (which - 1))


# Matariki follows the lunar calendar: the Te Kāhui o Matariki Public Holiday Act 2022 lists its dates.
_MATARIKI = {
    2025: (6, 20),
    2026: (7, 10),
    2027: (6, 25),
    2028: (7, 14),
    2029: (7, 6),
    2030: (6, 21),
    2031: (7, 11),
    2032: (7, 2),
    2033: (6, 24),
    2034: (7, 7),
    2035: (6, 29),
}


def _fixed(month: int, day: int) -> Callable[[int], "date | None"]:
    return lambda year: date(year, month, day)


def _easter_plus(days: int) -> Callable[[int], "date | None"]:
    return lambda year: easter(year) + timedelta(days=days)


def _nth(month: int, weekday: int, which: int) -> Callable[[int], "date | None"]:
    return lambda year: nth_weekday(year, month, weekday, which)


def _matariki(year: int) -> "date | None":
    return date(year, *_MATARIKI[year]) if year in _MATARIKI else None


# name -> (first day in a year, how many days); a weekend starts on its first free day.
HOLIDAYS: dict[str, tuple[Callable[[int], "date | None"], int]] = {
    "christmas eve": (_fixed(12, 24), 1),
    "christmas": (_fixed(12, 25), 1),
    "boxing day": (_fixed(12, 26), 1),
    "new years eve": (_fixed(12, 31), 1),
    "new years day": (_fixed(1, 1), 1),
    "new year": (_fixed(1, 1), 31),
    "good friday": (_easter_plus(-2), 1),
    "easter sunday": (_easter_plus(0), 1),
    "easter monday": (_easter_plus(1), 1),
    "easter": (_easter_plus(-2), 4),
    "halloween": (_fixed(10, 31), 1),
    "bonfire night": (_fixed(11, 5), 1),
    "valentines": (_fixed(2, 14), 1),
    "waitangi day": (_fixed(2, 6), 1),
    "anzac day": (_fixed(4, 25), 1),
    "kings birthday": (_nth(6, 0, 1), 1),
    "labour day": (_nth(10, 0, 4), 1),
    "labour weekend": (lambda year: nth_weekday(year, 10, 0, 4) - 2 * DAY, 3),
    "kings birthday weekend": (lambda year: nth_weekday(year, 6, 0, 1) - 2 * DAY, 3),
    "matariki": (_matariki, 1),
    "may bank holiday": (_nth(5, 0, 1), 1),
    "spring bank holiday": (_nth(5, 0, -1), 1),
    "summer bank holiday": (_nth(8, 0, -1), 1),
}


def holiday(name: str, today: date) -> "tuple[date, date] | None":
    """The first and last day of the next such holiday (a running one counts)."""
    rule, days = HOLIDAYS[name]
    for year in (today.year, today.year + 1):
        first = rule(year)
        if first is not None and first + (days - 1) * DAY >= today:
            return first, first + (days - 1) * DAY
    return None


@functools.lru_cache(maxsize=64)
def public_holidays(year: int, new_zealand: bool) -> tuple[date, ...]:
    """Bank holidays of England, or the national public holidays of New Zealand, with their days in lieu."""
    spring = easter(year)
    fixed = [date(year, 1, 1), date(year, 12, 25), date(year, 12, 26)]
    others = [spring - 2 * DAY, spring + DAY]
    if new_zealand:
        fixed += [date(year, 1, 2), date(year, 2, 6), date(year, 4, 25)]
        others += [nth_weekday(year, 6, 0, 1), nth_weekday(year, 10, 0, 4)]
        others += [day for day in (_matariki(year),) if day]
    else:
        others += [nth_weekday(year, 5, 0, 1), nth_weekday(year, 5, 0, -1), nth_weekday(year, 8, 0, -1)]
    taken = set(others)
    for day in sorted(fixed):
        while day.weekday() > 4 or day in taken:
            day += DAY
        taken.add(day)
    return tuple(sorted(taken))
