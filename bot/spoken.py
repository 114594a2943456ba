"""How a day and a time of day are written for people, in the style of the NHS."""

from __future__ import annotations

import math
from datetime import datetime, tzinfo

#: A day's work.
HOURS_OF_A_DAY = 7.5

# Not strftime: its names follow the machine's language.
DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)


def clock_words(at: datetime, zone: tzinfo) -> str:
    """Return a time of day: "5pm", "9:30am", "midday", "midnight"."""
    local = at.astimezone(zone)
    if (local.hour, local.minute) == (12, 0):
        return "midday"
    if (local.hour, local.minute) == (0, 0):
        return "midnight"
    minutes = f":{local.minute:02}" if local.minute else ""
    return f"{local.hour % 12 or 12}{minutes}{'am' if local.hour < 12 else 'pm'}"


def day_words(at: datetime, zone: tzinfo) -> str:
    """Return a day: "Wednesday 25 November"."""
    local = at.astimezone(zone)
    return f"{DAYS[local.weekday()]} {local.day} {MONTHS[local.month - 1]}"


def when_words(at: datetime, zone: tzinfo) -> str:
    """Return a day and a time: "Wednesday 25 November at 2:30pm"."""
    return f"{day_words(at, zone)} at {clock_words(at, zone)}"


def back_words(at: datetime, now: datetime, zone: tzinfo) -> str:
    """Return until when somebody is away: the day, or the time when it is today."""
    same_day = at.astimezone(zone).date() == now.astimezone(zone).date()
    return clock_words(at, zone) if same_day else day_words(at, zone)


def within_words(seconds: float, left_today: float) -> str:
    """Return a waiting time, rounded up: "3 hours"; "3 working hours" when so much is not left of today.

    From a day's work on it is "2 working days".
    """
    hours = max(1, math.ceil(seconds / 3600))
    if hours > HOURS_OF_A_DAY:
        days = math.ceil(seconds / (HOURS_OF_A_DAY * 3600))
        return f"{days} working day{'' if days == 1 else 's'}"
    return f"{hours} {'' if hours * 3600 <= left_today else 'working '}hour{'' if hours == 1 else 's'}"


def short_when_words(at: datetime, zone: tzinfo) -> str:
    """Return "Wed 25 Nov, 2:30pm", which fits a button (24 characters)."""
    local = at.astimezone(zone)
    return f"{DAYS[local.weekday()][:3]} {local.day} {MONTHS[local.month - 1][:3]}, {clock_words(at, zone)}"


def short_length(seconds: int) -> str:
    """Return a length of time as a list shows it: "1 h 20 min"."""
    hours, minutes = seconds // 3600, seconds % 3600 // 60
    parts = [f"{hours} h" if hours else "", f"{minutes} min" if minutes or not hours else ""]
    return " ".join(part for part in parts if part)
