"""Measure the product's own head on one set, in a process of its own; prints one JSON line."""

from __future__ import annotations

import json
import resource
import sys
import time
from collections.abc import Sequence

import numpy as np

from benchmarks.nlu.data import Part, read_part
from nlu.components.encoder import default_encoder_files, shared_encoder
from nlu.components.examples import Examples, HeadSettings, readable_name
from nlu.components.intent_head import IntentHead
from nlu.components.universal_encoder import shared_universal_encoder

_TIMED_MESSAGES = 300


def views(texts: Sequence[str]) -> dict[str, np.ndarray]:
    """Embed texts as the two featurizers of config.yml do."""
    encoder = shared_encoder(default_encoder_files())
    return {
        "sentence": encoder.encode(texts),
        "sentence_layers": np.stack([encoder.layers_of(text) for text in texts]),
        "universal": shared_universal_encoder().encode(texts),
    }


def train(part: Part, settings: HeadSettings) -> IntentHead:
    """Train a head on a part; the names of the intents are examples too, as in the product."""
    names = tuple(sorted(set(part.intents)))
    readable = tuple(readable_name(name) for name in names)
    return IntentHead.train(
        Examples(part.texts, views(part.texts), part.intents),
        Examples(readable, views(readable), names),
        settings,
    )


def measure(name: str) -> dict[str, float | str]:
    """Train on the ten examples an intent, ask the whole official test part, and time both."""
    settings = HeadSettings()
    views(["warm up"])
    training, test = read_part(name, "train_10"), read_part(name, "test")
    started, started_cpu = time.perf_counter(), time.process_time()
    head = train(training, settings)
    seconds, seconds_cpu = time.perf_counter() - started, time.process_time() - started_cpu

    milliseconds, milliseconds_cpu = [], []
    for text in test.texts[:: max(1, len(test.texts) // _TIMED_MESSAGES)]:
        asked, asked_cpu = time.perf_counter(), time.process_time()
        head.predict((text,), views((text,)))
        milliseconds.append(1000 * (time.perf_counter() - asked))
        milliseconds_cpu.append(1000 * (time.process_time() - asked_cpu))

    probabilities = head.predict(test.texts, views(test.texts))
    place = {intent: number for number, intent in enumerate(head.intents)}
    right = probabilities.argmax(axis=1) == np.asarray([place[intent] for intent in test.intents])
    kept = np.asarray([not head.is_out_of_scope(row) for row in probabilities])
    found: dict[str, float | str] = {
        "set": name,
        "accuracy": 100 * float(right.mean()),
        "cross_validated": 100 * head.calibration.cross_validated_accuracy,
        "accuracy_with_fallback": 100 * float((right & kept).mean()),
        "sent_to_fallback": 100 * float((~kept).mean()),
        "wrong_and_acted_upon": 100 * float((~right & kept).mean()),
        "calibration_error": 100 * calibration_error(probabilities.max(axis=1), right),
        "training_seconds": seconds,
        "training_cpu_seconds": seconds_cpu,
        "ms_median": float(np.median(milliseconds)),
        "ms_p95": float(np.quantile(milliseconds, 0.95)),
        "cpu_ms_median": float(np.median(milliseconds_cpu)),
        "cpu_ms_p95": float(np.quantile(milliseconds_cpu, 0.95)),
        "rss_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }
    if name == "clinc150":
        strange = read_part(name, "oos_test").texts
        refused = [head.is_out_of_scope(row) for row in head.predict(strange, views(strange))]
        found["out_of_scope_refused"] = 100 * float(np.mean(refused))
    return found


def calibration_error(confidence: np.ndarray, right: np.ndarray, bins: int = 15) -> float:
    """Return the expected calibration error: how far confidence and the share of right answers differ."""
    place = np.minimum((confidence * bins).astype(int), bins - 1)
    gaps = [
        abs(confidence[place == number].mean() - right[place == number].mean()) * (place == number).mean()
        for number in range(bins)
        if (place == number).any()
    ]
    return float(sum(gaps))


if __name__ == "__main__":
    print(json.dumps(measure(sys.argv[1])))
