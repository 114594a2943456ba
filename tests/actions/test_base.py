"""Actions happen once, and say the truth when they fail."""

from __future__ import annotations

import pytest

from actions.goals import ActionSaveGoal
from bot.caseload.store import Caseload
from tests.actions.conftest import Chat


def ready_to_save(chat: Chat) -> None:
    chat.slots |= {
        "goal_text": "Work with animals",
        "goal_confirmed": True,
        "goal_id": None,
        "goal_progress": None,
    }


def goals_of(caseload: Caseload, chat: Chat) -> list[str]:
    with caseload.reading() as case:
        return [goal.text for goal in case.goals.all_for(case.clients.for_conversation(chat.conversation))]


def test_the_same_message_twice_saves_once_and_answers_the_same(sam: Chat, caseload: Caseload) -> None:
    sam.says("Save it", "affirm", message_id="7")
    before = list(sam.events)
    ready_to_save(sam)
    first = sam.runs("action_save_goal")
    sam.events = before
    ready_to_save(sam)
    sam.slots["goal_text"] = "Something else by now"
    assert sam.runs("action_save_goal") == first
    assert goals_of(caseload, sam) == ["Work with animals"]
    assert sam.slots["goal_text"] is None


def test_the_same_words_in_another_message_are_another_thing(sam: Chat, caseload: Caseload) -> None:
    for text in ("Work with animals", "Learn to drive"):
        sam.says("Save it", "affirm")
        ready_to_save(sam)
        sam.slots["goal_text"] = text
        sam.runs("action_save_goal")
    assert sorted(goals_of(caseload, sam)) == ["Learn to drive", "Work with animals"]


def test_jos_message_with_the_same_number_is_jos_own(sam: Chat, jo: Chat, caseload: Caseload) -> None:
    for chat in (sam, jo):
        chat.says("Save it", "affirm", message_id="7")
        ready_to_save(chat)
        chat.runs("action_save_goal")
    assert goals_of(caseload, jo) == ["Work with animals"]


def test_a_failing_action_says_so_and_stops_the_flow(
    sam: Chat, caseload: Caseload, capsys: pytest.CaptureFixture[str]
) -> None:
    sam.says("my secret wish", "affirm")
    sam.form = "goal_form"
    sam.slots |= {
        "goal_text": "my secret wish",
        "goal_confirmed": True,
        "goal_id": "gone",
        "goal_progress": "changed",
    }
    said = sam.runs("action_save_goal")
    assert [each.response for each in said] == ["utter_could_not_save"]
    assert (sam.form, sam.slots["requested_slot"], sam.follow_up) == (None, None, "action_listen")
    assert goals_of(caseload, sam) == []
    out, err = capsys.readouterr()
    assert "NoSuchGoal" in out + err
    assert "secret wish" not in out + err


def test_a_failure_after_a_write_undoes_the_write(sam: Chat, caseload: Caseload) -> None:
    class ActionSaveGoalThenTrip(ActionSaveGoal):
        def act(self, dispatcher, tracker, case):  # type: ignore[no-untyped-def]
            super().act(dispatcher, tracker, case)
            raise RuntimeError("tripped")

    sam.says("Save it", "affirm")
    ready_to_save(sam)
    messages, events = ActionSaveGoalThenTrip(sam.services)._run_once(sam.tracker())
    assert [message["response"] for message in messages] == ["utter_could_not_save"]
    assert events[-1] == {"event": "followup", "timestamp": None, "name": "action_listen"}
    assert goals_of(caseload, sam) == []


def test_a_chat_that_is_no_longer_linked_learns_nothing(sam: Chat, caseload: Caseload) -> None:
    with caseload.transaction() as case:
        case.conversations.unlink(case.conversations.lock(sam.conversation))
    sam.says("what are my goals", "see_goals")
    assert [each.response for each in sam.runs("action_show_goals")] == ["utter_could_not_save"]
