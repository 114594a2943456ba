"""The gateway is killed again and again while Amina has Sam's chat: no word is lost, none comes twice."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import text

from bot.caseload.models.conversation import Mode
from bot.conversation import ownership
from bot.conversation.wording import Wording
from tests.conftest import ROOT
from tests.end_to_end.test_parts_alone import linked
from tests.end_to_end.test_waiting_through_a_crash import (
    PATIENCE,
    SEED,
    always_open,
    ring_after_a_kill,
    timers,
)
from tests.stack import Stack
from tests.telegram_server.phone import Phone
from tests.telegram_server.server import TelegramServer

pytestmark = [pytest.mark.slow, pytest.mark.alone, pytest.mark.timeout(300)]

#: How long after Amina pressed Send the gateway is killed: before, while and after it hands her words over.
MOMENTS = (0.0, 0.15, 0.6)


def test_no_word_between_sam_and_amina_is_lost_or_repeated(
    tmp_path: Path, record_testsuite_property: Callable[[str, object], None]
) -> None:
    with (
        TelegramServer(seed=SEED) as telegram,
        Stack(tmp_path / "state", tmp_path, telegram, parts=("gateway", "console")) as stack,
    ):
        always_open(stack)
        sam = linked(stack, telegram)
        conversation_id = amina_takes_the_chat(stack, sam)
        heard = len(of(telegram, sam))
        said, replied = rounds(stack, sam, conversation_id)
        stack.waits_until(lambda: is_quiet(stack, telegram), PATIENCE, "every message has its outcome")
        sams_words_are_there_once_and_in_order(stack, conversation_id, said)
        repeats = aminas_words_arrive_once_or_are_marked(stack, of(telegram, sam)[heard:], replied)
        record_testsuite_property("marked repeats of a person's words", repeats)

        ring_after_a_kill(stack)
        sam.waits_for("Amina has not answered yet.", PATIENCE)
        stack.waits_until(lambda: timers(stack) == {"done"}, PATIENCE, "the timers have rung")
        assert sum("has not answered yet" in words for words in of(telegram, sam)) == 1
        assert reasons(stack) == {"silent"}
        with stack.caseload.reading() as case:
            assert case.conversations.lock(conversation_id).mode == Mode.PERSON
        assert telegram.violations == []


def amina_takes_the_chat(stack: Stack, sam: Phone) -> str:
    words = Wording.load(ROOT / "domain.yml")
    with stack.caseload.transaction() as case:
        client = case.clients.find_by_ref("sam")
        assert client is not None
        assert client.consultant is not None
        chats = case.conversations.of_client(client)
        conversation = next(one for one in chats if one.chat_id == str(sam.chat_id))
        ownership.take_over(case, words, client.consultant, conversation.id, conversation.epoch)
    sam.waits_for("Amina has joined the chat", PATIENCE)
    return conversation.id


def rounds(stack: Stack, sam: Phone, conversation_id: str) -> tuple[list[str], list[str]]:
    """Sam writes before, during and after each kill, and Amina replies just before it."""
    words, dice = Wording.load(ROOT / "domain.yml"), random.Random(SEED)
    said: list[str] = []
    replied: list[str] = []

    def says() -> None:
        said.append(f"Bus number {len(said)} goes to Leeds")
        sam.says(said[-1])

    for moment in MOMENTS:
        says()
        reply = f"Amina's words {len(replied)}"
        with stack.caseload.transaction() as case:
            client = case.clients.find_by_ref("sam")
            assert client is not None
            assert client.consultant is not None
            ownership.reply(case, words, client.consultant, conversation_id, reply, f"key {reply}")
        replied.append(f"Amina (your consultant):\n{reply}")
        says()
        time.sleep(moment + dice.uniform(0, 0.05))
        old = stack.kill("gateway")
        says()
        stack.waits_until(partial(is_back, stack, old), PATIENCE, "the gateway is back")
        says()
        sam.waits_for(replied[-1], PATIENCE, since=0)
    return said, replied


def is_back(stack: Stack, old: int) -> bool:
    return stack.pid_of("gateway") != old


def is_quiet(stack: Stack, telegram: TelegramServer) -> bool:
    if telegram.updates.waiting:
        return False
    with stack.caseload.reading() as case:
        return case.inbox.waiting()[0] == 0 and case.outbox.waiting()[0] == 0


def sams_words_are_there_once_and_in_order(stack: Stack, conversation_id: str, said: list[str]) -> None:
    with stack.caseload.engine.connect() as connection:
        shown = connection.execute(
            text(
                "SELECT m.text, i.status FROM messages m JOIN inbox i ON i.seq = m.inbox_seq"
                " WHERE m.conversation_id = :id AND m.author = 'client' AND m.text LIKE 'Bus number%'"
                " ORDER BY m.id"
            ),
            {"id": conversation_id},
        ).all()
    assert [row.text for row in shown] == said
    # Held for Amina: none was given to the bot.
    assert {row.status for row in shown} == {"held"}


def aminas_words_arrive_once_or_are_marked(stack: Stack, arrived: list[str], replied: list[str]) -> int:
    """Nobody but Amina speaks, in her order; what came twice is marked as unsure. Returns how many did."""
    with stack.caseload.engine.connect() as connection:
        query = text("SELECT text, uncertain FROM outbox WHERE origin = 'person'")
        unsure = {row.text for row in connection.execute(query) if row.uncertain}
    assert list(dict.fromkeys(arrived)) == replied
    twice = [words for words in replied if arrived.count(words) > 1]
    assert set(twice) <= unsure
    return len(twice)


def reasons(stack: Stack) -> set[str]:
    """What Sam waits for, by what was opened since Amina has the chat."""
    with stack.caseload.reading() as case:
        client = case.clients.find_by_ref("sam")
        assert client is not None
        return {one.reason for one in case.handoffs.open_for(client)} - {"appointment", "invite"}


def of(telegram: TelegramServer, phone: Phone) -> list[str]:
    """What arrived on a phone, in order."""
    return [record.text for record in telegram.sent_log if record.chat_id == phone.chat_id]
