"""When something breaks, the turn did not happen; nobody is told that it did, and nothing leaks."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable
from contextlib import closing

import httpx
import pytest

from integrations.rasa import signing
from integrations.rasa.types import DialogueUnavailable, TurnFailed

from .conftest import Chat, context
from .dialogue_server import SECRET, ActionServer, Answer, DialogueServer, says

CANARY = "zebra-canary-7431"


def answers(status: int, content: bytes) -> Callable[[object], Answer]:
    return lambda _call: (status, content)


@pytest.mark.parametrize(
    "broken",
    [
        answers(500, b'{"error": "boom", "action_name": "action_fails"}'),
        answers(200, b"this is not json"),
        answers(200, b"[]"),
        answers(200, b'{"events": "none"}'),
        answers(200, b'{"events": [{"event": "no_such_event"}], "responses": []}'),
        answers(404, b"{}"),
    ],
)
def test_an_action_that_fails_ends_the_turn(
    sam: Chat, actions: ActionServer, broken: Callable[[object], Answer]
) -> None:
    actions.answers["action_fails"] = broken
    with pytest.raises(TurnFailed, match="action_failed: action_fails"):
        sam.says("break it", message_id="m")
    actions.answers["action_fails"] = lambda _call: says({"text": "Saved."})
    result = sam.result("break it", message_id="m")
    assert not result.repeated
    assert [reply.text for reply in result.replies] == ["Saved.", "Hello Sam.\n\nYour consultant is Amina."]


def test_an_action_that_hangs_is_given_up_after_ten_seconds(sam: Chat, actions: ActionServer) -> None:
    actions.answers["action_fails"] = lambda _call: time.sleep(12) or says()
    began = time.monotonic()
    with pytest.raises(TurnFailed, match="action_failed: action_fails"):
        sam.says("break it")
    assert 9 < time.monotonic() - began < 12


def test_a_button_that_cannot_be_read_fails_before_it_is_recorded(sam: Chat, actions: ActionServer) -> None:
    actions.answers["action_fails"] = lambda _call: says(
        {"text": "Choose.", "buttons": [{"title": "One", "payload": "one"}]}
    )
    with pytest.raises(TurnFailed, match="response_failed"):
        sam.says("break it", message_id="m")
    actions.answers["action_fails"] = lambda _call: says({"text": "Well."})
    assert not sam.result("break it", message_id="m").repeated


def test_actions_get_the_key_and_only_the_last_messages(sam: Chat, actions: ActionServer) -> None:
    for _ in range(6):
        sam.says("hello")
    sam.says("count", message_id="the-last")
    call = actions.calls_of("action_count", sam.conversation)[0]
    messages = [event for event in call["tracker"]["events"] if event["event"] == "user"]
    assert actions.keys[-1] == signing.derive(SECRET, signing.ACTIONS)
    assert len(messages) == 3
    assert messages[-1]["message_id"] == "the-last"
    assert messages[-1]["metadata"]["consultant"] == "Amina"
    assert "responses" not in call["domain"]


def test_an_unsigned_turn_is_refused(sam: Chat) -> None:
    body = {"conversation": sam.conversation, "message_id": "m", "text": "hello", "metadata": {}}
    content = str(body).encode()
    key = signing.derive(SECRET, signing.DIALOGUE)
    old = signing.sign(key, content, time.time() - 61)
    other = signing.sign(signing.derive("another secret", signing.DIALOGUE), content, time.time())
    for signature in ("", "t=1,v1=00", old, other):
        assert sam.post("/turn", content, **{signing.HEADER: signature}).status_code == 401
    assert sam.post("/understand", content, **{signing.HEADER: other}).status_code == 401


def test_a_gateway_with_another_secret_waits_instead_of_failing_messages(server: DialogueServer) -> None:
    with pytest.raises(DialogueUnavailable, match="401"):
        Chat(server.url, "sam-elsewhere", secret="another secret").says("hello")


def test_a_signature_seen_before_gives_only_what_was_said_before(sam: Chat, actions: ActionServer) -> None:
    body = {"conversation": sam.conversation, "message_id": "m", "text": "count", "metadata": {}}
    first, replayed = sam.post("/turn", body), sam.post("/turn", body)
    assert first.json()["replies"] == replayed.json()["replies"]
    assert replayed.json()["repeated"]
    assert len(actions.calls_of("action_count", sam.conversation)) == 1


@pytest.mark.parametrize(
    "body",
    [
        b"not json",
        [],
        {},
        {"conversation": "c", "message_id": "m"},
        {"conversation": "c", "message_id": 7, "text": "hello"},
        {"conversation": "c", "message_id": "m", "text": ""},
        {"conversation": "c", "message_id": "m", "text": "hello", "metadata": []},
        {"conversation": "c", "message_id": "m", "intent": "greet", "entities": []},
    ],
)
def test_a_request_that_is_no_turn_is_refused(sam: Chat, body: object) -> None:
    assert sam.post("/turn", body).status_code == 400


def test_a_huge_request_is_refused(sam: Chat) -> None:
    body = {"conversation": sam.conversation, "message_id": "m", "text": "w" * 70_000, "metadata": {}}
    assert sam.post("/turn", body).status_code == 413


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/conversations/x/tracker"),
        ("POST", "/conversations/x/messages"),
        ("PUT", "/model"),
        ("POST", "/model/train"),
        ("POST", "/webhooks/rest/webhook"),
        ("GET", "/status"),
        ("GET", "/domain"),
        ("GET", "/"),
    ],
)
def test_nothing_of_rasas_own_api_is_served(server: DialogueServer, method: str, path: str) -> None:
    assert httpx.request(method, server.url + path, json={}).status_code == 404


def test_a_database_that_fails_is_not_a_new_conversation(sam: Chat, server: DialogueServer) -> None:
    sam.says(intent="choose_job", entities={"job": "baker"})
    with closing(sqlite3.connect(server.database)) as database:
        database.execute("ALTER TABLE dialogue_trackers RENAME TO away")
        try:
            with pytest.raises(DialogueUnavailable):
                sam.says("hello", message_id="lost?")
        finally:
            database.execute("ALTER TABLE away RENAME TO dialogue_trackers")
    result = sam.result("hello", message_id="lost?")
    assert not result.repeated
    assert sam.result("jobs").replies[0].buttons[1].label == "Your baker"


def test_what_another_process_wrote_is_read(sam: Chat, server: DialogueServer) -> None:
    sam.says(intent="choose_job", entities={"job": "baker"})
    with closing(sqlite3.connect(server.database)) as database:
        database.execute(
            "UPDATE dialogue_trackers SET version = version + 1,"
            " events = replace(events, 'baker', 'gardener') WHERE sender_id = ?",
            (sam.conversation,),
        )
        database.commit()
    assert sam.result("jobs").replies[0].buttons[1].label == "Your gardener"


def test_two_processes_cannot_both_write_a_turn(
    sam: Chat, actions: ActionServer, server: DialogueServer
) -> None:
    def meanwhile(_call: object) -> Answer:
        with closing(sqlite3.connect(server.database)) as database:
            database.execute(
                "UPDATE dialogue_trackers SET version = version + 1 WHERE sender_id = ?", (sam.conversation,)
            )
            database.commit()
        return says()

    sam.says("hello")
    actions.answers["action_fails"] = meanwhile
    with pytest.raises(DialogueUnavailable):
        sam.says("break it", message_id="m")
    actions.answers["action_fails"] = lambda _call: says()
    assert not sam.result("break it", message_id="m").repeated


def test_a_killed_server_repeats_what_it_recorded_and_runs_what_it_did_not(
    sam: Chat, actions: ActionServer, server: DialogueServer
) -> None:
    first = sam.result("count", message_id="before")

    def killed(_call: object) -> Answer:
        server.kill()
        return says()

    actions.answers["action_fails"] = killed
    with pytest.raises(DialogueUnavailable):
        sam.says("break it", message_id="cut-off")
    server.start()
    again = sam.result("count", message_id="before")
    assert (again.repeated, again.replies) == (True, first.replies)
    actions.answers["action_fails"] = lambda _call: says({"text": "Saved."})
    result = sam.result("break it", message_id="cut-off")
    assert (result.repeated, result.replies[0].text) == (False, "Saved.")


def test_the_log_holds_nothing_that_a_client_wrote(
    sam: Chat, actions: ActionServer, server: DialogueServer
) -> None:
    sam.says(f"/{CANARY}" + "{", ctx=context(first_name=CANARY))
    sam.says(f"hello {CANARY}")
    sam.says("goal")
    sam.says(CANARY)
    actions.answers["action_fails"] = answers(500, CANARY.encode())
    with pytest.raises(TurnFailed):
        sam.says("break it")
    sam.post("/turn", {"conversation": CANARY, "message_id": "m", "text": {"a": CANARY}})
    log = server.log.read_text()
    assert "The action action_fails failed: status 500" in log
    assert CANARY not in log
