"""How much slips of the thumb and text-speak cost, by cross-validation on a training part only.

.venv-dialogue/bin/python -m benchmarks.nlu.slips hwu64
"""

from __future__ import annotations

import random
import sys

import numpy as np

from benchmarks.nlu.data import read_part
from benchmarks.nlu.measure import views
from nlu.components.examples import DEFAULT_SHARES, Examples, HeadSettings, readable_name
from nlu.components.intent_head import IntentHead

_FOLDS = 3
_NEAR = {
    "a": "sq", "b": "vn", "c": "xv", "d": "sf", "e": "wr", "f": "dg", "g": "fh", "h": "gj", "i": "uo",
    "j": "hk", "k": "jl", "l": "k", "m": "n", "n": "bm", "o": "ip", "p": "o", "q": "w", "r": "et",
    "s": "ad", "t": "ry", "u": "yi", "v": "cb", "w": "qe", "x": "zc", "y": "tu", "z": "x",
}  # fmt: skip
_SHORT = {
    "you": "u", "are": "r", "please": "pls", "to": "2", "for": "4", "tomorrow": "tmrw", "what": "wat",
    "thanks": "thx", "my": "mi", "because": "cos", "the": "da", "your": "ur", "and": "n", "with": "wiv",
    "about": "abt", "have": "hav", "today": "2day", "appointment": "appt", "message": "msg", "people": "ppl",
}  # fmt: skip


def slipped(text: str, slips: int, chance: random.Random) -> str:
    """Return the text with some letters swapped, dropped, doubled or hit beside."""
    letters = list(text)
    for _ in range(slips):
        places = [place for place, letter in enumerate(letters) if letter.isalpha()]
        if len(places) < 4:
            break
        place = chance.choice(places[1:])
        kind = chance.randrange(4)
        if kind == 0:
            del letters[place]
        elif kind == 1:
            letters.insert(place, letters[place])
        elif kind == 2:
            letters[place] = chance.choice(_NEAR.get(letters[place].lower(), letters[place]))
        else:
            letters[place - 1], letters[place] = letters[place], letters[place - 1]
    return "".join(letters)


def shortened(text: str) -> str:
    """Return the text as it is typed in a hurry: common words shortened, no apostrophes, no capitals."""
    return " ".join(_SHORT.get(word, word) for word in text.lower().replace("'", "").split())


def main(name: str) -> None:
    """Print the accuracy on held-out messages, as they are and as they could have been typed."""
    part = read_part(name, "train_10")
    chance = random.Random(0)
    kinds = {
        "as written": list(part.texts),
        "one slip": [slipped(text, 1, chance) for text in part.texts],
        "three slips": [slipped(text, 3, chance) for text in part.texts],
        "shortened": [shortened(text) for text in part.texts],
        "taught slips": [slipped(text, 2, chance) for text in part.texts],
    }
    embedded = {kind: views(texts) for kind, texts in kinds.items()}
    names = tuple(sorted(set(part.intents)))
    readable = tuple(readable_name(intent) for intent in names)
    taught_names = Examples(readable, views(readable), names)
    for title, shares, augmented in (
        ("the product's shares", dict(DEFAULT_SHARES), False),
        ("no words, no letters", {**DEFAULT_SHARES, "words": 0.0, "letters": 0.0}, False),
        ("letters 0.4", {**DEFAULT_SHARES, "letters": 0.4}, False),
        ("taught slips too", dict(DEFAULT_SHARES), True),
    ):
        right: dict[str, list[bool]] = {kind: [] for kind in list(kinds)[:-1]}
        for fold in range(_FOLDS):
            rows = [row for row in range(len(part.texts)) if row % _FOLDS != fold]
            held = [row for row in range(len(part.texts)) if row % _FOLDS == fold]
            taught = _some(rows, kinds["as written"], embedded["as written"], part.intents)
            if augmented:
                taught = taught.followed_by(
                    _some(rows, kinds["taught slips"], embedded["taught slips"], part.intents)
                )
            head = IntentHead.train(taught, taught_names, HeadSettings(shares=shares, folds=2))
            for kind in right:
                asked = _some(held, kinds[kind], embedded[kind], part.intents)
                best = head.predict(asked.texts, asked.views).argmax(axis=1)
                right[kind] += [head.intents[b] == i for b, i in zip(best, asked.intents, strict=True)]
        cells = "  ".join(f"{kind} {100 * np.mean(hits):.2f}" for kind, hits in right.items())
        print(f"{title:22s} {cells}", flush=True)


def _some(
    rows: list[int], texts: list[str], embedded: dict[str, np.ndarray], intents: tuple[str, ...]
) -> Examples:
    return Examples(
        tuple(texts[row] for row in rows),
        {view: matrix[rows] for view, matrix in embedded.items()},
        tuple(intents[row] for row in rows),
    )


if __name__ == "__main__":
    main(sys.argv[1])
