"""What the readers find in a message, before it is put on the calendar."""

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Optional
from zoneinfo import ZoneInfo


@dataclass(frozen=True)
class Scene:
    """A split message and the moment and place it was written in."""

    words: list[str]
    count: int
    now: datetime
    today: date
    zone: ZoneInfo
    new_zealand: bool


@dataclass(frozen=True)
class Day:
    """Days that words name. No dates and no recurring days: the words name a day that does not exist."""

    dates: tuple[date, ...] = ()
    last: Optional[date] = None  # of a stretch that starts on dates[0]
    weekday: Optional[int] = None
    modifier: str = ""  # "": a plain weekday, which a time may roll on by a week
    recurring: tuple[int, ...] = ()
    bound: str = ""  # "after" or "before"


@dataclass(frozen=True)
class Clock:
    """A time on the clock; `half` is "am", "pm", "24" or "" (not said); hour -1 is the next such minute."""

    hour: int
    minute: int = 0
    half: str = ""
    bad: bool = False


@dataclass(frozen=True)
class Part:
    """A part of the day; more than one stretch where the region's words are open ("dinner time")."""

    name: str
    stretches: tuple[tuple[int, int], ...]
    plural: bool = False
    unbegun: bool = False  # "in the morning" is a morning that has not begun


@dataclass(frozen=True)
class Range:
    """From one time of the day to another; a side that is None is open."""

    start: Optional[Clock]
    end: Optional[Clock]


@dataclass
class Moment:
    """The pieces that stand together: a day, a part of the day, a clock or a range of it."""

    first: int
    after: int
    day: Optional[Day] = None
    part: Optional[Part] = None
    clock: Optional[Clock] = None
    range: Optional[Range] = None
    instant: Optional[datetime] = None
    marker: str = ""
    day_first: bool = False
    others: "list[Moment]" = field(default_factory=list)

    @property
    def empty(self) -> bool:
        """True while nothing has been read."""
        return not (self.day or self.part or self.clock or self.range or self.instant or self.marker)

    @property
    def recurring(self) -> bool:
        """True for "tuesdays", "mornings", "monday to friday"."""
        return bool((self.day and self.day.recurring) or (self.part and self.part.plural))


@dataclass(frozen=True)
class Length:
    """A length of time: an ISO 8601 duration and the amounts behind it."""

    iso: str
    minutes: int = 0
    days: int = 0
    months: int = 0
