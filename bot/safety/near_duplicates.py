"""Finds messages that are nearly the same, letter for letter: training and proof must not share any."""

from __future__ import annotations

import math
import re
from collections import Counter, defaultdict
from collections.abc import Sequence

#: Groups of letters that two messages share, of all that either has; from here on they are near duplicates.
NEAR = 0.6
GROUP = 4

_LETTERS = re.compile(r"[\W_]+")


def near_duplicates(first: Sequence[str], second: Sequence[str], near: float = NEAR) -> list[tuple[str, str]]:
    """Return the pairs of one message of each list that are nearly the same."""
    kept = [(text, _groups(text)) for text in first]
    others = [(text, _groups(text)) for text in second]
    often = Counter(group for _, groups in (*kept, *others) for group in groups)

    def rarest(groups: frozenset[str]) -> list[str]:
        # Two near messages share one of these: what is left is too little to be near.
        ordered = sorted(groups, key=lambda group: (often[group], group))
        return ordered[: len(ordered) - math.ceil(near * len(ordered)) + 1]

    having: defaultdict[str, list[int]] = defaultdict(list)
    for number, (_, groups) in enumerate(kept):
        for group in rarest(groups):
            having[group].append(number)
    pairs = []
    for text, groups in others:
        size = len(groups)
        for number in sorted({number for group in rarest(groups) for number in having.get(group, ())}):
            other, its = kept[number]
            # Of very different length they cannot be near, which is quicker seen than what they share.
            if not near * size <= len(its) <= size / near:
                continue
            shared = len(groups & its)
            if shared and shared >= near * (size + len(its) - shared):
                pairs.append((other, text))
    return pairs


def _groups(text: str) -> frozenset[str]:
    letters = f" {_LETTERS.sub(' ', text.casefold()).strip()} "
    return frozenset(letters[at : at + GROUP] for at in range(max(1, len(letters) - GROUP + 1)))
