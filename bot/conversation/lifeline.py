"""Answers danger while the database does not: straight to the phone, from what is held in memory."""

from __future__ import annotations

import asyncio
import threading
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TypeVar

import structlog

from bot.safety.content import SafetyContent
from bot.safety.routes import RISK_ORDER, Route, Screening
from bot.safety.screen import Screen
from integrations.telegram.types import Inbound, Outgoing, Sent, TelegramError

logger = structlog.get_logger(__name__)

#: A message that waited longer than this, after an outage, is answered with "I have just seen this".
LATE_AFTER = timedelta(minutes=15)
#: Numbers that went out this short a time ago still stand in front of the client.
STILL_IN_SIGHT_SECONDS = 60.0
SEND_SECONDS = 10.0
SENDS_AT_ONCE = 8
MOST_TRIES = 20
CHATS_REMEMBERED = 50_000
UPDATES_REMEMBERED = 5_000

Send = Callable[[str, Outgoing], Awaitable[Sent]]
_Update = tuple[str, int]
Key = TypeVar("Key")
Value = TypeVar("Value")


@dataclass(frozen=True)
class _Heard:
    """What is known of an update that may not be stored yet; never its words."""

    route: Route | None
    kind: str | None
    tries: int = 0
    in_the_air: bool = False
    sent_at: float | None = None


class Lifeline:
    """Best effort, once per update; holds regions and update numbers in memory, and only so many."""

    def __init__(
        self, screen: Screen, content: SafetyContent, seconds: Callable[[], float] = time.monotonic
    ) -> None:
        self._screen = screen
        self._content = content
        self._seconds = seconds
        self._regions: OrderedDict[tuple[str, str], str] = OrderedDict()
        self._heard: OrderedDict[_Update, _Heard] = OrderedDict()
        self._lock = threading.Lock()
        # Of its own: with the database away, the threads of everything else stand still, waiting for it.
        self._reader = ThreadPoolExecutor(1, "lifeline")

    def learn(self, bot_id: str, chat_id: str, region: str | None) -> None:
        """Remember the region of a chat, or forget a chat that has none; called with every stored message."""
        with self._lock:
            if region is None:
                self._regions.pop((bot_id, chat_id), None)
            else:
                _keep(self._regions, (bot_id, chat_id), region, CHATS_REMEMBERED)

    def answered_lately(self, bot_id: str, update_id: int) -> bool:
        """Return whether the numbers went out for this update a moment ago."""
        with self._lock:
            heard = self._heard.get((bot_id, update_id))
        sent_at = None if heard is None else heard.sent_at
        return sent_at is not None and self._seconds() - sent_at < STILL_IN_SIGHT_SECONDS

    async def riskiest_first(self, inbounds: Sequence[Inbound]) -> list[Inbound]:
        """Put the chats with the riskiest messages first; within a chat the order stays."""
        ranks: dict[str | None, int] = {}
        for inbound, heard in zip(inbounds, await self._read_all(inbounds), strict=True):
            rank = len(RISK_ORDER) if heard.route is None else RISK_ORDER.index(heard.route)
            ranks[inbound.chat_id] = min(rank, ranks.get(inbound.chat_id, rank))
        return sorted(inbounds, key=lambda inbound: ranks[inbound.chat_id])

    async def answer(self, inbounds: Sequence[Inbound], send: Send, now: datetime) -> None:
        """Send the reply for each of these that needs one and has none; raises nothing of the channel's."""
        await self._read_all(inbounds)
        places = asyncio.Semaphore(SENDS_AT_ONCE)
        async with asyncio.TaskGroup() as sending:
            for inbound in inbounds:
                if (heard := self._take(inbound)) is not None:
                    sending.create_task(self._send(inbound, heard, send, now, places))

    def _take(self, inbound: Inbound) -> _Heard | None:
        """Claim the sending for an update; None when there is nothing to send, or somebody does."""
        key = (inbound.bot_id, inbound.update_id)
        with self._lock:
            heard = self._heard.get(key)
            if heard is None or heard.route is None or inbound.chat_id is None:
                return None
            if heard.in_the_air or heard.sent_at is not None or heard.tries >= MOST_TRIES:
                return None
            self._heard[key] = replace(heard, in_the_air=True, tries=heard.tries + 1)
            return heard

    async def _send(
        self, inbound: Inbound, heard: _Heard, send: Send, now: datetime, places: asyncio.Semaphore
    ) -> None:
        chat_id = inbound.chat_id or ""
        with self._lock:
            region = self._regions.get((inbound.bot_id, chat_id))
        late = inbound.sent_at is not None and now - inbound.sent_at > LATE_AFTER
        sent_at: float | None = None
        try:
            async with places:
                for message in self._content.without_database(
                    heard.route or Route.CRISIS, heard.kind, region, late=late
                ):
                    async with asyncio.timeout(SEND_SECONDS):
                        await send(chat_id, Outgoing(message.text))
                    sent_at = sent_at or self._seconds()
            logger.warning("safety reply without the database", update_id=inbound.update_id)
        except (TelegramError, TimeoutError) as error:
            logger.error("safety reply not sent", update_id=inbound.update_id, error=type(error).__name__)
        finally:
            with self._lock:
                key = (inbound.bot_id, inbound.update_id)
                kept = self._heard.get(key, heard)
                _keep(self._heard, key, replace(kept, in_the_air=False, sent_at=sent_at), UPDATES_REMEMBERED)

    async def _read_all(self, inbounds: Sequence[Inbound]) -> list[_Heard]:
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._reader, self._read_in_order, inbounds)

    def _read_in_order(self, inbounds: Sequence[Inbound]) -> list[_Heard]:
        read: list[_Heard] = []
        earlier: dict[str | None, list[str]] = {}
        for inbound in inbounds:
            texts = earlier.setdefault(inbound.chat_id, [])
            read.append(self._read(inbound, texts))
            if inbound.text:
                texts.append(inbound.text)
        return read

    def _read(self, inbound: Inbound, earlier: list[str]) -> _Heard:
        key = (inbound.bot_id, inbound.update_id)
        with self._lock:
            known = self._heard.get(key)
        if known is not None:
            return known
        screening = _NOTHING if inbound.kind == "group" else self._screen.read(inbound.text or "", earlier)
        heard = _Heard(screening.route, screening.kind)
        with self._lock:
            _keep(self._heard, key, heard, UPDATES_REMEMBERED)
        return heard


_NOTHING = Screening(None, None, (), 0.0, failed=False)


def _keep(memory: OrderedDict[Key, Value], key: Key, value: Value, most: int) -> None:
    """Keep the newest so many."""
    memory[key] = value
    memory.move_to_end(key)
    while len(memory) > most:
        memory.popitem(last=False)
