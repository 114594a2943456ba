"""Another consultant for Sam, and who has looked at Sam's data."""

from __future__ import annotations

import re
from html import unescape

from bot.caseload.models.people import Client
from tests.console.conftest import Door
from tests.people import Colleague, Person, hired


def client_of(console: Door, sam: Person) -> Client:
    with console.caseload.reading() as case:
        return case.clients.find(sam.id)


def moves(console: Door, by: Colleague, sam: Person, to: str, seen: str) -> str:
    form = {"to": to, "seen": seen}
    return unescape(console.as_(by).post(f"/clients/{sam.id}/move", form, follow=True).text)


def test_grace_moves_sam_to_piotr(
    console: Door, grace: Colleague, amina: Colleague, piotr: Colleague, sam: Person
) -> None:
    amina_reads = console.as_(amina)
    assert amina_reads.get(f"/clients/{sam.id}").status_code == 200
    page = moves(console, grace, sam, piotr.id, amina.id)
    assert "Sam is Piotr Nowak's client now. Piotr is told." in page
    for path in (f"/clients/{sam.id}", f"/conversations/{sam.conversation_id}"):
        assert amina_reads.get(path).status_code == 404
        assert console.as_(piotr).get(path).status_code == 200
    assert "Is your client from now on" in console.as_(piotr).text("/")


def test_a_lead_moves_a_client_too_and_a_consultant_is_not_offered_it(
    console: Door, amina: Colleague, piotr: Colleague, sam: Person
) -> None:
    lena = hired(console.caseload, "northside", "Lena Berg", "lead", "MFRGGZDFMZTWQ2LKMFRGGZDFMZTWQ2LK")
    assert "Move to another consultant" not in console.as_(amina).text(f"/clients/{sam.id}")
    assert "Move to another consultant" in console.as_(lena).text(f"/clients/{sam.id}")
    assert console.as_(amina).post(f"/clients/{sam.id}/move", {"to": piotr.id}).status_code == 403
    assert "client now" in moves(console, lena, sam, piotr.id, amina.id)


def test_bad_choices_change_nothing_and_say_what_to_do(
    console: Door, grace: Colleague, amina: Colleague, hana: Colleague, sam: Person
) -> None:
    for to in ("", "nobody", hana.id, "0" * 32):
        page = moves(console, grace, sam, to, amina.id)
        assert "Choose who has Sam from now on. Nothing was changed." in page
    assert client_of(console, sam).consultant_id == amina.id


def test_an_old_page_moves_nobody(
    console: Door, grace: Colleague, amina: Colleague, piotr: Colleague, sam: Person
) -> None:
    assert "client now" in moves(console, grace, sam, piotr.id, amina.id)
    assert "Sam is Piotr Nowak's client already." in moves(console, grace, sam, piotr.id, amina.id)
    page = moves(console, grace, sam, grace.id, amina.id)
    assert "A colleague moved Sam since you opened the page." in page
    assert client_of(console, sam).consultant_id == piotr.id


def test_grace_reads_who_looked_at_sam_newest_first(
    console: Door, grace: Colleague, amina: Colleague, sam: Person
) -> None:
    console.as_(amina).get(f"/clients/{sam.id}")
    console.clock.advance(minutes=5)
    with console.caseload.transaction() as case:
        case.audit.record("chat linked", actor="client", client_id=sam.id)
    page = console.as_(grace).text(f"/clients/{sam.id}/access")
    lines = re.findall(r"<td>(?:<time.*?</time>)</td><td>(.*?)</td>\s*<td>(.*?)</td>", page)
    assert lines == [
        ("Grace Mensah, service manager", "Access log viewed"),
        ("the client", "Chat linked"),
        ("Amina Khan, consultant", "Client viewed"),
    ]


def test_the_log_goes_on_on_older_pages(console: Door, grace: Colleague, sam: Person) -> None:
    with console.caseload.transaction() as case:
        for number in range(1, 121):
            case.audit.record(f"look {number}", actor="bot", client_id=sam.id)
    browser = console.as_(grace)
    path, seen = f"/clients/{sam.id}/access", []
    while path:
        page = browser.text(path)
        seen += [int(number) for number in re.findall(r"Look (\d+)", page)]
        older = re.search(r'href="([^"]+before=\d+)">Older', page)
        path = older[1] if older else ""
    assert seen == list(range(120, 0, -1))
    for odd in ("0", "-1", "x", "9" * 30):
        assert browser.get(f"/clients/{sam.id}/access?before={odd}").status_code == 200


def test_sam_may_have_the_log_in_the_copy_of_his_data(
    console: Door, grace: Colleague, sam: Person, jo: Person
) -> None:
    console.as_(grace).get(f"/clients/{sam.id}")
    with console.caseload.reading() as case:
        copy = case.rights.copy_of(case.clients.find(sam.id))
        assert case.rights.copy_of(case.clients.find(jo.id))["access_log"] == []
    assert copy["access_log"] == ["2026-11-25 10:00: Grace Mensah (manager): client viewed"]
