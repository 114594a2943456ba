"""Our side of the dialogue server: one signed HTTP call per turn."""

from __future__ import annotations

import json
import time
from typing import Any

import httpx

from integrations.rasa import signing
from integrations.rasa.types import (
    DialogueUnavailable,
    Reply,
    ReplyButton,
    Turn,
    TurnContext,
    TurnFailed,
    TurnResult,
    Understanding,
)

ROOT = "/webhooks/gateway"
CONNECT_SECONDS = 2.0
TURN_SECONDS = 30.0
HEALTH_SECONDS = 5.0

# These say that the server is not the one we mean or not ready: the message must wait, not fail.
NOT_OUR_SERVER = (401, 403, 404, 429, 503)


class DialogueClient:
    """Asks the dialogue server; keep one per process and close it at the end."""

    def __init__(self, base_url: str, secret: str, transport: httpx.AsyncBaseTransport | None = None) -> None:
        self._key = signing.derive(secret, signing.DIALOGUE)
        timeout = httpx.Timeout(TURN_SECONDS, connect=CONNECT_SECONDS)
        # trust_env off: a proxy set for the machine must not see what clients write.
        self._http = httpx.AsyncClient(
            base_url=base_url, timeout=timeout, transport=transport, trust_env=False
        )

    async def take_turn(self, turn: Turn) -> TurnResult:
        """Answer one message; safe to ask twice. Raises DialogueUnavailable or TurnFailed."""
        body: dict[str, Any] = {
            "conversation": turn.conversation,
            "message_id": turn.message_id,
            "metadata": turn.context.as_metadata(),
        }
        if turn.text is not None:
            body["text"] = turn.text
        else:
            body |= {"intent": turn.intent, "entities": dict(turn.entities)}
        return _turn_result(await self._post("/turn", body))

    async def understand(self, text: str, context: TurnContext) -> dict[str, Any]:
        """What the model makes of the words: intent, confidence, ranking, entities; nothing is recorded."""
        return await self._post("/understand", {"text": text, "metadata": context.as_metadata()})

    async def alive(self) -> str:
        """The id of the model that answers. Raises DialogueUnavailable."""
        try:
            response = await self._http.get(ROOT + "/", timeout=HEALTH_SECONDS)
        except httpx.HTTPError as error:
            raise DialogueUnavailable("The dialogue server did not answer.") from error
        return _model_id(response)

    async def close(self) -> None:
        """Close the connections."""
        await self._http.aclose()

    async def _post(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        content = json.dumps(body).encode()
        headers = {
            "Content-Type": "application/json",
            signing.HEADER: signing.sign(self._key, content, time.time()),
        }
        try:
            response = await self._http.post(ROOT + path, content=content, headers=headers)
        except (httpx.ReadTimeout, httpx.WriteTimeout) as error:
            raise TurnFailed("The dialogue server took longer than the time allowed for a turn.") from error
        except httpx.HTTPError as error:
            raise DialogueUnavailable("The dialogue server could not be reached.") from error
        return _answer(response)


def check(base_url: str, timeout: float = HEALTH_SECONDS) -> str:
    """The id of the model that answers, for health checks that are not async. Raises DialogueUnavailable."""
    try:
        response = httpx.get(base_url.rstrip("/") + ROOT + "/", timeout=timeout, trust_env=False)
    except httpx.HTTPError as error:
        raise DialogueUnavailable("The dialogue server did not answer.") from error
    return _model_id(response)


def _answer(response: httpx.Response) -> dict[str, Any]:
    if response.status_code in NOT_OUR_SERVER:
        raise DialogueUnavailable(f"The dialogue server answered {response.status_code}.")
    try:
        answer = response.json()
    except ValueError as error:
        raise TurnFailed(f"The dialogue server's answer ({response.status_code}) is not JSON.") from error
    if not isinstance(answer, dict):
        raise TurnFailed("The dialogue server's answer has another form than expected.")
    if response.status_code != httpx.codes.OK:
        reason = str(answer.get("error", response.status_code))
        action = answer.get("action")
        raise TurnFailed(f"{reason}: {action}" if action else reason)
    return answer


def _model_id(response: httpx.Response) -> str:
    try:
        answer = _answer(response)
    except TurnFailed as error:
        raise DialogueUnavailable(str(error)) from error
    return str(answer.get("model", ""))


def _turn_result(answer: dict[str, Any]) -> TurnResult:
    try:
        understanding = answer["understanding"]
        return TurnResult(
            replies=tuple(_reply(reply) for reply in answer["replies"]),
            understanding=Understanding(
                intent=understanding["intent"],
                confidence=float(understanding["confidence"]),
                ranking=tuple((str(name), float(score)) for name, score in understanding["ranking"]),
            ),
            actions=tuple(answer["actions"]),
            repeated=bool(answer["repeated"]),
            open_form=str(form) if (form := answer.get("open_form")) else None,
        )
    except (KeyError, TypeError, ValueError) as error:
        raise TurnFailed("The dialogue server's answer has another form than expected.") from error


def _reply(reply: dict[str, Any]) -> Reply:
    buttons = tuple(
        ReplyButton(label=button["label"], intent=button["intent"], entities=button["entities"])
        for button in reply["buttons"]
    )
    return Reply(text=reply["text"], buttons=buttons, response=reply["response"])
