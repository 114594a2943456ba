"""Sam's phase follows his jobs, and Amina's own choice holds until a job begins or the last one ends."""

from __future__ import annotations

from datetime import date

from bot.caseload.models.people import Client, Staff
from bot.caseload.models.work import Job
from bot.caseload.store import Case, Caseload
from bot.clock import FixedClock
from tests.people import Colleague, Person

TODAY, TOMORROW, LAST_WEEK = date(2026, 11, 25), date(2026, 11, 26), date(2026, 11, 18)
SUPPORT, SEARCH = "placement_support", "job_search"


def both(case: Case, sam: Person, amina: Colleague) -> tuple[Client, Staff]:
    return case.clients.find(sam.id), case.staff.get(amina.id)


def finds(case: Case, sam: Person, amina: Colleague, starts_on: date, title: str = "Baker") -> Job:
    client, staff = both(case, sam, amina)
    return case.jobs.start(client, staff, case.employers.named(staff, "Crumb and Co"), title, starts_on)


def ends(case: Case, sam: Person, amina: Colleague, ends_on: date, title: str = "Baker") -> None:
    client, staff = both(case, sam, amina)
    job = next(one for one in case.jobs.all_for(client) if one.title == title)
    case.jobs.end(job, staff, ends_on, "did_not_fit")


def stands(caseload: Caseload, sam: Person) -> tuple[str, str]:
    with caseload.reading() as case:
        client = case.clients.find(sam.id)
        return client.phase, client.status


def test_a_job_begins_support_in_work(caseload: Caseload, amina: Colleague, sam: Person) -> None:
    with caseload.transaction() as case:
        finds(case, sam, amina, LAST_WEEK)
    assert stands(caseload, sam) == (SUPPORT, "in_work")
    with caseload.reading() as case:
        lines = [(line.action, line.subject, line.staff_id) for line in case.audit.of_client(sam.id)]
    assert lines == [
        ("status changed", "active to in_work", amina.id),
        ("phase changed", f"planning_preparation to {SUPPORT}", amina.id),
    ]


def test_support_begins_before_the_first_day_and_nobody_is_in_work_before_it(
    caseload: Caseload, clock: FixedClock, amina: Colleague, sam: Person
) -> None:
    with caseload.transaction() as case:
        job = finds(case, sam, amina, TOMORROW)
        client, staff = both(case, sam, amina)
        due = case.jobs.due_of(client, job)
        assert due is not None
        assert due.step.key == "before"
    assert stands(caseload, sam) == (SUPPORT, "active")
    clock.advance(days=2)
    with caseload.transaction() as case:
        client, staff = both(case, sam, amina)
        [job] = case.jobs.all_for(client)
        case.jobs.check_in(job, staff, step="first_days", done_on=TOMORROW, mode="phone")
    assert stands(caseload, sam) == (SUPPORT, "in_work")


def test_after_the_last_job_the_search_goes_on_and_an_end_that_was_a_mistake_is_undone(
    caseload: Caseload, amina: Colleague, sam: Person
) -> None:
    with caseload.transaction() as case:
        finds(case, sam, amina, LAST_WEEK)
        ends(case, sam, amina, TODAY)
    assert stands(caseload, sam) == (SEARCH, "active")
    with caseload.transaction() as case:
        client, staff = both(case, sam, amina)
        case.jobs.go_on(case.jobs.all_for(client)[0], staff)
    assert stands(caseload, sam) == (SUPPORT, "in_work")


def test_with_another_job_left_nothing_moves(caseload: Caseload, amina: Colleague, sam: Person) -> None:
    with caseload.transaction() as case:
        finds(case, sam, amina, LAST_WEEK)
        finds(case, sam, amina, LAST_WEEK, title="Cleaner")
        ends(case, sam, amina, TODAY)
    assert stands(caseload, sam) == (SUPPORT, "in_work")


def test_with_notice_given_it_moves_after_the_last_day_with_the_talk_about_the_end(
    caseload: Caseload, clock: FixedClock, amina: Colleague, sam: Person
) -> None:
    with caseload.transaction() as case:
        finds(case, sam, amina, LAST_WEEK)
        ends(case, sam, amina, TOMORROW)
    assert stands(caseload, sam) == (SUPPORT, "in_work")
    clock.advance(days=2)
    with caseload.transaction() as case:
        client, staff = both(case, sam, amina)
        [job] = case.jobs.all_for(client)
        case.jobs.check_in(job, staff, step="after_end", done_on=TOMORROW, mode="phone")
    assert stands(caseload, sam) == (SEARCH, "active")


def test_aminas_own_choice_holds(caseload: Caseload, amina: Colleague, sam: Person) -> None:
    with caseload.transaction() as case:
        job = finds(case, sam, amina, LAST_WEEK)
        client, staff = both(case, sam, amina)
        assert case.phases.change(client, staff, SEARCH)
        case.jobs.check_in(job, staff, step="first_days", done_on=TODAY, mode="phone")
        case.jobs.correct(job, staff, job.employer, "Baker, nights", LAST_WEEK)
        finds(case, sam, amina, LAST_WEEK, title="Baker, nights")
    assert stands(caseload, sam) == (SEARCH, "in_work")
    with caseload.transaction() as case:
        client, staff = both(case, sam, amina)
        ends(case, sam, amina, TODAY, title="Baker, nights")
        assert case.phases.change(client, staff, SUPPORT)
        [job] = case.jobs.all_for(client)
        case.jobs.check_in(job, staff, step="after_end", done_on=TODAY, mode="phone")
        assert not case.phases.change(client, staff, SUPPORT)
    assert stands(caseload, sam) == (SUPPORT, "active")


def test_a_first_day_that_is_moved_ahead_takes_the_client_out_of_work(
    caseload: Caseload, amina: Colleague, sam: Person
) -> None:
    with caseload.transaction() as case:
        job = finds(case, sam, amina, LAST_WEEK)
        case.jobs.correct(job, case.staff.get(amina.id), job.employer, "Baker", TOMORROW)
    assert stands(caseload, sam) == (SUPPORT, "active")
