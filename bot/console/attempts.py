"""Counts wrong sign-ins, so that nobody can try passwords or codes at leisure."""

from __future__ import annotations

import threading
from collections import OrderedDict
from datetime import datetime, timedelta

from bot.clock import Clock

#: ASVS 2.2.1: a handful of tries, then a pause that makes guessing hopeless.
MAX_TRIES = 5
WINDOW = timedelta(minutes=15)
#: Invented addresses must not fill the memory: the oldest keys are forgotten first.
MAX_KEYS = 10_000


class Attempts:
    """Wrong tries per key within the last quarter of an hour; kept in memory, by one process."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._failed: OrderedDict[str, list[datetime]] = OrderedDict()

    def start(self, key: str) -> bool:
        """Count a try as failed until `succeeded` is called; return False when the key is locked.

        The try is counted before it is checked, so that many at once cannot slip through together.
        """
        now = self._clock.now()
        with self._lock:
            recent = [at for at in self._failed.get(key, []) if now - at < WINDOW]
            if len(recent) >= MAX_TRIES:
                return False
            self._failed[key] = [*recent, now]
            self._failed.move_to_end(key)
            while len(self._failed) > MAX_KEYS:
                self._failed.popitem(last=False)
            return True

    def succeeded(self, key: str) -> None:
        """Forget the wrong tries of a key."""
        with self._lock:
            self._failed.pop(key, None)
