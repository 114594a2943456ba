"""Rasa component: times, durations and quiet hours as entities, in the zone of the message."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import Any, Dict, List, Mapping, Text, Tuple
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.extractors.extractor import EntityExtractorMixin
from rasa.shared.nlu.constants import ENTITIES, METADATA, TEXT
from rasa.shared.nlu.training_data.message import Message

from nlu.components.times import TimeMention, read_times


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.ENTITY_EXTRACTOR, is_trainable=False)
class TimeExtractor(GraphComponent, EntityExtractorMixin):
    """Adds `time`, `duration`, `quiet_time` and `recurring` entities; needs no training and reads no model.

    A message says when and where it was written in its metadata: "now" (ISO 8601), "timezone", "region".
    What is missing there is this moment and what the configuration says (Europe/London, england).
    """

    @staticmethod
    def get_default_config() -> Dict[Text, Any]:
        """Where a message without metadata is taken to come from."""
        return {"timezone": "Europe/London", "region": "england"}

    @classmethod
    def create(
        cls,
        config: Dict[Text, Any],
        model_storage: ModelStorage,  # noqa: ARG003  # Rasa's signature
        resource: Resource,  # noqa: ARG003
        execution_context: ExecutionContext,  # noqa: ARG003
    ) -> TimeExtractor:
        """Make the component for one model."""
        return cls(config)

    def __init__(self, config: Dict[Text, Any]) -> None:
        self._config = {**self.get_default_config(), **config}

    def process(self, messages: List[Message]) -> List[Message]:
        """Add entities to those that are there already; a message without text is left alone."""
        for message in messages:
            text = message.get(TEXT)
            if not isinstance(text, str) or not text.strip():
                continue
            mentions = read_times(text, *self._scene(message.get(METADATA)))
            entities = self.add_extractor_name([_entity(mention) for mention in mentions])
            message.set(ENTITIES, (message.get(ENTITIES) or []) + entities, add_to_output=True)
        return messages

    def _scene(self, metadata: Any) -> Tuple[datetime, Text, Text]:
        told: Mapping[Text, Any] = metadata if isinstance(metadata, Mapping) else {}
        zone = told.get("timezone")
        region = told.get("region")
        return (
            _moment(told.get("now")),
            zone if _is_zone(zone) else self._config["timezone"],
            region if isinstance(region, str) else self._config["region"],
        )


def _moment(value: Any) -> datetime:
    """The aware moment that the metadata gives, else this one; 3.10 does not read the "Z" of an ISO time."""
    if isinstance(value, str):
        try:
            moment = datetime.fromisoformat(value.replace("Z", "+00:00"))
        except ValueError:
            return datetime.now(timezone.utc)
        return moment if moment.tzinfo else moment.replace(tzinfo=timezone.utc)
    return datetime.now(timezone.utc)


def _is_zone(value: Any) -> bool:
    if not isinstance(value, str) or not value:
        return False
    try:
        ZoneInfo(value)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return False  # an unknown or malformed name: the configured zone serves
    return True


def _entity(mention: TimeMention) -> Dict[Text, Any]:
    value = list(mention.value) if isinstance(mention.value, tuple) else mention.value
    return {
        "entity": mention.kind,
        "start": mention.start,
        "end": mention.end,
        "value": value,
        "text": mention.text,
    }
