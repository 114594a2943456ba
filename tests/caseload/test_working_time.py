"""Waiting time counts only while somebody who reads for the client is at work."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.caseload.calendars import Span, areas_of, bank_holidays, seconds_in, spans_between, within, without
from bot.caseload.services import HonestTime
from bot.caseload.store import Caseload
from bot.clock import FixedClock
from tests.people import Colleague, Person

LONDON, AUCKLAND = ZoneInfo("Europe/London"), ZoneInfo("Pacific/Auckland")
HOUR = 3600


def at(local: str, zone: ZoneInfo = LONDON) -> datetime:
    return datetime.fromisoformat(local).replace(tzinfo=zone)


def worked(caseload: Caseload, person: Person, first: str, last: str, zone: ZoneInfo = LONDON) -> float:
    """How many hours count between two local times."""
    with caseload.reading() as case:
        client = case.clients.find(person.id)
        return case.working_time.seconds(client, at(first, zone), at(last, zone)) / HOUR


def works(caseload: Caseload, who: Colleague, hours: dict[str, Any] | None) -> None:
    with caseload.transaction() as case:
        case.staff.set_hours(case.staff.get(who.id), hours)


def is_away(
    caseload: Caseload, who: Colleague, first: str, last: str, cover: Colleague | None = None
) -> None:
    with caseload.transaction() as case:
        staff = case.staff.get(who.id)
        stand_in = case.staff.get(cover.id) if cover else None
        case.absences.add(staff, staff, at(first), at(last), cover=stand_in)


@pytest.mark.parametrize(
    ("first", "last", "hours"),
    [
        ("2026-11-25 10:00", "2026-11-25 10:00", 0),
        ("2026-11-25 12:00", "2026-11-25 10:00", 0),
        ("2026-11-25 10:00", "2026-11-25 11:30", 1.5),
        ("2026-11-25 08:00", "2026-11-25 10:00", 1),
        ("2026-11-25 16:00", "2026-11-26 10:00", 2),
        ("2026-11-25 18:00", "2026-11-26 08:00", 0),
        ("2026-11-27 16:00", "2026-11-30 10:00", 2),
        ("2026-11-28 09:00", "2026-11-29 17:00", 0),
        # Christmas Day is a Friday, and the Monday makes up for Boxing Day.
        ("2026-12-24 16:00", "2026-12-29 10:00", 2),
        # Good Friday and Easter Monday.
        ("2027-03-25 16:00", "2027-03-30 10:00", 2),
        ("2026-11-23 00:00", "2026-11-30 00:00", 40),
    ],
)
def test_nights_weekends_and_bank_holidays_do_not_count(
    caseload: Caseload, sam: Person, first: str, last: str, hours: float
) -> None:
    assert worked(caseload, sam, first, last) == hours


def test_a_service_with_two_spans_a_day_rests_between_them(caseload: Caseload, sam: Person) -> None:
    with caseload.transaction() as case:
        service = case.clients.find(sam.id).service
        service.hours = {"2": [["13:30", "17:00"], ["09:00", "12:30"]]}
    assert worked(caseload, sam, "2026-11-25 12:00", "2026-11-25 14:00") == 1
    assert worked(caseload, sam, "2026-11-25 00:00", "2026-12-02 00:00") == 7


def test_spans_that_overlap_count_once(caseload: Caseload, sam: Person) -> None:
    with caseload.transaction() as case:
        case.clients.find(sam.id).service.hours = {"2": [["09:00", "12:00"], ["11:00", "13:00"]]}
    assert worked(caseload, sam, "2026-11-25 00:00", "2026-11-26 00:00") == 4


def test_a_day_on_which_the_service_is_closed_does_not_count(caseload: Caseload, sam: Person) -> None:
    with caseload.transaction() as case:
        case.services.close_on(case.clients.find(sam.id).service, date(2026, 11, 26), "Team day")
    assert worked(caseload, sam, "2026-11-25 16:00", "2026-11-27 10:00") == 2


@pytest.mark.parametrize(
    ("first", "last", "hours"),
    [
        # The clocks go forward at 1am on 29 March 2026, and back at 2am on 25 October 2026.
        ("2026-03-28 22:00", "2026-03-29 06:00", 7),
        ("2026-10-24 22:00", "2026-10-25 06:00", 9),
        ("2026-03-27 16:00", "2026-03-30 10:00", 66 - 1),
        ("2026-10-23 16:00", "2026-10-26 10:00", 66 + 1),
    ],
)
def test_who_works_through_the_night_works_real_hours_when_the_clocks_change(
    caseload: Caseload, sam: Person, first: str, last: str, hours: float
) -> None:
    with caseload.transaction() as case:
        whole_day = [["00:00", "12:00"], ["12:00", "23:59:59.999999"]]
        case.clients.find(sam.id).service.hours = {str(day): whole_day for day in range(7)}
    assert worked(caseload, sam, first, last) == pytest.approx(hours, abs=0.01)


@pytest.mark.parametrize(
    ("first", "last"), [("2026-03-27 16:00", "2026-03-30 10:00"), ("2026-10-23 16:00", "2026-10-26 10:00")]
)
def test_office_hours_stay_what_they_are_when_the_clocks_change(
    caseload: Caseload, sam: Person, first: str, last: str
) -> None:
    assert worked(caseload, sam, first, last) == 2


def test_in_auckland_the_clocks_and_holidays_are_those_of_new_zealand(
    caseload: Caseload, hana: Colleague
) -> None:
    with caseload.transaction() as case:
        service = case.staff.get(hana.id).service
        client = case.clients.enrol(service, "Aroha Pere", consultant=None)
        zone = AUCKLAND

        def hours(first: str, last: str) -> float:
            return case.working_time.seconds(client, at(first, zone), at(last, zone)) / HOUR

        # Waitangi Day, a Friday; the clocks go back on 5 April, between Good Friday and Easter Monday.
        assert hours("2026-02-05 16:00", "2026-02-09 10:00") == 2
        assert hours("2026-04-02 16:00", "2026-04-07 10:00") == 2
        # Auckland Anniversary Day counts only where the service says that it is there.
        assert hours("2026-01-23 16:00", "2026-01-27 10:00") == 2 + 8
        case.services.set_holiday_area(service, "AUK")
        assert hours("2026-01-23 16:00", "2026-01-27 10:00") == 2


def test_a_part_of_the_country_that_there_is_not_is_refused(caseload: Caseload, hana: Colleague) -> None:
    with pytest.raises(ValueError, match="area"), caseload.transaction() as case:
        case.services.set_holiday_area(case.staff.get(hana.id).service, "Auckland or so")


@pytest.mark.parametrize("region", [None, "narnia"])
def test_where_nobody_knows_the_region_no_holiday_is_guessed(region: str | None) -> None:
    assert bank_holidays(region, None, 2026) == frozenset()
    assert areas_of("narnia") == {}


def test_aminas_own_days_count_instead_of_the_services(
    caseload: Caseload, sam: Person, amina: Colleague, clock: FixedClock
) -> None:
    works(caseload, amina, {"0": [["09:00", "17:00"]], "2": [["08:00", "12:00"]]})
    assert worked(caseload, sam, "2026-11-23 00:00", "2026-11-30 00:00") == 12
    clock.set(at("2026-11-25 13:00"))
    with caseload.reading() as case:
        found = case.services.honest_time(case.clients.find(sam.id))
    assert found == HonestTime(False, None, at("2026-11-30 09:00"))
    works(caseload, amina, None)
    assert worked(caseload, sam, "2026-11-23 00:00", "2026-11-30 00:00") == 40


def test_while_amina_is_away_her_covers_hours_count(
    caseload: Caseload, sam: Person, amina: Colleague, piotr: Colleague
) -> None:
    works(caseload, piotr, {"3": [["09:00", "12:00"]], "4": [["09:00", "12:00"]]})
    is_away(caseload, amina, "2026-11-26 00:00", "2026-11-28 00:00", piotr)
    # Wednesday is Amina's, Thursday and Friday Piotr's, Monday Amina's again.
    assert worked(caseload, sam, "2026-11-25 16:00", "2026-11-30 10:00") == 1 + 3 + 3 + 1


def test_while_amina_is_away_without_a_cover_the_lead_reads(
    caseload: Caseload, sam: Person, amina: Colleague, grace: Colleague, clock: FixedClock
) -> None:
    is_away(caseload, amina, "2026-11-25 12:00", "2026-11-28 00:00")
    clock.set(at("2026-11-26 10:00"))
    with caseload.reading() as case:
        reads = case.working_time.who_reads(case.clients.find(sam.id))
    assert reads.reader is not None and reads.away is not None
    assert (reads.reader.name, reads.away.name) == (grace.name, amina.name)
    assert reads.back_at == at("2026-11-30 09:00")
    assert reads.time == HonestTime(True, at("2026-11-26 17:00"), None)


def test_with_nobody_to_stand_in_the_absence_does_not_count(
    caseload: Caseload, sam: Person, amina: Colleague, clock: FixedClock
) -> None:
    is_away(caseload, amina, "2026-11-25 12:00", "2026-11-28 00:00")
    assert worked(caseload, sam, "2026-11-25 09:00", "2026-11-30 10:00") == 3 + 1
    clock.set(at("2026-11-26 10:00"))
    with caseload.reading() as case:
        reads = case.working_time.who_reads(case.clients.find(sam.id))
    assert reads.away is None
    assert reads.time == HonestTime(False, None, at("2026-11-30 09:00"))


def test_a_cover_who_is_away_too_is_passed_over(
    caseload: Caseload, sam: Person, amina: Colleague, piotr: Colleague, grace: Colleague, clock: FixedClock
) -> None:
    is_away(caseload, amina, "2026-11-25 00:00", "2026-11-28 00:00", piotr)
    is_away(caseload, piotr, "2026-11-26 00:00", "2026-11-27 00:00")
    names = []
    for day in (25, 26, 27, 30):
        clock.set(at(f"2026-11-{day} 10:00"))
        with caseload.reading() as case:
            reader = case.working_time.who_reads(case.clients.find(sam.id)).reader
        names.append(reader.first_name if reader else None)
    assert names == ["Piotr", "Grace", "Piotr", "Amina"]


def test_a_cover_whose_account_was_closed_reads_nothing(
    caseload: Caseload, sam: Person, amina: Colleague, piotr: Colleague, grace: Colleague
) -> None:
    is_away(caseload, amina, "2026-11-25 00:00", "2026-11-28 00:00", piotr)
    with caseload.transaction() as case:
        case.staff.disable(case.staff.get(piotr.id))
        reader = case.working_time.stands_in(case.clients.find(sam.id))
        assert reader is not None
        assert reader.name == grace.name


def test_a_few_hours_away_end_the_span_that_is_said(
    caseload: Caseload, sam: Person, amina: Colleague, piotr: Colleague, clock: FixedClock
) -> None:
    is_away(caseload, amina, "2026-11-25 13:00", "2026-11-25 15:00", piotr)
    with caseload.reading() as case:
        client = case.clients.find(sam.id)
        assert case.services.honest_time(client) == HonestTime(True, at("2026-11-25 13:00"), None)
        clock.set(at("2026-11-25 13:00"))
        reads = case.working_time.who_reads(client)
        assert reads.reader is not None
        assert (reads.reader.first_name, reads.back_at) == ("Piotr", at("2026-11-25 15:00"))


def test_the_safety_ladder_goes_by_the_service_and_not_by_one_persons_days(
    caseload: Caseload, sam: Person, amina: Colleague
) -> None:
    works(caseload, amina, {"0": [["09:00", "17:00"]]})
    with caseload.reading() as case:
        client = case.clients.find(sam.id)
        assert not case.services.honest_time(client).in_hours
        assert case.services.open_time(client).in_hours


@pytest.mark.parametrize(
    ("since", "minutes", "end"),
    [
        ("2026-11-25 10:00", 0, "2026-11-25 10:00"),
        ("2026-11-25 18:00", 0, "2026-11-26 09:00"),
        ("2026-11-25 10:00", 120, "2026-11-25 12:00"),
        ("2026-11-25 16:00", 450, "2026-11-26 15:30"),
        ("2026-11-27 16:30", 120, "2026-11-30 10:30"),
    ],
)
def test_a_wait_ends_where_its_minutes_are_worked_off(
    caseload: Caseload, sam: Person, since: str, minutes: float, end: str
) -> None:
    with caseload.reading() as case:
        assert case.working_time.after(case.clients.find(sam.id), at(since), minutes) == at(end)


def test_where_nobody_ever_works_no_end_is_in_sight(caseload: Caseload, sam: Person) -> None:
    with caseload.transaction() as case:
        client = case.clients.find(sam.id)
        client.service.hours = {}
        assert case.working_time.after(client, case.clock.now(), 30) is None
        assert case.services.honest_time(client) == HonestTime(False, None, None)


def answers(caseload: Caseload, clock: FixedClock, sam: Person, who: Colleague, hours: float) -> None:
    """Sam asks at nine the next working day, and gets an answer after so many hours."""
    while True:
        clock.set((clock.now() + timedelta(days=1)).replace(hour=9, minute=0))
        if clock.now().weekday() < 5:
            break
    sam.asks(f"Question of {clock.now():%d %B}")
    clock.advance(hours=hours)
    with caseload.transaction() as case:
        case.handoffs.mark_answered(case.staff.get(who.id), case.clients.find(sam.id))
    clock.advance(hours=25 - hours)


def usual_hours(caseload: Caseload, who: Colleague) -> float | None:
    with caseload.reading() as case:
        seconds = case.working_time.usual_wait(case.staff.get(who.id))
    return None if seconds is None else seconds / HOUR


def test_the_usual_wait_is_that_of_four_in_five_answers_and_needs_five(
    caseload: Caseload, sam: Person, amina: Colleague, clock: FixedClock
) -> None:
    for hours in (1, 0.5, 3, 6):
        answers(caseload, clock, sam, amina, hours)
        assert usual_hours(caseload, amina) is None
    answers(caseload, clock, sam, amina, 2)
    assert usual_hours(caseload, amina) == 3
    clock.advance(days=61)
    assert usual_hours(caseload, amina) is None


def test_the_usual_wait_counts_no_night_and_no_absence(
    caseload: Caseload, sam: Person, amina: Colleague, clock: FixedClock
) -> None:
    is_away(caseload, amina, "2026-11-27 00:00", "2026-11-28 00:00")
    for _ in range(5):
        clock.set(at("2026-11-26 16:00"))
        sam.asks("A question", reason="person")
        # Back at work on Monday; one hour of Thursday and one of Monday were worked.
        clock.set(at("2026-11-30 10:00"))
        with caseload.transaction() as case:
            case.handoffs.mark_answered(case.staff.get(amina.id), case.clients.find(sam.id))
        with caseload.engine.begin() as connection:
            connection.exec_driver_sql("UPDATE handoffs SET ended_at = '2026-11-01 00:00:00'")
    assert usual_hours(caseload, amina) == 2


def test_what_a_colleague_answered_is_not_aminas(
    caseload: Caseload, sam: Person, amina: Colleague, grace: Colleague, clock: FixedClock
) -> None:
    for _ in range(5):
        answers(caseload, clock, sam, grace, 1)
    assert usual_hours(caseload, amina) is None
    assert usual_hours(caseload, grace) == 1


def test_asking_again_after_an_answer_is_a_wait_of_its_own(
    caseload: Caseload, sam: Person, amina: Colleague, clock: FixedClock
) -> None:
    for _ in range(5):
        sam.asks("A question")
        clock.advance(minutes=30)
        with caseload.transaction() as case:
            case.handoffs.mark_answered(case.staff.get(amina.id), case.clients.find(sam.id))
    assert usual_hours(caseload, amina) == 0.5


INSTANTS = st.datetimes(datetime(2026, 1, 1), datetime(2027, 12, 31), timezones=st.just(UTC))
CLOCK_TIMES = st.times().map(lambda one: one.replace(second=0, microsecond=0).isoformat("minutes"))
WEEKS = st.dictionaries(
    st.sampled_from("0123456"), st.lists(st.tuples(CLOCK_TIMES, CLOCK_TIMES), max_size=3), max_size=7
)
ZONES = st.sampled_from([LONDON, AUCKLAND, ZoneInfo("Australia/Adelaide"), ZoneInfo("Africa/Casablanca")])
many = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@many
@given(WEEKS, ZONES, INSTANTS, st.integers(0, 40 * 24 * 60), st.integers(0, 40 * 24 * 60))
def test_a_wait_is_the_sum_of_its_parts(
    hours: dict[str, Any], zone: ZoneInfo, first: datetime, some: int, more: int
) -> None:
    middle = first + timedelta(minutes=some)
    last = middle + timedelta(minutes=more)
    whole = seconds_in(spans_between(hours, zone, first, last))
    parts = [spans_between(hours, zone, first, middle), spans_between(hours, zone, middle, last)]
    # Each is cut to whole seconds.
    assert abs(whole - sum(seconds_in(part) for part in parts)) <= 2
    assert 0 <= whole <= (last - first).total_seconds()


@many
@given(WEEKS, ZONES, INSTANTS, st.integers(0, 60 * 24 * 60))
def test_spans_are_in_order_apart_and_within_their_days_hours(
    hours: dict[str, Any], zone: ZoneInfo, first: datetime, minutes: int
) -> None:
    last = first + timedelta(minutes=minutes)
    spans = spans_between(hours, zone, first, last)
    for span in spans:
        assert first <= span.start < span.end <= last
        assert str(span.start.astimezone(zone).weekday()) in hours
    assert all(one.end <= other.start for one, other in pairwise(spans))


@many
@given(WEEKS, ZONES, INSTANTS, INSTANTS, INSTANTS)
def test_what_is_in_a_gap_and_what_is_not_make_the_whole(
    hours: dict[str, Any], zone: ZoneInfo, first: datetime, one: datetime, other: datetime
) -> None:
    last = first + timedelta(days=30)
    gap = Span(min(one, other), max(one, other))
    spans = spans_between(hours, zone, first, last)
    inside = within(spans, gap.start, gap.end)
    assert abs(seconds_in(spans) - seconds_in(without(spans, [gap])) - seconds_in(inside)) <= 2
