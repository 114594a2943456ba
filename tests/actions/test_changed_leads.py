"""Amina corrects a job or takes it back: Sam hears the truth about it, whatever he had on the table."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bot.clock import FixedClock
from tests.actions.test_job_leads import GARDEN, lead, sees_next, share

if TYPE_CHECKING:
    from tests.actions.conftest import Chat


def corrects(sam: Chat, lead_id: str, **fields: str) -> None:
    with sam.services.caseload.transaction() as case:
        client = case.clients.for_conversation(sam.conversation)
        known = case.leads.get_for_client(client, lead_id)
        assert case.leads.correct(client, lead_id, known.version, **{"title": known.title, **fields})


def takes_back(sam: Chat, lead_id: str) -> None:
    with sam.services.caseload.transaction() as case:
        client = case.clients.for_conversation(sam.conversation)
        seen = case.leads.get_for_client(client, lead_id).version
        assert case.leads.take_back(client, lead_id, seen, "closed_by_employer")


def test_a_job_that_was_corrected_before_sam_saw_it_is_shown_as_it_is_now(sam: Chat) -> None:
    lead_id = share(sam, **GARDEN)
    corrects(sam, lead_id, pay_text="£13 an hour")
    sam.says("any jobs going", "search_jobs")
    sam.runs("action_find_job")
    (said,) = sam.runs("action_ask_lead_answer")

    assert "Pay: £13 an hour" in said.args["facts"]
    assert "has changed" not in said.args["facts"]


def test_a_job_on_the_table_that_was_corrected_is_shown_in_full_with_a_word_about_it_once(
    sam: Chat, clock: FixedClock
) -> None:
    lead_id = share(sam, **GARDEN)
    sees_next(sam)
    clock.advance(minutes=5)
    corrects(sam, lead_id, place="York")
    clock.advance(minutes=5)
    sam.says("hiya", "greet")
    (said,) = sam.runs("action_ask_lead_answer")
    assert said.response == "utter_job"
    assert said.args["facts"].splitlines()[:3] == [
        "Amina picked this one for you.",
        "Some of this has changed since you saw it.",
        "Where: York",
    ]
    assert lead(sam, lead_id).shown_at == clock.now()

    sam.says("hiya", "greet")
    (again,) = sam.runs("action_ask_lead_answer")
    assert again.response == "utter_job_again"


def test_a_job_that_was_taken_back_is_not_found_any_more(sam: Chat) -> None:
    takes_back(sam, share(sam, **GARDEN))
    sam.says("any jobs going", "search_jobs")
    assert [said.response for said in sam.runs("action_find_job")] != ["utter_job"]
    assert sam.slots.get("lead") is None


def test_a_job_that_is_taken_back_while_it_is_on_the_table_is_said_to_be_gone(sam: Chat) -> None:
    lead_id = share(sam, **GARDEN)
    sees_next(sam)
    takes_back(sam, lead_id)
    sam.says("hiya", "greet")
    (said,) = sam.runs("action_ask_lead_answer")

    assert said.response == "utter_job_taken_back"
    assert said.args["heading"] == "Garden centre assistant at Blooms"


@pytest.mark.parametrize(
    ("pressed", "action"),
    [
        ("like_job", "action_like_job"),
        ("decline_job", "action_decline_job"),
        ("ask_job_details", "action_show_job_details"),
        ("choose_option", "action_choose_job"),
    ],
)
def test_the_buttons_of_a_job_that_was_taken_back_say_so_and_change_nothing(
    sam: Chat, pressed: str, action: str
) -> None:
    lead_id = share(sam, **GARDEN)
    sees_next(sam)
    takes_back(sam, lead_id)
    sam.presses(pressed, lead=lead_id)
    (said,) = sam.runs(action)

    assert said.response == "utter_job_taken_back"
    assert lead(sam, lead_id).status == "closed_by_employer"
    with sam.services.caseload.reading() as case:
        assert case.handoffs.open_for(case.clients.for_conversation(sam.conversation)) == []


def test_the_reason_that_sam_gives_for_a_job_taken_back_meanwhile_is_kept(sam: Chat) -> None:
    lead_id = share(sam, **GARDEN)
    sees_next(sam)
    sam.presses("decline_job", lead=lead_id)
    sam.runs("action_decline_job")
    with sam.services.caseload.transaction() as case:
        client = case.clients.for_conversation(sam.conversation)
        case.leads.get_for_client(client, lead_id).status = "withdrawn"
        case.leads.answer(client, lead_id, "not_interested", reason_code="too_far", words="its miles away")
    kept = lead(sam, lead_id)
    assert (kept.status, kept.reason_code) == ("withdrawn", "too_far")


def test_which_job_is_asked_about_those_that_are_still_on_offer(sam: Chat) -> None:
    first, second = share(sam, title="Baker"), share(sam, title="Gardener")
    sees_next(sam)
    sees_next(sam, "another", "ask_another_job")
    takes_back(sam, first)
    sam.says("number 5 please", "like_job")
    (said,) = sam.runs("action_like_job")

    assert said.response == "utter_which_job"
    assert said.payloads == (f'/like_job{{"lead": "{second}"}}',)
