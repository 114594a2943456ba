"""What was said before this message, and taking the message again with another meaning."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

from rasa_sdk.events import ActionExecuted
from rasa_sdk.interfaces import Tracker

from actions.base import Event, last_message

_KEPT = ("input_channel", "message_id", "metadata")


def last_reply(tracker: Tracker) -> dict[str, Any]:
    """Return the event of what the bot said last before the client's message, or an empty one."""
    said = [event for event in tracker.events if event.get("event") in {"user", "bot"}]
    before = said[:-1]
    return dict(before[-1]) if before and before[-1].get("event") == "bot" else {}


def last_response(tracker: Tracker) -> str:
    """Return the name of the response that the bot said last before the client's message."""
    return str((last_reply(tracker).get("metadata") or {}).get("utter_action") or "")


def intent_before(tracker: Tracker) -> str:
    """Return the intent of the client's message before the last one."""
    said = [event for event in tracker.events if event.get("event") == "user"]
    if len(said) < 2:
        return ""
    return str(((said[-2].get("parse_data") or {}).get("intent") or {}).get("name") or "")


def take_again(tracker: Tracker, intent_name: str, entities: Mapping[str, Any] | None = None) -> list[Event]:
    """Return the events of the client's message said again, with its id and metadata but another meaning."""
    said = {name: value for name, value in last_message(tracker).items() if name in _KEPT}
    intent = {"name": intent_name, "confidence": 1.0}
    text = f"/{intent_name}"
    found = [{"entity": name, "value": value} for name, value in (entities or {}).items()]
    parsed = {"text": text, "intent": intent, "intent_ranking": [intent], "entities": found}
    again = {**said, "event": "user", "timestamp": time.time(), "text": text, "parse_data": parsed}
    return [ActionExecuted("action_listen"), again]
