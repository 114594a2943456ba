"""Demo only: the page that acts as Sam's phone."""

from __future__ import annotations

import pytest

from tests.console.conftest import Door
from tests.people import Person


def kinds_in_inbox(demo: Door) -> list[str]:
    with demo.caseload.transaction() as case:
        return [item.kind for item in case.inbox.claim("test", 10)]


def test_the_phones_are_listed(demo: Door, sam: Person) -> None:
    page = demo.someone().text("/phone")
    assert "Sam Okoro" in page
    assert "Demo only" in page


def test_what_sam_types_goes_through_the_inbox(demo: Door, sam: Person) -> None:
    browser = demo.someone()
    page = browser.post("/phone/sam/send", {"text": "When do we meet?"}, follow=True).text
    assert "When do we meet?" in page
    assert kinds_in_inbox(demo) == ["text"]


def test_an_empty_message_is_not_sent(demo: Door, sam: Person) -> None:
    demo.someone().post("/phone/sam/send", {"text": "  "})
    assert kinds_in_inbox(demo) == []


def test_a_press_goes_through_the_inbox(demo: Door, sam: Person) -> None:
    demo.someone().post("/phone/sam/press", {"token": "abc"})
    assert kinds_in_inbox(demo) == ["button"]


def test_the_phone_shows_what_arrived_and_not_what_waits(demo: Door, sam: Person) -> None:
    sam.is_told("You meet on Thursday.")
    sam.is_told("Still on its way.", delivery="queued")
    page = demo.someone().text("/phone/sam")
    assert "You meet on Thursday." in page
    assert "Still on its way." not in page


def test_a_message_that_arrives_after_a_later_one_still_shows_up(demo: Door, sam: Person) -> None:
    late = sam.is_told("I was slow.", delivery="queued")
    sam.says("Hello?")
    browser = demo.someone()
    shown = browser.get("/phone/sam/messages?after=0").json
    assert shown
    last = shown["bubbles"][-1][0]
    with demo.caseload.transaction() as case:
        item = next(i for i in case.sending.claim("test", ["demo"], 5) if i.message_id == late)
        case.sending.sent(item, 7)
    news = browser.get(f"/phone/sam/messages?after={last}").json
    assert news
    assert late in [message_id for message_id, _ in news["bubbles"]]


def test_a_long_chat_shows_its_end(demo: Door, sam: Person) -> None:
    for number in range(250):
        sam.says(f"message {number}.")
    page = demo.someone().text("/phone/sam")
    assert "message 249." in page
    assert "message 0." not in page


def test_a_phone_that_nobody_has_is_not_found(demo: Door, sam: Person) -> None:
    assert demo.someone().get("/phone/nobody").status_code == 404


@pytest.mark.parametrize("path", ["/phone", "/phone/sam", "/phone/sam/messages", "/sign-in"])
def test_the_demo_is_for_this_machine_only_even_over_https(demo: Door, sam: Person, path: str) -> None:
    assert demo.someone().get(path).status_code == 200
    answer = demo.someone("https://foothold.example").get(path)
    assert answer.status_code == 403
    assert "The demo is for this computer only" in answer.text
    from_elsewhere = demo.someone().get(path, environ_overrides={"REMOTE_ADDR": "203.0.113.7"})
    assert from_elsewhere.status_code == 403


def test_nobody_elsewhere_types_as_sam(demo: Door, sam: Person) -> None:
    browser = demo.someone("https://foothold.example")
    answer = browser.post_bare("/phone/sam/send", {"text": "I am not Sam"})
    assert answer.status_code == 403
    assert kinds_in_inbox(demo) == []


@pytest.mark.parametrize("path", ["/phone", "/phone/sam", "/phone/sam/messages"])
def test_outside_the_demo_there_is_no_phone(console: Door, sam: Person, path: str) -> None:
    assert console.someone().get(path).status_code == 404
