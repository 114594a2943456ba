"""A gateway that was killed is known to be dead at once, and only that one."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bot.conversation.alive import announce
from tests.conftest import ROOT
from tests.conversation.office import ClientPhone, Office, linked

WORKS = """
import sys
from pathlib import Path
from bot.conversation.alive import announce
print(announce(Path(sys.argv[1]), sys.argv[2]).name, flush=True)
sys.stdin.read()
"""


class Other:
    """A gateway in a process of its own."""

    def __init__(self, folder: Path, host: str) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-c", WORKS, str(folder), host],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=ROOT, text=True,
        )  # fmt: skip
        assert self._process.stdout is not None
        self.name = self._process.stdout.readline().strip()

    def dies(self) -> None:
        """kill -9."""
        self._process.kill()
        self._process.wait(10)
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                pipe.close()


@contextmanager
def working(folder: Path, host: str = "here") -> Iterator[Other]:
    other = Other(folder, host)
    try:
        yield other
    finally:
        other.dies()


def test_a_killed_gateway_is_dead_and_a_living_one_is_not(tmp_path: Path) -> None:
    with working(tmp_path) as killed, working(tmp_path) as living:
        killed.dies()
        ours = announce(tmp_path, "here")
        assert ours.dead == {killed.name}
        assert ours.name not in {killed.name, living.name}


def test_we_are_not_dead_ourselves_and_no_name_comes_twice(tmp_path: Path) -> None:
    first = announce(tmp_path, "here")
    again = announce(tmp_path, "here")
    assert again.dead == frozenset()
    assert first.name != again.name


def test_nothing_is_said_about_another_machine(tmp_path: Path) -> None:
    with working(tmp_path, "there") as other:
        other.dies()
        assert announce(tmp_path, "here").dead == frozenset()


def test_a_long_or_odd_name_of_the_machine_fits_the_column(tmp_path: Path) -> None:
    name = announce(tmp_path, "../a/very/long:name" * 9).name
    assert len(name) <= 64
    assert len(list(tmp_path.iterdir())) == 1


def test_without_a_place_for_locks_the_gateway_works_all_the_same(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    assert announce(tmp_path / "file", "here").dead == frozenset()


def test_sam_is_answered_at_once_after_a_kill(office: Office, sam: ClientPhone) -> None:
    """The clock stands still, so no claim runs out."""
    _is_cut_off(office, sam, "here:7:dead")
    office.open(dead_workers={"here:7:dead"})
    office.settle()
    assert sam.reads == ["Half said", "You said: Hello"]
    assert [(row["text"], bool(row["uncertain"])) for row in office.rows("outbox")] == [
        ("Half said", True),
        ("You said: Hello", False),
    ]


def test_what_a_living_gateway_has_in_hand_is_left_to_it(office: Office, sam: ClientPhone) -> None:
    _is_cut_off(office, sam, "here:8:living")
    office.open(dead_workers={"here:7:dead"})
    jo = linked(office, "jo", "Jo", None)
    # Once jo is answered, both queues were looked through.
    jo.says("Hello")
    office.waits_until(lambda: jo.reads)
    assert sam.reads == []
    rows = [row for table in ("inbox", "outbox") for row in office.rows(table)]
    assert [row["claimed_by"] for row in rows if row["chat_id"] == sam.chat_id] == ["here:8:living"] * 2


def _is_cut_off(office: Office, sam: ClientPhone, worker: str) -> None:
    """Leave a message of Sam's and one to him in a worker's hands."""
    office.shut()
    sam.says("Hello")
    with office.caseload.transaction() as case:
        case.outbox.add(
            case.conversations.lock(sam.conversation_id), "Half said", origin="bot", dedup_key="1"
        )
        assert case.inbox.claim(worker, 9)
        assert case.sending.claim(worker, [office.bot_id], 9)
