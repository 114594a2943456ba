"""How far the head's judges may be trusted, learned from the training messages by cross-validation."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Callable, Tuple

import numpy as np
from scipy.optimize import minimize_scalar

from nlu.components.linear_solver import log_softmax

Judge = Callable[[np.ndarray, np.ndarray], Tuple[np.ndarray, np.ndarray]]


@dataclass(frozen=True)
class Calibration:
    """The multipliers that make scores honest, and the confidence under which a message is not understood."""

    linear: float
    local: float
    together: float
    least_confidence: float
    # What cross-validation found, for people who compare models; nothing is decided by it.
    cross_validated_accuracy: float

    def probabilities(self, linear: np.ndarray, local: np.ndarray) -> np.ndarray:
        """Return the probabilities that the scores of the two judges stand for; each row sums to 1."""
        mixed = _mixture(linear * self.linear, local * self.local)
        return np.exp(log_softmax(mixed * self.together))

    def rejects(self, probabilities: np.ndarray) -> bool:
        """Say whether the best of one row of probabilities is too low to act upon.

        The best probability tells unknown requests from known ones better than the margin, the raw score or
        the distance to the nearest example did (whole intents held out of training; benchmarks/nlu).
        """
        return bool(probabilities.max() < self.least_confidence)


def calibrate(
    classes: np.ndarray, messages: int, judge: Judge, folds: int, in_scope_loss: float
) -> Calibration:
    """Learn the calibration.

    `judge` gets row numbers to learn from and row numbers to score, and returns the scores of both judges;
    rows from `messages` on (names of intents) are always in the part that is learned from.
    """
    fold_of = _spread(classes[:messages], folds)
    width = int(classes.max()) + 1
    linear, local = np.zeros((messages, width)), np.zeros((messages, width))
    for fold in range(folds):
        held = np.flatnonzero(fold_of == fold)
        if len(held):
            rows = np.concatenate([np.flatnonzero(fold_of != fold), np.arange(messages, len(classes))])
            linear[held], local[held] = judge(rows, held)
    truth = classes[:messages]
    linear_power, local_power = _sharpness(linear, truth), _sharpness(local, truth)
    mixed = _mixture(linear * linear_power, local * local_power)
    together = _sharpness(mixed, truth)
    probabilities = np.exp(log_softmax(mixed * together))
    right = probabilities.argmax(axis=1) == truth
    # Only messages that were understood are lost by a refusal; refusing the others is a gain.
    bound = float(np.quantile(probabilities.max(axis=1)[right], in_scope_loss)) if right.any() else 0.0
    return Calibration(linear_power, local_power, together, bound, float(right.mean()))


def _mixture(linear: np.ndarray, local: np.ndarray) -> np.ndarray:
    """Return the logarithms of the mean of two rows of probabilities."""
    return np.logaddexp(log_softmax(linear), log_softmax(local)) - np.log(2.0)


def _sharpness(scores: np.ndarray, truth: np.ndarray) -> float:
    def surprise(power: float) -> float:
        return -float(log_softmax(scores * np.exp(power))[np.arange(len(truth)), truth].mean())

    return float(np.exp(minimize_scalar(surprise, bounds=(-3.0, 4.0), method="bounded").x))


def _spread(classes: np.ndarray, folds: int) -> np.ndarray:
    """Give each message a fold, so that the messages of an intent are spread over all of them."""
    fold_of = np.zeros(len(classes), dtype=np.int64)
    start = 0
    for number in np.unique(classes):
        rows = np.flatnonzero(classes == number)
        fold_of[rows] = (np.arange(len(rows)) + start) % folds
        start += len(rows)
    return fold_of
