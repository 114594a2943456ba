"""What the trained detector looks at: two sentence embeddings, and hashed groups of letters and words."""

from __future__ import annotations

import re
import zlib
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]

#: Places that the groups are hashed into; few enough share one (measured, benchmarks/safety).
PLACES = 1 << 15
LAYERS = 5
#: How much the embeddings and the groups weigh beside each other (measured on the training messages).
DENSE_SCALE = np.float32(1.5)
GROUP_SCALE = np.float32(2.0)

#: Letters of other scripts, and emoji: to the sentence encoder, which read English, each is a piece by
#: itself that costs as much as a word and says next to nothing. So many of them are shown to it.
MOST_FOREIGN = 20
_FOREIGN = re.compile(r"[^\x00-\u024f\u2000-\u206f]")

_PIECE = re.compile(r"\w+|[^\w\s]+")


class Encoder(Protocol):
    """A sentence encoder; both of the dialogue's encoders are one."""

    sha256: str

    def encode_one(self, text: str) -> Floats: ...

    def layers_of(self, text: str) -> Floats | None: ...


@dataclass(frozen=True)
class Row:
    """One message: the dense part, and the places of its groups with their weights."""

    dense: Floats
    places: npt.NDArray[np.int64]
    weights: Floats


@dataclass(frozen=True)
class Features:
    """Turns words into numbers. `middle` is the mean of the inner layers over the training messages."""

    sentence: Encoder
    universal: Encoder
    middle: Floats
    letter_rarity: Floats
    word_rarity: Floats

    def of(self, text: str) -> Row:
        """Return the numbers of one message."""
        dense = np.concatenate(
            [self.sentence.encode_one(thinned(text)), self._layers(thinned(text)),
             self.universal.encode_one(text)]
        )  # fmt: skip
        letters, letter_weights = hashed(text, letter_groups, self.letter_rarity)
        words, word_weights = hashed(text, word_groups, self.word_rarity)
        return Row(
            dense * DENSE_SCALE,
            np.concatenate([letters, words + PLACES]),
            np.concatenate([letter_weights, word_weights]) * GROUP_SCALE,
        )

    def _layers(self, text: str) -> Floats:
        found = self.sentence.layers_of(text)
        if found is None:
            return np.zeros_like(self.middle)
        moved = (found - self.middle).reshape(LAYERS, -1)
        lengths = np.maximum(np.linalg.norm(moved, axis=1, keepdims=True), 1e-9)
        return np.asarray(moved / lengths / np.sqrt(LAYERS), dtype=np.float32).ravel()


def foreign_in(text: str) -> int:
    """Return how many letters of a text are of other scripts than ours, or emoji."""
    return len(_FOREIGN.findall(text))


def thinned(text: str) -> str:
    """Return a text with all that is in our script, and only the first few letters of what is not."""
    if foreign_in(text) <= MOST_FOREIGN:
        return text
    number = iter(range(len(text)))
    kept = _FOREIGN.sub(lambda letter: letter[0] if next(number) < MOST_FOREIGN else " ", text)
    return " ".join(kept.split())


def letter_groups(text: str) -> Iterator[str]:
    """Yield the groups of 2 to 5 letters in each word with its edges: a slip changes only a few."""
    for word in _PIECE.findall(text.lower()):
        padded = f" {word[:40]} "
        for size in range(2, 6):
            yield from (padded[at : at + size] for at in range(len(padded) - size + 1))


def word_groups(text: str) -> Iterator[str]:
    """Yield the runs of one to three words, without regard for apostrophes."""
    words = _PIECE.findall(text.lower().replace("'", "").replace("’", ""))
    for size in range(1, 4):
        yield from (" ".join(words[at : at + size]) for at in range(len(words) - size + 1))


def counted(text: str, groups: Callable[[str], Iterator[str]]) -> Counter[int]:
    """Return how often each place is met."""
    # CRC-32 and not hash(): it must be the same in every process for ever.
    return Counter(zlib.crc32(group.encode()) % PLACES for group in groups(text))


def hashed(
    text: str, groups: Callable[[str], Iterator[str]], rarity: Floats
) -> tuple[npt.NDArray[np.int64], Floats]:
    """Return the places of a text's groups and their weights: rare ones weigh more, the length is 1."""
    counts = counted(text, groups)
    places = np.fromiter(counts.keys(), dtype=np.int64, count=len(counts))
    often = np.fromiter(counts.values(), dtype=np.float32, count=len(counts))
    weights = (1 + np.log(often)) * rarity[places] if len(counts) else often
    length = float(np.linalg.norm(weights)) or 1.0
    return places, np.asarray(weights / length, dtype=np.float32)
