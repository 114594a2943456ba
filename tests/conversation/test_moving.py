"""Sam gets another consultant: who is told, who has the chat, and what moves with him."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from bot.caseload.errors import NoSuchClient, NoSuchColleague, NoSuchConversation, SomeoneWasFaster
from bot.caseload.models.conversation import Handoff, Mode
from bot.caseload.moves import Moved
from bot.caseload.store import Case
from bot.clock import FixedClock
from bot.conversation import moving, ownership
from bot.conversation.escalation import mark_of
from tests.conversation.office import ClientPhone, Office
from tests.people import Colleague, hired

#: Friday half past two; today is Wednesday.
MEETING = datetime(2026, 11, 27, 14, 30, tzinfo=UTC)


def sams_id(office: Office, sam: ClientPhone) -> str:
    with office.caseload.reading() as case:
        return case.clients.for_conversation(sam.conversation_id).id


def moves(office: Office, sam: ClientPhone, by: Colleague, to: Colleague, seen: Colleague | None) -> Moved:
    with office.caseload.transaction() as case:
        staff = case.staff.get(by.id)
        client = case.clients.for_conversation(sam.conversation_id)
        whom = case.moves.get_possible(staff, to.id)
        moved = moving.move_client(case, office.words, staff, client.id, whom, seen.id if seen else None)
    office.settle()
    return moved


def waiting_for(office: Office, who: Colleague) -> list[Handoff]:
    with office.caseload.reading() as case:
        return case.handoffs.waiting_for(case.staff.get(who.id))


def takes(office: Office, sam: ClientPhone, who: Colleague) -> None:
    with office.caseload.transaction() as case:
        ownership.take_over(case, office.words, case.staff.get(who.id), sam.conversation_id, 1)
    office.settle()


def test_sam_reads_both_names_in_one_sentence(
    sam: ClientPhone, office: Office, amina: Colleague, piotr: Colleague, grace: Colleague
) -> None:
    moves(office, sam, grace, piotr, amina)
    assert sam.reads == ["Hi Sam, from now on Piotr will help you instead of Amina."]


def test_piotr_finds_sam_among_who_waits_and_amina_sees_nothing_of_him(
    sam: ClientPhone, office: Office, amina: Colleague, piotr: Colleague, grace: Colleague
) -> None:
    with office.caseload.transaction() as case:
        case.handoffs.open(case.clients.for_conversation(sam.conversation_id), "Can I?", "question")
    moves(office, sam, grace, piotr, amina)
    assert {one.reason for one in waiting_for(office, piotr)} == {"question", "new_client"}
    assert waiting_for(office, amina) == []
    with office.caseload.reading() as case:
        assert case.conversations.get_for(case.staff.get(piotr.id), sam.conversation_id)
        with pytest.raises(NoSuchConversation):
            case.conversations.get_for(case.staff.get(amina.id), sam.conversation_id)
        with pytest.raises(NoSuchClient):
            case.clients.get_for(case.staff.get(amina.id), sams_id(office, sam))


def test_amina_still_reads_sam_while_she_covers(
    sam: ClientPhone, office: Office, amina: Colleague, piotr: Colleague, grace: Colleague
) -> None:
    moves(office, sam, grace, piotr, amina)
    with office.caseload.transaction() as case:
        case.clients.for_conversation(sam.conversation_id).cover_id = amina.id
    with office.caseload.reading() as case:
        assert case.conversations.get_for(case.staff.get(amina.id), sam.conversation_id)


def test_a_cover_who_gets_the_client_is_no_cover_any_more(
    sam: ClientPhone, office: Office, amina: Colleague, piotr: Colleague, grace: Colleague
) -> None:
    with office.caseload.transaction() as case:
        case.clients.for_conversation(sam.conversation_id).cover_id = piotr.id
    moves(office, sam, grace, piotr, amina)
    with office.caseload.reading() as case:
        client = case.clients.for_conversation(sam.conversation_id)
        assert (client.consultant_id, client.cover_id) == (piotr.id, None)


def test_a_chat_that_amina_had_waits_for_piotr(
    sam: ClientPhone, office: Office, amina: Colleague, piotr: Colleague, grace: Colleague
) -> None:
    with office.caseload.transaction() as case:
        case.handoffs.open(case.clients.for_conversation(sam.conversation_id), "Can I?", "question")
    takes(office, sam, amina)
    moves(office, sam, grace, piotr, amina)
    with office.caseload.reading() as case:
        conversation = case.conversations.find(sam.conversation_id)
        assert conversation is not None
        assert (conversation.mode, conversation.held_by_id, conversation.epoch) == (Mode.WAITING, None, 3)
    found = {one.reason: one for one in waiting_for(office, piotr)}
    assert "Amina had the chat. Sam waits for a person." in found["moved"].question
    assert found["question"].status == "waiting"
    assert sam.reads[-2:] == [
        "Amina has left the chat. You are talking to me, the assistant, again.",
        "Hi Sam, from now on Piotr will help you instead of Amina.",
    ]
    with pytest.raises(NoSuchConversation), office.caseload.transaction() as case:
        staff = case.staff.get(amina.id)
        ownership.reply(case, office.words, staff, sam.conversation_id, "One more thing", "0" * 32)


def test_piotrs_answer_ends_the_waiting(
    sam: ClientPhone, office: Office, amina: Colleague, piotr: Colleague, grace: Colleague
) -> None:
    takes(office, sam, amina)
    moves(office, sam, grace, piotr, amina)
    with office.caseload.transaction() as case:
        staff = case.staff.get(piotr.id)
        ownership.reply(case, office.words, staff, sam.conversation_id, "Hello Sam", "1" * 32)
    with office.caseload.reading() as case:
        conversation = case.conversations.find(sam.conversation_id)
        assert conversation is not None
        assert conversation.mode == Mode.BOT
    assert waiting_for(office, piotr) == []


def test_meetings_ahead_move_and_those_of_before_do_not(
    sam: ClientPhone, office: Office, clock: FixedClock, amina: Colleague, piotr: Colleague, grace: Colleague
) -> None:
    with office.caseload.transaction() as case:
        client = case.clients.for_conversation(sam.conversation_id)

        def agree(who: Colleague, starts_at: datetime) -> str:
            staff = case.staff.get(who.id)
            return case.appointments.arrange(
                client, staff, starts_at, minutes=45, mode="office", place=None, purpose=None
            ).id

        past, ahead = agree(amina, clock.now() - timedelta(days=3)), agree(amina, MEETING)
        graces = agree(grace, MEETING + timedelta(days=3))
        jo = case.clients.enrol(client.service, "Jo Lind", consultant=case.staff.get(piotr.id))
        case.appointments.arrange(
            jo, case.staff.get(piotr.id), MEETING + timedelta(minutes=30),
            minutes=45, mode="office", place=None, purpose=None,
        )  # fmt: skip
    moved = moves(office, sam, grace, piotr, amina)
    assert [one.id for one in moved.appointments] == [ahead]
    with office.caseload.reading() as case:
        client = case.clients.for_conversation(sam.conversation_id)
        whose = {one.id: one.staff_id for one in case.appointments.all_for(client)}
        assert whose == {past: amina.id, ahead: piotr.id, graces: grace.id}
    (told,) = waiting_for(office, piotr)
    assert "1 meeting moved with Sam." in told.question
    assert "At the same time as another of your meetings: 1. Please look." in told.question
    clock.set(MEETING - timedelta(days=1))
    office.timers.ring_due()
    office.settle()
    assert "You are meeting Piotr on Friday 27 November at 2:30pm" in sam.reads[-1]


def test_each_assignment_has_its_beginning_and_its_end(
    sam: ClientPhone, office: Office, clock: FixedClock, amina: Colleague, piotr: Colleague, grace: Colleague
) -> None:
    clock.advance(hours=1)
    moves(office, sam, grace, piotr, amina)
    rows = office.rows("assignments")
    assert [(row["staff_id"], row["until_at"] is None) for row in rows] == [
        (amina.id, False),
        (piotr.id, True),
    ]
    assert rows[0]["until_at"] == rows[1]["from_at"]
    with office.caseload.reading() as case:
        (line,) = case.audit.of_client(sams_id(office, sam))
        assert (line.action, line.staff_id, line.subject) == (
            "moved to another consultant",
            grace.id,
            piotr.id,
        )


def test_the_same_form_twice_moves_and_tells_once(
    sam: ClientPhone, office: Office, amina: Colleague, piotr: Colleague, grace: Colleague
) -> None:
    moves(office, sam, grace, piotr, amina)
    with pytest.raises(moving.AlreadyTheirs):
        moves(office, sam, grace, piotr, amina)
    assert len(sam.reads) == 1
    assert len(office.rows("assignments")) == 2


def test_of_two_who_move_sam_at_once_the_second_is_told(
    sam: ClientPhone, office: Office, amina: Colleague, piotr: Colleague, grace: Colleague
) -> None:
    lena = hired(office.caseload, "northside", "Lena Berg", "lead")
    moves(office, sam, grace, piotr, amina)
    with pytest.raises(SomeoneWasFaster):
        moves(office, sam, lena, grace, amina)


def test_sam_moves_only_to_somebody_of_his_service_who_can_have_clients(
    sam: ClientPhone, office: Office, amina: Colleague, piotr: Colleague, grace: Colleague
) -> None:
    gone = hired(office.caseload, "northside", "Tom Hay", "consultant")
    with office.caseload.transaction() as case:
        case.staff.disable(case.staff.get(gone.id))
    others = [
        hired(office.caseload, "northside", "Ada Quist", "admin"),
        hired(office.caseload, "northside", "Dot Yule", "duty"),
        hired(office.caseload, "kauri", "Mere Rua", "consultant"),
        gone,
    ]
    for other in others:
        with pytest.raises(NoSuchColleague):
            moves(office, sam, grace, other, amina)
    assert sam.reads == []


def test_neither_a_consultant_nor_an_admin_moves_anybody(
    sam: ClientPhone, office: Office, amina: Colleague, piotr: Colleague
) -> None:
    ada = hired(office.caseload, "northside", "Ada Quist", "admin")
    for by in (amina, piotr, ada):
        with pytest.raises(NoSuchClient):
            moves(office, sam, by, piotr, amina)


def test_sam_without_a_consultant_is_told_who_helps_him(
    sam: ClientPhone, office: Office, amina: Colleague, piotr: Colleague, grace: Colleague
) -> None:
    with office.caseload.transaction() as case:
        case.clients.for_conversation(sam.conversation_id).consultant_id = None
    moves(office, sam, grace, piotr, None)
    assert sam.reads == ["Hi Sam, from now on Piotr will help you."]


def test_two_consultants_with_one_first_name_are_told_apart(
    sam: ClientPhone, office: Office, amina: Colleague, grace: Colleague
) -> None:
    other = hired(office.caseload, "northside-2", "Amina Rahman", "consultant")
    with office.caseload.transaction() as case:
        service_id = case.staff.get(amina.id).service_id
        case.staff.get(other.id).service_id = service_id
    moves(office, sam, grace, other, amina)
    assert sam.reads == ["Hi Sam, from now on Amina Rahman will help you instead of Amina Khan."]


def stop(case: Case, sam: ClientPhone) -> None:
    case.preferences.stop(case.clients.for_conversation(sam.conversation_id))


def block(case: Case, sam: ClientPhone) -> None:
    case.conversations.mark_unreachable(case.conversations.lock(sam.conversation_id))


def refuse(case: Case, sam: ClientPhone) -> None:
    client = case.clients.for_conversation(sam.conversation_id)
    case.consents.record(client, "chat", given=False, wording_version="1")


def be_in_danger(case: Case, sam: ClientPhone) -> None:
    case.safety_events.record(
        client=case.clients.for_conversation(sam.conversation_id), conversation_id=sam.conversation_id,
        handoff_id=None, inbox_seq=None, route="crisis", kind=None, detectors=("rules",), content_version="1",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("happens", "why"),
    [
        (stop, "Sam asked the bot not to write."),
        (block, "Sam cannot be reached on the chat."),
        (refuse, "Sam has not agreed to chat here."),
        (be_in_danger, "the bot starts nothing until the danger is cleared."),
    ],
)
def test_where_the_bot_may_start_nothing_piotr_is_asked_to_say_it(
    sam: ClientPhone, office: Office, amina: Colleague, piotr: Colleague, grace: Colleague,
    happens: Callable[[Case, ClientPhone], None], why: str,
) -> None:  # fmt: skip
    with office.caseload.transaction() as case:
        happens(case, sam)
    moves(office, sam, grace, piotr, amina)
    assert sam.reads == []
    (told,) = waiting_for(office, piotr)
    assert f"The bot did not tell Sam who helps them now. Please do it yourself: {why}" in told.question


def test_a_client_without_a_chat_moves_as_well(
    sam: ClientPhone, office: Office, amina: Colleague, piotr: Colleague, grace: Colleague
) -> None:
    client_id = sams_id(office, sam)
    with office.caseload.transaction() as case:
        case.conversations.unlink(case.conversations.lock(sam.conversation_id))
    with office.caseload.transaction() as case:
        staff = case.staff.get(grace.id)
        to = case.moves.get_possible(staff, piotr.id)
        moving.move_client(case, office.words, staff, client_id, to, amina.id)
    office.settle()
    assert sam.reads == []
    (told,) = waiting_for(office, piotr)
    assert "there is no chat." in told.question


def test_in_quiet_hours_sam_is_told_afterwards_and_once(
    sam: ClientPhone, office: Office, clock: FixedClock, amina: Colleague, piotr: Colleague, grace: Colleague
) -> None:
    with office.caseload.transaction() as case:
        client = case.clients.for_conversation(sam.conversation_id)
        case.preferences.set_quiet_hours(client, "09:00", "12:00")
    moves(office, sam, grace, piotr, amina)
    assert sam.reads == []
    clock.advance(hours=2, minutes=1)
    for _ in range(2):
        office.timers.ring_due()
        office.settle()
    assert sam.reads == ["Hi Sam, from now on Piotr will help you instead of Amina."]


def test_nothing_is_said_that_is_not_so_any_more(
    sam: ClientPhone, office: Office, clock: FixedClock, amina: Colleague, piotr: Colleague, grace: Colleague
) -> None:
    with office.caseload.transaction() as case:
        client = case.clients.for_conversation(sam.conversation_id)
        case.preferences.set_quiet_hours(client, "09:00", "12:00")
    moves(office, sam, grace, piotr, amina)
    moves(office, sam, grace, grace, piotr)
    clock.advance(hours=2, minutes=1)
    office.timers.ring_due()
    office.settle()
    assert sam.reads == ["Hi Sam, from now on Grace will help you instead of Piotr."]


def test_an_alarm_that_goes_on_reaches_piotr_at_once(
    sam: ClientPhone, office: Office, amina: Colleague, piotr: Colleague, grace: Colleague
) -> None:
    sam.says("I want to kill myself tonight")
    office.settle()
    moves(office, sam, grace, piotr, amina)
    office.timers.ring_due()
    alerted = {(row["staff_id"], row["step"]) for row in office.rows("alerts")}
    assert (piotr.id, "consultant") in alerted
    # As long as PostgreSQL keeps them; SQLite would take any length.
    assert max(len(row["key"]) for row in office.rows("alerts")) <= 120
    with office.caseload.transaction() as case:
        (alarm,) = case.handoffs.alarming_for(case.staff.get(piotr.id))
        staff = case.staff.get(piotr.id)
        ownership.take_over(case, office.words, staff, sam.conversation_id, 1, mark_of(alarm))
    with office.caseload.reading() as case:
        assert case.handoffs.alarming_for(case.staff.get(piotr.id)) == []


def test_no_chat_stays_with_somebody_whose_account_was_closed(
    sam: ClientPhone, office: Office, amina: Colleague, grace: Colleague
) -> None:
    takes(office, sam, amina)
    with office.caseload.transaction() as case:
        by, staff = case.staff.get(grace.id), case.staff.get(amina.id)
        case.accounts.disable(staff)
        assert moving.leave_chats(case, office.words, by, staff) == 1
        assert moving.leave_chats(case, office.words, by, staff) == 0
    office.settle()
    with office.caseload.reading() as case:
        conversation = case.conversations.find(sam.conversation_id)
        assert conversation is not None
        assert (conversation.mode, conversation.held_by_id) == (Mode.WAITING, None)
    (told,) = waiting_for(office, grace)
    assert (told.reason, told.urgency) == ("moved", "today")
    assert told.question == "Amina Khan had the chat with Sam and cannot go on with it."
    assert sam.reads[-1] == "Amina has left the chat. You are talking to me, the assistant, again."


def test_sam_is_not_told_to_wait_for_somebody_who_has_left(
    sam: ClientPhone, office: Office, amina: Colleague
) -> None:
    with office.caseload.transaction() as case:
        case.staff.disable(case.staff.get(amina.id))
        client = case.clients.for_conversation(sam.conversation_id)
        assert case.appointments.free_times(client) == []
    sam.sends({"voice": {"file_id": "v", "file_unique_id": "v", "duration": 2}})
    office.settle()
    assert sam.reads[-1] == "the team can see that you sent me a recording. It was not played to anybody."
