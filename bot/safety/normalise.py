"""Brings what people type to one plain form, so that a rule is written once."""

import re
import unicodedata
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

BREAK = "|"
LONGEST_WORD = 40
LONG = 10_000  # letters; a chat message carries 4,096
CAREFUL_WORDS = 400  # unknown words of one message that are read for slips; far above what a chat can carry
SHORTEST_RUN, LONG_RUN = 5, 9  # letters of words without spaces between them
SHORT_LINE = 4  # a line of up to so many words is a fragment, and runs on into the next

_INVISIBLE = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff]"
)
_MARKS = re.compile("[\u0300-\u036f]")
#: "od'd", which without its mark is another word.
_OVERDOSED = re.compile("(?<![^\\W_])o\\.?d['’‘`´](d|ed)(?![^\\W_])")
_QUOTES = re.compile("['’‘`´ʼ＇\"“”]")
# Letters of other scripts that look like ours: a word that mixes them is still read.
_LOOKALIKES = str.maketrans("аеорсухіјѕԁһκοαυιν", "aeopcyxijsdhkoauiv")
_LEET = str.maketrans("0134579@$!+", "oieastgasit")
_LEET_L = str.maketrans("0134579@$!+", "oleastgaslt")  # "ki11"
_SPACED = re.compile(r"(?<![^\W_])[a-z](?:[ .\-_*,/]{1,3}[a-z0-9@$!]){2,}(?![^\W_])")
_SEPARATORS = re.compile(r"[ .\-_*,/]+")
_TOKEN = re.compile(r"[@$]?[^\W_]+(?:[@$*!+]+[^\W_]+)*|\.{2,}|[.!?;…][\s.!?;…]*|\n\s*")
_REPEATS = re.compile(r"(.)\1{2,}")
_WORD = re.compile(r"[^\W_]")


@dataclass(frozen=True)
class Spelling:
    """The words that the rules know, and how people write them.

    `variants` maps one typed word to its plain form (which may be two words), `joins` maps a run of
    plain words to one, `slips` are words worth recognising with one letter wrong, `not_slips` are real
    words that only look like one. `segments` are words that may stand run together; a short run is taken
    apart only if it has one of `told_short`.
    """

    variants: Mapping[str, str]
    joins: Mapping[tuple[str, ...], str]
    emoji: Mapping[str, str]
    slips: Collection[str]
    not_slips: Collection[str]
    known: Collection[str]
    segments: Collection[str]
    told_short: frozenset[str]
    join_starts: Collection[str] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "join_starts", frozenset(run[0] for run in self.joins))

    def plain(self, text: str) -> str:
        """Return the text as `| word word | word |`: bars stand where a sentence ends. Never raises."""
        if len(text) > LONG:
            text = "\n".join(dict.fromkeys(text.split("\n")))  # a repeated line says nothing new
        words: list[str] = []
        line_start = 0
        cache: dict[str, str] = {}
        for token in _TOKEN.findall(self._letters(text)):
            plain = cache.get(token)
            if plain is None and _WORD.search(token):
                plain = cache[token] = self._word(token[:LONGEST_WORD], careful=len(cache) < CAREFUL_WORDS)
            if plain is not None:
                words += plain.split(" ") if " " in plain else [plain] if plain else ()
            elif token[0] == "\n":
                if len(words) - line_start > SHORT_LINE:
                    words.append(BREAK)
                line_start = len(words)
            elif token[:2] != ".." and token[0] != "…":
                words.append(BREAK)
                line_start = len(words)
        return f"{BREAK} {' '.join(self._joined(words))} {BREAK}"

    def _letters(self, text: str) -> str:
        plain = unicodedata.normalize("NFKC", text)
        plain = _INVISIBLE.sub("", plain).casefold()
        if not plain.isascii():
            plain = _MARKS.sub("", unicodedata.normalize("NFKD", plain)).translate(_LOOKALIKES)
            for sign, word in self.emoji.items():
                plain = plain.replace(sign, f" {word} ")
        plain = _QUOTES.sub("", _OVERDOSED.sub("overdosed", plain))
        return _SPACED.sub(self._unspaced, plain)

    def _unspaced(self, found: re.Match[str]) -> str:
        """`k i l l` is one word; `k i l l m y s e l f` is two."""
        run = _SEPARATORS.sub("", found.group())[:LONGEST_WORD]
        return self._segmented(run.translate(_LEET)) or run

    def _word(self, token: str, careful: bool) -> str:
        if token in self.variants:
            return self.variants[token]
        if token in self.known or not careful:
            return token
        for candidate in self._candidates(token):
            if candidate in self.variants:
                return self.variants[candidate]
            if candidate in self.known:
                return candidate
        return self._taken_apart(token) or self._slip(token) or token

    def _candidates(self, token: str) -> list[str]:
        """Other readings of a word: letters for digits, fewer repeats, a starred-out letter."""
        found = []
        if not token.isalpha() and any(letter.isalpha() for letter in token):
            found += [token.translate(_LEET), token.translate(_LEET_L)]
        for reading in (token, *found):
            if _REPEATS.search(reading):
                found += [_REPEATS.sub(r"\1\1", reading), _REPEATS.sub(r"\1", reading)]
        if "*" in token:
            shape = re.compile(re.escape(token).replace(r"\*", "."))
            found += [word for word in self.slips if shape.fullmatch(word)]
        return found

    def _slip(self, token: str) -> str | None:
        if len(token) < 4 or token in self.not_slips:
            return None
        return next((word for word in self.slips if len(word) > 5 and _one_slip(token, word)), None) or next(
            (word for word in self.slips if len(word) > 5 and _without_vowels(token, word)), None
        )

    def _taken_apart(self, token: str) -> str | None:
        """Read `killmyself` and `iwant2die` as words; a short run only where it says something grave."""
        for run in dict.fromkeys((token, token.replace("2", "to"))):
            parts = self._segmented(run) if len(run) >= SHORTEST_RUN and run not in self.not_slips else None
            if parts and (len(run) >= LONG_RUN or not self.told_short.isdisjoint(parts.split())):
                return parts
        return None

    def _segmented(self, run: str) -> str | None:
        """Split `killmyself` into words of the short list, if all of it splits."""
        ways: list[str | None] = ["", *([None] * len(run))]
        for end in range(1, len(run) + 1):
            for start in range(max(0, end - 9), end):
                before, part = ways[start], run[start:end]
                if before is not None and part in self.segments:
                    ways[end] = f"{before} {part}".strip()
                    break
        return ways[-1]

    def _joined(self, words: list[str]) -> list[str]:
        out: list[str] = []
        place = 0
        while place < len(words):
            for size in (3, 2) if words[place] in self.join_starts else ():
                one = self.joins.get(tuple(words[place : place + size]))
                if one is not None:
                    out.append(one)
                    place += size
                    break
            else:
                out.append(words[place])
                place += 1
        return out


def _one_slip(typed: str, word: str) -> bool:
    """True if one letter is missing, added, wrong, or two stand the wrong way round (never the first)."""
    if len(typed) < 5 or typed[0] != word[0] or abs(len(typed) - len(word)) > 1:
        return False
    place = 0
    while place < min(len(typed), len(word)) and typed[place] == word[place]:
        place += 1
    left, right = typed[place:], word[place:]
    return (
        left[1:] == right
        or left == right[1:]
        or left[1:] == right[1:]
        or (len(left) > 1 and left[:2] == right[1::-1] and left[2:] == right[2:])
    )


def _without_vowels(typed: str, word: str) -> bool:
    """True if what was typed is the word with some of its vowels left out ("ovrds", "mslf")."""
    if typed[0] != word[0]:
        return False
    place = 0
    for letter in word:
        if place < len(typed) and typed[place] == letter:
            place += 1
        elif letter not in "aeiouy":
            return False
    return place == len(typed)
