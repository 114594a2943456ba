"""The way to every page: what is needed daily stands first, the rest is one press away."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Browser as Chromium
from playwright.sync_api import BrowserContext, Page, expect

from tests.console.browsers import WIDE, address, chromium, open_window, sign_in, tabs, window
from tests.console.conftest import Browser, Door
from tests.people import Colleague, hired

__all__ = ["address", "chromium", "tabs", "window"]

DAILY = ["Waiting", "Today", "Clients", "Appointments"]
OWN = ["Alerts", "My hours"]
BOT = ["Not understood", "Quick replies", "Safety"]
NARROW = {"width": 360, "height": 740}


def navigation(browser: Browser, path: str = "/clients") -> str:
    found = re.search(r'<nav aria-label="Pages">.*?</nav>', browser.text(path), re.DOTALL)
    assert found
    return found[0]


def links_in(markup: str) -> list[str]:
    return [re.sub(r"\s*<span.*", "", one) for one in re.findall(r"<a [^>]*>(.*?)</a>", markup)]


@pytest.mark.parametrize(
    ("role", "behind"),
    [
        ("consultant", None),
        ("duty", None),
        ("lead", [*OWN, *BOT, "Our service"]),
        ("manager", [*OWN, *BOT, "Our service", "Staff"]),
        ("admin", [*OWN, "Our service", "Staff"]),
    ],
)
def test_the_daily_pages_stand_first_and_each_role_reaches_all_of_its_own(
    console: Door, role: str, behind: list[str] | None
) -> None:
    secret = None if role == "consultant" else "MFRGGZDFMZTWQ2LKMFRGGZDFMZTWQ2LK"
    who = hired(console.caseload, "northside", "Robin Vale", role, secret)
    before, _, menu = navigation(console.as_(who)).partition("<details")
    if behind is None:
        assert (links_in(before), menu) == ([*DAILY, *OWN], "")
    else:
        assert (links_in(before), links_in(menu)) == (DAILY, behind)


def test_the_menu_says_that_the_page_is_in_it(console: Door, grace: Colleague) -> None:
    browser = console.as_(grace)
    assert "with this page: Quick replies" in navigation(browser, "/quick-replies")
    assert "with this page" not in navigation(browser)
    assert 'href="/clients" aria-current="page"' in navigation(browser)


@pytest.mark.parametrize("size", [NARROW, WIDE], ids=["phone", "desk"])
def test_the_menu_works_with_the_keyboard_and_closes_behind_it(
    window: Page, demo: Door, grace: Colleague, size: dict[str, int]
) -> None:
    sign_in(window, demo, grace)
    window.set_viewport_size(size)  # type: ignore[arg-type]
    more, staff = window.locator(".more summary"), window.get_by_role("link", name="Staff")
    expect(staff).to_have_count(0)
    heading = window.get_by_role("heading", level=1)
    place = heading.bounding_box()
    more.focus()
    window.keyboard.press("Enter")
    expect(staff).to_be_in_viewport(ratio=1)
    # It lies over the page, which stays where it is and does not scroll sideways.
    assert heading.bounding_box() == place
    assert window.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    window.keyboard.press("Escape")
    expect(staff).to_have_count(0)
    expect(more).to_be_focused()
    window.keyboard.press("Enter")
    staff.focus()
    window.keyboard.press("Tab")
    expect(staff).to_have_count(0)
    more.click()
    staff.click()
    expect(window).to_have_url(re.compile("/staff$"))


def test_the_menu_opens_without_a_script(
    chromium: Chromium, address: str, tabs: list[BrowserContext], demo: Door, grace: Colleague
) -> None:
    page, _ = open_window(chromium, address, tabs, scripts=False)
    sign_in(page, demo, grace)
    page.set_viewport_size(NARROW)  # type: ignore[arg-type]
    page.locator(".more summary").click()
    page.get_by_role("link", name="Quick replies").click()
    expect(page).to_have_url(re.compile("/quick-replies$"))
