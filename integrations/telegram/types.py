"""What crosses the border between a chat channel and the product, both ways, and what can go wrong there."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class InboundFile:
    """A file that a client sent, named but not fetched."""

    file_id: str
    unique_id: str
    kind: str
    mime: str | None
    name: str | None
    size: int | None
    duration: int | None


@dataclass(frozen=True)
class Inbound:
    """One thing that happened in a chat; `payload` is the raw JSON text that it was read from."""

    bot_id: str
    update_id: int
    chat_id: str | None
    kind: str
    text: str | None
    token: str | None
    callback_id: str | None
    message_id: int | None
    sent_at: datetime | None
    language: str | None
    file: InboundFile | None
    payload: str
    #: Words that came with it and are no message: a file's name, a poll's options, a quote. Only screened.
    beside: str | None = None

    @property
    def all_words(self) -> str:
        """Everything that has to be read for danger."""
        return "\n".join(words for words in (self.text, self.beside) if words)


@dataclass(frozen=True)
class OutgoingButton:
    """A button under a message; `token` means nothing outside our own table."""

    label: str
    token: str


@dataclass(frozen=True)
class Outgoing:
    """A message for a client, plain text, with one button a row."""

    text: str
    buttons: tuple[OutgoingButton, ...] = ()
    silent: bool = False
    protect: bool = False


@dataclass(frozen=True)
class Sent:
    """The channel took the message and calls it by this number."""

    message_id: int


@dataclass(frozen=True)
class BotState:
    """A bot as Telegram sees it; `clock_skew_seconds` is how far this machine's clock is ahead of theirs."""

    username: str
    webhook_url: str | None
    pending: int
    last_error: str | None
    clock_skew_seconds: float | None


class TelegramError(Exception):
    """The channel did not do what was asked; the subclass says what to do next."""


class RetryAfter(TelegramError):
    """Too many messages: nothing was sent, and nothing may be sent before `seconds` have passed."""

    def __init__(self, seconds: float) -> None:
        super().__init__(f"retry after {seconds:g} s")
        self.seconds = seconds


class ChatUnreachable(TelegramError):
    """The client blocked the bot, left, or never pressed Start: nothing can reach this chat now."""


class SendRefused(TelegramError):
    """The message itself is at fault: sending it again gives the same answer."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class SendUncertain(TelegramError):
    """The connection broke after the request left: the message may have arrived."""


class NotSent(TelegramError):
    """The message did not arrive, and the same message may be tried again later."""


class TokenRefused(TelegramError):
    """The bot token is wrong or was revoked: no call can succeed until it is replaced."""


class OtherPoller(TelegramError):
    """Another process reads this bot's messages, or a webhook is set."""


class FileTooBig(TelegramError):
    """The file is larger than the caller allows, so it was not fetched or not kept."""
