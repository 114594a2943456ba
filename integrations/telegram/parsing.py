"""Reading what Telegram delivers: any JSON at all becomes an `Inbound`, and nothing raises."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from integrations.telegram.fields import (
    Json,
    dump,
    integer,
    load,
    mapping,
    moment,
    objects,
    storable,
    string,
)
from integrations.telegram.types import Inbound, InboundFile

# Bot API, Message.text: at most 4,096 characters. Anything longer was not written in Telegram.
MAX_TEXT = 4096
# It is still read for danger, up to here.
MAX_SCREENED = 200_000
# Names of files, people and places, and entries of lists: Telegram allows fewer letters and entries.
MAX_NAME = 1024
MAX_ENTRIES = 100
# Telegram's own limit is 64 bytes; a forged press may carry more, and a token never does.
MAX_TOKEN = 64

# An animation also carries `document` and a venue also carries `location`, so the order matters.
_FILES = ("voice", "audio", "video_note", "video", "animation", "sticker", "document")
_ENDING = re.compile(r"\.\w{1,5}$")
_WITHOUT_FILE = ("contact", "location", "poll", "dice")


@dataclass(frozen=True)
class _Seen:
    """What one update says, before it is given its identity."""

    kind: str
    chat_id: str | None = None
    text: str | None = None
    token: str | None = None
    beside: str | None = None
    callback_id: str | None = None
    message_id: int | None = None
    sent_at: datetime | None = None
    language: str | None = None
    file: InboundFile | None = None


def parse(raw: Mapping[str, object] | str, bot_id: str) -> Inbound:
    """Say what an update means to us: "other" if we cannot use it, "group" if others can read the chat."""
    payload = storable(raw) if isinstance(raw, str) else dump(raw)
    update = load(raw) if isinstance(raw, str) else raw
    seen = _read(update) if isinstance(update, dict) else _Seen("other")
    update_id = integer(update, "update_id") if isinstance(update, dict) else None
    return Inbound(
        bot_id=bot_id,
        update_id=_number_of(payload) if update_id is None else update_id,
        chat_id=seen.chat_id,
        kind=seen.kind,
        text=seen.text,
        token=seen.token,
        beside=seen.beside,
        callback_id=seen.callback_id,
        message_id=seen.message_id,
        sent_at=seen.sent_at,
        language=seen.language,
        file=seen.file,
        payload=payload,
    )


def _number_of(payload: str) -> int:
    """A number for an update without one: the same for the same payload, and never one of Telegram's."""
    digest = hashlib.sha256(payload.encode("utf-8", "replace")).digest()
    return -1 - (int.from_bytes(digest[:8], "big") >> 1)


def _read(update: Json) -> _Seen:
    if (message := mapping(update, "message")) is not None:
        return _message(message)
    if (edited := mapping(update, "edited_message")) is not None:
        return _message(edited, edited=True)
    if (press := mapping(update, "callback_query")) is not None:
        return _press(press)
    if (membership := mapping(update, "my_chat_member")) is not None:
        return _membership(membership)
    for key in update:
        if (chat := mapping(mapping(update, key), "chat")) is not None:
            return _elsewhere(chat) or _Seen("other", chat_id=_chat_id(chat))
    return _Seen("other")


def _chat_id(chat: Json | None) -> str | None:
    number = integer(chat, "id")
    return None if number is None else str(number)


def _elsewhere(chat: Json | None) -> _Seen | None:
    """What there is to say of a chat that other people can read: only that it is one."""
    kind = string(chat, "type")
    if kind is None or kind == "private":
        return None
    # A chat type that Telegram adds later is more likely to be shared than private.
    return _Seen("group", chat_id=_chat_id(chat))


def _message(message: Json, *, edited: bool = False) -> _Seen:
    chat = mapping(message, "chat")
    if (elsewhere := _elsewhere(chat)) is not None:
        return elsewhere
    kind, file = _content(message)
    text = _text(message, kind)
    whole = string(message, "text") or string(message, "caption") or ""
    if _chat_id(chat) is None or string(chat, "type") != "private" or len(whole) > MAX_TEXT:
        kind = "other"
    elif edited:
        kind = "edited"
    return _Seen(
        kind=kind,
        chat_id=_chat_id(chat),
        text=text,
        beside=_beside(message),
        message_id=integer(message, "message_id"),
        sent_at=(moment(message, "edit_date") if edited else None) or moment(message, "date"),
        language=string(mapping(message, "from"), "language_code", 35),
        file=file,
    )


def _content(message: Json) -> tuple[str, InboundFile | None]:
    if string(message, "text"):
        return "text", None
    if (photo := _biggest_photo(message)) is not None:
        return "photo", photo
    for kind in _FILES:
        if (media := mapping(message, kind)) is not None:
            file = _file(media, kind)
            return (kind, file) if file is not None else ("other", None)
    if mapping(message, "checklist") is not None:
        return "poll", None
    for kind in _WITHOUT_FILE:
        if mapping(message, kind) is not None:
            return kind, None
    return "other", None


def _text(message: Json, kind: str) -> str | None:
    """The client's words, for the safety screen too: a sticker has its emoji, a poll its question, a
    checklist its title."""
    if kind == "sticker":
        return string(mapping(message, "sticker"), "emoji", MAX_TEXT)
    if kind == "poll":
        poll, checklist = mapping(message, "poll"), mapping(message, "checklist")
        return string(poll, "question", MAX_TEXT) or string(checklist, "title", MAX_TEXT)
    return string(message, "text", MAX_SCREENED) or string(message, "caption", MAX_SCREENED)


def _beside(message: Json) -> str | None:
    """Words that are no message and may still say it: names of files, people and places, entries, quotes."""
    found: list[str | None] = []
    for kind in _FILES:
        media = mapping(message, kind)
        found += [
            _ENDING.sub("", string(media, "file_name", MAX_NAME) or ""),
            string(media, "title", MAX_NAME),
        ]
    for kind, entries in (("poll", "options"), ("checklist", "tasks")):
        listed = objects(mapping(message, kind), entries)[:MAX_ENTRIES]
        found += [string(entry, "text", MAX_NAME) for entry in listed]
    contact, venue = mapping(message, "contact"), mapping(message, "venue")
    names = [string(contact, key, MAX_NAME) for key in ("first_name", "last_name")]
    found.append(" ".join(name for name in names if name))
    found += [string(venue, key, MAX_NAME) for key in ("title", "address")]
    quoted = mapping(mapping(message, "reply_to_message"), "from")
    # What we said ourselves is not read: our own words name danger too.
    if quoted is None or quoted.get("is_bot") is not True:
        found.append(string(mapping(message, "quote"), "text", MAX_TEXT))
    return "\n".join(dict.fromkeys(words for words in found if words)) or None


def _file(media: Json, kind: str) -> InboundFile | None:
    file_id = string(media, "file_id")
    if not file_id:
        return None
    return InboundFile(
        file_id=file_id,
        unique_id=string(media, "file_unique_id") or file_id,
        kind=kind,
        mime=string(media, "mime_type", 255),
        name=string(media, "file_name", 255),
        size=integer(media, "file_size"),
        duration=integer(media, "duration"),
    )


def _biggest_photo(message: Json) -> InboundFile | None:
    sizes = objects(message, "photo")
    biggest = max(sizes, key=lambda size: integer(size, "width") or 0, default=None)
    return None if biggest is None else _file(biggest, "photo")


def _press(press: Json) -> _Seen:
    message = mapping(press, "message")
    chat = mapping(message, "chat")
    if (elsewhere := _elsewhere(chat)) is not None:
        return elsewhere
    token = string(press, "data", MAX_TOKEN)
    callback_id = string(press, "id", MAX_TOKEN)
    usable = _chat_id(chat) is not None and string(chat, "type") == "private" and token and callback_id
    return _Seen(
        kind="button" if usable else "other",
        chat_id=_chat_id(chat),
        token=token,
        callback_id=callback_id,
        message_id=integer(message, "message_id"),
        # Telegram does not say when a button was pressed, only when the message above it was sent.
        sent_at=None,
        language=string(mapping(press, "from"), "language_code", 35),
    )


def _membership(membership: Json) -> _Seen:
    chat = mapping(membership, "chat")
    if (elsewhere := _elsewhere(chat)) is not None:
        return elsewhere
    status = string(mapping(membership, "new_chat_member"), "status")
    kind = {"kicked": "blocked", "member": "unblocked"}.get(status or "", "other")
    if _chat_id(chat) is None or string(chat, "type") != "private":
        kind = "other"
    return _Seen(
        kind=kind,
        chat_id=_chat_id(chat),
        sent_at=moment(membership, "date"),
        language=string(mapping(membership, "from"), "language_code", 35),
    )
