"""Every page in a real browser: readable for everybody, on a phone and on a desk, by day and by night.

Which pages there are is read from the console itself: one without a case in the access tests, or one that is
never looked at here, fails.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pyotp
import pytest
from axe_playwright_python.sync_playwright import Axe
from flask import Flask
from playwright.sync_api import Browser, BrowserContext, Page, expect
from werkzeug.exceptions import HTTPException

from tests.console.browsers import WIDE, address, chromium, open_window, sign_in, tabs
from tests.console.conftest import ROOT, Door
from tests.console.morning import Morning, morning
from tests.console.test_access import OK, PAGES, ids, path_of, rules_of
from tests.people import PASSWORD, Colleague, hired

__all__ = ["address", "chromium", "ids", "morning", "tabs"]

SCREENSHOTS = ROOT / "var" / "screenshots"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
NARROW = {"width": 360, "height": 740}
#: No page of their own: a link that leads on to the chat, and a file for somebody's calendar.
NO_PAGE = {"safety_state.open_link", "calendar_feed.read"}
RUN_AXE = "(rules) => axe.run(document, { runOnly: rules, resultTypes: ['violations'] })"
UNFOLD = "document.querySelectorAll('details').forEach((one) => { one.open = true; })"


@dataclass
class Walk:
    """What was looked at so far, and what was wrong with it."""

    app: Flask
    scheme: str
    faults: list[str] = field(default_factory=list)
    seen: set[str] = field(default_factory=set)

    def looks_at(self, page: Page, name: str) -> None:
        """Look at the page that is open."""
        self.faults += inspect(page, name, self.scheme)
        try:
            found: Any = self.app.url_map.bind("localhost").match(urlsplit(page.url).path)
            self.seen.add(found[0])
        except HTTPException:
            pass  # A page that is not there is looked at too, and is nobody's endpoint.


def who_uses_it_most(endpoint: str) -> str | None:
    """Return who looks at a page: somebody signed out where they may, then a consultant, then a manager."""
    page = PAGES[endpoint, "GET"]
    for role, status in (("nobody", page.signed_out), ("consultant", page.own), ("manager", page.manager)):
        if status == OK:
            return role
    return None


def pages_of(
    demo: Door, amina: Colleague, grace: Colleague, ids: dict[str, str], morning: Morning
) -> Iterator[tuple[str, str, str]]:
    """Go through the addresses that a reader opens: their endpoint, whose page it is, and the path."""
    readers = {"nobody": demo.someone(), "consultant": demo.as_(amina), "manager": demo.as_(grace)}
    for rule, method in rules_of(demo.app):
        role = who_uses_it_most(rule.endpoint) if method == "GET" else None
        if role is not None:
            path = path_of(demo.app, rule, {**ids, **morning.others.get(rule.endpoint, {})})
            answer = readers[role].get(path)
            assert answer.status_code == OK, f"{path} gives {answer.status_code} to {role}"
            if answer.mimetype == "text/html":
                yield rule.endpoint, role, path


@pytest.mark.timeout(600)
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_page_is_readable_for_everybody(
    chromium: Browser,
    address: str,
    tabs: list[BrowserContext],
    demo: Door,
    amina: Colleague,
    grace: Colleague,
    ids: dict[str, str],
    morning: Morning,
    scheme: str,
) -> None:
    walk = Walk(demo.app, scheme)
    windows: dict[str, Page] = {}
    problems: dict[str, list[str]] = {}
    for role in ("nobody", "consultant", "manager"):
        windows[role], problems[role] = open_window(chromium, address, tabs)
        windows[role].emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
    to_see = list(pages_of(demo, amina, grace, ids, morning))
    # Each code works once.
    demo.clock.advance(seconds=30)
    signs_in_for_the_first_time(windows["nobody"], demo, walk)
    sign_in(windows["consultant"], demo, amina)
    sign_in(windows["manager"], demo, grace)
    for endpoint, role, path in to_see:
        windows[role].goto(path)
        windows[role].evaluate(UNFOLD)
        walk.looks_at(windows[role], endpoint)
    for name, (role, path) in morning.more.items():
        windows[role].goto(path)
        windows[role].evaluate(UNFOLD)
        walk.looks_at(windows[role], name)
    makes_mistakes(windows["manager"], ids, walk)
    takes_the_chat(windows["consultant"], ids, walk)
    assert walk.faults == []
    assert problems == {"nobody": [], "consultant": [], "manager": []}
    by_address = {endpoint for endpoint, _, _ in to_see}
    assert by_address <= walk.seen
    not_by_address = {rule.endpoint for rule, method in rules_of(demo.app) if method == "GET"}
    not_by_address = {one for one in not_by_address if who_uses_it_most(one) is None}
    assert not_by_address - walk.seen == NO_PAGE


def signs_in_for_the_first_time(page: Page, demo: Door, walk: Walk) -> None:
    """Go through the pages of somebody who has an invitation, then a password, then a second factor."""
    una = hired(demo.caseload, "kauri", "Una Fry", "lead")
    with demo.caseload.transaction() as case:
        fresh = case.accounts.invite(None, case.staff.get(una.id))
    page.goto(f"/welcome/{fresh.token}")
    page.get_by_label("New password").fill("short")
    page.get_by_role("button", name="Save the password").click()
    walk.looks_at(page, "welcome-mistake")
    page.goto("/welcome/unknown")
    walk.looks_at(page, "link-not-usable")
    page.goto("/sign-in")
    page.get_by_role("button", name="Sign in").click()
    walk.looks_at(page, "sign-in-mistake")
    lena = hired(demo.caseload, "northside", "Lena Berg", "manager")
    gives_the_password(page, demo, lena)
    walk.looks_at(page, "enrol")
    secret = page.locator("code.key").inner_text().replace(" ", "")
    page.get_by_label("Code of 6 digits").fill(pyotp.TOTP(secret).at(demo.clock.now()))
    page.get_by_role("button", name="Sign in").click()
    walk.looks_at(page, "recovery-codes")
    page.get_by_role("button", name="Sign out").click()
    gives_the_password(page, demo, lena)
    walk.looks_at(page, "code")
    page.get_by_role("link", name="I do not have my phone").click()
    walk.looks_at(page, "recovery")
    with demo.caseload.transaction() as case:
        reset = case.accounts.invite(None, case.staff.get(lena.id))
    page.goto(f"/reset/{reset.token}")
    expect(page.get_by_label("New password")).to_be_visible()
    walk.looks_at(page, "reset")


def gives_the_password(page: Page, demo: Door, who: Colleague) -> None:
    demo.has_password(who)
    page.goto("/sign-in")
    page.get_by_label("Email address").fill(who.email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()


def makes_mistakes(page: Page, ids: dict[str, str], walk: Walk) -> None:
    """Send forms with mistakes, as Grace."""
    page.goto(f"/safety/fires/{ids['event_id']}/example")
    page.get_by_role("button", name="Keep the example").click()
    walk.looks_at(page, "safety-example-mistake")
    page.goto(f"/hours/{ids['colleague_id']}")
    page.get_by_text("Add an absence").click()
    page.get_by_role("button", name="Save", exact=True).click()
    walk.looks_at(page, "hours-mistake")
    page.goto("/service")
    page.get_by_text("Change the minutes").click()
    page.get_by_label("Minutes of working time").fill("4")
    page.get_by_role("button", name="Save the minutes").click()
    walk.looks_at(page, "service-mistake")


def takes_the_chat(page: Page, ids: dict[str, str], walk: Walk) -> None:
    page.goto(f"/conversations/{ids['conversation_id']}")
    page.get_by_role("button", name="Take over").click()
    walk.looks_at(page, "conversation-mine")


def inspect(page: Page, name: str, scheme: str) -> list[str]:
    """Return what is wrong with a page at both widths, and leave a picture of each."""
    faults = []
    # The page that was pressed for may have come and not be read to its end.
    page.wait_for_load_state()
    # Once for both widths: it is half a megabyte of script.
    page.evaluate(Axe().axe_script)
    for size in (NARROW, WIDE):
        page.set_viewport_size(size)  # type: ignore[arg-type]
        label = f"{name}-{size['width']}-{scheme}"
        SCREENSHOTS.mkdir(parents=True, exist_ok=True)
        page.screenshot(path=picture(label), full_page=True)
        found = page.evaluate(RUN_AXE, RULES)
        faults += [
            f"{label}: {one['id']}: {node['html'][:120]} {node.get('failureSummary', '')[:200]}"
            for one in found["violations"]
            for node in one["nodes"]
        ]
        if page.evaluate("document.documentElement.scrollWidth > window.innerWidth"):
            faults.append(f"{label}: scrolls sideways")
        if page.evaluate("window.refused.length"):
            faults.append(f"{label}: the browser refused something")
    return faults


def picture(label: str) -> Path:
    return SCREENSHOTS / f"{label}.png"
