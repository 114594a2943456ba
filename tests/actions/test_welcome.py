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
