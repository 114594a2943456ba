"""From the views of a message (embeddings, words, letters) to calibrated probabilities of the intents.

A message is compared with every example that the assistant was taught; the likenesses go to two ways of
judging, a linear one (logistic regression) and a local one (ridge regression on nearness), whose
probabilities are averaged. Free of Rasa: the product's classifier and the benchmark use this very class.
"""

from __future__ import annotations

from dataclasses import asdict
from typing import Any, Dict, Mapping, Tuple

import numpy as np

from nlu.components.calibration import Calibration, calibrate
from nlu.components.examples import Examples, HeadSettings
from nlu.components.likeness import Likeness
from nlu.components.linear_solver import logistic_weights, ridge_weights, roots_of


class IntentHead:
    """A trained head; `predict` gives the probabilities in the order of `intents`."""

    def __init__(
        self,
        intents: Tuple[str, ...],
        likeness: Likeness,
        linear: np.ndarray,
        local: np.ndarray,
        nearness: float,
        calibration: Calibration,
    ) -> None:
        self.intents = intents
        self.calibration = calibration
        self._likeness = likeness
        self._linear = linear.astype(np.float32)
        self._local = local.astype(np.float32)
        self._nearness = nearness

    @property
    def dense_views(self) -> Tuple[str, ...]:
        """The names of the embeddings that `predict` needs."""
        return tuple(view.name for view in self._likeness.dense)

    @classmethod
    def train(cls, examples: Examples, names: Examples, settings: HeadSettings) -> "IntentHead":
        """Learn from the examples, and from `names`: the readable name of each intent as a message."""
        intents = tuple(sorted(set(examples.intents)))
        place = {intent: number for number, intent in enumerate(intents)}
        taught = examples.followed_by(names) if settings.names_as_examples else examples
        likeness, kernel = Likeness.learn(taught, settings.shares)
        classes = np.asarray([place[intent] for intent in taught.intents])
        weights = _balanced(classes, len(intents))

        points, lift = roots_of(kernel)
        near = nearness_of(kernel, settings.nearness)

        def fit(rows: np.ndarray) -> Tuple[np.ndarray, np.ndarray]:
            given = (classes[rows], len(intents), weights[rows])
            linear = logistic_weights(points[rows], *given, settings.penalty)
            return linear, ridge_weights(near[np.ix_(rows, rows)], *given, settings.ridge)

        def judge(rows: np.ndarray, held: np.ndarray) -> Tuple[np.ndarray, np.ndarray]:
            linear, local = fit(rows)
            return points[held] @ linear, near[np.ix_(held, rows)] @ local

        calibration = calibrate(classes, len(examples.texts), judge, settings.folds, settings.in_scope_loss)
        linear, local = fit(np.arange(len(taught.texts)))
        return cls(intents, likeness, lift @ linear, local, settings.nearness, calibration)

    def predict(self, texts: Tuple[str, ...], views: Mapping[str, np.ndarray]) -> np.ndarray:
        """Return calibrated probabilities, one row a text; each row sums to 1."""
        seen = self._likeness.to(texts, views)
        return self.calibration.probabilities(
            seen @ self._linear, nearness_of(seen, self._nearness) @ self._local
        )

    def is_out_of_scope(self, probabilities: np.ndarray) -> bool:
        """Say whether one row of `predict` is too unsure to act upon."""
        return self.calibration.rejects(probabilities)

    def state(self) -> Tuple[Dict[str, np.ndarray], Dict[str, Any]]:
        """Return what has to be kept: arrays, and plain values for JSON."""
        arrays, plain = self._likeness.state()
        return {**arrays, "linear": self._linear, "local": self._local}, {
            **plain,
            "intents": list(self.intents),
            "nearness": self._nearness,
            "calibration": asdict(self.calibration),
        }

    @classmethod
    def from_state(cls, arrays: Mapping[str, np.ndarray], plain: Mapping[str, Any]) -> "IntentHead":
        """Make the head again from what `state` returned."""
        return cls(
            tuple(plain["intents"]),
            Likeness.from_state(arrays, plain),
            arrays["linear"],
            arrays["local"],
            float(plain["nearness"]),
            Calibration(**plain["calibration"]),
        )


def nearness_of(likeness: np.ndarray, sharpness: float) -> np.ndarray:
    """Turn likenesses (1: the same) into a Gaussian of the distance."""
    return np.exp((2.0 * sharpness) * (likeness - 1.0))


def _balanced(classes: np.ndarray, class_count: int) -> np.ndarray:
    # By the square root: an intent with 60 examples should be likelier than one with 6, not drown it.
    sizes = np.maximum(np.bincount(classes, minlength=class_count), 1)
    weights = np.sqrt(sizes.mean() / sizes)[classes]
    return np.asarray(weights / weights.mean(), dtype=np.float32)
