"""The product of a message with every example, which reads all of them for each message."""

from __future__ import annotations

import numpy as np
import onnxruntime

from nlu.components import onnx_graph as onnx
from nlu.components.eight_bits import BLOCK, is_quick_here, one_thread, product, rounded

# Below this many numbers the examples stay in the processor's own memory, and nothing is to be won.
_MANY = 1_000_000


class Rows:
    """Examples as points; `products` gives what `messages @ points.T` is.

    Fetching thousands of points from memory takes longer than anything else in the head, so they are kept in
    8 bits (4,100 examples: 0.7 ms in place of 3; a likeness is off by 0.0002, which changes no answer).
    """

    def __init__(self, points: np.ndarray) -> None:
        self._count, self._depth = points.shape
        self._session = None
        self._points = points
        if points.size >= _MANY and is_quick_here():
            self._session = _session(points)
            self._points = points[:0]

    def products(self, messages: np.ndarray) -> np.ndarray:
        """Return one row a message, one column an example."""
        if self._session is None:
            return np.asarray(messages @ self._points.T, dtype=np.float32)
        return np.asarray(self._session.run(None, {"messages": _whole_blocks(messages)})[0])


def _session(points: np.ndarray) -> onnxruntime.InferenceSession:
    weights, scales = rounded(_whole_blocks(points).T)
    graph = product("messages", "alike", weights, scales) + onnx.holding(2, b"rows")
    graph += onnx.floats(11, "messages", ("count", len(weights)))
    graph += onnx.floats(12, "alike", ("count", len(points)))
    versions = onnx.opset("", 17) + onnx.opset(onnx.MICROSOFT, 1)
    model = onnx.counting(1, 8) + onnx.holding(onnx.MODEL_GRAPH, graph) + versions
    return onnxruntime.InferenceSession(model, one_thread(), providers=["CPUExecutionProvider"])


def _whole_blocks(rows: np.ndarray) -> np.ndarray:
    missing = -rows.shape[1] % BLOCK
    return np.pad(rows, ((0, 0), (0, missing))) if missing else rows
