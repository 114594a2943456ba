"""Finds messages that are nearly the same, letter for letter: training and proof must not share any."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence

#: Groups of letters that two messages share, of all that either has; from here on they are near duplicates.
NEAR = 0.6
GROUP = 4

_LETTERS = re.compile(r"[\W_]+")


def near_duplicates(first: Sequence[str], second: Sequence[str], near: float = NEAR) -> list[tuple[str, str]]:
    """Return the pairs of one message of each list that are nearly the same."""
    kept = [(text, _groups(text)) for text in first]
    having: defaultdict[str, list[int]] = defaultdict(list)
    for number, (_, groups) in enumerate(kept):
        for group in groups:
            having[group].append(number)
    pairs = []
    for text in second:
        groups = _groups(text)
        for number in _sharing(groups, having):
            other, others = kept[number]
            shared = len(groups & others)
            if shared and shared >= near * len(groups | others):
                pairs.append((other, text))
    return pairs


def _groups(text: str) -> frozenset[str]:
    letters = f" {_LETTERS.sub(' ', text.casefold()).strip()} "
    return frozenset(letters[at : at + GROUP] for at in range(max(1, len(letters) - GROUP + 1)))


def _sharing(groups: Iterable[str], having: defaultdict[str, list[int]]) -> set[int]:
    return {number for group in groups for number in having.get(group, ())}
