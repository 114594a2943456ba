"""Multiplies by 8-bit weights as they are, instead of making them four times as large first.

A short message is a handful of rows, so an encoder spends its time on fetching weights from memory: with
weights of 8 bits it takes about six tenths of the time. The inputs of each product are rounded to 8 bits in
blocks as well; sentence vectors keep a mean cosine of 0.999 with the exact ones (measured, benchmarks/nlu).
"""

from __future__ import annotations

import re
from collections import Counter
from functools import lru_cache
from pathlib import Path
from typing import Dict, Final, List, Mapping, Optional, Set, Tuple

import numpy as np
import onnxruntime

from nlu.components import onnx_graph as onnx

# Numbers that share a scale. Larger blocks are quicker and rougher: 64 lost nothing that could be measured.
BLOCK: Final = 64
_ZERO: Final = 128
_VNNI: Final = re.compile(r"\bavx(512)?_vnni\b")


@lru_cache(maxsize=1)
def is_quick_here(processor: Path = Path("/proc/cpuinfo")) -> bool:
    """Say whether this processor multiplies 8-bit numbers at once (VNNI).

    A sentence takes 2.5 ms with it, and without it 9 ms in 8 bits, 7.5 ms in floats (benchmarks/nlu). Where
    nobody says what the processor can do, floats are used: they are exact.
    """
    try:
        return bool(_VNNI.search(processor.read_text(encoding="utf-8", errors="replace")))
    except OSError:
        return False


def one_thread() -> onnxruntime.SessionOptions:
    """Return the options of a session: two threads are slower than one on small machines (measured)."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    return options


def rounded(weights: np.ndarray) -> Tuple[np.ndarray, np.ndarray]:
    """Return int8 weights and the scales of their blocks, shape (blocks, columns)."""
    depth, width = weights.shape
    blocks = weights.reshape(depth // BLOCK, BLOCK, width)
    scales = np.maximum(np.abs(blocks).max(axis=1), 1e-12) / 127.0
    whole = np.round(blocks / scales[:, None, :]).astype(np.int8)
    return whole.reshape(depth, width), np.asarray(scales, dtype=np.float32)


def product(inputs: str, output: str, weights: np.ndarray, scales: np.ndarray) -> bytes:
    """Return the parts of a graph for inputs @ (weights * scales); the shapes are those of `rounded`."""
    depth, width = weights.shape
    turned = (weights.T.astype(np.int16) + _ZERO).astype(np.uint8).reshape(width, depth // BLOCK, BLOCK)
    names = (f"{output}_eight", f"{output}_scales")
    step = onnx.node(
        "MatMulNBits", (inputs, *names), output, onnx.MICROSOFT,
        K=depth, N=width, bits=8, block_size=BLOCK, accuracy_level=4,
    )  # fmt: skip
    return onnx.tensor(names[0], turned) + onnx.tensor(names[1], scales.T.reshape(-1)) + step


def with_eight_bit_products(model: bytes) -> bytes:
    """Return an ONNX model whose products use its int8 weights directly; other models come back unchanged.

    Understood is how our encoder's file was written: Cast(weights) times a scale a column, then MatMul.
    """
    parts = list(onnx.fields(memoryview(model)))
    graphs = onnx.messages(parts, onnx.MODEL_GRAPH)
    changed = _changed(graphs[0]) if len(graphs) == 1 else None
    if changed is None:
        return model
    written = [
        onnx.counting(field, value)
        if isinstance(value, int)
        else onnx.holding(field, changed if field == onnx.MODEL_GRAPH else value)
        for field, value in parts
    ]
    return b"".join([*written, onnx.opset(onnx.MICROSOFT, 1)])


def _changed(graph: "memoryview[int]") -> Optional[bytes]:
    """Return the parts of the graph with quick products; None where there is nothing to make quicker."""
    parts = list(onnx.fields(graph))
    steps = [_Step(value) for value in onnx.messages(parts, onnx.GRAPH_NODE)]
    constants = {_name(value): value for value in onnx.messages(parts, onnx.GRAPH_TENSOR)}
    made_by = {step.output: step for step in steps}
    used = Counter(name for step in steps for name in step.inputs)
    gone: Set[str] = set()
    products: Dict[str, bytes] = {}
    for step in steps:
        found = _weights(step, made_by, constants)
        # Weights that another step needs too stay as they are.
        if found is not None and all(used[name] == 1 for name in found[0]):
            products[step.output] = product(step.inputs[0], step.output, *found[1:])
            gone.update(found[0])
    if not products:
        return None
    written = []
    for field, value in parts:
        if isinstance(value, int):
            written.append(onnx.counting(field, value))
            continue
        step = _Step(value) if field == onnx.GRAPH_NODE else None
        name = step.output if step else _name(value) if field == onnx.GRAPH_TENSOR else ""
        if name not in gone:
            quick = products.get(name) if step else None
            written.append(quick or onnx.holding(field, value))
    return b"".join(written)


class _Step:
    """A step of a graph: its operator, the names of what it takes, and of its first result."""

    def __init__(self, message: "memoryview[int]") -> None:
        told = list(onnx.fields(message))
        self.inputs = [bytes(name).decode() for name in onnx.messages(told, onnx.NODE_INPUT)]
        self.output = bytes(onnx.messages(told, onnx.NODE_OUTPUT)[0]).decode()
        self.operator = bytes(onnx.messages(told, onnx.NODE_OPERATOR)[0]).decode()


def _name(message: "memoryview[int]") -> str:
    return bytes(onnx.messages(list(onnx.fields(message)), onnx.TENSOR_NAME)[0]).decode()


def _weights(
    step: _Step, made_by: Mapping[str, _Step], constants: Mapping[str, "memoryview[int]"]
) -> Optional[Tuple[List[str], np.ndarray, np.ndarray]]:
    """Return the names that lead to the weights of a product, the int8 weights, and their scales."""
    scaled = made_by.get(step.inputs[1]) if step.operator == "MatMul" else None
    cast = made_by.get(scaled.inputs[0]) if scaled is not None and scaled.operator == "Mul" else None
    if scaled is None or cast is None or cast.operator != "Cast":
        return None
    kept = [cast.inputs[0], scaled.inputs[1]]
    if not constants.keys() >= set(kept):
        return None
    weights, scales = (onnx.read_tensor(constants[name])[1] for name in kept)
    if weights.dtype != np.int8 or weights.ndim != 2 or len(weights) % BLOCK:
        return None
    if scales.shape != (1, weights.shape[1]):
        return None
    blocks = len(weights) // BLOCK
    return [scaled.output, cast.output, *kept], weights, np.repeat(scales, blocks, axis=0)
