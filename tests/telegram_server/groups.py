"""A group in which somebody put the bot."""

from __future__ import annotations

import time

from tests.telegram_server.phone import Phone
from tests.telegram_server.shapes import Chat, Json
from tests.telegram_server.world import World


class Group:
    """A group chat; the bot is expected to leave it."""

    def __init__(self, world: World, title: str, chat_id: int) -> None:
        self._world = world
        self._chat: Chat = world.chat(chat_id, title, "group")

    @property
    def chat_id(self) -> int:
        """Negative, as in Telegram."""
        return self._chat.chat_id

    @property
    def was_left(self) -> bool:
        """The bot called leaveChat."""
        return self.chat_id in self._world.left_chats

    @property
    def messages(self) -> list[str]:
        """What the bot wrote here, which should be nothing."""
        return [record.text for record in self._world.sent_log if record.chat_id == self.chat_id]

    def adds_bot(self, by: Phone) -> None:
        """Somebody adds the bot."""
        self._chat.started = True
        bot = self._world.bot
        self._world.updates.add(
            "my_chat_member",
            {
                **self._said_by(by),
                "old_chat_member": {"user": bot, "status": "left"},
                "new_chat_member": {"user": bot, "status": "member"},
            },
        )

    def says(self, by: Phone, text: str) -> None:
        """A member writes something that the bot can read."""
        message = {"message_id": self._world.new_message_id(), **self._said_by(by), "text": text}
        self._world.updates.add("message", message)

    def _said_by(self, phone: Phone) -> Json:
        sender = {"id": phone.chat_id, "is_bot": False, "first_name": phone.name}
        return {"chat": self._chat.as_json(), "from": sender, "date": int(time.time())}
