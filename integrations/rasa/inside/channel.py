"""The only way into the dialogue server: signed turns from the gateway, each run at most once."""

from __future__ import annotations

import asyncio
import json
import logging
import time
from typing import Any, Awaitable, Callable, Dict, Optional, Set, Text, Tuple, Type

from rasa.core.agent import Agent
from rasa.core.channels.channel import InputChannel, UserMessage
from sanic import Blueprint, Sanic
from sanic.request import Request
from sanic.response import HTTPResponse
from sanic.response import json as json_response

from integrations.rasa import signing
from integrations.rasa.inside.processor import (
    ActionFailed,
    HonestProcessor,
    NotHardened,
    TooManyActions,
    harden,
)
from integrations.rasa.inside.responses import ResponseError
from integrations.rasa.inside.tracker_store import CaseworkTrackerStore, TrackerConflict, TrackerStoreError
from integrations.rasa.inside.turns import (
    BadTurn,
    SilentChannel,
    answer_to,
    as_understanding,
    read_question,
    read_turn,
)

BODY_LIMIT = 64 * 1024

# Status and name of each way a turn can fail; the first that fits. 503 means: nothing happened, ask again.
ANSWERS: Dict[Type[Exception], Tuple[int, str]] = {
    TrackerConflict: (503, "written_meanwhile"),
    TrackerStoreError: (503, "store_failed"),
    ActionFailed: (502, "action_failed"),
    ResponseError: (500, "response_failed"),
    TooManyActions: (500, "too_many_actions"),
}
FAILURES = tuple(ANSWERS)

logger = logging.getLogger("foothold.dialogue")

Work = Callable[[Dict[str, Any]], Awaitable[Dict[str, Any]]]


class ConversationLocks:
    """One turn at a time in each conversation; Rasa's own lock waits in steps of a second and can expire."""

    def __init__(self) -> None:
        self._locks: Dict[str, asyncio.Lock] = {}
        self._waiting: Dict[str, int] = {}

    async def run(self, conversation: str, work: Callable[[], Awaitable[Dict[str, Any]]]) -> Dict[str, Any]:
        """Run the work when every earlier work of this conversation has ended."""
        lock = self._locks.setdefault(conversation, asyncio.Lock())
        self._waiting[conversation] = self._waiting.get(conversation, 0) + 1
        try:
            async with lock:
                return await work()
        finally:
            self._waiting[conversation] -= 1
            if not self._waiting[conversation]:
                del self._waiting[conversation], self._locks[conversation]


class GatewayChannel(InputChannel):
    """Takes turns from our gateway over loopback HTTP and answers with everything that the bot said."""

    @classmethod
    def name(cls) -> Text:
        return "gateway"

    @classmethod
    def from_credentials(cls, credentials: Optional[Dict[Text, Any]]) -> GatewayChannel:
        key = (credentials or {}).get("key")
        if not key:
            raise NotHardened("credentials.yml gives the gateway channel no key.")
        return cls(key)

    def __init__(self, key: str) -> None:
        self._key = key
        self._locks = ConversationLocks()
        self._running: Set[asyncio.Task[Dict[str, Any]]] = set()
        self._processor: Optional[HonestProcessor] = None

    def blueprint(self, on_new_message: Callable[[UserMessage], Awaitable[Any]]) -> Blueprint:
        del on_new_message  # Rasa's own way in neither answers nor repeats; turns go to the processor.
        blueprint = Blueprint("gateway_webhook")

        # Sanic marks handlers, which bound methods do not allow.
        @blueprint.listener("after_server_start")
        async def start(app: Sanic, _loop: asyncio.AbstractEventLoop) -> None:
            await self._start(app.ctx.agent)

        @blueprint.get("/")
        async def health(_request: Request) -> HTTPResponse:
            return self._health()

        @blueprint.post("/turn")
        async def turn(request: Request) -> HTTPResponse:
            return await self._answer(request, self._take_turn)

        @blueprint.post("/understand")
        async def understand(request: Request) -> HTTPResponse:
            return await self._answer(request, self._parse)

        return blueprint

    async def _start(self, agent: Agent) -> None:
        self._processor = harden(agent)
        store = self._processor.tracker_store
        assert isinstance(store, CaseworkTrackerStore), "harden() has just put it there"
        await store.prepare()

    def _health(self) -> HTTPResponse:
        if self._processor is None:
            return json_response({"error": "starting"}, status=503)
        return json_response({"status": "ready", "model": model_id(self._processor)})

    async def _answer(self, request: Request, work: Work) -> HTTPResponse:
        if len(request.body) > BODY_LIMIT:
            return json_response({"error": "too_large"}, status=413)
        if not signing.verify(self._key, request.body, request.headers.get(signing.HEADER), time.time()):
            return json_response({"error": "not_signed"}, status=401)
        try:
            body = json.loads(request.body)
        except ValueError:
            return json_response({"error": "not_json"}, status=400)
        try:
            return json_response(await self._to_its_end(work(body)))
        except BadTurn as error:
            return json_response({"error": "bad_turn", "why": str(error)}, status=400)
        except FAILURES as error:
            # The texts of these errors name tables, actions and responses, never what a client wrote.
            logger.error("a turn failed: %s %s", type(error).__name__, error)
            status, kind = _kind_of(error)
            return json_response({"error": kind, "action": getattr(error, "action", None)}, status=status)

    async def _to_its_end(self, work: Awaitable[Dict[str, Any]]) -> Dict[str, Any]:
        # Sanic cancels a handler after 60 seconds or when the caller hangs up; half a turn must not happen.
        task = asyncio.ensure_future(work)
        self._running.add(task)
        task.add_done_callback(self._ended)
        return await asyncio.shield(task)

    def _ended(self, task: asyncio.Task[Dict[str, Any]]) -> None:
        self._running.discard(task)
        if not task.cancelled():
            task.exception()  # Looked at, so that asyncio does not log it when nobody waits any more.

    async def _take_turn(self, body: Dict[str, Any]) -> Dict[str, Any]:
        processor = self._ready()
        message = read_turn(body, processor.domain, SilentChannel(self.name()))

        async def work() -> Dict[str, Any]:
            tracker = await processor.get_tracker(message.sender_id)
            recorded = answer_to(message.message_id, tracker, repeated=True)
            if recorded is not None:
                return recorded
            await processor.take_turn(message, tracker)
            answer = answer_to(message.message_id, tracker, repeated=False)
            assert answer is not None, "the message was written to the tracker above"
            return answer

        return await self._locks.run(message.sender_id, work)

    async def _parse(self, body: Dict[str, Any]) -> Dict[str, Any]:
        return as_understanding(await self._ready().parse_message(read_question(body)))

    def _ready(self) -> HonestProcessor:
        if self._processor is None:
            raise TrackerStoreError("The server is starting.")
        return self._processor


def _kind_of(error: Exception) -> Tuple[int, str]:
    return next(answer for kind, answer in ANSWERS.items() if isinstance(error, kind))


def model_id(processor: HonestProcessor) -> str:
    """The id under which the model was trained: its file's name."""
    return processor.model_filename.replace(".tar.gz", "")
