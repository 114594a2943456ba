"""`foothold safety`: what reviewers kept, in the form of the evaluation files."""

from __future__ import annotations

import yaml

from bot.caseload.store import Caseload
from tests.cli.conftest import Call, Install
from tests.people import Colleague, Person

FIELDS = ["text", "route", "kind", "style", "region"]


def test_the_kept_examples_read_like_an_evaluation_file(
    call: Call, install: Install, caseload: Caseload, grace: Colleague, sam: Person
) -> None:
    with caseload.transaction() as case:
        staff, client = case.staff.get(grace.id), case.clients.find(sam.id)
        case.safety_examples.keep(staff, client, 'no: "dying" to start, é 🙂 # really', None)
        case.safety_examples.keep(staff, client, "wont need the bus pass\nafter friday", "crisis")
    said = call("safety")
    assert said.code == 0
    first, second = yaml.safe_load(said.out)
    assert list(first) == FIELDS
    assert first == {"text": 'no: "dying" to start, é 🙂 # really', "route": None, "kind": None,
                     "style": "reviewed", "region": "england"}  # fmt: skip
    assert (second["text"], second["route"]) == ("wont need the bus pass\nafter friday", "crisis")
    assert "Sam" not in said.out
    file = install.state_dir / "kept.yml"
    assert call("safety", "--examples", str(file)).code == 0
    assert yaml.safe_load(file.read_text(encoding="utf-8")) == [first, second]


def test_without_examples_the_file_is_an_empty_list(call: Call, caseload: Caseload) -> None:
    assert yaml.safe_load(call("safety").out) == []


def test_a_file_that_cannot_be_written_gets_one_line(
    call: Call, install: Install, caseload: Caseload
) -> None:
    said = call("safety", "--examples", str(install.state_dir / "no" / "such" / "folder.yml"))
    assert said.code == 1
    assert said.is_one_clear_line
