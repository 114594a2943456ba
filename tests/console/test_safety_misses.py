"""For leads and managers: a message in a chat that the safety check should have answered."""

from __future__ import annotations

from tests.console.conftest import Door
from tests.console.test_safety_review import EXAMPLE, fires, nearly_fires
from tests.people import Colleague, Person

BUTTON = "The safety check should have answered"


def writes(person: Person, words: str, seq: int | None = 7, kind: str = "text") -> int:
    """Let a client write, with no safety answer; return the id of the message."""
    with person.caseload.transaction() as case:
        conversation = case.conversations.lock(person.conversation_id)
        return case.transcript.add_from_client(
            conversation, words, kind=kind, inbox_seq=seq, channel_message_id=None
        ).id


def newest(person: Person) -> int:
    with person.caseload.transaction() as case:
        return case.transcript.newest(case.conversations.lock(person.conversation_id))[-1].id


def test_grace_reports_a_line_of_sams_chat_tells_amina_and_keeps_it_masked(
    console: Door, amina: Colleague, grace: Colleague, sam: Person
) -> None:
    message_id = writes(sam, "Sam here. keep my plants, all of them")
    browser = console.as_(grace)
    assert BUTTON in browser.text(f"/conversations/{sam.conversation_id}")
    answer = browser.post(f"/safety/messages/{message_id}/missed")
    assert answer.status_code == 303
    path = answer.headers["Location"]
    page = browser.text(path)
    assert "keep my plants" in page
    assert "A person found this message." in page
    assert "Should have answered" in page
    with console.caseload.reading() as case:
        assert case.handoffs.open_for(case.clients.find(sam.id)) == []
    browser.post(f"{path}/tell")
    with console.caseload.reading() as case:
        assert [one.urgency for one in case.handoffs.open_for(case.clients.find(sam.id))] == ["now"]
    assert "[name] here. keep my plants" in browser.text(f"{path}/example")
    kept = EXAMPLE | {"words": "keep my plants, all of them", "answer": "crisis"}
    assert browser.post(f"{path}/example", kept).status_code == 303
    with console.caseload.reading() as case:
        assert [(one.words, one.route) for one in case.safety_examples.all()] == [
            ("keep my plants, all of them", "crisis")
        ]


def test_amina_is_not_offered_it_and_may_not_do_it(console: Door, amina: Colleague, sam: Person) -> None:
    message_id = writes(sam, "keep my plants")
    browser = console.as_(amina)
    assert BUTTON not in browser.text(f"/conversations/{sam.conversation_id}")
    assert browser.post(f"/safety/messages/{message_id}/missed").status_code == 403


def test_reporting_a_line_twice_writes_it_down_once(console: Door, grace: Colleague, sam: Person) -> None:
    message_id = writes(sam, "keep my plants")
    browser = console.as_(grace)
    first = browser.post(f"/safety/messages/{message_id}/missed").headers["Location"]
    assert browser.post(f"/safety/messages/{message_id}/missed").headers["Location"] == first


def test_a_near_miss_that_grace_reports_in_the_chat_is_the_same_record(
    console: Door, grace: Colleague, sam: Person
) -> None:
    near_miss_id = nearly_fires(sam)
    browser = console.as_(grace)
    answer = browser.post(f"/safety/messages/{newest(sam)}/missed")
    assert answer.headers["Location"] == f"/safety/near-misses/{near_miss_id}"
    assert "came near to: danger to oneself" in browser.text(f"/safety/near-misses/{near_miss_id}")


def test_a_line_that_was_answered_as_danger_leads_to_its_own_review(
    console: Door, grace: Colleague, sam: Person
) -> None:
    message_id = writes(sam, "i cant go on", seq=1)
    event_id = fires(sam)
    answer = console.as_(grace).post(f"/safety/messages/{message_id}/missed")
    assert answer.headers["Location"] == f"/safety/fires/{event_id}"
    with console.caseload.reading() as case:
        assert case.safety_reviews.near_misses_to_review(case.staff.get(grace.id)) == []


def test_a_line_that_got_only_a_warm_line_can_be_reported(
    console: Door, grace: Colleague, sam: Person
) -> None:
    message_id = writes(sam, "so tired of it all", seq=1)
    fires(sam, "so tired of it all", "soft")
    answer = console.as_(grace).post(f"/safety/messages/{message_id}/missed")
    assert answer.headers["Location"].startswith("/safety/near-misses/")


def test_a_button_and_a_line_of_ours_cannot_be_reported(console: Door, grace: Colleague, sam: Person) -> None:
    pressed, ours = writes(sam, "Yes", kind="button"), sam.is_told("Hello Sam.")
    browser = console.as_(grace)
    assert BUTTON not in browser.text(f"/conversations/{sam.conversation_id}")
    assert browser.post(f"/safety/messages/{pressed}/missed").status_code == 404
    assert browser.post(f"/safety/messages/{ours}/missed").status_code == 404
