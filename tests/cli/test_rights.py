"""Sam's rights: a copy of all that is stored about him, erasure with a receipt, and old words that go."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from bot.caseload.models.tables import Base
from bot.caseload.rights import EMPTIED, NOT_A_CLIENTS
from bot.caseload.store import Case, Caseload
from bot.clock import FixedClock
from tests.cli.conftest import Install
from tests.conftest import NewDatabase
from tests.people import Colleague, Person

#: Stands for the client's words, and must be in no file afterwards.
MARKER = "zebrafinch"
TRACKER_TABLE = (
    "CREATE TABLE dialogue_trackers (sender_id VARCHAR(255) PRIMARY KEY, events TEXT NOT NULL, "
    "version INTEGER NOT NULL, updated_at TIMESTAMP NOT NULL)"
)


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.slow)])
def caseload(request: pytest.FixtureRequest, install: Install, clock: FixedClock) -> Iterator[Caseload]:
    """The install's caseload, on either kind of database."""
    install.state_dir.mkdir(parents=True)
    make: NewDatabase = request.getfixturevalue(f"new_{request.param}")
    url = make()
    if request.param == "sqlite":
        Path(url.removeprefix("sqlite:///")).rename(install.database)
        url = f"sqlite:///{install.database}"
    install.environment["FOOTHOLD_DATABASE_URL"] = url
    store = Caseload(url, clock)
    yield store
    store.close()


def leaves_traces(caseload: Caseload, person: Person, amina: Colleague, marker: str = MARKER) -> None:
    """Let a client leave their words wherever words are kept."""
    person.says(f"I want to work with a {marker}")
    person.is_told(f"A {marker}, how nice")
    person.asks(f"Is a {marker} allowed at work?")
    with caseload.transaction() as case:
        _write_everywhere(case, person, case.staff.get(amina.id), marker)
    with caseload.engine.begin() as connection:
        connection.execute(text(TRACKER_TABLE.replace("TABLE ", "TABLE IF NOT EXISTS ")))
        connection.execute(
            text("INSERT INTO dialogue_trackers VALUES (:who, :words, 1, :at)"),
            {
                "who": person.conversation_id,
                "words": f'[{{"text": "{marker}"}}]',
                "at": "2020-01-01 00:00:00",
            },
        )


def _write_everywhere(case: Case, person: Person, amina: Any, marker: str) -> None:
    client = case.clients.find(person.id)
    conversation = case.conversations.lock(person.conversation_id)
    item = case.inbox.receive(
        bot_id="demo", update_id=case.inbox.next_number("demo"), chat_id=conversation.chat_id, kind="text",
        payload=json.dumps({"text": marker}), conversation=conversation,
    )  # fmt: skip
    assert item is not None
    case.inbox.finish(item, "done", "bot")
    case.goals.add(client, f"Care for a {marker}")
    case.leads.share(client, amina, title=f"{marker} keeper", employer="Zoo", place="Westmere",
                     hours_text="10", pay_text="12", summary=marker, why_match=marker)  # fmt: skip
    case.misses.record(conversation.id, "1", marker, [("goals", 0.3)], ["goals"])
    case.done_once.record(conversation.id, "1", "action_add_goal", result={"messages": [marker]})
    case.consents.record(client, "chat", given=True, wording_version="1")
    case.timers.set(f"x:{client.id}", "appointment_reminder", case.clock.now(), client_id=client.id)
    case.safety_events.record(
        client=client, conversation_id=conversation.id, handoff_id=None, inbox_seq=item.seq,
        route="crisis", kind=None, detectors=("rules",), content_version="1",
    )  # fmt: skip
    case.audit.record("page seen", staff_id=amina.id, client_id=client.id, subject=f"handoff:{marker}")


def test_a_copy_has_every_trace(install: Install, caseload: Caseload, sam: Person, amina: Colleague) -> None:
    leaves_traces(caseload, sam, amina)
    said = install.run("export-client", "sam")
    assert said.code == 0
    copy = json.loads(said.out)
    assert copy["client"]["display_name"] == "Sam Okoro"
    assert copy["client"]["consultant"] == "Amina Khan"
    with_words = [name for name, rows in copy.items() if MARKER in json.dumps(rows)]
    assert sorted(with_words) == [
        "audit", "dialogue_trackers", "done_once", "goals", "handoffs", "inbox", "job_leads", "messages",
        "misses", "outbox",
    ]  # fmt: skip
    assert [line["staff"] for line in copy["audit"]] == ["Amina Khan", None]


def test_a_copy_is_noted_and_has_nobody_elses_data(
    install: Install, caseload: Caseload, sam: Person, jo: Person, piotr: Colleague
) -> None:
    leaves_traces(caseload, jo, piotr)
    said = install.run("export-client", "sam")
    assert MARKER not in said.out
    assert "Jo Lind" not in said.out
    with caseload.reading() as case:
        assert [line.action for line in case.audit.of_client(sam.id)] == ["copy of data made"]


def test_a_copy_in_a_file_is_for_the_operators_eyes_only(
    install: Install, caseload: Caseload, sam: Person
) -> None:
    file = install.state_dir / "sam.json"
    assert install.run("export-client", "sam", "--out", str(file)).code == 0
    assert file.stat().st_mode & 0o777 == 0o600
    again = install.run("export-client", "sam", "--out", str(file))
    assert again.code == 1
    assert again.is_one_clear_line


def test_without_yes_nothing_is_erased(
    install: Install, caseload: Caseload, sam: Person, amina: Colleague
) -> None:
    leaves_traces(caseload, sam, amina)
    said = install.run("erase-client", "sam")
    assert said.code == 0
    assert json.loads(said.out)["would_erase"]["goals"] == 1
    with caseload.reading() as case:
        assert case.rights.copy_of(case.clients.find(sam.id))["goals"][0]["text"] == f"Care for a {MARKER}"


def test_erasure_leaves_no_trace_in_any_file(
    install: Install, caseload: Caseload, sam: Person, amina: Colleague
) -> None:
    leaves_traces(caseload, sam, amina)
    caseload.close()
    assert MARKER in all_that_is_kept(install, caseload)
    said = install.run("erase-client", "sam", "--yes")
    assert said.code == 0, said.err
    receipt = json.loads(said.out)
    assert receipt["client"] == "sam"
    assert receipt["files_rewritten"] is True
    assert receipt["erased"]["messages"] == 3
    assert receipt["erased"]["dialogue_trackers"] == 1
    assert set(receipt["kept"]) == EMPTIED
    left = all_that_is_kept(install, caseload)
    assert [trace for trace in (MARKER, "Okoro") if trace in left] == []


def test_erasing_sam_leaves_jo_alone(
    install: Install, caseload: Caseload, sam: Person, jo: Person, piotr: Colleague
) -> None:
    leaves_traces(caseload, jo, piotr)
    before = install.run("erase-client", "jo").out
    assert install.run("erase-client", "sam", "--yes").code == 0
    assert install.run("erase-client", "jo").out == before


def test_after_erasure_a_repeated_update_is_still_known(
    install: Install, caseload: Caseload, sam: Person, amina: Colleague
) -> None:
    leaves_traces(caseload, sam, amina)
    with caseload.reading() as case:
        number = case.inbox.next_number("demo") - 1
    assert install.run("erase-client", "sam", "--yes").code == 0
    with caseload.transaction() as case:
        again = case.inbox.receive(
            bot_id="demo", update_id=number, chat_id="sam", kind="text", payload="{}", conversation=None
        )
        assert again is None


def test_after_erasure_the_chat_is_a_strangers(
    install: Install, caseload: Caseload, sam: Person, amina: Colleague
) -> None:
    leaves_traces(caseload, sam, amina)
    assert install.run("erase-client", "sam", "--yes").code == 0
    with caseload.reading() as case:
        assert case.conversations.find_by_chat("demo", "sam") is None
        assert [line.action for line in case.audit.of_client(sam.id)] == ["client erased", "page seen"]
        assert {line.subject for line in case.audit.of_client(sam.id)} == {None}
    assert install.run("erase-client", "sam").is_one_clear_line


def test_every_table_is_covered(caseload: Caseload, sam: Person) -> None:
    with caseload.reading() as case:
        erased = set(case.rights.would_erase(case.clients.find(sam.id)))
    assert set(Base.metadata.tables) == erased | EMPTIED | NOT_A_CLIENTS
    assert not NOT_A_CLIENTS & erased


def test_words_older_than_the_limit_go_and_the_plan_stays(
    install: Install, caseload: Caseload, clock: FixedClock, sam: Person, amina: Colleague
) -> None:
    clock.set(datetime.now(UTC) - timedelta(days=91))
    leaves_traces(caseload, sam, amina)
    _end_handoffs(caseload)
    clock.set(datetime.now(UTC) - timedelta(days=89))
    sam.says("a fresher word")
    before = install.run("retention", "--dry-run")
    said = install.run("retention")
    assert said.code == 0, said.err
    counts = json.loads(said.out)["removed"]
    assert json.loads(before.out)["would_remove"] == counts
    assert {name for name, count in counts.items() if count} == {
        "inbox", "outbox", "messages", "done_once", "misses", "handoffs", "dialogue_trackers",
    }  # fmt: skip
    copy = json.loads(install.run("export-client", "sam").out)
    assert [name for name, rows in copy.items() if MARKER in json.dumps(rows)] == [
        "goals",
        "job_leads",
        "audit",
    ]
    assert [one["text"] for one in copy["messages"]] == ["", "", "", "a fresher word"]


def test_the_limit_is_the_operators(
    install: Install, caseload: Caseload, clock: FixedClock, sam: Person
) -> None:
    clock.set(datetime.now(UTC) - timedelta(days=20))
    sam.says("hello")
    assert json.loads(install.run("retention", "--dry-run").out)["would_remove"]["messages"] == 0
    said = install.run("retention", "--dry-run", FOOTHOLD_RETENTION_DAYS="10")
    assert json.loads(said.out) | {"would_remove": None} == {"older_than_days": 10, "would_remove": None}
    assert json.loads(said.out)["would_remove"]["messages"] == 1


def test_what_still_waits_is_not_old(
    install: Install, caseload: Caseload, clock: FixedClock, sam: Person
) -> None:
    clock.set(datetime.now(UTC) - timedelta(days=200))
    sam.asks("Still waiting for an answer")
    sam.is_told("on its way", delivery="queued")
    counts = json.loads(install.run("retention").out)["removed"]
    assert (counts["handoffs"], counts["outbox"], counts["messages"]) == (0, 0, 1)


def _end_handoffs(caseload: Caseload) -> None:
    with caseload.engine.begin() as connection:
        connection.execute(text("UPDATE handoffs SET status = 'answered', ended_at = waiting_since"))


def all_that_is_kept(install: Install, caseload: Caseload) -> str:
    """The bytes of every file of the install, free pages and write-ahead log too; on PostgreSQL every row."""
    files = [path for path in install.state_dir.rglob("*") if path.is_file()]
    kept = b"".join(path.read_bytes() for path in files).decode("latin-1")
    if install.database.exists():
        return kept
    with caseload.engine.connect() as connection:
        for table in [*Base.metadata.tables, "dialogue_trackers"]:
            kept += str(connection.execute(text(f"SELECT CAST(one AS TEXT) FROM {table} one")).all())
    return kept
