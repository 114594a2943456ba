"""Delivery to the bot's webhook: in order, one at a time, again and again until it answers 200."""

from __future__ import annotations

import random
import threading

import httpx

from tests.telegram_server.updates import Update, Updates

_FIRST_PAUSE = 0.05
_LONGEST_PAUSE = 1.0


class Delivery(threading.Thread):
    """Posts what waits while a webhook is set; `attempts` says how often each update was delivered."""

    def __init__(self, updates: Updates, seed: int, duplicates: float = 0.0) -> None:
        super().__init__(name="telegram-delivery", daemon=True)
        self.attempts: dict[int, int] = {}
        self.duplicates = duplicates
        self._updates = updates
        self._dice = random.Random(seed)
        self._stopped = threading.Event()

    def run(self) -> None:
        pause = _FIRST_PAUSE
        with httpx.Client(timeout=10, trust_env=False) as http:
            while not self._stopped.is_set():
                update = self._next()
                if update is None:
                    continue
                if self._deliver(http, update):
                    pause = _FIRST_PAUSE
                    # Telegram repeats an update whose 200 got lost on the way.
                    if self._dice.random() < self.duplicates:
                        self._deliver(http, update)
                    self._updates.confirm(update)
                else:
                    self._stopped.wait(pause)
                    pause = min(pause * 2, _LONGEST_PAUSE)

    def stop(self) -> None:
        """End after the delivery in hand."""
        self._stopped.set()
        with self._updates.changed:
            self._updates.changed.notify_all()
        self.join(15)

    def _next(self) -> Update | None:
        with self._updates.changed:
            if self._updates.webhook_url and self._updates.waiting:
                return self._updates.waiting[0]
            self._updates.changed.wait(0.5)
            return None

    def _deliver(self, http: httpx.Client, update: Update) -> bool:
        self.attempts[update.update_id] = self.attempts.get(update.update_id, 0) + 1
        headers = {"Content-Type": "application/json"}
        if self._updates.webhook_secret:
            headers["X-Telegram-Bot-Api-Secret-Token"] = self._updates.webhook_secret
        try:
            answer = http.post(
                self._updates.webhook_url, content=update.raw.encode("utf-8", "replace"), headers=headers
            )
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            self._updates.webhook_error = type(error).__name__
            return False
        if not answer.is_success:
            self._updates.webhook_error = f"Wrong response from the webhook: {answer.status_code}"
        return answer.is_success
