"""What comes round: "mondays", "mon-fri 9-5", and the hours in which a client wants quiet.

A value is days, times or both: "SA,SU", "T21:00/T08:00", "MO,TU T09:00/..". Days are as in iCalendar; a side
of the times that is ".." is open; two limits are joined by "; ". A `quiet_time` is always when to be
quiet ("only evenings" is "T00:00/T18:00").
"""

from typing import Optional

from nlu.components.times_nodes import Clock, Day, Moment, Part, Range, Scene
from nlu.components.times_resolve import minutes_of, range_minutes
from nlu.components.times_words import AVAILABILITY, CONTACT, NEGATIVES, word_set

_DAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
_STOPS = frozenset((".", ",", "!", "?", "\n", ";", "but", "because", "cos", "coz"))
_POLITE = word_set("pls please plz thanks thx ta cheers not only chur no ok , . ! yes yeah")
_SMALL = word_set("in at on the during of for any time")


def read_limit(scene: Scene, moment: Moment) -> "Optional[tuple[str, str, int, int]]":
    """Kind ("quiet_time", "recurring", "none"), value, first word, word after; None for a single time."""
    if moment.instant or moment.marker or (moment.day and not moment.day.recurring):
        return None
    pieces = [moment, *moment.others]
    if not moment.recurring and not (moment.range or moment.part):
        return None
    first, after = moment.first, moment.after
    clause = _clause_before(scene, first)
    contact = any(word in CONTACT for word in clause)
    negative = any(word in NEGATIVES for word in clause)
    only_first, only_after = _only_before(scene, first), scene.words[after] in ("only", "onli")
    if only_first >= 0 or only_after or (contact and "only" in clause):
        available = any(word in AVAILABILITY for word in clause) and not contact
        if not available:
            begin = only_first if only_first >= 0 else first
            _in_the_evening(pieces)
            return "quiet_time", _join(_limits(pieces, False), True), begin, after + only_after
    quiet_word = any(word in ("quiet", "silence", "silent", "mute", "dnd") for word in clause)
    if (contact and negative) or quiet_word or _not_before(scene, first) or _whole_limit(scene, moment):
        return "quiet_time", _join(_limits(pieces, True), False), first, after
    if moment.recurring:
        if (
            moment.part
            and moment.part.plural
            and moment.part.name == "night"
            and scene.words[after - 1] in ("night", "nite")
        ):
            return "none", "", first, after  # "at night" in talk is no limit
        return "recurring", _join(_limits(pieces, False), False), first, after
    return None


def _in_the_evening(pieces: list[Moment]) -> None:
    """ "only text me after 7" is 7 in the evening."""
    for piece in pieces:
        start = piece.range.start if piece.range and piece.range.end is None else None
        if start is not None and not start.half and 5 <= start.hour <= 8:
            piece.range = Range(Clock(start.hour, start.minute, "pm"), None)


def _clause_before(scene: Scene, first: int) -> list[str]:
    words = scene.words[max(0, first - 9) : first]
    for at in range(len(words) - 1, -1, -1):
        if words[at] in _STOPS:
            return words[at + 1 :]
    return words


def _only_before(scene: Scene, first: int) -> int:
    at = first - 1
    while at >= 0 and scene.words[at] in _SMALL:
        at -= 1
    return at if at >= 0 and scene.words[at] == "only" else -1


def _not_before(scene: Scene, first: int) -> bool:
    """ "not at weekends", "not before 11" as an answer: nothing but small words up to "not" or "no"."""
    at = first - 1
    while at >= 0 and scene.words[at] in _SMALL:
        at -= 1
    if at < 0 or scene.words[at] not in ("not", "never", "no", "nothing"):
        return False
    earlier = scene.words[at - 1] if at else ""
    return earlier in ("", ".", ",", "but", "please", "pls", "\n", "ok", "yes", "just", "and", "!")


def _whole_limit(scene: Scene, moment: Moment) -> bool:
    """The whole message is one open limit outside the hours in which people meet: "after 9pm"."""
    found = moment.range
    if found is None or moment.day or moment.others:
        return False
    rest = scene.words[: moment.first] + scene.words[moment.after : scene.count]
    if any(word not in _POLITE for word in rest):
        return False
    first, last = range_minutes(found, moment.part)
    if found.start and found.end:
        return last is not None and last > 1440  # a whole night: "10pm to 7am"
    side = found.start or found.end
    plain = bool(side and (side.half or moment.part))
    return plain and ((first is not None and first >= 1140) or (last is not None and last <= 600))


def _limits(
    pieces: list[Moment], quiet: bool
) -> "list[tuple[tuple[int, ...], Optional[tuple[Optional[int], Optional[int]]]]]":
    """Days and times of each piece; pieces with the same times share one entry."""
    entries: "dict[Optional[tuple[Optional[int], Optional[int]]], list[int]]" = {}
    for piece in pieces:
        times = _times(piece.range, piece.part, quiet)
        if times is None and piece.clock is not None and not piece.clock.bad and piece.clock.hour >= 0:
            minutes = minutes_of(piece.clock, piece.part)
            times = (minutes, minutes)
        entries.setdefault(times, []).extend((piece.day or Day()).recurring)
    return [(tuple(sorted(set(days))), times) for times, days in entries.items()]


def _times(
    found: Optional[Range], part: Optional[Part], quiet: bool
) -> "Optional[tuple[Optional[int], Optional[int]]]":
    if found is not None:
        return range_minutes(found, part, quiet)
    return part.stretches[0] if part is not None else None


def _join(
    entries: "list[tuple[tuple[int, ...], Optional[tuple[Optional[int], Optional[int]]]]]", complement: bool
) -> str:
    texts: list[str] = []
    for days, times in entries:
        if complement and days:
            texts.append(_write(tuple(day for day in range(7) if day not in days), None))
        if not complement or times is not None:
            texts.append(_write(days, (times[1], times[0]) if complement and times else times))
    return "; ".join(text for text in texts if text)


def _write(days: tuple[int, ...], times: "Optional[tuple[Optional[int], Optional[int]]]") -> str:
    text = ",".join(_DAYS[day] for day in days)
    if times is None:
        return text
    start, end = (("T%02d:%02d" % divmod(side % 1440, 60)) if side is not None else ".." for side in times)
    clock = start if times[0] == times[1] else f"{start}/{end}"
    return f"{text} {clock}".strip()
