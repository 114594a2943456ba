"""Makes training messages look as people type them: with slips, and with danger amid ordinary talk."""

from __future__ import annotations

import random
import re
from collections.abc import Sequence

#: Keys beside each other, for the letters that are hit by mistake.
BESIDE = {
    "a": "sq", "b": "vn", "c": "xv", "d": "sf", "e": "wr", "f": "dg", "g": "fh", "h": "gj", "i": "uo",
    "j": "hk", "k": "jl", "l": "k", "m": "n", "n": "bm", "o": "ip", "p": "o", "q": "w", "r": "et", "s": "ad",
    "t": "ry", "u": "yi", "v": "cb", "w": "qe", "x": "zc", "y": "tu", "z": "x",
}  # fmt: skip
#: Shares of messages and of words.
EMBEDDED, AS_WRITTEN, SLIPPED_WORDS, SHOUTED = 0.12, 0.45, 0.06, 0.03
#: One in three of these gets a further piece, and so on, up to so many letters: what the model reads at once.
MORE, LONGEST_EMBEDDED = 0.35, 400
BETWEEN = (". ", " ", ", ", "\n")


def embedded(text: str, ordinary: Sequence[str], chance: random.Random) -> str:
    """Put ordinary talk before or behind one message in eight, at times several pieces of it.

    Ordinary messages too: otherwise what is long would be danger.
    """
    share = EMBEDDED
    while chance.random() < share:
        share = MORE
        around = chance.choice(ordinary)
        if len(text) + len(around) >= LONGEST_EMBEDDED:
            break
        pieces = (around, text) if chance.random() < 0.5 else (text, around)
        text = chance.choice(BETWEEN).join(pieces)
    return text


def with_slips(text: str, chance: random.Random) -> str:
    """Spell more than half of the messages as somebody would who is in a hurry."""
    how = chance.random()
    if how < AS_WRITTEN:
        return text
    if how < AS_WRITTEN + 0.2:
        text = text.replace("'", "").lower()
    elif how < AS_WRITTEN + 0.3:
        text = re.sub(r"[.,!?]", "", text).lower()
    words = [_slip(word, chance) if chance.random() < SLIPPED_WORDS else word for word in text.split(" ")]
    text = " ".join(words)
    return text.upper() if chance.random() < SHOUTED else text


def _slip(word: str, chance: random.Random) -> str:
    if len(word) < 4:
        return word
    at, how = chance.randrange(1, len(word) - 1), chance.random()
    if how < 0.3:
        return word[:at] + word[at + 1 :]
    if how < 0.6:
        return word[:at] + word[at + 1] + word[at] + word[at + 2 :]
    if how < 0.8:
        return word[:at] + word[at] + word[at:]
    return word[:at] + chance.choice(BESIDE.get(word[at].lower(), word[at])) + word[at + 1 :]
