"""The channel against an emulated Telegram: its token, its files, its groups, and what it logs."""

from __future__ import annotations

import asyncio
import logging
import time
import traceback

import pytest
import structlog

from integrations.telegram.channel import TelegramChannel
from integrations.telegram.types import (
    FileTooBig,
    NotSent,
    Outgoing,
    SendRefused,
    TelegramError,
    TokenRefused,
)
from tests.integrations.telegram.channel_use import HELLO, channel_to, using
from tests.telegram_server.phone import Phone
from tests.telegram_server.server import TOKEN, TelegramServer

MARKER = "words-of-a-client"


def test_opening_tells_the_name_of_the_bot(telegram: TelegramServer) -> None:
    async def act(channel: TelegramChannel) -> tuple[str, str | None]:
        await channel.open()
        return channel.bot_id, channel.username

    assert using(telegram, act) == ("7000000001", "foothold_test_bot")


def test_opening_while_telegram_is_down_ends_with_a_name_and_can_be_tried_again(
    telegram: TelegramServer,
) -> None:
    async def act(channel: TelegramChannel) -> str | None:
        telegram.stop()
        with pytest.raises(NotSent):
            await channel.open()
        telegram.start()
        await channel.open()
        return channel.username

    assert using(telegram, act) == "foothold_test_bot"


def test_a_wrong_token_is_refused_without_being_shown(telegram: TelegramServer) -> None:
    wrong = "7000000001:wrong-token-here"
    for act in (TelegramChannel.open, TelegramChannel.fetch, lambda channel: channel.send("5", HELLO)):
        with pytest.raises(TokenRefused) as refused:
            using(telegram, act, token=wrong)
        assert "wrong-token" not in "".join(traceback.format_exception(refused.value))


@pytest.mark.parametrize("token", ["", "no colon", "7:", "x:abc", "7:a/../b", "7:a\nb"])
def test_what_is_no_token_is_refused_before_any_call(token: str) -> None:
    with pytest.raises(TokenRefused):
        TelegramChannel(token)


def test_a_token_that_is_revoked_later_is_refused_too(telegram: TelegramServer) -> None:
    async def act(channel: TelegramChannel) -> None:
        await channel.open()
        telegram.world.token = "7000000001:another-token"
        with pytest.raises(TokenRefused):
            await channel.fetch(timeout=0)
        with pytest.raises(TokenRefused):
            await channel.send("5", HELLO)

    using(telegram, act)


def test_closing_gives_back_every_connection_even_when_the_bot_was_never_opened(
    telegram: TelegramServer,
) -> None:
    async def act(channel: TelegramChannel) -> int:
        await channel.fetch(timeout=0)
        await channel.answer_button("1")
        return telegram.open_connections

    async def run() -> int:
        async with channel_to(telegram) as channel:
            held = await act(channel)
        deadline = time.monotonic() + 5
        while telegram.open_connections and time.monotonic() < deadline:
            await asyncio.sleep(0.02)
        return held

    assert asyncio.run(run()) == 2
    assert telegram.open_connections == 0


def test_a_webhook_is_asked_for_in_order_and_only_for_what_is_handled(telegram: TelegramServer) -> None:
    using(telegram, lambda channel: channel.set_webhook("http://127.0.0.1:9/telegram", "s3cret"))
    updates = telegram.updates
    assert (updates.webhook_connections, updates.webhook_secret) == (1, "s3cret")
    assert updates.allowed == ["callback_query", "edited_message", "message", "my_chat_member"]


def test_a_group_is_left(telegram: TelegramServer, sam: Phone) -> None:
    group = telegram.group("Friends")
    group.adds_bot(sam)
    for _ in range(2):
        using(telegram, lambda channel: channel.leave(str(group.chat_id)))
    assert group.was_left


def test_a_voice_message_is_fetched_and_one_over_the_limit_is_not(
    telegram: TelegramServer, sam: Phone
) -> None:
    sam.sends_voice(b"OggS" + b"x" * 500)
    file_id = f"voice-{sam.chat_id}-1"
    assert using(telegram, lambda channel: channel.download(file_id, 504)) == b"OggS" + b"x" * 500
    with pytest.raises(FileTooBig):
        using(telegram, lambda channel: channel.download(file_id, 503))
    with pytest.raises(SendRefused):
        using(telegram, lambda channel: channel.download("no such file", 503))


def test_a_file_that_telegram_no_longer_keeps_is_not_taken_for_a_wrong_token(
    telegram: TelegramServer, sam: Phone
) -> None:
    sam.sends_voice()
    [file_id] = telegram.world.files
    telegram.forget_content(file_id)
    with pytest.raises(FileTooBig):
        # Refused by its declared size, before anything is fetched.
        using(telegram, lambda channel: channel.download(file_id, 3))
    with pytest.raises(SendRefused):
        using(telegram, lambda channel: channel.download(file_id, 503))


def test_neither_the_token_nor_a_clients_words_reach_a_log(
    telegram: TelegramServer, sam: Phone, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    sam.start()
    sam.says(MARKER)
    telegram.push_raw({"update_id": MARKER})
    said: list[TelegramError] = []

    async def act(channel: TelegramChannel) -> None:
        await channel.open()
        await channel.fetch(timeout=0)
        for kind in ("ok", "rate_429", "rate_5xx", "drop_before", "drop_after"):
            telegram.fail_next(kind)
            telegram.world.chats[sam.chat_id].retry_not_before = 0
            try:
                await channel.send(str(sam.chat_id), Outgoing(MARKER))
            except TelegramError as error:
                said.append(error)
        await channel.answer_button("unknown")
        telegram.stop()
        for call in (channel.open(), channel.fetch(timeout=0), channel.download("x", 1)):
            try:
                await call
            except TelegramError as error:
                said.append(error)

    with structlog.testing.capture_logs() as events:
        using(telegram, act)
    everything = (
        caplog.text + repr(events) + "".join("".join(traceback.format_exception(each)) for each in said)
    )
    assert len(said) >= 6
    assert "button not answered" in everything
    assert TOKEN not in everything
    assert TOKEN.partition(":")[2] not in everything
    assert MARKER not in everything
