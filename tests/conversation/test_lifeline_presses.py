"""With the database away, what Sam presses, says aloud or shows is answered too."""

from __future__ import annotations

import asyncio
import json

import pytest

from bot.caseload.errors import CaseloadUnavailable
from bot.conversation.lifeline import BUTTONS_REMEMBERED, Lifeline
from bot.safety.content import SafetyContent
from bot.safety.screen import Screen
from integrations.telegram.parsing import parse
from integrations.telegram.types import Inbound
from tests.conversation.running_gateway import PATIENCE, RunningGateway, gateway, sam, telegram
from tests.conversation.test_lifeline import CRISIS, NOT_TOLD, FakeChannel, Seconds
from tests.people import WEDNESDAY
from tests.telegram_server.phone import Phone
from tests.telegram_server.server import TelegramServer

__all__ = ["gateway", "sam", "telegram"]


@pytest.fixture
def channel() -> FakeChannel:
    return FakeChannel()


@pytest.fixture
def seconds() -> Seconds:
    return Seconds()


@pytest.fixture
def lifeline(screen: Screen, content: SafetyContent, seconds: Seconds) -> Lifeline:
    lifeline = Lifeline(screen, content, seconds)
    lifeline.learn("7", "5", "england")
    return lifeline


def _pressed(update_id: int, token: str) -> Inbound:
    shown = {"message_id": 1, "chat": {"id": 5, "type": "private"}, "date": 0}
    query = {"id": f"q{update_id}", "from": {"id": 5, "is_bot": False}, "message": shown, "data": token}
    return parse(json.dumps({"update_id": update_id, "callback_query": query}), "7")


def _showed(update_id: int, content: dict[str, object]) -> Inbound:
    message = {
        "message_id": update_id,
        "chat": {"id": 5, "type": "private"},
        "date": int(WEDNESDAY.timestamp()),
    }
    return parse(json.dumps({"update_id": update_id, "message": {**message, **content}}), "7")


def _answer(lifeline: Lifeline, channel: FakeChannel, *inbounds: Inbound) -> list[str]:
    before = len(channel.sent)
    stopped: list[str] = []

    async def stops(callback_id: str) -> None:
        stopped.append(callback_id)

    asyncio.run(lifeline.answer(inbounds, channel.send, WEDNESDAY, stops))
    said = [words for _, words in channel.sent[before:]]
    assert stopped == [one.callback_id for one in inbounds if one.callback_id and said]
    return said


@pytest.mark.parametrize(
    ("choice", "first", "truth"),
    [
        ("need_help_now", "Please call 999 now", True),
        ("ask_for_call", "If you need someone now, call 999", True),
        ("safe_for_now", "Thank you for telling me.", False),
    ],
)
def test_a_press_under_a_crisis_text_is_answered_once_and_the_spinner_stops(
    lifeline: Lifeline, channel: FakeChannel, choice: str, first: str, truth: bool
) -> None:
    lifeline.offer("7", {"t": choice})
    said = _answer(lifeline, channel, _pressed(1, "t"))
    assert said[0].startswith(first)
    assert "999" in said[0]
    assert any(NOT_TOLD in words for words in said) is truth
    assert _answer(lifeline, channel, _pressed(1, "t")) == []


def test_another_button_is_left_for_the_database(lifeline: Lifeline, channel: FakeChannel) -> None:
    assert _answer(lifeline, channel, _pressed(1, "job")) == []


def test_only_so_many_buttons_are_remembered(lifeline: Lifeline, channel: FakeChannel) -> None:
    lifeline.offer("7", {"old": "need_help_now"})
    lifeline.offer("7", {f"t{n}": "safe_for_now" for n in range(BUTTONS_REMEMBERED)})
    assert _answer(lifeline, channel, _pressed(1, "old")) == []


@pytest.mark.parametrize(
    "shown",
    [
        {"voice": {"file_id": "f", "file_unique_id": "u", "duration": 2}},
        {"photo": [{"file_id": "f", "file_unique_id": "u", "width": 9, "height": 9}]},
    ],
    ids=["voice", "photo"],
)
def test_what_cannot_be_read_gets_the_numbers_once_a_minute(
    lifeline: Lifeline, channel: FakeChannel, seconds: Seconds, shown: dict[str, object]
) -> None:
    [said] = _answer(lifeline, channel, _showed(1, shown))
    assert said.startswith("I can only read text.")
    assert "999" in said
    assert _answer(lifeline, channel, _showed(2, shown)) == []
    seconds.now = 61
    assert len(_answer(lifeline, channel, _showed(3, shown))) == 1


def test_who_asks_for_help_now_comes_before_others(lifeline: Lifeline) -> None:
    lifeline.offer("7", {"t": "need_help_now"})
    hello = parse(
        json.dumps(
            {
                "update_id": 1,
                "message": {
                    "message_id": 1,
                    "chat": {"id": 9, "type": "private"},
                    "date": 1,
                    "text": "hello",
                },
            }
        ),
        "7",
    )
    first = asyncio.run(lifeline.riskiest_first([hello, _pressed(2, "t")]))
    assert [inbound.update_id for inbound in first] == [2, 1]


def test_sam_presses_i_need_help_now_while_the_database_is_away(
    sam: Phone, telegram: TelegramServer, gateway: RunningGateway
) -> None:
    sam.says(CRISIS)
    sam.waits_for("I have sent your message to Amina.", PATIENCE)
    gateway.ingest.trouble = [CaseloadUnavailable("down") for _ in range(1000)]
    press = sam.presses("I need help now")
    sam.waits_for("Please call 999 now", PATIENCE)
    sam.waits_for(NOT_TOLD, PATIENCE)
    assert sam.waits_for_answer_to(press, PATIENCE) is not None
    sam.sends_voice()
    sam.waits_for("I can only read text.", PATIENCE)
    gateway.ingest.trouble.clear()
    telegram.waits_until_all_confirmed(PATIENCE)
    assert gateway.rows("SELECT COUNT(*) FROM safety_events") == [(2,)]
