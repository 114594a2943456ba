"""The console in a real browser: live, and quiet while somebody types."""

from __future__ import annotations

from playwright.sync_api import Browser, BrowserContext, Page, expect

from bot.caseload.files import FileStore
from tests.console.browsers import PATIENCE, address, chromium, open_window, sign_in, tabs, window
from tests.console.conftest import Door
from tests.console.test_hostile_text import HOSTILE, say_it_everywhere
from tests.conversation.test_files import VOICE
from tests.people import Colleague, Person

__all__ = ["address", "chromium", "tabs", "window"]


def test_a_draft_is_untouched_while_sam_writes(
    window: Page, demo: Door, amina: Colleague, sam: Person
) -> None:
    sam.asks("Can I keep my benefit?")
    sign_in(window, demo, amina)
    window.get_by_role("button", name="Open the chat").click()
    box = window.get_by_label("Your message")
    box.focus()
    window.keyboard.type("You can keep most of ")
    place_before = box.evaluate("(box) => box.offsetTop")
    sam.says("And what about my rent?")
    expect(window.get_by_text("And what about my rent?")).to_be_visible(timeout=PATIENCE)
    window.keyboard.type("it, Sam.")
    expect(box).to_have_value("You can keep most of it, Sam.")
    assert box.evaluate("(box) => box.offsetTop") == place_before
    window.reload()
    expect(box).to_have_value("You can keep most of it, Sam.")
    window.get_by_role("button", name="Send").click()
    expect(window.get_by_text("Your message is on its way.")).to_be_visible()
    expect(box).to_have_value("")
    window.reload()
    expect(box).to_have_value("")


def test_a_delivery_state_changes_by_itself(window: Page, demo: Door, amina: Colleague, sam: Person) -> None:
    message_id = sam.is_told("You meet on Thursday.", delivery="queued")
    sign_in(window, demo, amina)
    window.goto(f"/conversations/{sam.conversation_id}")
    state = window.locator(f'[data-id="{message_id}"] .delivery')
    expect(state).to_have_text("Waiting to be sent")
    with demo.caseload.transaction() as case:
        case.sending.sent(case.sending.claim("test", ["demo"], 1)[0], 7)
    expect(state).to_have_text("Sent", timeout=PATIENCE)


def test_taking_over_and_handing_back(
    window: Page,
    chromium: Browser,
    address: str,
    tabs: list[BrowserContext],
    demo: Door,
    amina: Colleague,
    grace: Colleague,
    sam: Person,
) -> None:
    sam.says("Hello")
    sign_in(window, demo, amina)
    window.goto(f"/conversations/{sam.conversation_id}")
    watching, problems = open_window(chromium, address, tabs)
    sign_in(watching, demo, grace)
    watching.goto(f"/conversations/{sam.conversation_id}")
    watching.get_by_label("Your message").fill("My own draft")
    window.get_by_role("button", name="Take over").click()
    expect(window.get_by_text("You have the chat. The bot is silent.")).to_be_visible()
    expect(watching.get_by_text("Amina has the chat. The bot is silent.")).to_be_visible(timeout=PATIENCE)
    expect(watching.get_by_role("button", name="Send")).to_be_disabled()
    expect(watching.get_by_label("Your message")).to_have_value("My own draft")
    window.get_by_label("Note for Sam").fill("See you Thursday")
    window.get_by_role("button", name="Hand back to the bot").click()
    expect(window.get_by_text("The bot has the chat.", exact=True)).to_be_visible()
    assert problems == []


def test_a_file_a_note_and_a_colleague_appear_by_themselves(
    window: Page,
    chromium: Browser,
    address: str,
    tabs: list[BrowserContext],
    demo: Door,
    amina: Colleague,
    grace: Colleague,
    sam: Person,
    files: FileStore,
) -> None:
    voice = sam.sends(VOICE, "voice")
    sign_in(window, demo, amina)
    window.goto(f"/conversations/{sam.conversation_id}")
    expect(window.get_by_text("Voice message: It is being fetched.")).to_be_visible()
    with demo.caseload.transaction() as case:
        attachment = case.attachments.find_waiting(voice)
        assert attachment is not None
        files.write(attachment.stored_as, VOICE)
        case.attachments.stored(attachment, VOICE, "audio/ogg")
    expect(window.get_by_label("Voice message")).to_be_visible(timeout=PATIENCE)
    other, problems = open_window(chromium, address, tabs)
    sign_in(other, demo, grace)
    other.goto(f"/conversations/{sam.conversation_id}")
    expect(window.get_by_text("Grace is looking at this too.")).to_be_visible(timeout=PATIENCE)
    other.get_by_label("Note", exact=True).fill("Ring after ten")
    other.get_by_role("button", name="Keep the note").click()
    expect(window.get_by_text("Ring after ten")).to_be_visible(timeout=PATIENCE)
    expect(other.get_by_label("Note", exact=True)).to_have_value("")
    assert problems == []


def test_quick_reply_note_and_send_later_work_without_scripts(
    chromium: Browser, address: str, tabs: list[BrowserContext], demo: Door, amina: Colleague, sam: Person
) -> None:
    with demo.caseload.transaction() as case:
        case.quick_replies.add(
            case.clients.find(sam.id).service, "See you", "See you on {day}, {first_name}."
        )
    page, _ = open_window(chromium, address, tabs, scripts=False)
    sign_in(page, demo, amina)
    page.goto(f"/conversations/{sam.conversation_id}")
    box = page.get_by_label("Your message")
    box.fill("Hello.")
    page.get_by_label("Quick reply").select_option("See you")
    page.get_by_role("button", name="Put it in").click()
    expect(box).to_have_value("Hello.\n\nSee you on {day}, Sam.")
    page.get_by_role("button", name="Send", exact=True).click()
    expect(page.get_by_text("Fill in {day} first. Nothing was sent.")).to_be_visible()
    box.fill("See you on Friday, Sam.")
    page.get_by_text("Send later", exact=True).first.click()
    page.get_by_label("Day").fill("2026-11-27")
    page.get_by_label("Time", exact=True).fill("10:15")
    page.get_by_role("button", name="Send later").click()
    expect(page.get_by_text("Your message leaves on Friday 27 November at 10:15am.")).to_be_visible()
    page.get_by_label("Note", exact=True).fill("Told him about Friday")
    page.get_by_role("button", name="Keep the note").click()
    expect(page.get_by_text("Told him about Friday")).to_be_visible()


def test_a_draft_of_a_note_and_one_of_a_reply_stay_apart(
    window: Page, demo: Door, amina: Colleague, sam: Person
) -> None:
    sign_in(window, demo, amina)
    window.goto(f"/conversations/{sam.conversation_id}")
    note, box = window.get_by_label("Note", exact=True), window.get_by_label("Your message")
    note.fill("For the team")
    box.fill("For Sam")
    window.reload()
    expect(note).to_have_value("For the team")
    expect(box).to_have_value("For Sam")
    window.get_by_role("button", name="Keep the note").click()
    expect(window.get_by_text("The note is kept for your team.")).to_be_visible()
    expect(note).to_have_value("")
    expect(box).to_have_value("For Sam")


def test_without_scripts_everything_still_works(
    chromium: Browser, address: str, tabs: list[BrowserContext], demo: Door, amina: Colleague, sam: Person
) -> None:
    sam.asks("Can I keep my benefit?")
    page, _ = open_window(chromium, address, tabs, scripts=False)
    sign_in(page, demo, amina)
    page.get_by_role("button", name="Open the chat").click()
    page.get_by_label("Your message").fill("Most of it.")
    page.get_by_role("button", name="Send").click()
    expect(page.get_by_text("Most of it.")).to_be_visible()
    page.goto("/phone/sam")
    page.get_by_label("Message").fill("Thank you")
    page.get_by_role("button", name="Send").click()
    expect(page.get_by_text("Thank you")).to_be_visible()


def test_the_page_is_used_with_the_keyboard_alone(
    window: Page, demo: Door, amina: Colleague, sam: Person
) -> None:
    sign_in(window, demo, amina)
    window.goto(f"/conversations/{sam.conversation_id}")
    window.keyboard.press("Tab")
    assert window.evaluate("document.activeElement.textContent") == "Skip to the page"
    reached = set()
    for _ in range(20):
        window.keyboard.press("Tab")
        reached.add(window.evaluate("(document.activeElement.innerText || document.activeElement.id).trim()"))
    assert {"Take over", "text", "Send", "Sign out", "Clients"} <= reached


def test_the_phone_sends_and_receives_by_itself(window: Page, demo: Door, sam: Person) -> None:
    window.goto("/phone/sam")
    box = window.get_by_label("Message")
    box.fill("When do we meet?")
    box.press("Enter")
    expect(window.locator(".phone-bubble.mine")).to_contain_text("When do we meet?")
    expect(box).to_have_value("")
    sam.is_told("You meet on Thursday.")
    expect(window.get_by_text("You meet on Thursday.")).to_be_visible(timeout=PATIENCE)


def test_hostile_words_do_nothing_in_a_real_browser(
    window: Page, demo: Door, amina: Colleague, sam: Person
) -> None:
    for text in HOSTILE:
        say_it_everywhere(demo, amina, sam, text)
    sign_in(window, demo, amina)
    for path in (
        "/",
        "/clients",
        f"/clients/{sam.id}",
        f"/conversations/{sam.conversation_id}",
        "/phone/sam",
    ):
        window.goto(path)
        # Long enough for a picture or a frame that should not be there to be asked for.
        window.wait_for_timeout(300)
        assert window.evaluate("window.refused") == []
