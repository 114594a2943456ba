"""Times with no calendar ("now", "later", "same time") and parts that bring their day ("tonight")."""

from datetime import timedelta

from nlu.components.times_clock import read_part
from nlu.components.times_nodes import Day, Moment, Part, Scene
from nlu.components.times_words import LAST, PARTS, THIS, TONIGHT, word_set

ENDS = frozenset(("", ".", "!", "?", ",", "\n", "pls", "please", "plz", "x", "xx", "if", "or"))
_NOT_NOW = word_set(
    "for by until til till just to ok fine better from before even going me im home here back are up"
)
_NOT_LATER = word_set(
    "you u ya or see sooner til until till no not speak ttyl c cya much any bit years months days"
)


def read_marker(scene: Scene, i: int, moment: Moment) -> int:
    """ "same time", "now", "later": read into the moment; the word after it, or 0."""
    words = scene.words
    word, before = words[i], (words[i - 1] if i else "")
    if word == "same" and words[i + 1] in ("time", "day"):
        moment.marker = "same_" + words[i + 1]
        return i + 2
    if word in ("asap", "immediately") or (word == "straight" and words[i + 1] == "away"):
        moment.instant = scene.now
        return i + (2 if word == "straight" else 1)
    if (word == "right" and words[i + 1] == "now") or (
        word == "now" and words[i + 1] in ENDS and before not in _NOT_NOW
    ):
        moment.instant = scene.now
        return i + (2 if word == "right" else 1)
    if word == "later" and before not in _NOT_LATER and not before.isdecimal():
        step = i + 1 + (words[i + 1] == "on")
        if words[step] in ("today", "2day"):
            moment.marker = "later today"
            return step + 1
        if words[step] in ENDS and scene.count > 1:
            moment.marker = "later"
            return step
    return 0


def read_with_today(scene: Scene, i: int, moment: Moment) -> int:
    """ "tonight", "this arvo", "last night": a part that brings its day."""
    words = scene.words
    if words[i] in TONIGHT:
        moment.day = Day((scene.today,), modifier="today")
        moment.part = moment.part or Part("night", ((1080, 1440),))
        return i + 1
    if words[i] in THIS or words[i] in LAST:
        late = words[i + 1] in ("late", "early", "mid")
        if words[i + 1 + late] not in PARTS or (
            words[i] in LAST and words[i + 1] not in ("night", "nite", "evening")
        ):
            return 0
        part = read_part(scene, i + 1, beside=True)
        if part and not part[1].plural and moment.part is None:
            back = timedelta(days=1 if words[i] in LAST else 0)
            moment.day, moment.part = Day((scene.today - back,), modifier="today"), part[1]
            return part[0]
    return 0
