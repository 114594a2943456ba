"""What the bot starts by itself: a reminder, once, at a decent hour, and only to those who want it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from bot.caseload.store import Case
from bot.clock import FixedClock
from bot.conversation import ownership
from tests.conversation.office import ClientPhone, Office
from tests.people import Colleague

#: Friday half past two; today is Wednesday.
MEETING = datetime(2026, 11, 27, 14, 30, tzinfo=UTC)
DAY_BEFORE = MEETING - timedelta(days=1)


@pytest.fixture
def meeting(sam: ClientPhone, office: Office, amina: Colleague) -> str:
    with office.caseload.transaction() as case:
        return case.appointments.arrange(
            case.clients.for_conversation(sam.conversation_id), case.staff.get(amina.id), MEETING,
            minutes=45, mode="office", place="the library", purpose=None,
        ).id  # fmt: skip


def _at(office: Office, clock: FixedClock, when: datetime) -> int:
    clock.set(when)
    rang = office.timers.ring_due()
    office.settle()
    return rang


def test_sam_is_reminded_the_day_before_and_two_hours_before_once_each(
    sam: ClientPhone, office: Office, clock: FixedClock, meeting: str
) -> None:
    assert _at(office, clock, DAY_BEFORE - timedelta(minutes=1)) == 0
    for _ in range(3):
        _at(office, clock, DAY_BEFORE)
    office.restart()
    _at(office, clock, DAY_BEFORE + timedelta(minutes=5))
    assert len(sam.reads) == 1
    assert "Friday 27 November at 2:30pm, the library" in sam.reads[0]
    for _ in range(2):
        _at(office, clock, MEETING - timedelta(hours=2))
    assert len(sam.reads) == 2
    sam.presses("I will be there")
    office.settle()
    assert sam.reads[-1].startswith("Thank you. I have noted that you will be there on Friday 27 November")


def test_a_reminder_waits_for_the_end_of_quiet_hours(
    sam: ClientPhone, office: Office, clock: FixedClock, meeting: str
) -> None:
    with office.caseload.transaction() as case:
        case.preferences.set_quiet_hours(case.clients.for_conversation(sam.conversation_id), "14:00", "16:00")
    _at(office, clock, DAY_BEFORE)
    assert sam.reads == []
    _at(office, clock, DAY_BEFORE + timedelta(minutes=90))
    assert len(sam.reads) == 1


def test_a_reminder_that_could_only_come_too_late_is_left_out(
    sam: ClientPhone, office: Office, clock: FixedClock, meeting: str
) -> None:
    with office.caseload.transaction() as case:
        case.preferences.set_quiet_hours(case.clients.for_conversation(sam.conversation_id), "12:00", "23:00")
    _at(office, clock, DAY_BEFORE)
    _at(office, clock, DAY_BEFORE + timedelta(hours=9))
    assert sam.reads == []


def _stopped(case: Case, sam: ClientPhone, amina: Colleague, meeting: str) -> None:
    case.preferences.stop(case.clients.for_conversation(sam.conversation_id))


def _blocked(case: Case, sam: ClientPhone, amina: Colleague, meeting: str) -> None:
    case.conversations.mark_unreachable(case.conversations.lock(sam.conversation_id))


def _said_no(case: Case, sam: ClientPhone, amina: Colleague, meeting: str) -> None:
    client = case.clients.for_conversation(sam.conversation_id)
    case.consents.record(client, "chat", given=False, wording_version="1")


def _cancelled(case: Case, sam: ClientPhone, amina: Colleague, meeting: str) -> None:
    case.appointments.cancel_by_client(case.clients.for_conversation(sam.conversation_id), meeting)


def _unlinked(case: Case, sam: ClientPhone, amina: Colleague, meeting: str) -> None:
    case.conversations.unlink(case.conversations.lock(sam.conversation_id))


def _with_amina(case: Case, sam: ClientPhone, amina: Colleague, meeting: str) -> None:
    seen = case.conversations.lock(sam.conversation_id).epoch
    ownership.take_over(case, sam.office.words, case.staff.get(amina.id), sam.conversation_id, seen)


@pytest.mark.parametrize("happened", [_stopped, _blocked, _said_no, _cancelled, _unlinked, _with_amina])
def test_nobody_is_reminded_who_should_not_be(
    sam: ClientPhone,
    office: Office,
    amina: Colleague,
    clock: FixedClock,
    meeting: str,
    happened: Callable[[Case, ClientPhone, Colleague, str], None],
) -> None:
    with office.caseload.transaction() as case:
        happened(case, sam, amina, meeting)
    _at(office, clock, DAY_BEFORE)
    assert not any("reminder" in text for text in sam.reads)


def test_a_timer_that_nobody_understands_stops_no_other(
    sam: ClientPhone, office: Office, clock: FixedClock, meeting: str
) -> None:
    with office.caseload.transaction() as case:
        case.timers.set("old", "something_of_an_older_version", clock.now())
        case.timers.set("bad", "appointment_reminder", clock.now(), client_id=None)
    _at(office, clock, DAY_BEFORE)
    assert len(sam.reads) == 1
