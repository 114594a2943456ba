"""Danger is answered at the door: whoever has the chat, whatever is open, without dialogue or network.

Domain 4.4 (must) 1: every inbound text first, in whatever mode; 3 and 4: the numbers, and a human.
"""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.clock import FixedClock
from bot.conversation import ownership
from tests.conversation.office import ClientPhone, FakeDialogue, FakePhones, Office, linked
from tests.people import Colleague

CRISIS = "I want to kill myself"


def _is_answered(office: Office, who: ClientPhone) -> bool:
    return any("999" in text for text in who.reads) and ("done", "safety:crisis") in office.outcomes()


def test_a_crisis_gets_the_numbers_a_human_and_no_turn(
    sam: ClientPhone, office: Office, dialogue: FakeDialogue
) -> None:
    sam.asks(CRISIS)
    assert _is_answered(office, sam)
    assert dialogue.turns == []
    [handoff] = office.rows("handoffs")
    assert (handoff["reason"], handoff["urgency"]) == ("safety", "now")
    [event] = office.rows("safety_events")
    assert (event["route"], event["acknowledged_at"]) == ("crisis", None)
    assert CRISIS not in str(office.rows("safety_events"))


@pytest.mark.parametrize(
    "how", ["text", "edited", "caption", "long", "forwarded", "command", "emoji sticker's neighbour", "start"]
)
def test_4_4_1_it_is_read_wherever_it_is_written(sam: ClientPhone, office: Office, how: str) -> None:
    if how == "edited":
        sam.edits(CRISIS)
    elif how == "caption":
        sam.sends({"photo": [{"file_id": "f", "file_unique_id": "u"}], "caption": CRISIS})
    elif how == "long":
        sam.says(f"{'I am so tired of this. ' * 120}{CRISIS}")
    elif how == "forwarded":
        sam.says(CRISIS, forward_origin={"type": "hidden_user", "sender_user_name": "Ann", "date": 1})
    elif how == "command":
        sam.says(f"/help {CRISIS}")
    elif how == "emoji sticker's neighbour":
        sam.sends({"sticker": {"file_id": "f", "file_unique_id": "u", "emoji": "🙂"}})
        sam.says(CRISIS)
    else:
        sam.says("/start i-want-to-kill-myself" if how == "start" else CRISIS)
    office.settle()
    assert _is_answered(office, sam)


def test_4_4_1_it_is_read_in_a_text_that_is_longer_than_telegram_allows(
    sam: ClientPhone, office: Office
) -> None:
    sam.says(f"{'I am so tired of this. ' * 4000}{CRISIS}")
    office.settle()
    assert _is_answered(office, sam)


@pytest.mark.parametrize("words", ["/stop", "/pause", "/delete", "/privacy"])
def test_4_4_1_a_command_does_not_hide_it(sam: ClientPhone, office: Office, words: str) -> None:
    sam.asks(f"{words} {CRISIS}")
    assert _is_answered(office, sam)


def test_4_4_1_it_is_answered_while_sam_waits_for_a_person(sam: ClientPhone, office: Office) -> None:
    sam.asks("/person")
    assert office.rows("conversations")[0]["mode"] == "waiting"
    sam.asks(CRISIS)
    assert _is_answered(office, sam)


def test_4_4_1_it_is_answered_while_messages_are_paused(sam: ClientPhone, office: Office) -> None:
    with office.caseload.transaction() as case:
        client = case.clients.for_conversation(sam.conversation_id)
        case.preferences.pause_until(client, case.clock.now() + timedelta(days=7))
    sam.asks(CRISIS)
    assert _is_answered(office, sam)


def test_4_4_1_it_is_answered_in_a_chat_that_was_unlinked_and_nothing_is_kept(
    sam: ClientPhone, office: Office
) -> None:
    with office.caseload.transaction() as case:
        case.conversations.unlink(case.conversations.lock(sam.conversation_id))
    sam.asks(CRISIS)
    assert _is_answered(office, sam)
    # Nobody knows the region of a stranger: both, labelled.
    assert "New Zealand" in " ".join(sam.reads)
    assert office.rows("handoffs") == []
    [event] = office.rows("safety_events")
    assert (event["route"], event["client_id"], event["conversation_id"]) == ("crisis", None, None)


def test_4_4_1_it_is_answered_in_the_middle_of_a_flood(
    sam: ClientPhone, office: Office, dialogue: FakeDialogue
) -> None:
    dialogue.thinking = True
    for number in range(30):
        sam.says(f"hello {number}" if number != 17 else CRISIS)
    office.waits_until(lambda: any("999" in text for text in sam.reads), 5)
    dialogue.thinking = False
    office.settle()
    assert ("done", "safety:crisis") in office.outcomes()


def test_4_4_1_what_is_said_in_a_group_is_not_answered_there(sam: ClientPhone, office: Office) -> None:
    group = {"id": -100, "type": "group", "title": "Mates"}
    sam.sends({"text": CRISIS, "chat": group})
    office.settle()
    assert sam.reads == []
    assert office.rows("safety_events") == []
    office.waits_until(lambda: office.left_groups == ["-100"], 5)


def test_it_is_answered_while_amina_has_the_chat(sam: ClientPhone, office: Office, amina: Colleague) -> None:
    with office.caseload.transaction() as case:
        seen = case.conversations.lock(sam.conversation_id).epoch
        ownership.take_over(case, office.words, case.staff.get(amina.id), sam.conversation_id, seen)
    sam.asks(CRISIS)
    assert _is_answered(office, sam)
    assert CRISIS in [row["text"] for row in office.rows("messages") if row["author"] == "client"]


@pytest.mark.parametrize("consent", [None, False], ids=["not asked yet", "said no"])
def test_it_is_answered_without_consent(office: Office, amina: Colleague, consent: bool | None) -> None:
    leila = linked(office, "leila", "Leila Haddad", amina, consent=consent)
    leila.asks(CRISIS)
    assert _is_answered(office, leila)
    assert [row["reason"] for row in office.rows("handoffs")] == ["safety"]


def test_it_is_answered_when_sam_has_stopped_all_messages(sam: ClientPhone, office: Office) -> None:
    with office.caseload.transaction() as case:
        case.preferences.stop(case.clients.for_conversation(sam.conversation_id))
    sam.asks(CRISIS)
    assert _is_answered(office, sam)


def test_it_waits_behind_nothing(
    sam: ClientPhone, office: Office, dialogue: FakeDialogue, phones: FakePhones
) -> None:
    dialogue.thinking = True
    for number in range(4):
        sam.says(f"word {number}")
    office.waits_until(lambda: dialogue.turns)
    sam.says(CRISIS)
    office.waits_until(lambda: sam.reads, 5)
    assert "999" in " ".join(sam.reads)
    dialogue.thinking = False
    office.settle()
    # What was being answered may have opened a form, so the dialogue is told last to put it aside.
    assert [turn.text or turn.intent for turn in dialogue.turns] == ["word 0", "EXTERNAL_put_aside"]
    assert office.outcomes()[:4] == [("held", "danger came behind it")] * 4
    assert not any("You said: word" in text for text in sam.reads)


def test_words_in_pieces_are_put_together(sam: ClientPhone, office: Office) -> None:
    office.shut()
    for piece in ("i want to", "kill", "myself"):
        sam.says(piece)
    office.open()
    office.settle()
    assert "999" in " ".join(sam.reads)


def test_the_same_update_again_opens_no_second_alarm(sam: ClientPhone, office: Office) -> None:
    update = {"update_id": 3, "message": sam.message({"text": CRISIS})}
    office.receive(update)
    office.receive(update)
    office.settle()
    assert len(office.rows("safety_events")) == 1
    assert office.rows("handoffs")[0]["asked_count"] == 1


def test_the_buttons_under_it_work_while_amina_has_the_chat(
    sam: ClientPhone, office: Office, amina: Colleague, dialogue: FakeDialogue
) -> None:
    sam.asks(CRISIS)
    labels = [label for bubble in sam.bubbles for label in bubble.labels]
    assert labels
    with office.caseload.transaction() as case:
        seen = case.conversations.lock(sam.conversation_id).epoch
        ownership.take_over(case, office.words, case.staff.get(amina.id), sam.conversation_id, seen)
    office.settle()
    before = len(sam.reads)
    sam.presses(labels[0])
    office.settle()
    assert len(sam.reads) > before
    assert office.outcomes()[-1] == ("done", "safety follow-up")
    assert dialogue.turns == []


def test_no_reminder_follows_a_crisis_until_a_human_has_looked(
    sam: ClientPhone, office: Office, amina: Colleague, clock: FixedClock
) -> None:
    sam.asks(CRISIS)
    before = len(sam.reads)
    with office.caseload.transaction() as case:
        client = case.clients.for_conversation(sam.conversation_id)
        case.appointments.arrange(
            client, case.staff.get(amina.id), clock.now().replace(day=26, hour=14),
            minutes=45, mode="office", place=None, purpose=None,
        )  # fmt: skip
    clock.set(clock.now().replace(day=26, hour=12, minute=0))
    office.timers.ring_due()
    office.settle()
    assert len(sam.reads) == before


@pytest.mark.parametrize(
    "sent",
    [
        {"document": {"file_id": "f", "file_unique_id": "u", "file_name": f"goodbye {CRISIS}.txt"}},
        {"poll": {"id": "1", "question": "What now?", "options": [{"text": CRISIS, "voter_count": 0}]}},
        {"checklist": {"title": "Today", "tasks": [{"id": 1, "text": CRISIS}]}},
        {"contact": {"phone_number": "1", "first_name": CRISIS}},
        {"location": {"latitude": 51.5, "longitude": 0.1}, "venue": {"title": CRISIS, "address": "x"}},
        {"text": "this", "quote": {"text": CRISIS, "position": 0}},
    ],
    ids=["document", "poll", "checklist", "contact", "venue", "quote"],
)  # fmt: skip
def test_4_4_1_it_is_read_in_names_entries_and_quotes(
    sam: ClientPhone, office: Office, sent: dict[str, object]
) -> None:
    sam.sends(sent)
    office.settle()
    assert _is_answered(office, sam)
