"""Day, part of the day and clock that stand together are one moment; those joined by "or" are one choice."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Optional

from nlu.components.times_clock import read_clock, read_part
from nlu.components.times_dates import read_date
from nlu.components.times_days import read_day
from nlu.components.times_markers import ENDS, read_marker, read_with_today
from nlu.components.times_nodes import Day, Moment, Part, Scene
from nlu.components.times_ranges import read_range
from nlu.components.times_weekdays import on_weekday
from nlu.components.times_words import FOLLOWERS, MOVING, OR, PARTS, TO, word_set

_GLUE = word_set(
    "any time on at @ in the da of for about around round approx say , from by roughly like then tho though "
    "sometime anytime instead - –"
)
_CLOCK_PREFIXES = word_set("at @ by till until til around round about approx say for roughly from")
_PART_PREFIXES = word_set("in during at over by any for")
_PART_FOLLOWERS = word_set("is works work suits suit would wud best better pls please plz if then or")
_MOST = 6  # moments in one choice


def read_moments(scene: Scene, i: int) -> Optional[Moment]:
    """The moment at word i with every other one that "or" offers beside it, or None."""
    first = read_moment(scene, i)
    if first is None or first.marker:
        return first
    chain, words, joined = [first], scene.words, 0
    at = first.after
    while len(chain) < _MOST:
        both = words[at] in ("and", "&", "n") and (first.recurring or _is_weekday(first))
        choice = words[at] in OR or both
        if not choice and words[at] != ",":
            break
        step = at + 1 + (choice and words[at + 1] in ("on", "even", "maybe"))
        following = read_moment(scene, step, beside=chain[-1])
        if following is None or following.marker:
            break
        if following.recurring and not first.recurring and len(chain) == 1:
            _come_round(first)  # "tues and thurs mornings"
        if following.recurring != first.recurring or (both and not first.recurring):
            break
        chain.append(following)
        at = following.after
        if choice:
            joined = len(chain)
    chain = chain[: max(joined, 1)]
    if len(chain) > 1:
        _complete(scene, chain)
        first.others = chain[1:]
        first.after = chain[-1].after
    return first


def _is_weekday(moment: Moment) -> bool:
    only_day = not (moment.clock or moment.part or moment.range or moment.instant)
    return only_day and moment.day is not None and moment.day.weekday is not None and not moment.day.modifier


def _come_round(moment: Moment) -> None:
    if _is_weekday(moment) and moment.day and moment.day.weekday is not None:
        moment.day = Day(recurring=(moment.day.weekday,))


def _complete(scene: Scene, chain: list[Moment]) -> None:
    """Give each moment of a choice what only another says: "tues or thurs at 2", "tomorrow 9am or 3pm"."""
    last = chain[-1]
    for moment in chain[:-1]:
        if moment.day and not (moment.clock or moment.part or moment.range):
            moment.clock, moment.part, moment.range = last.clock, last.part, last.range
        elif moment.day is None and last.day is not None:
            moment.day = last.day
        if moment.day and last.day and last.day.modifier.endswith("week"):
            moment.day = _in_week(scene, moment.day, last.day.modifier)
    for number in range(1, len(chain)):
        before, moment = chain[number - 1], chain[number]
        if moment.day is None:
            moment.day = before.day
        elif not (moment.clock or moment.part or moment.range) and not before.day_first:
            # "after 1 on weds or thurs", but not "thurs at 2 or fri"
            moment.clock, moment.part, moment.range = before.clock, before.part, before.range
        if moment.clock and not moment.part and not moment.clock.half:
            moment.part = before.part


def _in_week(scene: Scene, day: Day, week: str) -> Day:
    plain = day.weekday is not None and not day.modifier
    return on_weekday(scene, day.weekday or 0, week) if plain else day


def read_moment(scene: Scene, i: int, beside: Optional[Moment] = None) -> Optional[Moment]:
    """The pieces of one moment from word i on; `beside` is the moment that it is offered with."""
    words = scene.words
    moment = Moment(i, i)
    at = i
    for _ in range(6):
        step = at
        if not moment.empty:
            while words[step] in _GLUE and step - at < 3 and words[step : step + 2] != ["instead", "of"]:
                step += 1
        after = 0
        for start in range(step, at - 1, -1):
            after = _piece(scene, start, moment, beside)
            if after:
                break
        if not after:
            break
        moment.after = at = after
        moment.day_first = moment.day_first or (
            moment.day is not None and not (moment.clock or moment.range or moment.part)
        )
        if moment.marker or moment.instant:
            break
    return None if moment.empty else moment


def _piece(scene: Scene, i: int, moment: Moment, beside: Optional[Moment]) -> int:
    """Read one more piece at word i into the moment; the word after it, or 0."""
    words = scene.words
    if moment.empty:
        after = read_marker(scene, i, moment)
        if after:
            return after
    if moment.day is None:
        after = read_with_today(scene, i, moment)
        if after:
            return after
    if not (moment.clock or moment.range):
        found = read_range(scene, i, moment.day is not None or moment.part is not None)
        if found:
            after, moment.range, other = found
            moment.clock = other
            return after
    if moment.day is None and not (i and words[i - 1] in ("£", "$")):
        after = _day(scene, i, moment, beside)
        if after:
            return after
    if not (moment.clock or moment.range):
        after = _clock(scene, i, moment, beside)
        if after:
            return after
    return 0 if moment.part else _part(scene, i, moment, beside)


def _day(scene: Scene, i: int, moment: Moment, beside: Optional[Moment]) -> int:
    words = scene.words
    bound = "after" if words[i] in ("after",) else "before" if words[i] in ("before", "b4") else ""
    found = read_day(scene, i + 1 if bound else i)
    if found is None and beside is not None and beside.day is not None:
        found = read_date(scene, i, after_weekday=True)
    if found is None:
        return 0
    after, day = found
    if isinstance(day, datetime):
        if not moment.empty:
            return 0
        moment.instant = day
        return after
    if bound:
        moment.day = replace(day, bound=bound)
        return after
    after, moment.day = _days_to(scene, i, after, day)
    return after


def _days_to(scene: Scene, i: int, after: int, day: Day) -> "tuple[int, Day]":
    """ "monday to friday" comes round each week; "next mon to weds", "thurs til sunday" are single days."""
    words = scene.words
    between = i > 0 and words[i - 1] in ("between", "btwn")
    if not (words[after] in TO or (between and words[after] == "and")) or not day.dates:
        return after, day
    if any(word in MOVING for word in words[max(0, i - 8) : i]):
        return after, day
    step = after + 1 + (words[after + 1] in ("the", "da") and words[after + 2] not in FOLLOWERS)
    found = read_day(scene, after + 1) or read_date(scene, step, after_weekday=True)
    if not found or not isinstance(found[1], Day) or not found[1].dates:
        return after, day
    end = found[1]
    plain = day.weekday is not None and end.weekday is not None and not day.modifier and not end.modifier
    weekdays = range(day.weekday or 0, (end.weekday or 0) + 1)
    if plain and len(weekdays) > 1 and words[after] in ("to", "-", "–", "thru", "through"):
        return found[0], Day(recurring=tuple(weekdays))
    first, last = day.dates[0], end.last or end.dates[0]
    if day.weekday is not None and last < first:
        last = end.dates[0] + timedelta(days=7)
    return (found[0], Day((first,), last, modifier="fixed")) if last >= first else (after, day)


def _clock(scene: Scene, i: int, moment: Moment, beside: Optional[Moment]) -> int:
    words = scene.words
    step = i
    while words[step] in _CLOCK_PREFIXES and step - i < 3:
        step += 1
    before = words[step - 1] if step else ""
    said = before in ("at", "@", "by") or (
        before in _CLOCK_PREFIXES and (words[step + 1] in ENDS or before in ("til", "till"))
    )
    bare = (
        said
        or bool(moment.day or moment.part)
        or bool(beside and (beside.clock or beside.day) and words[step + 1] != "of")
    )
    if before == "in" or (
        before in ("for", "from", "about", "around") and step == i and not (moment.day or beside)
    ):
        bare = False
    either = 2 * (words[step + 1] in OR and words[step + 2][:1].isdecimal())  # "9 or 10 on friday"
    follows = words[step][:1].isalnum() and (
        _day_follows(scene, step + 1 + either) or _meridiem(words[step + either])
    )
    # "2 thurs" is "to thurs", and "one friday" is some friday
    shorthand = words[step] in ("2", "4", "one") and not said and before not in ("is", "say")
    if shorthand and words[step + 1] != "on" and not either:
        bare = bare and words[step + 1] in ENDS
    elif not bare:
        bare = follows
    found = read_clock(scene, step, bare)
    if found is None or (beside and found[1].hour < 0):
        return 0
    moment.clock = found[1]
    return found[0]


def _meridiem(word: str) -> bool:
    return word[:1].isdecimal() and word.endswith("m") and not word.isalpha()


def _day_follows(scene: Scene, i: int) -> bool:
    """A day stands right after: "10 tomorrow", "3 on monday"."""
    if scene.words[i] == "in":
        return False
    step = i + (scene.words[i] in ("on", ","))
    found = read_day(scene, step) if scene.words[step] and not scene.words[step][0].isdecimal() else None
    return bool(found and isinstance(found[1], Day) and not found[1].recurring and not found[1].last)


def _part(scene: Scene, i: int, moment: Moment, beside: Optional[Moment]) -> int:
    words = scene.words
    step, word = i, words[i]
    prefixed = word in _PART_PREFIXES
    if prefixed:
        step += 1 + (words[i + 1] in ("the", "da"))
    if word == "at" and words[step] in ("night", "nite"):
        # At night, by itself, comes round: it is kept only as a limit.
        moment.part = Part(
            "night", ((1260, 1440) if moment.clock else (1260, 420),), plural=not (moment.clock or moment.day)
        )
        return step + 1
    near = not moment.empty or (beside is not None and (beside.part or beside.day) is not None)
    alone = not i and (scene.count == 1 or words[i + 1] in _PART_FOLLOWERS) and word not in ("night", "eve")
    helped = prefixed and (step > i + 1 or word in ("any", "at", "over", "for"))
    if helped and words[step] in ("tea", "night", "nite", "eve"):
        return 0
    found = read_part(scene, step, beside=near or alone or helped or _opens_day(scene, step))
    if found is None:
        return 0
    after, part = found
    if part.plural and moment.day and not moment.day.recurring:
        part = replace(part, plural=False)
        _come_round(moment)
    every = moment.day is not None and bool(moment.day.recurring)
    moment.part = replace(
        part,
        unbegun=prefixed and part.name == "morning" and moment.day is None,
        plural=part.plural and not every,
    )
    return after


def _opens_day(scene: Scene, i: int) -> bool:
    """ "morning of the 3rd", "evening on thursday"."""
    words = scene.words
    return words[i] in PARTS and words[i + 1] in ("of", "on") and read_day(scene, i + 2) is not None
