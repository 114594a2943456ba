"""A turn as the gateway writes it, as Rasa wants it, and the answer read back from what Rasa recorded."""

from __future__ import annotations

import re
from typing import Any, Dict, Iterator, List, Mapping, Optional, Text

from rasa.core.channels.channel import OutputChannel, UserMessage
from rasa.shared.core.constants import ACTION_LISTEN_NAME, ACTION_SESSION_START_NAME, DEFAULT_INTENTS
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import ActionExecuted, BotUttered, Event, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker

from integrations.rasa.inside.responses import make_payload, parse_payload

RANKING_LENGTH = 5
ID_LENGTH = 255
TEXT_LENGTH = 4096

# Rasa reads "/intent{…}" as a command. The others are read as the same sign by people or by normalisers.
_COMMAND = re.compile(
    r"^(?:[\s\u00ad\u200b-\u200f\u2028-\u202f\u2060-\u2064\ufeff\x00-\x1f]*"
    r"(?:[/\uff0f\u2044\u2215\u29f8\u2571]+|EXTERNAL\s*:))+\s*",
    re.IGNORECASE,
)
_NOTHING_LEFT = "?"


class BadTurn(Exception):
    """The gateway's request is not a turn that this model can take."""


class SilentChannel(OutputChannel):
    """Sends nothing: the gateway gets what Rasa recorded, so that asking again gives the same."""

    def __init__(self, name: str) -> None:
        self._name = name

    def name(self) -> Text:  # type: ignore[override]
        return self._name

    async def send_response(self, recipient_id: Text, message: Dict[Text, Any]) -> None:
        """Leave the message to the record."""


def harmless(text: str) -> str:
    """The client's words, without what would make a command for Rasa of them."""
    return _COMMAND.sub("", text[:TEXT_LENGTH]).strip() or _NOTHING_LEFT


def allowed_intents(domain: Domain) -> List[str]:
    """The intents that a button or timer may send; Rasa's own (restart, back) only if the domain has them."""
    rasas_own = set(DEFAULT_INTENTS) - set(domain.overridden_default_intents)
    return [intent for intent in domain.intents if intent not in rasas_own]


def read_question(body: Any) -> UserMessage:
    """The message of an understand request. Raises BadTurn."""
    return UserMessage(harmless(_text(body, "text", TEXT_LENGTH)), metadata=_metadata(body))


def read_turn(body: Any, domain: Domain, output: OutputChannel) -> UserMessage:
    """The message of a turn request. Raises BadTurn."""
    about: Dict[str, Any] = {
        "output_channel": output,
        "sender_id": _text(body, "conversation", ID_LENGTH),
        "message_id": _text(body, "message_id", ID_LENGTH),
        "input_channel": output.name(),
        "metadata": _metadata(body),
    }
    if "text" in body:
        return UserMessage(harmless(_text(body, "text", TEXT_LENGTH)), **about)
    intent = _text(body, "intent", ID_LENGTH)
    if intent not in allowed_intents(domain):
        raise BadTurn(f"The model has no intent {intent}.")
    entities = body.get("entities", {})
    if not isinstance(entities, dict):
        raise BadTurn("The entities are not an object.")
    text = make_payload(intent, entities)
    # With its meaning given, Rasa does not parse the text: nothing in an entity can become a command.
    return UserMessage(text, parse_data=_meaning(text, intent, entities), **about)


def answer_to(message_id: str, tracker: DialogueStateTracker, repeated: bool) -> Optional[Dict[str, Any]]:
    """What was recorded for a message, or None if the tracker does not hold it."""
    events = list(_events_of(message_id, tracker))
    if not events:
        return None
    asked = events[0]
    assert isinstance(asked, UserUttered)
    return {
        "replies": [_reply(event) for event in events if isinstance(event, BotUttered)],
        "understanding": as_understanding(asked.parse_data),
        "actions": [
            event.action_name
            for event in events
            if isinstance(event, ActionExecuted)
            and event.action_name not in (None, ACTION_LISTEN_NAME, ACTION_SESSION_START_NAME)
        ],
        "repeated": repeated,
        # As it stands now, also when the turn is an earlier one.
        "open_form": tracker.active_loop_name,
    }


def as_understanding(parsed: Mapping[str, Any]) -> Dict[str, Any]:
    """The model's reading of a message: the likeliest intents and the entities."""
    intent = parsed.get("intent") or {}
    ranking = parsed.get("intent_ranking") or []
    return {
        "intent": intent.get("name"),
        "confidence": float(intent.get("confidence") or 0.0),
        "ranking": [[each["name"], float(each["confidence"])] for each in ranking[:RANKING_LENGTH]],
        "entities": [_entity(each) for each in parsed.get("entities") or []],
    }


def _events_of(message_id: str, tracker: DialogueStateTracker) -> Iterator[Event]:
    """The client's message and all that followed, up to the client's next message."""
    found = False
    for event in tracker.events:
        if isinstance(event, UserUttered) and event.message_id is not None:
            if found and event.message_id != message_id:
                return
            found = event.message_id == message_id
        if found:
            yield event


def _reply(event: BotUttered) -> Dict[str, Any]:
    buttons = []
    for button in event.data.get("buttons") or []:
        intent, entities = parse_payload(button["payload"])
        buttons.append({"label": button["title"], "intent": intent, "entities": entities})
    return {"text": event.text or "", "buttons": buttons, "response": event.metadata.get("utter_action")}


def _entity(found: Mapping[str, Any]) -> Dict[str, Any]:
    kept = ("entity", "value", "start", "end", "role", "group", "confidence_entity", "additional_info")
    return {name: found[name] for name in kept if found.get(name) is not None}


def _meaning(text: str, intent: str, entities: Mapping[str, Any]) -> Dict[str, Any]:
    sure = {"name": intent, "confidence": 1.0}
    found = [
        {"entity": name, "value": value, "start": 0, "end": len(text), "extractor": "gateway"}
        for name, given in entities.items()
        for value in (given if isinstance(given, list) else [given])
    ]
    return {"text": text, "intent": sure, "intent_ranking": [sure], "entities": found}


def _text(body: Any, name: str, limit: int) -> str:
    value = body.get(name) if isinstance(body, dict) else None
    if not isinstance(value, str) or not value or len(value) > limit:
        raise BadTurn(f"The {name} is missing or not a text of at most {limit} characters.")
    return value


def _metadata(body: Dict[str, Any]) -> Dict[str, Any]:
    metadata = body.get("metadata", {})
    if not isinstance(metadata, dict):
        raise BadTurn("The metadata is not an object.")
    return metadata
