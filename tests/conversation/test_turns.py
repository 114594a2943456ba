"""What becomes of a message when the dialogue is slow, down, or falls over."""

from __future__ import annotations

import pytest

from bot.caseload.inbox import WAITS_FOR_DIALOGUE
from bot.clock import FixedClock
from bot.conversation import ownership
from bot.conversation.wording import Wording
from tests.conversation.office import ClientPhone, FakeDialogue, Office, linked, result
from tests.people import Colleague


def _passes(office: Office, clock: FixedClock, seconds: float, step: float = 1.0) -> None:
    """Let time pass in small steps, with everything that is due in each."""
    office.settle()
    for _ in range(int(seconds / step)):
        clock.advance(seconds=step)
        office.settle()


def test_a_turn_that_falls_over_is_tried_again(
    sam: ClientPhone, office: Office, dialogue: FakeDialogue, clock: FixedClock
) -> None:
    dialogue.failures = 2
    sam.says("Hello")
    _passes(office, clock, 5)
    assert sam.reads == ["You said: Hello"]
    assert len({turn.message_id for turn in dialogue.turns}) == 1
    assert len(dialogue.turns) == 3


def test_after_three_failures_sam_is_told_amina_is_told_and_the_chat_goes_on(
    sam: ClientPhone, office: Office, dialogue: FakeDialogue, clock: FixedClock
) -> None:
    dialogue.failures = 3
    sam.says("The one that breaks")
    sam.says("The next one")
    _passes(office, clock, 6)
    assert "I could not deal with your last message" in sam.reads[0]
    assert sam.reads[1:] == ["You said: The next one"]
    [handoff] = office.rows("handoffs")
    assert (handoff["reason"], handoff["urgency"]) == ("not_answered", "today")
    with office.caseload.reading() as case:
        assert [item.outcome for item in case.inbox.dead()] == ["it fell over"]


def test_while_the_dialogue_is_down_sam_is_told_once_and_nothing_is_lost(
    sam: ClientPhone, office: Office, dialogue: FakeDialogue, clock: FixedClock
) -> None:
    dialogue.down = True
    sam.says("One")
    sam.says("Two")
    _passes(office, clock, 90, step=5)
    assert len(sam.reads) == 1
    assert "Your message is safe" in sam.reads[0]
    dialogue.down = False
    _passes(office, clock, 20, step=5)
    assert sam.reads[1:] == ["You said: One", "You said: Two"]
    assert [row["attempts"] for row in office.rows("inbox")] == [0, 0]


@pytest.mark.parametrize(
    ("says", "hears"),
    [
        ("/person", "I have asked Amina"),
        ("/privacy", "Who reads this"),
        ("/start", "I can send you messages again"),
        (None, "I have asked Amina"),
    ],
)
def test_what_needs_no_dialogue_does_not_wait_for_it(
    sam: ClientPhone, office: Office, dialogue: FakeDialogue, clock: FixedClock, says: str | None, hears: str
) -> None:
    dialogue.down = True
    sam.says("What leads are there?")
    _passes(office, clock, 10)
    if says is None:
        sam.presses("Ask a person")
    else:
        sam.says(says)
    sam.says("And my appointment?")
    _passes(office, clock, 20)
    assert hears in sam.reads[-1]
    first, passed, last = office.outcomes()
    assert (first, passed[0], last) == (("new", WAITS_FOR_DIALOGUE), "done", ("new", None))
    dialogue.down = False
    _passes(office, clock, 20)
    assert sam.reads[-2:] == ["You said: What leads are there?", "You said: And my appointment?"]


def test_while_a_turn_of_the_chat_runs_not_even_that_begins(
    sam: ClientPhone, office: Office, dialogue: FakeDialogue
) -> None:
    dialogue.thinking = True
    sam.says("Slow")
    office.waits_until(lambda: dialogue.turns)
    sam.says("/person")
    sam.says("/privacy")
    with office.caseload.transaction() as case:
        assert case.inbox.claim("another worker", 10) == []
    assert sam.reads == []
    dialogue.thinking = False
    office.settle()
    assert sam.reads[0] == "You said: Slow"
    assert "I have asked Amina" in sam.reads[1]
    assert len(sam.reads) == 3


def test_a_short_outage_is_not_worth_a_message(
    sam: ClientPhone, office: Office, dialogue: FakeDialogue, clock: FixedClock
) -> None:
    dialogue.down = True
    sam.says("Hello")
    _passes(office, clock, 4)
    dialogue.down = False
    _passes(office, clock, 4)
    assert sam.reads == ["You said: Hello"]


def test_what_waits_for_a_day_is_given_up_and_told(
    sam: ClientPhone, office: Office, dialogue: FakeDialogue, clock: FixedClock
) -> None:
    dialogue.down = True
    sam.says("Hello")
    _passes(office, clock, 10)
    clock.advance(hours=25)
    office.settle()
    assert office.outcomes()[0] == ("dead", "the dialogue did not come back")
    assert "I could not deal with your last message" in sam.reads[-1]


def test_a_late_answer_begins_with_sorry(
    sam: ClientPhone, office: Office, dialogue: FakeDialogue, clock: FixedClock, words: Wording
) -> None:
    office.shut()
    sam.says("Hello")
    clock.advance(minutes=20)
    office.open()
    office.settle()
    assert sam.reads == [words.say("utter_gateway_late").text, "You said: Hello"]


def test_other_chats_go_on_while_one_turn_is_slow(
    sam: ClientPhone, office: Office, dialogue: FakeDialogue, piotr: Colleague
) -> None:
    jo = linked(office, "jo", "Jo Lind", piotr)
    dialogue.thinking = True
    sam.says("Slow")
    jo.says("Slow too")
    office.waits_until(lambda: len(dialogue.turns) == 2)
    dialogue.thinking = False
    office.settle()
    assert (sam.reads, jo.reads) == (["You said: Slow"], ["You said: Slow too"])


def test_a_reply_that_comes_after_amina_took_the_chat_is_not_sent(
    sam: ClientPhone, office: Office, dialogue: FakeDialogue, amina: Colleague, words: Wording
) -> None:
    dialogue.thinking = True
    sam.says("Can I keep my benefit?")
    office.waits_until(lambda: dialogue.turns)
    _amina_takes(office, sam, amina)
    dialogue.thinking = False
    office.settle()
    assert len(sam.reads) == 1
    assert "Amina has joined" in sam.reads[0]
    assert office.outcomes() == [("held", "a person took the chat")]
    kept = [(row["text"], row["delivery"]) for row in office.rows("messages") if row["author"] == "bot"]
    assert kept == [("You said: Can I keep my benefit?", "suppressed")]
    assert office.rows("buttons") == []


def test_a_reply_from_before_a_takeover_is_not_sent_after_the_hand_back_either(
    sam: ClientPhone, office: Office, dialogue: FakeDialogue, amina: Colleague
) -> None:
    dialogue.thinking = True
    sam.says("Can I keep my benefit?")
    office.waits_until(lambda: dialogue.turns)
    _amina_takes(office, sam, amina)
    with office.caseload.transaction() as case:
        ownership.hand_back(case, office.words, case.staff.get(amina.id), sam.conversation_id, "Ring me")
    dialogue.thinking = False
    office.settle()
    assert not any("benefit" in text for text in sam.reads)
    assert dialogue.turns[-1].intent == "EXTERNAL_handed_back"


def test_what_sam_writes_to_amina_is_held_for_her_and_seen(
    sam: ClientPhone, office: Office, dialogue: FakeDialogue, amina: Colleague
) -> None:
    _amina_takes(office, sam, amina)
    sam.says("Are you there?")
    sam.sends({"voice": {"file_id": "f", "file_unique_id": "u", "duration": 3}})
    office.settle()
    assert dialogue.turns == []
    # Amina joined; and nobody can hear the voice note, which may be a call for help.
    [unreadable] = sam.reads[1:]
    assert "I can only read text." in unreadable
    assert [status for status, _ in office.outcomes()] == ["held", "held"]
    seen = [(row["kind"], row["text"]) for row in office.rows("messages") if row["author"] == "client"]
    assert seen == [("text", "Are you there?"), ("voice", "")]


def test_an_old_button_says_who_is_here(
    sam: ClientPhone, office: Office, dialogue: FakeDialogue, amina: Colleague
) -> None:
    from integrations.rasa.types import ReplyButton

    dialogue.answer = lambda turn: result("Well?", buttons=(ReplyButton("Yes", "affirm"),))
    sam.asks("Any jobs?")
    _amina_takes(office, sam, amina)
    sam.presses("Yes")
    office.settle()
    assert "Amina is in the chat now" in sam.reads[-1]
    assert len(dialogue.turns) == 1


def test_a_defect_in_one_message_stops_no_other(
    sam: ClientPhone, office: Office, dialogue: FakeDialogue, clock: FixedClock
) -> None:
    def stumble(turn: object) -> object:
        if "stumble" in str(turn):
            raise RuntimeError("a defect of ours")
        return result("Fine.")

    dialogue.answer = stumble  # type: ignore[assignment]
    sam.says("stumble")
    sam.says("Hello")
    _passes(office, clock, 6)
    assert office.outcomes() == [("dead", "RuntimeError"), ("done", "bot")]
    assert sam.reads[-1] == "Fine."


def test_a_flood_is_read_together_and_a_command_in_it_is_still_a_command(
    sam: ClientPhone, office: Office, dialogue: FakeDialogue
) -> None:
    office.shut()
    for number in range(20):
        sam.says("/stop" if number == 14 else f"word{number}")
    office.open()
    office.settle()
    assert dialogue.turns[0].text == "\n".join(f"word{number}" for number in range(14))
    assert dialogue.turns[1].intent == "stop_messages"
    assert {status for status, _ in office.outcomes()} == {"done"}
    assert len([row for row in office.rows("messages") if row["author"] == "client"]) == 20


def _amina_takes(office: Office, sam: ClientPhone, amina: Colleague) -> None:
    with office.caseload.transaction() as case:
        seen = case.conversations.lock(sam.conversation_id).epoch
        ownership.take_over(case, office.words, case.staff.get(amina.id), sam.conversation_id, seen)
