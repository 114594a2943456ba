"""What the bot says: the domain's responses, filled in; a hole in a sentence is an error, not a message."""

from __future__ import annotations

import json
import re
import zlib
from typing import Any, Dict, List, Mapping, Optional, Tuple

from rasa.core.nlg.generator import ResponseVariationFilter
from rasa.core.nlg.response import TemplatedNaturalLanguageGenerator
from rasa.shared.core.domain import Domain
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.utils.endpoints import EndpointConfig

SLOT_LENGTH = 200
ARGUMENT_LENGTH = 2000
FROM_MESSAGE = ("first_name", "consultant", "service", "region")
# Rasa runs these itself and does without them when the domain has none.
OPTIONAL_RESPONSES = ("utter_default", "utter_ask_rephrase", "utter_restart")

_PLACEHOLDER = re.compile(r"\{([A-Za-z_][A-Za-z0-9_]*)\}")
_PAYLOAD = re.compile(r"^/([^\s{/@]+)\s*(\{.*\})?$", re.DOTALL)
# Control characters except new line, and the marks that turn the direction of what follows them.
_UNPRINTABLE = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]")

Variation = Dict[str, Any]


class ResponseError(Exception):
    """A response cannot be said as it is written."""


class NoSuchResponse(ResponseError):
    """The domain has no such response, or no variation of it for this client."""


class MissingValue(ResponseError):
    """A response has a placeholder that nothing fills."""


class BadPayload(ResponseError):
    """A button's payload is not /intent or /intent{"entity": "value"}."""


class CaseworkResponses(TemplatedNaturalLanguageGenerator):
    """Fills the domain's responses from action arguments, slots and what the gateway says of the client."""

    def __init__(
        self, endpoint_config: Optional[EndpointConfig] = None, domain: Optional[Domain] = None
    ) -> None:
        del endpoint_config  # Rasa gives it to every class named under `nlg`.
        super().__init__(domain.responses if domain else {})

    def overrides(self, _utter_action: str) -> Optional[List[Variation]]:
        """A service manager's live wording of a response; none can be made yet."""
        return None

    async def generate(
        self, utter_action: str, tracker: DialogueStateTracker, output_channel: str, **kwargs: Any
    ) -> Optional[Variation]:
        """The response to say. Raises NoSuchResponse or MissingValue."""
        values = _values(tracker, kwargs)
        variations = self._variations(utter_action, output_channel, values)
        if not variations:
            if utter_action in OPTIONAL_RESPONSES:
                return None
            raise NoSuchResponse(f"The domain has no {utter_action} for this client.")
        # Chosen by the message's id: asking twice gives the same words.
        message = tracker.latest_message
        seed = f"{message.message_id if message else ''}/{utter_action}"
        chosen = variations[zlib.crc32(seed.encode()) % len(variations)]
        try:
            return fill_response(chosen, values)
        except MissingValue as error:
            raise MissingValue(f"{utter_action} needs a value for {error}.") from error

    def _variations(self, utter_action: str, channel: str, values: Mapping[str, Any]) -> List[Variation]:
        responses = self.overrides(utter_action) or self.responses.get(utter_action)
        if not responses:
            return []
        chooser = ResponseVariationFilter({utter_action: responses})
        return chooser.responses_for_utter_action(utter_action, channel, dict(values))


def fill_response(response: Variation, values: Mapping[str, Any]) -> Variation:
    """A copy of a response with its text and buttons filled in."""
    filled = {key: value for key, value in response.items() if key != "condition"}
    if "text" in filled:
        filled["text"] = fill(filled["text"], values)
    if filled.get("buttons"):
        filled["buttons"] = [
            {
                **button,
                "title": fill(button["title"], values),
                "payload": _fill_payload(button["payload"], values),
            }
            for button in filled["buttons"]
        ]
    return filled


def fill(template: str, values: Mapping[str, Any]) -> str:
    """Replace each {name} once; braces inside a value stay as they are. Raises MissingValue."""
    return _PLACEHOLDER.sub(lambda found: _words(found.group(1), values.get(found.group(1))), template)


def parse_payload(payload: str) -> Tuple[str, Dict[str, Any]]:
    """The intent and entities of a button. Raises BadPayload."""
    found = _PAYLOAD.match(payload.strip())
    if not found:
        raise BadPayload("A button's payload does not begin with /intent.")
    written = found.group(2) or "{}"
    if written.startswith("{{"):
        # Double braces are how Rasa's own templates write a brace that is not a placeholder.
        written = written.replace("{{", "{").replace("}}", "}")
    try:
        entities = json.loads(written)
    except ValueError as error:
        raise BadPayload(f"The payload of a button for {found.group(1)} is not JSON.") from error
    return found.group(1), entities


def make_payload(intent: str, entities: Mapping[str, Any]) -> str:
    """The payload of a button, as Rasa writes it."""
    return f"/{intent}" + (json.dumps(dict(entities), ensure_ascii=False) if entities else "")


def _fill_payload(payload: str, values: Mapping[str, Any]) -> str:
    # The parts are filled after parsing, so that a quote in a value cannot change the intent's entities.
    intent, entities = parse_payload(payload)
    filled = {
        name: fill(value, values) if isinstance(value, str) else value for name, value in entities.items()
    }
    return make_payload(intent, filled)


def _values(tracker: DialogueStateTracker, arguments: Mapping[str, Any]) -> Dict[str, Any]:
    message = tracker.latest_message
    metadata = (message.metadata if message else None) or {}
    values: Dict[str, Any] = {name: metadata[name] for name in FROM_MESSAGE if metadata.get(name)}
    for name, value in tracker.current_slot_values().items():
        if value is not None:
            values[name] = value[:SLOT_LENGTH] if isinstance(value, str) else value
    values.update({name: value for name, value in arguments.items() if value is not None})
    return values


def _words(name: str, value: Any) -> str:
    if isinstance(value, list) and value and all(isinstance(part, str) for part in value):
        value = ", ".join(part[:SLOT_LENGTH] for part in value)
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, (str, int, float)) or value == "":
        raise MissingValue(name)
    return _UNPRINTABLE.sub("", str(value))[:ARGUMENT_LENGTH]
