"""Measures the console's pages on a service of 1,000 clients: python -m benchmarks.console.

Writes benchmarks/console.md. Each page is asked for in this process, so there is no network in the figures.
"""

from __future__ import annotations

import os
import re
import statistics
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from flask import Flask
from rich.console import Console
from rich.progress import track
from sqlalchemy import Engine, event, insert
from werkzeug.routing import Rule

from bot.caseload.later_replies import ForLater
from bot.caseload.migrations.migrate import migrate
from bot.caseload.models.conversation import Conversation, Message
from bot.caseload.models.people import Client, Staff
from bot.caseload.models.plan import Appointment, JobLead
from bot.caseload.models.work import EmployerContact
from bot.caseload.store import Case, Caseload
from bot.clock import FixedClock
from bot.console.app import create_console
from bot.console.config import ConsoleConfig
from bot.conversation.wording import Wording
from bot.demo.people import DEMO_TOTP_SECRET
from bot.demo.seed import seed
from tests.console.conftest import Browser, Door, hashed
from tests.console.test_safety_review import wrongly_read
from tests.people import PASSWORD, Colleague, Person

PAGE = Path(__file__).with_suffix(".md")
ROOT = Path(__file__).resolve().parents[1]
CLIENTS = 1000
MESSAGES = 40
TIMES = 20
GOAL_MS, GOAL_KB = 200, 100
NOW = datetime(2026, 11, 25, 10, tzinfo=UTC)
#: Pages that sign somebody in, answer machines, lead on to another page, or are of the demo alone.
LEFT_OUT = re.compile(
    r"^(static|bootstrap|sign_in|health|phone|account_links|calendar_feed|attachments|safety_state\.open_link)"
)
#: What the addresses of the pages name. A page that nobody measures is slow before anybody notices.
IDS = {
    "client_id", "conversation_id", "event_id", "near_miss_id", "appointment_id", "later_id",
    "staff_id", "colleague_id", "employer_id",
}  # fmt: skip
#: What is written down of each client in a year.
MEETINGS, LEADS, CONTACTS, GOALS = 50, 60, 40, 12
#: A paper is made for reading later, and may take as long as a person waits for a download.
PAPERS = re.compile(r"\.(csv|txt|pdf)$")
PAPER_GOAL_MS = 2000

screen = Console(stderr=True)


@dataclass(frozen=True)
class Figure:
    """One page, as one person opens it."""

    who: str
    path: str
    milliseconds: float
    #: Without the time in which the machine did other things, or waited for the disk.
    processor: float
    kilobytes: float
    queries: int

    @property
    def reached(self) -> bool:
        """Whether it is as fast and as small as it should be."""
        if PAPERS.search(self.path.partition("?")[0]):
            return self.milliseconds < PAPER_GOAL_MS
        return self.milliseconds < GOAL_MS and self.kilobytes < GOAL_KB


class Counter:
    """Counts the queries of an engine."""

    def __init__(self, engine: Engine) -> None:
        self.count = 0
        event.listen(engine, "before_cursor_execute", self._note)

    def _note(self, *_arguments: object) -> None:
        self.count += 1


def main() -> None:
    """Measure every page and write the table."""
    with tempfile.TemporaryDirectory() as folder, service(Path(folder)) as (app, caseload, ids):
        counter = Counter(caseload.engine)
        door = Door(app, caseload, FixedClock(NOW))
        figures = [
            figure
            for who in people(caseload)
            for figure in measured(door.as_(who), who, paths_of(app, ids), counter)
        ]
    write(figures, ids)


@contextmanager
def service(folder: Path) -> Iterator[tuple[Flask, Caseload, dict[str, str]]]:
    """A service of a thousand clients, each of whom has talked and waits for something."""
    screen.print(f"seeding {CLIENTS} clients")
    caseload = Caseload(f"sqlite:///{folder / 'console.db'}", FixedClock(NOW))
    migrate(caseload.engine)
    seed(caseload, CLIENTS)
    with caseload.transaction() as case:
        person = live(case, caseload)
    event_id, near_miss_id, _ = wrongly_read(person)
    with caseload.transaction() as case:
        client = case.clients.find(person.id)
        consultant = client.consultant
        assert consultant is not None
        tomorrow = NOW + timedelta(days=1)
        later = case.later_replies.add(
            consultant,
            case.conversations.lock(person.conversation_id),
            ForLater("See you", tomorrow, tomorrow, False),
            key="a" * 32,
        )
        appointment_id = case.appointments.all_for(client)[0].id
        employer_id = case.employers.named(consultant, "Crumb and Co").id
    ids = {
        "client_id": person.id,
        "conversation_id": person.conversation_id,
        "event_id": event_id,
        "near_miss_id": str(near_miss_id),
        "appointment_id": appointment_id,
        "later_id": later.id,
        "staff_id": consultant.id,
        "colleague_id": consultant.id,
        "employer_id": employer_id,
    }
    app = create_console(
        caseload, Wording.load(ROOT / "domain.yml"), ConsoleConfig(secret_key="a secret of the benchmark")
    )
    yield app, caseload, ids
    caseload.close()


def live(case: Case, caseload: Caseload) -> Person:
    """Give every client a chat, and most of them something that waits; return one of the consultant's."""
    said: list[dict[str, object]] = []
    everybody = [case.clients.find_by_ref(line.ref) for line in case.clients.lines()]
    for number, client in enumerate(track(everybody, "their days", console=screen)):
        assert client is not None
        assert client.consultant is not None
        [conversation] = case.conversations.of_client(client)
        said += [_message(conversation, turn) for turn in range(MESSAGES)]
        write_a_year(case, client, client.consultant)
        lead = case.leads.share(client, client.consultant, title="Kitchen assistant", employer="Crumb and Co")
        if number % 2:
            case.leads.answer(client, lead.id, "interested")
        case.appointments.arrange(
            client, client.consultant, NOW + timedelta(days=number % 14, hours=1), minutes=45, mode="office",
            place="the office", purpose=None,
        )  # fmt: skip
        if number % 5 == 0:
            case.handoffs.open(client, "Can I keep my benefit if I work 16 hours?", "question")
    # At once: one by one they would take minutes.
    case.transcript._session.execute(insert(Message), said)
    sam = case.clients.find_by_ref("sam")
    assert sam is not None
    [conversation] = case.conversations.of_client(sam)
    return Person(caseload, sam.id, sam.ref, conversation.id)


def write_a_year(case: Case, client: Client, consultant: Staff) -> None:
    """Write down a year of meetings, jobs, contacts with employers and goals."""
    session, of = case.transcript._session, {"client_id": client.id}
    employer = case.employers.named(consultant, "Crumb and Co")

    def at(number: int, many: int) -> datetime:
        return NOW - timedelta(days=365 * (number + 1) / many)

    session.execute(
        insert(Appointment),
        [
            {
                **of,
                "staff_id": consultant.id,
                "starts_at": at(number, MEETINGS),
                "created_at": at(number, MEETINGS),
                "status": "attended",
                "place": "the office",
                "purpose": "How the search goes",
            }
            for number in range(MEETINGS)
        ],
    )
    session.execute(
        insert(JobLead),
        [
            {
                **of,
                "title": f"Kitchen assistant {number}",
                "employer": "Crumb and Co",
                "why_match": "Mornings only, and near home",
                "source": "consultant",
                "status": "not_interested",
                "shared_by": consultant.id,
                "shared_at": at(number, LEADS),
            }
            for number in range(LEADS)
        ],
    )
    session.execute(
        insert(EmployerContact),
        [
            {
                **of,
                "service_id": employer.service_id,
                "employer_id": employer.id,
                "staff_id": consultant.id,
                "recorded_at": at(number, CONTACTS),
                "at": at(number, CONTACTS),
                "by": "staff",
                "face_to_face": True,
                "outcome": "They may have something in spring",
            }
            for number in range(CONTACTS)
        ],
    )
    for number in range(GOALS):
        case.goals.add(client, f"Work in a kitchen, mornings only: step {number}")


def _message(conversation: Conversation, turn: int) -> dict[str, object]:
    conversation.last_in_at = at = NOW - timedelta(hours=MESSAGES - turn)
    from_client = turn % 2 == 0
    return {
        "conversation_id": conversation.id,
        "author": "client" if from_client else "bot",
        "kind": "text",
        "text": f"Is there news about job number {turn}?"
        if from_client
        else "Yes. Would you like to see it?",
        "buttons": None if from_client else ["Show me", "Not now"],
        "delivery": "received" if from_client else "sent",
        "created_at": at,
    }


def people(caseload: Caseload) -> list[Colleague]:
    """A consultant with half of the clients, and the manager of all of them; both can sign in."""
    found = []
    with caseload.transaction() as case:
        for email, secret in (("amina@demo.example", None), ("grace@demo.example", DEMO_TOTP_SECRET)):
            staff = case.staff.find_by_email(email)
            assert staff is not None
            case.staff.set_password(staff, hashed(PASSWORD))
            found.append(Colleague(staff.id, staff.name, staff.email, staff.role, secret))
    return found


def paths_of(app: Flask, ids: dict[str, str]) -> list[str]:
    """Return the address of every page that a person opens."""
    urls, rules = app.url_map.bind("localhost"), pages_of(app)
    return sorted(urls.build(rule.endpoint, {name: ids[name] for name in rule.arguments}) for rule in rules)


def pages_of(app: Flask) -> list[Rule]:
    """Return the routes of all pages that are measured; a test holds `IDS` against their arguments."""
    return [
        rule
        for rule in app.url_map.iter_rules()
        if "GET" in (rule.methods or ()) and not LEFT_OUT.match(rule.endpoint)
    ]


def measured(browser: Browser, who: Colleague, paths: list[str], counter: Counter) -> Iterator[Figure]:
    """Open every page that this person may see, twenty times each."""
    for path in track(paths, f"{who.first_name}'s pages", console=screen):
        answer = browser.get(path)
        if answer.status_code != 200:
            continue
        spent, worked = [], []
        for _ in range(TIMES):
            before, began, busy = counter.count, time.perf_counter(), time.process_time()
            answer = browser.get(path)
            spent.append(time.perf_counter() - began)
            worked.append(time.process_time() - busy)
        yield Figure(
            who.role,
            path,
            statistics.median(spent) * 1000,
            statistics.median(worked) * 1000,
            len(answer.data) / 1024,
            counter.count - before,
        )


def write(figures: list[Figure], ids: dict[str, str]) -> None:
    """Write the page."""
    rows = []
    for one in figures:
        named = {value: f"<{name.removesuffix('_id')}>" for name, value in reversed(ids.items())}
        path = "".join(named.get(part, part) for part in re.split("([/.])", one.path))
        mark = "yes" if one.reached else "**no**"
        numbers = (
            f"{one.milliseconds:.0f}",
            f"{one.processor:.0f}",
            f"{one.kilobytes:.0f}",
            str(one.queries),
        )
        cells = (one.who, f"`{path}`", *numbers, mark)
        rows.append(f"| {' | '.join(cells)} |")
        screen.print(f"{'ok  ' if one.reached else 'MISS'} {one.who} {path}: {numbers}")
    PAGE.write_text(
        f"# The console with {CLIENTS:,} clients\n\n"
        f"SQLite, {CLIENTS:,} clients with {MESSAGES} messages each, in a service with two consultants.\n"
        f"Of each client there is a year: {MEETINGS} meetings, {LEADS} jobs, {CONTACTS} contacts with\n"
        f"employers and {GOALS} goals. One\n"
        "consultant has half of the clients, the manager sees all. Each page as its reader gets it: the\n"
        f"median of {TIMES} times, in one process, without a network; kilobytes without style sheet, script\n"
        f"and compression. Goal: {GOAL_MS} ms and {GOAL_KB} KB; a paper to take along may take"
        f" {PAPER_GOAL_MS:,} ms.\n"
        f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f} at the end, {datetime.now(UTC):%d %B %Y}.\n\n"
        "| who | page | ms | of the processor | KB | queries | reached |\n"
        "| --- | --- | ---: | ---: | ---: | ---: | --- |\n"
        + "\n".join(rows)
        + "\n\nMade by `make bench-console`.\n",
        encoding="utf-8",
    )


if __name__ == "__main__":
    main()
