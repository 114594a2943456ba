"""A client's data is deleted while somebody has their page open."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser as Chromium
from playwright.sync_api import BrowserContext, expect

from tests.console.browsers import PATIENCE, address, chromium, open_window, sign_in, tabs
from tests.console.conftest import Door
from tests.people import Colleague, Person

__all__ = ["address", "chromium", "tabs"]

SENTENCE = "This client's data was deleted"


def is_erased(console: Door, sam: Person) -> None:
    with console.caseload.transaction() as case:
        case.rights.erase(case.clients.find(sam.id))


@pytest.mark.parametrize("who", ["amina", "grace"])
def test_whoever_had_the_client_open_is_told_that_the_data_was_deleted(
    console: Door, amina: Colleague, grace: Colleague, sam: Person, who: str
) -> None:
    browser = console.as_({"amina": amina, "grace": grace}[who])
    reply = {"text": "Hello Sam", "form_key": "0" * 32, "seen_epoch": "1"}
    browser.get(f"/conversations/{sam.conversation_id}")
    is_erased(console, sam)
    asked = [
        browser.get(f"/clients/{sam.id}"),
        browser.get(f"/conversations/{sam.conversation_id}"),
        browser.post(f"/conversations/{sam.conversation_id}/reply", reply),
        browser.post(f"/clients/{sam.id}/goals", {"goal-text": "Work in a kitchen"}),
        browser.post(f"/clients/{sam.id}/open-again"),
    ]
    assert [one.status_code for one in asked] == [410] * len(asked)
    for page in asked:
        assert SENTENCE in page.text.replace("&#39;", "'")
    with console.caseload.reading() as case:
        assert case.goals.all_for(case.clients.find(sam.id)) == []


def test_another_service_learns_nothing_of_the_deletion(console: Door, hana: Colleague, sam: Person) -> None:
    is_erased(console, sam)
    assert console.as_(hana).get(f"/clients/{sam.id}").status_code == 404


def test_the_live_page_says_that_the_data_was_deleted(
    chromium: Chromium,
    address: str,
    tabs: list[BrowserContext],
    demo: Door,
    amina: Colleague,
    sam: Person,
) -> None:
    window, _ = open_window(chromium, address, tabs)
    sign_in(window, demo, amina)
    window.goto(f"/conversations/{sam.conversation_id}")
    is_erased(demo, sam)
    expect(window.locator("[data-live]")).to_have_text(f"{SENTENCE}.", timeout=PATIENCE)
