"""What the words and the letters of a message say, beside its embedding: TF-IDF without a library."""

from __future__ import annotations

import math
import re
from collections import Counter
from dataclasses import dataclass
from itertools import pairwise
from typing import Callable, Final, Iterator, Mapping, Sequence

import numpy as np
from scipy.sparse import csr_matrix

_WORD: Final = re.compile(r"\w+")
# A word this long is a paste or a link; its letters would only cost time.
_LONGEST_WORD: Final = 40
_MOST_WORDS: Final = 150


def words_and_pairs(text: str) -> Iterator[str]:
    """Yield the lower-case words of a text and each pair of neighbours."""
    words = _words(text)
    yield from words
    yield from (f"{first} {second}" for first, second in pairwise(words))


def letter_groups(text: str) -> Iterator[str]:
    """Yield the groups of 2 to 5 letters in each word, with its edges: a slip changes only a few."""
    for word in _words(text):
        padded = f" {word} "
        for size in range(2, 6):
            if len(padded) <= size:
                yield padded
                break
            yield from (padded[start : start + size] for start in range(len(padded) - size + 1))


def _words(text: str) -> list[str]:
    return [word[:_LONGEST_WORD] for word in _WORD.findall(text.lower())[:_MOST_WORDS]]


TERMS: Final[Mapping[str, Callable[[str], Iterator[str]]]] = {
    "words": words_and_pairs,
    "letters": letter_groups,
}


@dataclass(frozen=True)
class LexicalView:
    """The terms known from training with their weights; `kind` is a key of TERMS."""

    kind: str
    terms: tuple[str, ...]
    weights: np.ndarray

    @classmethod
    def learn(cls, kind: str, texts: Sequence[str]) -> "LexicalView":
        """Learn the terms of the training texts; rare terms weigh more."""
        seen = Counter(term for text in texts for term in set(TERMS[kind](text)))
        terms = tuple(sorted(seen))
        count = len(texts)
        weights = [math.log((1 + count) / (1 + seen[term])) + 1.0 for term in terms]
        return cls(kind, terms, np.asarray(weights, dtype=np.float32))

    def __post_init__(self) -> None:
        object.__setattr__(self, "_index", {term: row for row, term in enumerate(self.terms)})

    def vectors(self, texts: Sequence[str]) -> csr_matrix:
        """Return one sparse row of length 1 a text; a text without a known term is a row of zeros."""
        index: dict[str, int] = self._index  # type: ignore[attr-defined]
        values: list[float] = []
        columns: list[int] = []
        starts = [0]
        for text in texts:
            counts = Counter(index[term] for term in TERMS[self.kind](text) if term in index)
            row = [(1.0 + math.log(times)) * float(self.weights[column]) for column, times in counts.items()]
            length = math.sqrt(sum(value * value for value in row)) or 1.0
            values.extend(value / length for value in row)
            columns.extend(counts)
            starts.append(len(columns))
        return csr_matrix(
            (np.asarray(values, dtype=np.float32), np.asarray(columns, dtype=np.int32), np.asarray(starts)),
            shape=(len(texts), len(self.terms)),
        )
