"""The gateway's tasks in this process, the phones that they serve, and a dialogue of the test's own."""

from __future__ import annotations

import asyncio
import itertools
import json
import threading
import time
from collections import deque
from collections.abc import Callable, Collection, Coroutine
from contextlib import suppress
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any

from sqlalchemy import text

from bot.caseload.inbox import WAITS_FOR_DIALOGUE
from bot.caseload.models.base import UtcDateTime
from bot.caseload.store import Caseload
from bot.conversation.danger import Danger
from bot.conversation.gate import Gate
from bot.conversation.ingest import Ingest, Received
from bot.conversation.sender import Sender
from bot.conversation.timers import TimerRunner
from bot.conversation.turns import Turns
from bot.conversation.wording import Wording
from integrations.rasa.types import (
    DialogueUnavailable,
    Reply,
    ReplyButton,
    Turn,
    TurnFailed,
    TurnResult,
    Understanding,
)
from integrations.telegram.parsing import parse
from integrations.telegram.types import Outgoing, OutgoingButton, SendUncertain, Sent
from tests.people import Colleague

BOT = "7000000001"
SETTLE_SECONDS = 30.0
_update_ids = itertools.count(1000)
_chats = itertools.count(5_000_000_001)


def result(*texts: str, buttons: tuple[ReplyButton, ...] = ()) -> TurnResult:
    """An answer of the dialogue, the buttons under its last message."""
    replies = [Reply(words) for words in texts]
    if buttons:
        replies[-1] = Reply(texts[-1], buttons)
    return TurnResult(tuple(replies), Understanding(None, 0.0))


@dataclass
class FakeDialogue:
    """Answers as told; `turns` holds what it was asked."""

    answer: Callable[[Turn], TurnResult] = lambda turn: result(f"You said: {turn.text or turn.intent}")
    turns: list[Turn] = field(default_factory=list)
    down: bool = False
    failures: int = 0
    thinking: bool = False

    async def take_turn(self, turn: Turn) -> TurnResult:
        self.turns.append(turn)
        if self.down:
            raise DialogueUnavailable("down")
        if self.failures:
            self.failures -= 1
            raise TurnFailed("it fell over")
        while self.thinking:
            await asyncio.sleep(0.002)
        return self.answer(turn)


@dataclass(frozen=True)
class Bubble:
    """What stands on a phone."""

    chat_id: str
    text: str
    buttons: tuple[OutgoingButton, ...]

    @property
    def labels(self) -> list[str]:
        return [button.label for button in self.buttons]


@dataclass
class FakePhones:
    """Every phone at once; `faults` are raised by the coming sends, SendUncertain after it arrived."""

    bubbles: list[Bubble] = field(default_factory=list)
    faults: deque[Exception] = field(default_factory=deque)
    before_send: Callable[[str, Outgoing], None] = lambda chat_id, outgoing: None

    async def send(self, chat_id: str, outgoing: Outgoing) -> Sent:
        self.before_send(chat_id, outgoing)
        fault = self.faults.popleft() if self.faults else None
        if fault is not None and not isinstance(fault, SendUncertain):
            raise fault
        self.bubbles.append(Bubble(chat_id, outgoing.text, outgoing.buttons))
        if fault is not None:
            raise fault
        return Sent(len(self.bubbles))


class Office:
    """Turns and sender running on a loop in a thread; `settle` waits until nothing is left to do now."""

    def __init__(
        self,
        caseload: Caseload,
        words: Wording,
        danger: Danger,
        dialogue: FakeDialogue,
        phones: FakePhones,
        bot_id: str,
    ) -> None:
        self.caseload, self.words, self.dialogue, self.phones = caseload, words, dialogue, phones
        self.bot_id = bot_id
        self.danger = danger
        self.ingest = Ingest(caseload, danger, words)
        self.timers = TimerRunner(caseload, words)
        self.left_groups: list[str] = []
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._tasks: list[asyncio.Task[None]] = []
        self._workers = itertools.count(1)

    def __enter__(self) -> Office:
        self._thread.start()
        self.open()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.dialogue.thinking = False
        self.shut()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop.close()

    def open(self, dead_workers: Collection[str] = ()) -> None:
        """Start turns and sender as a fresh process would, which knows of these that they are dead."""
        worker = f"worker{next(self._workers)}"

        async def leave(_bot_id: str, chat_id: str) -> None:
            self.left_groups.append(chat_id)

        # The demo's bot has no limits of Telegram's; its updates look the same in these tests.
        parsers = {"telegram": parse, "demo": parse}
        self.turns = Turns(
            self.caseload, Gate(self.words, self.danger), self.dialogue, self.words, parsers, leave,
            worker, dead_workers,
        )  # fmt: skip
        self.sender = Sender(
            self.caseload, {self.bot_id: self.phones}, worker, dead_workers, self.danger.made_anew
        )
        works = (self.turns.run, self.turns.keep_claims, self.sender.run, self.sender.keep_claims)

        async def start() -> None:
            self._tasks = [asyncio.create_task(work()) for work in works]

        self._do(start())

    def shut(self) -> None:
        """Stop in good order: what is in hand is finished."""

        async def stop() -> None:
            for task in self._tasks:
                task.cancel()
            for task in self._tasks:
                with suppress(asyncio.CancelledError):
                    await task

        self._do(stop())

    def restart(self) -> None:
        """Stop and start afresh."""
        self.shut()
        self.open()

    def receive(self, update: dict[str, Any]) -> Received:
        """Take an update in, as from Telegram."""
        received = self.ingest.receive(parse(json.dumps(update), self.bot_id))
        self._loop.call_soon_threadsafe(self.turns.wake.set)
        self._loop.call_soon_threadsafe(self.sender.wake.set)
        return received

    def settle(self) -> None:
        """Wait until every message that is due has its outcome and every reply has left."""
        deadline = time.monotonic() + SETTLE_SECONDS
        while self._is_busy():
            assert time.monotonic() < deadline, "the gateway does not come to rest"
            time.sleep(0.005)

    def waits_until(self, met: Callable[[], object], seconds: float = SETTLE_SECONDS) -> None:
        """Wait for something that the gateway does."""
        deadline = time.monotonic() + seconds
        while not met():
            assert time.monotonic() < deadline, "it did not happen"
            time.sleep(0.005)

    def rows(self, table: str) -> list[dict[str, Any]]:
        """All rows of a table, oldest first."""
        with self.caseload.engine.connect() as connection:
            found = connection.execute(text(f"SELECT * FROM {table} ORDER BY 1"))
            return [dict(row) for row in found.mappings()]

    def outcomes(self) -> list[tuple[str, str]]:
        """(status, why) of every update, in the order in which they came."""
        return [(row["status"], row["outcome"]) for row in self.rows("inbox")]

    def _is_busy(self) -> bool:
        now = self.caseload.clock.now()
        queries = (
            ("SELECT bot_id, chat_id, status, next_try_at, passes, outcome FROM inbox "
             "WHERE status IN ('new', 'claimed') ORDER BY seq", "claimed"),
            ("SELECT bot_id, chat_id, status, next_try_at, 0 AS passes, NULL AS outcome FROM outbox "
             "WHERE status IN ('new', 'sending') ORDER BY priority, id", "sending"),
        )  # fmt: skip
        for query, in_hand in queries:
            with self.caseload.engine.connect() as connection:
                rows = connection.execute(text(query).columns(next_try_at=UtcDateTime)).all()
            # What stands behind a message that waits for its time waits too; some not for the dialogue.
            behind: dict[tuple[str, str], bool] = {}
            for bot_id, chat_id, status, next_try_at, passes, outcome in rows:
                may_begin = behind.get((bot_id, chat_id), True) if passes else (bot_id, chat_id) not in behind
                waits = outcome == WAITS_FOR_DIALOGUE and behind.get((bot_id, chat_id), True)
                behind[bot_id, chat_id] = waits
                if status == in_hand or (may_begin and next_try_at <= now):
                    return True
        return False

    def _do(self, work: Coroutine[Any, Any, None]) -> None:
        asyncio.run_coroutine_threadsafe(work, self._loop).result(30)


class ClientPhone:
    """Somebody's phone: each method is one thing that they do, and returns when it is stored."""

    def __init__(self, office: Office, chat_id: str, ref: str | None, conversation_id: str = "") -> None:
        self.office, self.chat_id, self.ref = office, chat_id, ref
        self.conversation_id = conversation_id
        self._messages = itertools.count(1)

    @property
    def bubbles(self) -> list[Bubble]:
        """What the bot wrote here."""
        return [bubble for bubble in self.office.phones.bubbles if bubble.chat_id == self.chat_id]

    @property
    def reads(self) -> list[str]:
        """The texts that the bot wrote here."""
        return [bubble.text for bubble in self.bubbles]

    def says(self, words: str, **extra: Any) -> Received:
        return self.sends({"text": words, **extra})

    def sends(self, content: dict[str, Any]) -> Received:
        return self.office.receive({"update_id": next(_update_ids), "message": self.message(content)})

    def edits(self, words: str) -> Received:
        message = {**self.message({"text": words}), "edit_date": int(time.time())}
        return self.office.receive({"update_id": next(_update_ids), "edited_message": message})

    def asks(self, words: str) -> list[str]:
        """Say something and read what comes back."""
        before = len(self.bubbles)
        self.says(words)
        self.office.settle()
        return self.reads[before:]

    def presses(self, label: str) -> Received:
        """Press the newest button that says this."""
        for bubble in reversed(self.bubbles):
            for button in bubble.buttons:
                if button.label == label:
                    return self.presses_token(button.token)
        raise AssertionError(f"no button {label!r} on this phone")

    def presses_token(self, token: str) -> Received:
        query = {
            "id": str(next(_update_ids)),
            "from": {"id": int(self.chat_id), "is_bot": False, "first_name": "Client"},
            "message": self.message({"text": "with buttons"}),
            "chat_instance": "1",
            "data": token,
        }
        return self.office.receive({"update_id": next(_update_ids), "callback_query": query})

    def becomes(self, status: str) -> Received:
        """Block (kicked) or unblock (member) the bot."""
        user = {"id": int(self.chat_id), "is_bot": False, "first_name": "Client"}
        change = {
            **self.message({}),
            "old_chat_member": {"user": {"id": 7, "is_bot": True, "first_name": "B"}, "status": "member"},
            "new_chat_member": {"user": {"id": 7, "is_bot": True, "first_name": "B"}, "status": status},
            "from": user,
        }
        return self.office.receive({"update_id": next(_update_ids), "my_chat_member": change})

    def message(self, content: dict[str, Any]) -> dict[str, Any]:
        chat = {"id": int(self.chat_id), "type": "private", "first_name": "Client"}
        sender = {"id": int(self.chat_id), "is_bot": False, "first_name": "Client"}
        now = int(self.office.caseload.clock.now().timestamp())
        return {"message_id": next(self._messages), "chat": chat, "from": sender, "date": now, **content}


def linked(
    office: Office, ref: str, name: str, consultant: Colleague | None, *, consent: bool | None = True
) -> ClientPhone:
    """Take somebody on, with a chat on Telegram; `consent` None means that they were not asked yet."""
    with office.caseload.transaction() as case:
        staff = case.staff.get(consultant.id) if consultant else None
        service = staff.service if staff else case.services.all()[0]
        client = case.clients.enrol(service, name, ref=ref, consultant=staff)
        chat_id = str(next(_chats))
        conversation = case.conversations.link(
            client, channel="telegram", bot_id=office.bot_id, chat_id=chat_id
        )
        if consent is not None:
            case.consents.record(client, "chat", given=consent, wording_version="1")
        return ClientPhone(office, chat_id, ref, conversation.id)
