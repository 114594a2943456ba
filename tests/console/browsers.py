"""A real browser for the tests: it notes whatever the console made it refuse."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from flask import Flask
from playwright.sync_api import Browser, BrowserContext, Dialog, Page, sync_playwright

from bot.console.server import listen
from tests.console.conftest import Door
from tests.people import PASSWORD, Colleague

ARGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
#: The machine may be busy: long enough never to matter when all is well.
PATIENCE = 30_000
WIDE = {"width": 1280, "height": 800}
#: Collects what the browser refused, before the page's own scripts run.
LISTEN = """
window.refused = [];
document.addEventListener("securitypolicyviolation", (event) => window.refused.push(event.violatedDirective));
"""


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        installed = shutil.which("chromium") or shutil.which("google-chrome")
        browser = playwright.chromium.launch(executable_path=installed, args=ARGS)
        yield browser
        browser.close()


@contextmanager
def served(app: Flask) -> Iterator[str]:
    """Serve a console as it is served for people; offers its address."""
    server = listen(app, "127.0.0.1", 0)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.effective_port}"
    finally:
        server.close()
        thread.join(timeout=10)


@pytest.fixture
def address(demo_app: Flask) -> Iterator[str]:
    with served(demo_app) as address:
        yield address


@pytest.fixture
def tabs(chromium: Browser) -> Iterator[list[BrowserContext]]:
    opened: list[BrowserContext] = []
    yield opened
    for context in opened:
        context.close()


@pytest.fixture
def window(chromium: Browser, address: str, tabs: list[BrowserContext]) -> Iterator[Page]:
    """A browser window in which nothing was refused and nothing popped up, when the test is over."""
    page, problems = open_window(chromium, address, tabs)
    yield page
    assert problems == []
    assert page.evaluate("window.refused") == []


def open_window(
    chromium: Browser, address: str, tabs: list[BrowserContext], *, scripts: bool = True
) -> tuple[Page, list[str]]:
    context = chromium.new_context(base_url=address, viewport=WIDE, java_script_enabled=scripts)
    context.set_default_timeout(PATIENCE)
    if scripts:
        context.add_init_script(LISTEN)
    tabs.append(context)
    page = context.new_page()
    problems: list[str] = []

    def on_dialog(dialog: Dialog) -> None:
        problems.append(f"dialog: {dialog.message}")
        dialog.dismiss()

    page.on("dialog", on_dialog)
    page.on("pageerror", lambda error: problems.append(f"script error: {error}"))
    page.on(
        "response",
        lambda answer: (
            problems.append(f"{answer.status} {answer.url}")
            if answer.status >= 400 and answer.request.resource_type != "document"
            else None
        ),
    )
    page.on(
        "console",
        lambda said: problems.append(said.text) if "Content Security Policy" in said.text else None,
    )
    return page, problems


def sign_in(page: Page, demo: Door, who: Colleague) -> None:
    demo.has_password(who)
    page.goto("/sign-in")
    page.get_by_label("Email address").fill(who.email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    if who.totp_secret:
        page.get_by_label("Code of 6 digits").fill(page.locator("[data-demo-code]").inner_text())
        page.get_by_role("button", name="Sign in").click()
    page.wait_for_url("**/")
