"""The caseload: who are my clients?"""

from __future__ import annotations

import time
from datetime import timedelta

from sqlalchemy import event

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


def test_a_closed_client_is_found_among_the_closed_ones_only(
    console: Door, amina: Colleague, sam: Person
) -> None:
    with console.caseload.transaction() as case:
        case.enrolments.close(case.clients.find(sam.id))
    browser = console.as_(amina)
    page = browser.text("/clients?search=oko")
    assert "Sam Okoro" not in page
    assert "tick “Also closed ones” to look further" in page
    page = browser.text("/clients?search=oko&closed=1")
    assert "Sam Okoro" in page
    assert "Closed" in page
    assert "Sam Okoro" in browser.text("/clients?closed=1")


def test_a_deleted_client_and_a_colleagues_are_not_among_the_closed_ones(
    console: Door, grace: Colleague, piotr: Colleague, sam: Person
) -> None:
    with console.caseload.transaction() as case:
        case.enrolments.close(case.clients.find(sam.id))
    assert "Sam Okoro" not in console.as_(piotr).text("/clients?closed=1")
    with console.caseload.transaction() as case:
        case.rights.erase(case.clients.find(sam.id))
    assert "Erased" not in console.as_(grace).text("/clients?closed=1")


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


def test_a_reference_and_the_name_somebody_prefers_find_them_too(
    console: Door, amina: Colleague, sam: Person
) -> None:
    with console.caseload.transaction() as case:
        case.clients.find(sam.id).preferred_name = "Sunny"
    enrolled(console.caseload, "x77", "Lee Park", amina)
    browser = console.as_(amina)
    assert "Sam Okoro" in browser.text("/clients?search=sunn")
    page = browser.text("/clients?search=X7")
    assert "Lee Park" in page
    assert "Sam Okoro" not in page


def test_a_search_reads_signs_as_signs_and_reaches_no_foreign_client(
    console: Door, amina: Colleague, sam: Person, jo: Person
) -> None:
    browser = console.as_(amina)
    for words in ("%25", "_", "%27%20OR%201=1%20--", "jo"):
        assert f"{jo.id}" not in browser.text(f"/clients?search={words}")
        assert "Sam Okoro" not in browser.text(f"/clients?search={words}")


def test_a_search_leaves_a_line_with_how_many_and_without_the_words(
    console: Door, amina: Colleague, sam: Person
) -> None:
    browser = console.as_(amina)
    for path in ("/clients", "/clients?search=oko", "/clients?search=zzz", "/clients?search=%20"):
        browser.text(path)
    with console.caseload.reading() as case:
        lines = [one for one in case.audit.of_staff(amina.id) if one.action == "clients searched"]
    assert [(line.subject, line.client_id) for line in lines] == [("found: 0", None), ("found: 1", None)]
    assert not any(word in f"{line.action} {line.subject}" for line in lines for word in ("oko", "zzz"))


def test_each_client_on_the_list_can_see_that_amina_had_it_before_her(
    console: Door, amina: Colleague, sam: Person, jo: Person
) -> None:
    browser = console.as_(amina)
    browser.text("/clients")
    browser.text("/clients")
    with console.caseload.reading() as case:
        looks = {
            person.id: [line.action for line in case.audit.of_client(person.id)].count("client list viewed")
            for person in (sam, jo)
        }
    assert looks == {sam.id: 1, jo.id: 0}


def test_a_long_list_is_read_page_by_page_and_quickly(console: Door, amina: Colleague, sam: Person) -> None:
    with console.caseload.transaction() as case:
        staff = case.staff.get(amina.id)
        for number in range(1000):
            case.clients.enrol(staff.service, f"Ann {number:04d}", ref=f"many{number}", consultant=staff)
    browser = console.as_(amina)
    first = browser.text("/clients")
    assert "1001 clients, of whom 1 to 50 are shown here." in first
    assert "The next ones" in first
    assert "The ones before" not in first
    last = browser.text("/clients?skip=1000")
    assert "Sam Okoro" in last
    assert "The next ones" not in last
    assert "The list ends before this page" in browser.text("/clients?skip=5000")
    # The time of this process alone: others may be busy on the machine.
    begun = time.process_time()
    assert "Ann 0777" in browser.text("/clients?search=0777")
    assert time.process_time() - begun < 0.2


def test_the_list_asks_the_database_as_often_for_fifty_as_for_one(
    console: Door, amina: Colleague, sam: Person
) -> None:
    def questions() -> int:
        asked: list[str] = []

        def note(_connection: object, _cursor: object, statement: str, *_more: object) -> None:
            asked.append(statement)

        event.listen(console.caseload.engine, "before_cursor_execute", note)
        with console.caseload.reading() as case:
            case.overview.page(case.staff.get(amina.id))
        event.remove(console.caseload.engine, "before_cursor_execute", note)
        return len(asked)

    alone = questions()
    for number in range(30):
        enrolled(console.caseload, f"more{number}", f"Kit {number}", amina)
    assert questions() == alone
