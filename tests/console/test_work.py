"""Sam's work: employers somebody spoke to, jobs, hours and pay, and how it goes."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from bot.caseload.models.work import EmployerContact, Job
from bot.clock import FixedClock
from tests.console.conftest import Browser, Door
from tests.people import Colleague, Person

CONTACT = {
    "employer": "Crumb & Co. Ltd",
    "site": "",
    "by": "consultant",
    "day": "2026-11-24",
    "time": "14:30",
    "face_to_face": "y",
    "matches": "yes",
    "why": "Mornings, and a small team",
    "outcome": "They may need somebody in March",
    "next_action": "Go by with Sam",
}
JOB = {
    "title": "Baker",
    "employer": "Crumb and Co",
    "site": "",
    "starts_on": "2026-11-23",
    "hours_per_week": "16",
    "pay": "12.60",
    "pay_per": "hour",
}


def sends(
    browser: Browser, sam: Person, path: str, key: str, data: dict[str, str], **changed: str
) -> tuple[int, str]:
    """Send a form of Sam's page; returns what came back, after following it."""
    answer = browser.post(
        f"/clients/{sam.id}/{path}", {f"{key}-{name}": value for name, value in {**data, **changed}.items()}
    )
    if answer.status_code == 303:
        return 303, browser.text(f"/clients/{sam.id}")
    return answer.status_code, answer.text


def contacts_of(console: Door, sam: Person) -> list[EmployerContact]:
    with console.caseload.reading() as case:
        return case.employers.contacts_for(case.clients.find(sam.id))


def jobs_of(console: Door, sam: Person) -> list[Job]:
    with console.caseload.reading() as case:
        return case.jobs.all_for(case.clients.find(sam.id))


def test_a_contact_with_an_employer_is_kept_and_shown(console: Door, amina: Colleague, sam: Person) -> None:
    status, page = sends(console.as_(amina), sam, "contacts", "contact", CONTACT)
    assert status == 303
    for words in (
        "Crumb &amp; Co. Ltd",
        "fits what Sam wants",
        "Mornings, and a small team",
        "Go by with Sam",
    ):
        assert words.replace("&amp;", "&") in page
    [one] = contacts_of(console, sam)
    assert (one.at, one.face_to_face, one.matches, one.by) == (
        datetime(2026, 11, 24, 14, 30, tzinfo=UTC), True, True, "consultant",
    )  # fmt: skip


def test_one_employer_is_one_however_it_is_written_and_a_contact_sent_twice_is_one(
    console: Door, amina: Colleague, sam: Person
) -> None:
    browser = console.as_(amina)
    for name in ("Crumb & Co. Ltd", "the crumb and co", "CRUMB AND CO LIMITED"):
        sends(browser, sam, "contacts", "contact", CONTACT, employer=name)
    assert len(contacts_of(console, sam)) == 1
    with console.caseload.reading() as case:
        service = case.clients.find(sam.id).service
        assert [one.name for one in case.employers.of_service(service)] == ["Crumb & Co. Ltd"]
    sends(browser, sam, "contacts", "contact", CONTACT, site="Northgate")
    assert len(contacts_of(console, sam)) == 2


def test_a_contact_is_corrected_in_its_place(console: Door, amina: Colleague, sam: Person) -> None:
    browser = console.as_(amina)
    sends(browser, sam, "contacts", "contact", CONTACT)
    [one] = contacts_of(console, sam)
    sends(browser, sam, f"contacts/{one.id}", f"contact-{one.id}", CONTACT, matches="no", why="Nights only")
    [after] = contacts_of(console, sam)
    assert (after.id, after.matches, after.why) == (one.id, False, "Nights only")


@pytest.mark.parametrize(
    ("changed", "problem"),
    [
        ({"employer": " "}, "Which employer?"),
        ({"day": "2026-11-27"}, "This day has not come yet."),
        ({"day": "2026-11-25", "time": "23:00"}, "This time has not come yet."),
        ({"day": "1926-11-25"}, "Check the year."),
        ({"time": ""}, "Choose a time."),
        ({"day": "2026-03-29", "time": "01:30"}, "The clocks went forward"),
        ({"why": "x" * 1001}, "Use 1000 characters at most."),
    ],
)
def test_a_contact_that_cannot_be_is_refused_and_nothing_typed_is_lost(
    console: Door, amina: Colleague, sam: Person, changed: dict[str, str], problem: str
) -> None:
    status, page = sends(console.as_(amina), sam, "contacts", "contact", CONTACT, **changed)
    assert status == 422
    assert problem in page
    assert "They may need somebody in March" in page
    assert contacts_of(console, sam) == []


def test_a_contact_of_another_client_is_not_there(
    console: Door, amina: Colleague, piotr: Colleague, sam: Person, jo: Person
) -> None:
    sends(console.as_(amina), sam, "contacts", "contact", CONTACT)
    [one] = contacts_of(console, sam)
    browser = console.as_(piotr)
    for person in (sam, jo):
        status, _ = sends(browser, person, f"contacts/{one.id}", f"contact-{one.id}", CONTACT)
        assert status == 404


def test_a_job_brings_its_check_ins_with_it(console: Door, amina: Colleague, sam: Person) -> None:
    status, page = sends(console.as_(amina), sam, "jobs", "job", JOB)
    assert status == 303
    assert "16 hours a week, 12.60 an hour" in page
    assert "The first 3 days:" in page
    assert "due by Thursday 26 November 2026" in page


def test_the_same_job_sent_twice_is_one(console: Door, amina: Colleague, sam: Person) -> None:
    browser = console.as_(amina)
    for _ in range(2):
        sends(browser, sam, "jobs", "job", JOB)
    [job] = jobs_of(console, sam)
    assert len(job.terms) == 1


def test_hours_and_pay_are_a_history(console: Door, amina: Colleague, sam: Person) -> None:
    browser = console.as_(amina)
    sends(browser, sam, "jobs", "job", JOB)
    [job] = jobs_of(console, sam)
    terms = {"from_on": "2026-12-07", "hours_per_week": "20.5", "pay": "12.60", "pay_per": "hour"}
    for _ in range(2):
        _, page = sends(browser, sam, f"jobs/{job.id}/terms", f"terms-{job.id}", terms)
    assert "20.5 hours a week" in page
    assert "16 hours a week" in page
    [job] = jobs_of(console, sam)
    assert [(one.from_on, one.hours_per_week) for one in job.terms] == [
        (date(2026, 11, 23), 16.0), (date(2026, 12, 7), 20.5),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("changed", "problem"),
    [
        ({"title": ""}, "What is the job?"),
        ({"starts_on": "1900-01-01"}, "Check the year."),
        ({"starts_on": ""}, "When is the first day?"),
        ({"hours_per_week": "169"}, "Between 0 and 100 hours."),
        ({"hours_per_week": "many"}, "Not a valid decimal value."),
        ({"pay": "-1"}, "Check the pay."),
        ({"pay": "NaN"}, "Check the pay."),
        ({"pay_per": "moon"}, "Not a valid choice"),
    ],
)
def test_a_job_that_cannot_be_is_refused(
    console: Door, amina: Colleague, sam: Person, changed: dict[str, str], problem: str
) -> None:
    status, page = sends(console.as_(amina), sam, "jobs", "job", JOB, **changed)
    assert status == 422
    assert problem in page
    assert jobs_of(console, sam) == []


def test_a_check_in_is_noted_once_and_corrected_when_sent_again(
    console: Door, clock: FixedClock, amina: Colleague, sam: Person
) -> None:
    browser = console.as_(amina)
    sends(browser, sam, "jobs", "job", JOB)
    [job] = jobs_of(console, sam)
    said = {
        "step": "first_days", "done_on": "2026-11-25", "mode": "in_person", "how_it_goes": "mixed",
        "still_in_job": "yes", "note": "The oven is loud",
    }  # fmt: skip
    path, key = f"jobs/{job.id}/check-ins", f"check_in-{job.id}"
    _, page = sends(browser, sam, path, key, said)
    assert "The oven is loud" in page
    assert "Next check-in: week 1, by Monday 30 November 2026." in page
    sends(browser, sam, path, key, said, how_it_goes="well")
    [job] = jobs_of(console, sam)
    assert [(one.step, one.how_it_goes, one.still_in_job) for one in job.check_ins] == [
        ("first_days", "well", True)
    ]
    extra = {**said, "step": ""}
    for _ in range(2):
        sends(browser, sam, path, key, extra)
    [job] = jobs_of(console, sam)
    assert len(job.check_ins) == 2


def test_a_check_in_that_the_schedule_does_not_have_is_refused(
    console: Door, amina: Colleague, sam: Person
) -> None:
    browser = console.as_(amina)
    sends(browser, sam, "jobs", "job", JOB)
    [job] = jobs_of(console, sam)
    status, page = sends(
        browser, sam, f"jobs/{job.id}/check-ins", f"check_in-{job.id}",
        {"step": "week_99", "done_on": "2026-11-25", "mode": "phone", "how_it_goes": "", "still_in_job": ""},
    )  # fmt: skip
    assert status == 422
    assert "Choose one of these." in page


def test_a_job_ends_without_blame_and_the_end_can_be_undone(
    console: Door, clock: FixedClock, amina: Colleague, sam: Person
) -> None:
    browser = console.as_(amina)
    sends(browser, sam, "jobs", "job", JOB)
    [job] = jobs_of(console, sam)
    key = f"end-{job.id}"
    status, page = sends(
        browser, sam, f"jobs/{job.id}/end", key, {"ends_on": "2026-11-01", "reason": "health"}
    )
    assert status == 422
    assert "The last day is before the first one." in page
    _, page = sends(
        browser, sam, f"jobs/{job.id}/end", key, {"ends_on": "2026-11-24", "reason": "did_not_fit"}
    )
    assert "it did not fit" in page
    assert "Speak within 3 days." in page
    sends(browser, sam, f"jobs/{job.id}/go-on", key, {})
    [job] = jobs_of(console, sam)
    assert (job.ends_on, job.end_reason, job.end_known_at) == (None, None, None)


def test_the_first_day_can_be_corrected_and_what_is_due_follows(
    console: Door, amina: Colleague, sam: Person
) -> None:
    browser = console.as_(amina)
    sends(browser, sam, "jobs", "job", JOB)
    [job] = jobs_of(console, sam)
    _, page = sends(
        browser, sam, f"jobs/{job.id}", f"job-{job.id}", JOB, title="Baker, mornings", starts_on="2026-12-01"
    )
    assert "Baker, mornings" in page
    assert "Before the first day:" in page


def test_a_job_of_somebody_else_is_not_there(
    console: Door, amina: Colleague, piotr: Colleague, sam: Person, jo: Person
) -> None:
    sends(console.as_(amina), sam, "jobs", "job", JOB)
    [job] = jobs_of(console, sam)
    browser = console.as_(piotr)
    assert sends(browser, jo, f"jobs/{job.id}", f"job-{job.id}", JOB)[0] == 404
    assert sends(browser, sam, f"jobs/{job.id}/go-on", "", {})[0] == 404


def test_every_change_is_in_the_audit_trail(console: Door, amina: Colleague, sam: Person) -> None:
    browser = console.as_(amina)
    sends(browser, sam, "contacts", "contact", CONTACT)
    sends(browser, sam, "jobs", "job", JOB)
    with console.caseload.reading() as case:
        lines = [line for line in case.audit.of_client(sam.id) if line.action != "client viewed"]
    assert [line.action for line in lines] == [
        "job added", "status changed", "phase changed", "employer contact saved",
    ]  # fmt: skip
    assert not any("Crumb" in (line.subject or "") for line in lines)
    assert all(line.at <= console.clock.now() + timedelta(seconds=1) for line in lines)


def test_a_job_moves_the_phase_and_the_page_says_so(console: Door, amina: Colleague, sam: Person) -> None:
    browser = console.as_(amina)
    _, page = sends(browser, sam, "jobs", "job", JOB)
    assert "The phase moved from “Planning and preparation” to “In work, with support”." in page
    [job] = jobs_of(console, sam)
    _, page = sends(browser, sam, f"jobs/{job.id}/end", f"end-{job.id}",
                    {"ends_on": "2026-11-24", "reason": "did_not_fit"})  # fmt: skip
    assert "The phase moved from “In work, with support” to “Job search”." in page


def test_amina_changes_the_phase_herself(console: Door, amina: Colleague, sam: Person) -> None:
    browser = console.as_(amina)
    for _ in range(2):
        status, page = sends(browser, sam, "phase", "phase", {"phase": "job_search"})
    assert status == 303
    assert "The phase is “Job search”." in page
    with console.caseload.reading() as case:
        lines = [one.subject for one in case.audit.of_client(sam.id) if one.action == "phase changed"]
    assert lines == ["planning_preparation to job_search"]
    status, page = sends(browser, sam, "phase", "phase", {"phase": "moon"})
    assert status == 422
    assert "Not a valid choice" in page
