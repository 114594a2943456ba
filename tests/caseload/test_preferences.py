"""When the bot may start a message: stop, pause, quiet hours; and when a person reads."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from bot.caseload.services import HonestTime
from bot.caseload.store import Caseload
from bot.clock import FixedClock
from tests.people import WEDNESDAY, Colleague, Person, enrolled

LONDON = ZoneInfo("Europe/London")


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=LONDON)


@pytest.mark.parametrize(
    ("wanted", "starts", "ends", "earliest"),
    [
        ("2026-11-25 20:59", "21:00", "08:00", "2026-11-25 20:59"),
        ("2026-11-25 21:00", "21:00", "08:00", "2026-11-26 08:00"),
        ("2026-11-25 23:59", "21:00", "08:00", "2026-11-26 08:00"),
        ("2026-11-26 00:00", "21:00", "08:00", "2026-11-26 08:00"),
        ("2026-11-26 07:59", "21:00", "08:00", "2026-11-26 08:00"),
        ("2026-11-26 08:00", "21:00", "08:00", "2026-11-26 08:00"),
        ("2026-11-25 13:30", "13:00", "14:00", "2026-11-25 14:00"),
        ("2026-11-25 14:00", "13:00", "14:00", "2026-11-25 14:00"),
        ("2026-11-25 12:59", "13:00", "14:00", "2026-11-25 12:59"),
        # The night in which the clocks go forward has one hour less.
        ("2026-03-28 23:00", "21:00", "08:00", "2026-03-29 08:00"),
    ],
)
def test_nothing_starts_in_quiet_hours(
    caseload: Caseload, sam: Person, wanted: str, starts: str, ends: str, earliest: str
) -> None:
    with caseload.transaction() as case:
        client = case.clients.find(sam.id)
        case.preferences.set_quiet_hours(client, starts, ends)
        assert case.preferences.earliest_start(client, at(wanted)) == at(earliest)


def test_a_pause_that_ends_at_night_waits_for_the_morning(caseload: Caseload, sam: Person) -> None:
    with caseload.transaction() as case:
        client = case.clients.find(sam.id)
        case.preferences.set_quiet_hours(client, "21:00", "08:00")
        case.preferences.pause_until(client, at("2026-11-27 23:00"))
        assert case.preferences.earliest_start(client, WEDNESDAY) == at("2026-11-28 08:00")
        case.preferences.set_quiet_hours(client, None, None)
        assert case.preferences.earliest_start(client, WEDNESDAY) == at("2026-11-27 23:00")


def test_quiet_hours_are_in_the_clients_zone(caseload: Caseload) -> None:
    aroha = enrolled(caseload, "aroha", "Aroha Rangi", None)
    with caseload.transaction() as case:
        client = case.clients.find(aroha.id)
        client.timezone = "Pacific/Auckland"
        case.preferences.set_quiet_hours(client, "21:00", "08:00")
        # Ten in the morning in London is eleven at night in Auckland.
        eight_there = datetime(2026, 11, 26, 8, 0, tzinfo=ZoneInfo("Pacific/Auckland"))
        assert case.preferences.earliest_start(client, WEDNESDAY) == eight_there


def test_stop_and_resume(caseload: Caseload, sam: Person) -> None:
    with caseload.transaction() as case:
        client = case.clients.find(sam.id)
        assert case.preferences.may_start(client)
        case.preferences.set_quiet_hours(client, "21:00", "08:00")
        case.preferences.stop(client)
        assert not case.preferences.may_start(client)
        case.preferences.resume(client)
        assert case.preferences.may_start(client)
        assert case.preferences.get(client).quiet_from == "21:00"


def test_a_time_that_is_none_is_refused(caseload: Caseload, sam: Person) -> None:
    with pytest.raises(ValueError, match="hour"), caseload.transaction() as case:
        case.preferences.set_quiet_hours(case.clients.find(sam.id), "25:00", "08:00")


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        ("2026-11-25 09:00", (True, "2026-11-25 17:00", None)),
        ("2026-11-25 16:59", (True, "2026-11-25 17:00", None)),
        ("2026-11-25 17:00", (False, None, "2026-11-26 09:00")),
        ("2026-11-28 12:00", (False, None, "2026-12-01 09:00")),
    ],
    ids=["at nine", "nearly five", "at five", "the weekend before a bank holiday"],
)
def test_a_client_is_told_honestly_when_somebody_reads(
    caseload: Caseload,
    sam: Person,
    clock: FixedClock,
    now: str,
    expected: tuple[bool, str | None, str | None],
) -> None:
    clock.set(at(now))
    with caseload.transaction() as case:
        client = case.clients.find(sam.id)
        case.services.close_on(client.service, date(2026, 11, 30), "A bank holiday")
        found = case.services.honest_time(client)
    in_hours, until, start = expected
    assert found == HonestTime(in_hours, at(until) if until else None, at(start) if start else None)


def test_nobody_promises_a_time_when_the_service_is_closed_for_long(
    caseload: Caseload, sam: Person, amina: Colleague
) -> None:
    with caseload.transaction() as case:
        client = case.clients.find(sam.id)
        for offset in range(40):
            case.services.close_on(client.service, date(2026, 11, 25) + timedelta(days=offset), "Closed")
        assert case.services.honest_time(client) == HonestTime(False, None, None)


def test_a_crisis_pauses_what_the_bot_starts_until_a_human_has_cleared_it(
    caseload: Caseload, sam: Person, amina: Colleague
) -> None:
    with caseload.transaction() as case:
        client = case.clients.find(sam.id)
        case.safety_events.record(
            client=client, conversation_id=sam.conversation_id, handoff_id=None, inbox_seq=1,
            route="crisis", kind=None, detectors=(), content_version="1",
        )  # fmt: skip
        assert case.safety_events.paused_since(client) == caseload.clock.now()
        assert case.safety_events.acknowledge(case.staff.get(amina.id), client) == 1
        assert case.safety_events.paused_since(client) is not None
        assert case.safety_events.clear(case.staff.get(amina.id), client) == 1
        assert case.safety_events.paused_since(client) is None


def test_a_low_mood_pauses_nothing(caseload: Caseload, sam: Person) -> None:
    with caseload.transaction() as case:
        client = case.clients.find(sam.id)
        case.safety_events.record(
            client=client, conversation_id=sam.conversation_id, handoff_id=None, inbox_seq=1,
            route="soft", kind="low_mood", detectors=(), content_version="1",
        )  # fmt: skip
        assert case.safety_events.paused_since(client) is None


def test_piotr_cannot_clear_what_concerns_sam(caseload: Caseload, sam: Person, piotr: Colleague) -> None:
    with caseload.transaction() as case:
        client = case.clients.find(sam.id)
        case.safety_events.record(
            client=client, conversation_id=sam.conversation_id, handoff_id=None, inbox_seq=1,
            route="crisis", kind=None, detectors=(), content_version="1",
        )  # fmt: skip
        assert case.safety_events.clear(case.staff.get(piotr.id), client) == 0
        assert case.safety_events.paused_since(client) is not None


def test_the_clock_of_a_test_is_utc(clock: FixedClock) -> None:
    clock.set(at("2026-07-01 10:00"))
    assert clock.now() == datetime(2026, 7, 1, 9, 0, tzinfo=UTC)
