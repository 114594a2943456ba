"""Appointments: what Sam means, from what was said before."""

from __future__ import annotations

from bot.caseload.store import Caseload
from tests.actions.conftest import Chat
from tests.actions.test_appointments import THURSDAY_1PM, TUESDAY_10, asks, cancels, meets, responses


def said_by_bot(chat: Chat, response: str) -> None:
    chat.events.append({"event": "bot", "data": {}, "metadata": {"utter_action": response}})


def taken_as(chat: Chat) -> str:
    return str(chat.events[-1]["parse_data"]["intent"]["name"])


def test_how_late_reaches_amina_as_well(sam: Chat, caseload: Caseload) -> None:
    sam.says("gonna be late", "run_late")
    sam.runs("action_pass_on_late")
    sam.says("about 20 mins", "inform_time")
    assert responses(sam.runs("action_hear_time")) == ["utter_late_passed_on"]
    with caseload.reading() as case:
        amina = case.staff.find_by_email("amina@northside.example")
        assert amina is not None
        (handoff,) = case.handoffs.waiting_for(amina)
        assert "about 20 mins" in (handoff.question or "")


def test_a_day_that_does_not_exist_is_said_so(sam: Chat) -> None:
    sam.says("31 feb", "inform_time", [("time", None)])
    assert responses(sam.runs("action_hear_time")) == ["utter_no_such_day"]


def test_a_day_with_nothing_asked_leads_to_what_it_is_for(sam: Chat) -> None:
    sam.says("thursday", "inform_time", [("time", "2026-11-26")])
    assert responses(sam.runs("action_hear_time")) == ["utter_time_for_what"]


def test_when_after_a_call_was_asked_for_is_when_a_person_reads_it(sam: Chat) -> None:
    sam.says("can amina ring me", "request_call")
    sam.says("when", "inform_time")
    assert responses(sam.runs("action_hear_time")) == ["utter_read_by"]


def test_a_plain_when_is_when_the_next_appointment_is(sam: Chat) -> None:
    sam.says("when", "inform_time")
    sam.runs("action_hear_time")
    assert taken_as(sam) == "ask_next_appointment"


def test_keeping_it_before_saying_which_leaves_the_question(sam: Chat, caseload: Caseload) -> None:
    meets(caseload, sam, TUESDAY_10)
    meets(caseload, sam, THURSDAY_1PM)
    cancels(sam)
    sam.says("keep it", "keep_appointment")
    said = sam.form_hears("cancel_appointment_form", "appointment_id")
    assert responses(said) == ["utter_appointment_kept_plain"]
    assert sam.form is None


def test_another_time_while_asked_which_to_cancel_is_moving_it(sam: Chat, caseload: Caseload) -> None:
    meets(caseload, sam, TUESDAY_10)
    meets(caseload, sam, THURSDAY_1PM)
    cancels(sam)
    sam.says("can i come at 11 instead", "move_appointment", [("time", "2026-11-25T11:00:00+00:00")])
    assert sam.form_hears("cancel_appointment_form", "appointment_id") == []
    assert sam.slots["form_misses"] == 0


def test_only_afternoons_offers_afternoons(sam: Chat) -> None:
    sam.says("can i see her, afternoons only", "request_appointment", [("recurring", "T12:00/T18:00")])
    sam.runs("action_prepare_request")
    (asked,) = sam.runs("action_ask_appointment_time")
    assert asked.labels[0] == "Thu 26 Nov, 1pm"


def test_a_no_that_leaves_the_question_is_heard_by_the_form(sam: Chat, caseload: Caseload) -> None:
    # Without a slot of the form among the events, Rasa takes the answer for another matter as well.
    meets(caseload, sam, TUESDAY_10)
    meets(caseload, sam, THURSDAY_1PM)
    cancels(sam)
    del sam.slots["form_misses"]
    sam.says("nah", "deny")
    sam.form_hears("cancel_appointment_form", "appointment_id")
    assert sam.slots["form_misses"] == 0


def test_where_to_is_kept_while_asked_which_one_moves(sam: Chat, caseload: Caseload) -> None:
    meets(caseload, sam, TUESDAY_10)
    meets(caseload, sam, THURSDAY_1PM)
    asks(sam, "move my appointment", "move_appointment")
    sam.says("friday", "inform_time", [("time", "2026-11-27")])
    sam.form_hears("appointment_form", "appointment_id")
    assert sam.slots["wanted_time"] == ["2026-11-27T00:00:00+00:00/2026-11-28T00:00:00+00:00"]


def test_afternoons_only_heard_as_quiet_hours_still_offers_afternoons(sam: Chat) -> None:
    sam.says("can i see her, afternoons only", "request_appointment", [("quiet_time", "T18:00/T12:00")])
    sam.runs("action_prepare_request")
    (asked,) = sam.runs("action_ask_appointment_time")
    assert asked.labels[0] == "Thu 26 Nov, 1pm"
