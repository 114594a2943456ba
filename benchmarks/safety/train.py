"""`make train-safety`: trains the safety screen's model from bot/safety/training.

Logistic regression over the embeddings and the hashed groups. What it finds, and how often it is wrong, is
told for one message in eight, before the weights learn from those too.
"""

from __future__ import annotations

import json
import os
import random
import re
import zlib
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import yaml
from scipy.optimize import minimize
from scipy.sparse import csr_matrix

from bot.safety.features import GROUP_SCALE, PLACES, Features, counted, letter_groups, word_groups
from bot.safety.near_duplicates import near_duplicates
from bot.safety.proof import read_examples
from bot.safety.trained import MODEL, ORDINARY, ROUTE_OF, TRAINING, fingerprint_of_training, shares_of
from bot.safety.tuned import TunedEncoder
from nlu.components.encoder import default_encoder_files, shared_encoder
from nlu.components.universal_encoder import shared_universal_encoder

ROOT = Path(__file__).resolve().parents[2]
EVALUATION = ROOT / "tests" / "safety" / "evaluation"
KINDS = (ORDINARY, *ROUTE_OF)
PENALTY = 0.25
ROUNDS = 120
#: One message in so many is kept from the tuned encoder.
HELD_BACK = 8
#: From this share on that a message is not ordinary, it is answered. Set on development messages that nothing
#: was learned from (results.md); `report` says how many held-back ones are above it.
LINE = 0.60
#: Down to this part of the line's odds a message counts as nearly read.
NEAR_ODDS = 0.15
#: So many of the assistant's own examples stand in as ordinary talk.
OWN_SHARE = 0.35
_MARKUP = re.compile(r"\[([^\]]*)\](\([^)]*\)|\{[^}]*\})")


@dataclass(frozen=True)
class Message:
    """A training message; style `own` is an example of the assistant's intents."""

    text: str
    kind: str
    style: str


@dataclass(frozen=True)
class Fitted:
    """The weights as they are trained."""

    dense: Any
    groups: Any
    intercept: Any


def main() -> None:
    """Train, set the line, write the model and say what came out."""
    messages = all_messages()
    features = learn_features(messages)
    encoder = TunedEncoder.load()
    texts = [message.text for message in messages]
    # The encoders leave the interpreter alone while they work.
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        rows = list(pool.map(features.of, texts))
        tuned = np.stack(list(pool.map(encoder.scores, texts)))
    dense = np.stack([row.dense for row in rows]).astype(np.float32)
    groups = sparse(rows)
    classes = np.asarray([KINDS.index(message.kind) for message in messages])
    fresh = np.asarray([is_held_back(message) for message in messages])
    # Of these neither the weights nor the tuned encoder have seen anything.
    fitted = fit(dense[~fresh], groups[~fresh], classes[~fresh])
    risk = 1 - shares(fitted, dense[fresh], groups[fresh], tuned[fresh])[:, 0]
    fitted = fit(dense, groups, classes)
    write(features, fitted, LINE)
    report([one for one, new in zip(messages, fresh, strict=True) if new], risk, LINE)


def all_messages() -> list[Message]:
    """Return what is trained on, in an order that is always the same."""
    messages = [*training_messages(), *own_examples()]
    random.Random(0).shuffle(messages)
    return messages


def is_held_back(message: Message) -> bool:
    """Return whether the tuned encoder must not learn from it: one in eight says how good it is."""
    return zlib.crc32(message.text.encode()) % HELD_BACK == 0


def training_messages() -> list[Message]:
    """Read the training files; the same words twice are one message."""
    found: dict[str, Message] = {}
    for path in sorted(TRAINING.glob("*.yml")):
        # libyaml's own loader: the other takes a minute for these.
        for row in yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader):
            text = str(row["text"])
            found.setdefault(text, Message(text, row["kind"] or ORDINARY, row["style"]))
    return list(found.values())


def own_examples() -> list[Message]:
    """Take some of the assistant's own examples as ordinary talk, except those about low mood.

    Those that are nearly in the evaluation files are left out, unseen: nothing is learned from the measure.
    """
    found = []
    for path in sorted((ROOT / "nlu").glob("*.yml")):
        for entry in yaml.safe_load(path.read_text(encoding="utf-8")).get("nlu", []):
            if "low" in entry.get("intent", "low"):
                continue
            for line in entry["examples"].splitlines():
                text = _MARKUP.sub(r"\1", line.removeprefix("- ").strip())
                if text and zlib.crc32(text.encode()) % 100 < OWN_SHARE * 100:
                    found.append(Message(text, ORDINARY, "own"))
    measured_on = [one.text for one in read_examples(sorted(EVALUATION.glob("*.yml")))]
    near = {own for _, own in near_duplicates(measured_on, [one.text for one in found])}
    return [one for one in found if one.text not in near]


def learn_features(messages: Sequence[Message]) -> Features:
    """Learn how rare each place is, and the middle of the inner layers."""
    sentence, universal = shared_encoder(default_encoder_files()), shared_universal_encoder()
    texts = [message.text for message in messages]
    layers = [found for _, found in sentence.encode_with_layers(texts)]
    return Features(
        sentence,
        universal,
        np.mean(layers, axis=0).astype(np.float32),
        rarity(texts, letter_groups),
        rarity(texts, word_groups),
    )


def rarity(texts: Sequence[str], groups: Any) -> Any:
    """Return the inverse document frequency of each place."""
    having = np.zeros(PLACES)
    for text in texts:
        having[list(counted(text, groups))] += 1
    return (np.log((1 + len(texts)) / (1 + having)) + 1).astype(np.float32)


def sparse(rows: Sequence[Any]) -> Any:
    """Put the hashed groups of all rows into one sparse matrix."""
    starts = np.cumsum([0, *(len(row.places) for row in rows)])
    places = np.concatenate([row.places for row in rows])
    weights = np.concatenate([row.weights for row in rows])
    return csr_matrix((weights, places, starts), shape=(len(rows), 2 * PLACES), dtype=np.float32)


def fit(dense: Any, groups: Any, classes: Any) -> Fitted:
    """Return the weights of multinomial logistic regression with an even penalty."""
    count, width, kinds = len(classes), dense.shape[1], len(KINDS)
    target = np.zeros((count, kinds), dtype=np.float32)
    target[np.arange(count), classes] = 1
    turned = groups.T.tocsr()  # Once: scipy would turn it in every round.
    cut, end = width * kinds, (width + 2 * PLACES) * kinds

    def parts(flat: Any) -> Fitted:
        flat = flat.astype(np.float32)
        return Fitted(flat[:cut].reshape(width, kinds), flat[cut:end].reshape(-1, kinds), flat[end:])

    def loss(flat: Any) -> tuple[float, Any]:
        weights = parts(flat)
        scores = dense @ weights.dense + groups @ weights.groups + weights.intercept
        scores -= scores.max(axis=1, keepdims=True)
        powers = np.exp(scores)
        total = powers.sum(axis=1, keepdims=True)
        wrong = powers / total - target
        value = float((np.log(total[:, 0]) - (scores * target).sum(axis=1)).sum())
        slope = np.concatenate([(dense.T @ wrong).ravel(), (turned @ wrong).ravel(), wrong.sum(axis=0)])
        slope[:end] += PENALTY * flat[:end]
        return value + 0.5 * PENALTY * float(flat[:end] @ flat[:end]), slope.astype(np.float64)

    found = minimize(
        loss,
        np.zeros(end + kinds),
        jac=True,
        method="L-BFGS-B",
        options={"maxiter": ROUNDS, "maxcor": 8},
    )
    return parts(found.x)


def shares(fitted: Fitted, dense: Any, groups: Any, tuned: Any) -> Any:
    """Return the shares of the kinds, one row a message."""
    return shares_of(dense @ fitted.dense + groups @ fitted.groups + fitted.intercept, tuned)


def write(features: Features, fitted: Fitted, line: float) -> None:
    """Write the model; half precision is ample for weights."""
    odds = line / (1 - line) * NEAR_ODDS
    about = {
        "kinds": KINDS,
        "line": line,
        "near": odds / (1 + odds),
        "encoders": [features.sentence.sha256, features.universal.sha256],
        "trained_on": fingerprint_of_training(),
    }
    MODEL.parent.mkdir(exist_ok=True)
    np.savez_compressed(
        MODEL,
        about=np.asarray(json.dumps(about)),
        dense=fitted.dense.astype(np.float16),
        groups=fitted.groups.astype(np.float16),
        intercept=fitted.intercept,
        middle=features.middle,
        letter_rarity=features.letter_rarity.astype(np.float16).astype(np.float32),
        word_rarity=features.word_rarity.astype(np.float16).astype(np.float32),
    )


def report(messages: Sequence[Message], risk: Any, line: float) -> None:
    """Say what the held-out parts of the training messages show."""
    size = MODEL.stat().st_size // 1024
    print(f"{len(messages)} messages, line {line:.3f}, {size} KB, groups weigh {GROUP_SCALE:.2f}")
    for name in ("ordinary", "own", "hard", "made"):
        mine = np.asarray([message.kind == ORDINARY and message.style == name for message in messages])
        print(f"  {name:10} above the line {np.mean(risk[mine] >= line):.4f} of {mine.sum()}")
    for kind in ROUTE_OF:
        mine = np.asarray([message.kind == kind for message in messages])
        print(f"  {kind:22} above the line {np.mean(risk[mine] >= line):.3f} of {mine.sum()}")


if __name__ == "__main__":
    main()
