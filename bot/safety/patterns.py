"""The small language of the rule files, turned into regular expressions that run in linear time.

    i ..2 {wanna} (die|be dead)      a word, a gap of up to two words, a word list, either of two phrases
    suicid*                          any word that begins so
    {going_to}? kill myself          a part that may be missing
    ^ done $                         the beginning and the end of a sentence

A gap never runs over the end of a sentence. There is no unbounded repetition, so no text is slow.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

WordLists = Mapping[str, Sequence[str]]
_PART = re.compile(r"\s*(\^|\$|\.\.\d|\{\w+\}\??|\([^()]*\)\??|[a-z0-9*]+\??)")
_REFERENCE = re.compile(r"\{(\w+)\}")


class RuleMistake(Exception):
    """A rule file says something that the pattern language cannot read."""


@dataclass(frozen=True)
class Pattern:
    """A compiled pattern. `anchors` are the words (or beginnings, `suicid*`) of which one must be there."""

    source: str
    regex: re.Pattern[str]
    anchors: frozenset[str]
    words: frozenset[str]


def compile_pattern(source: str, lists: WordLists, common: frozenset[str]) -> Pattern:
    """Compile one line of a rule file; `common` words make poor anchors."""
    regex, place = ["(?<= )"], 0
    needed: list[frozenset[str]] = []
    words: set[str] = set()
    while place < len(source.rstrip()):
        found = _PART.match(source, place)
        if found is None:
            raise RuleMistake(f"cannot read {source[place:]!r} in {source!r}")
        part, place = found.group(1), found.end()
        if part == "^":
            regex = [r"(?<=\| )", *regex[1:]]
        elif part == "$":
            regex.append(r"(?=\|)")
        elif part.startswith(".."):
            regex.append(rf"(?:[^| ]+ ){{0,{part[2:]}}}?")
        else:
            optional = part.endswith("?")
            phrases = _phrases(part.rstrip("?"), lists)
            regex.append(f"(?:{'|'.join(_phrase(phrase) for phrase in phrases)}){'?' if optional else ''}")
            words.update(word for phrase in phrases for word in phrase.split())
            if not optional:
                needed.append(frozenset(_rarest(phrase, common) for phrase in phrases))
    if not needed:
        raise RuleMistake(f"every part of {source!r} may be missing")
    anchors = min(needed, key=lambda some: (sum(word in common for word in some) / len(some), len(some)))
    return Pattern(source, re.compile("".join(regex)), anchors, frozenset(words))


def _phrases(part: str, lists: WordLists) -> list[str]:
    if part.startswith("{"):
        return _listed(part[1:-1], lists)
    if not part.startswith("("):
        return [part]
    phrases: list[str] = []
    for choice in part[1:-1].split("|"):
        whole = _REFERENCE.fullmatch(choice.strip())
        phrases += _listed(whole.group(1), lists) if whole else [choice.strip()]
    return phrases


def _listed(name: str, lists: WordLists) -> list[str]:
    if name not in lists:
        raise RuleMistake(f"there is no word list {name!r}")
    return [
        phrase
        for item in lists[name]
        for phrase in ([item] if "{" not in item else _listed(item[1:-1], lists))
    ]


def _phrase(phrase: str) -> str:
    """Each word is followed by its space, so that a word never matches inside another."""
    return "".join(
        re.escape(word[:-1]) + "[^| ]* " if word.endswith("*") else re.escape(word) + " "
        for word in phrase.split()
    )


def _rarest(phrase: str, common: frozenset[str]) -> str:
    return min(phrase.split(), key=lambda word: (word in common, -len(word)))
