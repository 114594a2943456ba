"""The console behind its own server, with and without a proxy in front."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator

import httpx
import pytest

from bot.caseload.store import Caseload
from bot.console.app import create_console
from bot.console.config import ConsoleConfig
from bot.console.server import Server, listen
from bot.conversation.wording import Wording

HTTPS = {
    "X-Forwarded-Proto": "https",
    "X-Forwarded-Host": "foothold.example",
    "X-Forwarded-For": "203.0.113.7",
}
Serve = Callable[[str | None], str]


@pytest.fixture
def serve(caseload: Caseload) -> Iterator[Serve]:
    """Serve the console; returns its address."""
    started: list[tuple[Server, threading.Thread]] = []

    def start(trusted_proxy: str | None) -> str:
        config = ConsoleConfig(secret_key="a secret of the tests", trusted_proxy=trusted_proxy)
        server = listen(create_console(caseload, Wording({}), config), "127.0.0.1", 0)
        thread = threading.Thread(target=server.run, daemon=True)
        thread.start()
        started.append((server, thread))
        return f"http://127.0.0.1:{server.effective_port}"

    yield start
    for server, thread in started:
        server.close()
        thread.join(timeout=10)


def sign_in_page(address: str, headers: dict[str, str]) -> httpx.Response:
    return httpx.get(f"{address}/sign-in", headers=headers, timeout=30, trust_env=False)


def test_on_this_machine_the_sign_in_page_is_shown(serve: Serve) -> None:
    answer = sign_in_page(serve(None), {})
    assert answer.status_code == 200
    assert answer.headers["Set-Cookie"].startswith("foothold=")
    assert "waitress" not in answer.headers.get("Server", "").lower()


def test_a_proxy_that_we_were_told_of_makes_it_https(serve: Serve) -> None:
    answer = sign_in_page(serve("127.0.0.1"), HTTPS)
    assert answer.status_code == 200
    assert answer.headers["Set-Cookie"].startswith("__Host-foothold=")
    assert "Strict-Transport-Security" in answer.headers


def test_a_proxy_that_we_were_not_told_of_is_refused(serve: Serve) -> None:
    answer = sign_in_page(serve(None), HTTPS)
    assert answer.status_code == 403
    assert "This connection is not safe enough to sign in" in answer.text


def test_a_visitor_cannot_pretend_to_be_the_proxy(serve: Serve) -> None:
    answer = sign_in_page(serve("192.0.2.1"), HTTPS)
    assert "__Host-" not in answer.headers.get("Set-Cookie", "")


def test_a_large_body_is_refused_before_it_is_read(serve: Serve) -> None:
    host, _, port = serve(None).removeprefix("http://").partition(":")
    with socket.create_connection((host, int(port)), timeout=10) as line:
        line.sendall(b"POST /sign-in HTTP/1.1\r\nHost: localhost\r\nContent-Length: 500000000\r\n\r\n")
        assert line.recv(100).startswith(b"HTTP/1.1 413 ")
