"""The gateway process: takes updates in, gives each its turn, sends the replies, rings the timers."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Awaitable, Callable
from typing import Protocol

import structlog

from bot.caseload.errors import CaseloadUnavailable
from bot.caseload.store import Caseload
from bot.conversation.ingest import Ingest
from bot.conversation.sender import Sender
from bot.conversation.supervise import supervise, where
from bot.conversation.timers import TimerRunner
from bot.conversation.turns import Turns
from integrations.telegram.types import Inbound, OtherPoller, TelegramError, TokenRefused

logger = structlog.get_logger(__name__)

#: With more than this waiting we stop fetching: Telegram keeps the rest for a day, in order.
MAX_WAITING = 5000
PAUSE_WHEN_FULL_SECONDS = 1.0
PAUSE_AFTER_ERROR_SECONDS = (0.5, 1, 2, 5, 10)
PAUSE_WHEN_REFUSED_SECONDS = 30.0
PAUSE_WHEN_EMPTY_SECONDS = 0.3


class Channel(Protocol):
    """A chat channel of other people, such as Telegram."""

    bot_id: str

    async def open(self) -> None: ...

    async def close(self) -> None: ...

    async def fetch(self, offset: int | None, timeout: int = 25) -> list[tuple[int, str]]:
        """Return (update id, raw text) of what waits; a higher offset confirms what came before it."""
        ...

    async def delete_webhook(self) -> None: ...

    async def answer_button(self, callback_id: str, text: str | None = None) -> None: ...


class Gateway:
    """Puts the tasks of this process together and keeps them alive."""

    def __init__(
        self,
        caseload: Caseload,
        ingest: Ingest,
        turns: Turns,
        sender: Sender,
        timers: TimerRunner,
        *,
        channel: Channel | None,
        parse: Callable[[str, str], Inbound],
        listen: Callable[[Callable[[str], Awaitable[None]]], Awaitable[None]] | None = None,
    ) -> None:
        self._caseload = caseload
        self._ingest = ingest
        self._turns = turns
        self._sender = sender
        self._timers = timers
        self._channel = channel
        self._parse = parse
        #: Serves the webhook with the given store, until cancelled; None means that we ask for updates.
        self._listen = listen
        self._in_the_air: set[asyncio.Task[None]] = set()

    async def run(self) -> None:
        """Run until cancelled; raises KeepsDying when a task cannot be kept alive."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(supervise("turns", self._turns.run))
            tasks.create_task(supervise("turn claims", self._turns.keep_claims))
            tasks.create_task(supervise("sender", self._sender.run))
            tasks.create_task(supervise("send claims", self._sender.keep_claims))
            tasks.create_task(supervise("timers", self._timers.run))
            if self._channel is not None:
                tasks.create_task(supervise("ingest", self._take_in))

    async def _take_in(self) -> None:
        channel = self._channel
        if channel is None:
            return
        await self._open(channel)
        if self._listen is not None:
            await self._listen(self.store)
        else:
            await self._poll(channel)

    async def _open(self, channel: Channel) -> None:
        attempt = 0
        while True:
            try:
                await channel.open()
                return
            except TokenRefused:
                logger.error("the bot token is refused: set TELEGRAM_BOT_TOKEN to a valid one")
                await asyncio.sleep(PAUSE_WHEN_REFUSED_SECONDS)
            except TelegramError as error:
                logger.warning("telegram does not answer", error=type(error).__name__)
                await asyncio.sleep(_pause(attempt))
            attempt += 1

    async def _poll(self, channel: Channel) -> None:
        offset: int | None = None
        failures = 0
        while True:
            try:
                if await asyncio.to_thread(self._is_full):
                    await asyncio.sleep(PAUSE_WHEN_FULL_SECONDS)
                    continue
                asked_at = time.monotonic()
                updates = await channel.fetch(offset)
                if not updates and time.monotonic() - asked_at < 1.0:
                    # A server that does not hold the line open would be asked hundreds of times a second.
                    await asyncio.sleep(PAUSE_WHEN_EMPTY_SECONDS)
                for update_id, raw in updates:
                    # Committed first; only the next fetch, with a higher offset, confirms it to Telegram.
                    await self.store(raw)
                    offset = update_id + 1
                failures = 0
            except OtherPoller:
                if failures == 0:
                    # Perhaps only a webhook of an earlier configuration; what waits there is kept.
                    with contextlib.suppress(TelegramError):
                        await channel.delete_webhook()
                logger.error("another process reads this bot's messages: stop it, or remove its webhook")
                await asyncio.sleep(PAUSE_WHEN_REFUSED_SECONDS if failures else 1.0)
                failures += 1
            except TokenRefused:
                logger.error("the bot token is refused: set TELEGRAM_BOT_TOKEN to a valid one")
                await asyncio.sleep(PAUSE_WHEN_REFUSED_SECONDS)
            except (TelegramError, CaseloadUnavailable) as error:
                logger.warning("could not take updates in", error=type(error).__name__)
                await asyncio.sleep(_pause(failures))
                failures += 1

    async def store(self, raw: str) -> None:
        """Commit one raw update; raises CaseloadUnavailable, and then it must come again."""
        channel = self._channel
        if channel is None:
            return
        inbound = self._parse(raw, channel.bot_id)
        await self._receive(inbound)
        self._turns.wake.set()
        self._sender.wake.set()
        if inbound.callback_id is not None:
            # Stops the spinner on the phone; best effort, so nothing waits for it.
            task = asyncio.ensure_future(channel.answer_button(inbound.callback_id))
            self._in_the_air.add(task)
            task.add_done_callback(self._in_the_air.discard)

    async def _receive(self, inbound: Inbound) -> None:
        task = asyncio.create_task(asyncio.to_thread(self._ingest.receive, inbound))
        await asyncio.wait({task})
        error = task.exception()
        if isinstance(error, CaseloadUnavailable):
            raise error
        if error is not None:
            # A defect of ours must not stop the line for everybody behind this update: a person looks at it.
            logger.error("update not read", error=type(error).__name__, at=where(error))
            await asyncio.to_thread(self._ingest.set_aside, inbound, type(error).__name__)

    def _is_full(self) -> bool:
        with self._caseload.reading() as case:
            return case.inbox.waiting()[0] > MAX_WAITING


def _pause(attempt: int) -> float:
    return PAUSE_AFTER_ERROR_SECONDS[min(attempt, len(PAUSE_AFTER_ERROR_SECONDS) - 1)]
