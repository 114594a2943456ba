"""Notes for the team: beside the chat, and never in it."""

from __future__ import annotations

import uuid

from sqlalchemy import text

from bot.console.conversation_forms import NoteForm, ReplyForm
from tests.console.conftest import Browser, Door
from tests.people import Colleague, Person

NOTE = "Sam's mother called. Do not mention it."


def chat(sam: Person, more: str = "") -> str:
    return f"/conversations/{sam.conversation_id}{more}"


def notes(browser: Browser, sam: Person, words: str, key: str | None = None) -> str:
    form = {"team_note": words, "note_key": key or f"note-{uuid.uuid4().hex}"}
    return browser.post(chat(sam, "/notes"), form, follow=True).text


def rows(console: Door, table: str) -> int:
    with console.caseload.engine.connect() as connection:
        return int(connection.execute(text(f"SELECT count(*) FROM {table}")).scalar_one())


def test_a_note_stands_in_the_timeline_and_in_no_queue(
    console: Door, amina: Colleague, grace: Colleague, sam: Person
) -> None:
    sam.says("Before")
    messages = rows(console, "messages")
    browser = console.as_(amina)
    assert "Note for your team: Sam never sees this" in browser.text(chat(sam))
    assert "The note is kept for your team." in notes(browser, sam, NOTE)
    console.clock.advance(minutes=1)
    sam.says("After")
    page = console.as_(grace).text(chat(sam))
    assert page.index("Before") < page.index("Do not mention it") < page.index("After")
    assert "Amina Khan" in page
    assert "Not sent to Sam" in page
    assert (rows(console, "outbox"), rows(console, "messages")) == (0, messages + 1)


def test_the_form_of_a_note_sent_to_the_reply_sends_nothing(
    console: Door, amina: Colleague, sam: Person
) -> None:
    browser = console.as_(amina)
    key = f"note-{uuid.uuid4().hex}"
    for form in (
        {"team_note": NOTE, "note_key": key},
        # Even with the name of the other form's field: the key is a note's.
        {"text": NOTE, "form_key": key},
        {"text": NOTE, "note_key": key},
    ):
        assert browser.post(chat(sam, "/reply"), form).status_code == 422
        assert browser.post(chat(sam, "/later"), form).status_code == 422
    assert rows(console, "outbox") == 0
    assert rows(console, "later_replies") == 0


def test_a_reply_sent_to_the_notes_is_no_note(console: Door, amina: Colleague, sam: Person) -> None:
    answer = console.as_(amina).post(chat(sam, "/notes"), {"text": "Hello", "form_key": uuid.uuid4().hex})
    assert answer.status_code == 422
    assert rows(console, "internal_notes") == 0


def test_no_field_of_one_form_has_the_name_of_one_of_the_other(
    console: Door, amina: Colleague, sam: Person
) -> None:
    with console.app.test_request_context():
        shared = set(NoteForm()._fields) & set(ReplyForm()._fields)
    assert shared == {"csrf_token", "submit"}


def test_the_same_note_sent_twice_is_kept_once(console: Door, amina: Colleague, sam: Person) -> None:
    browser = console.as_(amina)
    key = f"note-{uuid.uuid4().hex}"
    notes(browser, sam, NOTE, key)
    assert "The note is kept" in notes(browser, sam, NOTE, key)
    assert rows(console, "internal_notes") == 1


def test_an_empty_note_is_asked_for_again_and_a_long_one_is_not_lost(
    console: Door, amina: Colleague, sam: Person
) -> None:
    browser = console.as_(amina)
    assert "Write a note first." in notes(browser, sam, "  ")
    page = notes(browser, sam, "a" * 2001)
    assert "Use 2000 characters at most." in page
    assert "a" * 2001 in page


def test_a_note_may_be_kept_when_the_chat_is_no_longer_linked(
    console: Door, amina: Colleague, sam: Person
) -> None:
    with console.caseload.transaction() as case:
        case.conversations.unlink(case.conversations.lock(sam.conversation_id))
    assert "The note is kept" in notes(console.as_(amina), sam, NOTE)


def test_piotr_can_neither_read_nor_write_notes_about_sam(
    console: Door, amina: Colleague, piotr: Colleague, sam: Person
) -> None:
    notes(console.as_(amina), sam, NOTE)
    browser = console.as_(piotr)
    assert browser.get(chat(sam)).status_code == 404
    assert NOTE not in notes(browser, sam, "Mine")
    assert rows(console, "internal_notes") == 1


def test_an_open_page_gets_a_colleagues_note(
    console: Door, amina: Colleague, grace: Colleague, sam: Person
) -> None:
    watching = console.as_(grace)
    before = watching.get(chat(sam, "/updates")).json
    notes(console.as_(amina), sam, NOTE)
    assert before
    after = watching.get(chat(sam, f"/updates?after={before['last']}&after_note={before['last_note']}")).json
    assert after
    assert "Do not mention it" in after["messages"]
    assert after["last_note"] > before["last_note"]
    again = watching.get(chat(sam, f"/updates?after={after['last']}&after_note={after['last_note']}")).json
    assert again
    assert again["messages"].strip() == ""


def test_sams_phone_never_shows_a_note(demo: Door, amina: Colleague, sam: Person) -> None:
    notes(demo.as_(amina), sam, NOTE)
    assert "mention" not in demo.someone().text("/phone/sam")
