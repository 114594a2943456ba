"""A gateway on a loop of its own, talking to an emulated Telegram, and Sam who is linked there."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from bot.caseload.files import FileStore
from bot.caseload.store import Caseload
from bot.conversation.alerting import AlertSender
from bot.conversation.danger import Danger
from bot.conversation.fetcher import FileFetcher
from bot.conversation.gate import Gate
from bot.conversation.gateway import Gateway
from bot.conversation.ingest import Ingest, Received
from bot.conversation.sender import Sender
from bot.conversation.staff_relay import StaffRelay
from bot.conversation.timers import TimerRunner
from bot.conversation.turns import Turns
from bot.conversation.wording import Wording
from integrations.telegram.channel import TelegramChannel
from integrations.telegram.parsing import parse
from integrations.telegram.types import Inbound
from tests.conversation.office import FakeDialogue
from tests.people import Colleague, hired
from tests.telegram_server.phone import Phone
from tests.telegram_server.server import TelegramServer

PATIENCE = 20
CONSOLE = "https://foothold.example"


class TroubledIngest(Ingest):
    """Fails as often as a test says, with what a test says."""

    trouble: list[Exception]

    def receive(self, inbound: Inbound) -> Received:
        if self.trouble:
            raise self.trouble.pop(0)
        return super().receive(inbound)


class RunningGateway:
    """A gateway on a loop of its own, talking to the emulator."""

    def __init__(
        self,
        caseload: Caseload,
        words: Wording,
        danger: Danger,
        telegram: TelegramServer,
        files: FileStore | None = None,
    ) -> None:
        self.caseload, self.telegram, self.files = caseload, telegram, files
        self.dialogue = FakeDialogue()
        self.ingest = TroubledIngest(caseload, danger, words)
        self.ingest.trouble = []
        self._words, self._danger = words, danger
        self._loop = asyncio.new_event_loop()
        threading.Thread(target=self._loop.run_forever, daemon=True).start()

    def start(self) -> None:
        async def begin() -> None:
            channel = TelegramChannel(self.telegram.token, self.telegram.api_url)

            async def leave(_bot_id: str, chat_id: str) -> None:
                await channel.leave(chat_id)

            gate = Gate(self._words, self._danger)
            gateway = Gateway(
                self.caseload, self.ingest,
                Turns(self.caseload, gate, self.dialogue, self._words, {"telegram": parse}, leave, "w"),
                Sender(self.caseload, {channel.bot_id: channel}, "w"),
                TimerRunner(self.caseload, self._words),
                fetcher=self._fetcher(channel),
                alerts=AlertSender(self.caseload, {channel.bot_id: channel}, None, CONSOLE, "w"),
                staff=StaffRelay(self.caseload), channel=channel, parse=parse,
            )  # fmt: skip
            self._channel, self._task = channel, asyncio.create_task(gateway.run())

        asyncio.run_coroutine_threadsafe(begin(), self._loop).result(PATIENCE)

    def _fetcher(self, channel: TelegramChannel) -> FileFetcher | None:
        return FileFetcher(self.caseload, self.files, {channel.bot_id: channel}) if self.files else None

    def stop(self) -> None:
        async def end() -> None:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task
            await self._channel.close()

        asyncio.run_coroutine_threadsafe(end(), self._loop).result(PATIENCE)

    def close(self) -> None:
        self.stop()
        self._loop.call_soon_threadsafe(self._loop.stop)

    def rows(self, query: str) -> list[Any]:
        with self.caseload.engine.connect() as connection:
            return list(connection.execute(text(query)).all())


@pytest.fixture
def telegram() -> Iterator[TelegramServer]:
    with TelegramServer() as server:
        yield server


@pytest.fixture
def gateway(
    empty_sqlite: Caseload, words: Wording, danger: Danger, telegram: TelegramServer, tmp_path: Path
) -> Iterator[RunningGateway]:
    running = RunningGateway(empty_sqlite, words, danger, telegram, FileStore(tmp_path / "files"))
    running.start()
    yield running
    running.close()


@pytest.fixture
def sam(gateway: RunningGateway, telegram: TelegramServer) -> Phone:
    """Amina's client, linked on the emulator, who said yes."""
    phone = telegram.client("Sam")
    staff: Colleague = hired(gateway.caseload, "northside", "Amina Khan", "consultant")
    with gateway.caseload.transaction() as case:
        amina = case.staff.get(staff.id)
        client = case.clients.enrol(amina.service, "Sam Okoro", ref="sam", consultant=amina)
        case.conversations.link(
            client, channel="telegram", bot_id=telegram.bot_id, chat_id=str(phone.chat_id)
        )
        case.consents.record(client, "chat", given=True, wording_version="1")
    return phone
