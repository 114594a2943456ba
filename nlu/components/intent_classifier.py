"""Rasa classifier: calibrated probabilities of the intents, and an honest "not understood"."""

from __future__ import annotations

import json
import logging
from typing import Any, Dict, List, Sequence, Text, Type

import numpy as np
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.classifiers.classifier import IntentClassifier
from rasa.nlu.featurizers.featurizer import Featurizer
from rasa.shared.constants import DEFAULT_NLU_FALLBACK_INTENT_NAME
from rasa.shared.exceptions import InvalidConfigException
from rasa.shared.nlu.constants import FEATURE_TYPE_SENTENCE, INTENT, INTENT_RANKING_KEY, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData
from threadpoolctl import threadpool_limits

from nlu.components.examples import DEFAULT_SHARES, Examples, HeadSettings, readable_name
from nlu.components.intent_head import IntentHead
from nlu.components.lexical import TERMS
from nlu.components.wordless import has_no_words, intent_of_signs

logger = logging.getLogger(__name__)

_ARRAYS = "head.npz"
_PLAIN = "head.json"


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=True)
class CalibratedIntentClassifier(IntentClassifier, GraphComponent):
    """Ranks every intent; puts `nlu_fallback` first when the message is not understood well enough."""

    @classmethod
    def required_components(cls) -> List[Type]:
        """Needs the embeddings."""
        return [Featurizer]

    @staticmethod
    def get_default_config() -> Dict[Text, Any]:
        """Give the config keys; what they mean stands in HeadSettings."""
        settings = HeadSettings()
        return {
            "shares": dict(DEFAULT_SHARES),
            "names_as_examples": settings.names_as_examples,
            "penalty": settings.penalty,
            "ridge": settings.ridge,
            "nearness": settings.nearness,
            "in_scope_loss": settings.in_scope_loss,
        }

    def __init__(self, config: Dict[Text, Any], model_storage: ModelStorage, resource: Resource) -> None:
        """Make an untrained classifier."""
        self._config = config
        self._model_storage = model_storage
        self._resource = resource
        self._head: IntentHead | None = None

    @classmethod
    def create(
        cls,
        config: Dict[Text, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,  # noqa: ARG003  Rasa calls it so
    ) -> CalibratedIntentClassifier:
        """Make the component for training."""
        return cls(config, model_storage, resource)

    @classmethod
    def load(
        cls,
        config: Dict[Text, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,  # noqa: ARG003  Rasa calls it so
    ) -> CalibratedIntentClassifier:
        """Make the trained component again."""
        component = cls.create(config, model_storage, resource, execution_context)
        # One message is too little to share out: a second thread would only wait beside the first.
        threadpool_limits(limits=1, user_api="blas")
        with model_storage.read_from(resource) as folder:
            plain = json.loads((folder / _PLAIN).read_text(encoding="utf-8"))
            with np.load(folder / _ARRAYS, allow_pickle=False) as arrays:
                component._head = IntentHead.from_state(arrays, plain)
        return component

    def train(self, training_data: TrainingData) -> Resource:
        """Learn from the messages with an intent; raises InvalidConfigException where there are too few."""
        messages = [m for m in training_data.intent_examples if m.get(TEXT) and m.get(INTENT)]
        intents = [str(message.get(INTENT)) for message in messages]
        if len(set(intents)) < 2:
            raise InvalidConfigException("The assistant needs example messages of at least two intents.")
        first = dict(zip(reversed(intents), reversed(messages), strict=True))
        views = self._views_present(messages[0])
        self._head = IntentHead.train(
            Examples(
                tuple(str(m.get(TEXT)) for m in messages), _features(messages, TEXT, views), tuple(intents)
            ),
            Examples(
                tuple(readable_name(name) for name in first),
                _features(list(first.values()), INTENT, views),
                tuple(first),
            ),
            HeadSettings(
                shares=self._config["shares"],
                names_as_examples=bool(self._config["names_as_examples"]),
                penalty=float(self._config["penalty"]),
                ridge=float(self._config["ridge"]),
                nearness=float(self._config["nearness"]),
                in_scope_loss=float(self._config["in_scope_loss"]),
            ),
        )
        logger.info("Intents learned.")
        arrays, plain = self._head.state()
        with self._model_storage.write_to(self._resource) as folder:
            # Not compressed here: the archive of the whole model is.
            np.savez(folder / _ARRAYS, **arrays)
            (folder / _PLAIN).write_text(json.dumps(plain, ensure_ascii=False), encoding="utf-8")
        return self._resource

    def process(self, messages: List[Message]) -> List[Message]:
        """Set the intent and the full ranking of each message."""
        if self._head is None or not messages:
            return messages
        texts = tuple(str(message.get(TEXT) or "") for message in messages)
        views = _features(messages, TEXT, self._head.dense_views)
        for text, message, row in zip(texts, messages, self._head.predict(texts, views), strict=True):
            if has_no_words(text):
                _set_by_signs(message, intent_of_signs(text), self._head.intents)
                continue
            ranking = [
                {"name": self._head.intents[place], "confidence": float(row[place])}
                for place in np.argsort(-row)
            ]
            if self._head.is_out_of_scope(row):
                ranking.insert(
                    0, {"name": DEFAULT_NLU_FALLBACK_INTENT_NAME, "confidence": float(1.0 - row.max())}
                )
            message.set(INTENT, ranking[0], add_to_output=True)
            message.set(INTENT_RANKING_KEY, ranking, add_to_output=True)
        return messages

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        """Leave the training data as it is: its intents are known."""
        return training_data

    def _views_present(self, message: Message) -> List[Text]:
        """Return the views with a share that the featurizers give; another encoder may lack layers."""
        wanted = [name for name, share in self._config["shares"].items() if share > 0 and name not in TERMS]
        present = [name for name in wanted if name in _views_of(message, TEXT)]
        if not present:
            raise InvalidConfigException(
                "No featurizer in config.yml has one of the aliases that the classifier gives a share: "
                + ", ".join(wanted)
            )
        for name in sorted(set(wanted) - set(present)):
            logger.warning("The encoders do not give the view '%s': the classifier learns without it.", name)
        return present


def _set_by_signs(message: Message, intent: Text | None, known: Sequence[Text]) -> None:
    name = intent if intent in known else DEFAULT_NLU_FALLBACK_INTENT_NAME
    ranking = [{"name": name, "confidence": 1.0}]
    # Signs that mean nothing to us speak for no intent more than for another.
    rest = 0.0 if name in known else 1.0 / len(known)
    ranking.extend({"name": other, "confidence": rest} for other in known if other != name)
    message.set(INTENT, ranking[0], add_to_output=True)
    message.set(INTENT_RANKING_KEY, ranking, add_to_output=True)


def _features(messages: Sequence[Message], attribute: Text, views: Sequence[Text]) -> Dict[Text, np.ndarray]:
    found = [_views_of(message, attribute) for message in messages]
    missing = [name for name in views if any(name not in given for given in found)]
    if missing:
        raise InvalidConfigException(
            f"A message came without the view '{missing[0]}' that this model was trained with."
        )
    return {name: np.stack([given[name] for given in found]) for name in views}


def _views_of(message: Message, attribute: Text) -> Dict[Text, np.ndarray]:
    # Rasa's own way to them copies and joins, which takes as long as the judging.
    return {
        str(each.origin): each.features[0]
        for each in message.features
        if each.attribute == attribute and each.type == FEATURE_TYPE_SENTENCE and each.is_dense()
    }
