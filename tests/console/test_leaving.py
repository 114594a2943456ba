"""A consultant leaves, or a client changes hands: timers follow, and nobody is orphaned."""

from __future__ import annotations

import pytest

from bot.conversation.timers import TimerRunner
from bot.conversation.wording import Wording
from tests.console.conftest import Door
from tests.console.test_covering import inbox, meets
from tests.console.test_head import told
from tests.people import Colleague, Person, enrolled, hired


def rings(console: Door, words: Wording, **later: float) -> None:
    console.clock.advance(**later)
    TimerRunner(console.caseload, words).ring_due()


def works_on_mondays(console: Door, who: Colleague) -> None:
    with console.caseload.transaction() as case:
        case.staff.set_hours(case.staff.get(who.id), {"0": [["09:00", "17:00"]]})


def moves(console: Door, by: Colleague, sam: Person, to: Colleague, seen: Colleague) -> str:
    return console.as_(by).post(f"/clients/{sam.id}/move", {"to": to.id, "seen": seen.id}, follow=True).text


@pytest.fixture
def lena(console: Door) -> Colleague:
    """The team lead of the service."""
    return hired(console.caseload, "northside", "Lena Hart", "lead", "MFRGGZDFMZTWQ2LKMFRGGZDFMZTWQ2LK")


def test_what_sam_asked_on_wednesday_waits_for_piotrs_hours_once_sam_is_his(
    console: Door, words: Wording, grace: Colleague, amina: Colleague, piotr: Colleague, sam: Person
) -> None:
    works_on_mondays(console, amina)
    handoff_id = sam.asks("Can I keep my benefit?")
    rings(console, words)
    assert told(console, amina) == []
    moves(console, grace, sam, piotr, amina)
    with console.caseload.reading() as case:
        due = [
            one.due_at
            for one in case.timers.waiting(f"handoff_wait:{handoff_id}:")
            if one.payload["step"] == "opened"
        ]
    assert [at <= console.clock.now() for at in due] == [True]


def test_piotr_is_really_told_that_sam_is_his(
    console: Door, words: Wording, grace: Colleague, amina: Colleague, piotr: Colleague, sam: Person
) -> None:
    assert "Piotr is told." in moves(console, grace, sam, piotr, amina)
    rings(console, words)
    assert told(console, piotr) == ["opened"]


def test_what_waits_for_amina_goes_to_the_lead_when_her_account_is_disabled(
    console: Door, words: Wording, grace: Colleague, lena: Colleague, amina: Colleague, sam: Person
) -> None:
    works_on_mondays(console, amina)
    handoff_id = sam.asks("Can somebody ring me?", "person", "today")
    console.as_(grace).post(f"/staff/{amina.id}/disable")
    with console.caseload.reading() as case:
        due = [
            one.due_at
            for one in case.timers.waiting(f"handoff_wait:{handoff_id}:")
            if one.payload["step"] == "opened"
        ]
    assert [at <= console.clock.now() for at in due] == [True]


def test_the_leads_find_each_client_of_somebody_who_left_and_are_alerted_once(
    console: Door, words: Wording, grace: Colleague, lena: Colleague, amina: Colleague, sam: Person
) -> None:
    enrolled(console.caseload, "lee", "Lee Park", amina)
    meets(console, amina, sam, 27, 11)
    console.as_(grace).post(f"/staff/{amina.id}/disable")
    rings(console, words)
    page = inbox(console.as_(lena))
    assert page.count("Has no consultant") == 2
    assert "Amina Khan has left. Give Lee another consultant." in page
    assert "1 meeting ahead with Amina: rearrange or cancel. Sam is not reminded." in page
    assert told(console, lena) == ["opened"]
    rings(console, words, hours=5)
    assert told(console, lena) == ["opened"]


def test_a_client_who_gets_another_consultant_waits_for_the_leads_no_more(
    console: Door, grace: Colleague, amina: Colleague, piotr: Colleague, sam: Person
) -> None:
    console.as_(grace).post(f"/staff/{amina.id}/disable")
    moves(console, grace, sam, piotr, amina)
    with console.caseload.reading() as case:
        reasons = [one.reason for one in case.handoffs.open_for(case.clients.find(sam.id))]
    assert reasons == ["new_client"]


def test_amina_who_comes_back_has_her_clients_again(
    console: Door, grace: Colleague, amina: Colleague, sam: Person
) -> None:
    browser = console.as_(grace)
    browser.post(f"/staff/{amina.id}/disable")
    browser.post(f"/staff/{amina.id}/enable")
    with console.caseload.reading() as case:
        assert case.handoffs.open_for(case.clients.find(sam.id)) == []


def test_a_role_without_clients_leaves_them_to_the_leads_as_well(
    console: Door, grace: Colleague, amina: Colleague, sam: Person
) -> None:
    console.as_(grace).post(f"/staff/{amina.id}/role", {"role": "duty"})
    assert "Amina Khan has another role now. Give Sam another consultant." in inbox(console.as_(grace))


@pytest.mark.parametrize("left", [False, True])
def test_sam_is_not_reminded_of_a_meeting_with_somebody_who_left(
    console: Door, words: Wording, grace: Colleague, amina: Colleague, sam: Person, left: bool
) -> None:
    with console.caseload.transaction() as case:
        client = case.clients.find(sam.id)
        case.consents.record(client, "demo_chat", given=True, wording_version="demo")
    meets(console, amina, sam, 27, 11)
    if left:
        console.as_(grace).post(f"/staff/{amina.id}/disable")
    rings(console, words, hours=25)
    with console.caseload.reading() as case:
        conversation = case.conversations.find(sam.conversation_id)
        assert conversation is not None
        said = [one.text for one in case.transcript.newest(conversation)]
    assert any("11am" in text for text in said) is not left
