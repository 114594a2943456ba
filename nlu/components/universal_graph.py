"""The network of the universal sentence encoder as an ONNX graph, made from its package's weights.

The package computes in numpy, 3 to 4 ms a message; onnxruntime needs 1.6 with the same weights (equal to
1e-6), and under 1 with weights of 8 bits.
"""

from __future__ import annotations

from typing import Final, Mapping, Tuple

import numpy as np

from nlu.components import onnx_graph as onnx
from nlu.components.eight_bits import product, rounded

EMBEDDED: Final = 512
_BRANCH: Final = 256
# Words in a group, and how many of them stand before the word itself, of the three branches.
_BRANCHES: Final = ((2, 0), (3, 1), (5, 2))
_OPSET: Final = 17
_FOR_EVER: Final = 1 << 40


class _Graph:
    """Collects steps; each method returns the name of its result."""

    def __init__(self, weights: Mapping[str, np.ndarray], eight_bits: bool) -> None:
        self.parts: list[bytes] = []
        self._weights = weights
        self._eight_bits = eight_bits

    def step(self, operator: str, *inputs: str, output: str = "", **attributes: onnx.Attribute) -> str:
        output = output or f"state_{len(self.parts)}"
        self.parts.append(onnx.node(operator, inputs, output, **attributes))
        return output

    def constant(self, values: np.ndarray) -> str:
        name = f"constant_{len(self.parts)}"
        self.parts.append(onnx.tensor(name, values))
        return name

    def numbers(self, *values: int) -> str:
        return self.constant(np.asarray(values, dtype=np.int64))

    def kept(self, *names: str) -> str:
        found = [np.asarray(self._weights[name], dtype=np.float32) for name in names]
        return self.constant(np.concatenate(found, axis=-1))

    def times(self, rows: str, *names: str) -> str:
        """rows @ weights, those of several names side by side."""
        weights = np.concatenate([self._weights[n].astype(np.float32) for n in names], axis=1)
        if not self._eight_bits:
            return self.step("MatMul", rows, self.constant(weights))
        output = f"state_{len(self.parts)}"
        self.parts.append(product(rows, output, *rounded(weights)))
        return output

    def plus(self, rows: str, *names: str) -> str:
        return self.step("Add", rows, self.kept(*names))

    def normal(self, rows: str, scale: Tuple[str, ...], shift: Tuple[str, ...]) -> str:
        return self.step(
            "LayerNormalization", rows, self.kept(*scale), self.kept(*shift),
            axis=-1, epsilon=float(self._weights["eps"]),
        )  # fmt: skip

    def groups(self, rows: str, size: int, before: int) -> str:
        """Put beside each word the words around it; nothing stands beyond the ends of the message."""
        padded = self.step("Pad", rows, self.numbers(before, 0, size - 1 - before, 0))
        moved = [
            self.step(
                "Slice", padded,
                self.numbers(start), self.numbers(start - size + 1 or _FOR_EVER), self.numbers(0),
            )
            for start in range(size)
        ]  # fmt: skip
        return self.step("Concat", *moved, axis=1)

    def seen(self, rows: str, size: int, before: int, layer: str) -> str:
        found = self.plus(self.times(self.groups(rows, size, before), f"w{layer}_{size}"), f"b{layer}_{size}")
        return self.step("Add", self.step("Relu", found), rows)


def universal_graph(weights: Mapping[str, np.ndarray], eight_bits: bool) -> bytes:
    """Return the model that makes "sentence" (1, 512) of "words" (n, 512) and "root" (1: the root of n)."""
    graph = _Graph(weights, eight_bits)
    orders = [size for size, _ in _BRANCHES]
    rows = graph.plus(graph.times("words", *(f"proj{n}" for n in orders)), *(f"proj_b{n}" for n in orders))
    rows = graph.normal(rows, tuple(f"ln_g{n}" for n in orders), tuple(f"ln_b{n}" for n in orders))
    views = ["words"]
    for number, (size, before) in enumerate(_BRANCHES):
        sides = (graph.numbers(number * _BRANCH), graph.numbers((number + 1) * _BRANCH), graph.numbers(1))
        branch = graph.step("Slice", rows, *sides)
        views.append(graph.seen(graph.seen(branch, size, before, "1"), size, before, "2"))
    whole = graph.normal(graph.step("Concat", *views, axis=1), ("ln_g",), ("ln_b",))
    # The sum over the words, divided by the root of their number; the mean commutes with the product.
    mean = graph.plus(graph.times(graph.step("ReduceMean", whole, axes=[0], keepdims=1), "cnn_W"), "cnn_b")
    mean = graph.step("Mul", mean, "root")
    first = graph.step("Relu", graph.times(mean, "d0"))
    second = graph.step("Relu", graph.step("Add", graph.times(mean, "p1"), graph.times(first, "d1")))
    third = graph.step("Relu", graph.times(second, "d2"))
    last = graph.step("Add", graph.times(second, "p3"), graph.times(third, "d3"))
    graph.step("Tanh", last, output="sentence")
    content = b"".join(graph.parts) + onnx.holding(2, b"universal")
    content += onnx.floats(11, "words", ("count", EMBEDDED)) + onnx.floats(11, "root", (1,))
    content += onnx.floats(12, "sentence", (1, EMBEDDED))
    versions = onnx.opset("", _OPSET) + onnx.opset(onnx.MICROSOFT, 1)
    return onnx.counting(1, 8) + onnx.holding(onnx.MODEL_GRAPH, content) + versions
