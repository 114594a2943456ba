"""The webhook: who is let in, how much, and that Telegram delivers again what was not stored."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest
import structlog

from integrations.telegram.channel import TelegramChannel
from integrations.telegram.parsing import parse
from integrations.telegram.webhook import WebhookServer
from tests.telegram_server.phone import Phone
from tests.telegram_server.server import TOKEN, TelegramServer

SECRET = "a-secret_of_the_webhook"
HEADER = "X-Telegram-Bot-Api-Secret-Token"


class Store:
    """Keeps what it is given; fails as often as it is told to first."""

    def __init__(self, failures: int = 0) -> None:
        self.kept: list[str] = []
        self.failures = failures

    async def __call__(self, raw: str) -> None:
        if self.failures:
            self.failures -= 1
            raise RuntimeError("the database is down: private words")
        self.kept.append(raw)


@asynccontextmanager
async def listening(store: Store) -> AsyncIterator[WebhookServer]:
    server = WebhookServer("127.0.0.1", 0, "/hooks/8f3a", SECRET, store)
    await server.start()
    try:
        yield server
    finally:
        await server.stop()


def posting(store: Store, act: Callable[[httpx.AsyncClient], Coroutine[Any, Any, httpx.Response]]) -> int:
    async def run() -> int:
        async with listening(store) as server:
            base = f"http://127.0.0.1:{server.port}"
            async with httpx.AsyncClient(base_url=base, trust_env=False, timeout=20) as http:
                return (await act(http)).status_code

    return asyncio.run(run())


def post(store: Store, body: bytes, secret: str | None = SECRET, path: str = "/hooks/8f3a") -> int:
    headers = {} if secret is None else {HEADER: secret}
    return posting(store, lambda http: http.post(path, content=body, headers=headers))


def test_an_update_is_stored_as_it_came_before_it_is_answered() -> None:
    store = Store()
    raw = '{"update_id":1, "message": {"text": "Café"}}'
    assert post(store, raw.encode()) == 200
    assert store.kept == [raw]


@pytest.mark.parametrize("secret", [None, "", "wrong", SECRET + "x", "é"])
def test_a_call_without_the_secret_is_refused_and_nothing_is_stored(secret: str | None) -> None:
    store = Store()
    headers = [] if secret is None else [(HEADER.encode(), secret.encode())]
    answer = posting(store, lambda http: http.post("/hooks/8f3a", content=b"{}", headers=headers))
    assert answer == 403
    assert store.kept == []


@pytest.mark.parametrize("path", ["/", "/telegram", "/hooks/8f3a/more", "/hooks"])
def test_other_paths_do_not_exist(path: str) -> None:
    store = Store()
    assert post(store, b"{}", path=path) == 404
    assert store.kept == []


def test_reading_the_page_is_no_way_in() -> None:
    assert posting(Store(), lambda http: http.get("/hooks/8f3a", headers={HEADER: SECRET})) == 405


@pytest.mark.parametrize("size", [1_000_001, 2_000_000])
def test_a_body_that_is_too_big_is_refused(size: int) -> None:
    store = Store()
    assert post(store, b"x" * size) == 413
    assert store.kept == []


def test_a_body_of_unknown_length_that_is_too_big_is_refused() -> None:
    store = Store()

    async def pieces() -> AsyncIterator[bytes]:
        for _ in range(30):
            yield b"x" * 50_000

    assert posting(store, lambda h: h.post("/hooks/8f3a", content=pieces(), headers={HEADER: SECRET})) == 413
    assert store.kept == []


def test_a_body_at_the_limit_is_stored() -> None:
    store = Store()
    assert post(store, b"x" * 1_000_000) == 200
    assert len(store.kept) == 1


def test_what_is_not_json_is_given_to_the_store_all_the_same() -> None:
    store = Store()
    assert post(store, b"\xff not json") == 200
    assert store.kept == ["\ufffd not json"]


def test_a_store_that_fails_makes_a_500_and_its_words_stay_out_of_the_log() -> None:
    with structlog.testing.capture_logs() as events:
        assert post(Store(failures=1), b"{}") == 500
    assert [event["event"] for event in events] == ["update not stored"]
    assert "private words" not in repr(events)


def test_a_webhook_without_a_secret_cannot_be_made() -> None:
    with pytest.raises(ValueError, match="secret"):
        WebhookServer("127.0.0.1", 0, "/x", "", Store())


def test_telegram_delivers_in_order_and_again_until_it_is_stored(
    telegram: TelegramServer, sam: Phone
) -> None:
    store = Store(failures=3)

    async def run() -> None:
        async with listening(store) as server:
            channel = TelegramChannel(TOKEN, telegram.api_url)
            await channel.set_webhook(f"http://127.0.0.1:{server.port}/hooks/8f3a", SECRET)
            for number in range(10):
                sam.says(f"message {number}")
            await asyncio.to_thread(telegram.waits_until_all_confirmed)
            await channel.close()

    asyncio.run(run())
    texts = [json.loads(raw)["message"]["text"] for raw in store.kept]
    assert texts == [f"message {number}" for number in range(10)]
    assert sum(telegram.attempts.values()) == 13


def test_what_telegram_delivers_twice_is_given_to_the_store_twice_with_one_number() -> None:
    store = Store()

    async def run(telegram: TelegramServer) -> None:
        async with listening(store) as server:
            channel = TelegramChannel(TOKEN, telegram.api_url)
            await channel.set_webhook(f"http://127.0.0.1:{server.port}/hooks/8f3a", SECRET)
            telegram.client("Sam").says("Hi")
            await asyncio.to_thread(telegram.waits_until_all_confirmed)
            await channel.close()

    with TelegramServer(webhook_duplicates=1.0) as telegram:
        asyncio.run(run(telegram))
    assert len(store.kept) == 2
    assert store.kept[0] == store.kept[1]


def test_what_is_malformed_does_not_hold_up_what_comes_after_it(telegram: TelegramServer, sam: Phone) -> None:
    store = Store()

    async def run() -> None:
        async with listening(store) as server:
            channel = TelegramChannel(TOKEN, telegram.api_url)
            await channel.set_webhook(f"http://127.0.0.1:{server.port}/hooks/8f3a", SECRET)
            telegram.push_raw("{not json")
            sam.says("Hi")
            await asyncio.to_thread(telegram.waits_until_all_confirmed)
            await channel.close()

    asyncio.run(run())
    assert [parse(raw, telegram.bot_id).kind for raw in store.kept] == ["other", "text"]


def test_with_the_wrong_secret_the_updates_keep_waiting(telegram: TelegramServer, sam: Phone) -> None:
    store = Store()

    async def run() -> None:
        async with listening(store) as server:
            channel = TelegramChannel(TOKEN, telegram.api_url)
            await channel.set_webhook(f"http://127.0.0.1:{server.port}/hooks/8f3a", "another")
            sam.says("Hi")
            with pytest.raises(AssertionError):
                await asyncio.to_thread(telegram.waits_until_all_confirmed, 0.5)
            await channel.close()

    asyncio.run(run())
    assert store.kept == []
    assert "403" in telegram.updates.webhook_error
