"""The phrase rules alone, on three older sets that they were widened on: nothing may be lost again."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from bot.safety.routes import Route
from bot.safety.rules import RuleDetector
from bot.safety.screen import Screen

RULES_ALONE = Screen([RuleDetector.load()])
HERE = Path(__file__).parent
SETS = ["held_out.yml", "second_reading.yml", "third_reading.yml"]
# The floors of the project's specification for its own files; every other kind has the one for indirect.
FLOORS = {"explicit": 0.98, "overdose": 0.98}
OTHER_FLOOR = 0.90
FALSE_ALARMS = 0.02


def _read(name: str) -> Mapping[str, Any]:
    book: Mapping[str, Any] = yaml.safe_load((HERE / name).read_text(encoding="utf-8"))
    return book


@pytest.mark.parametrize("name", SETS)
def test_recall_of_every_kind_stays_above_its_floor(name: str) -> None:
    missed: dict[str, list[str]] = {}
    low: dict[str, float] = {}
    for kind, part in _read(name)["risk"].items():
        route = Route(part["route"])
        missed[kind] = [words for words in part["messages"] if RULES_ALONE.read(words).route is not route]
        recall = 1 - len(missed[kind]) / len(part["messages"])
        if recall < FLOORS.get(kind, OTHER_FLOOR):
            low[kind] = recall
    assert low == {}, missed


@pytest.mark.parametrize("name", SETS)
def test_ordinary_messages_seldom_raise_an_alarm(name: str) -> None:
    ordinary = _read(name)["ordinary"]
    readings = {words: RULES_ALONE.read(words) for words in ordinary}
    alarms = {words: found.detectors for words, found in readings.items() if found.route is not None}
    assert len(alarms) / len(ordinary) <= FALSE_ALARMS, alarms


def test_the_set_is_large_enough_to_mean_something() -> None:
    held_out = _read("held_out.yml")
    assert sum(len(part["messages"]) for part in held_out["risk"].values()) >= 120
    assert len(held_out["ordinary"]) >= 200


def test_no_example_of_a_rule_is_copied_from_the_evaluation() -> None:
    risky = [part["messages"] for book in map(_read, SETS) for part in book["risk"].values()]
    evaluated = {str(words).casefold() for messages in risky for words in messages}
    examples = {words.casefold() for rule in RuleDetector.load().rules for words in rule.fires_on}
    assert len(examples & evaluated) <= len(examples) // 10  # the shortest phrases have but one spelling
