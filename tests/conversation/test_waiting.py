"""A client who waits is not forgotten: people are told one after the other, in working hours, each once."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from bot.caseload.waits import MINUTES
from bot.clock import FixedClock
from bot.conversation import ownership
from bot.conversation.waiting import Waiting
from tests.conversation.alarms import after, alerted
from tests.conversation.office import ClientPhone, Office, linked
from tests.people import Colleague

#: A Wednesday; the service works from nine to five.
AT_NIGHT = datetime(2026, 11, 25, 22, 0, tzinfo=UTC)


def asks(
    office: Office,
    phone: ClientPhone,
    reason: str = "question",
    urgency: str = "routine",
    subject: str | None = None,
) -> str:
    """Pass something to a human, as the dialogue and the gateway do; returns the handoff's id."""
    with office.caseload.transaction() as case:
        client = case.clients.for_conversation(phone.conversation_id)
        handoff_id = case.handoffs.open(client, "", reason, urgency, subject=subject).handoff.id
    office.timers.ring_due()
    return handoff_id


def is_away(office: Office, who: Colleague, first: datetime, last: datetime, by: Colleague | None) -> None:
    with office.caseload.transaction() as case:
        staff = case.staff.get(who.id)
        case.absences.add(staff, staff, first, last, cover=case.staff.get(by.id) if by else None)
        case.waits.set_anew_for(staff)


def at(day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 11, day, hour, minute, tzinfo=UTC)


def steps_at(office: Office, clock: FixedClock, *instants: datetime) -> list[list[str]]:
    """Who is told at each instant, with nothing a minute before it."""
    told = []
    for instant in instants:
        clock.set(instant)
        clock.advance(minutes=-1)
        assert after(office, clock) == []
        told.append(after(office, clock, minutes=1))
    return told


def test_the_minutes_are_those_of_the_rule() -> None:
    assert {urgency: list(steps.values()) for urgency, steps in MINUTES.items()} == {
        "now": [0, 30, 60, 120],
        "today": [0, 120, 240, 450],
        "routine": [0, 450, 900, 1350],
    }


def test_amina_is_told_at_once_and_others_when_it_takes_long(
    sam: ClientPhone, office: Office, clock: FixedClock, cover: Colleague, lena: Colleague
) -> None:
    sam.asks("/person")
    assert office.timers.ring_due() == 1
    assert alerted(office) == ["Amina: opened"]
    # It is ten: two hours, four, and seven and a half of working time later.
    assert steps_at(office, clock, at(25, 12), at(25, 14), at(26, 9, 30)) == [
        ["Amina: reminder"],
        ["Piotr: cover"],
        ["Lena: lead"],
    ]
    assert after(office, clock, days=30) == []


def test_a_question_that_can_wait_waits_a_working_day_for_each_step(
    sam: ClientPhone, office: Office, clock: FixedClock, cover: Colleague, lena: Colleague
) -> None:
    asks(office, sam)
    assert steps_at(office, clock, at(26, 9, 30), at(27, 9), at(27, 16, 30)) == [
        ["Amina: reminder"],
        ["Piotr: cover"],
        ["Lena: lead"],
    ]


def test_what_is_needed_now_climbs_within_two_hours(
    sam: ClientPhone, office: Office, clock: FixedClock, cover: Colleague, lena: Colleague
) -> None:
    asks(office, sam, "screen_failed", "now")
    assert steps_at(office, clock, at(25, 10, 30), at(25, 11), at(25, 12)) == [
        ["Amina: reminder"],
        ["Piotr: cover"],
        ["Lena: lead"],
    ]


def test_without_a_cover_that_step_is_nobodys(
    sam: ClientPhone, office: Office, clock: FixedClock, lena: Colleague
) -> None:
    asks(office, sam, "person", "today")
    after(office, clock, hours=2)
    assert after(office, clock, hours=2) == []


def test_without_a_lead_the_manager_is_told(
    sam: ClientPhone, office: Office, clock: FixedClock, grace: Colleague
) -> None:
    asks(office, sam, "person", "now")
    after(office, clock, hours=1)
    assert after(office, clock, hours=1) == ["Grace: lead"]


@pytest.mark.parametrize(
    "reason", ["complaint", "unreachable", "not_answered", "screen_failed", "appointment"]
)
def test_whatever_needs_a_person_tells_amina(sam: ClientPhone, office: Office, reason: str) -> None:
    asks(office, sam, reason)
    assert alerted(office) == ["Amina: opened"]


@pytest.mark.parametrize("reason", ["lead", "not_saved", "invite", "messages_stopped"])
def test_the_work_of_the_day_tells_nobody(sam: ClientPhone, office: Office, reason: str) -> None:
    asks(office, sam, reason)
    assert alerted(office) == []
    assert office.rows("timers") == []


def test_danger_has_its_own_ladder_and_no_second_one(sam: ClientPhone, office: Office) -> None:
    sam.asks("I want to kill myself")
    office.timers.ring_due()
    assert alerted(office) == ["Amina: consultant"]
    assert {row["kind"] for row in office.rows("timers")} == {"escalate"}


def test_at_night_nobody_is_told_until_the_service_opens(
    sam: ClientPhone, office: Office, clock: FixedClock
) -> None:
    clock.set(AT_NIGHT)
    asks(office, sam, "person", "today")
    assert alerted(office) == []
    assert steps_at(office, clock, at(26, 9), at(26, 11)) == [["Amina: opened"], ["Amina: reminder"]]


def test_a_gateway_that_comes_back_at_night_wakes_nobody(
    sam: ClientPhone, office: Office, clock: FixedClock, cover: Colleague, lena: Colleague
) -> None:
    asks(office, sam, "person", "today")
    clock.set(AT_NIGHT)
    assert after(office, clock) == []
    assert steps_at(office, clock, at(26, 9)) == [["Amina: reminder", "Piotr: cover"]]
    assert steps_at(office, clock, at(26, 9, 30)) == [["Lena: lead"]]


def test_a_bank_holiday_is_no_waiting_time(sam: ClientPhone, office: Office, clock: FixedClock) -> None:
    clock.set(datetime(2026, 12, 24, 16, 0, tzinfo=UTC))
    asks(office, sam, "person", "today")
    assert alerted(office) == ["Amina: opened"]
    clock.set(datetime(2026, 12, 28, 16, 59, tzinfo=UTC))
    assert after(office, clock) == []
    clock.set(datetime(2026, 12, 29, 10, 0, tzinfo=UTC))
    assert after(office, clock) == ["Amina: reminder"]


def replies(office: Office, who: Colleague, phone: ClientPhone) -> None:
    with office.caseload.transaction() as case:
        staff = case.staff.get(who.id)
        ownership.reply(case, office.words, staff, phone.conversation_id, "Yes, you can.", "a" * 32)


def takes(office: Office, who: Colleague, phone: ClientPhone) -> None:
    with office.caseload.transaction() as case:
        staff, chat = case.staff.get(who.id), case.conversations.lock(phone.conversation_id)
        ownership.take_over(case, office.words, staff, chat.id, chat.epoch)


def closes(office: Office, who: Colleague, phone: ClientPhone) -> None:
    with office.caseload.transaction() as case:
        staff = case.staff.get(who.id)
        for handoff in case.handoffs.open_for(case.clients.for_conversation(phone.conversation_id)):
            case.handoffs.close(staff, handoff)


@pytest.mark.parametrize("deal", [replies, takes, closes])
def test_it_stops_when_somebody_answers_takes_the_chat_or_closes_it(
    sam: ClientPhone,
    office: Office,
    clock: FixedClock,
    amina: Colleague,
    cover: Colleague,
    lena: Colleague,
    deal: Callable[[Office, Colleague, ClientPhone], None],
) -> None:
    asks(office, sam, "person", "today")
    deal(office, amina, sam)
    assert after(office, clock, days=3) == []
    assert {row["status"] for row in office.rows("timers")} == {"done", "cancelled"}


def test_having_read_it_does_not_stop_it(
    sam: ClientPhone, office: Office, clock: FixedClock, amina: Colleague
) -> None:
    handoff_id = asks(office, sam, "person", "today")
    with office.caseload.transaction() as case:
        staff = case.staff.get(amina.id)
        case.handoffs.mark_seen(staff, case.handoffs.get_for(staff, handoff_id))
    assert after(office, clock, hours=2) == ["Amina: reminder"]


def test_opened_again_it_climbs_anew(
    sam: ClientPhone, office: Office, clock: FixedClock, amina: Colleague
) -> None:
    first = asks(office, sam, "question", "today")
    replies(office, amina, sam)
    clock.advance(hours=1)
    assert asks(office, sam, "person", "today") == first
    assert alerted(office) == ["Amina: opened", "Amina: opened"]
    assert after(office, clock, hours=2) == ["Amina: reminder"]


def test_asked_again_with_more_hurry_the_next_step_comes_sooner(
    sam: ClientPhone, office: Office, clock: FixedClock
) -> None:
    asks(office, sam, "appointment", "routine")
    clock.advance(minutes=10)
    asks(office, sam, "appointment", "now")
    assert alerted(office) == ["Amina: opened"]
    assert steps_at(office, clock, at(25, 10, 30)) == [["Amina: reminder"]]


def test_while_amina_is_away_her_cover_is_told_instead(
    sam: ClientPhone, office: Office, clock: FixedClock, amina: Colleague, piotr: Colleague, lena: Colleague
) -> None:
    is_away(office, amina, at(25, 0), at(28, 0), piotr)
    asks(office, sam, "person", "today")
    assert alerted(office) == ["Piotr: opened"]
    assert after(office, clock, hours=2) == ["Piotr: reminder"]
    assert after(office, clock, hours=2) == []
    clock.set(at(26, 9, 30))
    assert after(office, clock) == ["Lena: lead"]


def test_while_amina_is_away_without_a_cover_the_lead_is_told(
    sam: ClientPhone, office: Office, amina: Colleague, piotr: Colleague, lena: Colleague
) -> None:
    is_away(office, amina, at(25, 0), at(28, 0), None)
    asks(office, sam)
    assert alerted(office) == ["Lena: opened"]


def test_danger_while_amina_is_away_alarms_her_cover_at_once(
    sam: ClientPhone, office: Office, amina: Colleague, piotr: Colleague
) -> None:
    is_away(office, amina, at(25, 0), at(28, 0), piotr)
    said = sam.asks("I want to kill myself")[-1]
    assert alerted(office) == ["Piotr: consultant"]
    assert "I have sent your message to Piotr." in said


def test_somebody_without_a_consultant_is_the_leads(
    office: Office, amina: Colleague, lena: Colleague
) -> None:
    asks(office, linked(office, "leila", "Leila Haddad", None))
    assert alerted(office) == ["Lena: opened"]


def test_days_that_amina_takes_off_later_put_the_next_step_off(
    sam: ClientPhone, office: Office, clock: FixedClock, amina: Colleague
) -> None:
    asks(office, sam, "person", "today")
    is_away(office, amina, at(25, 11), at(27, 0), None)
    # With nobody to stand in, Friday at ten is her second working hour.
    assert steps_at(office, clock, at(27, 10)) == [["Amina: reminder"]]


def test_back_early_the_next_step_comes_sooner(
    sam: ClientPhone, office: Office, clock: FixedClock, amina: Colleague
) -> None:
    is_away(office, amina, at(25, 11), at(30, 0), None)
    asks(office, sam, "person", "today")
    clock.set(at(26, 9))
    with office.caseload.transaction() as case:
        staff = case.staff.get(amina.id)
        case.absences.end(case.absences.ahead_of(staff)[0])
        case.waits.set_anew_for(staff)
    assert steps_at(office, clock, at(26, 10)) == [["Amina: reminder"]]


def test_a_gateway_killed_in_the_middle_of_a_step_tells_once(
    sam: ClientPhone, office: Office, clock: FixedClock, cover: Colleague, lena: Colleague
) -> None:
    asks(office, sam, "person", "today")
    clock.advance(hours=2)
    # Killed before its transaction was committed: neither the alert nor the timer's end is there.
    with pytest.raises(KeyboardInterrupt), office.caseload.transaction() as case:
        [timer] = case.timers.due()
        Waiting().ring(case, timer)
        case.timers.finish(timer)
        raise KeyboardInterrupt
    assert alerted(office) == ["Amina: opened"]
    office.restart()
    assert after(office, clock) == ["Amina: reminder"]
    # Killed between two: the alert is there and its timer rings once more.
    with office.caseload.transaction() as case:
        [timer] = [one for one in case.timers.waiting("handoff_wait:") if one.payload["step"] == "cover"]
        clock.advance(hours=2)
        Waiting().ring(case, timer)
    before = len(alerted(office))
    office.restart()
    assert after(office, clock) == []
    assert len(alerted(office)) == before
    clock.set(at(26, 9, 30))
    assert after(office, clock) == ["Lena: lead"]


def test_a_gateway_that_was_away_rings_each_step_once(
    sam: ClientPhone, office: Office, clock: FixedClock, cover: Colleague, lena: Colleague
) -> None:
    asks(office, sam, "person", "now")
    assert after(office, clock, hours=3) == ["Amina: reminder", "Piotr: cover", "Lena: lead"]
    assert after(office, clock, hours=3) == []


def test_an_erased_client_makes_nobody_wait(
    sam: ClientPhone, office: Office, clock: FixedClock, lena: Colleague
) -> None:
    asks(office, sam, "person", "now")
    with office.caseload.transaction() as case:
        case.rights.erase(case.clients.for_conversation(sam.conversation_id))
    clock.advance(hours=3)
    assert office.timers.ring_due() == 0
    assert office.rows("alerts") == []
