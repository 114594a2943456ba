"""Reads every message for danger before anything else does."""

import time
from collections.abc import Sequence
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

    def read(self, text: str, recent: Sequence[str] = ()) -> Screening:
        """Screen `text`, and also its join with the client's last short messages (`recent`, oldest first).

        Never raises: a detector that does is noted in `failed`, so that a human can be told.
        """
        started = time.perf_counter()
        findings: list[Finding] = []
        failed = False
        for detector in self._detectors:
            try:
                findings += detector.find(text)
                if run := _fragments_before(text, recent):
                    # What an earlier message said by itself was answered when it came.
                    before = {finding.detector for fragment in run for finding in detector.find(fragment)}
                    joined = detector.find(" ".join([*run, text]))
                    findings += [finding for finding in joined if finding.detector not in before]
            except (
                ArithmeticError,
                AttributeError,
                LookupError,
                OSError,
                RuntimeError,
                TypeError,
                ValueError,
                MemoryError,
            ):
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


def _fragments_before(text: str, recent: Sequence[str]) -> list[str]:
    """The short messages just before this one, oldest first; none if this one is a thought of its own."""
    run: list[str] = []
    for fragment in (text, *reversed(recent[-FRAGMENTS:])):
        if len(fragment) > FRAGMENT_LETTERS or len(fragment.split()) > FRAGMENT_WORDS:
            break
        run.append(fragment.strip().rstrip(".!?…"))
    return list(reversed(run[1:]))
