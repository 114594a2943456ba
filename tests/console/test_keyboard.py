"""A day at the console with nothing but a keyboard: the focus is seen at each step, and news is heard."""

from __future__ import annotations

from datetime import timedelta

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from bot.caseload.store import Caseload
from tests.console.browsers import PATIENCE, address, chromium, open_window, sign_in, tabs, window
from tests.console.conftest import Door
from tests.console.keyboard import Keyboard
from tests.people import PASSWORD, Colleague, Person

__all__ = ["address", "chromium", "tabs", "window"]

pytestmark = pytest.mark.slow


def test_grace_signs_in_with_her_password_and_her_code(window: Page, demo: Door, grace: Colleague) -> None:
    demo.has_password(grace)
    keys = Keyboard(window)
    window.goto("/")
    keys.presses("button", "Sign in")
    keys.hears_the_mistake("textbox", "Email address", "Enter your email address.")
    keys.types(grace.email)
    keys.tabs_to("textbox", "Password")
    keys.types("not my password")
    keys.presses("button", "Sign in", "Space")
    keys.hears("The email address or the password is not right")
    keys.tabs_to("textbox", "Password")
    keys.types(PASSWORD)
    keys.leaves()
    expect(window.get_by_role("textbox", name="Code of 6 digits")).to_be_focused()
    keys.types("000000")
    keys.leaves()
    keys.hears("code")
    keys.tabs_to("textbox", "Code of 6 digits")
    keys.types(window.locator("[data-demo-code]").inner_text())
    keys.leaves()
    expect(window.get_by_role("heading", name="Who is waiting for me?")).to_be_visible()
    keys.tabs_to("link", "Skip to the page")


def test_amina_answers_a_waiting_chat_and_hands_it_back(
    window: Page, demo: Door, amina: Colleague, sam: Person
) -> None:
    sam.asks("Can I keep my benefit?")
    sign_in(window, demo, amina)
    keys = Keyboard(window)
    window.goto("/clients")
    keys.presses("link", "Waiting 1")
    keys.presses("button", "Open the chat of Sam Okoro")
    expect(window.get_by_text("Sam waits for a person. The bot still answers.")).to_be_visible()
    keys.presses("button", "Take over")
    keys.hears("You have the chat.")
    keys.presses("button", "Send")
    keys.hears_the_mistake("textbox", "Your message", "Write a message first.")
    keys.types("You can keep most of it, Sam.")
    keys.presses("button", "Send", "Space")
    keys.hears("Your message is on its way.")
    keys.tabs_to("radio", "The bot says what it can do")
    window.keyboard.press("ArrowDown")
    expect(window.get_by_role("radio", name="With the menu")).to_be_checked()
    keys.tabs_to("textbox", "Note for Sam (you can leave this empty)")
    keys.types("See you on Thursday")
    keys.presses("button", "Hand back to the bot")
    keys.hears("The bot has the chat again.")
    with demo.caseload.reading() as case:
        said = [one.text for one in case.transcript.newest(case.conversations.lock(sam.conversation_id))]
    assert any("You can keep most of it, Sam." in text for text in said)
    assert any("See you on Thursday" in text for text in said)


def test_amina_confirms_an_appointment_that_sam_asked_for(
    window: Page, demo: Door, amina: Colleague, sam: Person
) -> None:
    with demo.caseload.transaction() as case:
        client = case.clients.find(sam.id)
        wanted = case.appointments.request(client, case.appointments.free_times(client)[0].starts_at)
        case.handoffs.open(client, "", "appointment", "today", subject=f"appointment:{wanted.id}")
    sign_in(window, demo, amina)
    keys = Keyboard(window)
    keys.presses("button", "Confirm")
    keys.hears("Confirmed for Sam")
    assert _status(demo.caseload, wanted.id) == "confirmed"


def test_amina_adds_a_goal(window: Page, demo: Door, amina: Colleague, sam: Person) -> None:
    sign_in(window, demo, amina)
    keys = Keyboard(window)
    keys.presses("link", "Clients")
    keys.presses("link", "Sam Okoro")
    keys.opens("Add a goal")
    keys.presses("button", "Add the goal")
    keys.hears_the_mistake("textbox", "The goal, in the client's own words", "Write the goal.")
    keys.types("Work in a kitchen, mornings only")
    keys.leaves()
    keys.hears("The goal is saved.")
    goal = window.get_by_text("Work in a kitchen, mornings only").first
    expect(goal).to_be_in_viewport()


def test_amina_puts_in_an_absence_with_cover(
    window: Page, demo: Door, amina: Colleague, piotr: Colleague
) -> None:
    sign_in(window, demo, amina)
    keys = Keyboard(window)
    keys.presses("link", "My hours")
    keys.opens("Add an absence")
    first = demo.clock.now() + timedelta(days=5)
    keys.tabs_to("textbox", "First day away")
    keys.types(f"{first:%m%d%Y}")
    keys.presses("button", "Save")
    keys.hears_the_mistake("textbox", "Last day away", "Choose the last day.")
    keys.types(f"{first + timedelta(days=3):%m%d%Y}")
    keys.tabs_to("combobox", "Who covers")
    keys.types("Piotr")
    keys.presses("button", "Save")
    keys.hears("Saved. Piotr reads the messages of your clients then.")
    with demo.caseload.reading() as case:
        (absence,) = case.absences.ahead_of(case.staff.get(amina.id))
        assert absence.cover_id == piotr.id


def test_the_focus_stays_where_a_colleague_takes_the_button_away(
    window: Page, demo: Door, amina: Colleague, grace: Colleague, sam: Person
) -> None:
    sign_in(window, demo, amina)
    keys = Keyboard(window)
    window.goto(f"/conversations/{sam.conversation_id}")
    keys.tabs_to("button", "Take over")
    with demo.caseload.transaction() as case:
        conversation = case.conversations.lock(sam.conversation_id)
        case.conversations.take(case.staff.get(grace.id), conversation, conversation.epoch)
    expect(window.get_by_text("Grace has the chat. The bot is silent.").first).to_be_visible(timeout=PATIENCE)
    expect(window.get_by_role("region", name="Who has the chat")).to_be_focused()
    assert keys.sees_the_focus() is not None
    keys.tabs_to("button", "Take over from Grace")


def test_without_scripts_the_answer_has_the_focus_too(
    chromium: Browser, address: str, tabs: list[BrowserContext], demo: Door, amina: Colleague, sam: Person
) -> None:
    page, _ = open_window(chromium, address, tabs, scripts=False)
    sign_in(page, demo, amina)
    page.goto(f"/conversations/{sam.conversation_id}")
    page.get_by_label("Your message").fill("Most of it.")
    page.get_by_role("button", name="Send", exact=True).press("Enter")
    expect(page.locator("[role=status]:focus")).to_contain_text("Your message is on its way.")


@pytest.mark.parametrize("place", ["/", "/clients", "client", "chat", "/hours", "/appointments", "/today"])
def test_tab_goes_through_the_whole_page_and_back(
    window: Page, demo: Door, amina: Colleague, sam: Person, place: str
) -> None:
    sam.asks("Can I keep my benefit?")
    sign_in(window, demo, amina)
    path = {"client": f"/clients/{sam.id}", "chat": f"/conversations/{sam.conversation_id}"}.get(place, place)
    window.goto(path)
    stops = Keyboard(window).walks()
    assert stops[0] == "Skip to the page"
    assert len(stops) > 8


def _status(caseload: Caseload, appointment_id: str) -> str:
    with caseload.reading() as case:
        for one in case.appointments.all_for(case.clients.find_by_ref("sam")):
            if one.id == appointment_id:
                return one.status
    raise AssertionError("there is no such appointment")
