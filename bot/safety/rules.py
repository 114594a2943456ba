"""The phrase rules: read from the files in `rules/`, matched clause by clause."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from bot.safety.normalise import BREAK, Spelling
from bot.safety.patterns import Pattern, RuleMistake, compile_pattern
from bot.safety.routes import Finding, Route

RULES = Path(__file__).parent / "rules"
#: Words too short to be looked for as slips that are read when a space has got into them.
BREAKABLE = ("die", "dead", "kill", "harm", "pills")
WINDOW, OVERLAP = 60, 20  # words; a message with no full stop is read in pieces that overlap
LOOK_BACK = 8  # words before a phrase in which its subject stands
MASKED = "~"
ENOUGH = 50  # clauses after which the riskiest answer, once found, cannot change


@dataclass(frozen=True)
class Rule:
    """One meaning: any of its phrases, or all of its parts somewhere in the message.

    `about_self` rules that turn out to speak of somebody else become the third-party route;
    `deniable` ones that are denied ("not suicidal") or long past become the soft route; `sure` ones say it
    outright, the others are hints.
    """

    id: str
    route: Route
    kind: str
    any: tuple[Pattern, ...]
    all: tuple[Pattern, ...]
    unless: tuple[Pattern, ...]
    about_self: bool
    deniable: bool
    sure: bool
    fires_on: tuple[str, ...]
    stays_quiet: tuple[str, ...]

    @property
    def patterns(self) -> tuple[Pattern, ...]:
        return self.any + self.all


@dataclass(frozen=True)
class Words:
    """Small word lists that the reading of a sentence needs."""

    self: frozenset[str]
    others: frozenset[str]
    negations: frozenset[str]
    between_negation: frozenset[str]
    #: "I cannot promise that I will not" and "trying not to" deny nothing.
    no_denial: frozenset[str]
    past: tuple[Pattern, ...]
    still: frozenset[str]
    #: Words of forms and applications: what is long past is told for these, and needs no answer.
    told_for: frozenset[str]


class _Index:
    """Finds the few patterns worth trying on a clause, by the words that stand in it."""

    def __init__(self, patterns: Sequence[Pattern]) -> None:
        self._patterns = patterns
        self._words: defaultdict[str, list[int]] = defaultdict(list)
        self._beginnings: defaultdict[str, list[tuple[str, int]]] = defaultdict(list)
        for number, pattern in enumerate(patterns):
            for anchor in pattern.anchors:
                if anchor.endswith("*"):
                    self._beginnings[anchor[:3]].append((anchor[:-1], number))
                else:
                    self._words[anchor].append(number)

    def candidates(self, words: set[str]) -> Iterator[tuple[int, Pattern]]:
        numbers: set[int] = set()
        for word in words:
            numbers.update(self._words.get(word, ()))
            for beginning, number in self._beginnings.get(word[:3], ()):
                if word.startswith(beginning):
                    numbers.add(number)
        for number in sorted(numbers):
            yield number, self._patterns[number]


class RuleDetector:
    """The deterministic detector. Holds no state between messages."""

    name = "rules"

    def __init__(
        self, rules: Sequence[Rule], quiet: Sequence[Pattern], spelling: Spelling, words: Words
    ) -> None:
        self.rules = tuple(rules)
        self._spelling = spelling
        self._words = words
        self._quiet = _Index(quiet)
        self._owners = [rule for rule in self.rules for _ in rule.patterns]
        self._index = _Index([pattern for rule in self.rules for pattern in rule.patterns])

    @classmethod
    def load(cls, folder: Path = RULES) -> "RuleDetector":
        """Read every rule file; raises RuleMistake with the file's name if one cannot be read."""
        lists = _read(folder / "words.yml")
        common = frozenset(lists["common"])
        compiled = [
            _rule(raw, book, lists["lists"], common) for book in _books(folder) for raw in book["rules"]
        ]
        quiet = _patterns(_read(folder / "quiet.yml")["quiet"], lists["lists"], common)
        words = Words(
            self=frozenset(lists["self"]),
            others=frozenset(lists["lists"]["other"]),
            negations=frozenset(lists["negations"]),
            between_negation=frozenset(lists["between_negation"]),
            no_denial=frozenset(lists["no_denial"]),
            past=_patterns(lists["past"], lists["lists"], common),
            still=frozenset(lists["still"]),
            told_for=frozenset(lists["told_for"]),
        )
        known = {
            word for rule in compiled for pattern in (*rule.patterns, *rule.unless) for word in pattern.words
        }
        known |= {word for pattern in quiet for word in pattern.words} | words.others | words.self
        return cls(compiled, quiet, _spelling(lists, known), words)

    def find(self, text: str) -> list[Finding]:
        """All that the rules read in the text, in no order."""
        findings: list[Finding] = []
        parts: defaultdict[str, set[str]] = defaultdict(set)
        plain = self._spelling.plain(text)
        told = not self._words.told_for.isdisjoint(plain.split())
        for number_read, clause in enumerate(self._clauses(plain)):
            for number, pattern in self._index.candidates(set(clause.split())):
                rule = self._owners[number]
                place = pattern.find(clause)
                if place is None or any(other.regex.search(clause) for other in rule.unless):
                    continue
                if told and rule.deniable and self._long_past(clause):
                    continue
                if pattern in rule.all:
                    parts[rule.id].add(pattern.source)
                if pattern in rule.any or (rule.all and len(parts[rule.id]) == len(rule.all)):
                    findings.append(self._finding(rule, clause, *place))
            if number_read > ENOUGH and any(finding.route is Route.CRISIS for finding in findings):
                break
        return findings

    def _clauses(self, plain: str) -> Iterator[str]:
        """Each clause once, with everyday sayings masked. A repeated clause tells nothing new."""
        seen: set[str] = set()
        for sentence in plain.split(BREAK):
            words = sentence.split()
            for start in range(0, max(1, len(words) - OVERLAP), WINDOW - OVERLAP):
                clause = f"{BREAK} {' '.join(words[start : start + WINDOW])} {BREAK}"
                if words and clause not in seen:
                    seen.add(clause)
                    yield self._masked(clause)

    def _masked(self, clause: str) -> str:
        for _, pattern in self._quiet.candidates(set(clause.split())):
            clause = pattern.regex.sub(f"{MASKED} ", clause)
        return clause

    def _finding(self, rule: Rule, clause: str, start: int, phrase: str) -> Finding:
        name = f"rules:{rule.id}"
        before = clause[:start].split()[-LOOK_BACK:]
        if rule.about_self and self._about_someone_else(before, phrase.split()):
            return Finding(Route.THIRD_PARTY, "worried_about_someone", name, rule.sure)
        if rule.deniable and (self._denied(before) or self._long_past(clause)):
            return Finding(Route.SOFT, "denied", name, rule.sure)
        return Finding(rule.route, rule.kind, name, rule.sure)

    def _about_someone_else(self, before: Sequence[str], phrase: Sequence[str]) -> bool:
        """The nearest person before the phrase is its subject; nobody named means the writer."""
        if not self._words.self.isdisjoint(phrase):
            return False
        for word in reversed(before):
            if word in self._words.self:
                return False
            if word in self._words.others or word.removesuffix("s") in self._words.others:
                return True  # also "mums taken", "my wifes"
        return False

    def _denied(self, before: Sequence[str]) -> bool:
        """A negation stands right before the phrase, or with words like "having any thoughts of" between."""
        place = len(before) - 1
        while place >= 0 and before[place] in self._words.between_negation:
            place -= 1
        if place < 0 or before[place] not in self._words.negations:
            return False
        return self._words.no_denial.isdisjoint(before[max(0, place - 3) : place])

    def _long_past(self, clause: str) -> bool:
        found = [match.span() for pattern in self._words.past if (match := pattern.regex.search(clause))]
        if not found:
            return False
        # What says when it was says nothing of now: "back in 2011" is not "it is back".
        rest = list(clause)
        for start, end in found:
            rest[start:end] = "-" * (end - start)
        return self._words.still.isdisjoint("".join(rest).split())


def _books(folder: Path) -> list[Mapping[str, Any]]:
    """A route's rules stand in one file, or in several that begin with its name (`crisis_hints.yml`)."""
    return [
        _read(path)
        for route in Route
        for path in (folder / f"{route}.yml", *sorted(folder.glob(f"{route}_*.yml")))
    ]


def _read(path: Path) -> Mapping[str, Any]:
    try:
        # BaseLoader makes nothing but strings, lists and maps: "no", "on" and "off" stay words.
        book = yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.BaseLoader)  # noqa: S506
    except (OSError, yaml.YAMLError) as error:
        raise RuleMistake(f"{path.name} cannot be read") from error
    if not isinstance(book, dict):
        raise RuleMistake(f"{path.name} is not a rule file")
    return book


def _patterns(
    sources: Sequence[str], lists: Mapping[str, Sequence[str]], common: frozenset[str]
) -> tuple[Pattern, ...]:
    return tuple(compile_pattern(source, lists, common) for source in sources)


def _rule(
    raw: Mapping[str, Any],
    book: Mapping[str, Any],
    lists: Mapping[str, Sequence[str]],
    common: frozenset[str],
) -> Rule:
    return Rule(
        id=raw["id"],
        route=Route(book["route"]),
        kind=raw["kind"],
        any=_patterns(raw.get("any", ()), lists, common),
        all=_patterns(raw.get("all", ()), lists, common),
        unless=_patterns(raw.get("unless", ()), lists, common),
        about_self=raw.get("about_self", book.get("about_self")) == "true",
        deniable=raw.get("deniable") == "true",
        sure=raw.get("sure", book.get("sure")) == "true",
        fires_on=tuple(raw["fires_on"]),
        stays_quiet=tuple(raw["stays_quiet"]),
    )


def _spelling(lists: Mapping[str, Any], known: set[str]) -> Spelling:
    variants = {
        typed: plain for plain, typings in lists["spelling"].items() for typed in str(typings).split()
    }
    plain_words = frozenset(word for word in known if not word.endswith("*")) | common_words(lists)
    joins = {tuple(run.split()): one for one, runs in lists["joins"].items() for run in runs}
    return Spelling(
        variants=variants,
        joins={**broken_words([*BREAKABLE, *lists["slips"]], plain_words | set(variants)), **joins},
        emoji=lists["emoji"],
        slips=tuple(lists["slips"]),
        not_slips=frozenset(lists["not_slips"]),
        known=plain_words,
        segments=frozenset(lists["segments"]),
        told_short=frozenset(lists["told_short"]),
    )


def broken_words(words: Iterable[str], known: Set[str]) -> dict[tuple[str, ...], str]:
    """Return each way in which a space can stand inside a word ("di e"), if neither part is a word itself."""
    return {
        (word[:at], word[at:]): word
        for word in words
        for at in range(1, len(word))
        if not {word[:at], word[at:]} & known
    }


def common_words(lists: Mapping[str, Any]) -> frozenset[str]:
    """Everyday words that are never a slip of something else."""
    return frozenset(lists["common"])
