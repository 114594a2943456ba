"""Processes are killed and Telegram stumbles: nothing is lost, order is kept, each repeat is marked."""

from __future__ import annotations

import random
import time
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from sqlalchemy import text

from bot.demo.seed import seed
from tests.stack import Stack
from tests.telegram_server.faults import Faults
from tests.telegram_server.phone import Phone
from tests.telegram_server.server import TelegramServer

pytestmark = [pytest.mark.slow, pytest.mark.alone, pytest.mark.timeout(400)]

SEED = 7
CHATS = 20
WORDS = ("hello", "when is my next appointment?", "who are you?", "thank you", "what can you do?")
#: Said while the first two kills were watched.
BEFORE = ("hello", "hello")
SPREAD_SECONDS = 24.0
GATEWAY_KILLS = 5
DIALOGUE_KILLS = 2
FAULTS = Faults(rate_429=0.02, rate_5xx=0.01, drop_before=0.01, drop_after=0.01)


@dataclass(frozen=True)
class Sending:
    """One row of the outbox."""

    inbox_seq: int | None
    text: str
    status: str
    uncertain: bool


def test_nothing_is_lost_when_processes_are_killed(
    trained_model: Path, tmp_path: Path, record_testsuite_property: Callable[[str, object], None]
) -> None:
    dice = random.Random(SEED)
    with (
        TelegramServer(seed=SEED) as telegram,
        Stack(tmp_path / "state", trained_model, telegram) as stack,
    ):
        phones = _twenty_clients(stack, telegram)
        # First, while the supervisor has no reason yet to wait before it starts a part again.
        record_testsuite_property(
            "seconds until the gateway is back", _comes_back(stack, phones[0], "gateway", 10)
        )
        record_testsuite_property(
            "seconds until the dialogue is back", _comes_back(stack, phones[1], "dialogue", 60)
        )
        telegram.set_faults(FAULTS)
        _chaos(stack, phones, dice)
        stack.waits_until(lambda: _is_quiet(stack, telegram), 150, "every message has its outcome")
        _nothing_is_lost(stack, phones)
        repeats = _order_is_kept_and_repeats_are_marked(stack, telegram, phones)
        record_testsuite_property("marked repeats", f"{repeats} of {len(telegram.sent_log)}")
        assert telegram.violations == []


def _twenty_clients(stack: Stack, telegram: TelegramServer) -> list[Phone]:
    seed(stack.caseload, CHATS)
    phones = []
    for number in range(1, CHATS + 1):
        phone = telegram.client(f"Client {number}")
        with stack.caseload.transaction() as case:
            client = case.clients.find_by_ref(f"extra{number}")
            assert client is not None
            case.conversations.link(
                client, channel="telegram", bot_id=telegram.bot_id, chat_id=str(phone.chat_id)
            )
            case.consents.record(client, "chat", given=True, wording_version="1")
        phones.append(phone)
    return phones


def _chaos(stack: Stack, phones: list[Phone], dice: random.Random) -> None:
    """Everybody writes their five messages over some seconds, while parts are killed."""
    plan: list[tuple[float, str, int]] = []
    for number in range(len(phones)):
        times = sorted(dice.uniform(0, SPREAD_SECONDS) for _ in WORDS)
        plan += [(at, "says", number) for at in times]
    plan += [(dice.uniform(1, SPREAD_SECONDS), "gateway", 0) for _ in range(GATEWAY_KILLS)]
    plan += [(at * SPREAD_SECONDS, "dialogue", 0) for at in (0.25, 0.7)][:DIALOGUE_KILLS]
    said: dict[int, int] = defaultdict(int)
    began = time.monotonic()
    for at, what, number in sorted(plan):
        time.sleep(max(0.0, began + at - time.monotonic()))
        if what == "says":
            phones[number].says(WORDS[said[number]])
            said[number] += 1
        else:
            stack.kill(what)


def _is_quiet(stack: Stack, telegram: TelegramServer) -> bool:
    if telegram.updates.waiting:
        return False
    with stack.caseload.reading() as case:
        return case.inbox.waiting()[0] == 0 and case.outbox.waiting()[0] == 0


def _nothing_is_lost(stack: Stack, phones: list[Phone]) -> None:
    with stack.caseload.engine.connect() as connection:
        inbox = connection.execute(
            text("SELECT seq, chat_id, status, outcome FROM inbox WHERE kind = 'text' ORDER BY seq")
        ).all()
        answered = set(
            connection.execute(text("SELECT inbox_seq FROM outbox WHERE status = 'sent'")).scalars()
        )
        written = connection.execute(
            text("SELECT text FROM messages WHERE author = 'client' ORDER BY id")
        ).scalars()
        assert sorted(written) == sorted([*WORDS * CHATS, *BEFORE])
    assert len(inbox) == CHATS * len(WORDS) + len(BEFORE)
    dead = {row["id"] for row in stack.command("dead-letters") if row["queue"] == "inbox"}
    for row in inbox:
        assert row.status == "done" or row.seq in dead, row
        assert row.seq in answered or row.seq in dead, row


def _order_is_kept_and_repeats_are_marked(stack: Stack, telegram: TelegramServer, phones: list[Phone]) -> int:
    repeats = 0
    for phone in phones:
        with stack.caseload.engine.connect() as connection:
            rows = connection.execute(
                text(
                    "SELECT inbox_seq, text, status, uncertain FROM outbox WHERE chat_id = :chat ORDER BY id"
                ),
                {"chat": str(phone.chat_id)},
            ).all()
        queued = [Sending(row.inbox_seq, row.text, row.status, bool(row.uncertain)) for row in rows]
        turns = [one.inbox_seq for one in queued if one.inbox_seq is not None]
        assert turns == sorted(turns)
        expected = [one for one in queued if one.status == "sent"]
        arrived = [record.text for record in telegram.sent_log if record.chat_id == phone.chat_id]
        repeats += _follows(arrived, expected, phone.name)
    return repeats


def _follows(arrived: list[str], expected: list[Sending], name: str) -> int:
    """Check that `arrived` is `expected` with nothing missing and only marked repeats; return how many."""
    place = repeats = 0
    for words in arrived:
        if place < len(expected) and words == expected[place].text.strip():
            place += 1
        else:
            before = expected[place - 1] if place else None
            assert before and before.uncertain and before.text.strip() == words, (
                f"{name} got {words!r} after {place} messages of {[one.text for one in expected]}"
            )
            repeats += 1
    assert place == len(expected), f"{name} did not get {expected[place].text!r}"
    return repeats


def _comes_back(stack: Stack, phone: Phone, part: str, seconds: float) -> float:
    old = stack.kill(part)
    began = time.monotonic()
    phone.says("hello")
    phone.waits_for(lambda message: "cannot answer right now" not in message.text, seconds + 5)
    took = time.monotonic() - began
    assert took <= seconds
    assert stack.pid_of(part) != old
    return took
