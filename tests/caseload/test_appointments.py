"""Meetings, the times that are free for them, and reminders."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from bot.caseload.appointments import FreeTime
from bot.caseload.errors import NoSuchAppointment, TimeNotFree
from bot.caseload.store import Caseload
from bot.clock import FixedClock
from tests.people import Colleague, Person, enrolled, hired

LONDON, AUCKLAND = ZoneInfo("Europe/London"), ZoneInfo("Pacific/Auckland")
THURSDAY_1PM = datetime(2026, 11, 26, 13, 0, tzinfo=UTC)
TUESDAY_10AM = datetime(2026, 12, 1, 10, 0, tzinfo=UTC)


def test_three_different_days_are_offered(caseload: Caseload, sam: Person) -> None:
    # Amina meets on Tuesdays from 10 to 12 and on Thursdays from 1 to 4; today is Wednesday.
    starts = [free.starts_at for free in _free(caseload, sam)]
    assert starts == [THURSDAY_1PM, TUESDAY_10AM, THURSDAY_1PM + timedelta(days=7)]


def test_a_wish_for_a_day_gives_the_hours_of_that_day(caseload: Caseload, sam: Person) -> None:
    thursday = datetime(2026, 11, 26, tzinfo=LONDON)
    with caseload.reading() as case:
        around = (thursday, thursday + timedelta(days=1))
        found = case.appointments.free_times(case.clients.find(sam.id), around, limit=9)
    # A meeting takes 45 minutes and a new one starts on the hour: 3 o'clock is the last.
    assert [free.starts_at.astimezone(LONDON).hour for free in found] == [13, 14, 15]


def test_nobody_is_asked_to_meet_within_two_hours(caseload: Caseload, sam: Person, clock: FixedClock) -> None:
    clock.set(THURSDAY_1PM - timedelta(minutes=90))
    assert _free(caseload, sam)[0].starts_at == THURSDAY_1PM + timedelta(hours=1)


def test_a_bank_holiday_has_no_times(caseload: Caseload, sam: Person) -> None:
    with caseload.transaction() as case:
        client = case.clients.find(sam.id)
        for _ in range(2):
            case.services.close_on(client.service, date(2026, 11, 26), "A bank holiday")
    assert _free(caseload, sam)[0].starts_at == TUESDAY_10AM
    with pytest.raises(TimeNotFree), caseload.transaction() as case:
        case.appointments.request(case.clients.find(sam.id), THURSDAY_1PM)


def test_the_clocks_go_forward_and_one_o_clock_stays_one_o_clock(
    caseload: Caseload, sam: Person, clock: FixedClock
) -> None:
    # British summer time begins on Sunday 29 March 2026.
    clock.set(datetime(2026, 3, 25, 10, 0, tzinfo=UTC))
    starts = [free.starts_at for free in _free(caseload, sam)]
    assert [start.astimezone(UTC).hour for start in starts] == [13, 9, 12]
    assert [start.astimezone(LONDON).hour for start in starts] == [13, 10, 13]


def test_the_clocks_go_back_in_new_zealand_too(caseload: Caseload, clock: FixedClock) -> None:
    # Daylight time ends there on Sunday 5 April 2026.
    mere = hired(caseload, "kauri", "Mere Tamihana", "consultant")
    aroha = enrolled(caseload, "aroha", "Aroha Rangi", mere)
    clock.set(datetime(2026, 4, 1, 22, 0, tzinfo=UTC))
    starts = [free.starts_at for free in _free(caseload, aroha)]
    assert [start.astimezone(AUCKLAND).hour for start in starts] == [13, 10, 13]
    assert [start.astimezone(UTC).hour for start in starts] == [0, 22, 1]


def test_a_client_without_a_consultant_has_no_times(caseload: Caseload, amina: Colleague) -> None:
    lee = enrolled(caseload, "lee", "Lee Unassigned", None)
    assert _free(caseload, lee) == []


def test_what_one_client_asked_for_is_not_free_for_another(
    caseload: Caseload, sam: Person, amina: Colleague
) -> None:
    ann = enrolled(caseload, "ann", "Ann Other", amina)
    with caseload.transaction() as case:
        case.appointments.request(case.clients.find(sam.id), THURSDAY_1PM)
    assert THURSDAY_1PM not in [free.starts_at for free in _free(caseload, ann)]
    with pytest.raises(TimeNotFree), caseload.transaction() as case:
        case.appointments.request(case.clients.find(ann.id), THURSDAY_1PM)


@pytest.mark.parametrize(
    "wish",
    [
        THURSDAY_1PM + timedelta(minutes=7),
        THURSDAY_1PM - timedelta(days=14),
        THURSDAY_1PM + timedelta(hours=3),
        THURSDAY_1PM + timedelta(days=1),
    ],
    ids=["between the hours", "in the past", "after hours", "another weekday"],
)
def test_a_time_that_was_not_offered_is_refused(caseload: Caseload, sam: Person, wish: datetime) -> None:
    with pytest.raises(TimeNotFree), caseload.transaction() as case:
        case.appointments.request(case.clients.find(sam.id), wish)


def test_a_request_waits_for_the_consultant_and_a_yes_sets_two_reminders(
    caseload: Caseload, sam: Person, amina: Colleague
) -> None:
    with caseload.transaction() as case:
        client = case.clients.find(sam.id)
        asked = case.appointments.request(client, THURSDAY_1PM + timedelta(days=7))
        assert asked.status == "requested"
        assert case.timers.waiting("appointment:") == []
        [handoff] = case.handoffs.waiting_for(case.staff.get(amina.id))
        assert handoff.subject == f"appointment:{asked.id}"
        case.appointments.confirm(asked)
        assert asked.status == "confirmed"
        assert len(case.timers.waiting("appointment:")) == 2
        upcoming = case.appointments.next_for(client)
        assert upcoming is not None
        assert upcoming.id == asked.id


def test_moving_keeps_the_old_time_until_the_consultant_says_yes(caseload: Caseload, sam: Person) -> None:
    meeting = _meeting(caseload, sam, THURSDAY_1PM)
    with caseload.transaction() as case:
        client = case.clients.find(sam.id)
        moved = case.appointments.request_move(client, meeting, TUESDAY_10AM)
        assert (moved.starts_at, moved.wanted_at, moved.status) == (
            THURSDAY_1PM,
            TUESDAY_10AM,
            "change_requested",
        )
        assert not case.appointments.is_free(client, THURSDAY_1PM)
        case.appointments.confirm(moved)
        assert (moved.starts_at, moved.wanted_at) == (TUESDAY_10AM, None)
        assert case.appointments.is_free(client, THURSDAY_1PM)
    assert _waiting_reminders(caseload) == {
        TUESDAY_10AM - timedelta(days=1),
        TUESDAY_10AM - timedelta(hours=2),
    }


def test_the_time_that_a_client_asks_to_move_to_is_held_too(caseload: Caseload, sam: Person) -> None:
    meeting = _meeting(caseload, sam, THURSDAY_1PM)
    with caseload.transaction() as case:
        client = case.clients.find(sam.id)
        case.appointments.request_move(client, meeting, TUESDAY_10AM)
        assert not case.appointments.is_free(client, TUESDAY_10AM)


def test_a_cancelled_meeting_reminds_nobody_and_frees_its_time(caseload: Caseload, sam: Person) -> None:
    meeting = _meeting(caseload, sam, THURSDAY_1PM)
    with caseload.transaction() as case:
        client = case.clients.find(sam.id)
        for _ in range(2):
            cancelled = case.appointments.cancel_by_client(client, meeting)
        assert cancelled.status == "cancelled_by_client"
        assert case.appointments.next_for(client) is None
        assert case.appointments.is_free(client, THURSDAY_1PM)
    assert _waiting_reminders(caseload) == set()


def test_a_client_cannot_touch_anothers_meeting(caseload: Caseload, sam: Person, jo: Person) -> None:
    meeting = _meeting(caseload, sam, THURSDAY_1PM)
    with caseload.transaction() as case:
        jos = case.clients.find(jo.id)
        for attempt in (
            lambda: case.appointments.get_for_client(jos, meeting),
            lambda: case.appointments.request_move(jos, meeting, TUESDAY_10AM),
            lambda: case.appointments.cancel_by_client(jos, meeting),
        ):
            with pytest.raises(NoSuchAppointment):
                attempt()


def _free(caseload: Caseload, person: Person) -> list[FreeTime]:
    with caseload.reading() as case:
        return case.appointments.free_times(case.clients.find(person.id))


def _meeting(caseload: Caseload, person: Person, starts_at: datetime) -> str:
    with caseload.transaction() as case:
        appointment = case.appointments.request(case.clients.find(person.id), starts_at)
        case.appointments.confirm(appointment)
        return appointment.id


def _waiting_reminders(caseload: Caseload) -> set[datetime]:
    with caseload.reading() as case:
        return {timer.due_at for timer in case.timers.waiting("appointment:")}
