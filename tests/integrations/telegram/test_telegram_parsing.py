"""Reading updates: every kind that the product knows, and that nothing at all can make it raise."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from integrations.telegram.parsing import parse
from integrations.telegram.types import Inbound, InboundFile
from tests.telegram_server.phone import Phone
from tests.telegram_server.server import TelegramServer

BOT = "7000000001"
SAM: dict[str, Any] = {"id": 5, "is_bot": False, "first_name": "Sam", "language_code": "en"}
CHAT: dict[str, Any] = {"id": 5, "type": "private", "first_name": "Sam"}
FILE = {"file_id": "F1", "file_unique_id": "U1", "file_size": 9}
KINDS = frozenset(
    [
        "text",
        "button",
        "edited",
        "voice",
        "audio",
        "video",
        "video_note",
        "photo",
        "document",
        "sticker",
        "animation",
        "location",
        "contact",
        "poll",
        "dice",
        "blocked",
        "unblocked",
        "group",
        "other",
    ]
)


def message(**content: Any) -> dict[str, Any]:
    return {"message_id": 3, "from": SAM, "chat": CHAT, "date": 1_790_000_000, **content}


def read(update: Any) -> Inbound:
    return parse({"update_id": 8, **update}, BOT)


def test_a_text_is_read_with_everything_that_the_product_needs() -> None:
    raw = json.dumps({"update_id": 8, "message": message(text="Hello")})
    assert parse(raw, BOT) == Inbound(
        bot_id=BOT,
        update_id=8,
        chat_id="5",
        kind="text",
        text="Hello",
        token=None,
        callback_id=None,
        message_id=3,
        sent_at=datetime.fromtimestamp(1_790_000_000, UTC),
        language="en",
        file=None,
        payload=raw,
    )


def test_a_pressed_button_brings_its_token() -> None:
    press = {
        "id": "77",
        "from": SAM,
        "message": message(text="Shall I?"),
        "chat_instance": "1",
        "data": "tok",
    }
    inbound = read({"callback_query": press})
    assert (inbound.kind, inbound.token, inbound.callback_id) == ("button", "tok", "77")
    assert (inbound.chat_id, inbound.text) == ("5", None)


def test_a_button_on_a_message_that_telegram_no_longer_shows_still_counts() -> None:
    press = {"id": "77", "from": SAM, "message": {"chat": CHAT, "message_id": 3, "date": 0}, "data": "tok"}
    assert read({"callback_query": press}).kind == "button"


def test_a_forged_long_token_is_cut_so_that_it_matches_nothing() -> None:
    press = {"id": "77", "from": SAM, "message": message(), "data": "x" * 500}
    assert read({"callback_query": press}).token == "x" * 64


def test_an_edited_message_brings_the_new_words_and_the_time_of_the_change() -> None:
    inbound = read({"edited_message": message(text="Better", edit_date=1_790_000_600)})
    assert (inbound.kind, inbound.text) == ("edited", "Better")
    assert inbound.sent_at == datetime.fromtimestamp(1_790_000_600, UTC)


@pytest.mark.parametrize("kind", ["voice", "audio", "video", "video_note", "animation", "document"])
def test_a_file_is_named_and_its_caption_is_the_text(kind: str) -> None:
    media = {**FILE, "mime_type": "x/y", "file_name": "cv.pdf", "duration": 4}
    inbound = read({"message": message(**{kind: media}, caption="My CV")})
    assert (inbound.kind, inbound.text) == (kind, "My CV")
    assert inbound.file == InboundFile("F1", "U1", kind, "x/y", "cv.pdf", 9, 4)


def test_an_animation_is_not_taken_for_the_document_that_comes_with_it() -> None:
    assert read({"message": message(document=FILE, animation=FILE)}).kind == "animation"


def test_the_biggest_size_of_a_photo_is_taken() -> None:
    sizes = [{**FILE, "file_id": "small", "width": 90}, {**FILE, "file_id": "big", "width": 800}]
    inbound = read({"message": message(photo=sizes, caption="Look")})
    assert inbound.kind == "photo"
    assert inbound.text == "Look"
    assert inbound.file is not None
    assert inbound.file.file_id == "big"


def test_a_sticker_speaks_by_its_emoji() -> None:
    inbound = read({"message": message(sticker={**FILE, "emoji": "😢"})})
    assert (inbound.kind, inbound.text) == ("sticker", "😢")


@pytest.mark.parametrize("kind", ["contact", "location", "dice"])
def test_a_place_or_a_number_is_only_named(kind: str) -> None:
    content = {"phone_number": "123", "latitude": 51.5, "value": 4}
    inbound = read({"message": message(**{kind: content})})
    assert (inbound.kind, inbound.text, inbound.file) == (kind, None, None)


def test_a_question_in_a_poll_is_read_for_safety() -> None:
    inbound = read({"message": message(poll={"id": "1", "question": "Should I go on?"})})
    assert (inbound.kind, inbound.text) == ("poll", "Should I go on?")


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ({"document": {**FILE, "file_name": "goodbye everyone.txt"}}, "goodbye everyone"),
        ({"audio": {**FILE, "title": "goodbye everyone"}}, "goodbye everyone"),
        ({"poll": {"question": "What now?", "options": [{"text": "go on"}, {"text": "stop it all"}]}},
         "What now?\ngo on\nstop it all"),
        ({"checklist": {"title": "Today", "tasks": [{"id": 1, "text": "goodbye everyone"}]}},
         "Today\ngoodbye everyone"),
        ({"contact": {"phone_number": "1", "first_name": "goodbye", "last_name": "all"}}, "goodbye all"),
        ({"venue": {"title": "the bridge", "address": "the end"}, "location": {"latitude": 51.5}},
         "the bridge\nthe end"),
        ({"text": "this", "quote": {"text": "goodbye everyone", "position": 0}}, "this\ngoodbye everyone"),
    ],
)  # fmt: skip
def test_words_beside_a_message_are_read_for_safety(content: dict[str, Any], words: str) -> None:
    assert read({"message": message(**content)}).all_words == words


def test_our_own_words_that_sam_quotes_are_not_taken_for_sams() -> None:
    ours = {"from": {"id": 1, "is_bot": True}, "message_id": 2}
    inbound = read({"message": message(text="ok", quote={"text": "Your life"}, reply_to_message=ours)})
    assert inbound.all_words == "ok"


def test_what_stands_beside_a_message_is_not_its_text() -> None:
    inbound = read({"message": message(text="this", quote={"text": "goodbye everyone"})})
    assert inbound.text == "this"


def test_a_forwarded_message_is_its_text_and_nothing_more() -> None:
    origin = {"type": "user", "date": 1, "sender_user": {**SAM, "first_name": "Secret"}}
    inbound = read({"message": message(text="See this", forward_origin=origin)})
    assert (inbound.kind, inbound.text) == ("text", "See this")


@pytest.mark.parametrize(
    ("status", "kind"), [("kicked", "blocked"), ("member", "unblocked"), ("left", "other")]
)
def test_blocking_and_unblocking_the_bot_are_told_apart(status: str, kind: str) -> None:
    change = {"chat": CHAT, "from": SAM, "date": 1_790_000_000, "new_chat_member": {"status": status}}
    inbound = read({"my_chat_member": change})
    assert (inbound.kind, inbound.chat_id) == (kind, "5")


@pytest.mark.parametrize(
    "key", ["message", "edited_message", "channel_post", "my_chat_member", "chat_member", "new"]
)
@pytest.mark.parametrize("kind", ["group", "supergroup", "channel", "a type that comes later"])
def test_other_chats_than_private_ones_are_groups_and_their_words_are_not_kept(key: str, kind: str) -> None:
    chat = {"id": -100, "type": kind}
    inbound = read(
        {key: {**message(text="private things", new_chat_member={"status": "member"}), "chat": chat}}
    )
    assert (inbound.kind, inbound.chat_id, inbound.text) == ("group", "-100", None)


def test_a_button_pressed_in_a_group_is_a_group() -> None:
    shown = {**message(), "chat": {"id": -1, "type": "group"}}
    assert read({"callback_query": {"id": "1", "from": SAM, "message": shown, "data": "t"}}).kind == "group"


ODD: list[Any] = [
    {},
    {"message": None},
    {"message": []},
    {"message": message()},
    {"message": message(new_chat_title="x")},
    {"message": {"chat": None, "text": "x"}},
    {"message": {"chat": {"id": "5", "type": "private"}, "text": "x"}},
    {"message": {"chat": {"id": True, "type": "private"}, "text": "x"}},
    {"message": {"chat": {"id": 10**40, "type": "private"}, "text": "x"}},
    {"message": {"chat": {"id": 5}, "text": "x"}},
    {"message": message(text=None)},
    {"message": message(text=17)},
    {"message": message(photo=[])},
    {"message": message(photo="x")},
    {"message": message(voice={"file_id": None})},
    {"message": message(text="a" * 100_000)},
    {"message": message(story={"id": 1})},
    {"callback_query": {"id": "1", "from": SAM, "data": "t", "inline_message_id": "9"}},
    {"callback_query": {"id": "1", "from": SAM, "message": message(), "game_short_name": "g"}},
    {"my_chat_member": {"chat": CHAT}},
    {"message_reaction": {"chat": CHAT, "message_id": 1}},
    {"something_new": {"a": 1}},
    {"poll_answer": 3},
]


@pytest.mark.parametrize("update", ODD)
def test_an_odd_update_is_other(update: Any) -> None:
    assert read(update).kind == "other"


def test_a_text_that_is_too_long_is_kept_for_the_safety_screen() -> None:
    inbound = read({"message": message(text="a" * 100_000 + " I want to die")})
    assert inbound.kind == "other"
    assert inbound.text is not None
    assert inbound.text.endswith("I want to die")


@pytest.mark.parametrize(
    "raw", ["", "not json", "[]", "null", "7", '"x"', "[" * 100_000, '{"update_id": 1e999}']
)
def test_what_is_not_an_update_gets_a_number_that_telegram_never_uses(raw: str) -> None:
    inbound = parse(raw, BOT)
    assert inbound.kind == "other"
    assert inbound.update_id < 0
    # Delivered again, it must be known again.
    assert parse(raw, BOT).update_id == inbound.update_id


def test_no_character_gets_in_that_a_database_cannot_hold() -> None:
    raw = json.dumps({"update_id": 8, "message": message(text="a\x00b\ud800c")})
    inbound = parse(raw, BOT)
    assert inbound.text == "a\ufffdb\ufffdc"
    inbound.payload.encode()
    parse("\ud800\x00", BOT).payload.encode()


def test_a_time_that_cannot_be_is_no_time() -> None:
    assert read({"message": message(text="x") | {"date": 10**18}}).sent_at is None


def test_every_message_of_a_real_phone_is_understood(telegram: TelegramServer, sam: Phone) -> None:
    sam.start("invite_token")
    sam.edits(sam.says("Hi"), "Hello")
    for send in (sam.sends_voice, sam.sends_photo, sam.sends_document, sam.sends_sticker):
        send()
    sam.sends_location()
    sam.sends_contact()
    sam.blocks_bot()
    sam.unblocks_bot()
    sam.forges("x")
    telegram.group("Friends").adds_bot(sam)
    seen = [parse(update.raw, BOT) for update in telegram.updates.waiting]
    assert [inbound.kind for inbound in seen] == (
        [
            "text",
            "text",
            "edited",
            "voice",
            "photo",
            "document",
            "sticker",
            "location",
            "contact",
            "blocked",
            "unblocked",
            "button",
            "group",
        ]
    )
    assert seen[0].text == "/start invite_token"


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=8,
)
known_keys = st.sampled_from(
    [
        "update_id",
        "message",
        "edited_message",
        "callback_query",
        "my_chat_member",
        "channel_post",
        "chat",
        "from",
        "id",
        "type",
        "text",
        "caption",
        "data",
        "date",
        "edit_date",
        "message_id",
        "photo",
        "voice",
        "sticker",
        "document",
        "emoji",
        "file_id",
        "file_unique_id",
        "file_size",
        "width",
        "duration",
        "new_chat_member",
        "status",
        "poll",
        "question",
        "location",
        "language_code",
        "mime_type",
        "file_name",
    ]
)
odd_objects = st.recursive(
    json_values | st.sampled_from(["private", "group", "kicked", 5]),
    lambda inner: st.dictionaries(known_keys, inner, max_size=6) | st.lists(inner, max_size=2),
    max_leaves=20,
)


def is_sound(inbound: Inbound) -> bool:
    inbound.payload.encode()
    (inbound.text or "").encode()
    return inbound.kind in KINDS and type(inbound.update_id) is int


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(odd_objects | st.dictionaries(known_keys, odd_objects))
def test_no_update_makes_it_raise(update: Any) -> None:
    assert is_sound(parse(update, BOT))
    assert is_sound(parse(json.dumps(update), BOT))


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.data())
def test_no_change_to_a_good_update_makes_it_raise(data: Any) -> None:
    update: dict[str, Any] = {"update_id": 8, "message": message(text="Hi", photo=[FILE], sticker=FILE)}
    node: Any = update
    while True:
        key = data.draw(st.sampled_from(sorted(node)))
        if not isinstance(node[key], dict) or data.draw(st.booleans()):
            node[key] = data.draw(odd_objects)
            break
        node[key] = dict(node[key])
        node = node[key]
    assert is_sound(parse(json.dumps(update), BOT))


@settings(deadline=None)
@given(st.text() | st.binary().map(lambda raw: raw.decode("utf-8", "replace")))
def test_no_text_makes_it_raise(raw: str) -> None:
    assert is_sound(parse(raw, BOT))
