"""A client of many years: the page stays small, and everything on it is a press away."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.console.conftest import Door
from tests.people import Colleague, Person

LARGEST = 100_000


@pytest.fixture
def years_of_sam(console: Door, amina: Colleague, sam: Person) -> Person:
    """Sam, with fifty meetings, sixty jobs, forty contacts with employers and twelve goals."""
    with console.caseload.transaction() as case:
        client, staff, now = case.clients.find(sam.id), case.staff.get(amina.id), case.clock.now()
        for number in range(50):
            case.appointments.arrange(
                client, staff, now - timedelta(days=7 * number + 1), minutes=45, mode="office",
                place=f"Room {number}.", purpose="How it goes",
            )  # fmt: skip
        for number in range(60):
            case.leads.share(
                client, staff, title=f"Baker {number}.", why_match="Mornings only, and near home"
            )
        employer = case.employers.named(staff, "The Crumb")
        for number in range(40):
            case.employers.add_contact(
                staff, employer, client, by="staff", at=now - timedelta(days=number), face_to_face=True,
                outcome=f"Call again {number}.",
            )  # fmt: skip
        for number in range(12):
            console.clock.advance(minutes=1)
            case.goals.add(client, f"Goal number {number}.")
    return sam


def test_the_page_of_many_years_is_under_a_hundred_kilobytes(
    console: Door, amina: Colleague, years_of_sam: Person
) -> None:
    assert len(console.as_(amina).get(f"/clients/{years_of_sam.id}").data) < LARGEST


def test_five_of_each_are_shown_and_a_press_shows_all(
    console: Door, amina: Colleague, years_of_sam: Person
) -> None:
    browser, path = console.as_(amina), f"/clients/{years_of_sam.id}"
    page = browser.text(path)
    for section, words, many in (
        ("appointments", "Room ", 50),
        ("contacts", "Call again ", 40),
        ("goals", "<strong>Goal number ", 12),
    ):
        assert page.count(words) == 5, section
        assert f'href="{path}?all={section}#{section}"' in page
        assert browser.text(f"{path}?all={section}").count(words) == many, section


def test_the_newest_goals_are_those_that_are_shown(
    console: Door, amina: Colleague, years_of_sam: Person
) -> None:
    page = console.as_(amina).text(f"/clients/{years_of_sam.id}")
    assert "Goal number 11." in page
    assert "Goal number 0." not in page


def test_an_old_contact_is_corrected_on_the_form_that_was_asked_for(
    console: Door, amina: Colleague, years_of_sam: Person
) -> None:
    browser, path = console.as_(amina), f"/clients/{years_of_sam.id}"
    with console.caseload.reading() as case:
        oldest = case.employers.contacts_for(case.clients.find(years_of_sam.id))[-1].id
    action = f'action="{path}/contacts/{oldest}"'
    assert action not in browser.text(path)
    assert action in browser.text(f"{path}?edit=contact-{oldest}")
    wrong = browser.post(f"{path}/contacts/{oldest}", {f"contact-{oldest}-outcome": "They called"})
    assert wrong.status_code == 422
    assert "They called" in wrong.text
    assert "Which employer?" in wrong.text
