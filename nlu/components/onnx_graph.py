"""Writes and reads the few parts of an ONNX file that the encoders need, without the onnx package.

An ONNX file is a protobuf message; the numbers below are those of the fields in onnx.proto.
"""

from __future__ import annotations

import struct
from typing import Dict, Final, Iterator, List, Mapping, Sequence, Tuple, Union

import numpy as np

Value = Union[int, "memoryview[int]"]
Attribute = Union[int, float, Sequence[int]]

MODEL_GRAPH: Final = 7
MODEL_OPSETS: Final = 8
GRAPH_NODE: Final = 1
GRAPH_TENSOR: Final = 5
NODE_INPUT: Final = 1
NODE_OUTPUT: Final = 2
NODE_OPERATOR: Final = 4
TENSOR_SHAPE: Final = 1
TENSOR_TYPE: Final = 2
TENSOR_NAME: Final = 8
TENSOR_BYTES: Final = 9
_FLOAT: Final = 1
_TYPES: Final[Dict[np.dtype, int]] = {
    np.dtype(np.float32): _FLOAT,
    np.dtype(np.uint8): 2,
    np.dtype(np.int8): 3,
    np.dtype(np.int64): 7,
}
_KINDS: Final = {number: kind for kind, number in _TYPES.items()}
MICROSOFT: Final = "com.microsoft"


def fields(message: "memoryview[int]") -> Iterator[Tuple[int, Value]]:
    """Yield the fields of a protobuf message: a number, or the bytes of what it holds."""
    at = 0
    while at < len(message):
        key, at = _read_number(message, at)
        kind = key & 7
        if kind == 0:
            number, at = _read_number(message, at)
            yield key >> 3, number
            continue
        if kind == 2:
            size, at = _read_number(message, at)
        else:
            size = {1: 8, 5: 4}[kind]
        yield key >> 3, message[at : at + size]
        at += size


def messages(parts: Sequence[Tuple[int, Value]], wanted: int) -> List["memoryview[int]"]:
    """Return what each field of that number holds."""
    return [value for field, value in parts if field == wanted and not isinstance(value, int)]


def holding(field: int, content: Union[bytes, "memoryview[int]"]) -> bytes:
    """Return a field that holds bytes: text, or another message."""
    return b"".join((_number(field << 3 | 2), _number(len(content)), content))


def counting(field: int, value: int) -> bytes:
    """Return a field that holds a whole number."""
    return _number(field << 3) + _number(value)


def tensor(name: str, values: np.ndarray) -> bytes:
    """Return the field of a graph that holds a constant."""
    shape = b"".join(counting(TENSOR_SHAPE, size) for size in values.shape)
    kind = counting(TENSOR_TYPE, _TYPES[values.dtype])
    content = holding(TENSOR_BYTES, np.ascontiguousarray(values).tobytes())
    return holding(GRAPH_TENSOR, shape + kind + holding(TENSOR_NAME, name.encode()) + content)


def read_tensor(message: "memoryview[int]") -> Tuple[str, np.ndarray]:
    """Return a constant and its name; raises KeyError for another kind of number than those used here."""
    found = list(fields(message))
    one = dict(found)
    shape = [size for field, size in found if field == TENSOR_SHAPE]
    values = np.frombuffer(one[TENSOR_BYTES], _KINDS[one[TENSOR_TYPE]])
    return bytes(one[TENSOR_NAME]).decode(), values.reshape(shape)


def with_constants(model: bytes, constants: Mapping[str, np.ndarray]) -> bytes:
    """Return a model with other values for these constants; raises KeyError for a name that it has not.

    Shape and kind of number stay as they are: ValueError otherwise.
    """
    written, missing = [], set(constants)
    for field, value in fields(memoryview(model)):
        if field != MODEL_GRAPH or isinstance(value, int):
            written.append(counting(field, value) if isinstance(value, int) else holding(field, value))
            continue
        graph = []
        for inner, part in fields(value):
            if inner != GRAPH_TENSOR or isinstance(part, int):
                graph.append(counting(inner, part) if isinstance(part, int) else holding(inner, part))
                continue
            name = bytes(dict(fields(part))[TENSOR_NAME]).decode()
            if name in constants:
                missing.discard(name)
                graph.append(_same_shape(part, constants[name]))
            else:
                graph.append(holding(inner, part))
        written.append(holding(MODEL_GRAPH, b"".join(graph)))
    if missing:
        raise KeyError(min(missing))
    return b"".join(written)


def _same_shape(old: "memoryview[int]", values: np.ndarray) -> bytes:
    name, before = read_tensor(old)
    if before.shape != values.shape or before.dtype != values.dtype:
        raise ValueError(f"{name} is {before.dtype}{before.shape}, not {values.dtype}{values.shape}")
    return tensor(name, values)


def node(
    operator: str, inputs: Sequence[str], output: str, domain: str = "", **attributes: Attribute
) -> bytes:
    """Return the field of a graph that holds one step."""
    content = b"".join(holding(NODE_INPUT, name.encode()) for name in inputs)
    content += holding(NODE_OUTPUT, output.encode()) + holding(NODE_OPERATOR, operator.encode())
    content += b"".join(_attribute(name, value) for name, value in attributes.items())
    return holding(GRAPH_NODE, content + (holding(7, domain.encode()) if domain else b""))


def opset(domain: str, version: int) -> bytes:
    """Return the field of a model that says which operators it is written in."""
    return holding(MODEL_OPSETS, holding(1, domain.encode()) + counting(2, version))


def floats(field: int, name: str, shape: Sequence[Union[int, str]]) -> bytes:
    """Return the field of a graph that declares an input (11) or an output (12)."""
    sizes = b"".join(
        holding(1, counting(1, size) if isinstance(size, int) else holding(2, size.encode()))
        for size in shape
    )
    kind = holding(1, counting(1, _FLOAT) + holding(2, sizes))
    return holding(field, holding(1, name.encode()) + holding(2, kind))


def one_more_output(name: str) -> bytes:
    """Return what makes an inner state of a model an output, when it is appended to the model's file.

    Parts that are appended to a protobuf message are merged into it.
    """
    return holding(MODEL_GRAPH, holding(12, holding(1, name.encode())))


def _attribute(name: str, value: Attribute) -> bytes:
    named = holding(1, name.encode())
    if isinstance(value, float):
        content = _number(2 << 3 | 5) + struct.pack("<f", value) + counting(20, 1)
    elif isinstance(value, int):
        content = counting(3, value) + counting(20, 2)
    else:
        content = b"".join(counting(8, number) for number in value) + counting(20, 7)
    return holding(5, named + content)


def _number(value: int) -> bytes:
    rest = value if value >= 0 else value + (1 << 64)
    found = bytearray()
    while rest > 127:
        found.append(rest & 127 | 128)
        rest >>= 7
    found.append(rest)
    return bytes(found)


def _read_number(message: "memoryview[int]", at: int) -> Tuple[int, int]:
    value = shift = 0
    while True:
        byte = message[at]
        at += 1
        value |= (byte & 127) << shift
        shift += 7
        if byte < 128:
            return value, at
