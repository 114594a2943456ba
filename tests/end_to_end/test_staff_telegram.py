"""Amina links her own Telegram from the console, and helps Sam from there: no dialogue server is needed."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from bot.demo.people import DEMO_PASSWORD
from tests.stack import Stack
from tests.telegram_server.server import TelegramServer

pytestmark = [pytest.mark.slow, pytest.mark.alone, pytest.mark.timeout(180)]

CRISIS = "I want to kill myself"
PATIENCE = 30
_TOKEN = re.compile(r'name="csrf_token"[^>]*value="([^"]+)"')


class Console:
    """The console as Amina uses it, in a browser without JavaScript."""

    def __init__(self, url: str) -> None:
        self._http = httpx.Client(
            base_url=url, follow_redirects=True, timeout=PATIENCE, trust_env=False, headers={"Referer": url}
        )

    def sign_in(self, email: str) -> None:
        """Sign somebody of the demo in."""
        page = self.post("/sign-in", "/sign-in", email=email, password=DEMO_PASSWORD)
        assert "Who is waiting for me?" in page

    def post(self, page: str, action: str, **form: str) -> str:
        """Send a form of a page; the page that comes of it."""
        found = _TOKEN.search(self._http.get(page).text)
        assert found
        return self._http.post(action, data={"csrf_token": found[1], **form}).text

    def close(self) -> None:
        self._http.close()


@pytest.fixture
def telegram() -> Iterator[TelegramServer]:
    with TelegramServer() as server:
        yield server


@pytest.fixture
def stack(telegram: TelegramServer, tmp_path: Path) -> Iterator[Stack]:
    with Stack(tmp_path / "state", tmp_path, telegram, parts=("gateway", "console")) as running:
        yield running


@pytest.fixture
def console(stack: Stack) -> Iterator[Console]:
    opened = Console(stack.console_url)
    yield opened
    opened.close()


def test_amina_helps_sam_from_her_own_telegram(
    stack: Stack, telegram: TelegramServer, console: Console
) -> None:
    console.sign_in("amina@demo.example")
    code = re.search(r"start=([\w-]{20,64})|/start ([\w-]{20,64})", console.post("/alerts", "/alerts/link"))
    assert code
    amina = telegram.client("Amina")
    amina.start(code[1] or code[2])
    amina.waits_for("Foothold will alert you here, Amina", PATIENCE)
    allowed = console.post("/alerts/reading", "/alerts/reading", proof=DEMO_PASSWORD)
    assert "You can read and answer clients in your Telegram." in allowed

    sam = telegram.client("Sam")
    sam.start(stack.invite("sam"))
    sam.waits_for("Is it OK to chat here?", PATIENCE)
    sam.presses("Yes, that is OK")
    sam.says(CRISIS)
    sam.waits_for("999", PATIENCE)

    amina.waits_for("Somebody needs you now", PATIENCE)
    amina.presses("Open")
    assert CRISIS in amina.waits_for("I want to", PATIENCE).text
    amina.presses("Take over")
    sam.waits_for("Amina has joined the chat", PATIENCE)
    sam.says("are you really there")
    amina.waits_for("are you really there", PATIENCE)
    amina.says("I am. I will ring you now.")
    amina.waits_for("To ", PATIENCE)
    amina.presses("Send")
    sam.waits_for("I am. I will ring you now.", PATIENCE)

    console.post("/alerts", "/alerts/reading/stop")
    amina.says("/waiting")
    amina.waits_for("This chat is for alerts only.", PATIENCE)
    assert telegram.violations == []
    log = stack.log.read_text(errors="replace")
    assert [words for words in (CRISIS, "really there", "ring you") if words in log] == []
