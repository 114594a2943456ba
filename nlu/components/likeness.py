"""How alike a message is to each example: the weighted sum of the cosines of its views."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Dict, List, Mapping, Sequence, Tuple

import numpy as np
from scipy.sparse import csr_matrix
from scipy.sparse import hstack as sparse_hstack

from nlu.components.examples import Examples
from nlu.components.lexical import TERMS, LexicalView, Postings
from nlu.components.rows import Rows

_LAYERS = "_layers"
_LAYERS_IN_VIEW = 5


@dataclass(frozen=True)
class DenseView:
    """One embedding: its name, the root of its share, and the middle of the examples for a view of layers."""

    name: str
    scale: float
    middle: np.ndarray

    @classmethod
    def learn(cls, name: str, scale: float, rows: np.ndarray) -> "DenseView":
        """Learn the middle; states of inner layers point nearly the same way until it is taken off."""
        middle = rows.mean(axis=0) if name.endswith(_LAYERS) else np.zeros(rows.shape[1])
        return cls(name, scale, middle.astype(np.float32))

    def points(self, rows: np.ndarray) -> np.ndarray:
        """Return rows of length `scale`; the layers in a view count the same."""
        blocks = _LAYERS_IN_VIEW if self.name.endswith(_LAYERS) else 1
        moved = (rows - self.middle).reshape(len(rows), blocks, -1)
        lengths = np.maximum(np.linalg.norm(moved, axis=2, keepdims=True), 1e-9)
        return np.asarray(moved / lengths * (self.scale / np.sqrt(blocks)), dtype=np.float32).reshape(
            len(rows), -1
        )


@dataclass(frozen=True)
class Likeness:
    """The examples as points, and the views by which a message becomes a point beside them."""

    dense: Tuple[DenseView, ...]
    lexical: Tuple[Tuple[LexicalView, float], ...]
    points: np.ndarray
    # One row a term, one column an example.
    terms: csr_matrix

    def __post_init__(self) -> None:
        object.__setattr__(self, "_rows", Rows(self.points))
        object.__setattr__(self, "_postings", Postings(self.lexical, self.terms))

    @classmethod
    def learn(cls, taught: Examples, shares: Mapping[str, float]) -> Tuple["Likeness", np.ndarray]:
        """Learn the views from the examples; returns too the likeness of each example to each."""
        used = {n: share for n, share in shares.items() if share > 0 and (n in TERMS or n in taught.views)}
        scales = {name: float(np.sqrt(share / sum(used.values()))) for name, share in used.items()}
        dense = tuple(
            DenseView.learn(name, scale, np.asarray(taught.views[name]))
            for name, scale in scales.items()
            if name not in TERMS
        )
        lexical = tuple(
            (LexicalView.learn(n, taught.texts), scale) for n, scale in scales.items() if n in TERMS
        )
        points = _dense(dense, taught.views, len(taught.texts))
        terms = _sparse(lexical, taught.texts)
        kernel = points @ points.T + (terms @ terms.T).toarray()
        return cls(dense, lexical, points, csr_matrix(terms.T)), np.asarray(kernel, dtype=np.float32)

    def to(self, texts: Sequence[str], views: Mapping[str, np.ndarray]) -> np.ndarray:
        """Return the likeness of each text (row) to each example (column)."""
        rows: Rows = self._rows  # type: ignore[attr-defined]
        postings: Postings = self._postings  # type: ignore[attr-defined]
        alike = rows.products(_dense(self.dense, views, len(texts)))
        if self.lexical:
            for row, text in zip(alike, texts, strict=True):
                row += postings.alike(text)
        return alike

    def state(self) -> Tuple[Dict[str, np.ndarray], Dict[str, Any]]:
        """Return arrays, and plain values for JSON."""
        arrays = {
            "points": self.points,
            "terms_data": self.terms.data,
            "terms_columns": self.terms.indices,
            "terms_starts": self.terms.indptr,
        }
        arrays.update({f"middle_{number}": view.middle for number, view in enumerate(self.dense)})
        arrays.update({f"rarity_{number}": view.weights for number, (view, _) in enumerate(self.lexical)})
        words: List[Dict[str, Any]] = [
            {"kind": view.kind, "scale": scale, "terms": list(view.terms)} for view, scale in self.lexical
        ]
        return arrays, {"dense": [[view.name, view.scale] for view in self.dense], "lexical": words}

    @classmethod
    def from_state(cls, arrays: Mapping[str, np.ndarray], plain: Mapping[str, Any]) -> "Likeness":
        """Make it again from what `state` returned."""
        dense = tuple(
            DenseView(name, scale, arrays[f"middle_{number}"])
            for number, (name, scale) in enumerate(plain["dense"])
        )
        lexical = tuple(
            (LexicalView(entry["kind"], tuple(entry["terms"]), arrays[f"rarity_{number}"]), entry["scale"])
            for number, entry in enumerate(plain["lexical"])
        )
        points = arrays["points"]
        width = sum(len(view.terms) for view, _ in lexical)
        terms = csr_matrix(
            (arrays["terms_data"], arrays["terms_columns"], arrays["terms_starts"]),
            shape=(width, len(points)),
        )
        return cls(dense, lexical, points, terms)


def _dense(views: Sequence[DenseView], given: Mapping[str, np.ndarray], count: int) -> np.ndarray:
    if not views:
        return np.zeros((count, 0), dtype=np.float32)
    return np.hstack([view.points(np.asarray(given[view.name])) for view in views])


def _sparse(views: Sequence[Tuple[LexicalView, float]], texts: Sequence[str]) -> csr_matrix:
    if not views:
        return csr_matrix((len(texts), 0), dtype=np.float32)
    return csr_matrix(sparse_hstack([view.vectors(texts) * scale for view, scale in views]), dtype=np.float32)
