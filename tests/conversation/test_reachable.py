"""Sam blocks the bot, and comes back: what stops, who is told, and what he hears then."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.conversation import ownership
from bot.conversation.internal import internal_turn
from integrations.telegram.types import ChatUnreachable
from tests.conversation.office import ClientPhone, FakeDialogue, Office, linked, result
from tests.people import Colleague

MISSED_TWO = "You have missed 2 messages while this chat was closed. Ask me for the latest."
MISSED_ONE = "You have missed one message while this chat was closed. Ask me for the latest."


def writes_to(office: Office, sam: ClientPhone, *texts: str, origin: str = "bot") -> None:
    """Queue messages to Sam."""
    with office.caseload.transaction() as case:
        conversation = case.conversations.lock(sam.conversation_id)
        for text in texts:
            case.outbox.add(conversation, text, origin=origin, dedup_key=f"t:{text}")


def is_told_by_the_server(office: Office, sam: ClientPhone, *texts: str) -> None:
    """Write to Sam, whose phone does not take it."""
    office.phones.faults.append(ChatUnreachable("blocked"))
    writes_to(office, sam, *texts)
    office.settle()


def handoff_of(office: Office) -> dict[str, object]:
    [handoff] = office.rows("handoffs")
    return handoff


def comes_back(sam: ClientPhone, office: Office) -> None:
    sam.becomes("member")
    office.settle()


@pytest.mark.parametrize("how", ["block", "403"])
def test_amina_is_asked_to_phone_once_and_it_is_written_down(
    sam: ClientPhone, office: Office, how: str
) -> None:
    if how == "block":
        sam.becomes("kicked")
        office.settle()
        sam.becomes("kicked")
        office.settle()
    else:
        is_told_by_the_server(office, sam, "one", "two")
        writes_to(office, sam, "three")
        office.settle()
    handoff = handoff_of(office)
    assert (handoff["reason"], handoff["urgency"], handoff["asked_count"]) == ("unreachable", "today", 1)
    assert [row["action"] for row in office.rows("audit")] == ["client cannot be reached"]
    assert sam.reads == []
    assert {row["status"] for row in office.rows("outbox")} <= {"dead"}


def test_no_reminder_is_made_while_sam_cannot_be_reached(
    sam: ClientPhone, office: Office, amina: Colleague
) -> None:
    with office.caseload.transaction() as case:
        client, staff = case.clients.find_by_ref("sam"), case.staff.get(amina.id)
        assert client is not None
        case.appointments.arrange(
            client, staff, case.clock.now() + timedelta(days=2), minutes=45, mode="office", place=None,
            purpose=None,
        )  # fmt: skip
    sam.becomes("kicked")
    office.settle()
    office.caseload.clock.advance(days=1)  # type: ignore[attr-defined]
    office.timers.ring_due()
    office.settle()
    assert office.rows("outbox") == []
    comes_back(sam, office)
    assert sam.reads == []
    # The next one, two hours before, comes again.
    office.caseload.clock.advance(hours=22)  # type: ignore[attr-defined]
    office.timers.ring_due()
    office.settle()
    assert len(sam.reads) == 1


def test_the_dialogue_offers_no_jobs_to_somebody_who_cannot_read_them(
    sam: ClientPhone, office: Office, dialogue: FakeDialogue
) -> None:
    sam.becomes("kicked")
    office.settle()
    with office.caseload.transaction() as case:
        conversation = case.conversations.lock(sam.conversation_id)
        case.inbox.receive_internal(conversation, internal_turn("EXTERNAL_handed_back"))
    office.settle()
    assert dialogue.turns == []
    assert office.outcomes()[-1] == ("ignored", "the client cannot be reached")


@pytest.mark.parametrize("way", ["unblocks", "writes", "cries for help"])
def test_the_handoff_closes_by_itself_when_sam_is_back(sam: ClientPhone, office: Office, way: str) -> None:
    sam.becomes("kicked")
    office.settle()
    if way == "unblocks":
        sam.becomes("member")
    else:
        sam.says("hiya" if way == "writes" else "i want to kill myself")
    office.settle()
    handoff = office.rows("handoffs")[0] if way != "cries for help" else next(
        row for row in office.rows("handoffs") if row["reason"] == "unreachable"
    )  # fmt: skip
    assert handoff["status"] == "closed"
    assert handoff["ended_at"] is not None
    events = [row for row in office.rows("handoff_events") if row["handoff_id"] == handoff["id"]]
    assert [(row["what"], row["staff_id"], row["note"]) for row in events] == [
        ("opened", None, None),
        ("closed", None, "Back on the chat."),
    ]
    [chat] = office.rows("conversations")
    assert chat["unreachable_at"] is None
    assert chat["back_at"] is not None
    assert "client can be reached again" in [row["action"] for row in office.rows("audit")]


def test_sam_hears_once_what_he_missed_and_none_of_it_comes_late(sam: ClientPhone, office: Office) -> None:
    is_told_by_the_server(office, sam, "one", "two")
    comes_back(sam, office)
    assert sam.reads == [MISSED_TWO]
    assert sam.asks("hiya") == ["You said: hiya"]
    assert {row["status"] for row in office.rows("outbox") if row["text"] in {"one", "two"}} == {"dead"}


def test_one_message_is_one_message(sam: ClientPhone, office: Office) -> None:
    is_told_by_the_server(office, sam, "one")
    comes_back(sam, office)
    assert sam.reads == [MISSED_ONE]


def test_who_comes_back_by_writing_hears_it_before_the_answer(sam: ClientPhone, office: Office) -> None:
    is_told_by_the_server(office, sam, "one", "two")
    assert sam.asks("hiya") == [MISSED_TWO, "You said: hiya"]


def test_who_missed_nothing_hears_nothing(sam: ClientPhone, office: Office) -> None:
    sam.becomes("kicked")
    office.settle()
    comes_back(sam, office)
    assert sam.reads == []
    assert sam.asks("hiya") == ["You said: hiya"]


def test_what_was_missed_the_time_before_is_not_counted_again(sam: ClientPhone, office: Office) -> None:
    is_told_by_the_server(office, sam, "one", "two")
    office.caseload.clock.advance(hours=1)  # type: ignore[attr-defined]
    comes_back(sam, office)
    office.caseload.clock.advance(hours=1)  # type: ignore[attr-defined]
    is_told_by_the_server(office, sam, "three")
    office.caseload.clock.advance(hours=1)  # type: ignore[attr-defined]
    comes_back(sam, office)
    assert sam.reads == [MISSED_TWO, MISSED_ONE]
    assert [row["status"] for row in office.rows("handoffs")] == ["closed", "closed"]


def test_what_still_waits_when_sam_comes_back_is_not_sent(sam: ClientPhone, office: Office) -> None:
    sam.becomes("kicked")
    office.settle()
    office.shut()
    writes_to(office, sam, "one", "two")
    sam.becomes("member")
    office.open()
    office.settle()
    assert not {"one", "two"} & set(sam.reads)


def test_after_danger_only_the_numbers_come(sam: ClientPhone, office: Office) -> None:
    is_told_by_the_server(office, sam, "one", "two")
    read = sam.asks("i want to kill myself")
    assert MISSED_TWO not in read
    assert any("116 123" in text for text in read)


def test_a_crisis_text_is_tried_though_the_chat_is_closed(sam: ClientPhone, office: Office) -> None:
    sam.becomes("kicked")
    office.settle()
    writes_to(office, sam, "Call 116 123.", origin="safety")
    office.settle()
    assert sam.reads == ["Call 116 123."]


def test_while_amina_has_the_chat_the_bot_stays_silent(
    sam: ClientPhone, office: Office, amina: Colleague
) -> None:
    is_told_by_the_server(office, sam, "one")
    with office.caseload.transaction() as case:
        staff = case.staff.get(amina.id)
        epoch = case.conversations.lock(sam.conversation_id).epoch
        ownership.take_over(case, office.words, staff, sam.conversation_id, epoch)
    office.settle()
    comes_back(sam, office)
    assert sam.reads == []


@pytest.mark.parametrize("why", ["no consent", "stopped"])
def test_somebody_who_wants_no_messages_is_not_told(office: Office, amina: Colleague, why: str) -> None:
    lee = linked(office, "lee", "Lee Park", amina, consent=None if why == "no consent" else True)
    is_told_by_the_server(office, lee, "one")
    if why == "stopped":
        with office.caseload.transaction() as case:
            client = case.clients.find_by_ref("lee")
            assert client is not None
            case.preferences.stop(client)
    comes_back(lee, office)
    assert lee.reads == []


def test_a_refusal_that_is_older_than_sams_return_is_not_believed(
    sam: ClientPhone, office: Office, dialogue: FakeDialogue
) -> None:
    def returns_meanwhile(_chat_id: str, _outgoing: object) -> None:
        office.phones.before_send = lambda chat_id, outgoing: None
        office.caseload.clock.advance(seconds=1)  # type: ignore[attr-defined]
        sam.says("I am here")

    office.phones.before_send = returns_meanwhile
    dialogue.answer = lambda turn: result("Good to see you.")
    is_told_by_the_server(office, sam, "one")
    office.waits_until(lambda: len(sam.reads) == 2)
    assert sam.reads == ["one", "Good to see you."]
    assert office.rows("handoffs") == []


def test_a_new_phone_ends_the_request_to_call(sam: ClientPhone, office: Office, amina: Colleague) -> None:
    sam.becomes("kicked")
    office.settle()
    with office.caseload.transaction() as case:
        client = case.clients.find_by_ref("sam")
        assert client is not None
        token = case.invites.create(client, case.staff.get(amina.id)).token
    new = ClientPhone(office, "9000000077", "sam")
    new.says(f"/start {token}")
    office.settle()
    status = {row["reason"]: row["status"] for row in office.rows("handoffs")}
    assert status == {"unreachable": "closed", "invite": "waiting"}
