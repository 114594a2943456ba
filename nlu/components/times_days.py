"""Days as people name them: "monday week", "next tuesday", "in a fortnight", "every friday"."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Optional, Union

from nlu.components import times_calendar as calendar
from nlu.components.times_dates import read_date
from nlu.components.times_holidays import HOLIDAY_STARTS, read_holiday
from nlu.components.times_lengths import read_shift
from nlu.components.times_nodes import Day, Scene
from nlu.components.times_stretches import EDGES, edge, of_month, stretch, weekend
from nlu.components.times_weekdays import later, on_weekday, surely_a_day
from nlu.components.times_words import (
    COMING,
    DOUBTFUL_WEEKDAYS,
    EVERY,
    FOLLOWERS,
    LAST,
    MONTHS,
    NEXT,
    ORDINALS,
    PARTS,
    PLURAL_WEEKDAYS,
    THIS,
    TODAY,
    TOMORROW,
    WEEK,
    YESTERDAY,
    weekday_of,
)

Found = Optional[tuple[int, Day]]
ALL_WEEK = (0, 1, 2, 3, 4, 5, 6)
WORKING_WEEK = ALL_WEEK[:5]
WEEKEND = ALL_WEEK[5:]
_WEEKEND_WORDS = frozenset(("weekend", "wkend", "wknd", "weekened", "wend"))
_WEEKENDS = frozenset(("weekends", "wkends", "wknds"))


def read_day(scene: Scene, i: int) -> "Optional[tuple[int, Union[Day, datetime]]]":
    """A day, days or (after "in") an instant at word i."""
    words = scene.words
    word = words[i]
    if word == "the":
        return _after_article(scene, i)
    if word in TODAY and words[i + 1] in ("week", "wk"):
        return _one(i + 2, scene.today + timedelta(days=7))
    if (
        word == "a"
        and i
        and words[i - 1] == "on"
        and weekday_of(words[i + 1]) is not None
        and words[i + 2] not in WEEK
    ):
        return i + 2, Day(recurring=(weekday_of(words[i + 1]) or 0,))
    if word in TODAY:
        return i + 1, Day((scene.today,), modifier="today")
    if word in TOMORROW:
        return _one(i + 1, scene.today + timedelta(days=1))
    if word in YESTERDAY:
        return _one(i + 1, scene.today - timedelta(days=1))
    if word == "day":
        return _day_beside(scene, i)
    if word in WEEK or word in ("a", "one", "two", "three", "1", "2", "3", "fortnight"):
        if words[i + 1] == "after" and words[i + 2] in NEXT and word in WEEK:
            return _after_article(scene, i - 1)
        found = _weeks_on(scene, i)
        if found:
            return found
    if (
        word in ("during", "thru")
        or word in EVERY
        or word in _WEEKENDS
        or word in ("weekday", "weekdays")
        or word in PLURAL_WEEKDAYS
    ):
        return _recurring(scene, i)
    if word in ORDINALS and words[i + 1] == "of":
        return read_date(scene, i)
    if word in EDGES:
        return of_month(scene, i) or edge(scene, i)
    if word in _WEEKEND_WORDS:
        return i + 1, weekend(scene, 0)
    if word in NEXT or word in THIS or word in LAST or word in COMING:
        return _modified(scene, i)
    if word in HOLIDAY_STARTS:
        found = read_holiday(scene, i)
        if found:
            return found
    if (
        word == "in"
        or word[:1].isdecimal()
        or word in ("half", "couple", "a", "an", "one", "two", "three", "four", "six")
    ):
        shift = read_shift(scene, i)
        if shift:
            return shift
    if word[:1].isdecimal() or word in MONTHS:
        return read_date(scene, i)
    weekday = weekday_of(word, scene.new_zealand)
    if weekday is None or (word in DOUBTFUL_WEEKDAYS and not surely_a_day(scene, i)):
        return None
    return _weekday(scene, i, weekday)


def _one(after: int, day: date) -> "tuple[int, Day]":
    return after, Day((day,), modifier="fixed")


def _after_article(scene: Scene, i: int) -> "Optional[tuple[int, Union[Day, datetime]]]":
    words = scene.words
    following = words[i + 1]
    if following in ("week", "wk") and words[i + 2] == "after" and words[i + 3] in NEXT:
        monday = scene.today - timedelta(days=scene.today.weekday()) + timedelta(days=14)
        return i + 4, Day((monday,), monday + timedelta(days=6), modifier="fixed")
    if (
        following == "day"
        or following in EDGES
        or following in NEXT
        or following in HOLIDAY_STARTS
        or following in COMING
    ):
        return read_day(scene, i + 1)
    if following in _WEEKEND_WORDS:
        return i + 2, weekend(scene, 0)
    found = read_date(scene, i)
    if found:
        return found
    weekday = weekday_of(following)
    if weekday is not None and following not in DOUBTFUL_WEEKDAYS and words[i + 2] in FOLLOWERS:
        return _weekday(scene, i + 1, weekday)
    return None


def _day_beside(scene: Scene, i: int) -> Found:
    """ "day after tomorrow", "day before boxing day"."""
    words = scene.words
    if words[i + 1] not in ("after", "before"):
        return None
    found = read_day(scene, i + 2)
    if found is None or not isinstance(found[1], Day) or not found[1].dates:
        return None
    days = found[1].dates
    shift = calendar.DAY if words[i + 1] == "after" else -calendar.DAY
    return found[0], Day(tuple(day + shift for day in days), modifier="fixed")


def _weeks_on(scene: Scene, i: int) -> Found:
    """ "a week on monday", "week tomorrow", "two weeks on friday", "a fortnight today"."""
    words = scene.words
    counts = {"a": 1, "one": 1, "1": 1, "two": 2, "2": 2, "three": 3, "3": 3}
    step, weeks = i, 1
    if words[i] in counts:
        step, weeks = i + 1, counts[words[i]]
    if words[step] in ("fortnight", "fornight"):
        weeks *= 2
    elif words[step] not in WEEK:
        return None
    step += 1
    if words[step] in ("on", "from", "come"):
        step += 1
    if words[step] in TODAY:
        return _one(step + 1, scene.today + timedelta(days=7 * weeks))
    if words[step] in TOMORROW:
        return _one(step + 1, scene.today + timedelta(days=7 * weeks + 1))
    weekday = weekday_of(words[step], scene.new_zealand)
    if weekday is None:
        return None
    return step + 1, later(on_weekday(scene, weekday), 7 * weeks)


def _recurring(scene: Scene, i: int) -> Found:
    words = scene.words
    word = words[i]
    if word in ("during", "thru"):
        return (i + 3, Day(recurring=WORKING_WEEK)) if words[i + 1 : i + 3] == ["the", "week"] else None
    step = i + 1
    if word in EVERY:
        word, step = words[i + 1], i + 2
        if word in ("day",):
            return step, Day(recurring=ALL_WEEK)
        if word in PARTS and word not in ("eve",):
            return i + 1, Day(recurring=ALL_WEEK)
    if word in _WEEKENDS or (word in _WEEKEND_WORDS and step == i + 2):
        return step, Day(recurring=WEEKEND)
    if word in ("weekday", "weekdays"):
        return step, Day(recurring=WORKING_WEEK)
    if word in ("suns", "sats", "mons"):
        return None
    weekday = PLURAL_WEEKDAYS.get(word)
    if weekday is None and step == i + 2:
        weekday = weekday_of(word, scene.new_zealand)
    return (step, Day(recurring=(weekday,))) if weekday is not None else None


def _modified(scene: Scene, i: int) -> "Optional[tuple[int, Union[Day, datetime]]]":
    words = scene.words
    word, step = words[i], i + 1
    if words[step] in COMING:
        word, step = "coming", step + 1
    modifier = "next" if word in NEXT else "this" if word in THIS else "last" if word in LAST else "coming"
    if words[step] in _WEEKEND_WORDS:
        if modifier == "next":
            this, following = weekend(scene, 0), weekend(scene, 1)
            return step + 1, replace(following, dates=(this.dates[0], following.dates[0]))
        return step + 1, weekend(scene, -1 if modifier == "last" else 0)
    if words[step] in HOLIDAY_STARTS:
        return read_holiday(scene, step)
    found = of_month(scene, i)
    if found:
        return found
    weekday = weekday_of(words[step], scene.new_zealand)
    if weekday is not None and not (words[step] == "sun" and modifier != "next" and words[step + 1] == "is"):
        return _weekday(scene, step, weekday, modifier)
    if modifier == "coming" or (
        modifier == "last" and words[step] in ("year", "yr") and words[step + 1] == "of"
    ):
        return None
    days = stretch(scene, i)
    if days is None:
        return None
    step = days[0] + (words[days[0]] in ("on", ","))
    weekday = weekday_of(words[step], scene.new_zealand)
    if weekday is not None and modifier in ("next", "this") and words[days[0] - 1] in ("week", "wk"):
        return step + 1, on_weekday(scene, weekday, modifier + " week")
    dated = read_date(scene, step, after_weekday=True) if words[days[0] - 1] == "month" else None
    if dated and dated[1].dates and not dated[1].last:
        day = calendar.make_date(days[1].year, days[1].month, dated[1].dates[0].day)
        return dated[0], Day((day,) if day else (), modifier="fixed")
    return days[0], Day((days[1],), days[2], modifier="fixed")


def _weekday(scene: Scene, i: int, weekday: int, modifier: str = "") -> "tuple[int, Union[Day, datetime]]":
    """A weekday and what stands after it: "week", "next week", a date."""
    words = scene.words
    after = i + 1
    if i and words[i - 1] == "since" and not modifier:
        modifier = "last"
    if words[after] in ("week", "wk") and words[after + 1] not in ("after",):
        return after + 1, later(on_weekday(scene, weekday), 7)
    if words[after] == "after" and words[after + 1] in NEXT:
        return after + 2, later(on_weekday(scene, weekday, "coming"), 7)
    if words[after] in ("fortnight", "fornight"):
        return after + 1, later(on_weekday(scene, weekday), 14)
    step = after + (words[after] in ("of", "in"))
    if words[step] in ("the", "da") and words[step + 1] in ("week", "wk") and words[step + 2] == "after":
        skip = 4 if words[step + 3] in NEXT else 3
        return step + skip, on_weekday(scene, weekday, "week after next" if skip == 4 else "next week")
    if words[step + 1] in ("week", "wk"):
        for group, name in ((NEXT, "next week"), (THIS, "this week"), (LAST, "last week")):
            if words[step] in group:
                return step + 2, on_weekday(scene, weekday, name)
    step = after + (words[after] in (",", "on"))
    dated = read_date(scene, step, after_weekday=True)
    if dated and not dated[1].last:
        return dated[0], _agreed(scene, weekday, dated[1], words[dated[0] - 1])
    return after, on_weekday(scene, weekday, modifier)


def _agreed(scene: Scene, weekday: int, dated: Day, last_word: str) -> Day:
    """A weekday with a date; both readings where they do not agree, so that the bot asks."""
    if not dated.dates or dated.dates[0].weekday() == weekday:
        return dated
    day = dated.dates[0]
    if last_word[:1].isdecimal() and "/" not in last_word:  # no month: a later month may agree
        for months in (1, 2):
            other = calendar.make_date(
                *calendar.add_months(day.replace(day=1), months).timetuple()[:2], day.day
            )
            if other and other.weekday() == weekday:
                return Day((other,), modifier="fixed")
    near = day + timedelta(days=(weekday - day.weekday() + 3) % 7 - 3)
    return Day(tuple(sorted((day, near))) if near >= scene.today else (day,), modifier="fixed")
