"""Sam's rights: a copy of all that is stored about him, erasure with a receipt, and old words that go."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from bot.caseload.files import FileStore
from bot.caseload.later_replies import ForLater
from bot.caseload.models.tables import Base
from bot.caseload.rights import EMPTIED, NOT_A_CLIENTS
from bot.caseload.store import Case, Caseload
from bot.clock import FixedClock
from tests.cli.conftest import Call, Install
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


def leaves_traces(
    caseload: Caseload, person: Person, amina: Colleague, marker: str = MARKER, files: FileStore | None = None
) -> None:
    """Let a client leave their words wherever words are kept."""
    person.says(f"I want to work with a {marker}")
    person.is_told(f"A {marker}, how nice")
    person.asks(f"Is a {marker} allowed at work?")
    with caseload.transaction() as case:
        _write_everywhere(case, person, case.staff.get(amina.id), marker)
    if files is not None:
        person.sends(f"{marker} of {person.ref}".encode(), name=f"{marker}.txt", files=files)
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
    case.internal_notes.add(amina, conversation, f"Likes the {marker}", key=f"note-{client.id}"[:40])
    later = ForLater(f"How is the {marker}?", case.clock.now(), case.clock.now(), False)
    case.later_replies.end(case.later_replies.add(amina, conversation, later, key=client.id), "sent")
    case.presences.note(amina, conversation, is_live=True)
    case.done_once.record(conversation.id, "1", "action_add_goal", result={"messages": [marker]})
    case.consents.record(client, "chat", given=True, wording_version="1")
    case.timers.set(f"x:{client.id}", "appointment_reminder", case.clock.now(), client_id=client.id)
    case.safety_events.record(
        client=client, conversation_id=conversation.id, handoff_id=None, inbox_seq=item.seq,
        route="crisis", kind=None, detectors=("rules",), content_version="1",
    )  # fmt: skip
    employer = case.employers.named(amina, "Zoo")
    case.employers.add_contact(amina, employer, client, by="client", at=case.clock.now(), face_to_face=True,
                               why=marker)  # fmt: skip
    job = case.jobs.start(client, amina, employer, f"{marker} keeper", case.clock.now().date(),
                          hours_per_week=9)  # fmt: skip
    day = case.clock.now().date()
    case.jobs.check_in(job, amina, step=None, done_on=day, mode="phone", note=marker)
    case.discussions.talk_of_disclosure(client, amina, held_on=day, what="done", employer=employer,
                                        stance="some", note=marker)  # fmt: skip
    case.discussions.talk_of_benefits(client, amina, held_on=day, what="done", note=marker)
    case.outreach.record(client, amina, how="phone", result="reached", note=marker)
    case.profile.note(client, amina, "other", marker, source="client", said_on=day)
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
        "audit", "benefits_discussions", "check_ins", "dialogue_trackers", "disclosure_discussions",
        "done_once", "employer_contacts", "goals", "handoffs", "inbox", "internal_notes", "job_leads",
        "jobs", "later_replies", "messages", "misses", "outbox", "outreach_attempts", "profile_facts",
    ]  # fmt: skip
    assert copy["jobs"][0]["employer"] == "Zoo"
    assert [line["staff"] for line in copy["audit"]] == ["Amina Khan", "Amina Khan", "Amina Khan", None]


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


def test_a_copy_has_the_files_that_sam_sent(
    call: Call, install: Install, caseload: Caseload, sam: Person, jo: Person
) -> None:
    files = files_of(install)
    for person in (sam, jo):
        person.sends(f"The CV of {person.ref}".encode(), name="../my CV.txt", files=files)
        person.sends(b"%PDF-1.7 of " + person.ref.encode(), files=files)
    out = install.state_dir / "sam.json"
    said = call("export-client", "sam", "--out", str(out))
    assert (said.code, said.err) == (0, "")
    rows = {row["file"]: row for row in json.loads(out.read_text())["attachments"]}
    assert sorted(rows) == ["sam-files/001.txt", "sam-files/002.pdf"]
    assert rows["sam-files/001.txt"]["name"] == "_my CV.txt"
    folder = install.state_dir / "sam-files"
    assert (folder / "001.txt").read_text() == "The CV of sam"
    for file, row in rows.items():
        assert hashlib.sha256((install.state_dir / file).read_bytes()).hexdigest() == row["sha256"]
    sums = dict(line.split("  ")[::-1] for line in (folder / "SHA256SUMS").read_text().splitlines())
    assert sums == {file.partition("/")[2]: row["sha256"] for file, row in rows.items()}
    assert {path.stat().st_mode & 0o777 for path in folder.iterdir()} == {0o600}
    assert folder.stat().st_mode & 0o777 == 0o700


def test_a_copy_on_the_screen_says_that_there_are_files_too(
    call: Call, install: Install, caseload: Caseload, sam: Person
) -> None:
    sam.sends(b"My CV", files=files_of(install))
    said = call("export-client", "sam")
    assert json.loads(said.out)["attachments"][0]["sha256"] == hashlib.sha256(b"My CV").hexdigest()
    assert "the client sent 1 file, which is not in this: add --out FILE" in said.err


def test_a_file_that_is_gone_or_damaged_is_named_and_the_rest_is_copied(
    call: Call, install: Install, caseload: Caseload, sam: Person
) -> None:
    files = files_of(install)
    ids = [sam.sends(f"file {number}".encode(), files=files) for number in range(3)]
    with caseload.reading() as case:
        gone, damaged, _ = case.attachments.stored_of(case.clients.find(sam.id))
    files.remove([gone.stored_as])
    files.write(damaged.stored_as, b"something else")
    out = install.state_dir / "sam.json"
    said = call("export-client", "sam", "--out", str(out))
    assert said.code == 0
    assert all(one in said.err for one in ids[:2])
    assert [row["file"] for row in json.loads(out.read_text())["attachments"] if row["file"]] == [
        "sam-files/003.txt"
    ]


def test_no_half_copy_is_left(call: Call, install: Install, caseload: Caseload, sam: Person) -> None:
    sam.sends(b"My CV", files=files_of(install))
    (install.state_dir / "sam-files").mkdir()
    out = install.state_dir / "sam.json"
    again = call("export-client", "sam", "--out", str(out))
    assert again.code == 1
    assert again.is_one_clear_line
    assert not out.exists()
    nowhere = call("export-client", "sam", "--out", str(install.state_dir / "no" / "sam.json"))
    assert nowhere.is_one_clear_line
    with caseload.reading() as case:
        assert case.audit.of_client(sam.id) == []


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
    leaves_traces(caseload, sam, amina, files=files_of(install))
    caseload.close()
    assert MARKER in all_that_is_kept(install, caseload)
    said = install.run("erase-client", "sam", "--yes")
    assert said.code == 0, said.err
    receipt = json.loads(said.out)
    assert receipt["client"] == "sam"
    assert receipt["files_rewritten"] is True
    assert receipt["erased"]["messages"] == 4
    assert receipt["erased"]["attachments"] == 1
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
        assert [line.action for line in case.audit.of_client(sam.id)] == [
            "client erased", "page seen", "status changed", "phase changed",
        ]  # fmt: skip
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
    leaves_traces(caseload, sam, amina, files=files_of(install))
    _end_handoffs(caseload)
    clock.set(datetime.now(UTC) - timedelta(days=89))
    sam.says("a fresher word")
    before = install.run("retention", "--dry-run")
    said = install.run("retention")
    assert said.code == 0, said.err
    counts = json.loads(said.out)["removed"]
    assert json.loads(before.out)["would_remove"] == counts
    assert {name for name, count in counts.items() if count} == {
        "inbox", "outbox", "messages", "attachments", "internal_notes", "later_replies", "presences",
        "done_once", "misses", "handoffs", "dialogue_trackers",
    }  # fmt: skip
    copy = json.loads(install.run("export-client", "sam").out)
    assert [name for name, rows in copy.items() if MARKER in json.dumps(rows)] == [
        "goals", "job_leads", "check_ins", "jobs", "employer_contacts", "outreach_attempts",
        "disclosure_discussions", "benefits_discussions", "profile_facts", "audit",
    ]  # fmt: skip
    assert [one["text"] for one in copy["messages"]] == ["", "", "", "", "a fresher word"]
    assert list((install.state_dir / "files").iterdir()) == []


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


def files_of(install: Install) -> FileStore:
    """The install's folder with the files that clients sent."""
    files = FileStore(install.state_dir / "files")
    files.prepare()
    return files


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
