"""Answers danger while the database does not: straight to the phone, from what is held in memory."""

from __future__ import annotations

import asyncio
import contextlib
import threading
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TypeVar

import structlog

from bot.safety.content import SafetyContent, SafetyMessage
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
BUTTONS_REMEMBERED = 50_000
#: A voice note, a video or a picture may be a call for help that nobody here can hear.
MAY_BE_SPEECH = {"voice", "audio", "video", "video_note", "photo"}

Send = Callable[[str, Outgoing], Awaitable[Sent]]
AnswerButton = Callable[[str], Awaitable[None]]
_Update = tuple[str, int]
Key = TypeVar("Key")
Value = TypeVar("Value")


@dataclass(frozen=True)
class _Heard:
    """What is known of an update that may not be stored yet; never its words."""

    route: Route | None
    kind: str | None
    #: The choice under a safety text that was pressed.
    choice: str | None = None
    is_speech: bool = False
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
        self._staff: OrderedDict[tuple[str, str], bool] = OrderedDict()
        self._buttons: OrderedDict[tuple[str, str], str] = OrderedDict()
        self._speech: OrderedDict[tuple[str, str], float] = OrderedDict()
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

    def leave_out(self, bot_id: str, chat_id: str, *, is_staffs: bool) -> None:
        """Remember that a chat is that of a member of staff, who may quote a client; or that it is not."""
        with self._lock:
            if is_staffs:
                _keep(self._staff, (bot_id, chat_id), True, CHATS_REMEMBERED)
            else:
                self._staff.pop((bot_id, chat_id), None)

    def offer(self, bot_id: str, buttons: Mapping[str, str]) -> None:
        """Remember what the buttons under a safety text mean: token to choice."""
        with self._lock:
            for token, choice in buttons.items():
                _keep(self._buttons, (bot_id, token), choice, BUTTONS_REMEMBERED)

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
            route = Route.CRISIS if heard.choice == "need_help_now" else heard.route
            rank = len(RISK_ORDER) if route is None else RISK_ORDER.index(route)
            ranks[inbound.chat_id] = min(rank, ranks.get(inbound.chat_id, rank))
        return sorted(inbounds, key=lambda inbound: ranks[inbound.chat_id])

    async def answer(
        self,
        inbounds: Sequence[Inbound],
        send: Send,
        now: datetime,
        answer_button: AnswerButton | None = None,
    ) -> None:
        """Send the reply for each of these that needs one and has none; raises nothing of the channel's."""
        await self._read_all(inbounds)
        places = asyncio.Semaphore(SENDS_AT_ONCE)
        async with asyncio.TaskGroup() as sending:
            for inbound in inbounds:
                if (heard := self._take(inbound)) is not None:
                    sending.create_task(self._send(inbound, heard, send, now, places))
                    if answer_button is not None and inbound.callback_id is not None:
                        sending.create_task(_stop_spinner(answer_button, inbound.callback_id))

    def _take(self, inbound: Inbound) -> _Heard | None:
        """Claim the sending for an update; None when there is nothing to send, or somebody does."""
        key = (inbound.bot_id, inbound.update_id)
        with self._lock:
            heard = self._heard.get(key)
            if heard is None or inbound.chat_id is None:
                return None
            if heard.route is None and heard.choice is None and not heard.is_speech:
                return None
            if (inbound.bot_id, inbound.chat_id) in self._staff:
                return None
            if heard.in_the_air or heard.sent_at is not None or heard.tries >= MOST_TRIES:
                return None
            if heard.is_speech and not self._may_say_unreadable(inbound.bot_id, inbound.chat_id):
                return None
            self._heard[key] = replace(heard, in_the_air=True, tries=heard.tries + 1)
            return heard

    def _may_say_unreadable(self, bot_id: str, chat_id: str) -> bool:
        """Once a minute to a chat: six pictures are no six calls for help."""
        now, last = self._seconds(), self._speech.get((bot_id, chat_id))
        if last is not None and now - last < STILL_IN_SIGHT_SECONDS:
            return False
        _keep(self._speech, (bot_id, chat_id), now, CHATS_REMEMBERED)
        return True

    def _messages(self, heard: _Heard, region: str | None, *, late: bool) -> tuple[SafetyMessage, ...]:
        if heard.choice is not None:
            return self._content.follow_up_without_database(heard.choice, region)
        if heard.is_speech:
            return self._content.unreadable(region)
        return self._content.without_database(heard.route or Route.CRISIS, heard.kind, region, late=late)

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
                for message in self._messages(heard, region, late=late):
                    async with asyncio.timeout(SEND_SECONDS):
                        await send(chat_id, Outgoing(message.text, silent=message.silent))
                    sent_at = sent_at or self._seconds()
            logger.warning("safety reply without the database", update_id=inbound.update_id)
        except (TelegramError, TimeoutError) as error:
            logger.error("safety reply not sent", update_id=inbound.update_id, error=type(error).__name__)
        finally:
            with self._lock:
                key = (inbound.bot_id, inbound.update_id)
                kept = self._heard.get(key, heard)
                if sent_at is None and heard.is_speech:
                    # Not said yet: the next try must not be taken for a second one.
                    self._speech.pop((inbound.bot_id, chat_id), None)
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
        screening = _NOTHING if inbound.kind == "group" else self._screen.read(inbound.all_words, earlier)
        heard = _Heard(screening.route, screening.kind)
        with self._lock:
            if inbound.kind == "button" and inbound.token is not None:
                heard = replace(heard, choice=self._buttons.get((inbound.bot_id, inbound.token)))
            elif inbound.kind in MAY_BE_SPEECH and screening.route is None:
                heard = replace(heard, is_speech=True)
            _keep(self._heard, key, heard, UPDATES_REMEMBERED)
        return heard


async def _stop_spinner(answer_button: AnswerButton, callback_id: str) -> None:
    with contextlib.suppress(TelegramError, TimeoutError):
        async with asyncio.timeout(SEND_SECONDS):
            await answer_button(callback_id)


_NOTHING = Screening(None, None, (), 0.0, failed=False)


def _keep(memory: OrderedDict[Key, Value], key: Key, value: Value, most: int) -> None:
    """Keep the newest so many."""
    memory[key] = value
    memory.move_to_end(key)
    while len(memory) > most:
        memory.popitem(last=False)
