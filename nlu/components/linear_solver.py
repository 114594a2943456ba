"""Multinomial logistic regression solved in the space of the examples; numpy and scipy only."""

from __future__ import annotations

from typing import Final

import numpy as np
from scipy.linalg import cholesky, solve_triangular
from scipy.optimize import minimize

_JITTER: Final = 1e-4
# More change no answer on the public sets (measured).
_ITERATIONS: Final = 40


def logistic_weights(
    kernel: np.ndarray, classes: np.ndarray, class_count: int, weights: np.ndarray, penalty: float
) -> np.ndarray:
    """Return one column a class of weights over the examples, shape (examples, classes).

    `kernel` holds the inner products of the examples, so that the cost depends on their number (some
    thousands) and not on the number of terms (tens of thousands). The result is the same either way.
    """
    # Any root of the kernel does, since the penalty does not mind rotations; this one is the cheapest.
    root = cholesky(kernel.astype(np.float64) + _JITTER * np.eye(len(kernel)), lower=True)
    points = root.astype(np.float32)
    rows, dimension = points.shape
    target = np.zeros((rows, class_count), dtype=np.float32)
    target[np.arange(rows), classes] = 1.0
    importance = weights.astype(np.float32)[:, None]

    def loss_and_slope(flat: np.ndarray) -> tuple[float, np.ndarray]:
        matrix = flat.reshape(dimension, class_count).astype(np.float32)
        logs = log_softmax(points @ matrix)
        loss = -float((importance * target * logs).sum()) + 0.5 * penalty * float((matrix * matrix).sum())
        slope = points.T @ (importance * (np.exp(logs) - target)) + penalty * matrix
        return loss, slope.ravel().astype(np.float64)

    found = minimize(
        loss_and_slope,
        np.zeros(dimension * class_count),
        jac=True,
        method="L-BFGS-B",
        options={"maxiter": _ITERATIONS, "maxcor": 6},
    )
    solved = solve_triangular(root, found.x.reshape(dimension, class_count), trans=1, lower=True)
    return np.asarray(solved, dtype=np.float32)


def log_softmax(scores: np.ndarray) -> np.ndarray:
    """Return the logarithms of the probabilities that the rows of scores stand for."""
    shifted = scores - scores.max(axis=1, keepdims=True)
    return shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))


def ridge_weights(
    kernel: np.ndarray, classes: np.ndarray, class_count: int, weights: np.ndarray, ridge: float
) -> np.ndarray:
    """Return the ridge regression onto "is this intent", shape (examples, classes), in closed form."""
    target = np.zeros((len(classes), class_count))
    target[np.arange(len(classes)), classes] = 1.0
    return np.asarray(np.linalg.solve(kernel + np.diag(ridge / weights), target), dtype=np.float32)
