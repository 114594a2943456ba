"""A meeting is written down once, with whoever holds it, and a clash is said."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from sqlalchemy import text

from bot.caseload.leads import CORRECTED
from bot.caseload.models.plan import Appointment
from tests.console.conftest import Door
from tests.console.test_client import APPOINTMENT, adds, appointments_of
from tests.console.test_leads import leads_of
from tests.people import Colleague, Person

SAVED = "The appointment is saved."


def reminders_of(console: Door) -> int:
    with console.caseload.engine.connect() as connection:
        query = text("SELECT count(*) FROM timers WHERE kind = 'appointment_reminder' AND status = 'waiting'")
        return int(connection.execute(query).scalar_one())


def the_meeting(console: Door, sam: Person) -> Appointment:
    (appointment,) = appointments_of(console, sam)
    return appointment


def test_a_meeting_that_grace_arranges_is_with_amina_unless_she_says_otherwise(
    console: Door, amina: Colleague, grace: Colleague, sam: Person
) -> None:
    adds(console.as_(grace), sam, "appointments", APPOINTMENT)
    assert the_meeting(console, sam).staff_id == amina.id


def test_grace_says_that_sam_meets_her(console: Door, grace: Colleague, sam: Person) -> None:
    page = adds(console.as_(grace), sam, "appointments", {**APPOINTMENT, "appointment-with_whom": grace.id})
    assert "with Grace Mensah" in page
    assert the_meeting(console, sam).staff_id == grace.id


def test_nobody_of_another_service_can_hold_a_meeting(
    console: Door, amina: Colleague, hana: Colleague, sam: Person
) -> None:
    page = adds(console.as_(amina), sam, "appointments", {**APPOINTMENT, "appointment-with_whom": hana.id})
    assert "Not a valid choice" in page
    assert appointments_of(console, sam) == []


def test_another_consultant_takes_a_meeting_over_and_sam_is_told(
    console: Door, amina: Colleague, piotr: Colleague, sam: Person
) -> None:
    browser = console.as_(amina)
    adds(browser, sam, "appointments", APPOINTMENT)
    one = the_meeting(console, sam).id
    form = {name.replace("appointment-", f"appointment-{one}-"): value for name, value in APPOINTMENT.items()}
    browser.post(f"/appointments/{one}/change", {**form, f"appointment-{one}-with_whom": piotr.id})
    assert the_meeting(console, sam).staff_id == piotr.id
    assert "Hi Sam, Piotr has changed something." in browser.text(f"/conversations/{sam.conversation_id}")


def test_the_form_of_a_meeting_sent_twice_makes_one_meeting_and_its_two_reminders(
    console: Door, amina: Colleague, sam: Person
) -> None:
    browser = console.as_(amina)
    for _ in range(2):
        assert SAVED in adds(browser, sam, "appointments", APPOINTMENT)
    assert len(appointments_of(console, sam)) == 1
    assert reminders_of(console) == 2


def test_sent_again_with_another_place_it_is_one_meeting_at_that_place(
    console: Door, amina: Colleague, sam: Person
) -> None:
    browser = console.as_(amina)
    adds(browser, sam, "appointments", APPOINTMENT)
    adds(browser, sam, "appointments", {**APPOINTMENT, "appointment-place": "Library"})
    assert the_meeting(console, sam).place == "Library"


def test_a_meeting_that_was_cancelled_can_be_agreed_on_again(
    console: Door, amina: Colleague, sam: Person
) -> None:
    browser = console.as_(amina)
    adds(browser, sam, "appointments", APPOINTMENT)
    browser.post(f"/appointments/{the_meeting(console, sam).id}/cancel", {})
    adds(browser, sam, "appointments", APPOINTMENT)
    assert sorted(one.status for one in appointments_of(console, sam)) == [
        "cancelled_by_service",
        "confirmed",
    ]


def test_a_job_shared_twice_is_one_lead_as_it_was_last_written(
    console: Door, amina: Colleague, sam: Person
) -> None:
    browser = console.as_(amina)
    job = {"lead-title": "Baker", "lead-employer": "The Crumb"}
    adds(browser, sam, "leads", job)
    adds(browser, sam, "leads", {**job, "lead-title": "baker", "lead-why_match": "Mornings only"})
    (lead,) = leads_of(console, sam)
    assert lead.why_match == "Mornings only"
    assert [event.reason_code for event in lead.events] == [None, CORRECTED]


def test_the_same_job_at_another_employer_is_another_lead(
    console: Door, amina: Colleague, sam: Person
) -> None:
    browser = console.as_(amina)
    for employer in ("The Crumb", "The Crust"):
        adds(browser, sam, "leads", {"lead-title": "Baker", "lead-employer": employer})
    assert len(leads_of(console, sam)) == 2


def test_amina_is_warned_of_a_meeting_that_overlaps_and_it_names_no_other_client(
    console: Door, amina: Colleague, grace: Colleague, sam: Person, jo: Person
) -> None:
    with console.caseload.transaction() as case:
        case.appointments.arrange(
            case.clients.find(jo.id), case.staff.get(amina.id), datetime(2026, 12, 1, 14, 0, tzinfo=UTC),
            minutes=45, mode="office", place=None, purpose=None,
        )  # fmt: skip
    page = adds(console.as_(amina), sam, "appointments", APPOINTMENT)
    assert "Check the time: Amina Khan has another meeting on Tuesday 1 December at 2pm." in page
    assert SAVED in page
    assert "Jo Lind" not in page


def test_a_meeting_right_after_another_one_is_no_clash(console: Door, amina: Colleague, sam: Person) -> None:
    browser = console.as_(amina)
    adds(browser, sam, "appointments", APPOINTMENT)
    page = adds(browser, sam, "appointments", {**APPOINTMENT, "appointment-time": "15:15"})
    assert "Check the time" not in page


def test_amina_is_warned_that_she_is_away_then(console: Door, amina: Colleague, sam: Person) -> None:
    with console.caseload.transaction() as case:
        staff = case.staff.get(amina.id)
        first = datetime(2026, 12, 1, tzinfo=UTC)
        case.absences.add(staff, staff, first, first + timedelta(days=2))
    page = adds(console.as_(amina), sam, "appointments", APPOINTMENT)
    assert "Check the time: Amina Khan is away until" in page
