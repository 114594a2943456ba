"""With the database away, danger is still answered; what happened is written down when it is back."""

from __future__ import annotations

import asyncio
import json
import sqlite3
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.engine import make_url

from bot.caseload.errors import CaseloadUnavailable
from bot.conversation.lifeline import MOST_TRIES, Lifeline
from bot.safety.content import SafetyContent
from bot.safety.screen import Screen
from integrations.telegram.parsing import parse
from integrations.telegram.types import Inbound, NotSent, Outgoing, Sent
from tests.conversation.running_gateway import PATIENCE, RunningGateway, gateway, sam, telegram
from tests.people import WEDNESDAY
from tests.telegram_server.phone import Phone
from tests.telegram_server.server import TelegramServer

__all__ = ["gateway", "sam", "telegram"]

CRISIS = "I want to kill myself"
NOT_TOLD = "I could not tell anyone yet."


@dataclass
class FakeChannel:
    """Keeps what it is given to send; the coming sends meet the `faults`."""

    sent: list[tuple[str, str]] = field(default_factory=list)
    faults: deque[Exception] = field(default_factory=deque)

    async def send(self, chat_id: str, outgoing: Outgoing) -> Sent:
        if self.faults:
            raise self.faults.popleft()
        self.sent.append((chat_id, outgoing.text))
        return Sent(len(self.sent))


@dataclass
class Seconds:
    """A clock that a test moves."""

    now: float = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def channel() -> FakeChannel:
    return FakeChannel()


@pytest.fixture
def seconds() -> Seconds:
    return Seconds()


@pytest.fixture
def lifeline(screen: Screen, content: SafetyContent, seconds: Seconds) -> Lifeline:
    return Lifeline(screen, content, seconds)


def _wrote(update_id: int, words: str, chat: int = 5, sent_at: datetime = WEDNESDAY) -> Inbound:
    message = {
        "message_id": update_id,
        "chat": {"id": chat, "type": "private"},
        "date": int(sent_at.timestamp()),
        "text": words,
    }
    return parse(json.dumps({"update_id": update_id, "message": message}), "7")


def _answer(lifeline: Lifeline, channel: FakeChannel, *inbounds: Inbound) -> list[str]:
    before = len(channel.sent)
    asyncio.run(lifeline.answer(inbounds, channel.send, WEDNESDAY))
    return [words for _, words in channel.sent[before:]]


def test_sam_gets_the_numbers_and_the_truth(lifeline: Lifeline, channel: FakeChannel) -> None:
    lifeline.learn("7", "5", "england")
    numbers, truth = _answer(lifeline, channel, _wrote(1, CRISIS))
    assert "999" in numbers
    assert "New Zealand" not in numbers
    assert NOT_TOLD in truth


def test_somebody_whose_region_is_not_known_gets_both_countries_numbers(
    lifeline: Lifeline, channel: FakeChannel
) -> None:
    lifeline.learn("7", "5", "england")
    lifeline.learn("7", "5", None)
    england, new_zealand, _ = _answer(lifeline, channel, _wrote(1, CRISIS))
    assert "If you are in England" in england
    assert "If you are in New Zealand" in new_zealand


def test_an_ordinary_message_is_not_answered(lifeline: Lifeline, channel: FakeChannel) -> None:
    assert _answer(lifeline, channel, _wrote(1, "hello")) == []


def test_an_update_that_comes_again_and_again_is_answered_once(
    lifeline: Lifeline, channel: FakeChannel
) -> None:
    assert len(_answer(lifeline, channel, _wrote(1, CRISIS))) == 3
    assert _answer(lifeline, channel, _wrote(1, CRISIS), _wrote(2, "hello")) == []
    assert len(_answer(lifeline, channel, _wrote(3, CRISIS))) == 3


def test_a_reply_that_telegram_did_not_take_is_tried_again_and_not_for_ever(
    lifeline: Lifeline, channel: FakeChannel
) -> None:
    lifeline.learn("7", "5", "england")
    channel.faults.append(NotSent("no network"))
    assert _answer(lifeline, channel, _wrote(1, CRISIS)) == []
    assert not lifeline.answered_lately("7", 1)
    assert len(_answer(lifeline, channel, _wrote(1, CRISIS))) == 2
    channel.faults.extend(NotSent("no network") for _ in range(MOST_TRIES))
    for _ in range(MOST_TRIES + 5):
        assert _answer(lifeline, channel, _wrote(2, CRISIS)) == []
    assert not channel.faults


def test_pieces_that_wait_together_are_read_together(lifeline: Lifeline, channel: FakeChannel) -> None:
    lifeline.learn("7", "5", "england")
    assert len(_answer(lifeline, channel, _wrote(1, "kill"), _wrote(2, "my"), _wrote(3, "self"))) == 2


def test_an_old_message_is_answered_as_one_that_was_just_seen(
    lifeline: Lifeline, channel: FakeChannel
) -> None:
    old = _wrote(1, CRISIS, sent_at=WEDNESDAY - timedelta(hours=2))
    assert _answer(lifeline, channel, old)[0].startswith("I have just seen this.")


def test_the_numbers_are_in_sight_for_a_minute(
    lifeline: Lifeline, channel: FakeChannel, seconds: Seconds
) -> None:
    _answer(lifeline, channel, _wrote(1, CRISIS))
    assert lifeline.answered_lately("7", 1)
    assert not lifeline.answered_lately("7", 2)
    seconds.now = 61
    assert not lifeline.answered_lately("7", 1)


def test_somebody_who_is_watched_gets_no_more_words_than_needed(
    lifeline: Lifeline, channel: FakeChannel
) -> None:
    lifeline.learn("7", "5", "england")
    said = _answer(lifeline, channel, _wrote(1, "my partner is reading my messages over my shoulder"))
    assert len(said) == 1


def test_the_riskiest_chat_comes_first_and_each_chat_stays_in_order(lifeline: Lifeline) -> None:
    waiting = [
        _wrote(1, "hello", chat=1),
        _wrote(2, "feeling really low", chat=2),
        _wrote(3, "hello", chat=3),
        _wrote(4, CRISIS, chat=3),
        _wrote(5, "bye", chat=1),
    ]
    first = asyncio.run(lifeline.riskiest_first(waiting))
    assert [inbound.update_id for inbound in first] == [3, 4, 2, 1, 5]


def test_the_log_holds_the_updates_number_and_no_words(
    lifeline: Lifeline, channel: FakeChannel, capsys: pytest.CaptureFixture[str]
) -> None:
    _answer(lifeline, channel, _wrote(41, CRISIS))
    written = capsys.readouterr()
    logged = written.out + written.err
    assert "update_id=41" in logged
    assert "kill" not in logged


# The gateway, with an emulated Telegram.


@contextmanager
def _locked(gateway: RunningGateway) -> Iterator[Callable[[], None]]:
    """Another process holds the database; the callable lets it go."""
    database = make_url(str(gateway.caseload.engine.url)).database
    assert database is not None
    other = sqlite3.connect(database, isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    try:
        yield lambda: other.execute("ROLLBACK") and None
    finally:
        if other.in_transaction:
            other.execute("ROLLBACK")
        other.close()


def _texts(phone: Phone) -> list[str]:
    return [message.text or "" for message in phone.screen]


def test_sam_is_answered_while_the_database_is_locked_and_told_when_it_is_back(
    sam: Phone, telegram: TelegramServer, gateway: RunningGateway
) -> None:
    sam.says("Hello")
    sam.waits_for("You said: Hello", PATIENCE)
    with _locked(gateway) as let_go:
        began = time.monotonic()
        sam.says(CRISIS)
        sam.waits_for("999", PATIENCE)
        assert time.monotonic() - began < 5
        sam.waits_for(NOT_TOLD, PATIENCE)
        assert len(telegram.updates.waiting) == 1
        let_go()
        sam.waits_for("I have sent your message to Amina.", PATIENCE)
    telegram.waits_until_all_confirmed(PATIENCE)
    # The region was learned from the first message, so one message with numbers, and once.
    assert sum("Samaritans" in words for words in _texts(sam)) == 1
    assert gateway.rows("SELECT route, late FROM safety_events") == [("crisis", False)]
    assert gateway.rows("SELECT reason, urgency FROM handoffs") == [("safety", "now")]
    assert sam.screen[-1].buttons


def test_sam_is_answered_while_others_wait_in_front_of_the_missing_database(
    sam: Phone, telegram: TelegramServer, gateway: RunningGateway
) -> None:
    gateway.ingest.trouble = [CaseloadUnavailable("down") for _ in range(1000)]
    other = telegram.client("Somebody")
    for number in range(3):
        other.says(f"message {number}")
    sam.says(CRISIS)
    sam.waits_for(NOT_TOLD, PATIENCE)
    assert telegram.updates.waiting
    gateway.ingest.trouble.clear()
    sam.waits_for("I have sent your message to Amina.", PATIENCE)
    telegram.waits_until_all_confirmed(PATIENCE)
    other.waits_for("I do not know this chat yet", PATIENCE, since=0)


def test_who_comes_while_a_store_takes_long_is_answered_too(
    sam: Phone, telegram: TelegramServer, gateway: RunningGateway
) -> None:
    other = telegram.client("Somebody")
    with _locked(gateway):
        other.says("Hello")
        telegram.wait_until(lambda: telegram.updates.waiting, PATIENCE)
        sam.says(CRISIS)
        sam.waits_for(NOT_TOLD, 6)
    telegram.waits_until_all_confirmed(PATIENCE)


def test_a_defect_in_recording_does_not_keep_the_reply_back_and_a_human_is_told(
    sam: Phone, telegram: TelegramServer, gateway: RunningGateway
) -> None:
    with gateway.caseload.engine.begin() as connection:
        connection.execute(
            text("CREATE TRIGGER refuse BEFORE INSERT ON safety_events BEGIN SELECT RAISE(ABORT, 'x'); END")
        )
    try:
        sam.says(CRISIS)
        sam.waits_for("999", PATIENCE)
        sam.waits_for(NOT_TOLD, PATIENCE)
        telegram.waits_until_all_confirmed(PATIENCE)
    finally:
        with gateway.caseload.engine.begin() as connection:
            connection.execute(text("DROP TRIGGER refuse"))
    reasons: set[Any] = set(gateway.rows("SELECT reason, urgency FROM handoffs"))
    assert ("safety", "now") in reasons
    assert gateway.rows("SELECT status, outcome FROM inbox") == [
        ("dead", "could not be taken in: IntegrityError")
    ]


def test_after_an_outage_the_riskiest_chat_is_taken_in_first(
    sam: Phone, telegram: TelegramServer, gateway: RunningGateway
) -> None:
    gateway.stop()
    other = telegram.client("Somebody")
    for number in range(3):
        other.says(f"message {number}")
    sam.says("Hello")
    sam.says(CRISIS)
    gateway.start()
    sam.waits_for("I have sent your message to Amina.", PATIENCE)
    telegram.waits_until_all_confirmed(PATIENCE)
    kinds = [row[0] for row in gateway.rows("SELECT outcome FROM inbox WHERE update_id > 0 ORDER BY seq")]
    assert kinds[1] == "safety:crisis"
    assert "999" in telegram.sent_log[0].text
