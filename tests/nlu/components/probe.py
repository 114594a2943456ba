"""Runs in the dialogue environment: trains the real components on a few messages and prints JSON.

The tests beside it run in the application environment, which has neither Rasa nor the encoders.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from rasa.engine.graph import ExecutionContext, GraphSchema
from rasa.engine.storage.local_model_storage import LocalModelStorage
from rasa.engine.storage.resource import Resource
from rasa.shared.nlu.constants import INTENT, INTENT_RANKING_KEY, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from nlu.components.encoder import EncoderError, EncoderFiles, SentenceEncoder, default_encoder_files
from nlu.components.intent_classifier import CalibratedIntentClassifier
from nlu.components.sentence_encoder import SentenceEncoderFeaturizer

TAUGHT = {
    "cancel_appointment": "i cant make it on tuesday|can we cancel our meeting|i need to cancel my meeting"
    "|cancel thursday please|wont be able to come tmrw|sorry i have to cancel friday",
    "search_jobs": "any jobs near me|show me some vacancies|find me work in a kitchen|what jobs are there"
    "|looking for part time work|are there any cleaning jobs",
    "ask_consultant": "i want to talk to a person|can i speak to my consultant|get me a human"
    "|is there someone real i can talk to|can amina call me|i would like to ask amina something",
}
ODD = ["", " ", "😀😀😀", "x" * 4096, "word " * 819, "\u0000", "١٢٣ नमस्ते", "can u cancel my apointment"]


def learned(folder: Path) -> tuple[list[SentenceEncoderFeaturizer], Any, Any]:
    """Train on TAUGHT, keep everything in `folder`, and return them loaded, and the fresh classifier."""
    examples = [
        Message({TEXT: text, INTENT: intent}) for intent, texts in TAUGHT.items() for text in texts.split("|")
    ]
    data = TrainingData(training_examples=examples)
    storage = LocalModelStorage.create(folder)
    context = ExecutionContext(GraphSchema({}))
    loaded = []
    for alias in ("sentence", "universal"):
        config = {**SentenceEncoderFeaturizer.get_default_config(), "alias": alias, "encoder": alias}
        resource = Resource(alias)
        featurizer = SentenceEncoderFeaturizer.create(config, storage, resource, context)
        featurizer.train(data)
        data = featurizer.process_training_data(data)
        loaded.append(SentenceEncoderFeaturizer.load(config, storage, resource, context))
    config = CalibratedIntentClassifier.get_default_config()
    classifier = CalibratedIntentClassifier.create(config, storage, Resource("intents"), context)
    classifier.train(data)
    return loaded, CalibratedIntentClassifier.load(config, storage, Resource("intents"), context), classifier


def parsed(featurizers: list[SentenceEncoderFeaturizer], classifier: Any, text: str) -> dict[str, Any]:
    """Return the intent and the ranking of a text."""
    messages = [Message({TEXT: text})]
    for featurizer in featurizers:
        messages = featurizer.process(messages)
    message = classifier.process(messages)[0]
    return {"intent": message.get(INTENT)["name"], "ranking": message.get(INTENT_RANKING_KEY)}


def understanding(folder: Path) -> dict[str, Any]:
    """Parse some messages before and after keeping the model, and the odd ones."""
    featurizers, kept, fresh = learned(folder)
    said = ["can u cancel my appt", "what jobs u got", "i want 2 talk 2 someone", "how deep is the ocean"]
    return {
        "before": [parsed(featurizers, fresh, text) for text in said],
        "after": [parsed(featurizers, kept, text) for text in said],
        "odd": [parsed(featurizers, kept, text) for text in ODD],
        "files": sorted(path.name for path in folder.rglob("*") if path.is_file()),
    }


def refusals(folder: Path) -> dict[str, Any]:
    """Collect what an operator is told about wrong encoder files."""
    real = default_encoder_files()
    other = folder / "other.onnx"
    other.write_bytes(b"not a model")
    return {
        "wrong_sha256": _told(EncoderFiles(other, real.tokenizer, real.sha256)),
        "missing": _told(EncoderFiles(folder / "nowhere.onnx", real.tokenizer)),
        "not_a_model": _told(EncoderFiles(other, real.tokenizer)),
        "other_than_trained": _other_than_trained(folder),
    }


def _told(source: EncoderFiles) -> str:
    try:
        SentenceEncoder(source)
    except EncoderError as error:
        return f"{type(error).__name__}: {error}"
    return "nothing"


def _other_than_trained(folder: Path) -> str:
    kept_in = folder / "kept"
    kept_in.mkdir()
    storage = LocalModelStorage.create(kept_in)
    config = {**SentenceEncoderFeaturizer.get_default_config(), "alias": "sentence"}
    with storage.write_to(Resource("sentence")) as kept:
        (kept / "encoder.json").write_text('{"sha256": "0123", "tokenizer_sha256": "4567", "dimension": 384}')
    try:
        SentenceEncoderFeaturizer.load(
            config, storage, Resource("sentence"), ExecutionContext(GraphSchema({}))
        )
    except EncoderError as error:
        return f"{type(error).__name__}: {error}"
    return "nothing"


if __name__ == "__main__":
    place = Path(sys.argv[2])
    place.mkdir(parents=True, exist_ok=True)
    sys.stdout.write(json.dumps({"understanding": understanding, "refusals": refusals}[sys.argv[1]](place)))
