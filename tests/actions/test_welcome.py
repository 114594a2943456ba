"""Stop, back, skip: the way out of whatever is open."""

from __future__ import annotations

import pytest

from tests.actions.conftest import Chat


@pytest.mark.parametrize("intent", ["stop", "go_back", "skip"])
def test_what_is_open_is_left_and_nothing_is_saved(sam: Chat, intent: str) -> None:
    sam.form, sam.slots["requested_slot"] = "goal_form", "goal_text"
    sam.says("words", intent)
    assert [each.response for each in sam.runs("action_stop_here")] == ["utter_stopped"]
    assert (sam.form, sam.slots["requested_slot"]) == (None, None)


@pytest.mark.parametrize(
    ("intent", "response"),
    [("stop", "utter_ask_what_to_stop"), ("go_back", "utter_menu"), ("skip", "utter_menu")],
)
def test_with_nothing_open_there_is_still_an_answer(sam: Chat, intent: str, response: str) -> None:
    sam.says("words", intent)
    assert [each.response for each in sam.runs("action_stop_here")] == [response]


def test_the_menu_leaves_what_is_open(sam: Chat) -> None:
    sam.form = "appointment_form"
    sam.says("menu", "open_menu")
    assert sam.runs("action_leave_form") == []
    assert sam.form is None


def test_after_a_person_left_the_bot_shows_the_menu_by_itself(sam: Chat) -> None:
    sam.says("", "EXTERNAL_handed_back")
    assert [each.response for each in sam.runs("action_go_on")] == ["utter_menu"]


def test_after_a_person_left_an_open_question_stays_open(sam: Chat) -> None:
    sam.form = "goal_form"
    sam.says("", "EXTERNAL_handed_back")
    assert sam.runs("action_go_on") == []
    assert sam.form == "goal_form"


@pytest.mark.parametrize("intent", ["thank", "say_goodbye"])
def test_after_thanks_or_goodbye_the_open_question_is_not_pushed(sam: Chat, intent: str) -> None:
    sam.form = "goal_form"
    sam.says("ta", intent)
    sam.events.append({"event": "action_execution_rejected", "name": "goal_form"})
    assert sam.runs("action_ask_goal_text") == []


def test_an_understood_question_in_between_is_not_answered_with_i_do_not_follow(sam: Chat) -> None:
    sam.form, sam.slots["form_misses"] = "goal_form", 2
    sam.slots["goal_text"] = "get a job"
    sam.says("who reads this", "ask_who_reads")
    sam.events.append({"event": "action_execution_rejected", "name": "goal_form"})
    assert [each.response for each in sam.runs("action_ask_goal_confirmed")] == ["utter_ask_goal_confirmed"]


def test_next_after_another_job_was_offered_is_another_job(sam: Chat) -> None:
    buttons = [{"title": "Show another job", "payload": "/ask_another_job"}]
    sam.events.append({"event": "bot", "data": {"buttons": buttons}, "metadata": {}})
    sam.says("next", "skip")
    assert sam.runs("action_stop_here") == []
    assert sam.events[-1]["parse_data"]["intent"]["name"] == "ask_another_job"


def test_what_was_sent_cannot_be_taken_back_and_sam_is_told(sam: Chat) -> None:
    sam.says("send it", "send_question")
    sam.events.append({"event": "bot", "data": {}, "metadata": {"utter_action": "utter_read_from"}})
    sam.says("actually cancel that", "stop")
    assert [each.response for each in sam.runs("action_stop_here")] == ["utter_cannot_take_back"]
