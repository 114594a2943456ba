"""Send later: the page says when it leaves, and takes it back."""

from __future__ import annotations

import re
import uuid

from sqlalchemy import text

from tests.console.conftest import Browser, Door
from tests.people import Colleague, Person


def chat(sam: Person, more: str = "") -> str:
    return f"/conversations/{sam.conversation_id}{more}"


def writes(browser: Browser, sam: Person, words: str = "Good luck", **more: str) -> str:
    form = {"text": words, "form_key": uuid.uuid4().hex, "day": "2026-11-26", "time": "09:30", **more}
    return browser.post(chat(sam, "/later"), form, follow=True).text


def outbox(console: Door) -> int:
    with console.caseload.engine.connect() as connection:
        return int(connection.execute(text("SELECT count(*) FROM outbox")).scalar_one())


def link_to_change(page: str) -> str:
    found = re.search(r'href="(/later/[0-9a-f]{32})"', page)
    assert found, page
    return found[1]


def test_amina_writes_for_tomorrow_changes_it_and_takes_it_back(
    console: Door, amina: Colleague, sam: Person
) -> None:
    browser = console.as_(amina)
    page = writes(browser, sam)
    assert "Your message leaves on Thursday 26 November at 9:30am." in page
    assert "Messages for later" in page
    assert "(Europe/London)" in page
    path = link_to_change(page)
    form = browser.text(path)
    assert "Good luck</textarea>" in form
    assert 'value="2026-11-26"' in form
    assert 'value="09:30"' in form
    changed = {"text": "Good luck, Sam", "day": "2026-11-27", "time": "10:00", "version": "1"}
    page = browser.post(path, changed, follow=True).text
    assert "Your message leaves on Friday 27 November at 10am." in page
    stale = browser.post(path, changed, follow=True).text
    assert "It was sent, cancelled or changed meanwhile." in stale
    page = browser.post(f"{path}/cancel", follow=True).text
    assert "It is cancelled and will not be sent." in page
    assert "Messages for later</h2>" not in page
    again = browser.post(f"{path}/cancel", follow=True).text
    assert "It was sent or cancelled already." in again
    assert browser.get(path).status_code == 302
    assert outbox(console) == 0


def test_send_with_a_time_in_the_form_sends_nothing(console: Door, amina: Colleague, sam: Person) -> None:
    form = {"text": "Hi", "form_key": uuid.uuid4().hex, "day": "2026-11-26", "time": ""}
    answer = console.as_(amina).post(chat(sam, "/reply"), form)
    assert answer.status_code == 422
    assert "Press Send later, or empty both to send it now." in answer.text
    assert "Hi</textarea>" in answer.text
    assert outbox(console) == 0


def test_a_time_that_is_of_no_use_is_asked_for_again(console: Door, amina: Colleague, sam: Person) -> None:
    browser = console.as_(amina)
    for more, problem in (
        ({"day": ""}, "Choose a day and a time."),
        ({"day": "2026-11-24"}, "This time has passed. Choose one ahead."),
        ({"day": "2029-11-24"}, "This is years ahead. Check the year."),
        ({"day": "2027-03-28", "time": "01:30"}, "The clocks go forward over this time."),
        ({"day": "soon"}, "Choose a day and a time."),
    ):
        page = writes(browser, sam, "My own words", **more)
        assert problem in page
        assert "My own words</textarea>" in page
    assert "Write a message first." in writes(browser, sam, "")


def test_quiet_hours_move_it_and_the_page_says_so(console: Door, amina: Colleague, sam: Person) -> None:
    with console.caseload.transaction() as case:
        case.preferences.set_quiet_hours(case.clients.find(sam.id), "20:00", "10:00")
    page = writes(console.as_(amina), sam)
    assert "leaves on Thursday 26 November at 10am. That is after the quiet hours of Sam." in page
    assert "Moved to after quiet hours" in page


def test_somebody_who_asked_for_silence_needs_a_tick(console: Door, amina: Colleague, sam: Person) -> None:
    with console.caseload.transaction() as case:
        case.preferences.stop(case.clients.find(sam.id))
    browser = console.as_(amina)
    assert "Sam has asked for no messages at that time." in writes(browser, sam)
    assert "Your message leaves on" in writes(browser, sam, although_stopped="y")


def test_blanks_are_named(console: Door, amina: Colleague, sam: Person) -> None:
    page = writes(console.as_(amina), sam, "See you on {day} at ___")
    assert "Fill in {day} and ___ first. Nothing was sent." in page


def test_grace_sees_it_and_may_cancel_it_but_not_change_it(
    console: Door, amina: Colleague, grace: Colleague, sam: Person
) -> None:
    path = link_to_change(writes(console.as_(amina), sam))
    manager = console.as_(grace)
    page = manager.text(chat(sam))
    assert "Good luck" in page
    assert f'href="{path}"' not in page
    assert manager.get(path).status_code == 404
    assert "It is cancelled" in manager.post(f"{path}/cancel", follow=True).text


def test_a_held_one_says_why_on_the_page(console: Door, amina: Colleague, sam: Person) -> None:
    browser = console.as_(amina)
    path = link_to_change(writes(browser, sam))
    with console.caseload.transaction() as case:
        later = case.later_replies.find(path.rsplit("/", 1)[-1])
        assert later is not None
        case.later_replies.hold(later, "danger")
    assert "Held: there was a sign of danger since it was written." in browser.text(chat(sam))
    assert "Held: there was a sign of danger" in browser.text(path)


def test_an_unlinked_chat_says_that_it_will_not_be_sent(console: Door, amina: Colleague, sam: Person) -> None:
    browser = console.as_(amina)
    writes(browser, sam)
    with console.caseload.transaction() as case:
        case.conversations.unlink(case.conversations.lock(sam.conversation_id))
    assert "It will not be sent: this chat is not linked any more." in browser.text(chat(sam))
    assert "This chat is not linked any more. Nothing can be sent." in writes(browser, sam)


def test_an_open_page_learns_of_a_change(console: Door, amina: Colleague, sam: Person) -> None:
    browser = console.as_(amina)
    before = browser.get(chat(sam, "/updates")).json
    writes(browser, sam)
    after = browser.get(chat(sam, "/updates")).json
    assert before and after
    assert before["later_state"] != after["later_state"]
    assert "Good luck" in after["later"]
