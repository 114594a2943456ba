"""The real gateway while another process holds the database for longer than anybody waits."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import text

from tests.stack import Stack
from tests.telegram_server.server import TelegramServer

pytestmark = [pytest.mark.slow, pytest.mark.alone, pytest.mark.timeout(180)]

CRISIS = "I want to kill myself"
LOCKED_SECONDS = 15
PATIENCE = 30


def test_sam_is_answered_while_the_database_is_locked_for_fifteen_seconds(
    tmp_path: Path, record_testsuite_property: Callable[[str, object], None]
) -> None:
    with (
        TelegramServer() as telegram,
        Stack(tmp_path / "state", tmp_path, telegram, parts=("gateway", "console")) as stack,
    ):
        sam = telegram.client("Sam")
        sam.start(stack.invite("sam"))
        sam.waits_for("Is it OK to chat here?", PATIENCE)
        sam.presses("Yes, that is OK")
        telegram.waits_until_all_confirmed(PATIENCE)

        other = sqlite3.connect(stack.folder / "foothold.db", isolation_level=None, timeout=PATIENCE)
        other.execute("BEGIN EXCLUSIVE")
        began = time.monotonic()
        sam.says(CRISIS)
        sam.waits_for("999", PATIENCE)
        took = time.monotonic() - began
        record_testsuite_property("seconds until the safety reply with the database locked", took)
        assert took < 5
        sam.waits_for("I could not tell anyone yet.", PATIENCE)
        time.sleep(max(0.0, LOCKED_SECONDS - (time.monotonic() - began)))
        other.execute("ROLLBACK")
        other.close()

        sam.waits_for("I have sent your message to", 60)
        telegram.waits_until_all_confirmed(PATIENCE)
        assert sum("Samaritans" in (message.text or "") for message in sam.screen) == 1
        with stack.caseload.engine.connect() as connection:
            events = connection.execute(
                text("SELECT route FROM safety_events WHERE conversation_id IS NOT NULL")
            )
            assert "crisis" in events.scalars().all()
        log = stack.log.read_text(errors="replace")
        assert "safety reply without the database" in log
        assert CRISIS not in log
