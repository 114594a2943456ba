"""The gateway with nothing behind it: danger is answered, and a webhook takes only what is Telegram's."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest
from sqlalchemy import text

from tests.stack import Stack, free_port
from tests.telegram_server.phone import Phone
from tests.telegram_server.server import TelegramServer

pytestmark = [pytest.mark.slow, pytest.mark.alone, pytest.mark.timeout(180)]

SECRET_HEADER = "X-Telegram-Bot-Api-Secret-Token"
CRISIS = "I want to kill myself"
PATIENCE = 30


def linked(stack: Stack, telegram: TelegramServer) -> Phone:
    phone = telegram.client("Sam")
    phone.start(stack.invite("sam"))
    phone.waits_for("Is it OK to chat here?", PATIENCE)
    phone.presses("Yes, that is OK")
    telegram.waits_until_all_confirmed(PATIENCE)
    return phone


def test_danger_is_answered_at_once_without_dialogue_and_actions(
    tmp_path: Path, record_testsuite_property: Callable[[str, object], None]
) -> None:
    with (
        TelegramServer() as telegram,
        Stack(tmp_path / "state", tmp_path, telegram, parts=("gateway", "console")) as stack,
    ):
        sam = linked(stack, telegram)
        began = time.monotonic()
        sam.says(CRISIS)
        sam.waits_for("999", PATIENCE)
        took = time.monotonic() - began
        record_testsuite_property("seconds until the safety reply", took)
        assert took < 2
        with stack.caseload.engine.connect() as connection:
            urgent = connection.execute(text("SELECT urgency FROM handoffs WHERE reason = 'safety'"))
            assert urgent.scalars().all() == ["now"]
        assert CRISIS not in stack.log.read_text(errors="replace")
        ready = httpx.get(f"{stack.console_url}/readyz", timeout=10, trust_env=False)
        assert ready.status_code == 503
        assert {"dialogue", "actions"} <= set(str(ready.json()).replace("'", " ").split())


def test_a_webhook_takes_what_telegram_brings_and_nothing_else(tmp_path: Path) -> None:
    port = free_port()
    url = f"http://127.0.0.1:{port}/telegram/hook"
    settings = {
        "TELEGRAM_WEBHOOK_URL": url,
        "TELEGRAM_WEBHOOK_SECRET": "a-secret_of-the-tests",
        "TELEGRAM_WEBHOOK_PORT": str(port),
    }
    with (
        # Telegram brings an update again when our 200 got lost: here, always.
        TelegramServer(webhook_duplicates=1.0) as telegram,
        Stack(tmp_path / "state", tmp_path, telegram, parts=("gateway",), settings=settings) as stack,
    ):
        stack.waits_until(lambda: telegram.updates.webhook_url == url, PATIENCE, "the webhook is set")
        stranger = telegram.client("Stranger")
        stranger.says("Hello")
        stranger.waits_for("I do not know this chat yet", PATIENCE)
        telegram.waits_until_all_confirmed(PATIENCE)
        assert _rows(stack) == 1
        assert len([record for record in telegram.sent_log if record.chat_id == stranger.chat_id]) == 1

        update = '{"update_id": 1, "message": {"chat": {"id": 5, "type": "private"}, "text": "Hello"}}'
        for headers in ({}, {SECRET_HEADER: "wrong"}, {SECRET_HEADER: "a-secret_of-the-test"}):
            assert _post(url, update, headers) == 403
        assert _post(url + "x", update, {SECRET_HEADER: "a-secret_of-the-tests"}) == 404
        assert _post(url, "x" * 2_000_000, {SECRET_HEADER: "a-secret_of-the-tests"}) == 413
        assert _rows(stack) == 1

        sam = linked(stack, telegram)
        sam.says(CRISIS)
        sam.waits_for("999", PATIENCE)
        assert telegram.violations == []


def _post(url: str, body: str, headers: dict[str, str]) -> int:
    return httpx.post(url, content=body, headers=headers, timeout=10, trust_env=False).status_code


def _rows(stack: Stack) -> int:
    with stack.caseload.engine.connect() as connection:
        count: int = connection.execute(text("SELECT count(*) FROM inbox")).scalar_one()
        return count
