"""Lengths of time ("2 weeks") and what is counted with them ("in a fortnight", "2 days ago")."""

import re
from datetime import datetime, timedelta
from typing import Optional, Union

from nlu.components.times_calendar import add_months
from nlu.components.times_nodes import Day, Length, Scene
from nlu.components.times_words import NUMBERS, UNITS, WEEKDAYS, word_set

_JOINED = re.compile(r"(\d{1,3}(?:\.\d{1,2})?)([a-z]+)")
_AMOUNT = re.compile(r"\d{1,3}(?:\.\d{1,2})?")
# "an hour" is a length after these words; after others it is a rate ("£12 an hour") or talk ("what a week").
_BEFORE_A = frozenset(["", ".", ",", "!", "?", "\n", "("]) | word_set(
    "for in takes take took about within another over under nearly almost off wait after half was is "
    "lasts lasted only like give last with least than been its need around every by approx roughly and "
    "says said just"
)
_PER = frozenset(("a", "an", "per", "each", "every", "pw", "p", "/", "weekly", "pm", "old", "week", "wk"))
_AFTER_ENDS = frozenset(("time", "times", "off", "ago", "from", "later"))
_COUNTED_FROM = frozenset(("in", "for", "after", "within", "another"))
_IDIOMS = frozenset(("D", "M"))  # "a day", "a minute" are mostly talk


def make_length(amount: float, unit: str) -> Optional[Length]:
    """A duration of so many units; hours and minutes together, weeks apart from days as people say them."""
    if unit == "F":
        amount, unit = amount * 2, "W"
    if amount <= 0:
        return None
    if unit in ("H", "M"):
        minutes = round(amount * (60 if unit == "H" else 1))
        hours, rest = divmod(minutes, 60) if unit == "H" else (0, minutes)
        return (
            Length("PT" + (f"{hours}H" if hours else "") + (f"{rest}M" if rest else ""), minutes)
            if minutes
            else None
        )
    if amount != int(amount):
        if unit == "Y" and amount * 12 == int(amount * 12):
            amount, unit = amount * 12, "MO"
        elif unit == "W" and amount * 7 == int(amount * 7):
            amount, unit = amount * 7, "D"
        else:
            return Length(
                f"P{amount:g}{unit[0]}", days=round(amount * {"D": 1, "W": 7, "MO": 30, "Y": 365}[unit])
            )
    count = int(amount)
    if unit == "D":
        return Length(f"P{count}D", days=count)
    if unit == "W":
        return Length(f"P{count}W", days=7 * count)
    return Length(f"P{count}{unit[0]}", months=count * (12 if unit == "Y" else 1))


def _unit(word: str) -> str:
    return UNITS.get(word, "")


def _half_after(scene: Scene, i: int) -> bool:
    return scene.words[i] == "and" and scene.words[i + 1] == "a" and scene.words[i + 2] == "half"


def read_length(scene: Scene, i: int) -> "Optional[tuple[int, Length]]":
    """A length that starts at word i, and the word after it."""
    words = scene.words
    word = words[i]
    found: "Optional[tuple[int, float, str]]" = None
    joined = _JOINED.fullmatch(word)
    if joined and _unit(joined.group(2)):
        found = i + 1, float(joined.group(1)), _unit(joined.group(2))
    elif _AMOUNT.fullmatch(word) or (word in NUMBERS and word != "couple"):
        found = _counted(scene, i, float(NUMBERS.get(word, 0) or word))
    elif word in ("a", "an", "couple", "half", "fortnight", "three", "quarter"):
        found = _worded(scene, i)
    if found is None:
        return None
    after, amount, unit = found
    if words[after] in _PER and words[after + 1] not in ("way", "half", "time"):
        return None
    if words[i - 1] in ("£", "$", "€") if i else False:
        return None
    if unit == "H" and amount == int(amount):
        after, amount = _and_minutes(scene, after, amount)
    length = make_length(amount, unit)
    return (after, length) if length else None


def _counted(scene: Scene, i: int, amount: float) -> "Optional[tuple[int, float, str]]":
    words = scene.words
    if words[i + 1] in ("or", "-", "–", "to") and _AMOUNT.fullmatch(words[i + 2]) and _unit(words[i + 3]):
        return None  # "2 or 3 weeks" is no one length
    if _half_after(scene, i + 1) and _unit(words[i + 4]):
        return i + 5, amount + 0.5, _unit(words[i + 4])
    step = i + 1
    if words[step] == "more" or (words[step] in ("full", "whole", "working") and _unit(words[step + 1])):
        step += 1
    unit = _unit(words[step])
    if not unit or (unit == "D" and words[i] == "one" and (i == 0 or words[i - 1] not in _COUNTED_FROM)):
        return None  # "one day" is mostly some day
    if _half_after(scene, step + 1):
        return step + 4, amount + 0.5, unit
    return step + 1, amount, unit


def _worded(scene: Scene, i: int) -> "Optional[tuple[int, float, str]]":
    words = scene.words
    word, following = words[i], words[i + 1]
    start = i + 1 if word in ("a", "an") else i
    before = words[i - 1] if i else ""
    if words[start] == "couple":
        step = start + 2 if words[start + 1] in ("of", "o") else start + 1
        return (step + 1, 2.0, _unit(words[step])) if _unit(words[step]) else None
    if words[start] == "half":
        step = start + 2 if words[start + 1] in ("an", "a") else start + 1
        if _unit(words[step]) in ("H", "Y"):
            return step + 1, 0.5, _unit(words[step])
        return None
    if words[start] == "quarter" and words[start + 1] == "of" and _unit(words[start + 3]) == "H":
        return start + 4, 0.25, "H"
    if words[start] == "fortnight":
        return start + 1, 1.0, "F"
    if word not in ("a", "an") or not _unit(following):
        return None
    unit = _unit(following)
    if _half_after(scene, i + 2) and before not in ("£",):
        return i + 5, 1.5, unit
    if before not in _BEFORE_A and words[i + 2] not in _AFTER_ENDS:
        return None
    if unit in _IDIOMS and (before not in _COUNTED_FROM or unit == "M"):
        return None
    return i + 2, 1.0, unit


def _and_minutes(scene: Scene, after: int, hours: float) -> tuple[int, float]:
    step = after + 1 if scene.words[after] == "and" else after
    minutes = _AMOUNT.fullmatch(scene.words[step])
    joined = _JOINED.fullmatch(scene.words[step])
    if minutes and _unit(scene.words[step + 1]) == "M":
        return step + 2, hours + float(minutes.group()) / 60
    if joined and _unit(joined.group(2)) == "M":
        return step + 1, hours + float(joined.group(1)) / 60
    if scene.words[after] in ("15", "20", "30", "45") and scene.words[after + 1] in ("", ".", "!", ","):
        return after + 1, hours + int(scene.words[after]) / 60  # "1hr 30"
    return after, hours


def read_shift(scene: Scene, i: int) -> "Optional[tuple[int, Union[Day, datetime]]]":
    """What is counted from now: a day for days and longer, an instant for hours and minutes."""
    words = scene.words
    if words[i] == "in":
        if words[i + 1] == "the" and words[i + 2] == "next":
            return None
        found = read_length(scene, i + 1)
        if found is None:
            return _bare_minutes(scene, i)
        after, length = found
        if words[after] in ("time", "times"):
            after += 1
        elif words[after] in WEEKDAYS or words[after] in ("experience", "a", "prison", "hospital"):
            return None
        return _shifted(scene, after, length, 1)
    found = read_length(scene, i)
    if found is None:
        return None
    after, length = found
    if words[after] == "ago":
        return _shifted(scene, after + 1, length, -1)
    if words[after] == "time" and words[after + 1] != "off":
        return _shifted(scene, after + 1, length, 1)
    if words[after] == "from" and words[after + 1] in ("now", "today"):
        return _shifted(scene, after + 2, length, 1)
    return None


def _bare_minutes(scene: Scene, i: int) -> "Optional[tuple[int, Union[Day, datetime]]]":
    # "call me back in 15": minutes, if nothing that could be counted follows.
    words = scene.words
    if words[i + 1] in ("5", "10", "15", "20", "25", "30", "40", "45") and words[i + 2] in (
        "",
        ".",
        "!",
        "?",
        "\n",
        ",",
    ):
        return _shifted(scene, i + 2, Length("", int(words[i + 1])), 1)
    return None


def _shifted(
    scene: Scene, after: int, length: Length, sign: int
) -> "Optional[tuple[int, Union[Day, datetime]]]":
    try:
        if length.minutes:
            # Hours and minutes run on through a change of the clocks; days keep to the calendar.
            exact = scene.now.replace(second=0, microsecond=0).timestamp() + sign * 60 * length.minutes
            return after, datetime.fromtimestamp(exact, scene.zone)
        if length.months:
            return after, Day((add_months(scene.today, sign * length.months),), modifier="fixed")
        return after, Day((scene.today + timedelta(days=sign * length.days),), modifier="fixed")
    except (OverflowError, ValueError, OSError):
        return None  # beyond the calendar
