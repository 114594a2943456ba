"""The pages that are open all day ask the database as often for fifty clients as for two."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest
from sqlalchemy import event

from benchmarks.console import IDS, pages_of
from bot.caseload.store import Caseload
from tests.console.conftest import Browser, Door
from tests.people import Colleague, Person, enrolled

#: What each page asks for, with who is signed in and who waits urgently. More needs a reason: the inbox
#: asks for alerts, timers, absences and closed days, as it tells how far each wait went, and once for the
#: first steps, until they are hidden; a chat for its files, notes, quick replies, replies for later, quiet
#: hours, who else is looking, what is seen now, whether the bot waits after danger, for a yes to chat, and
#: the days on which nobody works, for how long each wait is.
#: Both lists ask whom this reader was shown within the hour, and notes the others.
INBOX, CLIENTS, CONVERSATION = 19, 11, 25


@contextmanager
def counted(caseload: Caseload) -> Iterator[Callable[[], int]]:
    """Count the queries of a block."""
    seen: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_more: object) -> None:
        if not statement.startswith(("BEGIN", "PRAGMA")):
            seen.append(statement)

    event.listen(caseload.engine, "before_cursor_execute", note)
    yield lambda: len(seen)
    event.remove(caseload.engine, "before_cursor_execute", note)


def queries_of(browser: Browser, caseload: Caseload, path: str) -> int:
    with counted(caseload) as count:
        assert browser.get(path).status_code == 200
        return count()


def busy(door: Door, consultant: Colleague, first: int, last: int) -> list[Person]:
    """Take on clients who all wait for a word, a job and a time."""
    people = []
    for number in range(first, last):
        person = enrolled(door.caseload, f"c{number}", f"Client {number:02}", consultant)
        person.says("hiya")
        person.is_told("Hello.")
        person.asks("Can I keep my benefit?")
        with door.caseload.transaction() as case:
            client, staff = case.clients.find(person.id), case.staff.get(consultant.id)
            lead = case.leads.share(client, staff, title="Baker")
            case.leads.answer(client, lead.id, "interested")
            case.appointments.arrange(
                client, staff, case.clock.now() + timedelta(days=1), minutes=45, mode="office", place=None,
                purpose=None,
            )  # fmt: skip
            asked = case.appointments.arrange(
                client, staff, case.clock.now() + timedelta(days=2), minutes=45, mode="office", place=None,
                purpose=None,
            )  # fmt: skip
            asked.status = "requested"
            case.handoffs.open(client, "", "appointment", subject=f"appointment:{asked.id}")
        people.append(person)
    return people


@pytest.mark.parametrize("role", ["consultant", "manager"])
def test_the_lists_ask_as_often_for_fifty_clients_as_for_two(
    console: Door, amina: Colleague, grace: Colleague, role: str
) -> None:
    busy(console, amina, 0, 2)
    browser = console.as_(amina if role == "consultant" else grace)
    paths = ("/", "/clients", "/team-meeting", "/clients.csv")
    # A wait of no length is not looked up: let them wait a little.
    console.clock.advance(minutes=5)
    few = {path: queries_of(browser, console.caseload, path) for path in paths}
    busy(console, amina, 2, 50)
    many = {path: queries_of(browser, console.caseload, path) for path in paths}
    assert many == few
    assert (many["/"], many["/clients"]) == (INBOX, CLIENTS)


def test_a_long_chat_asks_as_often_as_a_short_one(console: Door, amina: Colleague) -> None:
    sam, *_ = busy(console, amina, 0, 50)
    browser = console.as_(amina)
    path = f"/conversations/{sam.conversation_id}"
    # What waits is marked as seen by the first look only.
    browser.get(path)
    short = queries_of(browser, console.caseload, path)
    for number in range(60):
        sam.says(f"line {number}")
    assert queries_of(browser, console.caseload, path) == short
    assert short == CONVERSATION


def test_an_inbox_of_many_is_read_in_pages(console: Door, amina: Colleague) -> None:
    people = busy(console, amina, 0, 11)
    assert len(people) == 11
    browser = console.as_(amina)
    first = browser.text("/")
    assert "33 things wait, 1 to 30 are shown here." in " ".join(first.split())
    assert first.count("<article") == 30
    second = browser.text("/?skip=30")
    assert second.count("<article") == 3
    assert "The ones before" in second
    assert "The next ones" not in second
    # A page that is gone because things were dealt with shows the last of them.
    assert browser.text("/?skip=900").count("<article") == 1
    assert browser.text("/?skip=rubbish").count("<article") == 30


def test_more_than_two_hundred_that_wait_are_all_counted_and_reached(
    console: Door, amina: Colleague, sam: Person
) -> None:
    with console.caseload.transaction() as case:
        client = case.clients.find(sam.id)
        for number in range(201):
            case.handoffs.open(client, "", "lead", subject=f"lead:{number}")
    browser = console.as_(amina)
    last = browser.text("/?skip=180")
    assert "201 things wait, 181 to 201 are shown here." in " ".join(last.split())
    assert last.count("<article") == 21
    assert browser.get("/waiting").json["count"] == 201


def test_make_bench_console_measures_every_page(console: Door) -> None:
    assert {name for rule in pages_of(console.app) for name in rule.arguments} == IDS
