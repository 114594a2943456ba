"""Appointments that ask for a yes or a no."""

from __future__ import annotations

import pytest

from tests.console.conftest import Door
from tests.people import Colleague, Person


@pytest.fixture
def request_id(sam: Person) -> str:
    """Sam asks for the first free time of Amina's."""
    with sam.caseload.transaction() as case:
        client = case.clients.find(sam.id)
        free = case.appointments.free_times(client, limit=1)
        return case.appointments.request(client, free[0].starts_at).id


def status_of(console: Door, sam: Person, appointment_id: str) -> str:
    with console.caseload.reading() as case:
        return case.appointments.get_for_client(case.clients.find(sam.id), appointment_id).status


def test_amina_confirms_in_one_click(console: Door, amina: Colleague, sam: Person, request_id: str) -> None:
    browser = console.as_(amina)
    assert "Thursday 26 November at 1pm" in browser.text("/")
    page = browser.post(f"/appointments/{request_id}/confirm", follow=True)
    assert "Confirmed for Sam: Thursday 26 November at 1pm." in page.text
    assert "Nobody is waiting for you" in page.text
    assert status_of(console, sam, request_id) == "confirmed"


def last_words(console: Door, sam: Person) -> str:
    """What the bot last queued for Sam's phone."""
    with console.caseload.reading() as case:
        conversation = case.conversations.primary_for(case.clients.find(sam.id))
        assert conversation is not None
        return case.transcript.newest(conversation)[-1].text


def test_sam_is_told_the_answer_that_the_bot_promised(
    console: Door, amina: Colleague, sam: Person, request_id: str
) -> None:
    console.as_(amina).post(f"/appointments/{request_id}/confirm")
    words = last_words(console, sam)
    assert "Your meeting with Amina is on Thursday 26 November at 1pm" in words
    # A locked phone shows the first words to whoever holds it.
    assert not any(word in words[:60] for word in ("meeting", "work", "job", "Thursday"))


def test_sam_is_told_a_no_and_offered_another_time(
    console: Door, amina: Colleague, sam: Person, request_id: str
) -> None:
    console.as_(amina).post(f"/appointments/{request_id}/decline")
    assert "Amina cannot meet you on Thursday 26 November at 1pm" in last_words(console, sam)


def test_a_wish_to_move_that_is_declined_leaves_the_old_time_and_says_so(
    console: Door, amina: Colleague, sam: Person, request_id: str
) -> None:
    browser = console.as_(amina)
    browser.post(f"/appointments/{request_id}/confirm")
    with console.caseload.transaction() as case:
        client = case.clients.find(sam.id)
        later = case.appointments.free_times(client, limit=2)[1].starts_at
        case.appointments.request_move(client, request_id, later)
    browser.post(f"/appointments/{request_id}/decline")
    assert status_of(console, sam, request_id) == "confirmed"
    assert "Your meeting stays on Thursday 26 November at 1pm" in last_words(console, sam)


def test_amina_declines_in_one_click(console: Door, amina: Colleague, sam: Person, request_id: str) -> None:
    page = console.as_(amina).post(f"/appointments/{request_id}/decline", follow=True)
    assert "Declined for Sam" in page.text
    assert status_of(console, sam, request_id) == "cancelled_by_service"


def test_confirming_a_wish_to_move_takes_the_new_time(
    console: Door, amina: Colleague, sam: Person, request_id: str
) -> None:
    browser = console.as_(amina)
    browser.post(f"/appointments/{request_id}/confirm")
    with console.caseload.transaction() as case:
        client = case.clients.find(sam.id)
        later = case.appointments.free_times(client, limit=2)[1].starts_at
        case.appointments.request_move(client, request_id, later)
    browser.post(f"/appointments/{request_id}/confirm")
    with console.caseload.reading() as case:
        moved = case.appointments.get_for_client(case.clients.find(sam.id), request_id)
        assert (moved.starts_at, moved.wanted_at, moved.status) == (later, None, "confirmed")


def test_declining_a_wish_to_move_keeps_the_old_time(
    console: Door, amina: Colleague, sam: Person, request_id: str
) -> None:
    browser = console.as_(amina)
    browser.post(f"/appointments/{request_id}/confirm")
    with console.caseload.transaction() as case:
        client = case.clients.find(sam.id)
        old = case.appointments.get_for_client(client, request_id).starts_at
        later = case.appointments.free_times(client, limit=2)[1].starts_at
        case.appointments.request_move(client, request_id, later)
    page = browser.post(f"/appointments/{request_id}/decline", follow=True)
    assert "The old time stays for Sam" in page.text
    with console.caseload.reading() as case:
        kept = case.appointments.get_for_client(case.clients.find(sam.id), request_id)
        assert (kept.starts_at, kept.wanted_at, kept.status) == (old, None, "confirmed")


def test_a_decision_is_made_once(console: Door, amina: Colleague, sam: Person, request_id: str) -> None:
    browser = console.as_(amina)
    browser.post(f"/appointments/{request_id}/confirm")
    page = browser.post(f"/appointments/{request_id}/decline", follow=True)
    assert "There is nothing left to decide" in page.text
    assert status_of(console, sam, request_id) == "confirmed"


def test_deciding_on_the_clients_page_leads_back_there(
    console: Door, amina: Colleague, sam: Person, request_id: str
) -> None:
    answer = console.as_(amina).post(f"/appointments/{request_id}/confirm", {"back": "client"})
    assert answer.headers["Location"] == f"/clients/{sam.id}"
