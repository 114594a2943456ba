"""Typed commands never command the dialogue; a button works once, in its chat, while it is fresh."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.caseload.models.queues import InboxItem
from bot.caseload.store import Caseload
from bot.clock import FixedClock
from bot.conversation.commands import COMMANDS, without_slash
from bot.conversation.danger import Danger
from bot.conversation.gate import Ask, Gate
from bot.conversation.wording import Wording
from integrations.rasa.types import ReplyButton
from integrations.telegram.parsing import parse
from tests.conversation.office import ClientPhone, FakeDialogue, Office, linked, result
from tests.people import Colleague

SLASHES = st.sampled_from(["/", "//", " /", "／", "⁄", "\n/", "/ /", "\u200b/", "∕/"])
NAMES = st.sampled_from(
    ["restart", "back", "session_start", "EXTERNAL_client_linked", "affirm", "jobs", "stop"]
)
TAILS = st.one_of(
    st.just(""),
    st.just('{"city": "Riga"}'),
    st.just('@0.9{"x":1}'),
    st.text(max_size=20),
    st.builds(lambda words: f" {words}", st.text(max_size=20)),
)
COMMAND_TEXTS = st.one_of(
    st.builds(lambda slash, name, tail: slash + name + tail, SLASHES, NAMES, TAILS),
    st.builds(lambda slash, words: slash + words, SLASHES, st.text(max_size=30)),
)


@settings(max_examples=500, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(words=COMMAND_TEXTS)
def test_no_text_reaches_the_dialogue_as_one_of_its_commands(
    caseload: Caseload, words_and_danger: Gate, sams_chat: ClientPhone, words: str
) -> None:
    inbound = parse({"update_id": 1, "message": sams_chat.message({"text": words})}, sams_chat.office.bot_id)
    if inbound.kind != "text":
        return
    with caseload.transaction() as case:
        conversation = case.conversations.lock(sams_chat.conversation_id)
        before = (conversation.mode, conversation.epoch)
        item = case.inbox.receive(
            bot_id=sams_chat.office.bot_id,
            update_id=case.inbox.next_number(sams_chat.office.bot_id),
            chat_id=sams_chat.chat_id,
            kind="text",
            payload=inbound.payload,
            conversation=conversation,
        )
        assert isinstance(item, InboxItem)
        decision = words_and_danger.decide(case, item, inbound)
        if isinstance(decision, Ask):
            if decision.intent is not None:
                assert decision.intent in COMMANDS.values()
                assert decision.entities == {}
            else:
                assert decision.text
                assert decision.text.lstrip()[:1] not in {"/", "／"}
        else:
            assert item.status != "new"
        assert conversation.epoch == before[1]


@pytest.fixture
def words_and_danger(words: Wording, danger: Danger) -> Gate:
    return Gate(words, danger)


@pytest.fixture
def sams_chat(office: Office, amina: Colleague) -> ClientPhone:
    office.shut()
    return linked(office, "sam", "Sam Okoro", amina)


@given(words=COMMAND_TEXTS)
def test_words_without_their_slash_are_never_nothing(words: str) -> None:
    assert without_slash(words)


@pytest.mark.parametrize(
    ("typed", "intent"),
    [
        ("/menu", "open_menu"),
        ("/STOP please", "stop_messages"),
        ("/help@foothold_bot", "ask_what_i_can_do"),
    ],
)
def test_our_own_commands_are_understood(
    sam: ClientPhone, dialogue: FakeDialogue, typed: str, intent: str
) -> None:
    sam.asks(typed)
    assert [(turn.intent, turn.text) for turn in dialogue.turns] == [(intent, None)]


def test_start_again_lifts_a_stop(sam: ClientPhone, office: Office, words: Wording) -> None:
    with office.caseload.transaction() as case:
        client = case.clients.for_conversation(sam.conversation_id)
        case.preferences.stop(client)
    assert sam.asks("/start") == [words.say("utter_gateway_started_again").text]
    with office.caseload.transaction() as case:
        assert case.preferences.may_start(case.clients.for_conversation(sam.conversation_id))


def test_person_tells_a_person_and_when_they_read(sam: ClientPhone, office: Office) -> None:
    [said] = sam.asks("/person")
    assert "I have asked Amina" in said
    assert "5pm" in said
    [handoff] = office.rows("handoffs")
    assert (handoff["reason"], handoff["urgency"]) == ("person", "today")
    assert office.rows("conversations")[0]["mode"] == "waiting"
    assert sam.asks("And the bot still talks") == ["You said: And the bot still talks"]


@pytest.fixture
def offered(sam: ClientPhone, office: Office, dialogue: FakeDialogue) -> ClientPhone:
    """Sam was asked to choose."""
    choice = (
        ReplyButton("Tell me more", "ask_lead_details", {"lead": "7"}),
        ReplyButton("Not for me", "decline_lead", {"lead": "7"}),
    )
    dialogue.answer = lambda turn: result("What do you think?", buttons=choice)
    sam.asks("Any jobs?")
    dialogue.answer = lambda turn: result("Fine.")
    dialogue.turns.clear()
    return sam


def test_a_button_is_an_opaque_token_for_an_intent(
    offered: ClientPhone, office: Office, dialogue: FakeDialogue
) -> None:
    [_, button] = offered.bubbles[-1].buttons
    assert len(button.token.encode()) <= 64
    assert "lead" not in button.token
    offered.presses("Not for me")
    office.settle()
    [turn] = dialogue.turns
    assert (turn.text, turn.intent, turn.entities) == (None, "decline_lead", {"lead": "7"})
    assert [row["text"] for row in office.rows("messages") if row["kind"] == "button"] == ["Not for me"]


@pytest.mark.parametrize("typed", ["not for me", " Not for me! ", "2"])
def test_typing_a_label_or_its_number_presses_it(
    offered: ClientPhone, dialogue: FakeDialogue, typed: str
) -> None:
    offered.asks(typed)
    assert [turn.intent for turn in dialogue.turns] == ["decline_lead"]


def test_a_number_is_a_number_once_the_bot_has_asked_something_else(
    offered: ClientPhone, dialogue: FakeDialogue
) -> None:
    dialogue.answer = lambda turn: result("How many hours a week?")
    offered.asks("I want a new goal")
    offered.asks("2")
    assert dialogue.turns[-1].text == "2"


def test_a_used_button_does_nothing_a_second_time(
    offered: ClientPhone, office: Office, dialogue: FakeDialogue
) -> None:
    offered.presses("Not for me")
    office.settle()
    for label in ("Not for me", "Tell me more"):
        offered.presses(label)
        office.settle()
        assert "That button is old" in offered.reads[-1]
    assert len(dialogue.turns) == 1


def test_pressing_twice_in_haste_is_one_turn(
    offered: ClientPhone, office: Office, dialogue: FakeDialogue
) -> None:
    offered.presses("Not for me")
    offered.presses("Not for me")
    office.settle()
    assert len(dialogue.turns) == 1


def test_a_button_of_yesterday_is_refused_politely(
    offered: ClientPhone, office: Office, dialogue: FakeDialogue, clock: FixedClock
) -> None:
    clock.advance(hours=25)
    offered.presses("Not for me")
    office.settle()
    assert "That button is old" in offered.reads[-1]
    assert dialogue.turns == []


def test_anothers_button_and_a_forged_token_do_nothing(
    offered: ClientPhone, office: Office, dialogue: FakeDialogue, piotr: Colleague
) -> None:
    jo = linked(office, "jo", "Jo Lind", piotr)
    for token in (offered.bubbles[-1].buttons[0].token, '/affirm{"x": 1}', "x" * 64, "' OR 1=1"):
        jo.presses_token(token)
        office.settle()
        assert "That button is old" in jo.reads[-1]
    assert dialogue.turns == []
    offered.presses("Tell me more")
    office.settle()
    assert len(dialogue.turns) == 1


def test_the_button_of_a_turn_that_failed_can_be_pressed_again(
    offered: ClientPhone, office: Office, dialogue: FakeDialogue, clock: FixedClock
) -> None:
    dialogue.failures = 3
    offered.presses("Not for me")
    for _ in range(3):
        office.settle()
        clock.advance(seconds=5)
    office.settle()
    assert office.outcomes()[-1][0] == "dead"
    offered.presses("Not for me")
    office.settle()
    assert dialogue.turns[-1].intent == "decline_lead"
    assert office.outcomes()[-1] == ("done", "bot")
