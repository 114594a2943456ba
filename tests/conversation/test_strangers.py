"""People without an invite hear one fixed text, and nothing about them is kept but a count."""

from __future__ import annotations

import pytest

from bot.caseload.store import Caseload
from bot.conversation.danger import Danger
from bot.conversation.phone import DEMO_BOT
from bot.conversation.pieces import CHATS_REMEMBERED, Pieces
from bot.conversation.wording import Wording
from bot.safety.screen import FRAGMENT_LETTERS
from tests.conversation.office import ClientPhone, FakeDialogue, FakePhones, Office
from tests.people import Colleague


@pytest.mark.parametrize("crowd", [40, pytest.param(1000, marks=pytest.mark.slow)])
def test_a_crowd_of_strangers_leaves_a_count_and_no_rows(
    caseload: Caseload, words: Wording, danger: Danger, dialogue: FakeDialogue, phones: FakePhones, crowd: int
) -> None:
    # A bot without Telegram's limits: a thousand answers would take forty seconds there.
    fixed = words.say("utter_gateway_stranger").text
    with Office(caseload, words, danger, dialogue, phones, bot_id=DEMO_BOT) as office:
        people = [ClientPhone(office, str(8_000_000_000 + number), None) for number in range(crowd)]
        for number, person in enumerate(people):
            person.says(f"Hello, are you the jobs bot, this is caller {number}")
        office.waits_until(lambda: len(phones.bubbles) == crowd, 100)
        office.settle()
        assert {bubble.text for bubble in phones.bubbles} == {fixed}
        assert {bubble.chat_id for bubble in phones.bubbles} == {person.chat_id for person in people}
        assert dialogue.turns == []
        for table in ("outbox", "messages", "conversations", "clients", "handoffs", "buttons"):
            assert office.rows(table) == []
        assert {(row["payload"], row["chat_id"]) for row in office.rows("inbox")} == {(None, None)}
        assert [row["count"] for row in office.rows("stranger_counts")] == [crowd]


def test_one_stranger_is_not_answered_for_ever(stranger: ClientPhone, office: Office) -> None:
    for _ in range(8):
        stranger.says("Hello?")
    office.settle()
    assert len(stranger.reads) == 5
    assert [status for status, _ in office.outcomes()] == ["done"] * 5 + ["ignored"] * 3


def test_a_stranger_in_danger_gets_the_numbers_each_time_and_nothing_of_them_is_kept(
    stranger: ClientPhone, office: Office
) -> None:
    for _ in range(2):
        stranger.says("I want to kill myself")
    office.settle()
    assert len(stranger.reads) >= 2
    assert "999" in " ".join(stranger.reads) or "111" in " ".join(stranger.reads)
    assert office.rows("outbox") == []
    assert {row["payload"] for row in office.rows("inbox")} == {None}
    events = office.rows("safety_events")
    assert [(row["client_id"], row["conversation_id"], row["handoff_id"]) for row in events] == [
        (None,) * 3
    ] * 2


def test_a_strangers_thought_in_pieces_is_read_as_one(stranger: ClientPhone, office: Office) -> None:
    for piece in ("i want to", "kill", "myself"):
        stranger.says(piece)
        office.settle()
    assert "999" in " ".join(stranger.reads)
    assert len(office.rows("safety_events")) >= 1


def test_pieces_of_two_strangers_are_two_thoughts() -> None:
    now = [0.0]
    pieces = Pieces(lambda: now[0])
    assert pieces.before("bot", "1", "i want to") == ()
    assert pieces.before("bot", "2", "kill") == ()
    assert pieces.before("bot", "1", "see the jobs") == ("i want to",)
    now[0] = 599
    assert pieces.before("bot", "1", "please") == ("i want to", "see the jobs")
    now[0] = 600
    assert pieces.before("bot", "1", "now") == ("please",)
    pieces.forget("bot", "1")
    assert pieces.before("bot", "1", "again") == ()


def test_no_more_is_remembered_of_strangers_than_one_thought_of_a_crowd() -> None:
    now = [0.0]
    pieces = Pieces(lambda: now[0])
    for number in range(CHATS_REMEMBERED + 5):
        pieces.before("bot", str(number), "word " * 100)
    assert len(pieces._chats) == CHATS_REMEMBERED
    assert max(len(text) for one in pieces._chats.values() for _, text in one) == FRAGMENT_LETTERS + 1
    now[0] = 600
    pieces.before("bot", "new", "hi")
    assert list(pieces._chats) == [("bot", "new")]


@pytest.mark.parametrize("kind", ["kicked", "member"])
def test_a_stranger_who_blocks_is_left_alone(stranger: ClientPhone, office: Office, kind: str) -> None:
    stranger.becomes(kind)
    office.settle()
    assert stranger.reads == []
    assert office.rows("inbox")[0]["chat_id"] is None


def test_a_stranger_may_ask_who_reads_this(stranger: ClientPhone, office: Office, words: Wording) -> None:
    stranger.says("/privacy")
    office.settle()
    assert stranger.reads == [words.say("utter_gateway_privacy").text]


def test_a_client_whose_chat_was_taken_away_is_a_stranger(
    sam: ClientPhone, office: Office, words: Wording, amina: Colleague
) -> None:
    sam.asks("Hello")
    with office.caseload.transaction() as case:
        case.conversations.unlink(case.conversations.lock(sam.conversation_id))
    assert sam.asks("Are you there?") == [words.say("utter_gateway_stranger").text]
