"""Ranges of the day: "between 10 and 12", "after 2", "before lunch", "9am-5pm"."""

from typing import Optional

from nlu.components.times_clock import read_clock, read_meal, read_part
from nlu.components.times_days import read_day
from nlu.components.times_nodes import Clock, Range, Scene
from nlu.components.times_words import NUMBERS

_AFTER = frozenset(("after", "past", "afta", "arfter", "since"))
_BEFORE = frozenset(("before", "b4", "befor"))
_BETWEEN = frozenset(("between", "btwn", "betwen", "btween", "inbetween", "from"))
_LINKS = frozenset(("and", "to", "-", "–", "—", "till", "til", "until", "&", "n"))

FoundRange = Optional[tuple[int, Range, Optional[Clock]]]


def read_range(scene: Scene, i: int, beside: bool) -> FoundRange:
    """A range at word i, and a clock if the words are also that ("10 to 12" is 11:50 too)."""
    words = scene.words
    word = words[i]
    if word in _AFTER or word in _BEFORE:
        return _one_sided(scene, i, word in _AFTER)
    if word in _BETWEEN:
        found = _two_sided(scene, i + 1)
        if found:
            return found[0], found[1], None
        if word == "from":
            start = read_clock(scene, i + 1, words[i + 2] in ("onwards", "", "on", "?", "."))
            if start and not start[1].bad and start[1].hour >= 0:
                return start[0] + (words[start[0]] in ("onwards", "on")), Range(start[1], None), None
        return None
    if not (word[:1].isdecimal() or word in NUMBERS or word in ("half", "quarter", "noon", "midday")):
        return None
    return _plain(scene, i, beside)


def _one_sided(scene: Scene, i: int, after: bool) -> FoundRange:
    words = scene.words
    step = i + 1 + (words[i + 1] in ("about", "around", "say", "like"))
    found = read_clock(scene, step, bare=True)
    if found:
        if found[1].bad or found[1].hour < 0:
            return None
        return found[0], Range(found[1], None) if after else Range(None, found[1]), None
    if words[i] == "past" or words[i] == "since":
        return None
    part = read_part(scene, step, beside=True)
    if part is None and words[step] == "tea":
        part = read_meal(scene, step)
    if part is None or words[i + 1] in ("night", "evening", "end", "first") or part[1].plural:
        return None
    first, last = part[1].stretches[0]
    edge = last if after else first
    clock = Clock(edge // 60, edge % 60, "24")
    return part[0], Range(clock, None) if after else Range(None, clock), None


def _edge(scene: Scene, i: int) -> "Optional[tuple[int, Clock]]":
    """A clock, or a number from 1 to 12 that a link or an end of the range makes an hour."""
    words = scene.words
    number = int(words[i]) if words[i].isdecimal() and len(words[i]) < 3 else NUMBERS.get(words[i], 0)
    if words[i + 1] in _LINKS and 1 <= number <= 12 and words[i] != "couple":
        return i + 1, Clock(number)
    found = read_clock(scene, i, bare=True)
    return found if found and found[1].hour >= 0 and not found[1].bad else None


def _two_sided(scene: Scene, i: int) -> "Optional[tuple[int, Range]]":
    start = _edge(scene, i)
    if start is None or scene.words[start[0]] not in _LINKS:
        return None
    end = read_clock(scene, start[0] + 1, bare=True)
    if end is None or end[1].bad or end[1].hour < 0:
        return None
    return end[0], Range(start[1], end[1])


def _plain(scene: Scene, i: int, beside: bool) -> FoundRange:
    """Two clocks and a link: only with a day beside, "til", or where one is plainly a time."""
    words = scene.words
    if i and words[i - 1] in ("£", "$", "€"):
        return None
    start = _edge(scene, i)
    if start is None or words[start[0]] not in _LINKS:
        return None
    link = words[start[0]]
    if link in ("and", "&", "n"):
        return None
    end = read_clock(scene, start[0] + 1, bare=True)
    if end is None or end[1].bad or end[1].hour < 0 or words[end[0]] in ("job", "jobs", "grind"):
        return None
    shown = bool(start[1].half or start[1].minute or ((end[1].half or end[1].minute) and link != "to"))
    follows = read_day(scene, end[0] + (words[end[0]] in ("on", ",")))
    if not (beside or follows or shown or link in ("till", "til", "until")):
        return None
    found = Range(start[1], end[1])
    if link == "to" and not shown and not start[1].half:
        # "5 to 3" is a time; "10 to 12" may be either.
        if words[i] in ("5", "20", "25", "five", "ten", "twenty", "half", "quarter"):
            return None
        if words[i] == "10":
            spoken = read_clock(scene, i)
            return end[0], found, spoken[1] if spoken else None
    return end[0], found, None
