"""How a day and a time of day are written for people, in the style of the NHS."""

from __future__ import annotations

from datetime import datetime, tzinfo

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


def short_when_words(at: datetime, zone: tzinfo) -> str:
    """Return "Wed 25 Nov, 2:30pm", which fits a button (24 characters)."""
    local = at.astimezone(zone)
    return f"{DAYS[local.weekday()][:3]} {local.day} {MONTHS[local.month - 1][:3]}, {clock_words(at, zone)}"
