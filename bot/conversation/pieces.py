"""The last short messages of people whom we do not know: in memory, for ten minutes, and nowhere else."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict, deque
from collections.abc import Callable

from bot.caseload.transcript import ONE_THOUGHT
from bot.safety.screen import FRAGMENT_LETTERS

#: Further back no thought goes.
PIECES = 8
CHATS_REMEMBERED = 1000

_Chat = tuple[str, str]


class Pieces:
    """Remembers what belongs to one thought, and forgets it when it was answered or has grown old."""

    def __init__(self, seconds: Callable[[], float] = time.monotonic) -> None:
        self._seconds = seconds
        self._chats: OrderedDict[_Chat, deque[tuple[float, str]]] = OrderedDict()
        self._lock = threading.Lock()

    def before(self, bot_id: str, chat_id: str, text: str) -> tuple[str, ...]:
        """Return what this chat wrote within ten minutes, oldest first, and remember `text` after it."""
        now = self._seconds()
        with self._lock:
            self._forget_old(now)
            pieces = self._chats.setdefault((bot_id, chat_id), deque(maxlen=PIECES))
            self._chats.move_to_end((bot_id, chat_id))
            while len(self._chats) > CHATS_REMEMBERED:
                self._chats.popitem(last=False)
            found = tuple(piece for at, piece in pieces if not _is_old(at, now))
            # One letter more than a piece can have: a long message ends the thought.
            pieces.append((now, text[: FRAGMENT_LETTERS + 1]))
        return found

    def forget(self, bot_id: str, chat_id: str) -> None:
        """Forget a chat: what it said was answered."""
        with self._lock:
            self._chats.pop((bot_id, chat_id), None)

    def _forget_old(self, now: float) -> None:
        # The chat that wrote last stands at the end.
        while self._chats:
            chat, pieces = next(iter(self._chats.items()))
            if not _is_old(pieces[-1][0], now):
                return
            del self._chats[chat]


def _is_old(at: float, now: float) -> bool:
    return now - at >= ONE_THOUGHT.total_seconds()
