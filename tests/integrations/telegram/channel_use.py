"""Using the channel from a test that is not asynchronous."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any, TypeVar

from integrations.telegram.channel import TelegramChannel
from integrations.telegram.types import (
    Outgoing,
)
from tests.telegram_server.phone import Phone
from tests.telegram_server.server import TOKEN, TelegramServer

HELLO = Outgoing("Hello, Sam.")
T = TypeVar("T")


@asynccontextmanager
async def channel_to(
    telegram: TelegramServer, token: str = TOKEN, **options: Any
) -> AsyncIterator[TelegramChannel]:
    channel = TelegramChannel(token, telegram.api_url, **options)
    try:
        yield channel
    finally:
        await channel.close()


def using(telegram: TelegramServer, act: Callable[[TelegramChannel], Awaitable[T]], **options: Any) -> T:
    async def run() -> T:
        async with channel_to(telegram, **options) as channel:
            return await act(channel)

    return asyncio.run(run())


def sending(telegram: TelegramServer, phone: Phone, outgoing: Outgoing = HELLO, **options: Any) -> int:
    return using(telegram, lambda channel: channel.send(str(phone.chat_id), outgoing), **options).message_id
