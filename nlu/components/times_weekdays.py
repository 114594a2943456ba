"""Which date a weekday means, and whether a short word ("sat", "sun") is a weekday at all."""

from datetime import date, timedelta

from nlu.components.times_nodes import Day, Scene
from nlu.components.times_words import DOUBTFUL_WEEKDAYS, FOLLOWERS, OR, PARTS, WEEK, weekday_of, word_set

_INTRODUCE = word_set("on do this next nxt last coming every til until till by or ok okay yes yeah yep maybe")
_MAY_INTRODUCE = word_set("from before after since for any move about and")
_SPEAKERS = word_set("the i we she he they u you just been the was in of my got get")
_TIME_COMES = word_set("at @ around about after before b4 the next this morning")
_TIMES = word_set("half quarter noon lunch")
_APPROVED = word_set("good fine ok okay best better great free")
_ALONE = frozenset(("", "?", "!", ".", "pls", "please"))


def on_weekday(scene: Scene, weekday: int, modifier: str = "") -> Day:
    """The days that a weekday with its modifier can mean.

    "next tuesday" is the nearest one to some people and that of next week to others, in both countries: both
    are given, the nearest first, so that the bot asks. On a Tuesday "tuesday" alone is today or a week on.
    """
    today = scene.today
    ahead = (weekday - today.weekday()) % 7
    nearest = today + timedelta(days=ahead)
    monday = today - timedelta(days=today.weekday())
    of_next_week = monday + timedelta(days=7 + weekday)
    if modifier == "next week":
        dates: tuple[date, ...] = (of_next_week,)
    elif modifier == "this week":
        dates = (monday + timedelta(days=weekday),)
    elif modifier == "last week":
        dates = (monday + timedelta(days=weekday - 7),)
    elif modifier == "week after next":
        dates = (of_next_week + timedelta(days=7),)
    elif modifier == "last":
        dates = (today - timedelta(days=(today.weekday() - weekday) % 7 or 7),)
    elif modifier == "coming":
        dates = (today + timedelta(days=ahead or 7),)
    elif modifier == "next":
        first = today + timedelta(days=ahead or 7)
        dates = (first,) if first >= of_next_week else (first, of_next_week)
    elif modifier == "this" or ahead:
        dates = (nearest,)
    else:
        dates = (today, today + timedelta(days=7))
    return Day(dates, weekday=weekday, modifier=modifier)


def later(day: Day, days: int) -> Day:
    """The same days, some days on."""
    return Day(tuple(one + timedelta(days=days) for one in day.dates), weekday=day.weekday, modifier="fixed")


def surely_a_day(scene: Scene, i: int) -> bool:
    """ "sat", "sun", "wed" and "mon" are days beside a preposition, another day, a time or alone."""
    words = scene.words
    before, following, second = (words[i - 1] if i else ""), words[i + 1], words[i + 2]
    if scene.count == 1 or before in _INTRODUCE:
        return True
    if before in _MAY_INTRODUCE and words[i] != "sun":
        return following in FOLLOWERS or following in PARTS
    if before in _SPEAKERS:
        return False
    if following in ("week", "wk"):
        return True  # "wed week at 2"
    if following in ("is", "works", "suits"):
        return following != "is" or second in _APPROVED
    if (
        (weekday_of(following) is not None and following not in DOUBTFUL_WEEKDAYS)
        or following == "/"
        or following[:1].isdecimal()
        or following in PARTS
    ):
        return True
    if (following in ("-", "to", "and", ",") or following in OR) and weekday_of(second) is not None:
        return True
    if following in _TIME_COMES:
        return second[:1].isdecimal() or second in WEEK or second in _TIMES
    return (words[i] == "mon" and following in FOLLOWERS) or (before == "" and following in _ALONE)
