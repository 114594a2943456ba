"""A client's phone: what they type and press, and what stands on their screen."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from tests.telegram_server.shapes import Json, PhoneMessage, unix, utc_now
from tests.telegram_server.world import Press, StoredFile, World

Wanted = str | Callable[[PhoneMessage], object]


@dataclass(frozen=True)
class OwnMessage:
    """A message that the client sent, to be edited later."""

    message_id: int
    update_id: int | None
    at: int


class Phone:
    """One person in a private chat with the bot."""

    def __init__(self, world: World, name: str, chat_id: int) -> None:
        self._world = world
        self._chat = world.chat(chat_id, name)
        # Messages up to here were on the screen before the client's last action.
        self._mark = 0
        self._files = 0

    @property
    def name(self) -> str:
        """The client's first name in Telegram."""
        return self._chat.name

    @property
    def chat_id(self) -> int:
        """Also the client's Telegram id."""
        return self._chat.chat_id

    @property
    def screen(self) -> list[PhoneMessage]:
        """The bot's messages, oldest first, as they stand now."""
        with self._world.changed:
            return [self._chat.messages[number] for number in sorted(self._chat.messages)]

    @property
    def new_messages(self) -> list[PhoneMessage]:
        """The messages that came after the client's last action."""
        return [message for message in self.screen if message.message_id > self._mark]

    def start(self, token: str | None = None) -> OwnMessage:
        """Press Start, with the token of an invite link or without."""
        self._chat.started = True
        text = f"/start {token}" if token else "/start"
        entities = [{"type": "bot_command", "offset": 0, "length": 6}]
        return self._sends({"text": text, "entities": entities})

    def says(self, text: str, **extra: object) -> OwnMessage:
        """Send a text; `extra` adds fields, such as forward_origin."""
        self._chat.started = True
        return self._sends({"text": text, **extra})

    def edits(self, message: OwnMessage, text: str) -> None:
        """Change a message sent before."""
        content = self._message(message.message_id, {"text": text})
        self._world.updates.add(
            "edited_message", {**content, "date": message.at, "edit_date": unix(utc_now())}
        )

    def presses(self, label: str) -> Press:
        """Press the newest button with this label; the result tells how the bot answered the press."""
        with self._world.changed:
            for message in reversed(self.screen):
                for button in message.buttons:
                    if button.label == label:
                        return self.forges(button.data, message)
        raise AssertionError(f"{self.name} sees no button {label!r}.\n{self._described()}")

    def forges(self, data: str, message: PhoneMessage | None = None) -> Press:
        """Send a press with any data at all, as a changed app can."""
        world = self._world
        message_id = message.message_id if message else 1
        with world.changed:
            press = Press(f"{self.chat_id}{len(world.presses):06d}", self.chat_id)
            world.presses[press.callback_id] = press
            self._mark = world.newest_message_id
        shown: Json = {
            "message_id": message_id,
            "from": world.bot,
            "chat": self._chat.as_json(),
            "date": unix(message.at) if message else 0,
        }
        if message:
            shown["text"] = message.text
        query = {
            "id": press.callback_id,
            "from": self._chat.as_user(),
            "message": shown,
            "chat_instance": str(self.chat_id),
            "data": data,
        }
        world.updates.add("callback_query", query)
        return press

    def sends_voice(self, content: bytes = b"OggS", seconds: int = 3) -> OwnMessage:
        """Send a voice message."""
        return self._sends_file("voice", content, {"duration": seconds, "mime_type": "audio/ogg"})

    def sends_photo(self, caption: str | None = None, content: bytes = b"\xff\xd8big") -> OwnMessage:
        """Send a photo in two sizes."""
        small = {**self._file("photo", content[:2]), "width": 90, "height": 90}
        big = {**self._file("photo", content), "width": 800, "height": 800}
        return self._sends({"photo": [small, big], **({"caption": caption} if caption else {})})

    def sends_document(
        self, name: str = "cv.pdf", content: bytes = b"%PDF-1.7", caption: str | None = None
    ) -> OwnMessage:
        """Send a document."""
        details = {"file_name": name, "mime_type": "application/pdf"}
        return self._sends_file("document", content, details, caption)

    def sends_sticker(self, emoji: str = "👍") -> OwnMessage:
        """Send a sticker."""
        details = {
            "emoji": emoji,
            "width": 512,
            "height": 512,
            "is_animated": False,
            "is_video": False,
            "type": "regular",
        }
        return self._sends_file("sticker", b"RIFF", details)

    def sends_location(self) -> OwnMessage:
        """Send where the client is."""
        return self._sends({"location": {"latitude": 51.5, "longitude": -0.1}})

    def sends_contact(self) -> OwnMessage:
        """Send a telephone number."""
        return self._sends({"contact": {"phone_number": "+440000000000", "first_name": "Ann"}})

    def blocks_bot(self) -> None:
        """Block the bot: nothing can be sent here from now on."""
        self._chat.blocked = True
        self._member("member", "kicked")

    def unblocks_bot(self) -> None:
        """Take the block back."""
        self._chat.blocked = False
        self._member("kicked", "member")

    def waits_for(self, wanted: Wanted, seconds: float = 10, since: int | None = None) -> PhoneMessage:
        """The first message with this text (or that this function likes) since the client's last action.

        `since` is a message_id to look after instead. Fails with the screen when none comes in time.
        """
        mark = self._mark if since is None else since
        found: list[PhoneMessage] = []

        def seen() -> bool:
            found[:] = [m for m in self.screen if m.message_id > mark and _matches(m, wanted)]
            return bool(found)

        if self._world.wait_until(seen, seconds):
            return found[0]
        raise AssertionError(f"{self.name} waited {seconds} s for {wanted!r}.\n{self._described()}")

    def hears_nothing_for(self, seconds: float) -> None:
        """Fail as soon as the bot says or changes anything in the coming seconds."""
        before = len(self._log())
        if self._world.wait_until(lambda: len(self._log()) > before, seconds):
            raise AssertionError(f"{self.name} was written to.\n{self._described()}")

    def waits_for_answer_to(self, press: Press, seconds: float = 5) -> str:
        """Wait until the spinner on a pressed button stops; the text that popped up, often empty."""
        if not self._world.wait_until(lambda: press.answer is not None, seconds):
            raise AssertionError(f"the button that {self.name} pressed is still spinning after {seconds} s")
        return press.answer or ""

    def _log(self) -> list[int]:
        return [record.number for record in self._world.sent_log if record.chat_id == self.chat_id]

    def _sends_file(self, kind: str, content: bytes, details: Json, caption: str | None = None) -> OwnMessage:
        file = {**self._file(kind, content), **details}
        return self._sends({kind: file, **({"caption": caption} if caption else {})})

    def _file(self, kind: str, content: bytes) -> Json:
        self._files += 1
        file_id = f"{kind}-{self.chat_id}-{self._files}"
        self._world.files[file_id] = StoredFile(f"{kind}/{file_id}.bin", content)
        return {"file_id": file_id, "file_unique_id": f"u{file_id}", "file_size": len(content)}

    def _message(self, message_id: int, content: Json) -> Json:
        sender, chat = self._chat.as_user(), self._chat.as_json()
        return {"message_id": message_id, "from": sender, "chat": chat, "date": unix(utc_now()), **content}

    def _sends(self, content: Json) -> OwnMessage:
        with self._world.changed:
            message_id = self._world.new_message_id()
            self._mark = message_id
            message = self._message(message_id, content)
            update_id = self._world.updates.add("message", message)
        return OwnMessage(message_id, update_id, int(message["date"]))

    def _member(self, old: str, new: str) -> None:
        def member(status: str) -> Json:
            extra = {"until_date": 0} if status == "kicked" else {}
            return {"user": self._world.bot, "status": status, **extra}

        self._world.updates.add(
            "my_chat_member",
            {
                "chat": self._chat.as_json(),
                "from": self._chat.as_user(),
                "date": int(time.time()),
                "old_chat_member": member(old),
                "new_chat_member": member(new),
            },
        )

    def _described(self) -> str:
        lines = [
            f"  [{message.message_id}] {message.text!r} {list(message.labels) or ''}"
            for message in self.screen
        ]
        return f"The screen (last own action at {self._mark}):\n" + ("\n".join(lines) or "  (empty)")


def _matches(message: PhoneMessage, wanted: Wanted) -> bool:
    return wanted in message.text if isinstance(wanted, str) else bool(wanted(message))
