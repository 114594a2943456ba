"""What was said long ago: opened on the page of the chat, page by page, while a draft stays as it is."""

from __future__ import annotations

import re
from datetime import timedelta
from html import unescape

import pytest
from playwright.sync_api import Browser as Chromium
from playwright.sync_api import BrowserContext, Page, expect

from bot.caseload.models.conversation import Message
from tests.console.browsers import PATIENCE, address, chromium, open_window, sign_in, tabs, window
from tests.console.conftest import Browser, Door
from tests.people import Colleague, Person

__all__ = ["address", "chromium", "tabs", "window"]

LARGEST = 100_000


def have_said(sam: Person, many: int, words: str = "Line {}.", *, notes: int = 0) -> None:
    """Let Sam and the bot have said so much, a minute apart, with a note for the team here and there."""
    with sam.caseload.transaction() as case:
        conversation = case.conversations.lock(sam.conversation_id)
        staff, first = case.clients.find(sam.id).consultant, case.clock.now() - timedelta(minutes=many)
        assert staff is not None
        for number in range(many):
            message = case.transcript.add_from_client(
                conversation, words.format(number), kind="text", inbox_seq=number + 1, channel_message_id=None
            )
            message.created_at = first + timedelta(minutes=number)
            if number < notes:
                key = f"{sam.ref}-{number}"
                note = case.internal_notes.add(staff, conversation, f"Note {number}.", key=key)
                assert note is not None
                note.created_at = message.created_at


def pages_back(browser: Browser, sam: Person) -> list[str]:
    """Return the page of the chat and every page before it, as far back as there are any."""
    pages, path = [], f"/conversations/{sam.conversation_id}"
    while path and len(pages) < 50:
        pages.append(browser.get(path).text)
        found = re.search(r'href="([^"]+/earlier\?[^"]+)"', pages[-1])
        path = unescape(found[1]) if found else ""
    return pages


def said_in(pages: list[str], what: str = "Line") -> list[int]:
    """Return the numbers of the lines on these pages, in the order of reading them from the last one on."""
    return [int(number) for page in reversed(pages) for number in re.findall(rf"{what} (\d+)\.", page)]


def test_a_short_chat_has_nothing_earlier(console: Door, amina: Colleague, sam: Person) -> None:
    have_said(sam, 20, notes=3)
    pages = pages_back(console.as_(amina), sam)
    assert len(pages) == 1
    assert "Earlier messages" not in pages[0]


def test_every_line_and_note_of_a_long_chat_is_found_once_in_its_order(
    console: Door, amina: Colleague, sam: Person
) -> None:
    have_said(sam, 260, notes=120)
    pages = pages_back(console.as_(amina), sam)
    assert len(pages) == 4
    assert said_in(pages) == list(range(260))
    assert said_in(pages, "Note") == list(range(120))


def test_a_chat_with_more_notes_than_a_page_holds_loses_none(
    console: Door, amina: Colleague, sam: Person
) -> None:
    have_said(sam, 2)
    with sam.caseload.transaction() as case:
        conversation, staff = case.conversations.lock(sam.conversation_id), case.staff.get(amina.id)
        for number in range(130):
            case.internal_notes.add(staff, conversation, f"Note {number}.", key=f"{sam.ref}-{number}")
    browser = console.as_(amina)
    pages = pages_back(browser, sam)
    assert said_in(pages, "Note") == list(range(130))
    assert said_in(pages) == [0, 1]
    # What the open page asks for is what came after, though the newest message is not on it.
    assert f'data-last="{newest_id(sam)}"' in pages[0]


def newest_id(sam: Person) -> int:
    with sam.caseload.reading() as case:
        chat = case.conversations.find(sam.conversation_id)
        assert chat is not None
        messages: list[Message] = case.transcript.newest(chat, 1)
        return messages[0].id


@pytest.mark.parametrize("who", ["amina", "grace"])
@pytest.mark.parametrize(
    ("many", "words"), [(150, "ok {0}."), (30, '"<{0}>" ' * 400), (30, "\N{SLIGHTLY SMILING FACE}{0}" * 700)]
)
def test_every_page_stays_under_a_hundred_kilobytes_and_holds_something(
    console: Door, amina: Colleague, grace: Colleague, sam: Person, who: str, many: int, words: str
) -> None:
    have_said(sam, many, words)
    pages = pages_back(console.as_(amina if who == "amina" else grace), sam)
    assert max(len(page.encode()) for page in pages) < LARGEST
    counts = [page.count('class="bubble bubble-client"') for page in pages]
    assert sum(counts) == many
    assert min(counts) > 0


def test_the_words_before_many_edits_count_as_well(console: Door, amina: Colleague, sam: Person) -> None:
    with sam.caseload.transaction() as case:
        conversation = case.conversations.lock(sam.conversation_id)
        for number in range(40):
            case.transcript.add_from_client(
                conversation, "x" * 900 + str(number), kind="edited" if number else "text", inbox_seq=None,
                channel_message_id=7,
            )  # fmt: skip
    pages = pages_back(console.as_(amina), sam)
    assert max(len(page.encode()) for page in pages) < LARGEST


def test_each_view_of_earlier_messages_leaves_a_line(console: Door, amina: Colleague, sam: Person) -> None:
    have_said(sam, 150)
    pages = pages_back(console.as_(amina), sam)
    with console.caseload.reading() as case:
        lines = [line for line in case.audit.of_client(sam.id) if line.action == "conversation viewed"]
    assert len(lines) == len(pages) == 2
    assert {(line.staff_id, line.subject) for line in lines} == {(amina.id, sam.conversation_id)}


def test_a_place_that_nobody_has_is_the_end_of_the_chat_or_its_beginning(
    console: Door, amina: Colleague, sam: Person
) -> None:
    have_said(sam, 3)
    browser, path = console.as_(amina), f"/conversations/{sam.conversation_id}/earlier"
    assert browser.text(f"{path}?before=rubbish&before_note=-7").count("Line ") == 3
    assert browser.text(f"{path}?before=99999999999999999999").count("Line ") == 3
    assert "Nothing was said before that." in browser.text(f"{path}?before=1&before_note=1")


def test_earlier_messages_come_above_and_neither_the_draft_nor_the_place_moves(
    window: Page, demo: Door, amina: Colleague, sam: Person
) -> None:
    have_said(sam, 150)
    # The page scrolls to what has the focus, and a smooth scroll would still go on while we measure.
    window.emulate_media(reduced_motion="reduce")
    sign_in(window, demo, amina)
    window.goto(f"/conversations/{sam.conversation_id}")
    box, screen = window.get_by_label("Your message"), window.locator("[data-transcript]")
    box.fill("You can keep most of ")
    window.get_by_role("textbox", name="Note", exact=True).fill("Ring")
    oldest = window.locator(".bubble").first
    words = oldest.locator(".bubble-text").inner_text()
    link = window.get_by_role("link", name="Earlier messages")
    # Reached and pressed with the keyboard alone.
    link.focus()
    screen.evaluate("(screen) => { screen.scrollTop = 0; }")
    kept = window.get_by_text(words, exact=True)
    before = kept.bounding_box()
    window.keyboard.press("Enter")
    expect(window.get_by_text("Line 0.", exact=True)).to_be_attached(timeout=PATIENCE)
    after = kept.bounding_box()
    assert before is not None
    assert after is not None
    # The link above is gone with the last page: that is all that may move it.
    assert abs(after["y"] - before["y"]) < 60
    assert screen.evaluate("(screen) => screen.scrollTop") > 1000
    assert window.locator(".bubble").count() == 150
    expect(link).to_have_count(0)
    expect(window.locator("[data-earlier-said]")).to_have_text(re.compile("Those are all"))
    expect(box).to_have_value("You can keep most of ")
    expect(window.get_by_role("textbox", name="Note", exact=True)).to_have_value("Ring")
    # And it is live as before.
    sam.says("And my rent?")
    expect(window.get_by_text("And my rent?")).to_be_attached(timeout=PATIENCE)
    assert window.locator(".bubble").last.locator(".bubble-text").inner_text() == "And my rent?"


def test_without_a_script_they_open_beside_what_is_being_typed(
    chromium: Chromium, address: str, tabs: list[BrowserContext], demo: Door, amina: Colleague, sam: Person
) -> None:
    have_said(sam, 150)
    page, problems = open_window(chromium, address, tabs, scripts=False)
    sign_in(page, demo, amina)
    page.goto(f"/conversations/{sam.conversation_id}")
    page.get_by_label("Your message").fill("You can keep most of ")
    with page.context.expect_page() as opened:
        page.get_by_role("link", name="Earlier messages (new tab)").click()
    beside = opened.value
    expect(beside.get_by_role("heading", level=1)).to_have_text("What did Sam and the bot say before?")
    expect(beside.get_by_text("Line 0.", exact=True)).to_be_visible()
    expect(page.get_by_label("Your message")).to_have_value("You can keep most of ")
    assert problems == []
