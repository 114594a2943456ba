"""The gateway process: takes updates in, gives each its turn, sends the replies, rings the timers."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from typing import Any, Protocol, TypeVar

import structlog

from bot.caseload.errors import CaseloadUnavailable
from bot.caseload.store import Caseload
from bot.conversation.alerting import AlertSender
from bot.conversation.fetcher import FileFetcher
from bot.conversation.ingest import Ingest
from bot.conversation.sender import Sender
from bot.conversation.staff_relay import StaffRelay
from bot.conversation.supervise import supervise, where
from bot.conversation.timers import TimerRunner
from bot.conversation.turns import Turns
from integrations.telegram.types import (
    Inbound,
    OtherPoller,
    Outgoing,
    Sent,
    TelegramError,
    TokenRefused,
)

Result = TypeVar("Result")

logger = structlog.get_logger(__name__)

PAUSE_AFTER_ERROR_SECONDS = (0.5, 1, 2, 5, 10)
PAUSE_WHEN_REFUSED_SECONDS = 30.0
PAUSE_WHEN_EMPTY_SECONDS = 0.3
#: Database work that takes longer than this does not keep anybody in danger waiting.
LOOK_FOR_DANGER_AFTER_SECONDS = 1.5


class Channel(Protocol):
    """A chat channel of other people, such as Telegram."""

    bot_id: str

    async def open(self) -> None: ...

    async def close(self) -> None: ...

    async def fetch(self, offset: int | None, timeout: int = 25) -> list[tuple[int, str]]:
        """Return (update id, raw text) of what waits; a higher offset confirms what came before it."""
        ...

    async def send(self, chat_id: str, outgoing: Outgoing) -> Sent: ...

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
        alerts: AlertSender | None = None,
        fetcher: FileFetcher | None = None,
        staff: StaffRelay | None = None,
        channel: Channel | None,
        parse: Callable[[str, str], Inbound],
        listen: Callable[[Callable[[str], Awaitable[None]]], Awaitable[None]] | None = None,
    ) -> None:
        self._caseload = caseload
        self._ingest = ingest
        self._turns = turns
        self._sender = sender
        self._timers = timers
        self._alerts = alerts
        self._fetcher = fetcher
        self._staff = staff
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
            if self._alerts is not None:
                tasks.create_task(supervise("alerts", self._alerts.run))
            if self._fetcher is not None:
                tasks.create_task(supervise("files", self._fetcher.run))
            if self._staff is not None:
                tasks.create_task(supervise("staff chats", self._staff.run))
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
                asked_at = time.monotonic()
                updates = await channel.fetch(offset)
                if not updates and time.monotonic() - asked_at < 1.0:
                    # A server that does not hold the line open would be asked hundreds of times a second.
                    await asyncio.sleep(PAUSE_WHEN_EMPTY_SECONDS)
                for inbound in await self._riskiest_first(channel, updates):
                    await self._watchful(channel, offset, self._store(channel, inbound))
                if updates:
                    # All are committed; only the next fetch, with a higher offset, confirms them to Telegram.
                    offset = updates[-1][0] + 1
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
            except TelegramError as error:
                logger.warning("could not take updates in", error=type(error).__name__)
                await asyncio.sleep(_pause(failures))
                failures += 1
            except CaseloadUnavailable as error:
                logger.warning("could not take updates in", error=type(error).__name__)
                await self._look_for_danger(channel, offset)
                await self._watchful(channel, offset, asyncio.sleep(_pause(failures)))
                failures += 1

    async def _riskiest_first(self, channel: Channel, updates: Sequence[tuple[int, str]]) -> list[Inbound]:
        """After an outage whoever is in danger is not the hundredth in the line."""
        inbounds = [self._parse(raw, channel.bot_id) for _, raw in updates]
        return await self._ingest.lifeline.riskiest_first(inbounds) if len(inbounds) > 1 else inbounds

    async def _watchful(self, channel: Channel, offset: int | None, work: Awaitable[Result]) -> Result:
        """Wait for work; when it takes long, answer danger among what waits at Telegram meanwhile."""
        task = asyncio.ensure_future(work)
        try:
            while not (await asyncio.wait({task}, timeout=LOOK_FOR_DANGER_AFTER_SECONDS))[0]:
                await self._look_for_danger(channel, offset)
        except asyncio.CancelledError:
            task.cancel()
            raise
        return task.result()

    async def _look_for_danger(self, channel: Channel, offset: int | None) -> None:
        """Look at what waits without confirming any of it: it comes again, to be stored."""
        with contextlib.suppress(TelegramError):
            updates = await channel.fetch(offset, timeout=0)
            self._answer_danger(channel, [self._parse(raw, channel.bot_id) for _, raw in updates])

    def _answer_danger(self, channel: Channel, inbounds: Sequence[Inbound]) -> None:
        """Have the safety replies sent that these need, past the database; nobody waits for it."""
        lifeline, now = self._ingest.lifeline, self._caseload.clock.now()
        self._let_fly(lifeline.answer(inbounds, channel.send, now, channel.answer_button))

    async def store(self, raw: str) -> None:
        """Commit one raw update; raises CaseloadUnavailable, and then it must come again."""
        channel = self._channel
        if channel is not None:
            await self._store(channel, self._parse(raw, channel.bot_id))

    async def _store(self, channel: Channel, inbound: Inbound) -> None:
        await self._receive(channel, inbound)
        self._turns.wake.set()
        self._sender.wake.set()
        if inbound.callback_id is not None:
            # Stops the spinner on the phone; best effort, so nothing waits for it.
            self._let_fly(channel.answer_button(inbound.callback_id))

    def _let_fly(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._in_the_air.add(task)
        task.add_done_callback(self._landed)

    def _landed(self, task: asyncio.Task[None]) -> None:
        self._in_the_air.discard(task)
        error = None if task.cancelled() else task.exception()
        if error is not None:
            logger.error("best effort failed", error=type(error).__name__, at=where(error))

    async def _receive(self, channel: Channel, inbound: Inbound) -> None:
        task = asyncio.create_task(asyncio.to_thread(self._ingest.receive, inbound))
        if not (await asyncio.wait({task}, timeout=LOOK_FOR_DANGER_AFTER_SECONDS))[0]:
            self._answer_danger(channel, [inbound])
            await asyncio.wait({task})
        error = task.exception()
        if error is None:
            return
        self._answer_danger(channel, [inbound])
        if isinstance(error, CaseloadUnavailable):
            raise error
        # A defect of ours must not stop the line for everybody behind this update: a person looks at it.
        logger.error("update not read", error=type(error).__name__, at=where(error))
        await asyncio.to_thread(self._ingest.set_aside, inbound, type(error).__name__)


def _pause(attempt: int) -> float:
    return PAUSE_AFTER_ERROR_SECONDS[min(attempt, len(PAUSE_AFTER_ERROR_SECONDS) - 1)]
