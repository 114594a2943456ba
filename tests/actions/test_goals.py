"""Goals: said in Sam's own words, seen, marked."""

from __future__ import annotations

import pytest

from bot.caseload.store import Caseload
from tests.actions.conftest import Chat


def has_goals(caseload: Caseload, chat: Chat, *texts: str) -> list[str]:
    ids = []
    for text in texts:
        with caseload.transaction() as case:
            ids.append(case.goals.add(case.clients.for_conversation(chat.conversation), text).id)
        chat.services.clock.advance(minutes=1)  # type: ignore[attr-defined]
    return ids


def status_of(caseload: Caseload, chat: Chat) -> dict[str, str]:
    with caseload.reading() as case:
        client = case.clients.for_conversation(chat.conversation)
        return {goal.text: goal.status for goal in case.goals.all_for(client)}


def responses(said: list) -> list[str]:  # type: ignore[type-arg]
    return [each.response for each in said]


@pytest.mark.parametrize(
    ("words", "goal"),
    [
        ("my goal is 16 hours a week", "16 hours a week"),
        ("i want to be a chef one day", "i want to be a chef one day"),
        ("add a goal", None),
        ("i want to set a goal", None),
        ("can i tell you a goal", None),
        ("/add_goal", None),
    ],
)
def test_a_message_that_says_the_goal_is_not_asked_for_it_again(
    sam: Chat, words: str, goal: str | None
) -> None:
    sam.says(words, "add_goal")
    sam.runs("action_prepare_goal")
    assert sam.slots["goal_text"] == goal


def test_any_words_are_a_goal_even_ones_the_model_does_not_know(sam: Chat) -> None:
    sam.says("wanna do owt w dogs n that", "nlu_fallback")
    sam.form_hears("goal_form", "goal_text")
    assert sam.slots["goal_text"] == "wanna do owt w dogs n that"


def test_words_that_sound_like_a_job_search_are_still_the_goal(sam: Chat) -> None:
    sam.says("get a job in a bakery", "search_jobs")
    sam.form_hears("goal_form", "goal_text")
    assert sam.slots["goal_text"] == "get a job in a bakery"


@pytest.mark.parametrize(
    "intent", ["stop", "skip", "go_back", "open_menu", "request_person", "ask_who_reads"]
)
def test_stop_a_person_and_questions_are_never_taken_for_a_goal(sam: Chat, intent: str) -> None:
    sam.says("words", intent)
    sam.form_hears("goal_form", "goal_text")
    assert "goal_text" not in sam.slots


def test_no_is_fine(sam: Chat) -> None:
    sam.says("nah", "deny")
    assert responses(sam.form_hears("goal_form", "goal_text")) == ["utter_goal_left"]
    assert sam.form is None


def test_sam_does_not_know_and_gets_ideas(sam: Chat) -> None:
    sam.says("dunno", "not_sure")
    sam.form_hears("goal_form", "goal_text")
    assert responses(sam.runs("action_ask_goal_text")) == ["utter_ask_goal_text_ideas"]
    sam.presses("add_goal", goal_idea="Find a paid job")
    sam.form_hears("goal_form", "goal_text")
    assert sam.slots["goal_text"] == "Find a paid job"


def test_sam_says_other_words_and_then_saves(sam: Chat, caseload: Caseload) -> None:
    sam.slots |= {"goal_text": "get a job", "goal_confirmed": None}
    sam.presses("change_words")
    sam.form_hears("goal_form", "goal_confirmed")
    assert sam.slots["goal_text"] is None
    assert responses(sam.runs("action_ask_goal_text")) == ["utter_ask_goal_text_again"]
    sam.says("get a job near home", "nlu_fallback")
    sam.form_hears("goal_form", "goal_text")
    sam.presses("affirm")
    sam.form_hears("goal_form", "goal_confirmed")
    (saved,) = sam.runs("action_save_goal")
    assert (saved.response, saved.args) == ("utter_goal_saved", {"goal": "get a job near home"})
    assert status_of(caseload, sam) == {"get a job near home": "active"}


def test_back_goes_from_the_yes_to_the_words(sam: Chat) -> None:
    sam.slots |= {"goal_text": "get a job", "goal_confirmed": None}
    sam.says("back", "go_back")
    sam.form_hears("goal_form", "goal_confirmed")
    assert sam.slots["goal_text"] is None


def test_a_form_that_was_left_saves_nothing(sam: Chat, caseload: Caseload) -> None:
    sam.says("stop", "stop")
    sam.slots |= {"goal_text": "get a job", "goal_confirmed": None}
    assert sam.runs("action_save_goal") == []
    assert status_of(caseload, sam) == {}


def test_two_unclear_answers_lead_to_a_person(sam: Chat) -> None:
    sam.slots |= {"goal_text": "get a job", "goal_confirmed": None}
    for words in ("hm", "??"):
        sam.says(words, "nlu_fallback")
        sam.form_hears("goal_form", "goal_confirmed")
    assert responses(sam.runs("action_ask_goal_confirmed")) == ["utter_way_out"]


def test_after_days_of_silence_sam_is_told_where_it_was(sam: Chat, clock) -> None:  # type: ignore[no-untyped-def]
    sam.says("add a goal", "add_goal")
    clock.advance(days=3)
    sam.says("hi", "greet")
    sam.slots["requested_slot"] = "goal_text"
    assert responses(sam.runs("action_ask_goal_text")) == ["utter_still_writing_goal", "utter_ask_goal_text"]


def test_an_unclear_answer_after_days_of_silence_is_met_with_where_it_was(sam: Chat, clock) -> None:  # type: ignore[no-untyped-def]
    sam.slots |= {"goal_text": "get a job", "goal_confirmed": None}
    sam.says("add a goal", "add_goal")
    clock.advance(days=3)
    sam.says("hm", "nlu_fallback")
    sam.form_hears("goal_form", "goal_confirmed")
    asked = responses(sam.runs("action_ask_goal_confirmed"))
    assert asked == ["utter_still_writing_goal", "utter_ask_goal_confirmed"]


def test_sam_sees_his_goals_and_not_jos(sam: Chat, jo: Chat, caseload: Caseload) -> None:
    has_goals(caseload, sam, "Learn to drive", "Work with animals")
    has_goals(caseload, jo, "Jo's own")
    sam.says("my goals", "see_goals")
    (said,) = sam.runs("action_show_goals")
    assert said.args == {"goals": "1. Learn to drive\n2. Work with animals"}


def test_with_no_goal_there_is_nothing_to_mark_and_the_form_does_not_open(sam: Chat) -> None:
    sam.says("i did it", "achieve_goal")
    assert responses(sam.runs("action_prepare_goal_progress")) == ["utter_no_goals"]
    assert sam.follow_up == "action_listen"


def test_one_goal_needs_no_question_which(sam: Chat, caseload: Caseload) -> None:
    has_goals(caseload, sam, "Learn to drive")
    sam.says("i can drive now", "achieve_goal")
    sam.runs("action_prepare_goal_progress")
    (said,) = sam.runs("action_record_goal_progress")
    assert (said.response, said.args) == ("utter_goal_achieved", {"goal": "Learn to drive"})
    assert status_of(caseload, sam) == {"Learn to drive": "achieved"}


def test_of_several_the_words_say_which(sam: Chat, caseload: Caseload) -> None:
    _, animals = has_goals(caseload, sam, "Learn to drive", "Work with animals")
    sam.says("a bit closer with the animals thing", "near_goal")
    sam.runs("action_prepare_goal_progress")
    assert sam.slots["goal_id"] == animals


@pytest.mark.parametrize(
    ("words", "which"), [("the 2nd one", 1), ("last", 1), ("1", 0), ("the animals one", 1), ("number one", 0)]
)
def test_of_several_a_number_says_which(sam: Chat, caseload: Caseload, words: str, which: int) -> None:
    ids = has_goals(caseload, sam, "Learn to drive", "Work with animals")
    sam.says("i did it", "achieve_goal")
    sam.runs("action_prepare_goal_progress")
    (asked,) = sam.runs("action_ask_goal_id")
    assert asked.labels == ("Learn to drive", "Work with animals")
    sam.says(words, "choose_option")
    sam.form_hears("goal_progress_form", "goal_id")
    assert sam.slots["goal_id"] == ids[which]


def test_jos_goal_cannot_be_marked_by_sam(sam: Chat, jo: Chat, caseload: Caseload) -> None:
    has_goals(caseload, sam, "Learn to drive", "Work with animals")
    (jos,) = has_goals(caseload, jo, "Jo's own")
    sam.presses("choose_goal", goal_id=jos)
    sam.form_hears("goal_progress_form", "goal_id")
    assert "goal_id" not in sam.slots


def test_a_changed_goal_gets_its_new_words_first(sam: Chat, caseload: Caseload) -> None:
    has_goals(caseload, sam, "Learn to drive")
    sam.says("i want to change my goal", "change_goal")
    sam.runs("action_prepare_goal_progress")
    assert sam.runs("action_record_goal_progress") == []
    assert sam.follow_up == "goal_form"
    assert status_of(caseload, sam) == {"Learn to drive": "active"}
    sam.says("Learn to drive a van", "nlu_fallback")
    sam.form_hears("goal_form", "goal_text")
    sam.says("yes", "affirm")
    sam.form_hears("goal_form", "goal_confirmed")
    assert responses(sam.runs("action_save_goal")) == ["utter_goal_changed"]
    assert status_of(caseload, sam) == {"Learn to drive a van": "active"}


def test_news_about_a_job_does_not_mark_a_goal_that_it_does_not_name(sam: Chat, caseload: Caseload) -> None:
    has_goals(caseload, sam, "Talk to my boss about breaks")
    sam.says("all sorted today", "achieve_goal")
    sam.runs("action_prepare_goal_progress")
    assert sam.slots["goal_progress"] is None
    assert sam.runs("action_record_goal_progress") == []
    (asked,) = sam.runs("action_ask_goal_progress")
    assert asked.args == {"goal": "Talk to my boss about breaks"}


@pytest.mark.parametrize("words", ["done my goal", "talked to the boss, done it"])
def test_words_that_name_the_goal_mark_it_at_once(sam: Chat, caseload: Caseload, words: str) -> None:
    has_goals(caseload, sam, "Talk to my boss about breaks")
    sam.says(words, "achieve_goal")
    sam.runs("action_prepare_goal_progress")
    assert sam.slots["goal_progress"] == "achieved"


def test_right_after_his_goals_were_shown_i_did_it_means_the_goal(sam: Chat, caseload: Caseload) -> None:
    has_goals(caseload, sam, "Learn to drive")
    sam.events.append({"event": "bot", "data": {}, "metadata": {"utter_action": "utter_goals"}})
    sam.says("i did it", "achieve_goal")
    sam.runs("action_prepare_goal_progress")
    assert sam.slots["goal_progress"] == "achieved"


def test_other_words_at_the_yes_take_the_place_of_the_goal(sam: Chat) -> None:
    sam.slots |= {"goal_text": "what time is it", "goal_confirmed": None}
    sam.says("get fit", "nlu_fallback")
    sam.form_hears("goal_form", "goal_confirmed")
    assert (sam.slots["goal_text"], sam.slots["goal_confirmed"]) == ("get fit", None)


@pytest.mark.parametrize("intent", ["out_of_scope", "ask_next_appointment", "feel_low", "insult_bot"])
def test_a_question_in_between_is_not_written_down_as_a_goal(sam: Chat, intent: str) -> None:
    sam.says("whats the time", intent)
    sam.form_hears("goal_form", "goal_text")
    assert "goal_text" not in sam.slots


def test_a_no_that_leaves_the_goal_is_heard_by_the_form(sam: Chat) -> None:
    # Without a slot among the events, Rasa takes the answer for another matter as well.
    sam.says("nah", "deny")
    sam.form_hears("goal_form", "goal_text")
    assert sam.slots["form_misses"] == 0
