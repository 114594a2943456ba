"""The last step: messages leave in order within each chat, and what happened to each is known."""

from __future__ import annotations

import random
import time
from collections import deque
from collections.abc import Callable, Collection, Coroutine, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol

import structlog

from bot.caseload.models.conversation import Mode
from bot.caseload.models.queues import OutboxItem
from bot.caseload.sending import Sending
from bot.caseload.store import Case, Caseload
from bot.conversation import reachable, staff_chats
from bot.conversation.supervise import until_stored
from bot.conversation.workers import Worker
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

#: Telegram's own limits are near 30 a second in all and one a second in a chat, with short bursts.
ALL_CHATS_PER_SECOND = 25
CHAT_BURST = 3
CHAT_BURST_SECONDS = 3.0
BACKOFF_SECONDS = (1, 2, 4, 8, 16, 32, 60)
GIVE_UP_AFTER = timedelta(hours=24)


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


@dataclass(frozen=True)
class Claim:
    """A message that is ours to send."""

    item_id: int
    bot_id: str
    chat_id: str
    outgoing: Outgoing
    at: datetime


class Sender(Worker[Claim]):
    """Sends what waits in the outbox."""

    at_once = 16
    look_seconds = 0.15
    renew_seconds = 4.0

    def __init__(
        self,
        caseload: Caseload,
        deliveries: Mapping[str, Delivery],
        worker: str,
        dead_workers: Collection[str] = (),
        made_anew: Callable[[Case, OutboxItem], str | None] = lambda _case, _item: None,
    ) -> None:
        super().__init__(caseload, worker, dead_workers)
        #: By bot id. Another gateway may serve the bots that are not here.
        self.deliveries = dict(deliveries)
        #: The words of a safety text at the moment when it leaves, if they are not those that were queued.
        self._made_anew = made_anew
        self._chat_times: dict[tuple[str, str], deque[float]] = {}
        self._all_times: deque[float] = deque(maxlen=ALL_CHATS_PER_SECOND)

    def _room(self) -> int:
        now = time.monotonic()
        share_left = ALL_CHATS_PER_SECOND - sum(1 for at in self._all_times if now - at < 1.0)
        return min(super()._room(), share_left)

    def _queue(self, case: Case) -> Sending:
        return case.sending

    def _begin(self, claimed: Claim) -> Coroutine[Any, Any, None]:
        if claimed.bot_id != "demo":
            now = time.monotonic()
            self._all_times.append(now)
            times = self._chat_times.setdefault((claimed.bot_id, claimed.chat_id), deque(maxlen=CHAT_BURST))
            times.append(now)
        return self._send(claimed)

    def _resting_chats(self) -> list[tuple[str, str]]:
        now = time.monotonic()
        resting = []
        for chat, times in list(self._chat_times.items()):
            if now - times[-1] > CHAT_BURST_SECONDS:
                del self._chat_times[chat]
            elif len(times) == CHAT_BURST and now - times[0] < CHAT_BURST_SECONDS:
                resting.append(chat)
        return resting

    def _claim(self, case: Case, limit: int) -> list[Claim]:
        claimed = case.sending.claim(self._worker, list(self.deliveries), limit, self._resting_chats())
        return [
            Claim(item.id, item.bot_id, item.chat_id, _outgoing(item), case.clock.now())
            for item in claimed
            if not self._stopped(case, item)
        ]

    def _stopped(self, case: Case, item: OutboxItem) -> bool:
        """Take a claimed message out when it may no longer be sent; the last look before it leaves."""
        if item.conversation_id is not None:
            conversation = case.conversations.find(item.conversation_id)
            if conversation is None or conversation.unlinked_at is not None:
                case.sending.suppress(item, "the chat is no longer linked")
                return True
            of_the_bot = item.origin in {"bot", "timer"}
            if of_the_bot and (conversation.mode == Mode.PERSON or conversation.epoch != item.epoch):
                case.sending.suppress(item, "a person has the chat")
                self._hold_question(case, item)
                return True
            if conversation.unreachable_at is not None and item.origin != "safety":
                case.sending.give_up(item, reachable.BLOCKED)
                return True
        if item.staff_id is not None and not staff_chats.may_still_read(case, item):
            case.sending.suppress(item, "not for this person any more")
            return True
        if item.origin == "timer" and item.uncertain:
            # A reminder that may have arrived is not worth a second one.
            case.sending.give_up(item, "may have arrived")
            return True
        if case.clock.now() - item.created_at > GIVE_UP_AFTER:
            case.sending.give_up(item, f"not sent for a day: {item.last_error}")
            self._tell_of_loss(case, item)
            return True
        if item.origin == "safety" and (words := self._made_anew(case, item)) is not None:
            case.sending.reword(item, words)
        return False

    def _tell_of_loss(self, case: Case, item: OutboxItem) -> None:
        """Have a person phone when a safety text will not arrive any more."""
        conversation = case.conversations.find(item.conversation_id) if item.conversation_id else None
        if item.origin == "safety" and conversation is not None and conversation.unlinked_at is None:
            reachable.numbers_lost(case, conversation)

    def _hold_question(self, case: Case, item: OutboxItem) -> None:
        """Nothing of the answer was sent, so the client's message waits for the person who has the chat."""
        if item.inbox_seq is None or item.dedup_key != f"in:{item.inbox_seq}:0":
            return
        question = case.inbox.get(item.inbox_seq)
        if question.status == "done" and question.kind != "internal":
            case.inbox.finish(question, "held", "a person took the chat")

    async def _send(self, claimed: Claim) -> None:
        item_id, bot_id = claimed.item_id, claimed.bot_id
        try:
            sent = await self.deliveries[bot_id].send(claimed.chat_id, claimed.outgoing)
        except RetryAfter as error:
            delay = timedelta(seconds=error.seconds + random.uniform(0.05, 0.3))  # noqa: S311 (not a secret)
            await until_stored(self._retry, item_id, "too many messages", delay)
        except ChatUnreachable:
            await until_stored(self._unreachable, item_id, claimed.at)
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

    def _mine(self, case: Case, item_id: int) -> OutboxItem | None:
        item = case.sending.get(item_id)
        mine = item is not None and item.status == "sending" and item.claimed_by == self._worker
        return item if mine else None

    def _sent(self, item_id: int, sent: Sent) -> None:
        with self._caseload.transaction() as case:
            item = self._mine(case, item_id)
            if item is not None:
                case.sending.sent(item, sent.message_id or None)

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
            case.sending.retry(item, delay, why, uncertain=uncertain)

    def _refused(self, item_id: int, why: str) -> None:
        with self._caseload.transaction() as case:
            item = self._mine(case, item_id)
            if item is not None:
                logger.error("message refused", outbox_id=item_id)
                case.sending.give_up(item, why)
                self._tell_of_loss(case, item)

    def _unreachable(self, item_id: int, began: datetime) -> None:
        with self._caseload.transaction() as case:
            item = self._mine(case, item_id)
            if item is None:
                return
            conversation = case.conversations.find(item.conversation_id) if item.conversation_id else None
            if item.staff_id is not None:
                staff_chats.lose(case, item)
            if conversation is not None and reachable.was_here_since(conversation, began):
                # They came back while this was on its way: it tells nothing of now.
                case.sending.retry(item, timedelta(0), reachable.BLOCKED)
                return
            if conversation is not None:
                reachable.lost(case, conversation)
            case.sending.give_up(item, reachable.BLOCKED)
            self._tell_of_loss(case, item)


def _outgoing(item: OutboxItem) -> Outgoing:
    buttons = tuple(OutgoingButton(button["label"], button["token"]) for button in item.buttons)
    # A client's words on somebody's own phone cannot be passed on or saved from there.
    protect = item.staff_id is not None
    return Outgoing(text=item.text, buttons=buttons, silent=item.silent, protect=protect)
