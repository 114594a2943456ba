"""A human is told: the consultant at once, then the next, until somebody is on it. Domain 4.4(4)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from bot.clock import FixedClock
from bot.conversation import escalation, ownership
from bot.conversation.escalation import IN_HOURS, Escalation
from tests.conversation.alarms import after, alerted, is_on_it
from tests.conversation.office import ClientPhone, Office, linked
from tests.people import Colleague, hired

CRISIS = "I want to kill myself"
THREE_AT_NIGHT = datetime(2026, 11, 25, 3, 0, tzinfo=UTC)
ELEVEN_AT_NIGHT = datetime(2026, 11, 25, 23, 0, tzinfo=UTC)


def test_amina_is_alerted_at_once_and_her_cover_after_five_minutes(
    sam: ClientPhone, office: Office, clock: FixedClock, cover: Colleague, grace: Colleague
) -> None:
    sam.asks(CRISIS)
    assert alerted(office) == ["Amina: consultant"]
    assert after(office, clock, minutes=4, seconds=59) == []
    assert after(office, clock, seconds=1) == ["Piotr: cover", "Amina: cover"]


def test_after_ten_minutes_the_duty_lead_and_after_fifteen_everyone(
    sam: ClientPhone, office: Office, clock: FixedClock, cover: Colleague, grace: Colleague, lena: Colleague,
    dot: Colleague,
) -> None:  # fmt: skip
    sam.asks(CRISIS)
    after(office, clock, minutes=5)
    assert after(office, clock, minutes=5) == ["Dot: duty"]
    assert after(office, clock, minutes=5) == ["Grace: everyone", "Lena: everyone"]
    assert after(office, clock, hours=3) == []


def test_without_anybody_on_duty_the_lead_is_the_third_step(
    sam: ClientPhone, office: Office, clock: FixedClock, cover: Colleague, lena: Colleague
) -> None:
    sam.asks(CRISIS)
    after(office, clock, minutes=5)
    assert after(office, clock, minutes=5) == ["Lena: duty"]


def test_a_missing_cover_falls_through_to_the_duty_lead_at_once(
    sam: ClientPhone, office: Office, clock: FixedClock, dot: Colleague, grace: Colleague
) -> None:
    sam.asks(CRISIS)
    assert after(office, clock, minutes=5) == ["Dot: duty", "Amina: cover"]
    assert after(office, clock, minutes=5) == []
    assert after(office, clock, minutes=5) == ["Grace: everyone"]


def test_without_a_consultant_the_next_is_alerted_at_once(
    office: Office, amina: Colleague, dot: Colleague
) -> None:
    leila = linked(office, "leila", "Leila Haddad", None)
    said = leila.asks(CRISIS)[-1]
    assert alerted(office) == ["Dot: duty"]
    assert "I have sent your message to Dot." in said


def test_an_account_that_was_closed_is_nobody(
    sam: ClientPhone, office: Office, amina: Colleague, cover: Colleague
) -> None:
    with office.caseload.transaction() as case:
        case.staff.disable(case.staff.get(amina.id))
    said = sam.asks(CRISIS)[-1]
    assert alerted(office) == ["Piotr: cover"]
    assert "I have sent your message to Piotr." in said


def test_out_of_hours_the_duty_lead_is_alerted_at_once(
    sam: ClientPhone, office: Office, clock: FixedClock, cover: Colleague, dot: Colleague, grace: Colleague
) -> None:
    clock.set(THREE_AT_NIGHT)
    said = sam.asks(CRISIS)[-1]
    assert alerted(office) == ["Amina: consultant", "Dot: duty"]
    assert "I have sent your message to Amina, and to Dot, who is on duty." in said
    assert "I do not know if anyone" not in said
    assert after(office, clock, minutes=10) == []
    assert after(office, clock, minutes=5) == ["Grace: everyone"]


def test_out_of_hours_without_anybody_on_duty_sam_is_told_when_somebody_reads(
    sam: ClientPhone, office: Office, clock: FixedClock, grace: Colleague
) -> None:
    clock.set(THREE_AT_NIGHT)
    said = sam.asks(CRISIS)[-1]
    assert alerted(office) == ["Amina: consultant"]
    assert "I do not know if anyone will read it before Wednesday 25 November at 9am." in said
    assert after(office, clock, minutes=15) == ["Grace: everyone"]


def test_somebody_on_duty_in_another_service_is_not_alerted(
    sam: ClientPhone, office: Office, clock: FixedClock
) -> None:
    hired(office.caseload, "kauri", "Tia Moana", "duty")
    clock.set(THREE_AT_NIGHT)
    sam.asks(CRISIS)
    assert alerted(office) == ["Amina: consultant"]


def test_in_a_service_without_staff_leila_is_told_that_nobody_could_be_told(
    office: Office, amina: Colleague
) -> None:
    leila = linked(office, "leila", "Leila Haddad", None)
    said = " ".join(leila.asks(CRISIS))
    assert "999" in said
    assert "I could not tell anyone." in said
    assert alerted(office) == []
    assert [row["reason"] for row in office.rows("handoffs")] == ["safety"]


def test_acknowledging_stops_the_ladder(
    sam: ClientPhone, office: Office, clock: FixedClock, amina: Colleague, cover: Colleague, grace: Colleague
) -> None:
    sam.asks(CRISIS)
    assert is_on_it(office, amina, sam)
    assert after(office, clock, hours=1) == []
    [event] = office.rows("safety_events")
    assert event["acknowledged_by"] == amina.id
    assert event["cleared_at"] is None


def test_sam_is_told_once_who_is_on_it(
    sam: ClientPhone, office: Office, amina: Colleague, grace: Colleague
) -> None:
    sam.asks(CRISIS)
    assert is_on_it(office, amina, sam)
    assert not is_on_it(office, grace, sam)
    assert sam.reads[-1] == "Amina is on it."
    assert sum("is on it" in text for text in sam.reads) == 1


def test_a_watched_phone_shows_no_word_more(sam: ClientPhone, office: Office, amina: Colleague) -> None:
    sam.asks("my partner checks my phone and will hurt me if he sees this")
    assert [row["kind"] for row in office.rows("safety_events")] == ["watched_phone"]
    before = len(sam.reads)
    assert is_on_it(office, amina, sam)
    assert len(sam.reads) == before


@pytest.mark.parametrize("how", ["takes the chat", "replies"])
def test_whoever_takes_the_chat_or_replies_is_on_it(
    sam: ClientPhone, office: Office, clock: FixedClock, amina: Colleague, cover: Colleague, how: str
) -> None:
    sam.asks(CRISIS)
    with office.caseload.transaction() as case:
        staff, chat = case.staff.get(amina.id), case.conversations.lock(sam.conversation_id)
        shown = escalation.danger_shown(case, chat.client)
        if how == "replies":
            ownership.reply(case, office.words, staff, chat.id, "I am here.", "a" * 32, shown)
        else:
            ownership.take_over(case, office.words, staff, chat.id, chat.epoch, shown)
    office.settle()
    assert after(office, clock, hours=1) == []
    assert not any("is on it" in text for text in sam.reads)


def test_danger_that_came_while_amina_had_the_chat_stays_when_she_hands_back_unseen(
    sam: ClientPhone, office: Office, clock: FixedClock, amina: Colleague, cover: Colleague
) -> None:
    sam.asks(CRISIS)
    with office.caseload.transaction() as case:
        staff, chat = case.staff.get(amina.id), case.conversations.lock(sam.conversation_id)
        shown = escalation.danger_shown(case, chat.client)
        ownership.take_over(case, office.words, staff, chat.id, chat.epoch, shown)
    sam.asks(CRISIS)
    with office.caseload.transaction() as case:
        ownership.hand_back(case, office.words, case.staff.get(amina.id), sam.conversation_id)
    office.settle()
    assert [row["status"] for row in office.rows("handoffs")] == ["waiting"]
    assert after(office, clock, minutes=5) == ["Piotr: cover", "Amina: cover"]


def test_a_gateway_killed_between_two_steps_alerts_once(
    sam: ClientPhone, office: Office, clock: FixedClock, cover: Colleague
) -> None:
    sam.asks(CRISIS)
    office.restart()
    assert after(office, clock, minutes=5) == ["Piotr: cover", "Amina: cover"]
    # The last thing that it did: the next step's alerts, without a note that its timer has rung.
    with office.caseload.transaction() as case:
        [timer] = [one for one in case.timers.waiting("escalate:") if one.payload["step"] == "duty"]
        Escalation().ring(case, timer)
    before = len(alerted(office))
    office.restart()
    assert after(office, clock, minutes=5) == []
    assert len(alerted(office)) == before


def test_a_late_gateway_rings_every_step_that_came_due(
    sam: ClientPhone, office: Office, clock: FixedClock, cover: Colleague, grace: Colleague, dot: Colleague
) -> None:
    sam.asks(CRISIS)
    assert after(office, clock, hours=2) == [
        "Piotr: cover", "Amina: cover", "Dot: duty", "Grace: everyone",
    ]  # fmt: skip


def test_asking_for_a_call_alerts_amina_too(sam: ClientPhone, office: Office) -> None:
    sam.asks("feeling really low today")
    assert alerted(office) == []
    sam.presses("Ask my consultant to call")
    office.settle()
    assert alerted(office) == ["Amina: consultant"]
    assert "I have asked Amina to call you." in sam.reads[-1]


def test_a_low_mood_alerts_nobody(sam: ClientPhone, office: Office) -> None:
    sam.asks("feeling really low today")
    assert alerted(office) == []
    assert office.rows("timers") == []


def test_i_am_safe_stops_no_alert(
    sam: ClientPhone, office: Office, clock: FixedClock, cover: Colleague
) -> None:
    sam.asks(CRISIS)
    sam.presses("I am safe for now")
    office.settle()
    assert after(office, clock, minutes=5) == ["Piotr: cover", "Amina: cover"]


def test_an_erased_client_alerts_nobody(
    sam: ClientPhone, office: Office, clock: FixedClock, cover: Colleague
) -> None:
    sam.asks(CRISIS)
    with office.caseload.transaction() as case:
        case.rights.erase(case.clients.for_conversation(sam.conversation_id))
    clock.advance(hours=1)
    assert office.timers.ring_due() == 0
    assert office.rows("alerts") == []


def test_no_reminder_until_it_is_cleared_even_when_somebody_is_on_it(
    sam: ClientPhone, office: Office, clock: FixedClock, amina: Colleague
) -> None:
    meeting = datetime(2026, 11, 27, 14, 30, tzinfo=UTC)
    with office.caseload.transaction() as case:
        client, staff = case.clients.for_conversation(sam.conversation_id), case.staff.get(amina.id)
        case.appointments.arrange(client, staff, meeting, minutes=45, mode="office", place=None, purpose=None)
    sam.asks(CRISIS)
    is_on_it(office, amina, sam)
    clock.set(meeting - timedelta(days=1))
    before = len(sam.reads)
    office.timers.ring_due()
    office.settle()
    assert len(sam.reads) == before
    with office.caseload.transaction() as case:
        client, staff = case.clients.for_conversation(sam.conversation_id), case.staff.get(amina.id)
        case.safety_events.clear(staff, client)
    clock.set(meeting - timedelta(hours=2))
    office.timers.ring_due()
    office.settle()
    assert len(sam.reads) == before + 1


def test_the_minutes_are_those_of_the_rule() -> None:
    assert [after.total_seconds() / 60 for after in IN_HOURS.values()] == [5, 10, 15]
