"""Telegram's Bot API for tests: `with TelegramServer() as telegram: sam = telegram.client("Sam")`."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from types import TracebackType

from tests.telegram_server.control import Control
from tests.telegram_server.delivery import Delivery
from tests.telegram_server.faults import Fate, Faults, Fortune
from tests.telegram_server.groups import Group
from tests.telegram_server.http_api import HttpApi
from tests.telegram_server.phone import Phone
from tests.telegram_server.shapes import Json, SentRecord
from tests.telegram_server.updates import Updates
from tests.telegram_server.world import World

TOKEN = "7000000001:AAF_test-token_of_the_emulator_only"
_FIRST_CLIENT_ID = 5_000_000_001


class TelegramServer:
    """One bot on a free loopback port (or `port`); the same `seed` gives the same faults and numbers."""

    def __init__(
        self,
        *,
        token: str = TOKEN,
        port: int = 0,
        seed: int = 1,
        faults: Faults | None = None,
        webhook_duplicates: float = 0.0,
    ) -> None:
        self.token = token
        self.port = port
        self.world = World(token, seed)
        self._fortune = Fortune(faults or Faults(), seed)
        self._seed = seed
        self._webhook_duplicates = webhook_duplicates
        self._phones: dict[int, Phone] = {}
        self._groups = 0
        self._lock = threading.Lock()
        self._http: HttpApi | None = None
        self._delivery: Delivery | None = None

    def start(self) -> TelegramServer:
        """Begin to answer; after stop() it goes on with everything it knew, on the same port."""
        self.world.updates.reopen()
        control = Control(self.world, self.phone)
        self._http = HttpApi(("127.0.0.1", self.port), self.world, self._fortune, control)
        self.port = self._http.server_address[1]
        threading.Thread(target=self._http.serve_forever, args=(0.05,), daemon=True).start()
        self._delivery = Delivery(self.world.updates, self._seed, self._webhook_duplicates)
        self._delivery.start()
        return self

    def stop(self) -> None:
        """Go down as in an outage: nothing is forgotten, connections break."""
        if self._http is not None:
            self._http.stop()
            self._http = None
        if self._delivery is not None:
            self._delivery.stop()
            self._delivery = None

    def __enter__(self) -> TelegramServer:
        return self.start()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    @property
    def api_url(self) -> str:
        """For TELEGRAM_API_URL."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def bot_id(self) -> str:
        """The number in front of the token."""
        return str(self.world.bot_id)

    @property
    def updates(self) -> Updates:
        """What waits for the bot and what it confirmed."""
        return self.world.updates

    @property
    def sent_log(self) -> list[SentRecord]:
        """Every accepted message and edit, in true order."""
        return list(self.world.sent_log)

    @property
    def open_connections(self) -> int:
        """How many connections the bot holds now."""
        return self._http.open_connections if self._http else 0

    @property
    def violations(self) -> list[str]:
        """What the bot did against Telegram's documentation; tests of the product assert that it is empty."""
        return list(self.world.violations)

    def busiest_second(self, chat_id: int | None = None) -> int:
        """The most messages accepted within any second, in all chats or in one."""
        times = [each.at.timestamp() for each in self.sent_log if chat_id in (None, each.chat_id)]
        return max((sum(start <= at < start + 1 for at in times) for start in times), default=0)

    @property
    def attempts(self) -> dict[int, int]:
        """How often each update was posted to the webhook."""
        return dict(self._delivery.attempts) if self._delivery else {}

    def client(self, name: str, id: int | None = None) -> Phone:
        """A new phone; the chat exists for the bot only after `.start()` or `.says()`."""
        with self._lock:
            number = _FIRST_CLIENT_ID + len(self._phones) if id is None else id
        return self.phone(name, number)

    def phone(self, name: str, chat_id: int) -> Phone:
        """The phone with this number, made when it is new."""
        with self._lock:
            if chat_id not in self._phones:
                self._phones[chat_id] = Phone(self.world, name, chat_id)
            return self._phones[chat_id]

    def group(self, title: str) -> Group:
        """A new group without the bot."""
        with self._lock:
            self._groups += 1
            return Group(self.world, title, -1000 - self._groups)

    def push_raw(self, update: Json | str) -> int:
        """Queue any update, however malformed; gives the number that confirms it."""
        return self.updates.add_raw(update)

    def forget_content(self, file_id: str) -> None:
        """Let the download of a file end in 404, as it does an hour after getFile."""
        self.world.files[file_id] = replace(self.world.files[file_id], gone=True)

    def set_faults(self, faults: Faults) -> None:
        """Change what goes wrong from now on."""
        self._fortune.faults = faults

    def fail_next(
        self, kind: str, *, method: str | None = None, retry_after: int = 1, times: int = 1
    ) -> None:
        """The next sends (or calls of `method`) meet rate_429, rate_5xx, drop_before, drop_after or hang."""
        for _ in range(times):
            self._fortune.force(Fate(kind, retry_after, method=method))

    def wait_until(self, met: Callable[[], object], seconds: float = 10) -> bool:
        """Wait for something that a send, an edit or a pressed button brings about."""
        return self.world.wait_until(met, seconds)

    def waits_until_all_confirmed(self, seconds: float = 10) -> None:
        """Wait until the bot has taken every update."""
        updates = self.updates
        with updates.changed:
            if not updates.changed.wait_for(lambda: not updates.waiting, seconds):
                raise AssertionError(f"{len(updates.waiting)} updates are still waiting after {seconds} s")
