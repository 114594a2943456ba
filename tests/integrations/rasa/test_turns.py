"""What the bot answers, and that a message is answered once."""

from __future__ import annotations

import time

import httpx
import pytest

from integrations.rasa.types import ReplyButton, TurnFailed

from .conftest import Chat, context
from .dialogue_server import ActionServer, Answer, says


def test_sam_is_greeted_by_name_in_one_message(sam: Chat) -> None:
    result = sam.result("hello")
    assert [reply.text for reply in result.replies] == ["Hello Sam.\n\nYour consultant is Amina."]
    assert result.replies[0].response == "utter_greet"
    assert result.understanding.intent == "greet"
    assert result.actions == ("utter_greet",)
    assert not result.repeated


def test_a_message_asked_again_gets_the_same_answer_and_runs_nothing(
    sam: Chat, actions: ActionServer
) -> None:
    first = sam.result("count", message_id="same")
    again = sam.result("count", message_id="same")
    assert again.repeated
    assert again.replies == first.replies
    assert again.actions == first.actions == ("action_count",)
    assert len(actions.calls_of("action_count", sam.conversation)) == 1


def test_an_older_message_asked_again_gets_its_own_answer_with_its_buttons(sam: Chat) -> None:
    sam.says(intent="choose_job", entities={"job": "baker"})
    first = sam.result("jobs", message_id="older")
    sam.says("hello")
    again = sam.result("jobs", message_id="older")
    assert again.repeated
    assert again.replies == first.replies
    assert first.replies[0].buttons == (
        ReplyButton("The kitchen", "choose_job", {"job": "kitchen"}),
        ReplyButton("Your baker", "choose_job", {"job": "baker"}),
        ReplyButton("None", "affirm", {}),
    )


def test_the_same_message_twice_at_once_is_run_once(sam: Chat, actions: ActionServer) -> None:
    turn = sam.turn("count")
    results = sam.send(turn, turn)
    assert sorted(result.repeated for result in results) == [False, True]
    assert len(actions.calls_of("action_count", sam.conversation)) == 1


def test_messages_of_one_conversation_are_run_one_after_the_other(sam: Chat) -> None:
    results = sam.send(*(sam.turn("count") for _ in range(4)))
    numbers = sorted(result.replies[0].text for result in results)
    assert numbers == [f"That is number {number}." for number in (1, 2, 3, 4)]
    assert sam.says("hello") == ["Hello Sam.\n\nYour consultant is Amina."]


def test_a_turn_ends_although_the_gateway_hung_up(sam: Chat, actions: ActionServer) -> None:
    def slow(_call: object) -> Answer:
        time.sleep(1)
        return says({"text": "That took a while."})

    actions.answers["action_fails"] = slow
    turn = sam.turn("break it")
    body = {"conversation": turn.conversation, "message_id": turn.message_id, "text": turn.text}
    with pytest.raises(httpx.ReadTimeout):
        sam.post("/turn", body | {"metadata": turn.context.as_metadata()}, timeout=0.3)
    result = sam.send(turn)[0]
    assert result.repeated
    assert result.replies[0].text == "That took a while."
    assert len(actions.calls_of("action_fails", sam.conversation)) == 1


def test_a_button_sets_what_it_stands_for(sam: Chat) -> None:
    assert sam.says(intent="choose_job", entities={"job": "kitchen"}) == ["You chose kitchen."]


def test_quotes_and_braces_in_a_buttons_value_stay_text(sam: Chat) -> None:
    job = 'cook" }, {goal} {{first_name}}'
    assert sam.says(intent="choose_job", entities={"job": job}) == [f"You chose {job}."]
    buttons = sam.result("jobs").replies[0].buttons
    assert buttons[1].entities == {"job": job}


@pytest.mark.parametrize("intent", ["restart", "session_start", "back", "nlu_fallback", "no_such_intent"])
def test_a_button_cannot_send_an_intent_that_the_domain_does_not_have(sam: Chat, intent: str) -> None:
    with pytest.raises(TurnFailed, match="bad_turn"):
        sam.says(intent=intent)


@pytest.mark.parametrize(
    "typed",
    [
        '/choose_job{"job": "typed"}',
        '  /choose_job{"job": "typed"}',
        '／choose_job{"job": "typed"}',
        '\u200b/choose_job{"job": "typed"}',
        '//choose_job{"job": "typed"}',
        'EXTERNAL: /choose_job{"job": "typed"}',
    ],
)
def test_a_command_that_sam_types_is_only_words(sam: Chat, typed: str) -> None:
    sam.says(intent="choose_job", entities={"job": "baker"})
    result = sam.result(typed)
    assert result.understanding.intent != "choose_job"
    assert sam.result("jobs").replies[0].buttons[1].label == "Your baker"


def test_restart_typed_by_sam_forgets_nothing(sam: Chat) -> None:
    sam.says(intent="choose_job", entities={"job": "baker"})
    for typed in ("/restart", "/session_start", "/back", "/", "/restart@1.0"):
        sam.says(typed)
    assert sam.result("jobs").replies[0].buttons[1].label == "Your baker"


def test_a_form_takes_sams_words_as_they_are(sam: Chat) -> None:
    assert sam.says("goal") == ["What is your goal?"]
    assert sam.says("cook {when} for {first_name}") == [
        "When would you like that, to reach cook {when} for {first_name}?"
    ]
    assert sam.says("spring") == ["I noted: cook {when} for {first_name}, spring."]


def test_a_very_long_answer_is_cut_when_it_is_said_back(sam: Chat) -> None:
    sam.says("goal")
    assert sam.says("w" * 4000) == [f"When would you like that, to reach {'w' * 200}?"]


def test_what_is_said_depends_on_the_region(sam: Chat) -> None:
    assert sam.says("where am i") == ["You are in England."]
    assert sam.says("where am i", ctx=context(region="nz")) == ["You are in New Zealand."]


def test_a_sentence_with_a_hole_is_not_sent(sam: Chat) -> None:
    with pytest.raises(TurnFailed, match="response_failed"):
        sam.says("jobs")
    with pytest.raises(TurnFailed, match="response_failed"):
        sam.says("hello", ctx=context(first_name=""))
    assert sam.says("where am i") == ["You are in England."]
