"""Read days, times and durations in what clients of England and New Zealand write.

Values are ISO 8601 in the client's zone: an instant "2026-11-26T14:30:00+00:00", a day "2026-11-26", days
"2026-11-28/2026-11-29" (both included), a stretch of instants, a duration "PT30M"; a side of ".." is open.
"same_time" and "same_day" are left for the dialogue. Several values, in order, where the words leave it open;
None for a time that does not exist ("31 feb"). A wall clock that daylight saving skips is moved on by the
gap; one that comes twice gives both.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Optional, Union
from zoneinfo import ZoneInfo

from nlu.components.times_lengths import read_length
from nlu.components.times_limits import read_limit
from nlu.components.times_moments import read_moments
from nlu.components.times_nodes import Moment, Scene
from nlu.components.times_resolve import resolve
from nlu.components.times_starts import may_start, stands_out
from nlu.components.times_tokens import Words, split_words

TimeValue = Union[str, tuple[str, ...], None]
# More times than a person names in one message; what comes after is not read, which keeps any text cheap.
MOST_MENTIONS = 16
_MOST_TRIES = 80
_STOPS = frozenset((".", "?", "!", "\n", "but", ";"))
_NEW_ZEALAND = ("nz", "new", "aotearoa")


@dataclass(frozen=True)
class TimeMention:
    """Words of a message that name a time: `kind` is "time", "duration", "quiet_time" or "recurring"."""

    start: int
    end: int
    text: str
    value: TimeValue
    kind: str = "time"


def read_times(text: str, now: datetime, timezone: str, region: str) -> list[TimeMention]:
    """Every time that the text names, as meant at the aware moment `now` in the IANA zone `timezone`.

    `region` is "england" or "nz" ("new_zealand" too): a few words depend on it ("dinner time", holidays).
    Raises ValueError for a naive `now`, ZoneInfoNotFoundError for an unknown zone; never because of a text.
    """
    if now.tzinfo is None:
        raise ValueError("now must be an aware datetime")
    zone = ZoneInfo(timezone)
    local = now.astimezone(zone)
    found = split_words(text)
    scene = Scene(
        found.words, found.count, local, local.date(), zone, region.lower().startswith(_NEW_ZEALAND)
    )
    mentions: list[TimeMention] = []
    dated: Optional[Moment] = None
    at = tries = 0
    while at < found.count and len(mentions) < MOST_MENTIONS and tries < _MOST_TRIES:
        if not may_start(scene, at):
            at += 1
            continue
        tries += 1
        moment = read_moments(scene, at)
        if moment is not None and stands_out(scene, moment):
            _carry_day(scene, dated, moment)
            limit = read_limit(scene, moment)
            if limit is None:
                mentions.append(
                    _mention(text, found, moment.first, moment.after, resolve(scene, moment), "time")
                )
                dated = moment if moment.day else dated
            elif limit[0] != "none":
                mentions.append(_mention(text, found, max(limit[2], at), limit[3], limit[1], limit[0]))
            at = max(moment.after, at + 1)
            continue
        length = read_length(scene, at)
        if length is not None:
            mentions.append(_mention(text, found, at, length[0], length[1].iso, "duration"))
            at = length[0]
            continue
        at += 1
    return mentions


def _carry_day(scene: Scene, dated: Optional[Moment], moment: Moment) -> None:
    """ "start 7.30am monday finish 3pm": a clock without a day keeps the one day of its sentence."""
    if dated is None or dated.day is None or moment.day or not (moment.clock or moment.range):
        return
    day = dated.day
    if (
        moment.others
        or dated.others
        or day.last
        or day.bound
        or len(day.dates) != 1
        or day.dates[0] < scene.today
    ):
        return
    stops = _STOPS if dated.clock or dated.range else _STOPS | {","}
    if stops.isdisjoint(scene.words[dated.after : moment.first]):
        moment.day = day


def _mention(text: str, found: Words, first: int, after: int, value: TimeValue, kind: str) -> TimeMention:
    start, end = found.starts[first], found.ends[min(after, found.count) - 1]
    return TimeMention(start, end, text[start:end], value, kind)
