"""Who needs Amina today: derived, in order, hers alone, and nothing of it closes anything."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest

from bot.caseload.models.people import Client, Staff
from bot.caseload.store import Case, Caseload
from bot.caseload.today import TodayList
from bot.clock import FixedClock
from tests.people import WEDNESDAY, Colleague, Person, enrolled


def today_of(caseload: Caseload, who: Colleague, asked_by: Colleague | None = None) -> TodayList:
    with caseload.reading() as case:
        return case.today.of(case.staff.get((asked_by or who).id), case.staff.get(who.id))


def meets(case: Case, person: Person, amina: Colleague, at: datetime, status: str = "confirmed") -> str:
    client, staff = case.clients.find(person.id), case.staff.get(amina.id)
    meeting = case.appointments.arrange(
        client, staff, at, minutes=45, mode="office", place=None, purpose=None
    )
    meeting.status = status
    return meeting.id


def works(case: Case, person: Person, amina: Colleague, starts_on: date) -> str:
    client, staff = case.clients.find(person.id), case.staff.get(amina.id)
    return case.jobs.start(client, staff, case.employers.named(staff, "Crumb and Co"), "Baker", starts_on).id


def met_employer(
    case: Case, client: Client, staff: Staff, at: datetime, *, face_to_face: bool = True
) -> None:
    employer = case.employers.named(staff, "Crumb and Co")
    case.employers.add_contact(staff, employer, client, by="consultant", at=at, face_to_face=face_to_face)


def test_a_new_client_who_wrote_today_needs_nobody(caseload: Caseload, amina: Colleague, sam: Person) -> None:
    sam.says("hiya")
    assert today_of(caseload, amina).count == 0


def test_what_waits_stands_first_and_urgent_first_of_all(
    caseload: Caseload, amina: Colleague, sam: Person
) -> None:
    sam.asks("Can I keep my benefit?")
    sam.asks("I cannot go on", reason="safety", urgency="now")
    assert [one.reason for one in today_of(caseload, amina).handoffs] == ["safety", "question"]


def test_an_unreachable_client_is_told_once_not_twice(
    caseload: Caseload, amina: Colleague, sam: Person
) -> None:
    with caseload.transaction() as case:
        case.conversations.mark_unreachable(case.conversations.lock(sam.conversation_id))
        case.handoffs.open(case.clients.find(sam.id), "", "unreachable", urgency="today")
    found = today_of(caseload, amina)
    assert [one.client.id for one in found.unreachable] == [sam.id]
    assert found.handoffs == []


@pytest.mark.parametrize(
    ("days", "step"), [(6, None), (7, 7), (13, 7), (14, 14), (27, 14), (28, 28), (90, 28)]
)
def test_silence_asks_for_more_with_each_step(
    caseload: Caseload, clock: FixedClock, amina: Colleague, sam: Person, days: int, step: int | None
) -> None:
    sam.says("see you")
    clock.advance(days=days)
    found = today_of(caseload, amina).silent
    assert [(one.step, one.days, one.last) for one in found] == ([(step, days, "words")] if step else [])


def test_whoever_is_silent_longest_stands_first(
    caseload: Caseload, clock: FixedClock, amina: Colleague, sam: Person
) -> None:
    ann = enrolled(caseload, "ann", "Ann Moss", amina)
    ann.says("bye")
    clock.advance(days=3)
    sam.says("bye")
    clock.advance(days=8)
    assert [one.client.id for one in today_of(caseload, amina).silent] == [ann.id, sam.id]


def test_a_meeting_is_a_sign_of_life_and_a_message_of_the_bot_is_none(
    caseload: Caseload, clock: FixedClock, amina: Colleague, sam: Person
) -> None:
    sam.says("see you")
    with caseload.transaction() as case:
        meets(case, sam, amina, WEDNESDAY + timedelta(days=5), "attended")
    clock.advance(days=10)
    sam.is_told("Here is a job")
    assert today_of(caseload, amina).silent == []
    clock.advance(days=2)
    [one] = today_of(caseload, amina).silent
    assert (one.last, one.days) == ("met", 7)


def test_somebody_who_never_wrote_is_silent_since_they_joined(
    caseload: Caseload, clock: FixedClock, amina: Colleague, sam: Person
) -> None:
    clock.advance(days=9)
    [one] = today_of(caseload, amina).silent
    assert (one.last, one.days) == ("joined", 9)


def test_a_try_puts_the_line_aside_for_three_days_and_closes_nothing(
    caseload: Caseload, clock: FixedClock, amina: Colleague, sam: Person
) -> None:
    sam.says("see you")
    clock.advance(days=14)
    with caseload.transaction() as case:
        client, staff = case.clients.find(sam.id), case.staff.get(amina.id)
        case.outreach.record(client, staff, how="phone", result="no_answer")
    found = today_of(caseload, amina)
    assert (len(found.silent), len(found.tried_lately)) == (0, 1)
    clock.advance(days=3, seconds=1)
    [again] = today_of(caseload, amina).silent
    assert again.tried is not None
    assert (again.tried.result, again.days) == ("no_answer", 17)
    with caseload.reading() as case:
        client = case.clients.find(sam.id)
        assert (client.status, client.consultant_id) == ("active", amina.id)


def test_reaching_somebody_ends_the_silence(
    caseload: Caseload, clock: FixedClock, amina: Colleague, sam: Person
) -> None:
    clock.advance(days=14)
    with caseload.transaction() as case:
        client, staff = case.clients.find(sam.id), case.staff.get(amina.id)
        case.outreach.record(client, staff, how="visit_home", result="reached")
    found = today_of(caseload, amina)
    assert (found.silent, found.tried_lately) == ([], [])


def test_who_asked_for_no_messages_is_still_looked_after(
    caseload: Caseload, clock: FixedClock, amina: Colleague, sam: Person
) -> None:
    with caseload.transaction() as case:
        case.preferences.stop(case.clients.find(sam.id))
    clock.advance(days=15)
    [one] = today_of(caseload, amina).silent
    assert one.stopped


def test_appointments_are_those_of_today_and_tomorrow(
    caseload: Caseload, amina: Colleague, sam: Person
) -> None:
    sam.says("hiya")
    with caseload.transaction() as case:
        today = meets(case, sam, amina, WEDNESDAY + timedelta(hours=2))
        tomorrow = meets(case, sam, amina, WEDNESDAY + timedelta(days=1, hours=13))
        meets(case, sam, amina, WEDNESDAY + timedelta(days=1, hours=14, minutes=1))
        meets(case, sam, amina, WEDNESDAY + timedelta(hours=3), "cancelled_by_client")
    assert [one.id for one in today_of(caseload, amina).appointments] == [today, tomorrow]


def test_one_that_has_passed_asks_what_became_of_it_until_somebody_notes_it(
    caseload: Caseload, clock: FixedClock, amina: Colleague, sam: Person
) -> None:
    sam.says("hiya")
    with caseload.transaction() as case:
        meeting = meets(case, sam, amina, WEDNESDAY + timedelta(hours=2))
    clock.advance(hours=2, minutes=44)
    assert [one.id for one in today_of(caseload, amina).appointments] == [meeting]
    clock.advance(minutes=1)
    found = today_of(caseload, amina)
    assert ([one.id for one in found.without_outcome], found.appointments) == ([meeting], [])
    with caseload.transaction() as case:
        staff = case.staff.get(amina.id)
        case.diary.note_outcome(staff, case.appointments.get_for(staff, meeting), "late")
    assert today_of(caseload, amina).count == 0


def test_a_check_in_is_due_by_the_first_day_of_the_job(
    caseload: Caseload, amina: Colleague, sam: Person
) -> None:
    sam.says("hiya")
    with caseload.transaction() as case:
        job_id = works(case, sam, amina, date(2026, 11, 18))
    [one] = today_of(caseload, amina).check_ins
    assert (one.due.step.key, one.due.overdue, one.due.missed) == ("week_1", False, 2)
    with caseload.transaction() as case:
        job = case.jobs.get_for_client(case.clients.find(sam.id), job_id)
        case.jobs.check_in(
            job, case.staff.get(amina.id), step="week_1", done_on=date(2026, 11, 25), mode="in_person",
            how_it_goes="well",
        )  # fmt: skip
    assert today_of(caseload, amina).check_ins == []


def test_when_a_job_ends_there_are_three_days_to_speak(
    caseload: Caseload, clock: FixedClock, amina: Colleague, sam: Person
) -> None:
    sam.says("hiya")
    with caseload.transaction() as case:
        job_id = works(case, sam, amina, date(2026, 10, 1))
        job = case.jobs.get_for_client(case.clients.find(sam.id), job_id)
        case.jobs.end(job, case.staff.get(amina.id), date(2026, 11, 24), "redundancy")
    [one] = today_of(caseload, amina).check_ins
    assert (one.due.step.key, one.due.step.due_on) == ("after_end", date(2026, 11, 28))


def test_a_job_that_ended_long_ago_is_history(caseload: Caseload, amina: Colleague, sam: Person) -> None:
    sam.says("hiya")
    with caseload.transaction() as case:
        job_id = works(case, sam, amina, date(2024, 10, 1))
        job = case.jobs.get_for_client(case.clients.find(sam.id), job_id)
        case.jobs.end(job, case.staff.get(amina.id), date(2025, 1, 24), "did_not_fit")
    assert today_of(caseload, amina).check_ins == []


@pytest.mark.parametrize(("days", "step"), [(13, None), (14, 14), (21, 21), (28, 28), (60, 28)])
def test_the_first_employer_is_asked_for_from_the_second_week_on(
    caseload: Caseload, clock: FixedClock, amina: Colleague, sam: Person, days: int, step: int | None
) -> None:
    clock.advance(days=days)
    sam.says("hiya")
    found = today_of(caseload, amina).first_contacts
    assert [(one.step, one.days) for one in found] == ([(step, days)] if step else [])


def test_only_a_contact_face_to_face_counts_as_the_first(
    caseload: Caseload, clock: FixedClock, amina: Colleague, sam: Person
) -> None:
    clock.advance(days=14)
    with caseload.transaction() as case:
        client, staff = case.clients.find(sam.id), case.staff.get(amina.id)
        met_employer(case, client, staff, clock.now(), face_to_face=False)
    assert len(today_of(caseload, amina).first_contacts) == 1
    with caseload.transaction() as case:
        client, staff = case.clients.find(sam.id), case.staff.get(amina.id)
        met_employer(case, client, staff, clock.now() - timedelta(hours=1))
    assert today_of(caseload, amina).first_contacts == []


def test_a_cover_sees_it_grace_may_choose_and_piotr_sees_nothing(
    caseload: Caseload, clock: FixedClock, amina: Colleague, piotr: Colleague, grace: Colleague, sam: Person
) -> None:
    clock.advance(days=30)
    assert today_of(caseload, amina, grace).count == 2
    assert today_of(caseload, amina, piotr).count == 0
    assert today_of(caseload, piotr).count == 0
    with caseload.transaction() as case:
        case.clients.find(sam.id).cover_id = piotr.id
    assert today_of(caseload, piotr).count == 2


def test_a_closed_client_needs_nobody(
    caseload: Caseload, clock: FixedClock, amina: Colleague, sam: Person
) -> None:
    with caseload.transaction() as case:
        case.clients.find(sam.id).status = "closed"
    clock.advance(days=30)
    assert today_of(caseload, amina).count == 0
