"""Fetches the files that clients sent, and deletes those that were erased."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Protocol

import structlog

from bot.caseload.attachments import MAX_BYTES
from bot.caseload.files import FileStore
from bot.caseload.store import Caseload
from bot.conversation.file_types import type_of
from bot.conversation.supervise import until_stored
from integrations.telegram.types import FileTooBig, RetryAfter, SendRefused, TelegramError

logger = structlog.get_logger(__name__)

LOOK_SECONDS = 1.0
PAUSE_SECONDS = 30.0
#: Each may hold ten million bytes in memory.
AT_ONCE = 2


class Downloads(Protocol):
    """A channel that has clients' files; raises the errors of integrations.telegram.types."""

    async def download(self, file_id: str, limit_bytes: int) -> bytes:
        """Return the content of a file."""
        ...


@dataclass(frozen=True)
class Claimed:
    """A file that is ours to fetch."""

    attachment_id: str
    bot_id: str
    file_id: str


class FileFetcher:
    """Fetches what is due, one try at a time; each file ends as stored, refused or failed."""

    def __init__(self, caseload: Caseload, files: FileStore, downloads: Mapping[str, Downloads]) -> None:
        self._caseload = caseload
        self._files = files
        #: By bot id. Another gateway may serve the bots that are not here.
        self._downloads = dict(downloads)

    async def run(self) -> None:
        """Fetch until cancelled."""
        while not await asyncio.to_thread(self._is_ready):
            await asyncio.sleep(PAUSE_SECONDS)
        while True:
            await asyncio.to_thread(discard_files, self._caseload, self._files)
            if not await self.fetch_due():
                await asyncio.sleep(LOOK_SECONDS)

    async def fetch_due(self) -> int:
        """Fetch what is due; return how many files that were."""
        claimed = await asyncio.to_thread(self._claim)
        await asyncio.gather(*(self._fetch(one) for one in claimed))
        return len(claimed)

    def _is_ready(self) -> bool:
        try:
            self._files.prepare()
        except OSError as error:
            # The chats go on without their files.
            logger.error("the files folder cannot be used", error=type(error).__name__)
            return False
        return True

    def _claim(self) -> list[Claimed]:
        with self._caseload.reading() as case:
            if not case.attachments.has_work(list(self._downloads)):
                return []
        with self._caseload.transaction() as case:
            due = case.attachments.claim(list(self._downloads), AT_ONCE)
            return [Claimed(one.id, one.bot_id, one.file_id) for one in due]

    async def _fetch(self, claimed: Claimed) -> None:
        wanted = claimed.attachment_id
        try:
            content = await self._downloads[claimed.bot_id].download(claimed.file_id, MAX_BYTES)
        except FileTooBig:
            await until_stored(self._refuse, wanted, "too_big")
        except SendRefused as error:
            # Over twenty million bytes Telegram itself says so, and gives no size.
            if "too big" in error.reason:
                await until_stored(self._refuse, wanted, "too_big")
            else:
                await until_stored(self._give_up, wanted)
        except RetryAfter as error:
            await until_stored(self._retry, wanted, timedelta(seconds=error.seconds))
        except TelegramError as error:
            logger.warning("file not fetched", attachment_id=wanted, error=type(error).__name__)
            await until_stored(self._retry, wanted, None)
        else:
            await until_stored(self._keep, wanted, content)

    def _keep(self, attachment_id: str, content: bytes) -> None:
        mime = type_of(content)
        if mime is None:
            self._refuse(attachment_id, "not_allowed")
            return
        try:
            with self._caseload.transaction() as case:
                attachment = case.attachments.find_waiting(attachment_id)
                if attachment is not None:
                    # Under the row's lock: an erasure waits, and then has this file deleted.
                    self._files.write(attachment.stored_as, content)
                    case.attachments.stored(attachment, content, mime)
        except OSError as error:
            logger.error("file not kept", attachment_id=attachment_id, error=type(error).__name__)
            self._retry(attachment_id, None)

    def _refuse(self, attachment_id: str, reason: str) -> None:
        with self._caseload.transaction() as case:
            if (attachment := case.attachments.find_waiting(attachment_id)) is not None:
                case.attachments.refuse(attachment, reason)

    def _give_up(self, attachment_id: str) -> None:
        with self._caseload.transaction() as case:
            if (attachment := case.attachments.find_waiting(attachment_id)) is not None:
                case.attachments.give_up(attachment, "gone")

    def _retry(self, attachment_id: str, wait: timedelta | None) -> None:
        with self._caseload.transaction() as case:
            if (attachment := case.attachments.find_waiting(attachment_id)) is not None:
                case.attachments.retry(attachment, wait)


def discard_files(caseload: Caseload, files: FileStore) -> int:
    """Delete the files whose rows were erased or are too old; return how many."""
    with caseload.reading() as case:
        names = case.attachments.discarded()
    if not names:
        return 0
    try:
        files.remove(names)
    except OSError as error:
        logger.error("files not deleted", error=type(error).__name__)
        return 0
    with caseload.transaction() as case:
        case.attachments.forget_discarded(names)
    return len(names)
