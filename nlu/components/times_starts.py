"""Where a time may start, and which readings are only words of talk ("sunday roast", "at 5 foot")."""

from nlu.components.times_holidays import HOLIDAY_STARTS
from nlu.components.times_nodes import Moment, Scene
from nlu.components.times_words import (
    COMING,
    EVERY,
    LAST,
    MAORI_WEEKDAYS,
    MONTHS,
    NEXT,
    NUMBERS,
    ORDINALS,
    PARTS,
    PLURAL_WEEKDAYS,
    THIS,
    TODAY,
    TOMORROW,
    TONIGHT,
    UNITS,
    WEEK,
    WEEKDAYS,
    YESTERDAY,
    weekday_of,
    word_set,
)

_STARTS = frozenset().union(
    *(COMING, EVERY, LAST, NEXT, THIS, TODAY, TOMORROW, TONIGHT, WEEK, YESTERDAY, HOLIDAY_STARTS),
    *(MONTHS, NUMBERS, ORDINALS, PARTS, PLURAL_WEEKDAYS, WEEKDAYS),
    word_set(
        "half quarter fortnight couple day between btwn betwen after before b4 weekend weekends wkend "
        "wknd wkends weekday weekdays noon noonish midday midnight first end close early late later "
        "start beginning begining middle mid tea teatime dinnertime breakfasttime same now right asap "
        "straight immediately afta"
    ),
)
# Words that only open a time with one of the others behind them.
_OPENERS = word_set("in at @ by the da a an from until till til for any over about around round during say")
# After a day these make a thing of it: "sunday roast", "saturday job".
_THINGS = word_set(
    "roast roasts job jobs club market paper shift shifts sales group league team school mass driver staff"
)


def may_start(scene: Scene, i: int) -> bool:
    """A quick look that spares most words the full reading."""
    word = scene.words[i]
    if word in _OPENERS:
        word = scene.words[i + 1]
        if word in _OPENERS:
            word = scene.words[i + 2]
        if word in UNITS:
            return True
    if word in _STARTS or word[:1].isdecimal():
        return True
    if len(word) > 5 and weekday_of(word) is not None:
        return True
    return scene.new_zealand and word in MAORI_WEEKDAYS


def stands_out(scene: Scene, moment: Moment) -> bool:
    """False where the words around show that no time is meant."""
    words = scene.words
    following = words[moment.after]
    if (
        moment.day is not None
        and moment.day.weekday is not None
        and following in _THINGS
        and not (moment.clock or moment.part)
    ):
        return False
    before = words[moment.first - 1] if moment.first else ""
    if moment.part is not None and not (moment.day or moment.clock or moment.range):
        return before not in ("good", "gd", "goood", "happy", "nice", "lovely")
    if before == "long" and moment.day is not None:
        return False
    return not (before in ("one", "some") and words[moment.first] in ("day", "days"))
