"""Amina's own Telegram against an emulated one: a whole conversation, and a chat that is blocked."""

from __future__ import annotations

import pytest

from bot.caseload.store import Caseload
from tests.conversation.running_gateway import PATIENCE, RunningGateway, gateway, sam, telegram
from tests.telegram_server.phone import Phone
from tests.telegram_server.server import TelegramServer

__all__ = ["gateway", "sam", "telegram"]


@pytest.fixture
def hers(empty_sqlite: Caseload, gateway: RunningGateway, sam: Phone, telegram: TelegramServer) -> Phone:
    """Amina's own phone, linked by a code; she said in the console that she reads there."""
    phone = telegram.client("Amina")
    with empty_sqlite.transaction() as case:
        code = case.staff.make_link(case.staff.all()[0]).token
    phone.start(code)
    phone.waits_for("Foothold will alert you here, Amina", PATIENCE)
    with empty_sqlite.transaction() as case:
        case.staff.allow_reading(case.staff.all()[0])
    return phone


def test_from_the_alert_to_the_hand_back(
    sam: Phone, hers: Phone, gateway: RunningGateway, telegram: TelegramServer
) -> None:
    sam.says("I want to kill myself")
    alert = hers.waits_for("Somebody needs you now", PATIENCE)
    assert alert.labels == ("Open", "I am on it")
    hers.presses("Open")
    assert "SO: I want to kill myself" in hers.waits_for("SO: May be in danger", PATIENCE).text
    hers.presses("Take over")
    hers.waits_for("You have the chat of SO.", PATIENCE)
    sam.waits_for("Amina has joined the chat", PATIENCE)
    sam.says("I am so scared")
    hers.waits_for("SO: I am so scared", PATIENCE)
    hers.says("I am here. Are you safe now?")
    hers.waits_for("To SO: I am here. Are you safe now?", PATIENCE)
    hers.presses("Send")
    sam.waits_for("Are you safe now?", PATIENCE)
    hers.waits_for("Sent to SO.", PATIENCE)
    hers.presses("Hand back")
    hers.waits_for("Where does the bot go on with SO?", PATIENCE)
    hers.presses("It waits for the client to write")
    sam.waits_for("Amina has left the chat", PATIENCE)
    hers.waits_for("The bot has the chat of SO again", PATIENCE)
    telegram.waits_until_all_confirmed(PATIENCE)
    assert "Sam" not in " ".join(message.text for message in hers.screen).split()
    assert gateway.rows("SELECT * FROM staff_focus") == []
    assert telegram.violations == []


def test_a_blocked_staff_chat_holds_up_neither_sam_nor_the_alarm(
    sam: Phone, hers: Phone, gateway: RunningGateway, telegram: TelegramServer
) -> None:
    sam.says("Hello")
    sam.waits_for("You said: Hello", PATIENCE)
    hers.blocks_bot()
    unlinked = [(None, None)]
    linked = "SELECT alert_chat_id, reads_there_since FROM staff"
    assert telegram.world.wait_until(lambda: gateway.rows(linked) == unlinked, PATIENCE)
    sam.says("I want to kill myself")
    sam.waits_for("999", PATIENCE)
    telegram.waits_until_all_confirmed(PATIENCE)
    assert gateway.rows("SELECT reason FROM handoffs") == [("safety",)]
