"""Times as staff read them, and local times as they type them."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from bot.spoken import clock_words, day_words

_MINUTE, _HOUR, _DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


class TimeDoesNotExist(ValueError):
    """The clocks go forward over this time."""


class TimeHappensTwice(ValueError):
    """The clocks go back over this time."""


def instant(day: date, at: time, zone: ZoneInfo) -> datetime:
    """Return the instant of a local time; raise TimeDoesNotExist or TimeHappensTwice where clocks change."""
    local = datetime.combine(day, at, zone)
    if local.astimezone(UTC).astimezone(zone).replace(tzinfo=None) != local.replace(tzinfo=None):
        raise TimeDoesNotExist
    if local.utcoffset() != local.replace(fold=1).utcoffset():
        raise TimeHappensTwice
    return local.astimezone(UTC)


def day_and_time(at: datetime, zone_name: str, now: datetime) -> str:
    """Return "Wednesday 25 November at 2:30pm", with the year when it is another one."""
    zone = ZoneInfo(zone_name)
    year = at.astimezone(zone).year
    shown_year = "" if year == now.astimezone(zone).year else f" {year}"
    return f"{day_words(at, zone)}{shown_year} at {clock_words(at, zone)}"


def short_time(at: datetime, zone_name: str, now: datetime) -> str:
    """Return "2:30pm" for today, else the day as well."""
    zone = ZoneInfo(zone_name)
    if at.astimezone(zone).date() == now.astimezone(zone).date():
        return clock_words(at, zone)
    return day_and_time(at, zone_name, now)


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
