"""A person has the chat and does not answer: the lead is told once, and Sam hears the truth once."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from bot.clock import FixedClock
from bot.conversation import ownership
from bot.conversation.silence import Silence
from tests.conversation.alarms import after, alerted
from tests.conversation.office import ClientPhone, Office
from tests.conversation.test_waiting import replies, takes
from tests.people import Colleague

TRUTH = "Amina has not answered yet. I have told Grace."


@pytest.fixture
def held(sam: ClientPhone, office: Office, amina: Colleague, grace: Colleague) -> ClientPhone:
    """Sam, while Amina has the chat."""
    takes(office, amina, sam)
    office.settle()
    return sam


def says(office: Office, phone: ClientPhone, words: str) -> None:
    phone.says(words)
    office.settle()


def wait(office: Office, clock: FixedClock, **delta: float) -> list[str]:
    """Let time pass, and return who was alerted meanwhile; what is said is sent."""
    told = after(office, clock, **delta)
    office.settle()
    return told


def mode(office: Office, phone: ClientPhone) -> str:
    return next(
        str(row["mode"]) for row in office.rows("conversations") if row["id"] == phone.conversation_id
    )


def test_after_half_an_hour_the_lead_is_told_and_sam_hears_the_truth(
    held: ClientPhone, office: Office, clock: FixedClock
) -> None:
    says(office, held, "are you there")
    assert wait(office, clock, minutes=29) == []
    assert TRUTH not in held.reads
    assert wait(office, clock, minutes=1) == ["Grace: silent"]
    assert held.reads[-1] == TRUTH
    assert wait(office, clock, hours=5) == []
    assert held.reads.count(TRUTH) == 1
    assert mode(office, held) == "person"
    [handoff] = office.rows("handoffs")
    assert (handoff["reason"], handoff["status"]) == ("silent", "waiting")


def test_writing_again_neither_puts_it_off_nor_says_it_twice(
    held: ClientPhone, office: Office, clock: FixedClock
) -> None:
    says(office, held, "are you there")
    wait(office, clock, minutes=20)
    says(office, held, "hello??")
    assert wait(office, clock, minutes=10) == ["Grace: silent"]
    says(office, held, "anyone")
    assert wait(office, clock, hours=2) == []
    assert held.reads.count(TRUTH) == 1


def test_an_answer_ends_it(held: ClientPhone, office: Office, clock: FixedClock, amina: Colleague) -> None:
    says(office, held, "are you there")
    replies(office, amina, held)
    assert wait(office, clock, hours=2) == []
    assert TRUTH not in held.reads


def test_an_answer_after_it_closes_the_lead_s_line(
    held: ClientPhone, office: Office, clock: FixedClock, amina: Colleague
) -> None:
    says(office, held, "are you there")
    wait(office, clock, minutes=30)
    replies(office, amina, held)
    assert [row["status"] for row in office.rows("handoffs")] == ["closed"]


def test_a_second_silence_is_told_again(
    held: ClientPhone, office: Office, clock: FixedClock, amina: Colleague
) -> None:
    says(office, held, "are you there")
    wait(office, clock, minutes=30)
    replies(office, amina, held)
    says(office, held, "and what about tuesday")
    assert wait(office, clock, minutes=30) == ["Grace: silent"]
    assert held.reads.count(TRUTH) == 2


def test_handing_back_ends_it(held: ClientPhone, office: Office, clock: FixedClock, amina: Colleague) -> None:
    says(office, held, "are you there")
    with office.caseload.transaction() as case:
        ownership.hand_back(case, office.words, case.staff.get(amina.id), held.conversation_id)
    assert wait(office, clock, hours=2) == []
    assert TRUTH not in held.reads


def test_whoever_takes_the_chat_from_amina_has_half_an_hour_of_their_own(
    held: ClientPhone, office: Office, clock: FixedClock, grace: Colleague
) -> None:
    says(office, held, "are you there")
    wait(office, clock, minutes=30)
    takes(office, grace, held)
    assert [row["status"] for row in office.rows("handoffs")] == ["closed"]
    assert wait(office, clock, hours=2) == []


def test_with_nobody_writing_there_is_no_silence(
    held: ClientPhone, office: Office, clock: FixedClock
) -> None:
    assert wait(office, clock, days=2) == []


def test_a_night_is_no_silence(held: ClientPhone, office: Office, clock: FixedClock) -> None:
    clock.set(datetime(2026, 11, 25, 16, 50, tzinfo=UTC))
    says(office, held, "are you there")
    clock.set(datetime(2026, 11, 25, 23, 0, tzinfo=UTC))
    assert wait(office, clock) == []
    clock.set(datetime(2026, 11, 26, 9, 19, tzinfo=UTC))
    assert wait(office, clock) == []
    assert wait(office, clock, minutes=1) == ["Grace: silent"]


def test_a_gateway_that_comes_back_at_night_waits_for_the_morning(
    held: ClientPhone, office: Office, clock: FixedClock
) -> None:
    says(office, held, "are you there")
    clock.set(datetime(2026, 11, 25, 23, 0, tzinfo=UTC))
    assert wait(office, clock) == []
    assert TRUTH not in held.reads
    clock.set(datetime(2026, 11, 26, 9, 0, tzinfo=UTC))
    assert wait(office, clock) == ["Grace: silent"]


def test_the_service_says_after_how_many_minutes(
    held: ClientPhone, office: Office, clock: FixedClock
) -> None:
    with office.caseload.transaction() as case:
        case.clients.for_conversation(held.conversation_id).service.silence_minutes = 10
    says(office, held, "are you there")
    assert wait(office, clock, minutes=10) == ["Grace: silent"]


def test_with_nobody_else_to_tell_sam_hears_that(
    sam: ClientPhone, office: Office, clock: FixedClock, amina: Colleague
) -> None:
    takes(office, amina, sam)
    says(office, sam, "are you there")
    assert wait(office, clock, minutes=30) == []
    assert sam.reads[-1] == "Amina has not answered yet. I could not tell anyone else."


def test_a_voice_message_waits_for_an_answer_too(
    held: ClientPhone, office: Office, clock: FixedClock
) -> None:
    held.sends({"voice": {"file_id": "a", "file_unique_id": "b", "duration": 3}})
    office.settle()
    assert wait(office, clock, minutes=30) == ["Grace: silent"]


def test_on_a_watched_phone_only_the_lead_is_told(
    sam: ClientPhone, office: Office, clock: FixedClock, amina: Colleague, grace: Colleague
) -> None:
    sam.asks("my partner checks my phone and will hurt me if he sees this")
    takes(office, amina, sam)
    says(office, sam, "ok")
    wait(office, clock, minutes=30)
    assert "Grace: silent" in alerted(office)
    assert TRUTH not in sam.reads


def test_a_gateway_killed_in_the_middle_tells_each_once(
    held: ClientPhone, office: Office, clock: FixedClock
) -> None:
    says(office, held, "are you there")
    clock.advance(minutes=30)
    with pytest.raises(KeyboardInterrupt), office.caseload.transaction() as case:
        [timer] = case.timers.due()
        Silence(office.words).ring(case, timer)
        raise KeyboardInterrupt
    assert alerted(office) == []
    # Committed, and killed before its timer was noted as rung.
    with office.caseload.transaction() as case:
        [timer] = case.timers.due()
        Silence(office.words).ring(case, timer)
    office.restart()
    assert wait(office, clock) == []
    assert alerted(office) == ["Grace: silent"]
    assert held.reads.count(TRUTH) == 1
