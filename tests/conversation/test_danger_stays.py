"""After words of danger nobody is left alone: no "I did not understand", no silence, no old promise."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.clock import FixedClock
from bot.conversation import escalation, linking
from integrations.rasa.types import Reply, ReplyButton, Turn, TurnResult, Understanding
from integrations.telegram.types import ChatUnreachable, NotSent, SendRefused
from tests.conversation.office import ClientPhone, FakeDialogue, FakePhones, Office, result
from tests.people import Colleague

CRISIS = "I want to kill myself"
STILL_HERE = "I am still here."
BUTTONS = ["I am safe for now", "I need help now", "Ask my consultant to call"]
MENU = (ReplyButton("Show the menu", "open_menu", {}),)
VOICE = {"voice": {"file_id": "f", "file_unique_id": "u", "duration": 2}}


def _does_not_know(response: str) -> TurnResult:
    return TurnResult((Reply("Sorry, I do not understand that.", MENU, response),), Understanding(None, 0.0))


def _is_held_on_to(sam: ClientPhone, said: list[str]) -> None:
    assert len(said) == 1
    assert said[0].startswith(STILL_HERE)
    assert "999" in said[0]
    assert sam.bubbles[-1].labels == BUTTONS


# 1. The dialogue does not know what to say.


@pytest.mark.parametrize(
    "response",
    ["utter_not_understood", "utter_not_understood_no_guess", "utter_not_understood_twice",
     "utter_out_of_scope", "utter_affirm_outside", "utter_deny_outside"],
)  # fmt: skip
def test_after_danger_sam_never_hears_that_he_was_not_understood(
    sam: ClientPhone, office: Office, dialogue: FakeDialogue, response: str
) -> None:
    dialogue.answer = lambda turn: _does_not_know(response)
    sam.asks(CRISIS)
    _is_held_on_to(sam, sam.asks("what time is it"))
    assert office.outcomes()[-1] == ("done", "safety:still here")


def test_after_danger_a_turn_without_a_word_is_not_silence(sam: ClientPhone, dialogue: FakeDialogue) -> None:
    dialogue.answer = lambda turn: result()
    sam.asks(CRISIS)
    _is_held_on_to(sam, sam.asks("what time is it"))


def test_after_danger_a_turn_that_fails_leaves_sam_with_the_numbers(
    sam: ClientPhone, office: Office, dialogue: FakeDialogue, clock: FixedClock
) -> None:
    sam.asks(CRISIS)
    before = len(sam.reads)
    dialogue.failures = 3
    sam.says("what time is it")
    for _ in range(3):
        office.settle()
        clock.set(clock.now() + timedelta(seconds=5))
    office.settle()
    _is_held_on_to(sam, sam.reads[before:])
    assert "not_answered" in {row["reason"] for row in office.rows("handoffs")}


@pytest.mark.parametrize(
    "words",
    ["help", "Help me!", "nobody is answering", "the line is engaged", "what do i do", "stay with me"],
)
def test_after_danger_a_plea_is_answered_without_the_dialogue(
    sam: ClientPhone, dialogue: FakeDialogue, words: str
) -> None:
    dialogue.down = True
    sam.asks(CRISIS)
    _is_held_on_to(sam, sam.asks(words))
    assert dialogue.turns == []


def test_what_the_dialogue_understands_it_answers(sam: ClientPhone) -> None:
    sam.asks(CRISIS)
    assert sam.asks("what time is it") == ["You said: what time is it"]


def test_once_amina_has_cleared_it_help_is_a_word_like_any_other(
    sam: ClientPhone, office: Office, amina: Colleague
) -> None:
    sam.asks(CRISIS)
    with office.caseload.transaction() as case:
        case.safety_events.clear(case.staff.get(amina.id), case.clients.for_conversation(sam.conversation_id))
    assert sam.asks("help") == ["You said: help"]


def test_on_a_watched_phone_still_being_here_shows_nothing_more_than_before(
    sam: ClientPhone, dialogue: FakeDialogue
) -> None:
    dialogue.answer = lambda turn: _does_not_know("utter_not_understood")
    first = sam.asks("my partner is reading my messages over my shoulder")
    assert sam.asks("what time is it") == first
    assert sam.bubbles[-1].labels == []


# 2. Words that answer our own question.


@pytest.mark.parametrize(
    ("words", "answer"),
    [("yes please", "I have asked Amina to call you."), ("no thanks", "That is fine. You can write to me")],
)
def test_yes_and_no_answer_the_soft_offer(
    sam: ClientPhone, dialogue: FakeDialogue, words: str, answer: str
) -> None:
    sam.asks("feeling really low today")
    assert answer in sam.asks(words)[0]
    assert dialogue.turns == []


@pytest.mark.parametrize("words", ["safe for now", "im safe", "I'm safe for now", "yes i am safe"])
def test_safe_for_now_in_other_words_is_no_new_crisis(
    sam: ClientPhone, office: Office, dialogue: FakeDialogue, words: str
) -> None:
    sam.asks(CRISIS)
    assert "Thank you for telling me. You can write to me here" in sam.asks(words)[0]
    assert len(office.rows("safety_events")) == 1
    assert dialogue.turns == []


@pytest.mark.parametrize("words", ["not safe", "no im not safe", "I'm not safe", "no not safe"])
def test_not_safe_is_a_call_for_help_now(sam: ClientPhone, office: Office, words: str) -> None:
    sam.asks(CRISIS)
    [said] = sam.asks(words)
    assert said.startswith("Please call 999 now")
    assert {row["route"] for row in office.rows("safety_events")} == {"crisis"}


# 4. Strangers.


def test_a_stranger_is_asked_nothing_that_nobody_can_hear(stranger: ClientPhone) -> None:
    assert "?" not in " ".join(stranger.asks(CRISIS))


@pytest.mark.parametrize("words", ["I need help now", "help me", "help", "im safe for now"])
def test_a_stranger_who_was_just_answered_gets_the_numbers_again_and_again(
    stranger: ClientPhone, office: Office, words: str
) -> None:
    stranger.asks(CRISIS)
    for _ in range(7):
        said = " ".join(stranger.asks(words))
        assert "999" in said
        assert "111" in said
        assert "I do not know this chat" not in said
    assert {row["payload"] for row in office.rows("inbox")} == {None}


def test_a_stranger_who_asks_for_help_out_of_the_blue_hears_how_to_start(stranger: ClientPhone) -> None:
    assert "I do not know this chat yet." in stranger.asks("help me")[0]


def test_a_button_under_the_crisis_text_gives_the_numbers_after_the_chat_was_unlinked(
    sam: ClientPhone, office: Office, amina: Colleague
) -> None:
    sam.asks(CRISIS)
    with office.caseload.transaction() as case:
        staff = case.staff.get(amina.id)
        linking.unlink_chat(case, office.words, office.danger.content, staff, sam.conversation_id)
    office.settle()
    for _ in range(7):
        before = len(sam.reads)
        sam.presses("I need help now")
        office.settle()
        said = " ".join(sam.reads[before:])
        assert "999" in said
        assert "Amina" not in said


# 5. What waited in front of it.


def test_what_waited_in_front_of_danger_is_kept_for_amina_and_sam_is_told(
    sam: ClientPhone, office: Office, dialogue: FakeDialogue
) -> None:
    dialogue.down = True
    sam.says("cancel my appointment on thursday")
    office.waits_until(lambda: dialogue.turns)
    said = sam.asks(CRISIS)
    assert "I have kept the rest of your message for Amina." in " ".join(said)
    kept = {row["reason"]: row["question"] for row in office.rows("handoffs")}
    assert kept["not_answered"] == "cancel my appointment on thursday"


def test_the_pieces_of_one_cry_are_no_other_matter(sam: ClientPhone, office: Office) -> None:
    office.shut()
    for piece in ("i want to", "kill", "myself"):
        sam.says(piece)
    office.open()
    office.settle()
    assert [row["reason"] for row in office.rows("handoffs")] == ["safety"]


# 7. Blocks and returns.


def test_numbers_that_did_not_arrive_have_amina_phone_at_once(
    sam: ClientPhone, office: Office, phones: FakePhones
) -> None:
    phones.faults.append(ChatUnreachable("blocked"))
    assert sam.asks(CRISIS) == []
    handoff = next(row for row in office.rows("handoffs") if row["reason"] == "unreachable")
    assert handoff["urgency"] == "now"
    assert handoff["question"] == "They wrote of danger, and the numbers did not arrive: phone."


def test_who_unblocks_after_danger_gets_the_numbers_and_the_truth_once(
    sam: ClientPhone, office: Office, phones: FakePhones
) -> None:
    phones.faults.append(ChatUnreachable("blocked"))
    sam.asks(CRISIS)
    for _ in range(2):
        sam.becomes("member")
        office.settle()
    numbers, truth = sam.reads
    assert "999" in numbers
    assert "I have sent your message to Amina" in truth
    assert sam.bubbles[-1].labels == BUTTONS


def test_numbers_that_telegram_refuses_have_amina_phone_at_once(
    sam: ClientPhone, office: Office, phones: FakePhones
) -> None:
    phones.faults.append(SendRefused("no"))
    sam.asks(CRISIS)
    assert ("unreachable", "now") in {(row["reason"], row["urgency"]) for row in office.rows("handoffs")}


def test_start_after_danger_promises_no_messages(sam: ClientPhone) -> None:
    sam.asks(CRISIS)
    _is_held_on_to(sam, sam.asks("/start"))


# 8. A denial under an alarm.


def test_a_denial_while_amina_is_being_alerted_says_that_she_was_told(sam: ClientPhone) -> None:
    sam.asks(CRISIS)
    said = " ".join(sam.asks("not suicidal, just tired"))
    assert "I told Amina when you wrote before." in said
    assert "I can ask Amina" not in said


# 9. Safe after an overdose.


def test_safe_for_now_after_an_overdose_still_asks_for_an_ambulance(sam: ClientPhone, office: Office) -> None:
    sam.asks("i took 40 paracetamol")
    before = len(sam.reads)
    sam.presses("I am safe for now")
    office.settle()
    assert "Please still call 999 now and ask for an ambulance." in sam.reads[before]


# 10. A text that leaves late.


def test_a_truth_that_leaves_hours_later_is_made_anew(
    sam: ClientPhone, office: Office, phones: FakePhones, clock: FixedClock
) -> None:
    clock.set(clock.now().replace(hour=3, minute=0))
    phones.faults.append(NotSent("no network"))
    sam.says(CRISIS)
    office.settle()
    clock.set(clock.now().replace(hour=11))
    office.settle()
    numbers, truth = sam.reads
    assert numbers.startswith("I have just seen this.")
    assert "Nobody will read" not in truth
    assert "I do not know how soon it will be read." in truth
    assert sam.bubbles[-1].labels == BUTTONS
    kept = [row["text"] for row in office.rows("messages") if row["author"] == "safety"]
    assert kept == [numbers, truth]


def test_a_text_that_leaves_within_a_minute_stays_as_it_was_made(
    sam: ClientPhone, office: Office, phones: FakePhones, clock: FixedClock
) -> None:
    clock.set(clock.now().replace(hour=3, minute=0))
    phones.faults.append(NotSent("no network"))
    sam.says(CRISIS)
    office.settle()
    clock.set(clock.now() + timedelta(seconds=10))
    office.settle()
    assert not sam.reads[0].startswith("I have just seen this.")
    assert "I do not know if anyone will read it before" in sam.reads[1]


# 11. Abuse.


def test_abuse_is_answered_without_a_sound_and_nothing_comes_later_unasked(
    sam: ClientPhone, office: Office, phones: FakePhones
) -> None:
    silent: list[bool] = []
    phones.before_send = lambda chat_id, outgoing: silent.append(outgoing.silent)
    said = sam.asks("my partner hits me")
    assert "999" in said[0]
    assert silent == [True] * len(said)
    assert office.danger.content.is_quiet({"abuse"})


def test_after_abuse_sam_does_not_hear_that_amina_has_seen_it(
    sam: ClientPhone, office: Office, amina: Colleague
) -> None:
    said = sam.asks("my partner hits me")
    with office.caseload.transaction() as case:
        client = case.clients.for_conversation(sam.conversation_id)
        seen = escalation.danger_shown(case, client)
        staff = case.staff.get(amina.id)
        assert escalation.acknowledge_and_say(case, office.danger.content, staff, client, seen)
    office.settle()
    assert sam.reads == said


def test_a_crisis_is_heard(sam: ClientPhone, phones: FakePhones) -> None:
    silent: list[bool] = []
    phones.before_send = lambda chat_id, outgoing: silent.append(outgoing.silent)
    sam.asks(CRISIS)
    assert silent == [False, False]


# 12. A flood of cries.


def test_from_the_sixth_cry_of_a_minute_one_message_stands_for_three(
    sam: ClientPhone, stranger: ClientPhone
) -> None:
    for phone, in_full in ((sam, 2), (stranger, 3)):
        counts = [len(phone.asks(CRISIS)) for _ in range(8)]
        assert counts == [in_full] * 5 + [1] * 3
        assert "999" in phone.reads[-1]
    assert "111" in stranger.reads[-1]


def test_a_form_that_was_open_is_not_taken_up_by_a_plea(sam: ClientPhone, dialogue: FakeDialogue) -> None:
    def asks_for_a_goal(turn: Turn) -> TurnResult:
        if turn.intent == "EXTERNAL_put_aside":
            return result()
        return replace(result("What is your goal?"), open_form="goal_form")

    dialogue.answer = asks_for_a_goal
    sam.asks("add a goal")
    sam.asks(CRISIS)
    _is_held_on_to(sam, sam.asks("help me"))
