"""Which of several jobs a client means: "the 2nd one", "that garden centre one"."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

_ORDINALS = {"1st": 1, "first": 1, "2nd": 2, "second": 2, "3rd": 3, "third": 3, "last": -1}
_NUMBERED = re.compile(r"\b(?:number|no\.?|#)\s*(\d)\b|^\s*(\d)\s*$")
#: Words that name no job, though an advert may hold them.
_EMPTY = frozenset(
    re.findall(
        r"[a-z]+",
        "the that this one ones job jobs work for and with from want like please yeah yes not about "
        "more tell interested apply place first second third last actually thanks what role can you "
        "have keen sounds show dont dunno maybe down put too far hours pay assistant time part full good",
    )
)
_NAMES_ONE = re.compile(
    r"\b(?:the|that)\s+((?:[\w']+\s+){1,3})(?:one|job)\b"
    r"|\b(?:the|that)\s+(?:one|job)\s+(?:in|at|with|by|near|from|where)\s+((?:[\w']+\s*){1,3})"
)


@dataclass(frozen=True)
class ShownLead:
    """A job as the client saw it."""

    id: str
    title: str
    employer: str


@dataclass(frozen=True)
class Mention:
    """The job a client means; or, with `unclear`, that they mean one of them and we cannot tell which."""

    id: str | None
    unclear: bool = False


def mentioned_lead(words: str, shown: Sequence[ShownLead]) -> Mention:
    """Return which of the shown jobs (oldest first) the words name; no id and not unclear: they name none."""
    words = words.lower()
    number = _number_in(words)
    if number is not None:
        position = number - 1 if number > 0 else len(shown) - 1
        found = 0 <= position < len(shown)
        return Mention(shown[position].id) if found else Mention(None, unclear=True)
    told = _telling_words(words)
    hits = [lead for lead in shown if told & _telling_words(f"{lead.title} {lead.employer}".lower())]
    if len(hits) == 1:
        return Mention(hits[0].id)
    named = _NAMES_ONE.search(words)
    return Mention(None, unclear=len(hits) > 1 or bool(named and _telling_words(named[1] or named[2])))


def _number_in(words: str) -> int | None:
    for name, number in _ORDINALS.items():
        if re.search(rf"\b{name}\b(?! shift| name| bus| week)", words):
            return number
    numbered = _NUMBERED.search(words)
    return int(numbered[1] or numbered[2]) if numbered else None


def _telling_words(words: str) -> set[str]:
    return {_stem(word) for word in re.findall(r"[a-z]{3,}", words.replace("'s", "s")) if word not in _EMPTY}


def _stem(word: str) -> str:
    """Bring "bakery", "baker" and "bakers" together: good enough to tell three adverts apart."""
    for ending in ("ers", "ery", "ing", "er", "es", "s"):
        if word.endswith(ending) and len(word) - len(ending) >= 3:
            return word[: -len(ending)]
    return word
