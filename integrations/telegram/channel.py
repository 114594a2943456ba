"""The Bot API as this product uses it: fetch updates as raw text, send plain messages, name what went wrong.

Only `telegram.Bot` is used. The library's own update loop confirms messages while they are still in memory.
"""

from __future__ import annotations

import logging
import re
import warnings

import structlog
from telegram import Bot, InlineKeyboardButton, InlineKeyboardMarkup, LinkPreviewOptions
from telegram.request import HTTPXRequest
from telegram.warnings import PTBDeprecationWarning, PTBUserWarning

from integrations.telegram.errors import named_errors
from integrations.telegram.fields import dump, integer
from integrations.telegram.splitting import split_text, units
from integrations.telegram.types import (
    ChatUnreachable,
    FileTooBig,
    NotSent,
    Outgoing,
    SendRefused,
    SendUncertain,
    Sent,
    TelegramError,
    TokenRefused,
)

__all__ = ["ALLOWED_UPDATES", "TelegramChannel", "split_text", "units"]

logger = structlog.get_logger(__name__)

ALLOWED_UPDATES = ["message", "edited_message", "callback_query", "my_chat_member"]
_BATCH = 100
_TOKEN = re.compile(r"[0-9]+:[A-Za-z0-9_-]+")
# The server answers a long poll at its own time-out; this much later the line is dead.
_POLL_GRACE_SECONDS = 10.0


class TelegramChannel:
    """One bot on one Bot API server; every call ends, and raises only the errors of `types.py`."""

    def __init__(
        self,
        token: str,
        api_url: str = "https://api.telegram.org",
        *,
        connect_seconds: float = 10.0,
        answer_seconds: float = 15.0,
        connections: int = 32,
    ) -> None:
        if not _TOKEN.fullmatch(token):
            raise TokenRefused("a bot token is a number, a colon and a secret")
        _quieten_libraries()
        self.bot_id = token.partition(":")[0]
        self.username: str | None = None
        root = api_url.rstrip("/")

        def line(size: int) -> HTTPXRequest:
            return HTTPXRequest(
                connection_pool_size=size,
                connect_timeout=connect_seconds,
                read_timeout=answer_seconds,
                write_timeout=answer_seconds,
                pool_timeout=answer_seconds,
            )

        # Fetching has its own pool, so that a burst of sending cannot starve it.
        self._lines = (line(connections), line(2))
        self._bot = Bot(
            token,
            base_url=f"{root}/bot",
            base_file_url=f"{root}/file/bot",
            request=self._lines[0],
            get_updates_request=self._lines[1],
        )

    async def open(self) -> None:
        """Ask Telegram who this bot is (sets `username`); may be called again after an error."""
        async with named_errors(repeatable=True):
            await self._bot.initialize()
        self.username = self._bot.username

    async def close(self) -> None:
        """Give back all connections."""
        await self._bot.shutdown()
        # The library leaves them open when `open` was never called.
        for line in self._lines:
            await line.shutdown()

    async def fetch(self, offset: int | None = None, timeout: int = 25) -> list[tuple[int, str]]:
        """Wait up to `timeout` seconds for updates: (update_id, raw JSON), earliest first.

        Passing `offset` confirms every update below it for ever; without it the unconfirmed ones come again.
        """
        arguments: dict[str, object] = {
            "timeout": timeout,
            "limit": _BATCH,
            "allowed_updates": ALLOWED_UPDATES,
        }
        if offset is not None:
            arguments["offset"] = offset
        # Always raw: the typed call fails on the whole batch when one update is of an unknown shape.
        async with named_errors(repeatable=True):
            answer: object = await self._bot.do_api_request(
                "getUpdates", api_kwargs=arguments, read_timeout=timeout + _POLL_GRACE_SECONDS
            )
        if not isinstance(answer, list):
            raise NotSent("getUpdates did not answer with a list")
        updates: list[tuple[int, str]] = []
        for update in answer:
            update_id = integer(update, "update_id") if isinstance(update, dict) else None
            if update_id is None:
                logger.warning("update without a number left out", bot_id=self.bot_id)
            else:
                updates.append((update_id, dump(update)))
        return updates

    async def send(self, chat_id: str, outgoing: Outgoing) -> Sent:
        """Send one message as plain text; the caller splits what is too long."""
        rows = [[InlineKeyboardButton(each.label, callback_data=each.token)] for each in outgoing.buttons]
        async with named_errors(repeatable=False):
            try:
                message = await self._bot.send_message(
                    chat_id,
                    outgoing.text,
                    reply_markup=InlineKeyboardMarkup(rows) if rows else None,
                    disable_notification=outgoing.silent,
                    protect_content=outgoing.protect,
                    # A preview would fetch and show a page that nobody here chose.
                    link_preview_options=LinkPreviewOptions(is_disabled=True),
                )
            except (KeyError, TypeError, ValueError, AttributeError) as error:
                # The call succeeded, and only its answer is of an unknown shape.
                raise SendUncertain("an answer that cannot be read") from error
        return Sent(message.message_id)

    async def answer_button(self, callback_id: str, text: str | None = None) -> None:
        """Stop the spinner on a pressed button; a failure only leaves it spinning, so it is not raised."""
        try:
            async with named_errors(repeatable=True):
                await self._bot.answer_callback_query(callback_id, text=text)
        except TelegramError as error:
            logger.info("button not answered", reason=type(error).__name__)

    async def leave(self, chat_id: str) -> None:
        """Leave a group, where a client's words would be read by others; leaving twice is no error."""
        try:
            async with named_errors(repeatable=True):
                await self._bot.leave_chat(chat_id)
        except ChatUnreachable:
            logger.info("already out of the group", bot_id=self.bot_id)

    async def set_webhook(self, url: str, secret: str) -> None:
        """Have updates posted to `url` with `secret` in a header, one at a time to keep their order."""
        async with named_errors(repeatable=True):
            await self._bot.set_webhook(
                url, secret_token=secret, max_connections=1, allowed_updates=ALLOWED_UPDATES
            )

    async def delete_webhook(self) -> None:
        """Go back to fetching; what is waiting stays waiting."""
        async with named_errors(repeatable=True):
            await self._bot.delete_webhook(drop_pending_updates=False)

    async def download(self, file_id: str, limit_bytes: int) -> bytes:
        """The content of a client's file; raises FileTooBig over the limit, SendRefused if it is gone."""
        async with named_errors(repeatable=True):
            file = await self._bot.get_file(file_id)
            if (file.file_size or 0) > limit_bytes:
                raise FileTooBig(f"{file.file_size} bytes, and {limit_bytes} are allowed")
        try:
            async with named_errors(repeatable=True):
                # Telegram gives a bot no file over 20 MB, so one without a size has an end too.
                content = bytes(await file.download_as_bytearray())
        except TokenRefused:
            # getFile took the token a moment ago, so this 404 is about the file.
            raise SendRefused("the file is gone") from None
        if len(content) > limit_bytes:
            raise FileTooBig(f"{len(content)} bytes, and {limit_bytes} are allowed")
        return content


def _quieten_libraries() -> None:
    # httpx logs each URL at INFO, and the token is part of it.
    for name in ("httpx", "httpcore"):
        logging.getLogger(name).setLevel(logging.WARNING)
    # python-telegram-bot logs messages at DEBUG, and a broken answer with all its content at ERROR.
    logging.getLogger("telegram").setLevel(logging.CRITICAL)
    # We ask for raw updates on purpose; the warning recommends the typed call that loses whole batches.
    warnings.filterwarnings("ignore", message="Please use 'Bot.getUpdates'", category=PTBUserWarning)
    # The opt-out of this one is an environment variable; errors.py reads either type.
    warnings.filterwarnings(
        "ignore", message=r"(?s).*attribute `retry_after` will be", category=PTBDeprecationWarning
    )
