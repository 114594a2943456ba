"""What our side makes of the dialogue server's answers, and the signatures between them."""

from __future__ import annotations

import asyncio
import json

import httpx
import pytest

from integrations.rasa import signing
from integrations.rasa.client import DialogueClient, check
from integrations.rasa.types import DialogueError, DialogueUnavailable, Turn, TurnFailed

from .conftest import Chat, context
from .dialogue_server import SECRET, DialogueServer, free_port


def outcome(handler: httpx.MockTransport) -> type[DialogueError]:
    async def ask() -> None:
        client = DialogueClient("http://dialogue", SECRET, transport=handler)
        try:
            await client.take_turn(Turn("c", "m", context(), text="hello"))
        finally:
            await client.close()

    with pytest.raises(DialogueError) as raised:
        asyncio.run(ask())
    return raised.type


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        (400, TurnFailed),
        (401, DialogueUnavailable),
        (404, DialogueUnavailable),
        (500, TurnFailed),
        (502, TurnFailed),
        (503, DialogueUnavailable),
    ],
)
def test_an_answer_says_whether_to_wait_or_to_give_up(status: int, expected: type[DialogueError]) -> None:
    transport = httpx.MockTransport(lambda _request: httpx.Response(status, json={"error": "x"}))
    assert outcome(transport) is expected


@pytest.mark.parametrize("content", [b"<html>", b"[]", b"{}", b'{"replies": 1}'])
def test_an_answer_in_another_form_is_a_failed_turn(content: bytes) -> None:
    assert outcome(httpx.MockTransport(lambda _request: httpx.Response(200, content=content))) is TurnFailed


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (httpx.ConnectError, DialogueUnavailable),
        (httpx.ConnectTimeout, DialogueUnavailable),
        (httpx.ReadError, DialogueUnavailable),
        (httpx.ReadTimeout, TurnFailed),
    ],
)
def test_a_broken_connection_is_waited_for_and_a_slow_turn_is_not(
    error: type[httpx.TransportError], expected: type[DialogueError]
) -> None:
    def fail(request: httpx.Request) -> httpx.Response:
        raise error("broken", request=request)

    assert outcome(httpx.MockTransport(fail)) is expected


def test_a_turn_has_words_or_an_intent() -> None:
    with pytest.raises(ValueError, match="either text or an intent"):
        Turn("c", "m", context())
    with pytest.raises(ValueError, match="either text or an intent"):
        Turn("c", "m", context(), text="hello", intent="greet")


def test_the_health_check_tells_the_model(server: DialogueServer) -> None:
    assert check(server.url) == server.model.name.removesuffix(".tar.gz")
    with pytest.raises(DialogueUnavailable):
        check(f"http://127.0.0.1:{free_port()}", timeout=1)


def test_understanding_needs_no_conversation(sam: Chat) -> None:
    async def ask() -> dict[str, object]:
        client = DialogueClient(sam.url, SECRET)
        try:
            assert await client.alive()
            return await client.understand("my job is gardener", context())
        finally:
            await client.close()

    understood = asyncio.run(ask())
    assert understood["intent"] == "name_job"
    assert json.dumps(understood["entities"]).count("gardener") == 1


def test_a_signature_holds_for_its_body_its_key_and_a_minute() -> None:
    key = signing.derive(SECRET, signing.DIALOGUE)
    header = signing.sign(key, b"body", 1000.0)
    assert signing.verify(key, b"body", header, 1059.0)
    assert signing.verify(key, b"body", header, 941.0)
    assert not signing.verify(key, b"body", header, 1061.0)
    assert not signing.verify(key, b"body", header, 938.0)
    assert not signing.verify(key, b"bodY", header, 1000.0)
    assert not signing.verify(signing.derive(SECRET, signing.ACTIONS), b"body", header, 1000.0)
    for wrong in (None, "", "v1=", "t=1000", "t=x,v1=y", header.replace("t=1000", "t=1001"), "t=¹,v1=é"):
        assert not signing.verify(key, b"body", wrong, 1000.0)
