"""The queue of updates of one bot: confirmed by offset, or delivered to a webhook one after another."""

from __future__ import annotations

import json
import random
import threading
import time
from dataclasses import dataclass
from typing import Any

from tests.telegram_server.shapes import ApiError, Json

DEFAULT_TYPES = frozenset(
    {"message", "edited_message", "channel_post", "edited_channel_post", "callback_query", "my_chat_member"}
)


@dataclass(frozen=True)
class Update:
    """An update with the number that confirms it and its exact text."""

    update_id: int
    raw: str


class Updates:
    """What waits for the bot; every method may be called from any thread."""

    def __init__(self, seed: int) -> None:
        self.changed = threading.Condition()
        self.waiting: list[Update] = []
        self.confirmed: list[int] = []
        self.created = 0
        self.webhook_url = ""
        self.webhook_secret = ""
        self.webhook_error = ""
        self.webhook_connections = 40
        self.closed = False
        self._allowed: frozenset[str] = DEFAULT_TYPES
        self._next_id = random.Random(seed).randint(100_000_000, 900_000_000)
        self._poller = 0

    def add(self, kind: str, content: Json) -> int | None:
        """Queue an update, unless the bot did not ask for its kind."""
        with self.changed:
            return self._append({kind: content}) if kind in self._allowed else None

    def add_raw(self, update: Json | str) -> int:
        """Queue anything at all; a dict without update_id gets the next one."""
        with self.changed:
            if isinstance(update, dict):
                return self._append(update)
            update_id = self._take_id()
            try:
                parsed: Any = json.loads(update)
            except ValueError:
                if not self.webhook_url:
                    raise ValueError("getUpdates cannot carry what is not JSON; set a webhook") from None
                parsed = None
            if isinstance(parsed, dict) and type(parsed.get("update_id")) is int:
                update_id = parsed["update_id"]
            self._queue(Update(update_id, update))
            return update_id

    def jump_to(self, update_id: int) -> None:
        """Number the next updates from here, as Telegram does after a week of silence."""
        with self.changed:
            self._next_id = update_id

    def _append(self, update: Json) -> int:
        numbered = {"update_id": self._take_id(), **update}
        update_id = numbered["update_id"]
        known = update_id if type(update_id) is int else self._next_id - 1
        self._queue(Update(known, json.dumps(numbered)))
        return known

    def _queue(self, update: Update) -> None:
        self.waiting.append(update)
        self.created += 1
        self.changed.notify_all()

    def _take_id(self) -> int:
        self._next_id += 1
        return self._next_id - 1

    def confirm(self, update: Update) -> None:
        """Forget an update that a webhook took."""
        with self.changed:
            if update in self.waiting:
                self.waiting.remove(update)
                self.confirmed.append(update.update_id)
            self.changed.notify_all()

    def poll(self, offset: int | None, limit: int, timeout: float, allowed: list[str] | None) -> list[str]:
        """The raw texts that getUpdates answers with; a newer call ends this one with 409."""
        with self.changed:
            if self.webhook_url:
                raise ApiError(
                    409,
                    "Conflict: can't use getUpdates method while webhook is active; "
                    "use deleteWebhook to delete the webhook first",
                )
            self._poller += 1
            me = self._poller
            self.changed.notify_all()
            self.allow(allowed)
            self._confirm_below(offset)
            deadline = time.monotonic() + timeout
            while not self.waiting and not self.closed:
                left = deadline - time.monotonic()
                if left <= 0 or not self.changed.wait(left):
                    break
                if self._poller != me:
                    raise ApiError(
                        409,
                        "Conflict: terminated by other getUpdates request; "
                        "make sure that only one bot instance is running",
                    )
            return [update.raw for update in self.waiting[: min(max(limit, 1), 100)]]

    def _confirm_below(self, offset: int | None) -> None:
        if offset is None or offset == 0:
            return
        keep = self.waiting[offset:] if offset < 0 else [u for u in self.waiting if u.update_id >= offset]
        self.confirmed += [update.update_id for update in self.waiting if update not in keep]
        self.waiting = keep

    def allow(self, allowed: list[str] | None) -> None:
        """Remember which kinds the bot asked for; None keeps the last answer, an empty list the default."""
        if allowed is not None:
            self._allowed = frozenset(allowed) or DEFAULT_TYPES

    @property
    def allowed(self) -> list[str]:
        """The kinds of update that the bot asked for."""
        return sorted(self._allowed)

    def set_webhook(self, url: str, secret: str, allowed: list[str] | None, connections: int = 40) -> None:
        """Point the updates at a URL, or at getUpdates again when it is empty."""
        with self.changed:
            self.webhook_url = url
            self.webhook_secret = secret
            self.webhook_connections = connections
            self.webhook_error = ""
            self.allow(allowed)
            self._poller += 1
            self.changed.notify_all()

    def close(self) -> None:
        """Let every waiting thread go."""
        with self.changed:
            self.closed = True
            self.changed.notify_all()

    def reopen(self) -> None:
        """Take polls again after close()."""
        with self.changed:
            self.closed = False
