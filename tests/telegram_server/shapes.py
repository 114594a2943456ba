"""The JSON shapes of the Bot API that the emulator speaks, and the records that tests read."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

Json = dict[str, Any]


class ApiError(Exception):
    """An answer with `ok: false`."""

    def __init__(self, code: int, description: str, retry_after: int | None = None) -> None:
        super().__init__(description)
        self.code = code
        self.description = description
        self.retry_after = retry_after

    def answer(self) -> Json:
        """The body that Telegram sends with this error."""
        body: Json = {"ok": False, "error_code": self.code, "description": self.description}
        if self.retry_after is not None:
            body["parameters"] = {"retry_after": self.retry_after}
        return body


@dataclass(frozen=True)
class Button:
    """A button on a phone; `data` is what the bot hid behind it."""

    label: str
    data: str


@dataclass(frozen=True)
class PhoneMessage:
    """A message from the bot as it stands on a phone's screen now."""

    message_id: int
    text: str
    buttons: tuple[Button, ...]
    at: datetime
    silent: bool = False
    protected: bool = False
    edited: bool = False

    @property
    def labels(self) -> tuple[str, ...]:
        """What the buttons say."""
        return tuple(button.label for button in self.buttons)


@dataclass(frozen=True)
class SentRecord:
    """One accepted call that a client could see, in true order; `answer_lost` if the bot never heard."""

    number: int
    method: str
    chat_id: int
    message_id: int
    text: str
    labels: tuple[str, ...]
    at: datetime
    answer_lost: bool = False


@dataclass
class Chat:
    """A chat as the server keeps it."""

    chat_id: int
    kind: str
    name: str
    language: str | None = "en"
    started: bool = False
    blocked: bool = False
    messages: dict[int, PhoneMessage] = field(default_factory=dict)
    retry_not_before: float = 0.0

    def as_json(self) -> Json:
        """Chat."""
        if self.kind == "private":
            return {"id": self.chat_id, "type": "private", "first_name": self.name}
        return {"id": self.chat_id, "type": self.kind, "title": self.name}

    def as_user(self) -> Json:
        """User, for a private chat."""
        user = {"id": self.chat_id, "is_bot": False, "first_name": self.name}
        return user if self.language is None else {**user, "language_code": self.language}


def unix(at: datetime) -> int:
    """A moment as Telegram writes it."""
    return int(at.timestamp())


def utc_now() -> datetime:
    """The server's clock."""
    return datetime.now(UTC)


def text_units(text: str) -> int:
    """UTF-16 units."""
    return len(text.encode("utf-16-le")) // 2


def bot_message(bot: Json, chat: Chat, message: PhoneMessage) -> Json:
    """Message, as the bot that sent it sees it."""
    answer: Json = {
        "message_id": message.message_id,
        "from": bot,
        "chat": chat.as_json(),
        "date": unix(message.at),
        "text": message.text,
    }
    if message.edited:
        answer["edit_date"] = unix(utc_now())
    if message.protected:
        answer["has_protected_content"] = True
    if message.buttons:
        rows = [[{"text": button.label, "callback_data": button.data}] for button in message.buttons]
        answer["reply_markup"] = {"inline_keyboard": rows}
    return answer
