"""Weekends, weeks, months and the edges of them ("early next week", "end of the month")."""

from datetime import date, timedelta
from typing import Optional

from nlu.components import times_calendar as calendar
from nlu.components.times_dates import read_date
from nlu.components.times_nodes import Day, Scene
from nlu.components.times_words import LAST, MONTHS, NEXT, THIS, weekday_of, word_set

Found = Optional[tuple[int, Day]]
EDGES = word_set("start beginning begining begin end middle mid early late later first")


def weekend(scene: Scene, weeks: int) -> Day:
    """The coming or running weekend, or one some weeks on."""
    saturday = scene.today + timedelta(days=(5 - scene.today.weekday()) % 7)
    if scene.today.weekday() == 6:
        saturday -= timedelta(days=7)
    saturday += timedelta(days=7 * weeks)
    return Day((saturday,), saturday + calendar.DAY, modifier="fixed")


def stretch(scene: Scene, i: int) -> "Optional[tuple[int, date, date]]":
    """The week or month that "(the) (this|next|last) week|month|december" at word i names."""
    words = scene.words
    step = i + (words[i] in ("the", "da"))
    shift = 0
    if words[step] in NEXT or words[step] in THIS or words[step] in LAST:
        shift = 1 if words[step] in NEXT else -1 if words[step] in LAST else 0
        step += 1
    if words[step] in ("week", "wk"):
        monday = scene.today + timedelta(days=7 * shift - scene.today.weekday())
        return step + 1, monday, monday + timedelta(days=6)
    if words[step] in ("month", "mnth"):
        first = calendar.add_months(scene.today.replace(day=1), shift)
        return step + 1, first, calendar.month_end(first)
    if words[step] in ("year", "yr"):
        return step + 1, date(scene.today.year + shift, 1, 1), date(scene.today.year + shift, 12, 31)
    if step and words[step] in MONTHS:
        found = read_date(scene, step)
        if found and found[1].last:
            return found[0], found[1].dates[0], found[1].last
    return None


def edge(scene: Scene, i: int) -> Found:
    """ "end of the week", "early next week", "first week of december", "later this week"."""
    words = scene.words
    word, step = words[i], i + 1
    if word == "first":
        if words[step] != "week" or words[step + 1] not in ("of", "in"):
            return None
        step += 1
    step += words[step] in ("of", "in")
    if word == "later" and words[step] not in THIS:
        return None
    found = stretch(scene, step)
    if found is None or (words[step] == "week" and word in ("first",)):
        return None
    after, first, last = found
    week = (last - first).days == 6
    if word in ("end", "late"):
        first, last = (
            (first + timedelta(days=3), first + timedelta(days=4))
            if week
            else (last - timedelta(days=6), last)
        )
    elif word in ("middle", "mid"):
        first, last = (
            (first + timedelta(days=1), first + timedelta(days=3))
            if week
            else (first.replace(day=11), first.replace(day=20))
        )
    elif word == "later":
        first = min(scene.today + calendar.DAY, last)
    else:
        last = first + timedelta(days=1 if week else 6)
    return after, Day((first,), last, modifier="fixed")


def of_month(scene: Scene, i: int) -> Found:
    """ "last friday of the month", "first monday of december"."""
    words = scene.words
    weekday = weekday_of(words[i + 1], scene.new_zealand)
    if weekday is None or words[i] not in ("first", "last") or words[i + 2] not in ("of", "in"):
        return None
    found = stretch(scene, i + 3)
    if found is None or found[1].day != 1:
        return None
    which = 1 if words[i] == "first" else -1
    day = calendar.nth_weekday(found[1].year, found[1].month, weekday, which)
    if day < scene.today:
        following = calendar.add_months(found[1], 1)
        day = calendar.nth_weekday(following.year, following.month, weekday, which)
    return found[0], Day((day,), modifier="fixed")
