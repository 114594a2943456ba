"""Holidays by the names that clients use, and the next bank holiday."""

from datetime import date
from typing import Optional

from nlu.components import times_calendar as calendar
from nlu.components.times_nodes import Day, Scene

# The words of a holiday, longest first; read from the first word.
_HOLIDAY_WORDS: dict[str, str] = {
    "christmas eve": "christmas eve",
    "xmas eve": "christmas eve",
    "crimbo eve": "christmas eve",
    "christmas day": "christmas",
    "xmas day": "christmas",
    "christmas": "christmas",
    "xmas": "christmas",
    "chrimbo": "christmas",
    "crimbo": "christmas",
    "boxing day": "boxing day",
    "new years eve": "new years eve",
    "new year eve": "new years eve",
    "nye": "new years eve",
    "hogmanay": "new years eve",
    "new years day": "new years day",
    "new year day": "new years day",
    "new years": "new years day",
    "new year": "new year",
    "good friday": "good friday",
    "good fri": "good friday",
    "easter sunday": "easter sunday",
    "easter sun": "easter sunday",
    "easter monday": "easter monday",
    "easter mon": "easter monday",
    "easter weekend": "easter",
    "easter": "easter",
    "halloween": "halloween",
    "bonfire night": "bonfire night",
    "guy fawkes": "bonfire night",
    "valentines day": "valentines",
    "valentines": "valentines",
    "waitangi day": "waitangi day",
    "waitangi": "waitangi day",
    "anzac day": "anzac day",
    "matariki": "matariki",
    "kings birthday weekend": "kings birthday weekend",
    "kings birthday": "kings birthday",
    "queens birthday": "kings birthday",
    "labour day weekend": "labour weekend",
    "labour weekend": "labour weekend",
    "labour day": "labour day",
    "may day bank holiday": "may bank holiday",
    "may bank holiday": "may bank holiday",
    "spring bank holiday": "spring bank holiday",
    "summer bank holiday": "summer bank holiday",
    "august bank holiday": "summer bank holiday",
}


def _by_first_word() -> "dict[str, list[tuple[list[str], str]]]":
    phrases: "dict[str, list[tuple[list[str], str]]]" = {}
    for phrase in sorted(_HOLIDAY_WORDS, key=len, reverse=True):
        words = phrase.split()
        phrases.setdefault(words[0], []).append((words, _HOLIDAY_WORDS[phrase]))
    return phrases


_HOLIDAYS = _by_first_word()
HOLIDAY_STARTS = frozenset(_HOLIDAYS) | {"bank", "public"}


def read_holiday(scene: Scene, i: int) -> "Optional[tuple[int, Day]]":
    """A holiday by its name, or the next bank holiday."""
    words = scene.words
    if words[i] in ("bank", "public") and words[i + 1] in ("holiday", "hol", "holidays"):
        return _bank_holiday(scene, i + 2)
    for phrase, name in _HOLIDAYS.get(words[i], ()):
        if words[i : i + len(phrase)] == phrase:
            if name == "new year":
                if not i or words[i - 1] not in ("the", "da", "after", "before"):
                    return None  # "happy new year"
                name = "new year" if words[i - 1] in ("the", "da") else "new years day"
            days = calendar.holiday(name, scene.today)
            after = i + len(phrase)
            if days is None or (i and words[i - 1] in ("happy", "merry")):
                return None
            if words[after] in ("weekend", "wkend", "wknd") and days[0] == days[1]:
                return after + 1, _long_weekend(days[0], scene.new_zealand)
            return after, Day((days[0],), days[1] if days[1] > days[0] else None, modifier="fixed")
    return None


def _long_weekend(day: date, new_zealand: bool) -> Day:
    """The weekend that a holiday makes long; in New Zealand one on a weekend is made up for on the Monday."""
    made_up = 1 if new_zealand else 0
    edges = {0: (-2, 0), 4: (0, 2), 5: (0, 1 + made_up), 6: (-1, made_up)}
    first, last = edges.get(day.weekday(), (0, 0))
    return Day((day + first * calendar.DAY,), day + last * calendar.DAY, modifier="fixed")


def _bank_holiday(scene: Scene, after: int) -> "Optional[tuple[int, Day]]":
    monday = scene.words[after] in ("monday", "mon")
    weekend = scene.words[after] == "weekend"
    for year in (scene.today.year, scene.today.year + 1):
        for day in calendar.public_holidays(year, scene.new_zealand):
            if day < scene.today or ((monday or weekend) and day.weekday() != 0):
                continue
            if weekend:
                return after + 1, Day((day - 2 * calendar.DAY,), day, modifier="fixed")
            return after + monday, Day((day,), modifier="fixed")
    return None
