"""Reads every message for danger before anything else does."""

import itertools
import re
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import structlog

from bot.safety.routes import Detector, Finding, Route, Screening
from bot.safety.rules import RULES, RuleDetector
from bot.safety.signs import SignsAlone
from bot.safety.trained import TrainedDetector, TrainedModelMissing

logger = structlog.get_logger(__name__)

FRAGMENT_WORDS = 6  # a longer message is a thought of its own and is not joined
FRAGMENTS = 5
FRAGMENT_LETTERS = 200
SENTENCES_READ = 12
_SENTENCE_END = re.compile(r"[.!?…\n]+")

__all__ = ["Detector", "Finding", "Route", "Screen", "Screening"]


class Screen:
    """All detectors over one message; the riskiest reading is the answer."""

    def __init__(self, detectors: Sequence[Detector], trained: TrainedDetector | None = None) -> None:
        self._trained = trained
        self._detectors = tuple(detectors) if trained is None else (*detectors, trained)

    @classmethod
    def load(cls, folder: Path = RULES) -> "Screen":
        """Read the rules and the trained model once; raises RuleMistake if a rule file is wrong.

        Without the model the rules go on alone, and `foothold doctor` says so: half a screen beside a reply
        is better than none.
        """
        rules = RuleDetector.load(folder)
        try:
            trained = TrainedDetector.load()
            return cls([CheckedRules(rules, trained), SignsAlone()], trained)
        except TrainedModelMissing as error:
            logger.error("safety model missing", why=str(error))
            return cls([rules, SignsAlone()])

    @property
    def is_whole(self) -> bool:
        """Whether the trained model reads beside the rules."""
        return self._trained is not None

    def read(
        self, text: str, recent: Sequence[str] = (), *, before: Sequence[str] = (), after: Sequence[str] = ()
    ) -> Screening:
        """Screen `text`, and also its join with the client's short messages around it, each oldest first.

        `recent` came just before it; `before` came before those, with our replies in between; `after` came
        later, when `text` is an earlier message that was edited.
        Never raises: a detector that does is noted in `failed`, so that a human can be told.
        """
        started = time.perf_counter()
        findings: list[Finding] = []
        failed = False
        run = _Run.around(text, recent, before, after)
        for detector in self._detectors:
            try:
                findings += detector.find(text)
                findings += run.find(detector)
            # Of any type: a detector may bring a library with errors of its own, and whatever goes wrong
            # inside it, the message still has to be stored and answered.
            except Exception:  # noqa: BLE001
                # Not the words, and not the error's own text: either may hold what the client wrote.
                logger.error("safety detector failed", detector=detector.name)
                failed = True
        findings.sort(key=lambda finding: finding.rank)
        first = findings[0] if findings else None
        near_miss = None
        if first is None and not failed and self._trained is not None:
            near_miss = self._trained.near_miss(text)
        return Screening(
            route=first.route if first else None,
            kind=first.kind if first else None,
            detectors=tuple(dict.fromkeys(finding.detector for finding in findings)),
            ms=round((time.perf_counter() - started) * 1000, 3),
            failed=failed,
            near_miss=near_miss,
        )


class CheckedRules:
    """The phrase rules with a second opinion: a hint is dropped where the model is certain that it is none.

    What is said outright counts whatever the model makes of it.
    """

    name = RuleDetector.name

    def __init__(self, rules: RuleDetector, trained: TrainedDetector) -> None:
        self._rules = rules
        self._trained = trained

    def find(self, text: str) -> Sequence[Finding]:
        """Return what the rules read in the text and the model does not contradict."""
        found = self._rules.find(text)
        if all(finding.sure for finding in found) or not self._contradicted(text):
            return found
        return [finding for finding in found if finding.sure]

    def _contradicted(self, text: str) -> bool:
        # Sentence by sentence too: beside much ordinary talk the model loses a short cry from view.
        pieces = [piece for piece in _SENTENCE_END.split(text) if piece.strip()][:SENTENCES_READ]
        try:
            return all(self._trained.contradicts(piece) for piece in (text, *pieces))
        except Exception:  # noqa: BLE001 (a broken model has no say; its own failure is told where it reads)
            return False


@dataclass(frozen=True)
class _Run:
    """A message among the short ones around it, which together may be one thought in pieces."""

    pieces: tuple[str, ...]
    #: The same with those between which we spoke.
    all_pieces: tuple[str, ...]

    @classmethod
    def around(cls, text: str, recent: Sequence[str], before: Sequence[str], after: Sequence[str]) -> "_Run":
        if not _is_fragment(text):
            return cls((text,), (text,))
        behind = _fragments_before(recent)
        # A long message ends the thought: what came earlier belongs to another one.
        older = _fragments_before(before) if len(behind) == len(recent) else ()
        later = _fragments_before(after[::-1])[::-1][:FRAGMENTS]
        behind = behind[-FRAGMENTS:]
        older = older[max(len(older) - FRAGMENTS + len(behind), 0) :]
        return cls((*behind, text), (*older, *behind, text, *later))

    def find(self, detector: Detector) -> list[Finding]:
        """What the pieces say together and no piece says alone: that was answered when it came."""
        found = list(detector.find(" ".join(self.pieces))) if len(self.pieces) > 1 else []
        if len(self.all_pieces) > len(self.pieces):
            found += self._broken_over_our_replies(detector)
        if not found:
            return []
        alone = {finding.detector for piece in self.all_pieces for finding in detector.find(piece)}
        return [finding for finding in found if finding.detector not in alone]

    def _broken_over_our_replies(self, detector: Detector) -> list[Finding]:
        # We spoke in between, so these may be answers to different questions ("cancel it", "thanks", "bye").
        # Only a phrase that is broken over the pieces counts: as separate sentences they do not say it.
        joined = detector.find(" ".join(self.all_pieces))
        apart = (
            {finding.detector for finding in detector.find(". ".join(self.all_pieces))} if joined else set()
        )
        return [finding for finding in joined if finding.detector not in apart]


def _is_fragment(text: str) -> bool:
    return len(text) <= FRAGMENT_LETTERS and len(text.split()) <= FRAGMENT_WORDS


def _fragments_before(texts: Sequence[str]) -> tuple[str, ...]:
    """The unbroken run of short messages at the end of these, without the marks that end a sentence."""
    run = itertools.takewhile(_is_fragment, reversed(texts))
    return tuple(text.strip().rstrip(".!?…") for text in run)[::-1]
