"""How many things wait for me stands on every page, and changes without disturbing whoever types."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.console.browsers import PATIENCE, address, chromium, sign_in, tabs, window
from tests.console.conftest import Door
from tests.console.test_queries import queries_of
from tests.console.test_staff import ADAS_SECRET
from tests.people import Colleague, Person, enrolled, hired

__all__ = ["address", "chromium", "tabs", "window"]

BADGE = re.compile(r"data-how-many>([^<]*)</span>")
PATHS = ("/", "/clients", "/today", "/alerts", "/hours", "/account")


def badge(page: str) -> str:
    found = BADGE.search(page)
    assert found
    return found[1]


def test_amina_sees_on_every_page_how_many_things_wait_for_her(
    console: Door, amina: Colleague, sam: Person, jo: Person
) -> None:
    jo.asks("Piotr is Jo's consultant, not Amina")
    browser = console.as_(amina)
    for path in PATHS:
        page = browser.text(path)
        assert (badge(page), "<title>(" in page) == ("", False), path
    sam.asks("Can I keep my benefit?")
    sam.asks("I want to complain", reason="complaint")
    for path in (*PATHS, f"/clients/{sam.id}", f"/conversations/{sam.conversation_id}"):
        page = browser.text(path)
        assert (badge(page), "<title>(2) " in page) == ("2", True), path
    news = browser.get("/urgent").json
    assert news
    assert (news["badge"], news["mark"]) == ("2", "(2) ")


def test_it_counts_what_each_role_may_see(
    console: Door, amina: Colleague, grace: Colleague, hana: Colleague, sam: Person, jo: Person
) -> None:
    sam.asks("Can I keep my benefit?")
    jo.asks("When do we meet?")
    ada = hired(console.caseload, "northside", "Ada Quist", "admin", ADAS_SECRET)
    seen = {who.first_name: badge(console.as_(who).text("/account")) for who in (amina, grace, hana, ada)}
    assert seen == {"Amina": "1", "Grace": "2", "Hana": "", "Ada": ""}


def test_danger_comes_first_and_keeps_its_own_banner(console: Door, amina: Colleague, sam: Person) -> None:
    sam.asks("Can I keep my benefit?")
    sam.asks("I cannot go on", reason="safety", urgency="now")
    with console.caseload.transaction() as case:
        for handoff in case.handoffs.open_for(case.clients.find(sam.id)):
            if handoff.reason == "safety":
                case.handoffs.note_escalated(handoff)
    page = console.as_(amina).text("/clients")
    assert "<title>(1 urgent) " in page
    assert "1 person may be in danger. Nobody is on it yet." in page
    assert badge(page) == "2"


def test_a_number_too_long_for_its_place_is_cut(console: Door, grace: Colleague, amina: Colleague) -> None:
    for number in range(100):
        enrolled(console.caseload, f"c{number}", f"Client {number}", amina).asks("Hello?")
    page = console.as_(grace).text("/clients")
    assert badge(page) == "99+"
    assert "<title>(100) " in page


def test_a_page_asks_no_more_often_when_something_waits(console: Door, amina: Colleague, sam: Person) -> None:
    browser = console.as_(amina)
    # The first look leaves a line about each client whom it shows.
    browser.get("/clients")
    calm = {path: queries_of(browser, console.caseload, path) for path in ("/clients", "/urgent")}
    sam.asks("Can I keep my benefit?")
    assert {path: queries_of(browser, console.caseload, path) for path in calm} == calm


@pytest.mark.parametrize("width", [360, 1280])
def test_it_changes_by_itself_while_amina_types(
    window: Page, demo: Door, amina: Colleague, sam: Person, width: int
) -> None:
    sign_in(window, demo, amina)
    window.set_viewport_size({"width": width, "height": 740})
    window.goto("/clients")
    title = window.title()
    box = window.get_by_label("Part of a name, or the reference")
    box.focus()
    window.keyboard.type("sa")
    place = box.evaluate("(box) => box.getBoundingClientRect().top")
    sam.asks("Can I keep my benefit?")
    expect(window.locator("[data-how-many]")).to_have_text("1", timeout=PATIENCE)
    expect(window).to_have_title(f"(1) {title}")
    window.keyboard.type("m")
    expect(box).to_have_value("sam")
    assert box.evaluate("(box) => box.getBoundingClientRect().top") == place
    assert window.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
