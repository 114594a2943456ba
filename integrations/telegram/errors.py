"""What an error of python-telegram-bot means to us; none of ours carries the token or a client's words."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

import httpx
import telegram.error

from integrations.telegram.types import (
    ChatUnreachable,
    NotSent,
    OtherPoller,
    RetryAfter,
    SendRefused,
    SendUncertain,
    TelegramError,
    TokenRefused,
)

# These break before the first byte of the request is written, so nothing can have arrived.
_BEFORE_THE_REQUEST = (
    httpx.ConnectError,
    httpx.ConnectTimeout,
    httpx.PoolTimeout,
    httpx.ProxyError,
    httpx.UnsupportedProtocol,
)
# A 400 that is about the chat and not about the message.
_NO_SUCH_CHAT = ("chat not found", "user not found", "peer_id_invalid", "user is deactivated")


@asynccontextmanager
async def named_errors(*, repeatable: bool) -> AsyncIterator[None]:
    """Raise our errors for the library's; `repeatable` calls change nothing, so they are never uncertain."""
    try:
        yield
    except telegram.error.TelegramError as error:
        named = translate(error)
        if repeatable and isinstance(named, SendUncertain):
            named = NotSent("no usable answer")
        # "from None": the library puts the whole token into the text of some of its errors.
        raise named from None


def translate(error: telegram.error.TelegramError) -> TelegramError:
    """The named error for a library's error."""
    # BadRequest and TimedOut are subclasses of NetworkError, so they stand before it.
    match error:
        case telegram.error.RetryAfter():
            return RetryAfter(_seconds(error))
        case telegram.error.Forbidden():
            return ChatUnreachable("the client cannot be reached by this bot")
        case telegram.error.ChatMigrated():
            return ChatUnreachable("the chat became another group")
        # The library says EndPointNotFound for a 401 or 404 once the bot has answered getMe.
        case telegram.error.InvalidToken() | telegram.error.EndPointNotFound():
            return TokenRefused("the bot token was refused")
        case telegram.error.Conflict():
            return OtherPoller("another process reads this bot's messages, or a webhook is set")
        case telegram.error.BadRequest():
            reason = error.message[:200]
            if any(words in reason.casefold() for words in _NO_SUCH_CHAT):
                return ChatUnreachable("there is no such chat for this bot")
            return SendRefused(reason)
        case telegram.error.NetworkError():
            return _network(error)
        case _:
            return SendUncertain("an answer that cannot be read")


def _network(error: telegram.error.NetworkError) -> TelegramError:
    cause = error.__cause__
    if isinstance(cause, _BEFORE_THE_REQUEST):
        return NotSent(f"no connection: {type(cause).__name__}")
    if isinstance(cause, httpx.HTTPError):
        return SendUncertain(f"the connection broke: {type(cause).__name__}")
    if isinstance(error, telegram.error.TimedOut) or "Unknown error in HTTP" in error.message:
        return SendUncertain("no answer")
    return NotSent("the Bot API had a fault of its own")


def _seconds(error: telegram.error.RetryAfter) -> float:
    # A number today, a timedelta in the library's next major version.
    wait: object = error.retry_after
    if isinstance(wait, timedelta):
        return wait.total_seconds()
    return float(wait) if isinstance(wait, (int, float)) else 1.0
