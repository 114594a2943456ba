"""The employers: whom do we know, and what happened with each, for my own clients only?"""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from tests.console.conftest import Browser, Door
from tests.console.test_queries import counted
from tests.people import Colleague, Person


def deals(console: Door, person: Person, who: Colleague, name: str = "Café Łódź Ltd") -> str:
    """Somebody speaks to an employer about a client, shares a job there, and the client starts one."""
    with console.caseload.transaction() as case:
        client, staff = case.clients.find(person.id), case.staff.get(who.id)
        employer = case.employers.named(staff, name, "Northgate", "Food")
        case.employers.add_contact(
            staff, employer, client, by="consultant", at=case.clock.now() - timedelta(days=1),
            face_to_face=True, matches=True, outcome=f"They liked {client.preferred_name}",
        )  # fmt: skip
        case.leads.share(client, staff, title=f"Baker for {client.preferred_name}", employer="cafe łódź")
        case.jobs.start(client, staff, employer, f"Help of {client.preferred_name}", date(2026, 11, 23))
        return employer.id


def test_amina_sees_what_happened_with_an_employer_for_her_own_clients_only(
    console: Door, amina: Colleague, piotr: Colleague, grace: Colleague, sam: Person, jo: Person
) -> None:
    employer = deals(console, sam, amina)
    assert deals(console, jo, piotr) == employer
    with console.caseload.transaction() as case:
        staff = case.staff.get(piotr.id)
        case.employers.add_contact(
            staff, case.employers.get_for(staff, employer), None, by="consultant", at=case.clock.now(),
            face_to_face=True, outcome="They will hire in March",
        )  # fmt: skip
    of_sam = ("Sam Okoro", "They liked Sam", "Baker for Sam", "Help of Sam")
    of_jo = ("Jo Lind", "They liked Jo", "Baker for Jo", "Help of Jo")
    path = f"/employers/{employer}"
    for who, seen, hidden in ((amina, of_sam, of_jo), (piotr, of_jo, of_sam), (grace, of_sam + of_jo, ())):
        page = console.as_(who).text(path)
        assert [words for words in (*seen, "They will hire in March") if words not in page] == []
        assert [words for words in hidden if words in page] == []


def test_a_stranger_to_the_service_finds_no_such_employer(
    console: Door, amina: Colleague, hana: Colleague, sam: Person
) -> None:
    employer = deals(console, sam, amina)
    browser = console.as_(hana)
    assert browser.get(f"/employers/{employer}").status_code == 404
    assert browser.post(f"/employers/{employer}", {"employer": "Mine"}).status_code == 404
    assert "Łódź" not in browser.text("/employers")


@pytest.mark.parametrize("search", ["lodz", "CAFÉ", "northg", "food"])
def test_an_employer_is_found_by_name_place_or_kind_of_business(
    console: Door, amina: Colleague, sam: Person, search: str
) -> None:
    employer = deals(console, sam, amina)
    deals(console, sam, amina, name="Green Thumb")
    with console.caseload.transaction() as case:
        staff = case.staff.get(amina.id)
        green = case.employers.named(staff, "Green Thumb", "Northgate")
        case.employers.change(green, "Green Thumb", "Westmere", "Plants")
    page = console.as_(amina).text(f"/employers?search={search}")
    assert f"/employers/{employer}" in page
    assert "1 contact, the last on Tuesday 24 November" in page
    assert "1 job" in page
    assert "Green Thumb" not in page


def test_finding_none_says_what_to_do(console: Door, amina: Colleague) -> None:
    browser = console.as_(amina)
    assert "No employers yet." in browser.text("/employers")
    assert "No employer with “zzz” in it." in browser.text("/employers?search=zzz")


def test_the_list_counts_only_what_amina_may_see(
    console: Door, amina: Colleague, sam: Person, jo: Person, piotr: Colleague
) -> None:
    deals(console, jo, piotr)
    page = console.as_(amina).text("/employers")
    assert "Café Łódź Ltd" in page
    assert "No contact noted" in page
    assert "1 job" not in page


def test_an_employer_is_corrected_for_everybody_and_it_is_in_the_audit_trail(
    console: Door, amina: Colleague, sam: Person
) -> None:
    employer = deals(console, sam, amina)
    page = console.as_(amina).post(
        f"/employers/{employer}", {"employer": "Café Lodz", "site": "", "sector": "Bakery"}, follow=True
    )
    assert "The employer is saved." in page.text
    with console.caseload.reading() as case:
        one = case.employers.get_for(case.staff.get(amina.id), employer)
        assert (one.name, one.site, one.sector) == ("Café Lodz", None, "Bakery")
        [line] = [line for line in case.audit.of_staff(amina.id) if line.action == "employer changed"]
        assert line.subject == employer


def test_a_name_that_is_taken_is_refused_and_nothing_typed_is_lost(
    console: Door, amina: Colleague, sam: Person
) -> None:
    employer, other = deals(console, sam, amina), deals(console, sam, amina, name="Green Thumb")
    browser = console.as_(amina)
    typed = {"employer": "green thumb LTD", "site": "Northgate", "sector": "Tulips"}
    answer = browser.post(f"/employers/{employer}", typed)
    assert answer.status_code == 422
    assert "There is an employer of this name and place already." in answer.text
    assert f"/employers/{other}" in answer.text
    assert "Tulips" in answer.text
    assert browser.post(f"/employers/{employer}", {"employer": " "}).status_code == 422
    assert "Café Łódź Ltd" in browser.text(f"/employers/{employer}")


def test_sams_page_leads_to_the_employer(console: Door, amina: Colleague, sam: Person) -> None:
    employer = deals(console, sam, amina)
    assert console.as_(amina).text(f"/clients/{sam.id}").count(f'href="/employers/{employer}"') == 2


def asked(browser: Browser, console: Door, path: str) -> int:
    with counted(console.caseload) as count:
        assert browser.get(path).status_code == 200
        return count()


def test_the_list_asks_as_often_for_thirty_employers_as_for_one(
    console: Door, amina: Colleague, sam: Person
) -> None:
    employer = deals(console, sam, amina)
    browser = console.as_(amina)
    before = [asked(browser, console, path) for path in ("/employers", f"/employers/{employer}")]
    for number in range(30):
        deals(console, sam, amina, name=f"Shop {number}")
    assert [asked(browser, console, path) for path in ("/employers", f"/employers/{employer}")] == before
