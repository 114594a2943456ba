"""The gateway is killed while Sam waits for Amina: whoever is to be told of it is told all the same."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from tests.end_to_end.test_parts_alone import linked
from tests.stack import Stack
from tests.telegram_server.server import TelegramServer

pytestmark = [pytest.mark.slow, pytest.mark.alone, pytest.mark.timeout(300)]

SEED = 11
PATIENCE = 60
ALWAYS = {str(day): [["00:00", "23:59"]] for day in range(7)}
KINDS = "('silence', 'handoff_wait')"


def test_who_waits_for_an_answer_is_told_of_after_the_kill(tmp_path: Path) -> None:
    with (
        TelegramServer(seed=SEED) as telegram,
        Stack(tmp_path / "state", tmp_path, telegram, parts=("gateway", "console")) as stack,
    ):
        always_open(stack)
        sam = linked(stack, telegram)
        sam.says("/person")
        sam.waits_for("I have asked Amina", PATIENCE)
        ring_after_a_kill(stack)
        stack.waits_until(lambda: timers(stack) == {"done"}, PATIENCE, "the timers have rung")
        with stack.caseload.engine.connect() as connection:
            told = connection.execute(text("SELECT step, staff_id, channel FROM alerts")).all()
        assert {row.step for row in told} >= {"opened", "reminder", "lead"}
        assert len(told) == len(set(told))


def always_open(stack: Stack) -> None:
    """Let the service work at every hour of every day, so that the day of the test is no matter."""
    with stack.caseload.transaction() as case:
        client = case.clients.find_by_ref("sam")
        assert client is not None
        assert client.consultant is not None
        # Nobody knows this region's bank holidays.
        client.service.region = "elsewhere"
        case.services.set_hours(client.service, ALWAYS)
        case.staff.set_hours(client.consultant, None)
    with stack.caseload.engine.begin() as connection:
        connection.execute(text("DELETE FROM closed_days"))


def ring_after_a_kill(stack: Stack) -> None:
    """Let a week pass for whoever waits, at the moment at which the gateway dies."""
    old = stack.kill("gateway")
    a_week_ago = f"{datetime.now(UTC) - timedelta(days=7):%Y-%m-%d %H:%M:%S.%f}"
    with stack.caseload.engine.begin() as connection:
        for statement in (
            f"UPDATE timers SET due_at = :then WHERE status = 'waiting' AND kind IN {KINDS}",
            "UPDATE handoffs SET waiting_since = :then WHERE status = 'waiting'",
        ):
            connection.execute(text(statement), {"then": a_week_ago})
    stack.waits_until(lambda: stack.pid_of("gateway") != old, PATIENCE, "the gateway is back")


def timers(stack: Stack) -> set[str]:
    """The states of what was set to ring about those who wait, without what was called off."""
    with stack.caseload.engine.connect() as connection:
        query = f"SELECT DISTINCT status FROM timers WHERE kind IN {KINDS} AND status <> 'cancelled'"
        return set(connection.execute(text(query)).scalars())
