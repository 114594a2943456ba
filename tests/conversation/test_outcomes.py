"""Whatever a client sends has exactly one outcome, and the client sees one."""

from __future__ import annotations

from typing import Any

import pytest

from tests.conversation.office import ClientPhone, FakeDialogue, Office

FILE = {"file_id": "f1", "file_unique_id": "u1"}
MEDIA: dict[str, dict[str, Any]] = {
    "voice": {"voice": {**FILE, "duration": 3}},
    "audio": {"audio": {**FILE, "duration": 3}},
    "video": {"video": {**FILE, "duration": 3, "width": 1, "height": 1}},
    "video_note": {"video_note": {**FILE, "duration": 3, "length": 1}},
    "photo": {"photo": [{**FILE, "width": 90, "height": 90}]},
    "document": {"document": {**FILE, "file_name": "cv.pdf"}},
    "animation": {"animation": {**FILE, "duration": 1, "width": 1, "height": 1}},
    "sticker": {"sticker": {**FILE, "emoji": "🙂", "width": 1, "height": 1}},
    "location": {"location": {"latitude": 51.5, "longitude": -0.1}},
    "contact": {"contact": {"phone_number": "+44", "first_name": "Ann"}},
    "poll": {"poll": {"id": "1", "question": "Tea?", "options": []}},
    "dice": {"dice": {"emoji": "🎲", "value": 4}},
}


def test_a_text_is_answered_by_the_dialogue(sam: ClientPhone, office: Office, dialogue: FakeDialogue) -> None:
    assert sam.asks("When do I see Amina?") == ["You said: When do I see Amina?"]
    [turn] = dialogue.turns
    assert (turn.conversation, turn.intent) == (sam.conversation_id, None)
    assert (turn.context.first_name, turn.context.consultant) == ("Sam", "Amina")
    assert (turn.context.timezone, turn.context.region) == ("Europe/London", "england")
    assert office.outcomes() == [("done", "bot")]


@pytest.mark.parametrize("kind", MEDIA)
def test_what_is_not_text_gets_a_plain_answer_and_no_turn(
    sam: ClientPhone, office: Office, dialogue: FakeDialogue, kind: str
) -> None:
    sam.sends(MEDIA[kind])
    office.settle()
    assert sam.reads
    [(status, why)] = office.outcomes()
    assert status == "done"
    assert why.startswith("fixed:utter_gateway_")
    assert dialogue.turns == []
    assert [row["kind"] for row in office.rows("messages") if row["author"] == "client"] == [kind]


def test_a_caption_is_kept_with_its_picture(sam: ClientPhone, office: Office) -> None:
    sam.sends({**MEDIA["photo"], "caption": "my new shoes"})
    office.settle()
    assert office.rows("messages")[0]["text"] == "my new shoes"


def test_an_edit_runs_no_second_turn(sam: ClientPhone, office: Office, dialogue: FakeDialogue) -> None:
    sam.asks("I have a new goal")
    sam.edits("I have two new goals")
    office.settle()
    assert len(dialogue.turns) == 1
    assert office.outcomes()[-1] == ("done", "fixed:utter_gateway_edited")


def test_a_group_is_left_and_nothing_of_it_is_kept(sam: ClientPhone, office: Office) -> None:
    message = sam.message({"text": "Sam owes me money"})
    message["chat"] = {"id": -1001, "type": "supergroup", "title": "Mates"}
    office.receive({"update_id": 1, "message": message})
    office.settle()
    assert office.left_groups == ["-1001"]
    [row] = office.rows("inbox")
    assert (row["status"], row["payload"], row["chat_id"]) == ("ignored", None, None)
    assert office.phones.bubbles == []


def test_blocking_and_coming_back(sam: ClientPhone, office: Office, dialogue: FakeDialogue) -> None:
    sam.becomes("kicked")
    office.settle()
    [handoff] = office.rows("handoffs")
    assert handoff["reason"] == "unreachable"
    assert office.rows("conversations")[0]["unreachable_at"] is not None
    sam.becomes("member")
    office.settle()
    assert office.rows("conversations")[0]["unreachable_at"] is None
    assert [why for _, why in office.outcomes()] == ["client blocked the bot", "client unblocked the bot"]
    assert dialogue.turns == []


def test_writing_again_after_a_block_is_being_back(sam: ClientPhone, office: Office) -> None:
    sam.becomes("kicked")
    office.settle()
    assert sam.asks("Sorry, pressed the wrong thing") == ["You said: Sorry, pressed the wrong thing"]


@pytest.mark.parametrize(
    "update",
    [
        {},
        {"message": None},
        {"message": {"text": "no chat"}},
        {"message": {"chat": {"id": "5", "type": "private"}, "text": 5}},
        {"callback_query": {"id": "1"}},
        {"poll_answer": {"user": {"id": 1}}},
        {"something_new": {"chat": {"id": 5_000_000_001, "type": "private"}}},
        {"my_chat_member": {"chat": {"id": 5, "type": "private"}, "new_chat_member": {}}},
    ],
)
def test_an_update_of_an_unknown_shape_is_ignored_with_a_reason(
    office: Office, sam: ClientPhone, update: dict[str, Any]
) -> None:
    office.receive({"update_id": 77, **update})
    sam.says("Hello")
    office.settle()
    assert office.outcomes()[0][0] == "ignored"
    assert office.outcomes()[0][1]
    assert sam.reads == ["You said: Hello"]


@pytest.mark.parametrize(
    "words", ["a\u0000b", "half a pair \ud800", "x" * 4096, "‮gnp.exe", "<b>{first_name}</b>", "*_[x](tg://)"]
)
def test_strange_characters_are_words_like_any_others(
    sam: ClientPhone, office: Office, dialogue: FakeDialogue, words: str
) -> None:
    sam.says(words)
    office.settle()
    assert len(dialogue.turns) == 1
    assert office.outcomes() == [("done", "bot")]


def test_a_number_that_no_column_holds_is_no_reason_to_stop(sam: ClientPhone, office: Office) -> None:
    sam.says("Hello", message_id=2**40)
    office.settle()
    assert sam.reads == ["You said: Hello"]
    assert office.rows("messages")[0]["channel_message_id"] in (None, 2**40)


def test_the_same_update_twice_is_one_message(
    sam: ClientPhone, office: Office, dialogue: FakeDialogue
) -> None:
    update = {"update_id": 5, "message": sam.message({"text": "Hello"})}
    assert office.receive(update).seq is not None
    assert office.receive(update).seq is None
    office.settle()
    assert office.receive(update).seq is None
    office.settle()
    assert sam.reads == ["You said: Hello"]
    assert len(office.rows("messages")) == 2


def test_messages_of_a_chat_are_answered_in_their_order(sam: ClientPhone, office: Office) -> None:
    office.dialogue.thinking = True
    for number in range(5):
        sam.says(f"m{number}")
    office.waits_until(lambda: office.dialogue.turns)
    assert len(office.dialogue.turns) == 1
    office.dialogue.thinking = False
    office.settle()
    assert sam.reads == [f"You said: m{number}" for number in range(5)]
