"""What the documents name exists, and what exists is named: files, make targets, commands, variables."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from bot.cli.main import COMMANDS

ROOT = Path(__file__).resolve().parents[1]
DOCUMENTS = sorted(
    [
        ROOT / "README.md",
        ROOT / "CONTRIBUTING.md",
        *(ROOT / "docs").rglob("*.md"),
        *(ROOT / "deploy").glob("*.md"),
    ]
)
DECISIONS = ROOT / "docs" / "decisions"
SETTINGS = (ROOT / "bot" / "settings.py").read_text(encoding="utf-8")
VARIABLE = r"(?:FOOTHOLD|TELEGRAM|ADZUNA)_[A-Z_]+[A-Z]"
#: Read or set for the tests and the set-up only, or between our own processes.
NOT_SETTINGS = {"FOOTHOLD_PYTHON", "FOOTHOLD_ACTIONS_URL", "FOOTHOLD_ACTIONS_KEY", "FOOTHOLD_DIALOGUE_KEY",
                "FOOTHOLD_TRACKER_URL"}  # fmt: skip
TOP = {path.name for path in ROOT.iterdir()} | {"var"}
_CODE = re.compile(r"`([^`\n]+)`")
_BLOCK = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)
_LINK = re.compile(r"\]\(([^)#\s]+)(?:#[^)]*)?\)")
_PATH = re.compile(r"[\w.*-]+(?:/[\w.*-]+)*/?")

each_document = pytest.mark.parametrize(
    "document", DOCUMENTS, ids=lambda document: str(document.relative_to(ROOT))
)


def text_of(document: Path) -> str:
    return document.read_text(encoding="utf-8")


@each_document
def test_links_lead_somewhere(document: Path) -> None:
    links = [link for link in _LINK.findall(text_of(document)) if "://" not in link]
    assert [link for link in links if not (document.parent / link).exists()] == []


@each_document
def test_files_that_are_named_exist(document: Path) -> None:
    codes = [code for code in _CODE.findall(_BLOCK.sub("", text_of(document))) if _PATH.fullmatch(code)]
    named = [code for code in codes if "/" in code and code.split("/")[0] in TOP and "var" not in code]
    assert [path for path in named if not list(ROOT.glob(path.rstrip("/")))] == []


@each_document
def test_make_targets_that_are_named_exist(document: Path) -> None:
    targets = set(re.findall(r"^([a-z0-9-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    named = re.findall(r"(?:^|`)make ((?:[a-z0-9-]+ ?)+)", text_of(document), re.MULTILINE)
    assert {target for line in named for target in line.split() if target not in targets} == set()


@each_document
def test_commands_that_are_named_exist(document: Path) -> None:
    named = set(re.findall(r"(?:`|bin/)foothold ([a-z-]+)", text_of(document)))
    assert named - set(COMMANDS) == set()


@each_document
def test_variables_that_are_named_are_read(document: Path) -> None:
    named = set(re.findall(VARIABLE, text_of(document))) - NOT_SETTINGS
    assert {name for name in named if name not in SETTINGS} == set()


def test_the_example_settings_are_exactly_what_is_read() -> None:
    example = re.findall(rf"^({VARIABLE})=", (ROOT / ".env.example").read_text(), re.MULTILINE)
    read = set(re.findall(rf'"({VARIABLE})"', SETTINGS))
    assert sorted(example) == sorted(read)


def test_the_example_settings_are_the_defaults() -> None:
    # Whoever copies the file without a change has changed nothing.
    lines = (ROOT / ".env.example").read_text().splitlines()
    given = dict(line.split("=", 1) for line in lines if "=" in line and not line.startswith("#"))
    wrong = {name: value for name, value in given.items() if value and value not in SETTINGS}
    assert wrong == {}


def test_decisions_are_numbered_without_gaps() -> None:
    numbers = [int(path.name[:4]) for path in sorted(DECISIONS.glob("*.md"))]
    assert numbers == list(range(1, len(numbers) + 1))


@pytest.mark.parametrize("decision", sorted(DECISIONS.glob("*.md")), ids=lambda decision: decision.name)
def test_a_decisions_title_has_its_number(decision: Path) -> None:
    assert text_of(decision).startswith(f"# {int(decision.name[:4])}. ")


def test_every_make_target_says_what_it_does() -> None:
    lines = (ROOT / "Makefile").read_text().splitlines()
    targets = [line for line in lines if re.match(r"[a-z0-9-]+:", line)]
    assert [line for line in targets if "## " not in line] == []


@each_document
def test_no_document_names_somebodys_machine(document: Path) -> None:
    assert re.findall(r"(?<![\w.])/(?:root|home|Users|work)/\S+", text_of(document)) == []
