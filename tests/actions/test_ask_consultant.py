"""Sam asks his consultant: his own words, shown before they are sent, and an honest time."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from bot.caseload.models.conversation import Handoff
from bot.clock import FixedClock

if TYPE_CHECKING:
    from tests.actions.conftest import Chat

DOG = "ask amina if i can bring my dog on thurs"


def waiting(sam: Chat) -> list[Handoff]:
    with sam.services.caseload.transaction() as case:
        return case.handoffs.open_for(case.clients.for_conversation(sam.conversation))


def test_sams_words_are_shown_before_they_are_sent(sam: Chat) -> None:
    sam.says(DOG, "ask_consultant")
    sam.runs("action_begin_question")
    (asked,) = sam.runs("action_ask_question_choice")

    assert asked.response == "utter_ask_question_choice"
    assert asked.args["words"] == DOG
    assert waiting(sam) == []


def test_long_words_are_cut_on_the_screen_and_sent_whole(sam: Chat) -> None:
    long = "ask amina " + "about the bus to work and then the other bus " * 12
    sam.says(long, "ask_consultant")
    sam.runs("action_begin_question")
    (asked,) = sam.runs("action_ask_question_choice")
    sam.slots["question_choice"] = "send"
    sam.runs("action_send_question")

    assert len(asked.args["words"]) <= 200
    assert waiting(sam)[0].question == long.strip()


def test_a_question_that_sam_confirms_reaches_amina_in_his_words(sam: Chat) -> None:
    sam.says(DOG, "ask_consultant")
    sam.runs("action_begin_question")
    sam.says("yeah send it", "send_question")
    sam.form_hears("question_form", "question_choice")
    said = sam.runs("action_send_question")

    (handoff,) = waiting(sam)
    assert (handoff.question, handoff.reason, handoff.urgency) == (DOG, "question", "routine")
    assert [each.response for each in said] == ["utter_question_sent", "utter_read_by"]
    assert said[1].args == {"reader": "Amina", "until": "5pm"}
    assert sam.slots["question"] is None


def test_on_a_friday_night_sam_hears_that_nobody_reads_before_monday(sam: Chat, clock: FixedClock) -> None:
    clock.set(datetime(2026, 11, 27, 21, 0, tzinfo=UTC))
    sam.says("can someone call me", "request_call")
    said = sam.runs("action_ask_for_person")

    assert [each.response for each in said] == ["utter_call_asked", "utter_read_from"]
    assert said[1].args == {"day": "Monday 30 November", "time": "9am"}


def test_asking_three_times_makes_one_handoff_with_a_count(sam: Chat) -> None:
    said = []
    for _ in range(3):
        sam.says("i want a person", "request_person")
        said = sam.runs("action_ask_for_person")

    (handoff,) = waiting(sam)
    assert handoff.asked_count == 3
    assert said[0].response == "utter_person_asked_already"


def test_a_second_question_is_added_to_the_one_that_waits(sam: Chat) -> None:
    for words in (DOG, "ask her what to wear"):
        sam.says(words, "ask_consultant")
        sam.slots |= {"question": words, "question_choice": "send"}
        said = sam.runs("action_send_question")

    (handoff,) = waiting(sam)
    assert handoff.question == f"{DOG}\nask her what to wear"
    assert said[0].response == "utter_question_added"


def test_the_same_question_again_is_said_to_be_there_already(sam: Chat) -> None:
    for _ in range(2):
        sam.says(DOG, "ask_consultant")
        sam.slots |= {"question": DOG, "question_choice": "send"}
        said = sam.runs("action_send_question")

    assert said[0].response == "utter_question_sent_already"
    assert waiting(sam)[0].asked_count == 2


def test_a_person_and_a_call_are_two_things_to_do(sam: Chat) -> None:
    sam.says("i want a person", "request_person")
    sam.runs("action_ask_for_person")
    sam.says("can amina ring me", "request_call")
    (said, _) = sam.runs("action_ask_for_person")

    assert said.response == "utter_call_asked"
    assert len(waiting(sam)) == 2


def test_sam_can_change_the_words(sam: Chat) -> None:
    sam.slots["question"] = DOG
    sam.says("change the words", "change_words")
    sam.form_hears("question_form", "question_choice")

    assert sam.slots["question"] is None
    assert waiting(sam) == []


def test_no_sends_nothing_and_asks_for_no_other_words(sam: Chat) -> None:
    sam.slots["question"] = DOG
    sam.says("no", "deny")
    (said,) = sam.form_hears("question_form", "question_choice")

    assert said.response == "utter_question_not_sent"
    assert (sam.form, sam.slots["question"]) == (None, None)
    assert waiting(sam) == []


def test_whats_the_address_is_a_question_when_no_job_is_on_the_table(sam: Chat) -> None:
    sam.says("whats the address", "ask_job_details")
    sam.form_hears("question_form", "question")

    assert sam.slots["question"] == "whats the address"


def test_whats_the_address_is_about_the_job_that_is_on_the_table(sam: Chat) -> None:
    sam.slots["lead"] = "a-job"
    sam.says("whats the address", "ask_job_details")
    sam.form_hears("question_form", "question")

    assert "question" not in sam.slots


def test_sam_can_drop_the_question_and_nothing_is_sent(sam: Chat) -> None:
    sam.slots["question"] = DOG
    sam.form = "question_form"
    sam.says("forget it", "stop")
    (said,) = sam.runs("action_drop_question")

    assert said.response == "utter_question_not_sent"
    assert (sam.form, sam.slots["question"]) == (None, None)
    assert waiting(sam) == []


def test_going_back_from_an_empty_question_leaves_it(sam: Chat) -> None:
    sam.form = "question_form"
    sam.slots["question"] = None
    sam.says("back", "go_back")
    (said,) = sam.runs("action_change_words")

    assert said.response == "utter_question_not_sent"
    assert (sam.form, sam.follow_up) == (None, "action_listen")


def test_a_question_with_no_words_yet_is_asked_for(sam: Chat) -> None:
    sam.slots["question"] = "left over from last week"
    sam.says("i have a question for amina", "start_question")
    sam.runs("action_begin_question")

    assert sam.slots["question"] is None
    assert sam.runs("action_ask_question")[0].response == "utter_ask_question"


def test_any_words_are_taken_as_the_question(sam: Chat) -> None:
    sam.says("is it ok 2 wear trainers", "nlu_fallback")
    sam.form_hears("question_form", "question")

    assert sam.slots["question"] == "is it ok 2 wear trainers"


@pytest.mark.parametrize(
    "intent", ["stop", "go_back", "skip", "request_person", "ask_next_appointment", "like_job"]
)
def test_the_question_lets_go_when_sam_means_something_else(sam: Chat, intent: str) -> None:
    sam.says("something else", intent)
    said = sam.form_hears("question_form", "question")

    assert said == []
    assert sam.slots.get("question") is None


def test_two_misses_lead_to_a_person(sam: Chat) -> None:
    sam.slots["question"] = DOG
    for _ in range(2):
        sam.says("hmm", "nlu_fallback")
        sam.form_hears("question_form", "question_choice")

    assert sam.runs("action_ask_question_choice")[0].response == "utter_way_out"


def test_more_words_while_the_question_is_open_are_added_to_it(sam: Chat) -> None:
    sam.form = "question_form"
    sam.slots["question"] = "ask amina about the uniform"
    sam.says("and tell her i need size 10", "ask_consultant")
    sam.runs("action_begin_question")

    assert sam.slots["question"] == "ask amina about the uniform\nand tell her i need size 10"


def test_a_turn_that_is_repeated_sends_the_question_once(sam: Chat) -> None:
    sam.slots |= {"question": DOG, "question_choice": "send"}
    sam.says("send it", "send_question", message_id="m-77")
    before = list(sam.events)
    first = sam.runs("action_send_question")
    sam.events = before
    sam.slots |= {"question": DOG, "question_choice": "send"}
    again = sam.runs("action_send_question")

    assert first == again
    assert waiting(sam)[0].asked_count == 1
