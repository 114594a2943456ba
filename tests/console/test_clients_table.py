"""The caseload as a table for a spreadsheet."""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime, timedelta

import pytest

from bot.console.papers.table import harmless
from tests.console.conftest import Browser, Door
from tests.people import Colleague, Person, enrolled


def rows_of(browser: Browser) -> list[dict[str, str]]:
    answer = browser.get("/clients.csv")
    assert answer.status_code == 200
    return list(csv.DictReader(io.StringIO(answer.data.decode("utf-8-sig"), newline="")))


def test_a_row_says_how_a_client_stands(
    console: Door, sam: Person, amina: Colleague, piotr: Colleague
) -> None:
    sam.asks("Can I keep my benefit?")
    with console.caseload.transaction() as case:
        client, staff = case.clients.find(sam.id), case.staff.get(amina.id)
        client.cover_id, client.referred_at = piotr.id, datetime(2026, 9, 1, 23, 30, tzinfo=UTC)
        case.conversations.link(client, channel="telegram", bot_id="1", chat_id="2")
        case.leads.share(client, staff, title="Baker")
        case.appointments.arrange(
            client, staff, case.clock.now() + timedelta(days=1), minutes=45, mode="office", place=None,
            purpose=None,
        )  # fmt: skip
    assert rows_of(console.as_(amina)) == [
        {
            "ref": "sam",
            "name": "Sam Okoro",
            "phase": "Planning and preparation",
            "status": "Active",
            "consultant": "Amina Khan",
            "cover": "Piotr Nowak",
            # Half past midnight in London.
            "referred": "2026-09-02",
            "last client message": "2026-11-25",
            "next appointment": "2026-11-26 10:00",
            "open leads": "1",
            "open handoffs": "1",
            "linked": "yes",
        }
    ]


def test_a_client_of_whom_little_is_known_has_empty_cells(
    console: Door, sam: Person, amina: Colleague
) -> None:
    [row] = rows_of(console.as_(amina))
    assert (row["cover"], row["referred"], row["last client message"], row["next appointment"]) == ("",) * 4
    # The demo's own phone is no phone on Telegram.
    assert (row["open leads"], row["open handoffs"], row["linked"]) == ("0", "0", "no")


def test_only_clients_that_one_may_see_are_in_it(
    console: Door, sam: Person, jo: Person, amina: Colleague, grace: Colleague, hana: Colleague
) -> None:
    assert [row["ref"] for row in rows_of(console.as_(amina))] == ["sam"]
    assert [row["ref"] for row in rows_of(console.as_(grace))] == ["jo", "sam"]
    assert rows_of(console.as_(hana)) == []


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "\n", " =", "\t@"])
def test_a_cell_that_a_spreadsheet_would_run_is_made_harmless(start: str) -> None:
    assert harmless(f"{start}cmd|'/c calc'!A1") == f"'{start}cmd|'/c calc'!A1"


def test_a_name_may_be_anything(console: Door, amina: Colleague) -> None:
    enrolled(console.caseload, "=2+3", '=HYPERLINK("https://evil.example","Sam"),\nĀroha', amina)
    [row] = rows_of(console.as_(amina))
    assert row["ref"] == "'=2+3"
    assert row["name"] == '\'=HYPERLINK("https://evil.example","Sam"),\nĀroha'


def test_it_opens_as_utf8_with_a_name_of_its_own(console: Door, sam: Person, amina: Colleague) -> None:
    answer = console.as_(amina).get("/clients.csv")
    assert answer.data.startswith(b"\xef\xbb\xbfref,name,")
    assert answer.content_type == "text/csv; charset=utf-8"
    assert 'filename="clients-2026-11-25.csv"' in answer.headers["Content-Disposition"]
    assert answer.headers["Cache-Control"] == "no-store"


def test_taking_it_is_written_down(console: Door, sam: Person, amina: Colleague) -> None:
    rows_of(console.as_(amina))
    with console.caseload.reading() as case:
        [line] = [one for one in case.audit.of_staff(amina.id) if one.action == "caseload exported"]
    assert line.subject == "csv, 1 clients, 2026-11-25"
