"""A long conversation costs no more than a short one and forgets nothing that matters."""

from __future__ import annotations

import sqlite3
from contextlib import closing

from .conftest import Chat
from .dialogue_server import DialogueServer


def test_after_300_messages_sam_is_still_in_the_form_and_his_answers_are_kept(
    sam: Chat, server: DialogueServer
) -> None:
    sam.says(intent="choose_job", entities={"job": "baker"})
    sam.says("goal")
    sam.says("cook for people")
    # Questions in between; the form asks again after each.
    results = sam.send_in_order(*(sam.turn("hello" if n % 2 else "where am i") for n in range(300)))
    asked = {result.replies[-1].text for result in results}
    assert asked == {"When would you like that, to reach cook for people?"}
    size = row_size(server, sam)
    assert sam.says("in spring") == ["I noted: cook for people, in spring."]
    assert sam.result("jobs").replies[0].buttons[1].label == "Your baker"
    assert size < 64 * 1024


def row_size(server: DialogueServer, chat: Chat) -> int:
    with closing(sqlite3.connect(server.database)) as database:
        query = "SELECT length(events) FROM dialogue_trackers WHERE sender_id = ?"
        size: int = database.execute(query, (chat.conversation,)).fetchone()[0]
        return size
