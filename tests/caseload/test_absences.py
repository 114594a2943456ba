"""Absences: the cover reads instead, and only while it lasts."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.caseload.errors import AwayAlready, CoverNotPossible, NoSuchAbsence, NoSuchClient, NoSuchColleague
from bot.caseload.store import Caseload
from bot.clock import FixedClock
from tests.people import WEDNESDAY, Colleague, Person, hired

DAY = timedelta(days=1)


def goes_away(
    caseload: Caseload,
    who: Colleague,
    cover: Colleague | None,
    first: timedelta = DAY,
    last: timedelta = 2 * DAY,
) -> str:
    with caseload.transaction() as case:
        staff = case.staff.get(who.id)
        stand_in = case.staff.get(cover.id) if cover else None
        start = WEDNESDAY + first
        return case.absences.add(staff, staff, start, WEDNESDAY + last, cover=stand_in).id


def sees(caseload: Caseload, who: Colleague, person: Person) -> bool:
    with caseload.reading() as case:
        try:
            case.clients.get_for(case.staff.get(who.id), person.id)
        except NoSuchClient:
            return False
        return True


def test_the_cover_reads_aminas_clients_from_the_first_instant_to_the_last(
    caseload: Caseload, sam: Person, jo: Person, amina: Colleague, piotr: Colleague, clock: FixedClock
) -> None:
    handoff_id = sam.asks("Can I keep my benefit?")
    goes_away(caseload, amina, piotr)
    assert not sees(caseload, piotr, sam)
    clock.set(WEDNESDAY + DAY)
    assert sees(caseload, piotr, sam)
    with caseload.reading() as case:
        staff = case.staff.get(piotr.id)
        assert handoff_id in {one.id for one in case.handoffs.waiting_for(staff)}
        assert case.conversations.get_for(staff, sam.conversation_id).client_id == sam.id
        assert {one.ref for one in case.clients.seen_by(staff)} == {"sam", "jo"}
    assert sees(caseload, amina, sam)
    assert not sees(caseload, amina, jo)
    clock.set(WEDNESDAY + 2 * DAY - timedelta(seconds=1))
    assert sees(caseload, piotr, sam)
    clock.advance(seconds=1)
    assert not sees(caseload, piotr, sam)


def test_another_colleague_reads_nothing_meanwhile(
    caseload: Caseload, sam: Person, amina: Colleague, piotr: Colleague, clock: FixedClock
) -> None:
    ewa = hired(caseload, "northside", "Ewa Maj", "consultant")
    goes_away(caseload, amina, piotr)
    clock.set(WEDNESDAY + DAY)
    assert not sees(caseload, ewa, sam)


def test_ending_it_early_ends_what_the_cover_sees(
    caseload: Caseload, sam: Person, amina: Colleague, piotr: Colleague, clock: FixedClock
) -> None:
    absence_id = goes_away(caseload, amina, piotr)
    clock.set(WEDNESDAY + DAY + timedelta(hours=2))
    with caseload.transaction() as case:
        absence = case.absences.get_for(case.staff.get(amina.id), absence_id)
        assert case.absences.end(absence)
        assert not case.absences.end(absence)
        # What was is still known: the two hours away do not count as work.
        [known] = case.absences.between([amina.id], WEDNESDAY, WEDNESDAY + 9 * DAY)
        assert known.really_until - known.from_at == timedelta(hours=2)
    assert not sees(caseload, piotr, sam)


def test_an_absence_that_was_called_off_never_was(
    caseload: Caseload, amina: Colleague, piotr: Colleague
) -> None:
    absence_id = goes_away(caseload, amina, piotr)
    with caseload.transaction() as case:
        assert case.absences.end(case.absences.get_for(case.staff.get(amina.id), absence_id))
        assert case.absences.between([amina.id], WEDNESDAY, WEDNESDAY + 9 * DAY) == []
        assert case.absences.ahead_of(case.staff.get(amina.id)) == []
    assert goes_away(caseload, amina, piotr) != absence_id


def test_the_same_absence_twice_is_one(caseload: Caseload, amina: Colleague, piotr: Colleague) -> None:
    assert goes_away(caseload, amina, piotr) == goes_away(caseload, amina, piotr)


def test_two_absences_do_not_overlap(caseload: Caseload, amina: Colleague) -> None:
    goes_away(caseload, amina, None)
    with pytest.raises(AwayAlready):
        goes_away(caseload, amina, None, timedelta(hours=36), 5 * DAY)
    goes_away(caseload, amina, None, 2 * DAY, 3 * DAY)


def test_who_cannot_cover_is_refused(
    caseload: Caseload, amina: Colleague, piotr: Colleague, hana: Colleague
) -> None:
    dot = hired(caseload, "northside", "Dot Yule", "duty")
    for cover in (hana, dot, amina):
        with pytest.raises(CoverNotPossible):
            goes_away(caseload, amina, cover)
    goes_away(caseload, piotr, None)
    with pytest.raises(CoverNotPossible):
        goes_away(caseload, amina, piotr)


def test_only_amina_and_who_leads_her_team_arrange_her_hours(
    caseload: Caseload, amina: Colleague, piotr: Colleague, grace: Colleague, hana: Colleague
) -> None:
    absence_id = goes_away(caseload, amina, piotr)
    with caseload.reading() as case:
        for who in (amina, grace):
            assert case.absences.get_for(case.staff.get(who.id), absence_id).id == absence_id
            assert case.staff.get_to_arrange(case.staff.get(who.id), amina.id).id == amina.id
        for who in (piotr, hana):
            with pytest.raises(NoSuchAbsence):
                case.absences.get_for(case.staff.get(who.id), absence_id)
            with pytest.raises(NoSuchColleague):
                case.staff.get_to_arrange(case.staff.get(who.id), amina.id)


def test_no_meeting_is_offered_while_amina_is_away(caseload: Caseload, sam: Person, amina: Colleague) -> None:
    with caseload.reading() as case:
        before = case.appointments.free_times(case.clients.find(sam.id))[0]
    goes_away(caseload, amina, None, timedelta(0), 7 * DAY)
    with caseload.reading() as case:
        after = case.appointments.free_times(case.clients.find(sam.id))[0]
    assert before.starts_at < WEDNESDAY + 7 * DAY <= after.starts_at


def test_somebody_of_another_transaction_is_not_asked_what_they_see(
    caseload: Caseload, sam: Person, amina: Colleague
) -> None:
    with caseload.reading() as case:
        staff = case.staff.get(amina.id)
    with pytest.raises(ValueError, match="this transaction"), caseload.reading() as case:
        case.clients.get_for(staff, sam.id)
