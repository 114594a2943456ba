"""The caseload: who are my clients?"""

from __future__ import annotations

from datetime import timedelta

from tests.console.conftest import Door
from tests.people import Colleague, Person, enrolled


def test_amina_sees_her_clients_and_nobody_elses(
    console: Door, amina: Colleague, sam: Person, jo: Person
) -> None:
    page = console.as_(amina).text("/clients")
    assert "Who are my clients?" in page
    assert "Sam Okoro" in page
    assert "Jo Lind" not in page


def test_grace_sees_the_whole_service_and_whose_client_each_is(
    console: Door, grace: Colleague, sam: Person, jo: Person
) -> None:
    page = console.as_(grace).text("/clients")
    assert "Who are our clients?" in page
    for words in ("Sam Okoro", "Amina Khan", "Jo Lind", "Piotr Nowak"):
        assert words in page


def test_a_part_of_a_name_finds_the_client(console: Door, amina: Colleague, sam: Person) -> None:
    enrolled(console.caseload, "lee", "Lee Park", amina)
    page = console.as_(amina).text("/clients?search=oko")
    assert "Sam Okoro" in page
    assert "Lee Park" not in page


def test_finding_nobody_says_what_to_do(console: Door, amina: Colleague, sam: Person) -> None:
    page = console.as_(amina).text("/clients?search=zzz")
    assert "Nobody with “zzz” in their name" in page
    assert "Show everybody" in page


def test_the_list_tells_phase_next_appointment_and_what_waits(
    console: Door, amina: Colleague, sam: Person
) -> None:
    sam.asks("Can I keep my benefit?")
    with console.caseload.transaction() as case:
        case.appointments.arrange(
            case.clients.find(sam.id),
            case.staff.get(amina.id),
            case.clock.now() + timedelta(days=1),
            minutes=45,
            mode="office",
            place=None,
            purpose=None,
        )
    page = console.as_(amina).text("/clients")
    assert "Planning and preparation" in page
    assert "Next: Thursday 26 November at 10am" in page
    assert "1 thing waits" in page
