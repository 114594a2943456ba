from __future__ import annotations

import asyncio
import itertools
import json
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest

from integrations.rasa import signing
from integrations.rasa.client import DialogueClient
from integrations.rasa.types import Turn, TurnContext, TurnResult

from .dialogue_server import SECRET, ActionServer, DialogueServer, says, tiny_model

_numbers = itertools.count(1)


def context(**changes: Any) -> TurnContext:
    now = datetime(2026, 11, 25, 10, 0, tzinfo=UTC)
    return TurnContext(
        **{
            "now": now,
            "timezone": "Europe/London",
            "region": "england",
            "first_name": "Sam",
            "consultant": "Amina",
            "service": "Northside",
            **changes,
        }
    )


class Chat:
    """A client's conversation; each message has a new id unless one is given."""

    def __init__(self, url: str, conversation: str, secret: str = SECRET) -> None:
        self.url, self.conversation, self.secret = url, conversation, secret
        self._ids = itertools.count(1)

    def turn(
        self,
        text: str | None = None,
        message_id: str | None = None,
        ctx: TurnContext | None = None,
        **given: Any,
    ) -> Turn:
        message_id = message_id or f"m{next(self._ids)}"
        return Turn(self.conversation, message_id, ctx or context(), text=text, **given)

    def send(self, *turns: Turn) -> list[TurnResult | BaseException]:
        """Send turns at the same moment."""

        async def all_of_them() -> list[TurnResult | BaseException]:
            client = DialogueClient(self.url, self.secret)
            try:
                return await asyncio.gather(*map(client.take_turn, turns), return_exceptions=True)
            finally:
                await client.close()

        return asyncio.run(all_of_them())

    def send_in_order(self, *turns: Turn) -> list[TurnResult]:
        """Send each turn when the one before is answered."""

        async def one_by_one() -> list[TurnResult]:
            client = DialogueClient(self.url, self.secret)
            try:
                return [await client.take_turn(turn) for turn in turns]
            finally:
                await client.close()

        return asyncio.run(one_by_one())

    def result(self, text: str | None = None, **given: Any) -> TurnResult:
        answer = self.send(self.turn(text, **given))[0]
        if isinstance(answer, BaseException):
            raise answer
        return answer

    def says(self, text: str | None = None, **given: Any) -> list[str]:
        """The texts of the bot's replies."""
        return [reply.text for reply in self.result(text, **given).replies]

    def post(self, path: str, body: Any, timeout: float = 10, **headers: str) -> httpx.Response:
        """Send a request as it is, signed unless a signature is given."""
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        signature = signing.sign(signing.derive(self.secret, signing.DIALOGUE), content, time.time())
        headers = headers or {signing.HEADER: signature}
        url = f"{self.url}/webhooks/gateway{path}"
        return httpx.post(url, content=content, headers=headers, timeout=timeout)


@pytest.fixture(scope="session")
def model() -> Path:
    return tiny_model()


@pytest.fixture(scope="session")
def actions() -> Iterator[ActionServer]:
    server = ActionServer()
    server.answers["action_count"] = lambda call: says(
        {"response": "utter_counted", "number": len(server.calls_of("action_count", call["sender_id"]))}
    )
    yield server
    server.close()


@pytest.fixture(scope="session")
def server(
    model: Path, actions: ActionServer, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[DialogueServer]:
    process = DialogueServer(tmp_path_factory.mktemp("dialogue"), model, actions.url)
    process.start()
    yield process
    process.kill()


@pytest.fixture
def sam(server: DialogueServer) -> Chat:
    return Chat(server.url, f"sam-{next(_numbers)}")
