"""The action server lets nobody in without the key, and tells nothing when it fails."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from multiprocessing import get_context
from pathlib import Path

import httpx
import pytest
import yaml

from actions.base import Services
from actions.server import KEY_HEADER, flow_actions, make_executor, serve
from bot.caseload.models.base import Base
from bot.caseload.store import Caseload
from bot.clock import SystemClock
from tests.actions.conftest import Chat, domain_files

KEY = "only-we-know"


def _serve(database: str, port: int) -> None:
    serve(Services(Caseload(database), SystemClock(), {}), KEY, port)


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    database = f"sqlite:///{Path(tmp_path_factory.mktemp('actions')) / 'caseload.db'}"
    Base.metadata.create_all(Caseload(database).engine)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    process = get_context("spawn").Process(target=_serve, args=(database, port), daemon=True)
    process.start()
    url = f"http://127.0.0.1:{port}"
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        try:
            httpx.get(f"{url}/health", timeout=1)
            break
        except httpx.TransportError:
            threading.Event().wait(0.1)
    yield url
    process.terminate()
    process.join(10)


def call(address: str, body: object, key: str | None = KEY) -> httpx.Response:
    headers = {} if key is None else {KEY_HEADER: key}
    return httpx.post(f"{address}/webhook", json=body, headers=headers, timeout=10)


def action_call(name: str) -> dict[str, object]:
    tracker = {
        "sender_id": "nobody",
        "slots": {},
        "latest_message": {"text": "my secret words", "intent": {"name": "see_goals"}, "entities": []},
        "events": [{"event": "user", "text": "my secret words", "message_id": "1", "metadata": {}}],
        "active_loop": {},
    }
    return {"next_action": name, "sender_id": "nobody", "tracker": tracker, "domain": {}, "version": "3.6.21"}


@pytest.mark.parametrize("key", [None, "", "guess", "only-we-knoẅ"])
@pytest.mark.parametrize("path", ["/webhook", "/health", "/actions"])
def test_nobody_gets_in_without_the_key(address: str, key: str | None, path: str) -> None:
    headers = {} if key is None else {KEY_HEADER: key.encode()}
    answer = httpx.post(
        f"{address}{path}", json=action_call("action_show_goals"), headers=headers, timeout=10
    )
    assert (answer.status_code, answer.json()) == (401, {"error": "unauthorised"})


def test_with_the_key_an_action_runs(address: str) -> None:
    answer = call(address, action_call("action_leave_form"))
    assert answer.status_code == 200
    assert {"event": "active_loop", "timestamp": None, "name": None} in answer.json()["events"]


def test_no_page_of_another_origin_is_answered(address: str) -> None:
    answer = call(address, action_call("action_leave_form"))
    assert not [name for name in answer.headers if name.lower().startswith("access-control")]


@pytest.mark.parametrize("body", [[], {}, "text", {"next_action": "action_leave_form", "tracker": "no"}])
def test_what_is_no_action_call_is_refused_without_an_echo(address: str, body: object) -> None:
    answer = call(address, body)
    assert (answer.status_code, answer.json()) == (400, {"error": "not an action call"})


def test_an_unknown_action_is_a_404_without_the_transcript(address: str) -> None:
    answer = call(address, action_call("action_of_yesterday"))
    assert answer.status_code == 404
    assert "secret" not in answer.text


def test_an_error_never_holds_what_was_said(address: str) -> None:
    broken = action_call("action_show_goals")
    broken["tracker"] = {"sender_id": "nobody", "latest_message": {"text": "my secret words"}, "events": 7}
    answer = call(address, broken)
    assert (answer.status_code, answer.json()) == (500, {"error": "failed"})


def test_every_action_of_the_domain_is_served(sam: Chat) -> None:
    domains = [yaml.safe_load(file.read_text(encoding="utf-8")) for file in domain_files()]
    named = {action for domain in domains for action in domain.get("actions") or []}
    assert named == set(make_executor(sam.services).actions)
    assert len(list(flow_actions())) == len(named)
