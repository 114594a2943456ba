"""How messages leave: in order, at Telegram's pace, and what happened to each is known."""

from __future__ import annotations

import time
from collections import Counter

import pytest

from bot.clock import FixedClock
from bot.conversation import ownership
from integrations.telegram.types import ChatUnreachable, NotSent, RetryAfter, SendRefused, SendUncertain
from tests.conversation.office import ClientPhone, FakeDialogue, Office, linked, result
from tests.people import Colleague


@pytest.fixture
def two_bubbles(dialogue: FakeDialogue) -> None:
    dialogue.answer = lambda turn: result("One", "Two")


def test_being_told_to_wait_is_obeyed_and_holds_the_order(
    sam: ClientPhone, office: Office, clock: FixedClock, two_bubbles: None
) -> None:
    office.phones.faults.append(RetryAfter(30))
    sam.asks("Hello")
    clock.advance(seconds=29)
    office.settle()
    assert sam.reads == []
    clock.advance(seconds=2)
    office.settle()
    assert sam.reads == ["One", "Two"]
    assert {row["uncertain"] for row in office.rows("outbox")} == {0}


def test_a_server_in_trouble_is_tried_again(
    sam: ClientPhone, office: Office, clock: FixedClock, two_bubbles: None
) -> None:
    office.phones.faults.extend([NotSent("502"), NotSent("502")])
    sam.asks("Hello")
    for _ in range(5):
        clock.advance(seconds=2)
        office.settle()
    assert sam.reads == ["One", "Two"]


def test_a_send_that_was_cut_off_may_come_twice_and_is_marked(
    sam: ClientPhone, office: Office, clock: FixedClock, two_bubbles: None
) -> None:
    office.phones.faults.append(SendUncertain("time-out"))
    sam.asks("Hello")
    clock.advance(seconds=5)
    office.settle()
    assert sam.reads == ["One", "One", "Two"]
    assert [(row["text"], bool(row["uncertain"])) for row in office.rows("outbox")] == [
        ("One", True),
        ("Two", False),
    ]
    assert [row["delivery"] for row in office.rows("messages")][1:] == ["uncertain", "sent"]


def test_a_message_that_telegram_refuses_is_listed_and_the_next_one_leaves(
    sam: ClientPhone, office: Office, two_bubbles: None
) -> None:
    office.phones.faults.append(SendRefused("message is too strange"))
    assert sam.asks("Hello") == ["Two"]
    with office.caseload.reading() as case:
        assert [item.last_error for item in case.outbox.dead()] == ["message is too strange"]


def test_a_client_who_blocked_the_bot_is_told_to_amina_once(
    sam: ClientPhone, office: Office, two_bubbles: None
) -> None:
    office.phones.faults.append(ChatUnreachable("blocked"))
    sam.asks("Hello")
    assert sam.reads == []
    [handoff] = office.rows("handoffs")
    assert (handoff["reason"], handoff["asked_count"]) == ("unreachable", 1)
    with office.caseload.reading() as case:
        assert len(case.outbox.dead()) == 2


def test_a_dead_senders_message_goes_again_marked(
    sam: ClientPhone, office: Office, clock: FixedClock
) -> None:
    with office.caseload.transaction() as case:
        case.outbox.add(case.conversations.lock(sam.conversation_id), "Hello", origin="bot", dedup_key="1")
        case.sending.claim("a sender that was killed", [office.bot_id], 9)
    clock.advance(seconds=16)
    office.settle()
    office.waits_until(lambda: sam.reads)
    office.settle()
    assert [bool(row["uncertain"]) for row in office.rows("outbox")] == [True]


def test_after_a_day_a_message_is_given_up(sam: ClientPhone, office: Office, clock: FixedClock) -> None:
    office.shut()
    sam.says("Hello")
    with office.caseload.transaction() as case:
        case.outbox.add(case.conversations.lock(sam.conversation_id), "Old", origin="bot", dedup_key="1")
    clock.advance(hours=25)
    office.open()
    office.settle()
    assert "Old" not in sam.reads


def test_a_reminder_that_may_have_arrived_is_not_sent_twice(
    sam: ClientPhone, office: Office, clock: FixedClock
) -> None:
    office.phones.faults.append(SendUncertain("time-out"))
    with office.caseload.transaction() as case:
        case.outbox.add(
            case.conversations.lock(sam.conversation_id), "Remember", origin="timer", dedup_key="1"
        )
    office.settle()
    clock.advance(seconds=5)
    office.settle()
    assert sam.reads == ["Remember"]
    with office.caseload.reading() as case:
        assert [item.last_error for item in case.outbox.dead()] == ["may have arrived"]


def test_what_the_bot_had_still_to_say_is_not_said_once_amina_has_the_chat(
    sam: ClientPhone, office: Office, clock: FixedClock, amina: Colleague, two_bubbles: None
) -> None:
    office.phones.faults.append(RetryAfter(30))
    sam.asks("Hello")
    sam.sends({"sticker": {"file_id": "f", "file_unique_id": "u", "emoji": "🙂"}})
    office.settle()
    with office.caseload.transaction() as case:
        seen = case.conversations.lock(sam.conversation_id).epoch
        ownership.take_over(case, office.words, case.staff.get(amina.id), sam.conversation_id, seen)
    clock.advance(seconds=31)
    office.settle()
    assert len(sam.reads) == 1
    assert "Amina has joined" in sam.reads[0]
    assert [row["status"] for row in office.rows("outbox")] == ["suppressed"] * 3 + ["sent"]


def test_aminas_reply_is_sent_once_however_often_the_form_is_posted(
    sam: ClientPhone, office: Office, amina: Colleague
) -> None:
    for _ in range(2):
        with office.caseload.transaction() as case:
            ownership.reply(
                case, office.words, case.staff.get(amina.id), sam.conversation_id, " Yes, you can. ", "form1"
            )
    office.settle()
    assert sam.reads == ["Amina (your consultant):\nYes, you can."]


def test_nobody_writes_into_a_chat_that_another_person_has(
    sam: ClientPhone, office: Office, amina: Colleague, grace: Colleague
) -> None:
    with office.caseload.transaction() as case:
        seen = case.conversations.lock(sam.conversation_id).epoch
        ownership.take_over(case, office.words, case.staff.get(amina.id), sam.conversation_id, seen)
    for words, refusal in (
        ("Hello", ownership.ChatHeldByAnother),
        ("  ", ownership.ReplyEmpty),
        ("x" * 3501, ownership.ReplyTooLong),
    ):
        with pytest.raises(refusal), office.caseload.transaction() as case:
            ownership.reply(
                case, office.words, case.staff.get(grace.id), sam.conversation_id, words, f"f{len(words)}"
            )


def test_a_chat_gets_short_bursts_and_then_rests(paced_office: Office, amina: Colleague) -> None:
    office = paced_office
    sam = linked(office, "sam", "Sam Okoro", amina)
    times: list[float] = []
    office.phones.before_send = lambda chat_id, outgoing: times.append(time.monotonic())
    _queue(office, sam, 6)
    office.settle()
    assert sam.reads == [str(number) for number in range(6)]
    # No four within three seconds.
    assert all(later - earlier >= 2.9 for earlier, later in zip(times, times[3:], strict=False))


def test_all_chats_together_get_25_a_second(paced_office: Office, amina: Colleague) -> None:
    office = paced_office
    times: list[float] = []
    office.phones.before_send = lambda chat_id, outgoing: times.append(time.monotonic())
    people = [linked(office, f"c{number}", f"Client {number}", amina) for number in range(30)]
    office.shut()
    for person in people:
        _queue(office, person, 2)
    office.open()
    office.waits_until(lambda: len(times) == 60)
    office.settle()
    busiest = max(sum(start <= at < start + 0.99 for at in times) for start in times)
    assert busiest <= 25
    assert Counter(len(person.reads) for person in people) == {2: 30}


def _queue(office: Office, person: ClientPhone, count: int) -> None:
    with office.caseload.transaction() as case:
        chat = case.conversations.lock(person.conversation_id)
        for number in range(count):
            case.outbox.add(chat, str(number), origin="bot", dedup_key=f"{person.ref}:{number}")
