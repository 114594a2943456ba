"""A job board on this machine that answers as it is told, over real HTTP."""

import json
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from integrations.job_boards.adzuna import AdzunaBoard


@dataclass
class Answer:
    """One answer: `pause` seconds before it, `trickle` seconds between its bytes."""

    body: bytes = b'{"results": []}'
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    pause: float = 0.0
    trickle: float = 0.0


class BoardServer:
    """Gives its answers in turn, the last one for ever, and remembers what it was asked."""

    def __init__(self) -> None:
        self.answers: list[Answer] = [Answer()]
        self.asked: list[tuple[str, dict[str, list[str]]]] = []
        self.stopping = threading.Event()
        board = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                parts = urlsplit(self.path)
                board.asked.append((parts.path, parse_qs(parts.query)))
                answer = board.answers.pop(0) if len(board.answers) > 1 else board.answers[0]
                board.stopping.wait(answer.pause)
                try:
                    self.send_response(answer.status)
                    for name, value in answer.headers.items():
                        self.send_header(name, value)
                    self.end_headers()
                    self._send(answer)
                except OSError:
                    return  # the board hung up first, which is what a time-out looks like from here

            def _send(self, answer: Answer) -> None:
                if not answer.trickle:
                    self.wfile.write(answer.body)
                    return
                for place in range(len(answer.body)):
                    self.wfile.write(answer.body[place : place + 1])
                    self.wfile.flush()
                    if board.stopping.wait(answer.trickle):
                        return

            def log_message(self, format: str, *args: object) -> None:
                """Say nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(
            target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True
        )
        self._thread.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}"

    def will_answer(self, *answers: Answer) -> None:
        self.answers = list(answers)

    def will_list(self, *adverts: Any) -> None:
        self.answers = [Answer(json.dumps({"results": adverts}).encode())]

    def stop(self) -> None:
        self.stopping.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(timeout=5)


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[BoardServer]:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    board = BoardServer()
    yield board
    board.stop()


@pytest.fixture
def waits() -> list[float]:
    """The waits between attempts, which no test sits through."""
    return []


@pytest.fixture
def adzuna(server: BoardServer, waits: list[float]) -> AdzunaBoard:
    return AdzunaBoard("our-id", "our-key", api=server.url, read_timeout=0.3, deadline=3, sleep=waits.append)


@pytest.fixture
def seconds() -> Callable[[], float]:
    started = time.monotonic()
    return lambda: time.monotonic() - started
