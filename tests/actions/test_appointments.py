"""Appointments: what is next, ask for one, move it, cancel it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from bot.caseload.store import Caseload
from bot.clock import FixedClock
from tests.actions.conftest import Chat, Said

TUESDAY_10 = datetime(2026, 11, 24, 10, tzinfo=UTC)
TUESDAY_11 = datetime(2026, 11, 24, 11, tzinfo=UTC)
THURSDAY_1PM = datetime(2026, 11, 26, 13, tzinfo=UTC)
THURSDAY_AFTERNOON = "2026-11-26T12:00:00+00:00/2026-11-26T18:00:00+00:00"


def responses(said: list[Said]) -> list[str]:
    return [each.response for each in said]


def meets(caseload: Caseload, chat: Chat, starts_at: datetime, *, confirmed: bool = True) -> str:
    """Amina and the client have an appointment."""
    with caseload.transaction() as case:
        client = case.clients.for_conversation(chat.conversation)
        appointment = case.appointments.request(client, starts_at)
        if confirmed:
            case.appointments.confirm(appointment)
        return appointment.id


def statuses(caseload: Caseload, chat: Chat) -> list[tuple[datetime, str]]:
    with caseload.reading() as case:
        client = case.clients.for_conversation(chat.conversation)
        return sorted((each.starts_at, each.status) for each in case.appointments.all_for(client))


def asks(
    chat: Chat, text: str = "can i see amina", intent: str = "request_appointment", *times: object
) -> list[Said]:
    chat.says(text, intent, [("time", time) for time in times])
    prepare = {"request_appointment": "action_prepare_request", "move_appointment": "action_prepare_move"}[
        intent
    ]
    return chat.runs(prepare) + chat.runs("action_ask_appointment_time")


def answers(chat: Chat, text: str, intent: str, *times: object) -> None:
    chat.says(text, intent, [("time", time) for time in times])
    chat.form_hears("appointment_form", "appointment_time")


# What is next


def test_nothing_is_booked_and_sam_can_ask_for_one(sam: Chat) -> None:
    sam.says("when am i seeing amina", "ask_next_appointment")
    assert responses(sam.runs("action_say_next_appointment")) == ["utter_no_appointment"]


def test_the_next_one_is_told_with_day_and_time(sam: Chat, caseload: Caseload) -> None:
    meets(caseload, sam, THURSDAY_1PM)
    sam.says("when am i seeing amina", "ask_next_appointment")
    (said,) = sam.runs("action_say_next_appointment")
    assert said.response == "utter_next_appointment"
    assert said.args == {"moment": "Thursday 26 November at 1pm", "with_whom": "Amina"}


def test_a_request_is_never_told_as_certain(sam: Chat, caseload: Caseload) -> None:
    meets(caseload, sam, THURSDAY_1PM, confirmed=False)
    sam.says("when am i seeing amina", "ask_next_appointment")
    assert responses(sam.runs("action_say_next_appointment")) == ["utter_next_appointment_requested"]


def test_a_phone_call_is_told_as_one(sam: Chat, caseload: Caseload) -> None:
    with caseload.transaction() as case:
        client = case.clients.for_conversation(sam.conversation)
        assert client.consultant is not None
        case.appointments.arrange(
            client, client.consultant, THURSDAY_1PM, minutes=30, mode="phone", place=None, purpose=None
        )
    sam.says("when am i seeing amina", "ask_next_appointment")
    (said,) = sam.runs("action_say_next_appointment")
    assert said.args["moment"] == "Thursday 26 November at 1pm, by phone"


def cannot_come(caseload: Caseload, chat: Chat, appointment_id: str) -> None:
    """The client presses "I cannot come" under the reminder."""
    with caseload.transaction() as case:
        client = case.clients.for_conversation(chat.conversation)
        case.diary.cannot_come(client, case.appointments.get_for_client(client, appointment_id))


def test_one_that_sam_cannot_come_to_is_not_told_as_a_meeting(sam: Chat, caseload: Caseload) -> None:
    cannot_come(caseload, sam, meets(caseload, sam, THURSDAY_1PM))
    sam.says("when am i seeing amina", "ask_next_appointment")
    (said,) = sam.runs("action_say_next_appointment")
    assert said.response == "utter_next_appointment_cannot_come"
    assert said.args == {"moment": "Thursday 26 November at 1pm", "with_whom": "Amina"}


def test_nobody_is_said_to_owe_an_answer_once_amina_dealt_with_it(sam: Chat, caseload: Caseload) -> None:
    meeting = meets(caseload, sam, THURSDAY_1PM)
    cannot_come(caseload, sam, meeting)
    with caseload.transaction() as case:
        client = case.clients.for_conversation(sam.conversation)
        assert client.consultant is not None
        case.handoffs.close_about(client.consultant, client, f"appointment:{meeting}")
    sam.says("when am i seeing amina", "ask_next_appointment")
    assert responses(sam.runs("action_say_next_appointment")) == ["utter_next_appointment_no_new_time"]


def test_what_comes_later_is_told_with_what_is_not_certain(sam: Chat, caseload: Caseload) -> None:
    meets(caseload, sam, TUESDAY_10)
    cannot_come(caseload, sam, meets(caseload, sam, TUESDAY_11))
    meets(caseload, sam, THURSDAY_1PM, confirmed=False)
    sam.says("when am i seeing amina", "ask_next_appointment")
    later, following = sam.runs("action_say_next_appointment")
    assert later.args["appointments"] == (
        "Tuesday 24 November at 11am (you said you cannot come) "
        "and Thursday 26 November at 1pm (not certain yet)"
    )
    assert following.response == "utter_next_appointment"


# Ask for one


def test_up_to_three_free_times_and_another_time_are_offered(sam: Chat) -> None:
    (said,) = asks(sam)
    assert said.response == "utter_ask_appointment_time"
    assert said.labels[:2] == ("Tue 24 Nov, 10am", "Thu 26 Nov, 1pm")
    assert len(said.labels) == 4
    assert said.labels[-1] == "Another time"


def test_a_named_afternoon_narrows_the_offer(sam: Chat) -> None:
    (said,) = asks(sam, "can i see amina thurs arvo", "request_appointment", THURSDAY_AFTERNOON)
    assert said.labels[:-1] == ("Thu 26 Nov, 1pm", "Thu 26 Nov, 2pm", "Thu 26 Nov, 3pm")


def test_a_day_with_nothing_free_is_said_so_and_the_nearest_are_offered(sam: Chat) -> None:
    (said,) = asks(sam, "can i come wednesday", "request_appointment", "2026-11-25")
    assert said.response == "utter_ask_appointment_time_nothing_then"
    assert said.args["wish"] == "on Wednesday 25 November"
    assert said.labels[0] == "Thu 26 Nov, 1pm"


def test_a_pressed_time_becomes_a_request_that_is_not_yet_certain(sam: Chat, caseload: Caseload) -> None:
    (offer,) = asks(sam)
    assert offer.payloads[0] == '/choose_time{"starts_at": "2026-11-24T10:00:00+00:00"}'
    sam.presses("choose_time", starts_at=TUESDAY_10.isoformat())
    sam.form_hears("appointment_form", "appointment_time")
    (said,) = sam.runs("action_request_appointment")
    assert said.response == "utter_appointment_requested"
    assert said.args == {"day": "Tuesday 24 November", "time": "10am"}
    assert statuses(caseload, sam) == [(TUESDAY_10, "requested")]


@pytest.mark.parametrize(
    ("text", "intent", "time"),
    [
        ("the 2nd one pls", "choose_option", None),
        ("thursday", "inform_time", "2026-11-26"),
        ("thurs at 1", "nlu_fallback", ["2026-11-26T01:00:00+00:00", "2026-11-26T13:00:00+00:00"]),
    ],
)
def test_a_time_can_be_typed(sam: Chat, text: str, intent: str, time: object) -> None:
    asks(sam)
    answers(sam, text, intent, *([time] if time else []))
    assert sam.slots["appointment_time"] == THURSDAY_1PM.isoformat()


def test_next_week_chooses_nothing_by_itself(sam: Chat) -> None:
    asks(sam)
    answers(sam, "next week", "inform_time", "2026-11-30/2026-12-06")
    assert sam.slots["appointment_time"] is None
    (said,) = sam.runs("action_ask_appointment_time")
    assert said.labels[0] == "Tue 1 Dec, 10am"


def test_another_time_offers_other_ones(sam: Chat) -> None:
    (first,) = asks(sam)
    answers(sam, "none of those", "ask_another_time")
    (second,) = sam.runs("action_ask_appointment_time")
    assert second.response == "utter_ask_appointment_time_more"
    assert not set(first.labels[:-1]) & set(second.labels[:-1])


def test_a_question_in_between_is_let_go(sam: Chat) -> None:
    asks(sam)
    before = dict(sam.slots)
    answers(sam, "have you got any jobs", "search_jobs")
    assert {**sam.slots, "requested_slot": None} == {**before, "requested_slot": None}


def test_a_day_in_a_question_about_something_else_chooses_nothing(sam: Chat) -> None:
    asks(sam)
    answers(sam, "im gonna be late on thursday", "run_late", "2026-11-26")
    assert sam.slots["appointment_time"] is None


def test_two_unclear_answers_lead_to_a_person(sam: Chat) -> None:
    asks(sam)
    answers(sam, "blah", "nlu_fallback")
    assert responses(sam.runs("action_ask_appointment_time")) == ["utter_ask_appointment_time_again"]
    answers(sam, "blah", "nlu_fallback")
    assert responses(sam.runs("action_ask_appointment_time")) == ["utter_way_out"]


def test_with_no_free_time_at_all_the_form_is_left_for_a_person(sam: Chat, caseload: Caseload) -> None:
    with caseload.transaction() as case:
        amina = case.staff.find_by_email("amina@northside.example")
        assert amina is not None
        case.staff.set_availability(amina, [])
    sam.form = "appointment_form"
    assert responses(asks(sam)) == ["utter_no_free_times"]
    assert sam.form is None
    assert sam.runs("action_request_appointment") == []


def test_a_time_that_jo_just_took_leads_back_to_the_choice(sam: Chat, jo: Chat, caseload: Caseload) -> None:
    asks(sam)
    sam.presses("choose_time", starts_at=TUESDAY_10.isoformat())
    sam.form_hears("appointment_form", "appointment_time")
    meets(caseload, jo, TUESDAY_10)
    assert responses(sam.runs("action_request_appointment")) == ["utter_time_gone"]
    assert (sam.follow_up, sam.slots["appointment_time"]) == ("appointment_form", None)
    assert statuses(caseload, sam) == []


def test_an_old_button_offers_its_time_again(sam: Chat) -> None:
    sam.presses("choose_time", starts_at=THURSDAY_1PM.isoformat())
    sam.runs("action_prepare_request")
    (said,) = sam.runs("action_ask_appointment_time")
    assert said.labels == ("Thu 26 Nov, 1pm", "Another time")


# Move it


def test_moving_asks_amina_and_the_old_time_holds_until_she_says_yes(sam: Chat, caseload: Caseload) -> None:
    meets(caseload, sam, TUESDAY_10)
    (said,) = asks(sam, "can we do another day", "move_appointment")
    assert said.args["old"] == "Tuesday 24 November at 10am"
    answers(sam, "thursday at 1", "inform_time", "2026-11-26T13:00:00+00:00")
    (said,) = sam.runs("action_request_appointment")
    assert said.response == "utter_move_requested"
    assert said.args["old"] == "Tuesday 24 November at 10am"
    assert statuses(caseload, sam) == [(TUESDAY_10, "change_requested")]


def test_move_tuesday_to_thursday_knows_which_is_which(sam: Chat, caseload: Caseload) -> None:
    tuesday = meets(caseload, sam, TUESDAY_10)
    meets(caseload, sam, TUESDAY_10 + timedelta(days=7))
    (said,) = asks(sam, "move tuesday to thurs arvo", "move_appointment", "2026-11-24", THURSDAY_AFTERNOON)
    assert sam.slots["appointment_id"] == tuesday
    assert said.labels[0] == "Thu 26 Nov, 1pm"


def test_with_nothing_to_move_the_form_does_not_open(sam: Chat) -> None:
    sam.says("can we move it", "move_appointment")
    assert responses(sam.runs("action_prepare_move")) == ["utter_no_appointment_to_move"]
    assert sam.follow_up == "action_listen"


# Cannot come


def cancels(chat: Chat, text: str = "cant make it", *times: object) -> list[Said]:
    chat.says(text, "cancel_appointment", [("time", time) for time in times])
    return chat.runs("action_prepare_cancel")


def test_cancelling_is_confirmed_first_and_then_done(sam: Chat, caseload: Caseload) -> None:
    meets(caseload, sam, TUESDAY_10)
    cancels(sam)
    (asked,) = sam.runs("action_ask_cancel_confirmed")
    assert asked.args == {"day": "Tuesday 24 November", "time": "10am"}
    assert statuses(caseload, sam) == [(TUESDAY_10, "confirmed")]
    sam.presses("cancel_appointment")
    sam.form_hears("cancel_appointment_form", "cancel_confirmed")
    assert responses(sam.runs("action_cancel_appointment")) == ["utter_appointment_cancelled"]
    assert statuses(caseload, sam) == [(TUESDAY_10, "cancelled_by_client")]


def test_sam_keeps_it_after_all(sam: Chat, caseload: Caseload) -> None:
    meets(caseload, sam, TUESDAY_10)
    cancels(sam)
    sam.says("actually keep it", "keep_appointment")
    sam.form_hears("cancel_appointment_form", "cancel_confirmed")
    assert responses(sam.runs("action_cancel_appointment")) == ["utter_appointment_kept"]
    assert statuses(caseload, sam) == [(TUESDAY_10, "confirmed")]


def test_a_badly_heard_answer_is_asked_again_and_not_taken_for_another_matter(
    sam: Chat, caseload: Caseload
) -> None:
    meets(caseload, sam, TUESDAY_10)
    cancels(sam)
    sam.says("the thing", "give_decline_reason", sure=0.5)
    sam.form_hears("cancel_appointment_form", "cancel_confirmed")
    assert responses(sam.runs("action_ask_cancel_confirmed")) == [
        "utter_not_clear",
        "utter_ask_cancel_confirmed",
    ]


def test_a_request_for_something_else_is_let_go(sam: Chat, caseload: Caseload) -> None:
    meets(caseload, sam, TUESDAY_10)
    cancels(sam)
    sam.says("tell me a joke", "out_of_scope")
    sam.form_hears("cancel_appointment_form", "cancel_confirmed")
    assert sam.slots["form_misses"] == 0


def test_an_unclear_answer_cancels_nothing(sam: Chat, caseload: Caseload) -> None:
    meets(caseload, sam, TUESDAY_10)
    cancels(sam)
    sam.says("hm", "nlu_fallback")
    sam.form_hears("cancel_appointment_form", "cancel_confirmed")
    assert sam.slots["cancel_confirmed"] is None
    assert sam.runs("action_cancel_appointment") == []


def test_of_two_appointments_the_named_day_says_which(sam: Chat, caseload: Caseload) -> None:
    meets(caseload, sam, TUESDAY_10)
    thursday = meets(caseload, sam, THURSDAY_1PM)
    cancels(sam, "cant come thursday", "2026-11-26")
    assert sam.slots["appointment_id"] == thursday


def test_of_two_appointments_sam_is_asked_which(sam: Chat, caseload: Caseload) -> None:
    meets(caseload, sam, TUESDAY_10)
    thursday = meets(caseload, sam, THURSDAY_1PM)
    cancels(sam)
    (asked,) = sam.runs("action_ask_appointment_id")
    assert asked.labels == ("Tue 24 Nov, 10am", "Thu 26 Nov, 1pm")
    sam.says("the 2nd one", "choose_option")
    sam.form_hears("cancel_appointment_form", "appointment_id")
    assert sam.slots["appointment_id"] == thursday


def test_jos_appointment_cannot_be_cancelled_by_sam(sam: Chat, jo: Chat, caseload: Caseload) -> None:
    jos = meets(caseload, jo, TUESDAY_11)
    sam.says("yes", "affirm")
    sam.slots |= {"appointment_id": jos, "cancel_confirmed": True}
    assert responses(sam.runs("action_cancel_appointment")) == ["utter_could_not_save"]
    assert statuses(caseload, jo) == [(TUESDAY_11, "confirmed")]


def test_running_late_reaches_amina_now(sam: Chat, caseload: Caseload) -> None:
    sam.says("bus is late be there in 20", "run_late")
    assert responses(sam.runs("action_pass_on_late")) == ["utter_late_passed_on"]
    with caseload.reading() as case:
        amina = case.staff.find_by_email("amina@northside.example")
        assert amina is not None
        (handoff,) = case.handoffs.waiting_for(amina)
        assert (handoff.urgency, handoff.question) == ("now", "bus is late be there in 20")


def test_an_appointment_left_open_for_days_is_taken_up_again(sam: Chat, clock: FixedClock) -> None:
    asks(sam)
    clock.advance(days=1)
    sam.says("hello", "greet")
    sam.slots["requested_slot"] = "appointment_time"
    assert responses(sam.runs("action_ask_appointment_time"))[0] == "utter_still_choosing_time"
