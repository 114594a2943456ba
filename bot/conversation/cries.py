"""How often a chat cried out lately: in memory, bounded, and nothing of the words."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict, deque
from collections.abc import Callable

#: From the sixth cry of a chat in a minute it gets one message in place of three: others wait for theirs.
IN_FULL_A_MINUTE = 5
MINUTE_SECONDS = 60.0
#: So long a stranger who was answered is still in the same talk.
LATELY_SECONDS = 3600.0
CHATS_REMEMBERED = 5000

_Chat = tuple[str, str]


class Cries:
    """Counts the safety replies to each chat."""

    def __init__(self, seconds: Callable[[], float] = time.monotonic) -> None:
        self._seconds = seconds
        self._times: OrderedDict[_Chat, deque[float]] = OrderedDict()
        self._lock = threading.Lock()

    def are_many(self, bot_id: str, chat_id: str) -> bool:
        """Count one more; return whether the chat had its full share of this minute before it."""
        now = self._seconds()
        with self._lock:
            times = self._times.setdefault((bot_id, chat_id), deque(maxlen=IN_FULL_A_MINUTE))
            self._times.move_to_end((bot_id, chat_id))
            while len(self._times) > CHATS_REMEMBERED:
                self._times.popitem(last=False)
            many = len(times) == IN_FULL_A_MINUTE and now - times[0] < MINUTE_SECONDS
            times.append(now)
        return many

    def came_lately(self, bot_id: str, chat_id: str) -> bool:
        """Return whether this chat was answered within the hour."""
        with self._lock:
            times = self._times.get((bot_id, chat_id))
            return times is not None and self._seconds() - times[-1] < LATELY_SECONDS
