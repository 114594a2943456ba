"""Everything the emulated Telegram remembers: the bot, its chats, files, presses, and what was sent."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, replace

from tests.telegram_server.shapes import ApiError, Button, Chat, Json, PhoneMessage, SentRecord, utc_now
from tests.telegram_server.updates import Updates


@dataclass
class Press:
    """A pressed button; `answer` stays None while the spinner turns."""

    callback_id: str
    chat_id: int
    answer: str | None = None


@dataclass(frozen=True)
class StoredFile:
    """A file that a client sent."""

    path: str
    content: bytes
    gone: bool = False


class World:
    """State shared by the HTTP threads and the phones; take `changed` around anything of several steps."""

    def __init__(self, token: str, seed: int) -> None:
        self.token = token
        self.bot_id = int(token.partition(":")[0])
        self.bot: Json = {
            "id": self.bot_id,
            "is_bot": True,
            "first_name": "Foothold",
            "username": "foothold_test_bot",
        }
        self.updates = Updates(seed)
        self.changed = threading.Condition()
        self.chats: dict[int, Chat] = {}
        self.files: dict[str, StoredFile] = {}
        self.presses: dict[str, Press] = {}
        self.sent_log: list[SentRecord] = []
        self.violations: list[str] = []
        self.left_chats: list[int] = []
        self.typing: list[int] = []
        self.commands: list[Json] = []
        self._message_id = 0

    def chat(self, chat_id: int, name: str, kind: str = "private") -> Chat:
        """The chat with this number, made when it is new."""
        with self.changed:
            return self.chats.setdefault(chat_id, Chat(chat_id, kind, name))

    def reachable(self, chat_id: object) -> Chat:
        """The chat that a bot may write to, or the error that Telegram gives."""
        chat = self.chats.get(int(chat_id)) if str(chat_id).lstrip("-").isdigit() else None  # type: ignore[call-overload]
        if chat is None or not chat.started:
            raise ApiError(400, "Bad Request: chat not found")
        if chat.blocked:
            raise ApiError(403, "Forbidden: bot was blocked by the user")
        return chat

    def new_message_id(self) -> int:
        """Message numbers rise over all chats of a bot."""
        with self.changed:
            self._message_id += 1
            return self._message_id

    @property
    def newest_message_id(self) -> int:
        """The number given out last."""
        return self._message_id

    def deliver(self, chat: Chat, method: str, message: PhoneMessage, *, answer_lost: bool) -> None:
        """Put a message on the phone's screen and into the log."""
        with self.changed:
            chat.messages[message.message_id] = message
            self.sent_log.append(
                SentRecord(
                    len(self.sent_log) + 1,
                    method,
                    chat.chat_id,
                    message.message_id,
                    message.text,
                    message.labels,
                    utc_now(),
                    answer_lost,
                )
            )
            self.changed.notify_all()

    def edit(
        self, chat: Chat, message_id: int, text: str | None, buttons: tuple[Button, ...]
    ) -> PhoneMessage:
        """Change a message of the bot's, or say what Telegram says when it cannot."""
        with self.changed:
            old = chat.messages.get(message_id)
            if old is None:
                raise ApiError(400, "Bad Request: message to edit not found")
            new = replace(old, text=old.text if text is None else text, buttons=buttons)
            if new == old:
                raise ApiError(
                    400,
                    "Bad Request: message is not modified: specified new message content and reply markup "
                    "are exactly the same as a current content and reply markup of the message",
                )
            return replace(new, edited=True)

    def hold_off(self, chat: Chat, seconds: int) -> ApiError:
        """Refuse a chat for some seconds; a call before they are over is a violation."""
        chat.retry_not_before = max(chat.retry_not_before, time.monotonic() + seconds)
        return ApiError(429, f"Too Many Requests: retry after {seconds}", seconds)

    def check_pace(self, chat_id: object) -> None:
        """Note a send to a chat that was told to wait."""
        chat = self.chats.get(int(str(chat_id))) if str(chat_id).lstrip("-").isdigit() else None
        left = (chat.retry_not_before - time.monotonic()) if chat else 0.0
        if chat and left > 0:
            self.violation(f"chat {chat.chat_id} was sent to {left:.2f} s before its retry_after")
            wait = int(left) + 1
            raise ApiError(429, f"Too Many Requests: retry after {wait}", wait)

    def violation(self, what: str) -> None:
        """Note that the bot did what Telegram's documentation forbids."""
        with self.changed:
            self.violations.append(what)

    def wait_until(self, met: Callable[[], object], seconds: float) -> bool:
        """Wait for something that a change of this world brings about."""
        with self.changed:
            return bool(self.changed.wait_for(met, seconds))
