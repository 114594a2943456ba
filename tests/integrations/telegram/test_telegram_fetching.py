"""Fetching updates from an emulated Telegram: nothing is lost, nothing odd holds up the rest."""

from __future__ import annotations

import asyncio
import json
import time
import warnings

import pytest

from integrations.telegram.channel import TelegramChannel
from integrations.telegram.types import (
    NotSent,
    OtherPoller,
)
from tests.integrations.telegram.channel_use import channel_to, using
from tests.telegram_server.phone import Phone
from tests.telegram_server.server import TelegramServer


def test_fetched_updates_come_again_until_they_are_confirmed(telegram: TelegramServer, sam: Phone) -> None:
    first, second = sam.start("abc"), sam.says("Hi")

    async def act(channel: TelegramChannel) -> list[list[int]]:
        answers = [await channel.fetch(timeout=0), await channel.fetch(timeout=0)]
        answers.append(await channel.fetch(offset=(first.update_id or 0) + 1, timeout=0))
        return [[update_id for update_id, _ in answer] for answer in answers]

    both = [first.update_id, second.update_id]
    assert using(telegram, act) == [both, both, [second.update_id]]
    assert telegram.updates.confirmed == [first.update_id]


def test_a_waiting_fetch_ends_when_sam_writes(telegram: TelegramServer, sam: Phone) -> None:
    async def act(channel: TelegramChannel) -> tuple[str, float]:
        waiting = asyncio.create_task(channel.fetch(timeout=20))
        await asyncio.sleep(0.3)
        written = time.monotonic()
        sam.says("Hi")
        [(_, raw)] = await waiting
        return json.loads(raw)["message"]["text"], time.monotonic() - written

    text, waited = using(telegram, act)
    assert text == "Hi"
    assert waited < 2


def test_an_update_that_the_library_cannot_parse_does_not_hold_up_the_others(
    telegram: TelegramServer, sam: Phone
) -> None:
    before = sam.says("before")
    odd = telegram.push_raw({"message": {"chat": "nonsense", "date": {}}})
    worse = telegram.push_raw(f'{{"update_id": {odd + 1}, "callback_query": [1, 2], "text": "\\ud800"}}')
    telegram.push_raw({"update_id": "no number"})
    after = sam.says("after")
    updates = using(telegram, lambda channel: channel.fetch(timeout=0))
    assert [update_id for update_id, _ in updates] == [before.update_id, odd, worse, after.update_id]
    assert json.loads(updates[1][1])["message"]["chat"] == "nonsense"
    assert all(raw.isascii() for _, raw in updates)


def test_asking_for_raw_updates_warns_nobody(telegram: TelegramServer) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        using(telegram, lambda channel: channel.fetch(timeout=0))


def test_a_second_poller_is_named(telegram: TelegramServer) -> None:
    async def act(channel: TelegramChannel) -> None:
        async with channel_to(telegram) as other:
            first = asyncio.create_task(channel.fetch(timeout=10))
            await asyncio.sleep(0.3)
            second = asyncio.create_task(other.fetch(timeout=1))
            with pytest.raises(OtherPoller):
                await first
            assert await second == []

    using(telegram, act)


def test_fetching_while_a_webhook_is_set_is_named_and_works_after_it_is_deleted(
    telegram: TelegramServer, sam: Phone
) -> None:
    async def act(channel: TelegramChannel) -> int:
        await channel.set_webhook("http://127.0.0.1:9/telegram", "s3cret")
        sam.says("Hi")
        with pytest.raises(OtherPoller):
            await channel.fetch(timeout=0)
        await channel.delete_webhook()
        return len(await channel.fetch(timeout=0))

    assert using(telegram, act) == 1
    assert telegram.violations == []


@pytest.mark.parametrize("kind", ["drop_before", "drop_after", "rate_5xx"])
def test_a_broken_fetch_loses_nothing(telegram: TelegramServer, sam: Phone, kind: str) -> None:
    sam.says("Hi")
    telegram.fail_next(kind, method="getUpdates")

    async def act(channel: TelegramChannel) -> int:
        with pytest.raises(NotSent):
            await channel.fetch(timeout=0)
        return len(await channel.fetch(timeout=0))

    assert using(telegram, act) == 1
