"""Times on the clock and parts of the day ("half 3", "quarter to 9", "2.30", "10ish", "arvo")."""

import re
from typing import Optional

from nlu.components.times_nodes import Clock, Part, Scene
from nlu.components.times_words import (
    FOLLOWERS,
    MEALS,
    NARROWED,
    NUMBERS,
    PARTS,
    PLURAL_PARTS,
    THIS,
    TODAY,
    TOMORROW,
    TONIGHT,
    UNITS,
    WEEKDAYS,
    word_set,
)

_MERIDIEM = re.compile(r"(\d{1,4})(?:[:.](\d{1,2}))?\s?([ap])\.?m\.?")
_DIGITAL = re.compile(r"(\d{1,2}):(\d{2})(?::\d{2})?(?:ish|hrs|h)?")
_DOTTED = re.compile(r"(\d{1,2})[.](\d{2})(?:ish)?")
_MILITARY = re.compile(r"([01]\d|2[0-3])([0-5]\d)(hrs|h)?")
_BARE = re.compile(r"(\d{1,2})(ish)?")
_MINUTES = {
    "5": 5,
    "10": 10,
    "20": 20,
    "25": 25,
    "five": 5,
    "ten": 10,
    "twenty": 20,
    "quarter": 15,
    "half": 30,
}
_BEFORE_HOUR = frozenset(("to", "till", "til", "of"))
_AFTER_HOUR = frozenset(("past", "after", "gone"))
_MONEY = frozenset(("£", "$", "€"))
_NOON = frozenset(("noon", "midday", "noontime", "middday", "noonish", "middayish"))


def _hour(word: str) -> int:
    """The hour from 1 to 12 that a word names, or 0."""
    found = _BARE.fullmatch(word)
    number = int(found.group(1)) if found else NUMBERS.get(word, 0)
    return number if 1 <= number <= 12 and word != "couple" else 0


def _counts(scene: Scene, i: int) -> bool:
    """True if what follows makes the number before it a count and not an hour."""
    word = scene.words[i]
    return not (
        word in FOLLOWERS
        or word in PARTS
        or word in TONIGHT
        or word in TOMORROW
        or word in TODAY
        or word in WEEKDAYS
    )


def read_clock(scene: Scene, i: int, bare: bool = False) -> "Optional[tuple[int, Clock]]":
    """A time of the clock at word i; `bare` allows a number that only its neighbours make an hour."""
    words = scene.words
    word = words[i]
    if i and words[i - 1] in _MONEY:
        return None
    if word in _NOON or (word == "mid" and words[i + 1] == "day"):
        return i + (2 if word == "mid" else 1), Clock(12, half="24")
    if word == "midnight":
        return i + 1, Clock(24, half="24")
    if word in _MINUTES or (word == "twenty" and words[i + 1] == "five"):
        found = _spoken(scene, i)
        if found:
            return found
    if word[:1].isdecimal():
        found = _written(scene, i, bare)
        if found:
            return found
    return _bare_hour(scene, i, bare)


def _spoken(scene: Scene, i: int) -> "Optional[tuple[int, Clock]]":
    """ "half two", "half past", "quarter to 9", "20 past 1", "twenty five to 3"."""
    words = scene.words
    minutes, step = _MINUTES.get(words[i], 0), i + 1
    if words[i] == "twenty" and words[step] == "five":
        minutes, step = 25, step + 1
    step += words[step] == "-" and words[step + 1] == "past"
    hourless = not _hour(words[step + 1]) and not _MERIDIEM.fullmatch(words[step + 1])
    if words[i] in ("half", "quarter") and words[step] in _AFTER_HOUR and hourless:
        after_ok = words[step] == "past" and words[step + 1] in FOLLOWERS
        return (step + 1, Clock(-1, minutes)) if after_ok else None
    if words[i] == "half":
        step += words[step] == "past"
        found = _MERIDIEM.fullmatch(words[step])
        hour = int(found.group(1)) if found and not found.group(2) else _hour(words[step])
        if not 1 <= hour <= 12 or words[step + 1] in UNITS or words[step + 1] in ("of", "thirds"):
            return None
        return step + 1, Clock(hour, 30, (found.group(3) + "m") if found else "")
    if words[step] in ("mins", "minutes", "min"):
        step += 1
    said = words[step]
    # "10 to 12" without a word is as likely the two ends of a stretch: times_moments reads that first.
    found = _MERIDIEM.fullmatch(words[step + 1])
    hour = (
        int(found.group(1))
        if found and len(found.group(1)) < 3 and not found.group(2)
        else _hour(words[step + 1])
    )
    if not 1 <= hour <= 12 or words[step + 2] in UNITS or words[step + 2] in ("jobs", "people", "of"):
        return None
    half = (found.group(3) + "m") if found else ""
    if said in _BEFORE_HOUR:
        hour = hour - 1 or 12
        if half and hour == 11:
            half = "am" if half == "pm" else "pm"
        return step + 2, Clock(hour, 60 - minutes, half)
    if said in _AFTER_HOUR:
        return step + 2, Clock(hour, minutes, half)
    return None


def _written(scene: Scene, i: int, bare: bool) -> "Optional[tuple[int, Clock]]":
    words = scene.words
    word = words[i]
    found = _MERIDIEM.fullmatch(word)
    if found:
        hour, minute, half = found.group(1), found.group(2), found.group(3) + "m"
        if len(hour) > 2:  # 230pm
            if minute:
                return None
            hour, minute = hour[:-2], hour[-2:]
        return i + 1, _checked(int(hour), int(minute or 0), half)
    found = _DIGITAL.fullmatch(word)
    if found:
        hour, minute = int(found.group(1)), int(found.group(2))
        if words[i + 1] in ("am", "pm"):
            return i + 2, _checked(hour, minute, words[i + 1])
        return i + 1, _checked(hour, minute, "24" if hour > 12 or hour == 0 or word[0] == "0" else "")
    found = _DOTTED.fullmatch(word)
    if found:
        following = words[i + 1]
        bare = (
            bare or scene.count == 1 or (i == 0 and following in _AFTER_ALONE) or _before_part(scene, i + 1)
        )
        bare = bare or (following in _OFFERS and words[i + 2][:1].isdecimal())
        if not bare or following in _RATES or following in UNITS:
            return None
        hour, minute = int(found.group(1)), int(found.group(2))
        if hour > 23 or minute > 59:
            return None
        return i + 1, _checked(hour, minute, "24" if hour > 12 or hour == 0 or word[0] == "0" else "")
    found = _MILITARY.fullmatch(word)
    if found:
        hours_said = found.group(3) or words[i + 1] in ("hrs", "hours", "hr")
        neighbour = words[i + 1][:1].isdecimal() or (i > 0 and words[i - 1][:1].isdecimal())
        if word[:2] in ("19", "20") and not hours_said and (i == 0 or words[i - 1] not in ("at", "@")):
            return None  # a year
        bare = bare or (word[0] == "0" and scene.count < 3)
        if hours_said or (bare and not neighbour and not _counts(scene, i + 1)):
            step = i + 1 if found.group(3) or not hours_said else i + 2
            return step, Clock(int(found.group(1)), int(found.group(2)), "24")
    return None


_AFTER_ALONE = frozenset(("", "?", "!", "pls", "please", "ok", "is", "then"))
_OFFERS = frozenset(("or", "to", "-", "till", "til"))
_RATES = word_set("an a ph quid per p/h /hr km miles mile % k pounds dollars pph an/hr hourly gbp")


_TALK = word_set("i you u we he she they that to is was ill ive")


def _before_part(scene: Scene, i: int) -> bool:
    """ "in the morning", "at night", "tonight" stand at word i."""
    words = scene.words
    return (
        (words[i] == "in" and words[i + 1] in ("the", "da") and words[i + 2] in PARTS)
        or (words[i] == "at" and words[i + 1] in ("night", "nite"))
        or (words[i] in THIS and words[i + 1] in PARTS)
        or words[i] in TONIGHT
    )


def _checked(hour: int, minute: int, half: str) -> Clock:
    if (hour, minute) == (24, 0) and half not in ("am", "pm"):
        return Clock(24, half="24")
    if (
        minute > 59
        or hour > 23
        or (half in ("am", "pm") and hour > 12 and minute == 0)
        or (half in ("am", "pm") and not hour)
    ):
        return Clock(0, bad=True)
    if half in ("am", "pm") and hour > 12:
        return Clock(hour, minute, "24")  # "14:30pm" says the same thing twice
    return Clock(hour, minute, half)


def _bare_hour(scene: Scene, i: int, bare: bool) -> "Optional[tuple[int, Clock]]":
    words = scene.words
    word = words[i]
    hour = _hour(word)
    if not hour:
        return None
    if words[i + 1] == "oclock" or (words[i + 1] in ("o", "0") and words[i + 2] == "clock"):
        return i + (2 if words[i + 1] == "oclock" else 3), Clock(hour)
    if words[i + 1] in ("am", "pm"):
        return i + 2, Clock(hour, half=words[i + 1])
    if words[i + 1] in ("noon", "midday"):
        return (i + 2, Clock(12, half="24")) if hour == 12 else None
    if words[i + 1] == "midnight":
        return (i + 2, Clock(24, half="24")) if hour == 12 else None
    if words[i + 1] in ("thirty", "fifteen") and not _counts(scene, i + 2) and word.isalpha():
        return i + 2, Clock(hour, NUMBERS[words[i + 1]])
    if word.endswith("ish"):
        return i + 1, Clock(hour)
    if words[i + 1] == "ish":
        return i + 2, Clock(hour)
    if _before_part(scene, i + 1) and word not in ("2", "4", "one"):
        return i + 1, Clock(hour)
    if _before_part(scene, i + 1) and words[i + 1] not in THIS and words[i + 1] not in TONIGHT:
        return i + 1, Clock(hour)
    if not bare or _counts(scene, i + 1):
        return None
    if words[i + 1] in ("a", "/", "x", "%") or (words[i + 1] in ("-", "/") and words[i + 2][:1].isdecimal()):
        return None
    return i + 1, Clock(hour, half="24" if word[0] == "0" else "")


def read_part(scene: Scene, i: int, beside: bool = False) -> "Optional[tuple[int, Part]]":
    """A part of the day at word i; `beside` says that a day or a preposition stands before it."""
    words = scene.words
    word = words[i]
    if word == "first" and words[i + 1] in ("thing", "fing"):
        if words[i + 2] == "in" and words[i + 4] in PARTS:
            return i + 5, Part("first thing", ((480, 600),))
        return (
            None
            if _counts(scene, i + 2) or words[i + 2] in _TALK
            else (i + 2, Part("first thing", ((480, 600),)))
        )
    if word in ("end", "close") and words[i + 1] == "of":
        step = i + 2 + (words[i + 2] in ("the", "da"))
        if words[step] in ("day", "play") and (step == i + 2 or word == "end") and words[step + 1] != "with":
            return step + 1, Part("end of day", ((960, 1080),))
        return None
    if word in ("early", "late", "mid", "later"):
        step = (
            i + 1 + (words[i + 1] in ("-", "in")) + (words[i + 1] == "in" and words[i + 2] in ("the", "da"))
        )
        known = PARTS.get(words[step])
        narrowed = NARROWED.get(("late" if word == "later" else word, known[0])) if known else None
        return (
            (step + 1, Part(known[0], (narrowed,), words[step] in PLURAL_PARTS))
            if known and narrowed
            else None
        )
    if word in ("tea", "dinner", "lunch", "breakfast", "brekkie") and words[i + 1] in ("time", "times"):
        return i + 2, meal(scene, word)
    if word in ("teatime", "dinnertime", "breakfasttime"):
        return i + 1, meal(scene, word[:-4])
    if scene.new_zealand and words[i + 1] == "tea" and word in ("morning", "arvo", "afternoon"):
        return i + 2, Part("tea break", ((600, 660) if word == "morning" else (900, 960),))
    if word == "tea" or (word in MEALS and not beside):
        return None
    known = PARTS.get(word)
    if known is None:
        return None
    plural = word in PLURAL_PARTS
    if word in ("eve", "ata") and not beside:
        return None
    if not plural and not beside and word not in ("lunchtime",):
        return None
    if plural and words[i + 1] in ("out", "sleep", "shift") and not beside:
        return None
    if plural and known[0] == "night":
        return i + 1, Part("night", ((1260, 420),), True)
    if known[0] in ("dinner", "tea", "breakfast"):
        return i + 1, meal(scene, known[0])
    return i + 1, Part(known[0], ((known[1], known[2]),), plural)


def meal(scene: Scene, word: str) -> Part:
    """When people of the region have a meal."""
    if word == "dinner" and not scene.new_zealand:
        # In the north of England dinner is at midday.
        return Part("dinner", ((720, 840), (1080, 1200)))
    known = {"tea": (1020, 1140), "dinner": (1080, 1200), "lunch": (720, 840)}.get(word, (420, 540))
    return Part(word, (known,))


def read_meal(scene: Scene, i: int) -> "tuple[int, Part]":
    """A meal at word i as the part of the day when people have it."""
    return i + 1, meal(scene, scene.words[i])
