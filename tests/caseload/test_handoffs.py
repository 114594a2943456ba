"""Handoffs: asked twice is one, urgent goes first, and the chat knows whether somebody waits."""

from __future__ import annotations

import pytest

from bot.caseload.models.conversation import Handoff, Mode
from bot.caseload.store import Caseload
from bot.clock import FixedClock
from tests.people import Colleague, Person


def test_asking_again_is_one_handoff_with_a_count(caseload: Caseload, sam: Person) -> None:
    first = sam.asks("Can I keep my benefit?")
    assert sam.asks("Can I keep my benefit?") == first
    assert sam.asks("And my flat?", urgency="today") == first
    handoff = _handoff(caseload, first)
    assert handoff.asked_count == 3
    assert handoff.question == "Can I keep my benefit?\nAnd my flat?"
    assert handoff.urgency == "today"
    assert [event.what for event in handoff.events] == ["opened", "asked_again", "asked_again"]


def test_asking_for_something_else_is_another_handoff(caseload: Caseload, sam: Person) -> None:
    assert sam.asks("A question") != sam.asks("A person please", reason="person")
    with caseload.transaction() as case:
        client = case.clients.find(sam.id)
        about = [
            case.handoffs.open(client, "", "lead", subject=f"lead:{name}").handoff.id
            for name in ("a", "b", "a")
        ]
    assert about[0] != about[1]
    assert about[0] == about[2]


def test_asking_a_day_after_the_answer_is_a_new_handoff(
    caseload: Caseload, sam: Person, amina: Colleague, clock: FixedClock
) -> None:
    first = sam.asks("Can I keep my benefit?")
    _answers(caseload, sam, amina)
    assert _handoff(caseload, first).status == "answered"
    clock.advance(hours=24)
    assert sam.asks("Can I keep my benefit?") != first


def test_needing_a_person_again_within_a_day_opens_the_same_handoff(
    caseload: Caseload, sam: Person, amina: Colleague, clock: FixedClock
) -> None:
    first = sam.asks("Can I keep my benefit?")
    _answers(caseload, sam, amina)
    clock.advance(hours=23, minutes=59)
    assert sam.asks("And my flat?", reason="person", urgency="today") == first
    handoff = _handoff(caseload, first)
    assert [event.what for event in handoff.events] == ["opened", "answered", "reopened"]
    assert (handoff.status, handoff.reason, handoff.urgency) == ("waiting", "person", "today")
    assert (handoff.asked_count, handoff.question) == (2, "Can I keep my benefit?\nAnd my flat?")
    assert (handoff.waiting_since, handoff.ended_at) == (clock.now(), None)
    assert _mode(caseload, sam) == Mode.WAITING
    assert sam.asks("Hello?", reason="person", urgency="today") == first


def test_after_handing_back_the_same_handoff_opens_again(
    caseload: Caseload, sam: Person, amina: Colleague
) -> None:
    first = sam.asks("Can I keep my benefit?")
    with caseload.transaction() as case:
        staff, client = case.staff.get(amina.id), case.clients.find(sam.id)
        case.handoffs.mark_taken(staff, client)
        case.handoffs.mark_handed_back(staff, client, None)
    assert sam.asks("Still there?", reason="person") == first


@pytest.mark.parametrize("reason", ["complaint", "not_answered", "lead"])
def test_what_is_not_about_the_answer_is_a_handoff_of_its_own(
    caseload: Caseload, sam: Person, amina: Colleague, reason: str
) -> None:
    first = sam.asks("Can I keep my benefit?")
    _answers(caseload, sam, amina)
    assert sam.asks("Something else", reason=reason) != first


@pytest.mark.parametrize(("hours", "is_same"), [(23, True), (24, False)])
def test_what_was_marked_as_dealt_with_opens_again_within_a_day(
    caseload: Caseload, sam: Person, amina: Colleague, clock: FixedClock, hours: int, is_same: bool
) -> None:
    first = sam.asks("Can I keep my benefit?")
    with caseload.transaction() as case:
        staff = case.staff.get(amina.id)
        case.handoffs.close(staff, case.handoffs.get_for(staff, first))
    clock.advance(hours=hours)
    assert (sam.asks("And my flat?") == first) == is_same
    events = [event.what for event in _handoff(caseload, first).events]
    assert events == ["opened", "closed", *(["reopened"] if is_same else [])]


def test_what_ended_without_a_person_is_not_opened_again(caseload: Caseload, sam: Person) -> None:
    first = sam.asks("Can I keep my benefit?")
    with caseload.transaction() as case:
        case.handoffs.close_by_itself(case.clients.find(sam.id), "question", "Not needed any more.")
    assert sam.asks("And my flat?") != first


def test_another_client_opens_nothing_of_sams_again(
    caseload: Caseload, sam: Person, jo: Person, amina: Colleague
) -> None:
    first = sam.asks("Can I keep my benefit?")
    _answers(caseload, sam, amina)
    assert jo.asks("Can I keep my benefit?") != first


def test_urgent_goes_first_then_the_longest_wait(
    caseload: Caseload, sam: Person, amina: Colleague, clock: FixedClock
) -> None:
    routine = sam.asks("One", reason="question")
    clock.advance(hours=1)
    now = sam.asks("Two", reason="safety", urgency="now")
    clock.advance(hours=1)
    today = sam.asks("Three", reason="person", urgency="today")
    later = sam.asks("Four", reason="complaint", urgency="today")
    with caseload.reading() as case:
        order = [handoff.id for handoff in case.handoffs.waiting_for(case.staff.get(amina.id))]
    assert order[0] == now
    assert set(order[1:3]) == {today, later}
    assert order[3] == routine


def test_a_question_makes_the_chat_wait_and_the_answer_ends_that(
    caseload: Caseload, sam: Person, amina: Colleague
) -> None:
    sam.asks("Can I keep my benefit?")
    assert _mode(caseload, sam) == Mode.WAITING
    with caseload.transaction() as case:
        case.handoffs.mark_answered(case.staff.get(amina.id), case.clients.find(sam.id))
    assert _mode(caseload, sam) == Mode.BOT


def test_something_to_decide_makes_nobody_wait(caseload: Caseload, sam: Person) -> None:
    sam.asks("", reason="appointment")
    assert _mode(caseload, sam) == Mode.BOT


def test_a_reply_alone_does_not_end_a_crisis(caseload: Caseload, sam: Person, amina: Colleague) -> None:
    crisis = sam.asks("", reason="safety", urgency="now")
    with caseload.transaction() as case:
        case.handoffs.mark_answered(case.staff.get(amina.id), case.clients.find(sam.id))
    assert _handoff(caseload, crisis).is_open
    assert _mode(caseload, sam) == Mode.WAITING


def test_taking_and_handing_back_is_written_down(caseload: Caseload, sam: Person, amina: Colleague) -> None:
    question = sam.asks("Can I keep my benefit?")
    with caseload.transaction() as case:
        staff, client = case.staff.get(amina.id), case.clients.find(sam.id)
        case.handoffs.mark_seen(staff, case.handoffs.get_for(staff, question))
        case.handoffs.mark_taken(staff, client)
        case.handoffs.mark_handed_back(staff, client, "I will ring on Monday")
    events = _handoff(caseload, question).events
    assert [event.what for event in events] == ["opened", "seen", "taken", "handed_back"]
    assert events[-1].note == "I will ring on Monday"
    assert {event.staff_id for event in events[1:]} == {amina.id}


def test_a_handoff_about_a_lead_can_be_closed_by_it(
    caseload: Caseload, sam: Person, amina: Colleague
) -> None:
    with caseload.transaction() as case:
        staff, client = case.staff.get(amina.id), case.clients.find(sam.id)
        case.handoffs.open(client, "", "lead", subject="lead:a")
        other = case.handoffs.open(client, "", "lead", subject="lead:b").handoff
        case.handoffs.close_about(staff, client, "lead:a")
        assert [handoff.id for handoff in case.handoffs.open_for(client)] == [other.id]
        case.handoffs.close(staff, other, "done")
        case.handoffs.close(staff, other, "again")
        assert [event.what for event in other.events] == ["opened", "closed"]


def _answers(caseload: Caseload, person: Person, staff: Colleague) -> None:
    with caseload.transaction() as case:
        case.handoffs.mark_answered(case.staff.get(staff.id), case.clients.find(person.id))


def _handoff(caseload: Caseload, handoff_id: str) -> Handoff:
    with caseload.transaction() as case:
        return case.handoffs._session.get_one(Handoff, handoff_id)


def _mode(caseload: Caseload, person: Person) -> str:
    with caseload.transaction() as case:
        conversation = case.conversations.find(person.conversation_id)
        assert conversation is not None
        return conversation.mode
