"""The small language of the rule files, turned into regular expressions that run in linear time.

    i ..2 {wanna} (die|be dead)      a word, a gap of up to two words, a word list, either of two phrases
    suicid*                          any word that begins so
    {going_to}? kill myself          a part that may be missing
    ^ done $                         the beginning and the end of a sentence
    i ..5 > suicidal                 the phrase begins at the mark: "not" and "my mum" before it still count

A gap never runs over the end of a sentence, and there is no unbounded repetition, so no text is slow.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

PHRASE = "phrase"
WordLists = Mapping[str, Sequence[str]]
_PIECE = re.compile(r"\s*(\^|\$|\.\.\d|\{\w+\}|[a-z0-9]+\*?|[()|?>])")


class RuleMistake(Exception):
    """A rule file says something that the pattern language cannot read."""


@dataclass(frozen=True)
class Pattern:
    """A compiled pattern. `anchors` are the words (or beginnings, `suicid*`) of which one must be there."""

    source: str
    regex: re.Pattern[str]
    anchors: frozenset[str]
    words: frozenset[str]

    def find(self, clause: str) -> tuple[int, str] | None:
        """Where the phrase begins, and its words."""
        found = self.regex.search(clause)
        if found is None:
            return None
        start = found.start(PHRASE) if PHRASE in self.regex.groupindex else found.start()
        return start, clause[start : found.end()]


@dataclass(frozen=True)
class _Part:
    """A piece of regular expression; `anchors` is None if the piece can match without any word of its own."""

    regex: str
    anchors: frozenset[str] | None
    words: frozenset[str] = frozenset()


def compile_pattern(source: str, lists: WordLists, common: frozenset[str]) -> Pattern:
    """Compile one line of a rule file; `common` words make poor anchors. Raises RuleMistake."""
    whole = _Reader(source, lists, common).read()
    if whole.anchors is None:
        raise RuleMistake(f"every part of {source!r} may be missing")
    # Each word carries its following space, so that a word never matches inside another.
    return Pattern(source, re.compile(f"(?<= ){whole.regex}"), whole.anchors, whole.words)


class _Reader:
    """Reads one pattern from left to right."""

    def __init__(self, source: str, lists: WordLists, common: frozenset[str]) -> None:
        self._source, self._lists, self._common = source, lists, common
        self._pieces = self._split(source)
        self._place = 0

    def read(self) -> _Part:
        whole = self._choices()
        if self._place < len(self._pieces):
            raise RuleMistake(f"one bracket too many in {self._source!r}")
        return whole

    def _split(self, source: str) -> list[str]:
        pieces, place = [], 0
        while place < len(source.rstrip()):
            found = _PIECE.match(source, place)
            if found is None:
                raise RuleMistake(f"cannot read {source[place:]!r} in {source!r}")
            pieces.append(found.group(1))
            place = found.end()
        return pieces

    def _next(self) -> str | None:
        return self._pieces[self._place] if self._place < len(self._pieces) else None

    def _choices(self) -> _Part:
        parts = [self._sequence()]
        while self._next() == "|":
            self._place += 1
            parts.append(self._sequence())
        return _either(parts)

    def _sequence(self) -> _Part:
        parts: list[_Part] = []
        while (piece := self._next()) is not None and piece not in ("|", ")"):
            self._place += 1
            part = self._part(piece)
            if self._next() == "?":
                self._place += 1
                part = _Part(f"(?:{part.regex})?", None, part.words)
            parts.append(part)
        return self._in_order(parts)

    def _part(self, piece: str) -> _Part:
        if piece == "(":
            inside = self._choices()
            if self._next() != ")":
                raise RuleMistake(f"a bracket is open in {self._source!r}")
            self._place += 1
            return inside
        if piece == "^":
            return _Part(r"(?<=\| )", None)
        if piece == "$":
            return _Part(r"(?=\|)", None)
        if piece == ">":
            return _Part(rf"(?P<{PHRASE}>)", None)
        if piece.startswith(".."):
            return _Part(rf"(?:[^| ]+ ){{0,{piece[2:]}}}?", None)
        if piece.startswith("{"):
            if piece[1:-1] not in self._lists:
                raise RuleMistake(f"there is no word list {piece}")
            return _either(
                [_Reader(item, self._lists, self._common).read() for item in self._lists[piece[1:-1]]]
            )
        if piece == "?":
            raise RuleMistake(f"a question mark follows nothing in {self._source!r}")
        ending = "[^| ]* " if piece.endswith("*") else " "
        return _Part(re.escape(piece.rstrip("*")) + ending, frozenset([piece]), frozenset([piece]))

    def _in_order(self, parts: Sequence[_Part]) -> _Part:
        """Of all the words that must be there, the rarest serve as anchors."""
        needed = [part.anchors for part in parts if part.anchors]
        anchors = min(needed, key=self._cost) if needed else None
        words = frozenset(word for part in parts for word in part.words)
        return _Part("".join(part.regex for part in parts), anchors, words)

    def _cost(self, anchors: frozenset[str]) -> tuple[int, int]:
        return sum(word in self._common for word in anchors), len(anchors)


def _either(parts: Sequence[_Part]) -> _Part:
    if len(parts) == 1:
        return parts[0]
    anchors: frozenset[str] | None = frozenset()
    for part in parts:
        anchors = None if anchors is None or part.anchors is None else anchors | part.anchors
    words = frozenset(word for part in parts for word in part.words)
    return _Part(f"(?:{'|'.join(part.regex for part in parts)})", anchors, words)
