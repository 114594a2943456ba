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
        object.__setattr__(self, "_rarity", [float(weight) for weight in self.weights])

    def row(self, text: str) -> tuple[list[int], list[float]]:
        """Return the numbers of the known terms in a text and their weights, of length 1 together."""
        index: dict[str, int] = self._index  # type: ignore[attr-defined]
        rarity: list[float] = self._rarity  # type: ignore[attr-defined]
        counts = Counter(index[term] for term in TERMS[self.kind](text) if term in index)
        values = [
            rarity[column] if times == 1 else (1.0 + math.log(times)) * rarity[column]
            for column, times in counts.items()
        ]
        length = math.sqrt(sum(value * value for value in values)) or 1.0
        return list(counts), [value / length for value in values]

    def vectors(self, texts: Sequence[str]) -> csr_matrix:
        """Return one sparse row of length 1 a text; a text without a known term is a row of zeros."""
        rows = [self.row(text) for text in texts]
        starts = np.cumsum([0, *(len(columns) for columns, _ in rows)])
        return csr_matrix(
            (
                np.asarray([value for _, values in rows for value in values], dtype=np.float32),
                np.asarray([column for columns, _ in rows for column in columns], dtype=np.int32),
                starts,
            ),
            shape=(len(texts), len(self.terms)),
        )


class Postings:
    """For each term the examples that have it: a message is compared with those only."""

    def __init__(self, views: Sequence[tuple[LexicalView, float]], terms: csr_matrix) -> None:
        """Take the views with their scales, and a matrix of one row a term, one column an example."""
        self._views = views
        self._starts: list[int] = terms.indptr.tolist()
        self._examples = terms.indices.astype(np.intp)
        self._weights = terms.data
        self._count = terms.shape[1]

    def alike(self, text: str) -> np.ndarray:
        """Return what the words and letters of a text add to its likeness to each example."""
        examples: list[np.ndarray] = []
        weights: list[np.ndarray] = []
        first = 0
        for view, scale in self._views:
            for term, value in zip(*view.row(text), strict=True):
                part = slice(self._starts[first + term], self._starts[first + term + 1])
                examples.append(self._examples[part])
                weights.append(self._weights[part] * (value * scale))
            first += len(view.terms)
        if not examples:
            return np.zeros(self._count)
        return np.bincount(np.concatenate(examples), np.concatenate(weights), minlength=self._count)
