"""Multinomial logistic regression and ridge regression over the examples; numpy and scipy only."""

from __future__ import annotations

from typing import Final, Tuple

import numpy as np
from scipy.linalg import cho_factor, cho_solve
from scipy.optimize import minimize

# With so many dimensions the answers are those of all dimensions (measured on the held-out messages).
_DIMENSIONS: Final = 1000
# Random probes beyond those, which make the kept directions exact.
_SPARE: Final = 100
_LEAST_VALUE: Final = 1e-4
# More change no answer on the public sets (measured).
_ITERATIONS: Final = 40


def roots_of(kernel: np.ndarray, most: int = _DIMENSIONS) -> Tuple[np.ndarray, np.ndarray]:
    """Return `points` with points @ points.T near the kernel, and the `lift` with kernel @ lift near points.

    The directions that are left out are those in which the examples hardly differ; the penalty would keep
    their weights near nought. Found with random probes (a fixed seed: the same data give the same model),
    since all directions of some thousands of examples cost many times more.
    """
    count = len(kernel)
    if count <= most:
        values, vectors = np.linalg.eigh(kernel)
    else:
        probes = np.random.default_rng(0).standard_normal((count, most + _SPARE)).astype(np.float32)
        basis, _ = np.linalg.qr(kernel @ probes)
        values, inner = np.linalg.eigh(basis.T @ (kernel @ basis))
        values, vectors = values[-most:], basis @ inner[:, -most:]
    kept = values > _LEAST_VALUE
    roots = np.sqrt(values[kept])
    return (
        np.asarray(vectors[:, kept] * roots, dtype=np.float32),
        np.asarray(vectors[:, kept] / roots, dtype=np.float32),
    )


def logistic_weights(
    points: np.ndarray, classes: np.ndarray, class_count: int, weights: np.ndarray, penalty: float
) -> np.ndarray:
    """Return one column a class of weights over the dimensions of the points."""
    rows, dimension = points.shape
    target = np.zeros((rows, class_count), dtype=np.float32)
    target[np.arange(rows), classes] = 1.0
    importance = weights.astype(np.float32)[:, None]

    def loss_and_slope(flat: np.ndarray) -> Tuple[float, np.ndarray]:
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
    return np.asarray(found.x.reshape(dimension, class_count), dtype=np.float32)


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
    # Nothing is small beside the ridge, so the rounding of 32 bits does no harm and halves the time.
    matrix = np.array(kernel, dtype=np.float32)
    matrix[np.diag_indices_from(matrix)] += np.asarray(ridge / weights, dtype=np.float32)
    found = cho_solve(cho_factor(matrix, lower=True, overwrite_a=True), target.astype(np.float32))
    return np.asarray(found, dtype=np.float32)
