"""Quiet hours as clients write them, where the time extractor leaves them open: "only in the afternoon"."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, time

from bot.spoken import clock_words

#: Where a span starts or ends when the client named only the other side of it.
NIGHT_STARTS = time(21)
NIGHT_ENDS = time(8)

#: When each part of the day begins and ends.
PARTS_OF_DAY = {
    "morning": (time(8), time(12)),
    "afternoon": (time(12), time(18)),
    "arvo": (time(12), time(18)),
    "evening": (time(17), time(21)),
    "daytime": (time(9), time(18)),
}

_CLOCK = r"(?P<{0}>half \d{{1,2}}|\d{{1,2}}(?:[:.]\d{{2}})?\s*(?:am|pm)?|midday|noon|midnight)"
_AFTER = re.compile(r"\b(?:after|past|later than|from)\s+" + _CLOCK.format("at"))
_BEFORE = re.compile(r"\b(?:before|until|till|til|earlier than)\s+" + _CLOCK.format("at"))
_BETWEEN = re.compile(
    rf"\b(?:between|from)?\s*{_CLOCK.format('first')}\s*(?:and|to|till|til|until|-|–)\s*{_CLOCK.format('last')}"
)
_REFUSES = re.compile(r"\b(?:not|no|nothing|never|dont|don't|do not|stop|quiet|without|sleep|asleep|nap)\b")
_ALLOWS = re.compile(r"\bonly\b|\bjust\b|\b(?:text|message|msg|write to|contact) me\b")
_LIFTS = re.compile(r"\b(?:any ?time|no quiet|lift|remove|whenever)\b")
_SIDE = re.compile(r"T(?:[01]\d|2[0-3]):[0-5]\d")
_DAYS = re.compile(
    r"\b(?:week ?ends?|wkends?|weekdays?|(?:mon|tues|wednes|thurs|fri|satur|sun)days?|sats?|suns?)\b"
)
_NIGHT = re.compile(r"\b(?:night|nights|asleep|sleep|wake|bed)\b")


@dataclass(frozen=True)
class QuietHours:
    """From when until when the bot starts nothing; None for a side that the client did not name."""

    starts: time | None
    ends: time | None

    @property
    def lifted(self) -> bool:
        """Whether the client wants no quiet hours at all."""
        return self.starts is None and self.ends is None

    def as_slot(self) -> str:
        """Return it as a slot can hold it, "T21:00/.."; `read_quiet_hours` reads it back."""
        return "/".join(f"T{side:%H:%M}" if side is not None else ".." for side in (self.starts, self.ends))


def read_quiet_hours(value: object) -> QuietHours | None:
    """Read the value of a `quiet_time` entity or of our own slot; None for what is no time of the day."""
    sides = str(value or "").split("/")
    if len(sides) != 2 or not all(side == ".." or _SIDE.fullmatch(side) for side in sides):
        return None
    starts, ends = (None if side == ".." else time.fromisoformat(side[1:]) for side in sides)
    return QuietHours(starts, ends)


def quiet_hours_in(words: str) -> QuietHours | None:
    """Return the quiet hours that the words ask for; None when they name no time of the day."""
    words = words.lower().replace("’", "'")
    wanted = bool(_ALLOWS.search(words)) and ("only" in words or not _REFUSES.search(words))
    return _between(words, wanted) or _one_side(words, wanted) or _part_of_day(words, wanted) or _other(words)


def days_in(words: str) -> bool:
    """Whether the words name days of the week, which quiet hours cannot hold."""
    return bool(_DAYS.search(words.lower()))


def spoken_clock(clock: time) -> str:
    """Return "9pm", "8:30am", "midday" or "midnight"."""
    return clock_words(datetime(2000, 1, 1, clock.hour, clock.minute, tzinfo=UTC), UTC)


def _between(words: str, wanted: bool) -> QuietHours | None:
    found = _BETWEEN.search(words)
    if not found:
        return None
    first, last = _clock(found["first"], evening=False), _clock(found["last"], evening=False)
    if first is None or last is None:
        return None
    # "between 9 and 5" ends in the afternoon, "between 10pm and 9" the next morning.
    if last <= first < time(12) and "am" not in found["last"]:
        last = last.replace(hour=last.hour + 12)
    # "between 2 and 4" is the afternoon: nobody naps from 2am to 4am.
    if first.hour < 6 and last.hour < 12 and "am" not in found["first"] + found["last"]:
        first, last = first.replace(hour=first.hour + 12), last.replace(hour=last.hour + 12)
    return QuietHours(last, first) if wanted else QuietHours(first, last)


def _one_side(words: str, wanted: bool) -> QuietHours | None:
    after, before = _AFTER.search(words), _BEFORE.search(words)
    starts = _clock(after["at"], evening=True) if after else None
    ends = _clock(before["at"], evening=False) if before else None
    if starts is None and ends is None:
        return None
    return QuietHours(ends, starts) if wanted else QuietHours(starts, ends)


def _part_of_day(words: str, wanted: bool) -> QuietHours | None:
    for name, (begins, finishes) in PARTS_OF_DAY.items():
        if name not in words:
            continue
        if wanted or name == "daytime" or not _REFUSES.search(words):
            return QuietHours(finishes, begins)
        return {
            "morning": QuietHours(None, finishes),
            "evening": QuietHours(begins, None),
        }.get(name, QuietHours(begins, finishes))
    return None


def _other(words: str) -> QuietHours | None:
    if _LIFTS.search(words):
        return QuietHours(None, None)
    if _NIGHT.search(words):
        return QuietHours(NIGHT_STARTS, NIGHT_ENDS)
    return None


def _clock(words: str, *, evening: bool) -> time | None:
    """Return the time of day; `evening` says which half of the day a bare "9" belongs to."""
    words = words.strip()
    if words in {"midday", "noon"}:
        return time(12)
    if words == "midnight":
        return time(0)
    half = words.startswith("half")
    numbers = [int(number) for number in re.findall(r"\d+", words)]
    hour, minute = numbers[0], 30 if half else (numbers[1] if len(numbers) > 1 else 0)
    if "pm" in words and hour < 12:
        hour += 12
    elif "am" in words and hour == 12:
        hour = 0
    elif "am" not in words and evening and 1 <= hour < 12:
        hour += 12
    return time(hour, minute) if hour < 24 and minute < 60 else None
