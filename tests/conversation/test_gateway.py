"""The gateway against an emulated Telegram: stored first, confirmed second; no update stops the line."""

from __future__ import annotations

import time
from datetime import timedelta
from typing import Any

import pytest

from bot.caseload.errors import CaseloadUnavailable
from bot.caseload.store import Caseload
from bot.conversation.danger import Danger
from bot.conversation.wording import Wording
from tests.conversation.running_gateway import PATIENCE, RunningGateway, gateway, sam, telegram
from tests.telegram_server.faults import Faults
from tests.telegram_server.phone import Phone
from tests.telegram_server.server import TelegramServer

__all__ = ["gateway", "sam", "telegram"]


def test_what_sam_writes_is_stored_answered_and_confirmed(
    sam: Phone, telegram: TelegramServer, gateway: RunningGateway
) -> None:
    sam.says("Hello")
    sam.waits_for("You said: Hello", PATIENCE)
    telegram.waits_until_all_confirmed(PATIENCE)
    assert gateway.rows("SELECT status, outcome FROM inbox") == [("done", "bot")]
    assert telegram.violations == []


def test_while_the_database_is_down_nothing_is_confirmed_and_nothing_is_lost(
    sam: Phone, telegram: TelegramServer, gateway: RunningGateway
) -> None:
    gateway.ingest.trouble = [CaseloadUnavailable("down") for _ in range(1000)]
    sam.says("Hello")
    deadline = time.monotonic() + PATIENCE
    while len(gateway.ingest.trouble) > 998 and time.monotonic() < deadline:
        time.sleep(0.01)
    assert len(gateway.ingest.trouble) <= 998
    assert len(telegram.updates.waiting) == 1
    gateway.ingest.trouble.clear()
    sam.waits_for("You said: Hello", PATIENCE)
    telegram.waits_until_all_confirmed(PATIENCE)
    assert [turn.text for turn in gateway.dialogue.turns] == ["Hello"]


def test_an_update_that_our_own_defect_trips_over_stops_nobody_behind_it(
    sam: Phone, telegram: TelegramServer, gateway: RunningGateway
) -> None:
    gateway.ingest.trouble = [RuntimeError("a defect")]
    sam.says("The one that trips")
    sam.says("Hello")
    sam.waits_for("You said: Hello", PATIENCE)
    assert gateway.rows("SELECT status, outcome FROM inbox ORDER BY seq")[0] == (
        "dead",
        "could not be taken in: RuntimeError",
    )
    assert gateway.rows("SELECT reason FROM handoffs") == [("not_answered",)]


def test_strange_updates_among_ordinary_ones_stop_nothing(
    sam: Phone, telegram: TelegramServer, gateway: RunningGateway
) -> None:
    strange: list[dict[str, Any]] = [
        {},
        {"message": None},
        {"message": {"chat": {"id": sam.chat_id, "type": "private"}, "text": "\ud800", "message_id": 2**62}},
        {"message": {"chat": {"id": sam.chat_id, "type": "private"}, "text": "y" * 100_000}},
        {"edited_message": {"chat": {"id": 1, "type": "channel"}}},
        {"poll": {"id": "1"}},
        {"callback_query": {"id": "9" * 300, "data": "\u0000" * 100, "from": {"id": sam.chat_id}}},
        {"unheard_of": [1, 2, 3]},
    ]
    for number, update in enumerate(strange):
        telegram.push_raw(update)
        if number % 3 == 0:
            sam.says(f"message {number}")
    for number in range(0, len(strange), 3):
        sam.waits_for(f"You said: message {number}", PATIENCE, since=0)
    telegram.waits_until_all_confirmed(PATIENCE)
    assert gateway.rows("SELECT count(*) FROM inbox WHERE status IN ('new', 'claimed')") == [(0,)]


def test_the_same_updates_after_a_restart_are_no_second_turns(
    sam: Phone, telegram: TelegramServer, gateway: RunningGateway
) -> None:
    sam.says("Hello")
    sam.waits_for("You said: Hello", PATIENCE)
    gateway.stop()
    sam.says("Still there?")
    gateway.start()
    sam.waits_for("You said: Still there?", PATIENCE)
    assert [turn.text for turn in gateway.dialogue.turns] == ["Hello", "Still there?"]


def test_a_pressed_button_stops_spinning(sam: Phone, gateway: RunningGateway) -> None:
    sam.says("/person")
    sam.waits_for("I have asked Amina", PATIENCE)
    press = sam.forges("no such token")
    sam.waits_for_answer_to(press, PATIENCE)
    sam.waits_for("That button is old", PATIENCE)


def test_a_group_is_left_without_a_word(
    sam: Phone, telegram: TelegramServer, gateway: RunningGateway
) -> None:
    group = telegram.group("Mates")
    group.adds_bot(sam)
    group.says(sam, "hello bot")
    telegram.wait_until(lambda: group.was_left, PATIENCE)
    assert group.was_left
    assert group.messages == []


def test_a_webhook_of_an_earlier_configuration_is_removed(
    empty_sqlite: Caseload, words: Wording, danger: Danger, telegram: TelegramServer
) -> None:
    telegram.updates.set_webhook("http://127.0.0.1:9/nobody", "s", None)
    stranger = telegram.client("Stranger")
    stranger.says("Hello")
    running = RunningGateway(empty_sqlite, words, danger, telegram)
    running.start()
    stranger.waits_for("I do not know this chat yet", PATIENCE)
    running.close()
    assert telegram.violations == []


@pytest.mark.slow
def test_telegram_stumbles_and_every_answer_arrives_in_order(
    sam: Phone, telegram: TelegramServer, gateway: RunningGateway
) -> None:
    telegram.set_faults(Faults(rate_429=0.05, rate_5xx=0.05, drop_before=0.05, drop_after=0.05))
    words = [f"message {number}" for number in range(8)]
    for each in words:
        sam.says(each)
    sam.waits_for(f"You said: {words[-1]}", 90)
    arrived = [record.text for record in telegram.sent_log]
    assert list(dict.fromkeys(arrived)) == [f"You said: {each}" for each in words]
    marked = {row[0] for row in gateway.rows("SELECT text FROM outbox WHERE uncertain")}
    assert {each for each in arrived if arrived.count(each) > 1} <= marked
    assert telegram.violations == []


def test_danger_is_answered_behind_six_thousand_waiting_messages(
    sam: Phone, gateway: RunningGateway, caseload: Caseload
) -> None:
    gateway.dialogue.down = True
    now = caseload.clock.now()
    with caseload.transaction() as case:
        for number in range(6000):
            item = case.inbox.receive(
                bot_id="7000000099", update_id=number, chat_id=str(number), kind="text", payload=None
            )
            assert item is not None
            item.next_try_at = now + timedelta(hours=1)
    sam.says("I want to kill myself")
    sam.waits_for("999", 5)
