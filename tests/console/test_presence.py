"""Who else is looking at a conversation, and who is writing."""

from __future__ import annotations

from typing import Any

from tests.console.conftest import Browser, Door
from tests.people import Colleague, Person


def chat(sam: Person, more: str = "") -> str:
    return f"/conversations/{sam.conversation_id}{more}"


def polls(browser: Browser, sam: Person, more: str = "") -> Any:
    answer = browser.get(chat(sam, f"/updates?after=0{more}")).json
    assert answer
    return answer["others"]


def test_amina_sees_grace_looking_and_writing(
    console: Door, amina: Colleague, grace: Colleague, sam: Person
) -> None:
    manager, consultant = console.as_(grace), console.as_(amina)
    assert polls(consultant, sam) == ""
    polls(manager, sam)
    assert polls(consultant, sam) == "Grace is looking at this too."
    polls(manager, sam, "&typing=1")
    assert polls(consultant, sam) == "Grace is writing."
    assert "Grace is writing." in consultant.text(chat(sam))
    console.clock.advance(seconds=11)
    polls(manager, sam)
    assert polls(consultant, sam) == "Grace is looking at this too."


def test_a_live_page_that_is_closed_counts_for_fifteen_seconds(
    console: Door, amina: Colleague, grace: Colleague, sam: Person
) -> None:
    manager, consultant = console.as_(grace), console.as_(amina)
    polls(manager, sam)
    console.clock.advance(seconds=14)
    assert polls(consultant, sam) == "Grace is looking at this too."
    console.clock.advance(seconds=2)
    assert polls(consultant, sam) == ""


def test_a_page_without_scripts_counts_for_a_minute(
    console: Door, amina: Colleague, grace: Colleague, sam: Person
) -> None:
    console.as_(grace).get(chat(sam))
    consultant = console.as_(amina)
    console.clock.advance(seconds=50)
    assert "Grace is looking at this too." in consultant.text(chat(sam))
    console.clock.advance(seconds=20)
    assert "is looking at this too" not in consultant.text(chat(sam))


def test_asking_all_the_time_writes_seldom(console: Door, amina: Colleague, sam: Person) -> None:
    browser = console.as_(amina)
    polls(browser, sam)
    with console.caseload.reading() as case:
        staff, conversation = case.staff.get(amina.id), case.conversations.find(sam.conversation_id)
        assert conversation is not None
        assert not case.presences.is_due(staff, conversation, writing=False)
        assert case.presences.is_due(staff, conversation, writing=True)
    console.clock.advance(seconds=5)
    with console.caseload.reading() as case:
        staff, conversation = case.staff.get(amina.id), case.conversations.find(sam.conversation_id)
        assert conversation is not None
        assert case.presences.is_due(staff, conversation, writing=False)


def test_piotr_who_may_not_see_sam_is_never_there(
    console: Door, amina: Colleague, piotr: Colleague, sam: Person
) -> None:
    assert console.as_(piotr).get(chat(sam, "/updates")).status_code == 404
    assert polls(console.as_(amina), sam) == ""
