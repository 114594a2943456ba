"""The console as people use it: signed in through its own pages, on a real SQLite."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from html import unescape
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pyotp
import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from bot.caseload.files import FileStore
from bot.caseload.store import Caseload
from bot.clock import FixedClock
from bot.console import passwords
from bot.console.app import create_console
from bot.console.config import ConsoleConfig
from bot.conversation.danger import Danger
from bot.conversation.ingest import Ingest
from bot.conversation.phone import Phone
from bot.conversation.wording import Wording
from bot.safety.content import SafetyContent
from bot.safety.screen import Screen
from tests.people import PASSWORD, Colleague, amina, caseload, clock, grace, hana, jo, piotr, sam

__all__ = ["amina", "caseload", "clock", "grace", "hana", "jo", "piotr", "sam"]

ROOT = Path(__file__).resolve().parents[2]
TOKEN = re.compile(r'name="csrf_token" type="hidden" value="([^"]+)"|name="csrf_token" value="([^"]+)"')


#: Hashing is slow on purpose; the tests need it once.
hashed = cache(passwords.hash_password)


@dataclass
class Browser:
    """Somebody's browser."""

    http: FlaskClient
    base: str = "http://localhost"
    headers: Mapping[str, str] = field(default_factory=dict)

    def get(self, path: str, **more: Any) -> TestResponse:
        return self.http.get(path, base_url=self.base, headers=self.headers, **more)

    def post(self, path: str, data: Mapping[str, str] | None = None, *, follow: bool = False) -> TestResponse:
        """Send a form as the page would: with its token and, over https, the address it is on."""
        form = {"csrf_token": self.token(), **(data or {})}
        return self.http.post(
            path,
            base_url=self.base,
            headers={"Referer": self.base + "/", **self.headers},
            data=form,
            follow_redirects=follow,
        )

    def post_bare(self, path: str, data: Mapping[str, str] | None = None) -> TestResponse:
        """Send a form without its token, as another site would."""
        return self.http.post(path, base_url=self.base, headers=self.headers, data=data or {})

    def token(self) -> str:
        for page in ("/account", "/sign-in/code", "/sign-in"):
            found = TOKEN.search(self.get(page).text)
            if found:
                return found[1] or found[2]
        raise AssertionError("no page has a form")

    def gives_password(
        self, email: str, password: str = PASSWORD, *, wanted: str | None = None
    ) -> TestResponse:
        path = f"/sign-in?next={quote(wanted)}" if wanted else "/sign-in"
        return self.post(path, {"email": email, "password": password})

    def text(self, path: str) -> str:
        """Return a page as a person reads it: its characters, with the mark-up still in."""
        return unescape(self.get(path).text)


@dataclass
class Door:
    """The console, and a way to sit down at it as somebody."""

    app: Flask
    caseload: Caseload
    clock: FixedClock

    def someone(self, base: str = "http://localhost") -> Browser:
        """Return the browser of somebody who is not signed in."""
        return Browser(self.app.test_client(), base)

    def as_(self, who: Colleague, base: str = "http://localhost") -> Browser:
        """Sign somebody in."""
        self.has_password(who)
        browser = self.someone(base)
        answer = browser.gives_password(who.email)
        if who.totp_secret:
            assert answer.headers["Location"].endswith("/sign-in/code"), answer.text
            # Each code works once: a second sign-in within the half minute waits for the next one.
            self.clock.advance(seconds=30)
            code = pyotp.TOTP(who.totp_secret).at(self.clock.now())
            answer = browser.post("/sign-in/code", {"code": code})
        assert answer.status_code == 303, answer.text
        return browser

    def has_password(self, who: Colleague) -> None:
        with self.caseload.transaction() as case:
            staff = case.staff.get(who.id)
            if staff.password_hash is None:
                case.staff.set_password(staff, hashed(PASSWORD))


@pytest.fixture
def words() -> Wording:
    domain = ROOT / "domain.yml"
    return Wording.load(domain)


@pytest.fixture
def files(tmp_path: Path) -> FileStore:
    """The folder with the files that clients sent."""
    store = FileStore(tmp_path / "files")
    store.prepare()
    return store


@pytest.fixture
def app(caseload: Caseload, words: Wording, files: FileStore) -> Flask:
    config = ConsoleConfig(secret_key="a secret of the tests", bot_username="foothold_test_bot", files=files)
    return create_console(caseload, words, config)


@pytest.fixture
def console(app: Flask, caseload: Caseload, clock: FixedClock) -> Door:
    return Door(app, caseload, clock)


@pytest.fixture
def demo_app(caseload: Caseload, words: Wording, files: FileStore) -> Flask:
    ingest = Ingest(caseload, Danger(Screen.load(), SafetyContent.load()), words)
    config = ConsoleConfig(secret_key="a secret of the tests", demo=True, demo_password=PASSWORD, files=files)
    return create_console(caseload, words, config, Phone(caseload, ingest))


@pytest.fixture
def demo(demo_app: Flask, caseload: Caseload, clock: FixedClock) -> Door:
    return Door(demo_app, caseload, clock)
