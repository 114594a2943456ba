"""What surrounds a safety reply: the form, the rest of the message, the buttons, what comes next."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.clock import FixedClock
from bot.conversation import escalation, ownership
from integrations.rasa.types import Turn, TurnResult
from integrations.telegram.types import RetryAfter
from tests.conversation.office import ClientPhone, FakeDialogue, FakePhones, Office, linked, result
from tests.people import Colleague

CRISIS = "I want to kill myself"
ASIDE = "I have put my other questions away for now."


def _takes_over(office: Office, staff: Colleague, client: ClientPhone) -> None:
    with office.caseload.transaction() as case:
        seen = case.conversations.lock(client.conversation_id).epoch
        ownership.take_over(case, office.words, case.staff.get(staff.id), client.conversation_id, seen)
    office.settle()


def _asks_for_a_goal(turn: Turn) -> TurnResult:
    """A dialogue with a form: it opens for "add a goal" and stays open until it is put aside."""
    if turn.intent == "EXTERNAL_put_aside":
        return result()
    return replace(result("What is your goal?"), open_form="goal_form")


# The open form: 4.4 (must) 6.


def test_an_open_form_is_put_aside_and_sam_is_told(
    sam: ClientPhone, office: Office, dialogue: FakeDialogue
) -> None:
    dialogue.answer = _asks_for_a_goal
    sam.asks("add a goal")
    said = sam.asks(CRISIS)
    assert "999" in said[0]
    assert ASIDE in said[1]
    assert len(said) == 2
    assert dialogue.turns[-1].intent == "EXTERNAL_put_aside"
    assert office.rows("conversations")[0]["open_form"] is None


def test_with_no_form_open_nothing_is_said_of_questions(sam: ClientPhone, dialogue: FakeDialogue) -> None:
    sam.asks("hello")
    assert ASIDE not in " ".join(sam.asks(CRISIS))
    assert [turn.text for turn in dialogue.turns] == ["hello"]


def test_a_form_is_put_aside_when_the_dialogue_is_back(
    sam: ClientPhone, office: Office, dialogue: FakeDialogue, clock: FixedClock
) -> None:
    dialogue.answer = _asks_for_a_goal
    sam.asks("add a goal")
    dialogue.down = True
    assert ASIDE in " ".join(sam.asks(CRISIS))
    dialogue.down = False
    clock.set(clock.now() + timedelta(seconds=5))
    office.settle()
    assert office.outcomes()[-1] == ("done", "bot: nothing to say")


def test_a_form_is_put_aside_in_silence_while_amina_has_the_chat(
    sam: ClientPhone, office: Office, dialogue: FakeDialogue, amina: Colleague
) -> None:
    dialogue.answer = _asks_for_a_goal
    sam.asks("add a goal")
    _takes_over(office, amina, sam)
    said = sam.asks(CRISIS)
    assert len(said) == 2
    assert dialogue.turns[-1].intent == "EXTERNAL_put_aside"
    assert office.rows("conversations")[0]["open_form"] is None


def test_the_second_cry_does_not_speak_of_the_form_again(sam: ClientPhone, dialogue: FakeDialogue) -> None:
    dialogue.answer = _asks_for_a_goal
    sam.asks("add a goal")
    assert ASIDE in " ".join(sam.asks(CRISIS))
    assert ASIDE not in " ".join(sam.asks(CRISIS))


# Again, and a denial: 4.4 (must) 6.


def test_the_numbers_are_shown_again_when_sam_says_it_again(sam: ClientPhone, office: Office) -> None:
    first, second = sam.asks(CRISIS), sam.asks("i really want to die")
    assert "999" in first[0]
    assert "999" in second[0]
    assert len(office.rows("safety_events")) == 2
    assert len(office.rows("handoffs")) == 1


def test_a_denial_clears_nothing_and_nobody_is_called_off(sam: ClientPhone, office: Office) -> None:
    sam.asks(CRISIS)
    said = sam.asks("not suicidal, just tired")
    assert "999" in said[0]
    first, second = sorted(office.rows("safety_events"), key=lambda event: event["inbox_seq"])
    assert (first["route"], first["acknowledged_at"], first["cleared_at"]) == ("crisis", None, None)
    assert (second["route"], second["kind"]) == ("soft", "denied")
    [handoff] = office.rows("handoffs")
    assert (handoff["status"], handoff["urgency"]) == ("waiting", "now")


# Softly: 4.4 (must) 8.


def test_a_low_mood_is_answered_softly_and_recorded_without_an_alarm(
    sam: ClientPhone, office: Office
) -> None:
    said = sam.asks("feeling really low today")
    assert "I can ask Amina to call you" in said[1]
    [event] = office.rows("safety_events")
    assert (event["route"], event["handoff_id"]) == ("soft", None)
    assert office.rows("handoffs") == []
    with office.caseload.reading() as case:
        assert case.safety_events.paused_since(case.clients.for_conversation(sam.conversation_id)) is None


def test_a_strangers_danger_is_recorded_with_nothing_about_them(
    stranger: ClientPhone, office: Office
) -> None:
    stranger.asks(CRISIS)
    [event] = office.rows("safety_events")
    assert (event["route"], event["client_id"], event["handoff_id"]) == ("crisis", None, None)
    assert office.rows("inbox")[0]["chat_id"] is None
    assert "shared:" in event["content_version"]


# The rest of a long message.


def test_the_rest_of_a_long_message_is_kept_for_amina_and_said_so(sam: ClientPhone, office: Office) -> None:
    said = sam.asks("I want to kill myself. Can you move my appointment on thursday? Also tell her thanks.")
    assert "I have kept the rest of your message for Amina." in said[1]
    assert [row["reason"] for row in office.rows("handoffs")] == ["safety"]


def test_with_nothing_else_in_it_nothing_is_said_of_a_rest(sam: ClientPhone) -> None:
    said = sam.asks("I want to kill myself. I am so tired. I am sorry.")
    assert "the rest" not in " ".join(said)


def test_the_rest_beside_a_low_mood_reaches_amina_without_an_alarm(sam: ClientPhone, office: Office) -> None:
    said = sam.asks("feeling really low today. can you move my appointment to friday?")
    assert "I have kept the rest of your message for Amina." in said[1]
    [handoff] = office.rows("handoffs")
    assert (handoff["reason"], handoff["urgency"]) == ("question", "today")
    assert handoff["question"] == "can you move my appointment to friday?"


# The buttons: 4.4 (must) 3.


@pytest.mark.parametrize(
    ("label", "answer"),
    [
        ("I am safe for now", "You can write to me here at any time."),
        ("I need help now", "I cannot call for you."),
        ("Ask my consultant to call", "I have asked Amina to call you."),
    ],
)
@pytest.mark.parametrize("how", ["pressed", "typed", "pressed twice", "a day later", "while Amina is here"])
def test_each_button_has_its_own_honest_answer(
    sam: ClientPhone, office: Office, amina: Colleague, clock: FixedClock, dialogue: FakeDialogue,
    label: str, answer: str, how: str,
) -> None:  # fmt: skip
    sam.asks(CRISIS)
    if how == "a day later":
        clock.set(clock.now() + timedelta(hours=25))
    if how == "while Amina is here":
        _takes_over(office, amina, sam)
    before = len(sam.reads)
    if how == "typed":
        sam.says(label.replace("I am", "im").lower())
    else:
        sam.presses(label)
    if how == "pressed twice":
        office.settle()
        sam.presses(label)
    office.settle()
    said = sam.reads[before:]
    assert len(said) == (2 if how == "pressed twice" else 1)
    assert all(answer in text and "999" in text for text in said)
    assert dialogue.turns == []
    events = sorted(office.rows("safety_events"), key=lambda event: event["inbox_seq"])
    assert [event["cleared_at"] for event in events] == [None] * len(events)
    # Asking for a person is one more thing to look at, once; being safe for now is none.
    assert len(events) == (1 if label == "I am safe for now" else 2)
    assert {event["route"] for event in events} == {"crisis"}


def test_a_number_typed_under_the_buttons_is_a_choice(sam: ClientPhone) -> None:
    sam.asks(CRISIS)
    assert "I cannot call for you." in sam.asks("2")[0]


def test_i_am_not_safe_is_not_taken_for_i_am_safe(sam: ClientPhone) -> None:
    sam.asks(CRISIS)
    assert "Thank you for telling me. You can write" not in " ".join(sam.asks("I am not safe for now"))


@pytest.mark.parametrize("label", ["I need help now", "Ask my consultant to call", "I am safe for now"])
def test_a_choice_typed_later_is_heard_though_the_bot_has_spoken_since(
    sam: ClientPhone, dialogue: FakeDialogue, label: str
) -> None:
    sam.asks(CRISIS)
    sam.asks("what time is it")
    assert "999" in sam.asks(label.lower())[0]
    assert [turn.text for turn in dialogue.turns] == ["what time is it"]


def test_not_now_is_an_answer_to_what_was_asked_last(sam: ClientPhone, dialogue: FakeDialogue) -> None:
    sam.asks("feeling really low today")
    sam.asks("any jobs?")
    assert sam.asks("not now") == ["You said: not now"]
    assert sam.asks("2") == ["You said: 2"]


def test_somebody_low_who_presses_i_need_help_now_is_in_danger(sam: ClientPhone, office: Office) -> None:
    sam.asks(CRISIS)
    sam.asks("feeling really low today")
    sam.says("i need help now")
    office.settle()
    newest = max(office.rows("safety_events"), key=lambda event: event["inbox_seq"])
    assert newest["route"] == "crisis"
    assert "button:need_help_now" in newest["detectors"]


def test_asking_for_a_call_after_a_low_mood_pauses_nothing(sam: ClientPhone, office: Office) -> None:
    sam.asks("feeling really low today")
    sam.presses("Ask my consultant to call")
    office.settle()
    assert {event["route"] for event in office.rows("safety_events")} == {"soft"}
    assert [row["reason"] for row in office.rows("handoffs")] == ["safety"]


@pytest.mark.parametrize("how", ["pressed", "typed", "voice"])
def test_it_waits_for_no_dialogue(sam: ClientPhone, office: Office, dialogue: FakeDialogue, how: str) -> None:
    sam.asks(CRISIS)
    dialogue.down = True
    sam.says("are there any jobs")
    before = len(sam.reads)
    if how == "pressed":
        sam.presses("I need help now")
    elif how == "typed":
        sam.says("i need help now")
    else:
        sam.sends(MEDIA["voice"])
    office.waits_until(lambda: len(sam.reads) > before, 5)
    assert "999" in sam.reads[before]


def test_a_question_of_a_form_never_arrives_under_the_crisis_text(
    sam: ClientPhone, office: Office, dialogue: FakeDialogue
) -> None:
    dialogue.answer = _asks_for_a_goal
    dialogue.thinking = True
    sam.says("add a goal")
    office.waits_until(lambda: dialogue.turns)
    sam.says(CRISIS)
    dialogue.thinking = False
    office.settle()
    assert "What is your goal?" not in sam.reads
    assert office.outcomes()[0] == ("held", "danger came behind it")
    assert dialogue.turns[-1].intent == "EXTERNAL_put_aside"
    assert sam.asks("add a goal") == ["What is your goal?"]


def test_what_was_queued_and_not_sent_is_put_aside_too(
    sam: ClientPhone, office: Office, dialogue: FakeDialogue, phones: FakePhones
) -> None:
    dialogue.answer = _asks_for_a_goal
    phones.faults.append(RetryAfter(30))
    sam.says("add a goal")
    office.settle()
    sam.asks(CRISIS)
    assert "What is your goal?" not in sam.reads
    assert [row["status"] for row in office.rows("outbox") if row["origin"] == "bot"] == ["suppressed"]


# What cannot be read: 4.4 (must) 7.

MEDIA = {
    "voice": {"voice": {"file_id": "f", "file_unique_id": "u", "duration": 2}},
    "video_note": {"video_note": {"file_id": "f", "file_unique_id": "u", "duration": 2, "length": 9}},
    "video": {"video": {"file_id": "f", "file_unique_id": "u", "duration": 2, "width": 9, "height": 9}},
    "audio": {"audio": {"file_id": "f", "file_unique_id": "u", "duration": 2}},
    "photo": {"photo": [{"file_id": "f", "file_unique_id": "u", "width": 9, "height": 9}]},
}


@pytest.mark.parametrize("kind", MEDIA)
def test_what_cannot_be_read_is_answered_with_the_numbers(
    sam: ClientPhone, office: Office, kind: str
) -> None:
    sam.sends(MEDIA[kind])
    office.settle()
    assert "I can only read text." in sam.reads[0]
    assert "999" in sam.reads[0]


@pytest.mark.parametrize("kind", MEDIA)
def test_while_danger_is_open_what_cannot_be_read_counts_as_a_cry(
    sam: ClientPhone, office: Office, clock: FixedClock, kind: str
) -> None:
    sam.asks(CRISIS)
    clock.advance(minutes=20)
    office.timers.ring_due()
    before = len(office.rows("alerts"))
    sam.sends(MEDIA[kind])
    office.settle()
    assert office.rows("handoffs")[0]["asked_count"] == 2
    assert len(office.rows("alerts")) > before
    assert sorted(event["detectors"] for event in office.rows("safety_events"))[0] == '["not_readable"]'


def test_a_voice_note_on_an_ordinary_day_alerts_nobody(sam: ClientPhone, office: Office) -> None:
    sam.sends(MEDIA["voice"])
    office.settle()
    assert (office.rows("handoffs"), office.rows("alerts")) == ([], [])


def test_pictures_that_amina_sees_in_her_chat_ring_nobody(
    sam: ClientPhone, office: Office, amina: Colleague
) -> None:
    sam.asks(CRISIS)
    with office.caseload.transaction() as case:
        staff, chat = case.staff.get(amina.id), case.conversations.lock(sam.conversation_id)
        shown = escalation.danger_shown(case, chat.client)
        ownership.take_over(case, office.words, staff, chat.id, chat.epoch, shown)
    before = len(office.rows("alerts"))
    sam.sends(MEDIA["photo"])
    office.settle()
    assert len(office.rows("alerts")) == before


def test_it_is_answered_before_consent_too(office: Office, amina: Colleague) -> None:
    leila = linked(office, "leila", "Leila Haddad", amina, consent=None)
    leila.sends(MEDIA["voice"])
    office.settle()
    assert "I can only read text." in leila.reads[0]
    assert len(leila.reads) == 2


def test_a_strangers_voice_is_answered_with_both_countries_numbers(
    stranger: ClientPhone, office: Office
) -> None:
    stranger.sends(MEDIA["voice"])
    office.settle()
    said = " ".join(stranger.reads)
    assert "If you are in England" in said
    assert "If you are in New Zealand" in said


def test_while_amina_has_the_chat_it_is_said_once_an_hour(
    sam: ClientPhone, office: Office, amina: Colleague, clock: FixedClock
) -> None:
    _takes_over(office, amina, sam)
    before = len(sam.reads)
    for _ in range(3):
        sam.sends(MEDIA["photo"])
    office.settle()
    assert [text for text in sam.reads[before:] if "I can only read text." in text] == sam.reads[before:]
    assert len(sam.reads) == before + 1
    assert office.outcomes()[-1] == ("held", "a person has the chat")
    clock.set(clock.now() + timedelta(hours=1))
    sam.sends(MEDIA["photo"])
    office.settle()
    assert len(sam.reads) == before + 2


# A screen that fails.
