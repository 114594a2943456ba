"""Who reads what Sam writes, and when, is said as it is."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from bot.clock import FixedClock
from tests.conversation.office import ClientPhone, Office
from tests.conversation.test_waiting import at, is_away
from tests.people import Colleague

ASKED = "I have asked Amina to write to you."


def answers(office: Office, clock: FixedClock, phone: ClientPhone, who: Colleague, minutes: int) -> None:
    """Answer five questions, each after so many minutes, and come back to where the clock stood."""
    now = clock.now()
    for _ in range(5):
        clock.set(at(20, 9))
        with office.caseload.transaction() as case:
            client = case.clients.for_conversation(phone.conversation_id)
            handoff = case.handoffs.open(client, "", "complaint", subject=None).handoff
            clock.advance(minutes=minutes)
            case.handoffs.mark_answered(case.staff.get(who.id), client)
            assert handoff.status == "answered"
    clock.set(now)


def test_sam_hears_until_when_amina_works(sam: ClientPhone) -> None:
    [said] = sam.asks("/person")
    assert (
        said
        == f"{ASKED} Amina works until 5pm today.\n\nI am not a crisis line: I am not watched all the time."
    )


@pytest.mark.parametrize(
    ("minutes", "within"),
    [(1, "1 hour"), (61, "2 hours"), (170, "3 hours"), (425, "1 working day"), (451, "2 working days")],
)
def test_sam_hears_how_long_it_usually_takes_rounded_up(
    sam: ClientPhone, office: Office, clock: FixedClock, amina: Colleague, minutes: int, within: str
) -> None:
    answers(office, clock, sam, amina, minutes)
    [said] = sam.asks("/person")
    assert f"{ASKED} Amina works until 5pm today. Amina usually answers within {within}." in said


def test_three_hours_that_are_not_left_of_today_are_working_hours(
    sam: ClientPhone, office: Office, clock: FixedClock, amina: Colleague
) -> None:
    answers(office, clock, sam, amina, 170)
    clock.set(at(25, 15))
    assert "Amina usually answers within 3 working hours." in sam.asks("/person")[0]


def test_while_amina_is_away_sam_hears_who_reads_and_until_when(
    sam: ClientPhone, office: Office, amina: Colleague, piotr: Colleague
) -> None:
    is_away(office, amina, at(25, 0), at(28, 0), piotr)
    [said] = sam.asks("/person")
    assert said.startswith(
        "Amina is away until Monday 30 November. Piotr reads your messages.\n\n"
        "I have asked Piotr to write to you. Piotr works until 5pm today."
    )


def test_in_the_evening_of_a_day_away_sam_hears_when_piotr_reads(
    sam: ClientPhone, office: Office, clock: FixedClock, amina: Colleague, piotr: Colleague
) -> None:
    is_away(office, amina, at(25, 0), at(28, 0), piotr)
    clock.set(at(25, 20))
    [said] = sam.asks("/person")
    assert said == (
        "Amina is away until Monday 30 November. Piotr reads your messages.\n\n"
        "I have asked Piotr to write to you. Nobody reads this until Thursday 26 November at 9am."
    )


def test_away_for_an_hour_is_told_by_the_clock(
    sam: ClientPhone, office: Office, amina: Colleague, piotr: Colleague
) -> None:
    is_away(office, amina, at(25, 9), at(25, 14), piotr)
    assert sam.asks("/person")[0].startswith("Amina is away until 2pm. Piotr reads your messages.")


def test_with_nobody_to_stand_in_nobody_is_promised(
    sam: ClientPhone, office: Office, amina: Colleague
) -> None:
    is_away(office, amina, at(25, 0), at(28, 0), None)
    assert sam.asks("/person") == [f"{ASKED} Nobody reads this until Monday 30 November at 9am."]


def test_the_note_of_an_absence_is_shown_to_no_client(
    sam: ClientPhone, office: Office, amina: Colleague, piotr: Colleague
) -> None:
    with office.caseload.transaction() as case:
        staff, cover = case.staff.get(amina.id), case.staff.get(piotr.id)
        first = datetime(2026, 11, 25, tzinfo=UTC)
        case.absences.add(staff, staff, first, first + timedelta(days=3), cover=cover, note="operation")
    assert "operation" not in " ".join(sam.asks("/person"))
