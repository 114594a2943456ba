"""The phones over HTTP, for a test in another process: POST /phones/7/says, GET /phones/7/screen."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from typing import Any

from tests.telegram_server.phone import OwnMessage, Phone
from tests.telegram_server.shapes import Json
from tests.telegram_server.world import World

_ACTIONS = frozenset(
    {
        "start",
        "says",
        "presses",
        "forges",
        "sends_voice",
        "sends_photo",
        "sends_document",
        "sends_sticker",
        "sends_location",
        "sends_contact",
        "blocks_bot",
        "unblocks_bot",
    }
)


class Control:
    """Answers what is not the Bot API; the JSON body of a POST holds the arguments of the phone's method."""

    def __init__(self, world: World, phone: Callable[[str, int], Phone]) -> None:
        self._world = world
        self._phone = phone

    def handle(self, parts: list[str], body: Json) -> tuple[int, Any]:
        """Status and body of the answer."""
        match parts:
            case ["phones", number, "screen"]:
                return 200, [
                    _plain(message) for message in self._phone(f"Client {number}", int(number)).screen
                ]
            case ["phones", number, action] if action in _ACTIONS:
                return self._act(self._phone(body.pop("name", f"Client {number}"), int(number)), action, body)
            case ["updates"]:
                return 200, self._world.updates.add_raw(body)
            case ["sent_log"]:
                return 200, [_plain(record) for record in self._world.sent_log]
            case ["violations"]:
                return 200, self._world.violations
            case ["left_chats"]:
                return 200, self._world.left_chats
            case _:
                return 404, {"error": "not found"}

    def _act(self, phone: Phone, action: str, body: Json) -> tuple[int, Any]:
        try:
            result = getattr(phone, action)(**body)
        except (AssertionError, TypeError) as error:
            return 409, {"error": str(error)}
        return 200, asdict(result) if isinstance(result, OwnMessage) else None


def _plain(record: Any) -> Json:
    return {**asdict(record), "at": record.at.isoformat()}
