"""Dates and holidays ("3/12", "the 3rd of dec", "boxing day", "in may")."""

import re
from datetime import date
from typing import Optional

from nlu.components import times_calendar as calendar
from nlu.components.times_nodes import Day, Scene
from nlu.components.times_words import FOLLOWERS, MONTHS, ORDINALS, PARTS, word_set

_ISO = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})")
_SLASHED = re.compile(r"(\d{1,2})[/-](\d{1,2})(?:[/-](\d{4}|\d{2}))?")
_DOTTED = re.compile(r"(\d{1,2})\.(\d{1,2})\.(\d{4}|\d{2})")
_ORDINAL = re.compile(r"(\d{1,2})(?:st|nd|rd|th)")
_YEAR = re.compile(r"(?:19|20)\d\d")
_NUMBER = re.compile(r"\d{1,2}")
# Some months are also people's names or verbs: without a day they need one of these words before them.
_MONTH_HELPERS = word_set(
    "in by until til till since of this next last from before after mid end start early late during nxt b4"
)
_JOINS = frozenset(("or", "and", "&", "/", "-", "–", "n"))
_PLACED = word_set("on for by from til till until")
_NOT_DATES = word_set("of an a day hour time hours star stars th tsp inch")


def read_date(scene: Scene, i: int, after_weekday: bool = False) -> "Optional[tuple[int, Day]]":
    """A date at word i in figures or with a month; days come before months, as in both countries."""
    words = scene.words
    word = words[i]
    found = _ISO.fullmatch(word)
    if found:
        return i + 1, _day(calendar.make_date(int(found.group(1)), int(found.group(2)), int(found.group(3))))
    found = _DOTTED.fullmatch(word) or _SLASHED.fullmatch(word)
    if found:
        return _figures(scene, i, found)
    if word in MONTHS:
        return _month_first(scene, i)
    step = i + (word in ("the", "da"))
    of_month = words[step] in ORDINALS and words[step + 1] == "of" and words[step + 2] in MONTHS
    number = _number_of_day(words[step], step > i or after_weekday or of_month)
    number = 2 if of_month and words[step] == "second" else number
    if not number:
        return None
    after = step + 1
    if (
        words[after] == "of"
        and words[after + 1] in ("the", "this", "next", "every")
        and words[after + 2] == "month"
    ):
        if words[after + 1] in ("the", "every"):
            return after + 3, _day(_next_with_number(scene.today, number))
        start = calendar.add_months(scene.today.replace(day=1), int(words[after + 1] == "next"))
        return after + 3, _day(calendar.make_date(start.year, start.month, number))
    month_at = after + (words[after] in ("of", "o", "-"))
    ordinal = bool(_ORDINAL.fullmatch(words[step]))
    if words[month_at] in MONTHS:
        verb = (
            words[month_at] == "may" and month_at == after and not ordinal and words[month_at + 1].isalpha()
        )
        if verb and words[month_at + 1] not in FOLLOWERS:
            return None
        return _with_year(scene, month_at + 1, number, MONTHS[words[month_at]])
    lent = _lent_month(scene, after) if ordinal or words[after] in ("-", "/") else 0
    if lent:
        return after, _day(calendar.coming(lent, number, scene.today))
    introduced = step > i or after_weekday or words[after] in ("at", "@") or (scene.count < 3 and number > 5)
    introduced = introduced or (i > 0 and words[i - 1] in _PLACED)
    introduced = introduced or (i > 1 and words[i - 1] in _JOINS and bool(_ORDINAL.fullmatch(words[i - 2])))
    if (ordinal and introduced) or (after_weekday and number > 12 and words[step].isdecimal()):
        return (after, _day(_next_with_number(scene.today, number))) if _closes(scene, after) else None
    return None


def _lent_month(scene: Scene, i: int) -> int:
    """The month of the next date, for the one before it: "7th or 8th dec", "1st and 2nd of december"."""
    words = scene.words
    if words[i] not in _JOINS:
        return 0
    step = i + 1 + (words[i + 1] == "the")
    month_at = step + 1 + (words[step + 1] == "of")
    return MONTHS.get(words[month_at], 0) if _number_of_day(words[step], False) else 0


def _closes(scene: Scene, after: int) -> bool:
    word = scene.words[after]
    return (
        word in FOLLOWERS
        or word in PARTS
        or word in MONTHS
        or word in ("@", "instead", "around", "about", "after", "before")
    )


def _number_of_day(word: str, introduced: bool) -> int:
    found = _ORDINAL.fullmatch(word)
    if found:
        return int(found.group(1))
    if _NUMBER.fullmatch(word):
        return int(word)
    return ORDINALS.get(word, 0) if introduced and word != "second" else 0


def _next_with_number(today: date, number: int) -> Optional[date]:
    for months in range(3):
        start = calendar.add_months(today.replace(day=1), months)
        day = calendar.make_date(start.year, start.month, number)
        if day and day >= today:
            return day
    return None


def _day(day: Optional[date]) -> Day:
    return Day((day,) if day else (), modifier="fixed")


def _figures(scene: Scene, i: int, found: "re.Match[str]") -> "Optional[tuple[int, Day]]":
    words = scene.words
    number, month, year = int(found.group(1)), int(found.group(2)), found.group(3)
    before = words[i - 1] if i else ""
    if before in ("£", "$", "€"):
        return None
    if year:
        full = int(year) if len(year) == 4 else 2000 + int(year)
        if full > scene.today.year + 20 and len(year) == 2:
            full -= 100  # a date of birth
        return i + 1, _day(calendar.make_date(full, month, number))
    if words[i + 1] in _NOT_DATES or not 1 <= number <= 31 or not 1 <= month <= 12:
        return None
    if words[i + 1] in MONTHS:  # "7/8 dec"
        both = [calendar.coming(MONTHS[words[i + 1]], one, scene.today) for one in (number, month)]
        return i + 2, Day(tuple(day for day in both if day), modifier="fixed")
    introduced = before in ("on", "by", "from", "until", "till", "til", "the", "before", "after", "for")
    if not introduced and (
        (number, month) in ((24, 7), (10, 10), (1, 2), (1, 1)) or (month == 10 and number < 11)
    ):
        return None  # always open, marks out of ten, a half
    return i + 1, _day(calendar.coming(month, number, scene.today))


def _with_year(scene: Scene, after: int, number: int, month: int) -> tuple[int, Day]:
    words = scene.words
    if _YEAR.fullmatch(words[after]):
        return after + 1, _day(calendar.make_date(int(words[after]), month, number))
    return after, _day(calendar.coming(month, number, scene.today))


def _month_first(scene: Scene, i: int) -> "Optional[tuple[int, Day]]":
    """ "dec 3rd", "march 3", or a whole month where a word before it says so."""
    words = scene.words
    month = MONTHS[words[i]]
    step = i + 1 + (words[i + 1] in ("the", "da"))
    number = _number_of_day(words[step], step > i + 1)
    ordinal = bool(_ORDINAL.fullmatch(words[step]))
    if number and (
        ordinal or (_closes(scene, step + 1) and words[step].isdecimal() and words[i] not in ("may",))
    ):
        return _with_year(scene, step + 1, number, month)
    before = words[i - 1] if i else ""
    if before not in _MONTH_HELPERS or (
        words[i] in ("may", "march") and words[i + 1] in ("be", "have", "not", "on")
    ):
        return None
    year, after = scene.today.year, i + 1
    if _YEAR.fullmatch(words[after]):
        year, after = int(words[after]), after + 1
    elif before == "last":
        year -= month >= scene.today.month
    elif month < scene.today.month or (before == "next" and month == scene.today.month):
        year += 1
    first = date(year, month, 1)
    return after, Day((first,), calendar.month_end(first), modifier="fixed")
