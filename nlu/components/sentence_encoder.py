"""Rasa featurizer: the embedding of a whole message, by one of the two sentence encoders."""

from __future__ import annotations

import json
import logging
import os
from pathlib import Path
from typing import Any, Dict, List, Optional, Text, Type

import numpy as np
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.featurizers.dense_featurizer.dense_featurizer import DenseFeaturizer
from rasa.shared.exceptions import InvalidConfigException
from rasa.shared.nlu.constants import FEATURE_TYPE_SENTENCE, INTENT, TEXT
from rasa.shared.nlu.training_data.features import Features
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from nlu.components.eight_bits import is_quick_here
from nlu.components.encoder import (
    EncoderFiles,
    EncoderMismatch,
    default_encoder_files,
    encoder_files_at,
    sha256_of,
    shared_encoder,
)
from nlu.components.examples import readable_name
from nlu.components.universal_encoder import shared_universal_encoder

logger = logging.getLogger(__name__)

_ENCODERS = ("sentence", "universal")
_RECORD = "encoder.json"
# The inner layers of the encoder under the alias "sentence" are the view "sentence_layers".
LAYERS_SUFFIX = "_layers"


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.MESSAGE_FEATURIZER, is_trainable=True)
class SentenceEncoderFeaturizer(DenseFeaturizer, GraphComponent):
    """Adds the dense sentence features to a message, and to the readable name of its intent in training."""

    @classmethod
    def required_components(cls) -> List[Type]:
        """Needs no tokens: the encoders bring their own word pieces."""
        return []

    @staticmethod
    def required_packages() -> List[Text]:
        """Name what has to be importable."""
        return ["onnxruntime", "tokenizers"]

    @staticmethod
    def get_default_config() -> Dict[Text, Any]:
        """Give the config keys: which encoder, and where an operator's own ONNX file is."""
        return {**DenseFeaturizer.get_default_config(), "encoder": "sentence", "encoder_path": None}

    def __init__(
        self, config: Dict[Text, Any], name: Text, model_storage: ModelStorage, resource: Resource
    ) -> None:
        """Open the encoder; raises EncoderError with a sentence for the operator."""
        super().__init__(name, config)
        self._encoder = (
            shared_universal_encoder() if config["encoder"] == "universal" else shared_encoder(_files(config))
        )
        self._model_storage = model_storage
        self._resource = resource

    @classmethod
    def validate_config(cls, config: Dict[Text, Any]) -> None:
        """Refuse an unknown encoder."""
        if config["encoder"] not in _ENCODERS:
            raise InvalidConfigException(
                f"encoder must be one of {', '.join(_ENCODERS)}: {config['encoder']}"
            )

    @classmethod
    def fingerprint_addon(cls, config: Dict[Text, Any]) -> Optional[Text]:
        """Make Rasa's cache notice another encoder file behind the same config."""
        full = {**cls.get_default_config(), **config}
        arithmetic = "8 bits" if is_quick_here() else "32 bits"
        if full["encoder"] == "universal":
            return f"{shared_universal_encoder().sha256} {arithmetic}"
        source = _files(full)
        return f"{sha256_of(source.model)} {sha256_of(source.tokenizer)} {arithmetic}"

    @classmethod
    def create(
        cls,
        config: Dict[Text, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> SentenceEncoderFeaturizer:
        """Make the component for training."""
        return cls(config, execution_context.node_name, model_storage, resource)

    @classmethod
    def load(
        cls,
        config: Dict[Text, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,  # noqa: ARG003  Rasa calls it so
    ) -> SentenceEncoderFeaturizer:
        """Make the component for parsing; raises EncoderMismatch after training with another file."""
        component = cls.create(config, model_storage, resource, execution_context)
        with model_storage.read_from(resource) as folder:
            trained = json.loads((folder / _RECORD).read_text(encoding="utf-8"))
        if trained != component.record():
            raise EncoderMismatch(
                f"This model was trained with the encoder file {trained['sha256']}, but the one here is "
                f"{component.record()['sha256']}: put that file back, or train the assistant again."
            )
        return component

    def train(self, training_data: TrainingData) -> Resource:  # noqa: ARG002
        """Record which encoder files the model belongs to; the encoder itself does not learn."""
        with self._model_storage.write_to(self._resource) as folder:
            (folder / _RECORD).write_text(json.dumps(self.record()), encoding="utf-8")
        return self._resource

    def record(self) -> Dict[Text, Any]:
        """Return what the trained model keeps about its encoder."""
        return {
            "sha256": self._encoder.sha256,
            "tokenizer_sha256": self._encoder.tokenizer_sha256,
            "dimension": self._encoder.dimension,
        }

    def process(self, messages: List[Message]) -> List[Message]:
        """Add the embedding of each message."""
        for message in messages:
            text = message.get(TEXT)
            if text is not None:
                self._set(message, TEXT, self._encoder.encode_one(text), self._encoder.layers_of(text))
        return messages

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        """Add the embedding of each training message, and of its intent's name."""
        wanted = [(m, TEXT, m.get(TEXT)) for m in training_data.training_examples if m.get(TEXT) is not None]
        wanted += [
            (m, INTENT, readable_name(m.get(INTENT)))
            for m in training_data.training_examples
            if m.get(INTENT)
        ]
        texts = list(dict.fromkeys(text for _, _, text in wanted))
        found = dict(zip(texts, self._encoder.encode_with_layers(texts), strict=True))
        for message, attribute, text in wanted:
            self._set(message, attribute, *found[text])
        return training_data

    def _set(
        self, message: Message, attribute: Text, vector: np.ndarray, layers: Optional[np.ndarray]
    ) -> None:
        message.add_features(Features(vector[None, :], FEATURE_TYPE_SENTENCE, attribute, self._identifier))
        if layers is not None:
            origin = self._identifier + LAYERS_SUFFIX
            message.add_features(Features(layers[None, :], FEATURE_TYPE_SENTENCE, attribute, origin))


def _files(config: Dict[Text, Any]) -> EncoderFiles:
    # config.yml says "$FOOTHOLD_ENCODER": the operator's path if that is set, else nothing.
    given = os.path.expandvars(str(config["encoder_path"] or ""))
    if not given or given.startswith("$"):
        return default_encoder_files()
    return encoder_files_at(Path(given))
