"""Put a moment on the calendar and write it as ISO 8601 in the client's zone."""

from datetime import date, datetime, timedelta
from typing import Optional, Union

from nlu.components import times_calendar as calendar
from nlu.components.times_nodes import Clock, Day, Moment, Part, Range, Scene

NOON = 720
# Each value with the moment it starts at, so that a choice is given in order.
_Ordered = list[tuple[float, str]]


def minutes_of(clock: Clock, part: Optional[Part] = None) -> int:
    """Minutes from midnight; an hour that may be either half of the day is between 7:00 and 18:59."""
    hour = clock.hour
    if clock.half == "24":
        return hour * 60 + clock.minute
    half = clock.half
    if not half and part is not None:
        half = _half_in(hour % 12, part.name)
    if not half:
        half = "am" if 7 <= hour < 12 or hour == 0 else "pm"
    if hour == 12 and part is not None and not clock.half and part.name == "night":
        return 1440 + clock.minute
    return (hour % 12 + (12 if half == "pm" else 0)) * 60 + clock.minute


def _half_in(hour: int, part: str) -> str:
    if part in ("morning", "breakfast", "first thing"):
        return "am" if hour else "pm"
    if part == "night":
        return "pm" if hour >= 5 else "am"
    return "am" if part == "lunch" and hour == 11 else "pm"


def range_minutes(
    found: Range, part: Optional[Part] = None, quiet: bool = False
) -> tuple[Optional[int], Optional[int]]:
    """Both ends in minutes from midnight, above 1440 on the next day; `quiet` reads "9 to 8" as a night."""
    if found.start is None or found.end is None:
        side = found.start or found.end
        value = minutes_of(side, part) if side else 0
        if quiet and side and not side.half and found.start is not None and 5 <= side.hour <= 11:
            value = side.hour * 60 + NOON + side.minute  # nobody is quiet "after 9" in the morning
        if quiet and side and not side.half and found.end is not None and 5 <= side.hour <= 11:
            value = side.hour * 60 + side.minute
        return (value, None) if found.start is not None else (None, value)
    start, end = found.start, found.end
    last = minutes_of(end, part)
    if not start.half and end.half in ("am", "pm") and start.hour % 12 < end.hour % 12:
        start = Clock(start.hour, start.minute, end.half)
    first = minutes_of(start, part)
    if quiet and not start.half and not end.half and start.hour >= end.hour >= 6:
        return (start.hour % 12) * 60 + start.minute + NOON, (end.hour % 12) * 60 + end.minute + 1440
    if last <= first and not start.half and first >= NOON and last > first - NOON:
        first -= NOON
    if last <= first and not end.half and last + NOON > first:
        last += NOON
    if last <= first:
        last += 1440
    return first, last


def write(moment: datetime) -> str:
    """An instant to the second, with the offset of the client's zone."""
    return moment.replace(microsecond=0).isoformat()


def resolve(scene: Scene, moment: Moment) -> Union[str, tuple[str, ...], None]:
    """The value of a moment that comes once: one, several in order, or None where no such time exists."""
    values: _Ordered = []
    for one in [moment, *moment.others]:
        values.extend(_values(scene, one))
    texts = tuple(dict.fromkeys(text for _, text in sorted(values)))
    return None if not texts else texts[0] if len(texts) == 1 else texts


def _values(scene: Scene, moment: Moment) -> _Ordered:
    if moment.marker.startswith("same"):
        return [(0.0, moment.marker)]
    if moment.marker == "later today":
        return [_span(scene.now, calendar.instant(scene.today, 1440, scene.zone))]
    if moment.marker == "later":
        return [(0.0, write(scene.now) + "/..")]
    if moment.instant is not None:
        return [(moment.instant.timestamp(), write(moment.instant))]
    if (moment.clock and moment.clock.bad) or (moment.day and not moment.day.dates):
        return []
    values: _Ordered = []
    if moment.range:
        values += _range_values(scene, moment, moment.range)
    if moment.clock:
        values += _clock_values(scene, moment, moment.clock)
    elif moment.part and not moment.range:
        for first, last in moment.part.stretches:
            for day in _days(scene, moment, first if moment.part.unbegun else last):
                values.append(_stretch(scene, day, first, last))
    elif moment.day and not moment.range:
        values += _day_values(scene, moment.day)
    return values


def _span(first: datetime, last: datetime) -> tuple[float, str]:
    return first.timestamp(), f"{write(first)}/{write(last)}"


def _stretch(scene: Scene, day: date, first: int, last: int) -> tuple[float, str]:
    if last < first:
        last += 1440
    return _span(calendar.instant(day, first, scene.zone), calendar.instant(day, last, scene.zone))


def _days(scene: Scene, moment: Moment, minutes: int) -> list[date]:
    """The days of a moment; without a day, or on today's weekday, the next on which `minutes` is ahead."""
    ahead = calendar.instant(scene.today, minutes, scene.zone) > scene.now
    day = moment.day
    if day is None:
        return [scene.today if ahead else scene.today + calendar.DAY]
    if day.weekday is not None and not day.modifier and day.dates[0] == scene.today:
        return [day.dates[0] if ahead else day.dates[1]]
    if day.last is not None and day.last > day.dates[0]:
        count = (day.last - day.dates[0]).days + 1
        return (
            [day.dates[0] + timedelta(days=number) for number in range(count)]
            if count <= 7
            else [day.dates[0]]
        )
    return list(day.dates)


def _clock_values(scene: Scene, moment: Moment, clock: Clock) -> _Ordered:
    if clock.hour < 0:  # "quarter past"
        minutes = scene.now.hour * 60 + clock.minute
        if clock.minute <= scene.now.minute:
            minutes += 60
    else:
        minutes = minutes_of(clock, moment.part)
    values: _Ordered = []
    for day in _days(scene, moment, minutes):
        said = minutes
        passed = calendar.instant(day, minutes, scene.zone) <= scene.now
        if (
            passed
            and minutes < NOON
            and moment.day
            and moment.day.modifier == "today"
            and not (clock.half or moment.part)
        ):
            said = minutes + NOON  # "today at 7", said in the afternoon
        values += [(one.timestamp(), write(one)) for one in calendar.instants(day, said, scene.zone)]
    return values


def _range_values(scene: Scene, moment: Moment, found: Range) -> _Ordered:
    first, last = range_minutes(found, moment.part)
    opens, closes = moment.part.stretches[0] if moment.part else (0, 1440)
    start = min(opens, last or 0) if first is None else first
    end = max(closes, start) if last is None else last
    return [_stretch(scene, day, start, max(end, start)) for day in _days(scene, moment, end)]


def _day_values(scene: Scene, day: Day) -> _Ordered:
    last = day.last or day.dates[0]
    if day.bound == "after":
        return [(0.0, f"{last + calendar.DAY}/..")]
    if day.bound == "before":
        end = day.dates[0] - calendar.DAY
        return [(0.0, f"{scene.today}/{end}" if end >= scene.today else f"../{end}")]
    if day.last is not None and day.last > day.dates[0]:
        length = day.last - day.dates[0] if len(day.dates) == 1 else calendar.DAY
        return [(float(one.toordinal()), f"{one}/{one + length}") for one in day.dates]
    return [(float(one.toordinal()), one.isoformat()) for one in day.dates]
