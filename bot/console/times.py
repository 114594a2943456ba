"""Times as staff read them, and local times as they type them."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from bot.spoken import DAYS, MONTHS, clock_words, day_words

_MINUTE, _HOUR, _DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


class TimeDoesNotExist(ValueError):
    """The clocks go forward over this time."""


class TimeHappensTwice(ValueError):
    """The clocks go back over this time."""


class WrongTime(ValueError):
    """A time that was typed is of no use; the text says why and what to do."""


def chosen(day: date, at: time, zone_name: str, now: datetime, furthest: timedelta) -> datetime:
    """Return the instant of a local time ahead that somebody typed; raise WrongTime."""
    try:
        found = instant(day, at, ZoneInfo(zone_name))
    except TimeDoesNotExist as error:
        raise WrongTime("The clocks go forward over this time. Choose one an hour later.") from error
    except TimeHappensTwice as error:
        raise WrongTime("The clocks go back, so this time happens twice. Choose another one.") from error
    except (OverflowError, ValueError) as error:
        raise WrongTime("Choose another day.") from error
    if found <= now:
        raise WrongTime("This time has passed. Choose one ahead.")
    if found >= now + furthest:
        raise WrongTime("This is years ahead. Check the year.")
    return found


def instant(day: date, at: time, zone: ZoneInfo, *, either: bool = False) -> datetime:
    """Return the instant of a local time; raise TimeDoesNotExist or TimeHappensTwice where clocks change.

    With `either`, the first of two is as good as the second.
    """
    local = datetime.combine(day, at, zone)
    if local.astimezone(UTC).astimezone(zone).replace(tzinfo=None) != local.replace(tzinfo=None):
        raise TimeDoesNotExist
    if not either and local.utcoffset() != local.replace(fold=1).utcoffset():
        raise TimeHappensTwice
    return local.astimezone(UTC)


def local(at: datetime, zone_name: str) -> datetime:
    """Return an instant as the clock on a wall there shows it."""
    return at.astimezone(ZoneInfo(zone_name))


def day_and_time(at: datetime, zone_name: str, now: datetime) -> str:
    """Return "Wednesday 25 November at 2:30pm", with the year when it is another one."""
    zone = ZoneInfo(zone_name)
    year = at.astimezone(zone).year
    shown_year = "" if year == now.astimezone(zone).year else f" {year}"
    return f"{day_words(at, zone)}{shown_year} at {clock_words(at, zone)}"


def day(on: date) -> str:
    """Return "Wednesday 25 November 2026": a day of a record, which is read years later too."""
    return f"{DAYS[on.weekday()]} {on.day} {MONTHS[on.month - 1]} {on.year}"


def clock(at: datetime, zone_name: str) -> str:
    """Return "2:30pm"."""
    return clock_words(at, ZoneInfo(zone_name))


def short_time(at: datetime, zone_name: str, now: datetime) -> str:
    """Return "2:30pm" for today, else the day as well."""
    zone = ZoneInfo(zone_name)
    if at.astimezone(zone).date() == now.astimezone(zone).date():
        return clock_words(at, zone)
    return day_and_time(at, zone_name, now)


def first_moment(since: datetime, zone_name: str, now: datetime) -> str:
    """Return the start of a stretch of days: "Thursday 26 November", with its time of day if it has one."""
    said = day_and_time(since, zone_name, now)
    return said.removesuffix(" at midnight")


def last_moment(until: datetime, zone_name: str, now: datetime) -> str:
    """Return the end of a stretch of days: "the end of Friday 27 November", or its time of day."""
    local = until.astimezone(ZoneInfo(zone_name))
    if local.time() == time(0):
        day = day_and_time(until - _MINUTE, zone_name, now).rpartition(" at ")[0]
        return f"the end of {day}"
    return day_and_time(until, zone_name, now)


def how_long(since: datetime, now: datetime) -> str:
    """Return how long ago an instant was, in the two largest units."""
    passed = max(now - since, timedelta(0))
    if passed < _MINUTE:
        return "less than a minute"
    days, hours, minutes = passed // _DAY, passed % _DAY // _HOUR, passed % _HOUR // _MINUTE
    if days:
        parts = [(days, "day"), (hours, "hour")]
    elif hours:
        parts = [(hours, "hour"), (minutes, "minute")]
    else:
        parts = [(minutes, "minute")]
    return " ".join(f"{count} {unit}{'' if count == 1 else 's'}" for count, unit in parts if count)
