"""The last step: messages leave in order within each chat, and what happened to each is known."""

from __future__ import annotations

import asyncio
import contextlib
import random
import time
from collections import deque
from collections.abc import Mapping
from datetime import timedelta
from typing import Protocol

import structlog

from bot.caseload.models.conversation import Mode
from bot.caseload.models.queues import OutboxItem
from bot.caseload.store import Case, Caseload
from bot.conversation.supervise import finished_even_if_stopped, until_stored
from integrations.telegram.types import (
    ChatUnreachable,
    NotSent,
    OtherPoller,
    Outgoing,
    OutgoingButton,
    RetryAfter,
    SendRefused,
    SendUncertain,
    Sent,
    TokenRefused,
)

logger = structlog.get_logger(__name__)

SENDS_AT_ONCE = 16
#: Telegram's own limits are near 30 a second in all and one a second in a chat, with short bursts.
ALL_CHATS_PER_SECOND = 25
CHAT_BURST = 3
CHAT_BURST_SECONDS = 3.0
BACKOFF_SECONDS = (1, 2, 4, 8, 16, 32, 60)
GIVE_UP_AFTER = timedelta(hours=24)
LOOK_SECONDS = 0.15
RENEW_SECONDS = 4.0


class Delivery(Protocol):
    """A channel that carries messages to phones; raises the errors of integrations.telegram.types."""

    async def send(self, chat_id: str, outgoing: Outgoing) -> Sent:
        """Hand one message over."""
        ...


class DemoDelivery:
    """The demo's phone reads the transcript itself: handing over is all there is."""

    async def send(self, chat_id: str, outgoing: Outgoing) -> Sent:  # noqa: ARG002 (the protocol's names)
        """Say that it arrived."""
        return Sent(message_id=0)


class Sender:
    """Sends what waits in the outbox."""

    def __init__(self, caseload: Caseload, deliveries: Mapping[str, Delivery], worker: str) -> None:
        self._caseload = caseload
        #: By bot id. Another gateway may serve the bots that are not here.
        self.deliveries = dict(deliveries)
        self._worker = worker
        self._running: set[asyncio.Task[None]] = set()
        self._chat_times: dict[tuple[str, str], deque[float]] = {}
        self._all_times: deque[float] = deque(maxlen=ALL_CHATS_PER_SECOND)
        self.wake = asyncio.Event()

    async def run(self) -> None:
        """Work until cancelled; what is in the air then is waited for."""
        try:
            while True:
                self.wake.clear()
                if not await self._start_some():
                    await self._wait()
        finally:
            if self._running:
                await asyncio.wait(self._running, timeout=10)

    async def keep_claims(self) -> None:
        """Renew the claims of this sender until cancelled."""
        while True:
            await asyncio.sleep(RENEW_SECONDS)
            if self._running:
                await asyncio.to_thread(self._renew)

    async def _wait(self) -> None:
        # The console queues messages from another process: look again.
        # Not wait_for: before Python 3.12 it can swallow the cancellation that stops us.
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(LOOK_SECONDS):
                await self.wake.wait()

    async def _start_some(self) -> bool:
        free = min(SENDS_AT_ONCE - len(self._running), self._share_left())
        if free <= 0:
            return False
        resting = self._resting_chats()
        claimed = await finished_even_if_stopped(self._claim, self._start, free, resting)
        return bool(claimed)

    def _start(self, claimed: list[tuple[int, str, str, Outgoing]]) -> None:
        for item_id, bot_id, chat_id, outgoing in claimed:
            now = time.monotonic()
            if bot_id != "demo":
                self._all_times.append(now)
                self._chat_times.setdefault((bot_id, chat_id), deque(maxlen=CHAT_BURST)).append(now)
            task = asyncio.create_task(self._send(item_id, bot_id, chat_id, outgoing))
            self._running.add(task)
            task.add_done_callback(self._finished)

    def _finished(self, task: asyncio.Task[None]) -> None:
        self._running.discard(task)
        self.wake.set()
        error = None if task.cancelled() else task.exception()
        if error is not None:
            # The row stays `sending`; when its claim runs out it is tried again, marked uncertain.
            logger.error("send not recorded", error=type(error).__name__)

    def _share_left(self) -> int:
        now = time.monotonic()
        return ALL_CHATS_PER_SECOND - sum(1 for at in self._all_times if now - at < 1.0)

    def _resting_chats(self) -> list[tuple[str, str]]:
        now = time.monotonic()
        resting = []
        for chat, times in list(self._chat_times.items()):
            if now - times[-1] > CHAT_BURST_SECONDS:
                del self._chat_times[chat]
            elif len(times) == CHAT_BURST and now - times[0] < CHAT_BURST_SECONDS:
                resting.append(chat)
        return resting

    def _claim(self, limit: int, resting: list[tuple[str, str]]) -> list[tuple[int, str, str, Outgoing]]:
        with self._caseload.reading() as case:
            if not case.outbox.has_work():
                return []
        with self._caseload.transaction() as case:
            case.outbox.release_abandoned()
            claimed = case.outbox.claim(self._worker, list(self.deliveries), limit, resting)
            return [
                (item.id, item.bot_id, item.chat_id, _outgoing(item))
                for item in claimed
                if not self._stopped(case, item)
            ]

    def _stopped(self, case: Case, item: OutboxItem) -> bool:
        """Take a claimed message out when it may no longer be sent; the last look before it leaves."""
        if item.conversation_id is not None:
            conversation = case.conversations.find(item.conversation_id)
            if conversation is None or conversation.unlinked_at is not None:
                case.outbox.suppress(item, "the chat is no longer linked")
                return True
            of_the_bot = item.origin in {"bot", "timer"}
            if of_the_bot and (conversation.mode == Mode.PERSON or conversation.epoch != item.epoch):
                case.outbox.suppress(item, "a person has the chat")
                self._hold_question(case, item)
                return True
            if conversation.unreachable_at is not None and item.origin != "safety":
                case.outbox.give_up(item, "the client blocked the bot")
                return True
        if item.origin == "timer" and item.uncertain:
            # A reminder that may have arrived is not worth a second one.
            case.outbox.give_up(item, "may have arrived")
            return True
        if case.clock.now() - item.created_at > GIVE_UP_AFTER:
            case.outbox.give_up(item, f"not sent for a day: {item.last_error}")
            return True
        return False

    def _hold_question(self, case: Case, item: OutboxItem) -> None:
        """Nothing of the answer was sent, so the client's message waits for the person who has the chat."""
        if item.inbox_seq is None or item.dedup_key != f"in:{item.inbox_seq}:0":
            return
        question = case.inbox.get(item.inbox_seq)
        if question.status == "done" and question.kind != "internal":
            case.inbox.finish(question, "held", "a person took the chat")

    async def _send(self, item_id: int, bot_id: str, chat_id: str, outgoing: Outgoing) -> None:
        try:
            sent = await self.deliveries[bot_id].send(chat_id, outgoing)
        except RetryAfter as error:
            delay = timedelta(seconds=error.seconds + random.uniform(0.05, 0.3))  # noqa: S311 (not a secret)
            await until_stored(self._retry, item_id, "too many messages", delay)
        except ChatUnreachable:
            await until_stored(self._unreachable, item_id)
        except SendRefused as error:
            await until_stored(self._refused, item_id, error.reason)
        except SendUncertain:
            await until_stored(self._retry, item_id, "the send was cut off", None, uncertain=True)
        except NotSent:
            await until_stored(self._retry, item_id, "the server did not take it", None)
        except (TokenRefused, OtherPoller) as error:
            logger.error("the channel refuses us", bot_id=bot_id, error=type(error).__name__)
            await until_stored(self._retry, item_id, type(error).__name__, timedelta(seconds=60))
        else:
            await until_stored(self._sent, item_id, sent)

    def _renew(self) -> None:
        with self._caseload.transaction() as case:
            case.outbox.renew(self._worker)

    def _mine(self, case: Case, item_id: int) -> OutboxItem | None:
        item = case.outbox.get(item_id)
        mine = item is not None and item.status == "sending" and item.claimed_by == self._worker
        return item if mine else None

    def _sent(self, item_id: int, sent: Sent) -> None:
        with self._caseload.transaction() as case:
            item = self._mine(case, item_id)
            if item is not None:
                case.outbox.sent(item, sent.message_id or None)

    def _retry(self, item_id: int, why: str, delay: timedelta | None, *, uncertain: bool = False) -> None:
        with self._caseload.transaction() as case:
            item = self._mine(case, item_id)
            if item is None:
                return
            if delay is None:
                step = min(item.attempts, len(BACKOFF_SECONDS)) - 1
                delay = timedelta(seconds=BACKOFF_SECONDS[step] * random.uniform(0.8, 1.2))  # noqa: S311
            else:
                # Being told to wait is no failure of the message.
                item.attempts -= 1
            case.outbox.retry(item, delay, why, uncertain=uncertain)

    def _refused(self, item_id: int, why: str) -> None:
        with self._caseload.transaction() as case:
            item = self._mine(case, item_id)
            if item is not None:
                logger.error("message refused", outbox_id=item_id)
                case.outbox.give_up(item, why)

    def _unreachable(self, item_id: int) -> None:
        with self._caseload.transaction() as case:
            item = self._mine(case, item_id)
            if item is None:
                return
            conversation = case.conversations.find(item.conversation_id) if item.conversation_id else None
            case.outbox.give_up(item, "the client blocked the bot")
            if conversation is not None and case.conversations.mark_unreachable(conversation):
                case.outbox.give_up_chat(conversation, "the client blocked the bot")
                case.handoffs.open(conversation.client, "", "unreachable", urgency="today")


def _outgoing(item: OutboxItem) -> Outgoing:
    buttons = tuple(OutgoingButton(button["label"], button["token"]) for button in item.buttons)
    return Outgoing(text=item.text, buttons=buttons, silent=item.silent)
