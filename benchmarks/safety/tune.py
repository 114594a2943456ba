"""`make tune-safety`: trains the upper layers of the sentence encoder further, on bot/safety/training.

`make tune-safety-on` goes on from the weights that are there: when messages came and none went, two rounds
with a lower rate do what five from the beginning would.

A transformer of six layers, written out in JAX: what a library would add is larger than this file. Seven
eighths of the messages are learned from; with the rest `make train-safety` sets the line.
"""

from __future__ import annotations

import json
import math
import random
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import optax
from tokenizers import Tokenizer

from benchmarks.safety.slips import embedded, with_slips
from benchmarks.safety.train import KINDS, Message, all_messages, is_held_back
from bot.safety.trained import ORDINARY, fingerprint_of_training
from bot.safety.tuned import LENGTH, TUNED
from nlu.components import onnx_graph as onnx
from nlu.components.encoder import default_encoder_files

ROUNDS, ROUNDS_ON = 5, 2
BATCH = 32
#: Word pieces in the 400 letters that the model reads at once.
LONGEST = 112
#: The layers below stay as they are: what they know of words is worth more than what they would learn here.
FIRST_LAYER = 2
HEADS, WIDTH = 12, 384
BODY_RATE, HEAD_RATE = 8e-5, 3e-3
#: When it goes on from trained weights.
SLOWER = 0.5
DROPPED = 0.1
SMOOTHED = 0.05
#: The numbers in the encoder's file of each layer's products: query, key, value, output, and the two of the
#: feed-forward part.
PRODUCTS = (
    (49, 57, 65, 105, 109, 118),
    (122, 130, 138, 176, 180, 189),
    (193, 201, 209, 247, 251, 260),
    (264, 272, 280, 318, 322, 331),
    (335, 343, 351, 389, 393, 402),
    (406, 414, 422, 460, 464, 473),
)
PARTS = ("query", "key", "value", "output", "wide", "narrow")
PLAIN = {
    "query_bias": "attention.self.query.bias",
    "key_bias": "attention.self.key.bias",
    "value_bias": "attention.self.value.bias",
    "output_bias": "attention.output.dense.bias",
    "norm_1": "attention.output.LayerNorm.weight",
    "norm_1_bias": "attention.output.LayerNorm.bias",
    "wide_bias": "intermediate.dense.bias",
    "narrow_bias": "output.dense.bias",
    "norm_2": "output.LayerNorm.weight",
    "norm_2_bias": "output.LayerNorm.bias",
}

Arrays = Mapping[str, Any]


def main() -> None:
    """Train, say how it goes, and write the weights."""
    files = default_encoder_files()
    constants = read_constants(files.model)
    tokenizer = Tokenizer.from_file(str(files.tokenizer))
    tokenizer.no_padding()
    tokenizer.enable_truncation(LONGEST)
    messages = all_messages()
    learned = [one for one in messages if not is_held_back(one)]
    held = [one for one in messages if is_held_back(one)]
    known = read_tuned(files.sha256 or "") if "--on" in sys.argv[1:] else None
    trained = train(constants, tokenizer, learned, held, known)
    write(trained, files.sha256 or "", TUNED)
    print(f"wrote {TUNED.name}, {TUNED.stat().st_size // 1024} KB")


def read_constants(model: Path) -> dict[str, np.ndarray]:
    """Read the encoder's numbers; those of kinds that we do not need are left out."""
    graph = onnx.messages(list(onnx.fields(memoryview(model.read_bytes()))), onnx.MODEL_GRAPH)[0]
    found = {}
    for message in onnx.messages(list(onnx.fields(graph)), onnx.GRAPH_TENSOR):
        try:
            name, values = onnx.read_tensor(message)
        except KeyError:
            continue
        found[name] = values
    return found


def read_tuned(encoder: str) -> dict[str, np.ndarray]:
    """Read the weights that were trained before; they must belong to this encoder and these kinds."""
    with np.load(TUNED, allow_pickle=False) as kept:
        found = {name: kept[name] for name in kept.files}
    about = json.loads(str(found.pop("about")))
    if about["encoder"] != encoder or tuple(about["kinds"]) != KINDS:
        raise SystemExit(f"{TUNED.name} belongs to another encoder or other kinds: run `make tune-safety`.")
    return found


def layer_of(constants: Arrays, number: int) -> dict[str, Any]:
    """Return a layer's weights as floats."""
    weights = {
        part: constants[f"val_{place}_q"].astype(np.float32) * constants[f"val_{place}_scale"]
        for part, place in zip(PARTS, PRODUCTS[number], strict=True)
    }
    plain = {name: constants[f"inner.encoder.layer.{number}.{of}"] for name, of in PLAIN.items()}
    return jax.tree.map(jnp.asarray, {**weights, **plain})


def embeddings_of(constants: Arrays) -> dict[str, Any]:
    """Return the tables of words and places."""
    name = "inner.embeddings"

    def table(of: str) -> Any:
        return constants[f"{name}.{of}.weight_q"].astype(np.float32) * constants[f"{name}.{of}.weight_scale"]

    found = {
        "words": table("word_embeddings"),
        "places": table("position_embeddings"),
        "kind": constants[f"{name}.token_type_embeddings.weight"][0],
        "norm": constants[f"{name}.LayerNorm.weight"],
        "bias": constants[f"{name}.LayerNorm.bias"],
    }
    return jax.tree.map(jnp.asarray, found)


def normed(x: Any, weight: Any, bias: Any) -> Any:
    """Layer normalisation."""
    mean = x.mean(-1, keepdims=True)
    spread = ((x - mean) ** 2).mean(-1, keepdims=True)
    return (x - mean) / jnp.sqrt(spread + 1e-12) * weight + bias


def through(layer: Arrays, x: Any, mask: Any, key: Any, dropped: float) -> Any:
    """One layer: attention, then the feed-forward part."""
    batch, length, _ = x.shape

    def heads(part: str) -> Any:
        made = x @ layer[part] + layer[f"{part}_bias"]
        return made.reshape(batch, length, HEADS, WIDTH // HEADS).transpose(0, 2, 1, 3)

    def drop(y: Any, of: Any) -> Any:
        kept = jax.random.bernoulli(of, 1 - dropped, y.shape)
        return jnp.where(kept, y / (1 - dropped), 0) if dropped else y

    nearness = heads("query") @ heads("key").transpose(0, 1, 3, 2) / math.sqrt(WIDTH // HEADS)
    share = jax.nn.softmax(nearness + (1 - mask[:, None, None, :]) * -1e9, axis=-1)
    seen = (share @ heads("value")).transpose(0, 2, 1, 3).reshape(batch, length, WIDTH)
    first, second = jax.random.split(key)
    x = normed(
        x + drop(seen @ layer["output"] + layer["output_bias"], first), layer["norm_1"], layer["norm_1_bias"]
    )
    wide = jax.nn.gelu(x @ layer["wide"] + layer["wide_bias"], approximate=False)
    narrow = wide @ layer["narrow"] + layer["narrow_bias"]
    return normed(x + drop(narrow, second), layer["norm_2"], layer["norm_2_bias"])


def reader(constants: Arrays) -> Callable[..., Any]:
    """Return the function from word pieces to scores, with the lower layers as they are."""
    words = embeddings_of(constants)
    below = [layer_of(constants, number) for number in range(FIRST_LAYER)]

    def read(weights: Any, pieces: Any, mask: Any, key: Any, dropped: float) -> Any:
        x = words["words"][pieces] + words["places"][: pieces.shape[1]] + words["kind"]
        x = normed(x, words["norm"], words["bias"])
        for layer in below:
            x = through(layer, x, mask, key, 0.0)
        for layer, own in zip(weights["layers"], jax.random.split(key, len(weights["layers"])), strict=True):
            x = through(layer, x, mask, own, dropped)
        vector = (x * mask[..., None]).sum(1) / mask.sum(1, keepdims=True)
        vector = vector / jnp.linalg.norm(vector, axis=-1, keepdims=True)
        return vector * LENGTH @ weights["head"] + weights["intercept"]

    return read


def train(
    constants: Arrays,
    tokenizer: Any,
    learned: Sequence[Message],
    held: Sequence[Message],
    known: Arrays | None = None,
) -> dict[str, Any]:
    """Return the weights after the last round; with `known` ones it goes on from those."""
    read = reader(constants)
    rounds, slower = (ROUNDS, 1.0) if known is None else (ROUNDS_ON, SLOWER)
    weights = first_weights(constants, known or {})
    steps = rounds * -(-len(learned) // BATCH)
    optimizer = optimizer_for(steps, weights, slower)
    state = optimizer.init(weights)

    def loss(weights: Any, pieces: Any, mask: Any, target: Any, key: Any) -> Any:
        scores = jax.nn.log_softmax(read(weights, pieces, mask, key, DROPPED))
        return -(target * scores).sum() / target.sum()

    @jax.jit
    def step(weights: Any, state: Any, pieces: Any, mask: Any, target: Any, key: Any) -> Any:
        value, slope = jax.value_and_grad(loss)(weights, pieces, mask, target, key)
        change, state = optimizer.update(slope, state, weights)
        return optax.apply_updates(weights, change), state, value

    calm = jax.jit(lambda weights, pieces, mask: read(weights, pieces, mask, jax.random.PRNGKey(0), 0.0))
    chance, key, began = random.Random(0), jax.random.PRNGKey(0), time.monotonic()
    for number in range(1, rounds + 1):
        told = 0.0
        for count, (pieces, mask, target, _) in enumerate(batches(tokenizer, learned, chance)):
            key, own = jax.random.split(key)
            weights, state, value = step(weights, state, pieces, mask, target, own)
            told = float(value) if not count else 0.99 * told + 0.01 * float(value)
        found = measured(calm, weights, tokenizer, held)
        print(f"round {number}: loss {told:.3f}, {found}, {time.monotonic() - began:.0f} s", flush=True)
    return dict(weights)


def first_weights(constants: Arrays, known: Arrays) -> dict[str, Any]:
    """Return what training begins with: the encoder's layers, or those trained before."""
    layers = [layer_of({**constants, **known}, number) for number in range(FIRST_LAYER, len(PRODUCTS))]
    return {
        "layers": layers,
        "head": jnp.asarray(known.get("head", np.zeros((WIDTH, len(KINDS)), np.float32))),
        "intercept": jnp.asarray(known.get("intercept", np.zeros(len(KINDS), np.float32))),
    }


def optimizer_for(steps: int, weights: Any, slower: float) -> Any:
    """Return AdamW with a slow rate for the layers and a quick one for what starts from nothing."""
    body_rate, head_rate = BODY_RATE * slower, HEAD_RATE * slower
    body = optax.warmup_cosine_decay_schedule(0, body_rate, int(steps * 0.06), steps, 1e-6)
    head = optax.warmup_cosine_decay_schedule(0, head_rate, int(steps * 0.03), steps, 1e-5)
    labels = {
        "layers": jax.tree.map(lambda _: "body", weights["layers"]),
        "head": "head",
        "intercept": "head",
    }
    return optax.chain(
        optax.clip_by_global_norm(1.0),
        optax.multi_transform(
            {"body": optax.adamw(body, weight_decay=0.01), "head": optax.adamw(head, weight_decay=0.01)},
            labels,
        ),
    )


def batches(
    tokenizer: Any, messages: Sequence[Message], chance: random.Random | None
) -> Iterator[tuple[Any, Any, Any, list[int]]]:
    """Yield word pieces, mask, target and places of the messages; with `chance` slips and shuffled."""
    ordinary = [one.text for one in messages if one.kind == ORDINARY]
    rows = []
    for place, message in enumerate(messages):
        text = message.text
        if chance is not None:
            text = with_slips(embedded(text, ordinary, chance), chance)
        rows.append((tokenizer.encode(text).ids, place))
    # Of like length together, so that little is padded.
    rows.sort(key=lambda row: len(row[0]) + (chance.random() * 4 if chance else 0))
    groups = [rows[at : at + BATCH] for at in range(0, len(rows), BATCH)]
    if chance is not None:
        chance.shuffle(groups)
    for group in groups:
        length = min(LONGEST, -(-max(len(pieces) for pieces, _ in group) // 8) * 8)
        made = np.zeros((BATCH, length), np.int32)
        mask = np.zeros((BATCH, length), np.float32)
        target = np.zeros((BATCH, len(KINDS)), np.float32)
        mask[len(group) :, 0] = 1
        for row, (pieces, place) in enumerate(group):
            made[row, : len(pieces)] = pieces[:length]
            mask[row, : len(pieces)] = 1
            target[row] = SMOOTHED / len(KINDS)
            target[row, KINDS.index(messages[place].kind)] += 1 - SMOOTHED
        yield made, mask, target, [place for _, place in group]


def measured(calm: Any, weights: Any, tokenizer: Any, held: Sequence[Message]) -> str:
    """Say how much danger is found among messages that were not learned, at 2 % alarms."""
    risk = np.zeros(len(held))
    for pieces, mask, _, places in batches(tokenizer, held, None):
        scores = jax.nn.log_softmax(calm(weights, pieces, mask))
        risk[places] = 1 - np.exp(np.asarray(scores)[: len(places), 0])
    ordinary = np.asarray([one.kind == ORDINARY for one in held])
    line = np.quantile(risk[ordinary], 0.98)
    return f"{np.mean(risk[~ordinary] > line):.1%} found at 2 % alarms"


def write(weights: Mapping[str, Any], encoder: str, path: Path) -> None:
    """Write the changed weights as the encoder's file has them: under its names, in eight bits."""
    arrays: dict[str, Any] = {}
    for number, layer in enumerate(weights["layers"], start=FIRST_LAYER):
        for part, place in zip(PARTS, PRODUCTS[number], strict=True):
            values = np.asarray(layer[part])
            scale = np.maximum(np.abs(values).max(axis=0, keepdims=True), 1e-12) / 127
            arrays[f"val_{place}_q"] = np.round(values / scale).astype(np.int8)
            arrays[f"val_{place}_scale"] = scale.astype(np.float32)
        for name, of in PLAIN.items():
            arrays[f"inner.encoder.layer.{number}.{of}"] = np.asarray(layer[name], dtype=np.float32)
    about = {"kinds": KINDS, "encoder": encoder, "trained_on": fingerprint_of_training()}
    np.savez_compressed(
        path,
        about=np.asarray(json.dumps(about)),
        head=np.asarray(weights["head"], dtype=np.float32),
        intercept=np.asarray(weights["intercept"], dtype=np.float32),
        **arrays,
    )


if __name__ == "__main__":
    main()
