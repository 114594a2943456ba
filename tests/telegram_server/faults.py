"""What goes wrong on the way to Telegram: seeded, so that a red run can be repeated."""

from __future__ import annotations

import random
import threading
from collections import Counter, deque
from dataclasses import dataclass

SEND_METHODS = frozenset({"sendMessage", "editMessageText", "editMessageReplyMarkup"})


@dataclass(frozen=True)
class Faults:
    """Shares (0 to 1) of the send calls that fail; `delay_ms` and `retry_after` are the largest drawn."""

    rate_429: float = 0.0
    retry_after: int = 1
    rate_5xx: float = 0.0
    drop_before: float = 0.0
    drop_after: float = 0.0
    delay_ms: int = 0


@dataclass(frozen=True)
class Fate:
    """What happens to one call: kind is ok, rate_429, rate_5xx, drop_before, drop_after or hang."""

    kind: str = "ok"
    retry_after: int = 1
    delay_seconds: float = 0.0
    method: str | None = None


class Fortune:
    """Draws the fate of each call from the seed, the chat and how many calls that chat has had.

    So the order in which calls of different chats come in does not change what happens to each.
    """

    def __init__(self, faults: Faults, seed: int) -> None:
        self.faults = faults
        self._seed = seed
        self._calls: Counter[str] = Counter()
        self._forced: deque[Fate] = deque()
        self._lock = threading.Lock()

    def force(self, fate: Fate) -> None:
        """Let the next call (of the fate's method, or else the next send) meet this."""
        with self._lock:
            self._forced.append(fate)

    def next(self, method: str, chat: str) -> Fate:
        """The fate of this call."""
        with self._lock:
            for fate in self._forced:
                if fate.method == method or (fate.method is None and method in SEND_METHODS):
                    self._forced.remove(fate)
                    return fate
            if method not in SEND_METHODS:
                return Fate()
            self._calls[chat] += 1
            number = self._calls[chat]
        return self._draw(random.Random(f"{self._seed}:{chat}:{number}"))

    def _draw(self, dice: random.Random) -> Fate:
        faults = self.faults
        delay = dice.random() * faults.delay_ms / 1000
        wait = dice.randint(1, max(1, faults.retry_after))
        roll = dice.random()
        for kind in ("rate_429", "rate_5xx", "drop_before", "drop_after"):
            roll -= float(getattr(faults, kind))
            if roll < 0:
                return Fate(kind, wait, delay)
        return Fate("ok", wait, delay)
