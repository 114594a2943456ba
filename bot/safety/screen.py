"""Reads every message for danger before anything else does."""

import itertools
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import structlog

from bot.safety.routes import Detector, Finding, Route, Screening
from bot.safety.rules import RULES, RuleDetector

logger = structlog.get_logger(__name__)

FRAGMENT_WORDS = 6  # a longer message is a thought of its own and is not joined
FRAGMENTS = 5
FRAGMENT_LETTERS = 200

__all__ = ["Detector", "Finding", "Route", "Screen", "Screening"]


class Screen:
    """All detectors over one message; the riskiest reading is the answer."""

    def __init__(self, detectors: Sequence[Detector]) -> None:
        self._detectors = tuple(detectors)

    @classmethod
    def load(cls, folder: Path = RULES) -> "Screen":
        """Read the rule files once; raises RuleMistake if one is wrong."""
        return cls([RuleDetector.load(folder)])

    def beside(self, detector: Detector) -> "Screen":
        """This screen with one more detector: either one fires."""
        return Screen([*self._detectors, detector])

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
        return Screening(
            route=first.route if first else None,
            kind=first.kind if first else None,
            detectors=tuple(dict.fromkeys(finding.detector for finding in findings)),
            ms=round((time.perf_counter() - started) * 1000, 3),
            failed=failed,
        )


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
