"""Whatever is stored about Sam has a rule: what erasing him removes, and what goes with age.

The tables are found by their foreign keys: a new one that leads to a client, and has no rule, fails here.
"""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import Column, Table, func, or_, select, text

from bot.caseload.buttons import ButtonSpec
from bot.caseload.files import FileStore
from bot.caseload.models.tables import Base
from bot.caseload.retention import KEPT
from bot.caseload.rights import EMPTIED, NOT_A_CLIENTS
from bot.caseload.staff_buttons import StaffButtonSpec
from bot.caseload.store import Caseload
from bot.clock import FixedClock
from bot.conversation.fetcher import discard_files
from tests.caseload.test_staff_chats import link, opens
from tests.cli.test_rights import MARKER, TRACKER_TABLE, leaves_traces
from tests.people import Colleague, Person

TABLES = Base.metadata.tables
#: Columns that name a client's row without a foreign key.
BY_NAME = {"client_id", "conversation_id"}
#: Kept with words in them: they are the record, which the service answers for, or were masked by a reviewer.
WITH_WORDS = {
    "goals", "job_leads", "jobs", "check_ins", "employer_contacts", "outreach_attempts", "safety_examples",
    "disclosure_discussions", "benefits_discussions", "profile_facts",
}  # fmt: skip


#: A column and the table that it leads to.
Way = tuple[Column[object], str]


def ways_of(table: Table) -> list[Way]:
    """Return where the columns of a table lead to."""
    ways = [(column, key.column.table.name) for column in table.columns for key in column.foreign_keys]
    by_name = [column for column in table.columns if column.name in BY_NAME and not column.foreign_keys]
    return ways + [(column, f"{column.name.removesuffix('_id')}s") for column in by_name]


def leading_to_a_client() -> dict[str, list[Way]]:
    """Return each table that leads to clients, with the ways there, those that others lead through first."""
    found = {"clients"}
    while more := {
        name for name in set(TABLES) - found if found & {target for _, target in ways_of(TABLES[name])}
    }:
        found |= more
    # That order knows foreign keys only: what leads there by name comes last.
    order = sorted(Base.metadata.sorted_tables, key=lambda table: not table.foreign_keys)
    return {
        table.name: [way for way in ways_of(table) if way[1] in found]
        for table in order
        if table.name in found
    }


CLIENTS_TABLES = leading_to_a_client()


def rows_of(caseload: Caseload, person: Person) -> dict[str, int]:
    """Count the rows that lead to a client, by table."""
    keys = {"clients": select(TABLES["clients"].c.id).where(TABLES["clients"].c.id == person.id)}
    for name, ways in CLIENTS_TABLES.items():
        if name not in keys:
            table = TABLES[name]
            mine = or_(*(column.in_(keys[target]) for column, target in ways))
            keys[name] = select(next(iter(table.primary_key.columns))).where(mine)
    with caseload.engine.connect() as connection:
        return {
            name: connection.execute(select(func.count()).select_from(query.subquery())).scalar_one()
            for name, query in keys.items()
        }


def with_words(caseload: Caseload) -> set[str]:
    """Return the tables in which the marker stands."""
    with caseload.engine.connect() as connection:
        return {
            name
            for name in CLIENTS_TABLES
            if MARKER in str(connection.execute(text(f"SELECT * FROM {name}")).all())
        }


@pytest.fixture
def files(tmp_path: Path) -> FileStore:
    store = FileStore(tmp_path / "files")
    store.prepare()
    return store


@pytest.fixture
def everything(caseload: Caseload, sam: Person, amina: Colleague, files: FileStore) -> Person:
    """Sam, with a row in every table that can hold one of his."""
    with caseload.engine.begin() as connection:
        connection.execute(text(TRACKER_TABLE.replace("TABLE ", "TABLE IF NOT EXISTS ")))
        connection.execute(text("DELETE FROM dialogue_trackers"))
    leaves_traces(caseload, sam, amina, files=files)
    with caseload.transaction() as case:
        link(case, amina)
        opens(case, amina, sam)
        client, staff = case.clients.find(sam.id), case.staff.get(amina.id)
        conversation = case.conversations.lock(sam.conversation_id)
        focus = case.staff_focus.current(staff)
        assert focus is not None
        focus.note = f"Good luck with the {MARKER}"
        case.staff_buttons.offer(staff, [StaffButtonSpec("Send", "send", sam.id, words=MARKER)])
        case.staff_aliases.label_of(staff, client)
        case.buttons.offer(conversation, "1", [ButtonSpec("Yes", {"intent": "affirm"})])
        case.safety_reviews.note_near_miss(client, conversation.id, 1, "crisis", 0.4, lottery=lambda _: True)
        case.safety_examples.keep(staff, client, f"the {MARKER} is gone", None)
        case.invites.create(client, staff)
        case.preferences.pause_until(client, case.clock.now())
        case.appointments.arrange(
            client, staff, case.clock.now(), minutes=30, mode="phone", place=None, purpose=None
        )
        [handoff, *_] = case.handoffs.open_for(client)
        case.alerts.queue(handoff, staff, "opened", ("console",), about="wait")
        case.handoffs.close(staff, handoff, f"Spoke about the {MARKER}")
    return sam


def test_every_table_that_leads_to_a_client_is_erased_or_emptied(caseload: Caseload, sam: Person) -> None:
    with caseload.reading() as case:
        erased = set(case.rights.would_erase(case.clients.find(sam.id))) - {"dialogue_trackers"}
    assert set(CLIENTS_TABLES) == erased | EMPTIED
    assert set(TABLES) - set(CLIENTS_TABLES) == NOT_A_CLIENTS


def test_every_table_that_leads_to_a_client_goes_with_age_or_says_why_not(caseload: Caseload) -> None:
    with caseload.reading() as case:
        ruled = case.retention.tables()
    assert set(CLIENTS_TABLES) - ruled == set(KEPT)
    assert set(KEPT) >= WITH_WORDS


def test_the_erased_leave_no_row_and_no_file_and_every_table_was_tried(
    caseload: Caseload, everything: Person, files: FileStore, tmp_path: Path
) -> None:
    assert [name for name, number in rows_of(caseload, everything).items() if not number] == []
    with caseload.transaction() as case:
        case.rights.erase(case.clients.find(everything.id))
    assert discard_files(caseload, files) == 1
    assert {name for name, number in rows_of(caseload, everything).items() if number} == {
        "clients", "conversations", "audit",
    }  # fmt: skip
    assert with_words(caseload) == set()
    assert list((tmp_path / "files").iterdir()) == []


def test_old_words_stay_in_the_record_only(
    caseload: Caseload, clock: FixedClock, everything: Person, files: FileStore, tmp_path: Path
) -> None:
    clock.advance(days=200)
    with caseload.transaction() as case:
        case.retention.apply(clock.now() - timedelta(days=90))
    discard_files(caseload, files)
    # The marker in the audit trail is the test's own: subjects are ids and codes.
    assert with_words(caseload) - {"audit"} == WITH_WORDS
    assert list((tmp_path / "files").iterdir()) == []
