"""The safety records say what is there: each hazard names its tests, and those exist."""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path

import pytest

from tests.safety.test_must_never import NEVER

ROOT = Path(__file__).resolve().parents[2]
RECORDS = ROOT / "docs" / "safety"
COLUMNS = (
    "id", "hazard", "cause", "effect", "what stands against it", "how bad", "how likely", "what is left",
    "owner", "tests", "status",
)  # fmt: skip
#: The hazards that were known before anything was built.
SEED = [f"H{number}" for number in range(1, 21)]
#: What domain 4.5 forbids in a text; the rest of it is behaviour, with a test of its own for each.
SUBJECTS = [
    "score risk",
    "diagnose",
    "advise on medicines",
    "argue, moralise or guilt",
    "promise secrecy",
    "promise an outcome",
    "say platitudes",
    "name method, means or place",
    "use words of blame",
    "say that it did not understand",
    "tell anybody to wait",
    "claim to have called for help",
    "reach for family or employer",
    "end or block the chat",
    "go on with jobs",
    "joke",
    "use an emoji",
    "use markdown",
]
OPEN = re.compile(r"open: \S+ .*")

Hazard = Mapping[str, str]


def hazards_in(page: str) -> list[Hazard]:
    """Read the rows of every table whose first column is a hazard's id."""
    rows = [[cell.strip() for cell in line.strip("| \n").split(" | ")] for line in page.splitlines()]
    return [
        dict(zip(COLUMNS, row, strict=True))
        for line, row in zip(page.splitlines(), rows, strict=True)
        if re.match(r"\| H\d+ \|", line)
    ]


HAZARDS = hazards_in((RECORDS / "hazard-log.md").read_text(encoding="utf-8"))
each_hazard = pytest.mark.parametrize("hazard", HAZARDS, ids=lambda hazard: hazard["id"])


def named_in(hazard: Hazard) -> list[str]:
    """Return the node ids that a row names."""
    return [] if hazard["tests"] == "none" else [test.strip(" `") for test in hazard["tests"].split(",")]


@cache
def collected_in(path: str) -> frozenset[str]:
    """Return the tests of a file without running it."""
    file = ROOT / path
    if not file.is_file():
        return frozenset()
    tree = ast.parse(file.read_text(encoding="utf-8"))
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef)
    return frozenset(node.name for node in tree.body if isinstance(node, kinds))


def is_there(test: str) -> bool:
    path, _, name = test.partition("::")
    return name.startswith("test_") and name in collected_in(path)


def test_every_hazard_that_was_known_is_in_the_log_and_none_twice() -> None:
    ids = [hazard["id"] for hazard in HAZARDS]
    assert [seed for seed in SEED if seed not in ids] == []
    assert len(ids) == len(set(ids))


@each_hazard
def test_a_hazard_names_tests_that_exist(hazard: Hazard) -> None:
    assert [test for test in named_in(hazard) if not is_there(test)] == []


@each_hazard
def test_a_hazard_without_a_test_is_open_and_says_why(hazard: Hazard) -> None:
    covered = hazard["status"] == "covered" and named_in(hazard) != []
    assert covered or OPEN.fullmatch(hazard["status"])


@each_hazard
def test_a_hazard_has_an_owner_and_two_numbers_from_one_to_five(hazard: Hazard) -> None:
    assert all(hazard[column] for column in COLUMNS if column != "tests")
    assert {hazard["how bad"], hazard["how likely"]} <= set("12345")


def test_a_test_that_is_gone_would_be_noticed() -> None:
    row = "| H1 | a | b | c | d | 5 | 3 | e | f | `tests/safety/test_screen.py::test_nothing` | covered |"
    [hazard] = hazards_in(row)
    assert not is_there(named_in(hazard)[0])
    assert is_there("tests/safety/test_records.py::test_a_test_that_is_gone_would_be_noticed")


@pytest.mark.parametrize("number", range(1, 11))
def test_every_requirement_has_a_test_that_names_it(number: int) -> None:
    """Domain 4.4 (must), one by one."""
    named = [
        name for name in collected_in("tests/safety/test_must.py") if name.startswith(f"test_4_4_{number}_")
    ]
    assert named


def test_everything_that_no_text_may_say_is_looked_for() -> None:
    """Domain 4.5 (must never), one by one: a subject that is taken away is noticed."""
    assert [never.subject for never in NEVER] == SUBJECTS


@pytest.mark.parametrize("page", sorted(RECORDS.glob("*.md")), ids=lambda page: page.name)
def test_every_page_says_that_it_is_no_crisis_service(page: Path) -> None:
    """Whoever reads one page alone must not rely on more than there is."""
    assert "not a crisis service" in page.read_text(encoding="utf-8")
