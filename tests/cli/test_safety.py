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
    file = install.state_dir / "kept.yml"
    assert call("safety", "--examples", str(file)).code == 0
    kept = file.read_text(encoding="utf-8")
    first, second = yaml.safe_load(kept)
    assert list(first) == FIELDS
    assert first == {"text": 'no: "dying" to start, é 🙂 # really', "route": None, "kind": None,
                     "style": "reviewed", "region": "england"}  # fmt: skip
    assert (second["text"], second["route"]) == ("wont need the bus pass\nafter friday", "crisis")
    assert "Sam" not in kept


def test_without_examples_the_file_is_an_empty_list(call: Call, install: Install, caseload: Caseload) -> None:
    file = install.state_dir / "kept.yml"
    assert call("safety", "--examples", str(file)).code == 0
    assert yaml.safe_load(file.read_text(encoding="utf-8")) == []


def test_the_screen_is_measured_on_the_files_that_are_given(call: Call, install: Install) -> None:
    install.state_dir.mkdir(exist_ok=True)
    file = install.state_dir / "mine.yml"
    rows = [
        {
            "text": "i want to kill myself",
            "route": "crisis",
            "kind": None,
            "style": "explicit",
            "region": None,
        },
        {"text": "see you on friday", "route": None, "kind": None, "style": "ordinary", "region": ""},
    ]
    file.write_text(yaml.safe_dump(rows), encoding="utf-8")
    said = call("safety", str(file))
    assert said.code == 0
    assert "Of 1 ordinary messages 0 were answered" in said.out
    rows[0]["text"] = "see you on monday"
    file.write_text(yaml.safe_dump(rows), encoding="utf-8")
    said = call("safety", "--show-wrong", str(file))
    assert said.code == 1
    assert "crisis\tsee you on monday" in said.out
    assert "Of the explicit messages 0.0% were found: 92% is the floor." in said.err


def test_a_file_of_another_form_is_named(call: Call, install: Install) -> None:
    install.state_dir.mkdir(exist_ok=True)
    file = install.state_dir / "other.yml"
    file.write_text("- 1", encoding="utf-8")
    said = call("safety", str(file))
    assert said.code == 1
    assert said.err == "foothold: other.yml cannot be read as an evaluation file.\n"


def test_a_file_that_cannot_be_written_gets_one_line(
    call: Call, install: Install, caseload: Caseload
) -> None:
    said = call("safety", "--examples", str(install.state_dir / "no" / "such" / "folder.yml"))
    assert said.code == 1
    assert said.is_one_clear_line
