"""Every rule keeps its own examples, and the pattern language says when it cannot read a line."""

import pytest

from bot.safety.patterns import RuleMistake, compile_pattern
from bot.safety.routes import Route
from bot.safety.rules import Rule, RuleDetector
from bot.safety.screen import Screen

DETECTOR = RuleDetector.load()
RULES = DETECTOR.rules


@pytest.fixture(scope="module")
def screen() -> Screen:
    """The rules alone: a rule's examples must hold without the model beside them."""
    return Screen([DETECTOR])


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_a_rule_fires_on_each_of_its_examples(screen: Screen, rule: Rule) -> None:
    answers = {words: screen.read(words) for words in rule.fires_on}
    wrong = {words: found.detectors for words, found in answers.items() if found.route is not rule.route}
    assert wrong == {}
    assert any(f"rules:{rule.id}" in found.detectors for found in answers.values())


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_a_rule_stays_quiet_on_each_of_its_counter_examples(screen: Screen, rule: Rule) -> None:
    wrong = {
        words: screen.read(words).detectors
        for words in rule.stays_quiet
        if screen.read(words).route is rule.route
    }
    assert wrong == {}


def test_every_rule_has_two_examples_and_one_counter_example() -> None:
    thin = [rule.id for rule in RULES if len(rule.fires_on) < 2 or not rule.stays_quiet]
    assert thin == []


def test_every_route_has_rules_and_ids_are_unique() -> None:
    assert {rule.route for rule in RULES} == set(Route)
    assert len({rule.id for rule in RULES}) == len(RULES)


@pytest.mark.parametrize("line", ["(open", "close)", "{nobody}", "..3", "word?", "Capital", "?"])
def test_a_line_that_cannot_be_read_is_a_named_mistake(line: str) -> None:
    with pytest.raises(RuleMistake):
        compile_pattern(line, {}, frozenset())


def test_a_gap_does_not_run_over_the_end_of_a_sentence() -> None:
    pattern = compile_pattern("kill ..3 myself", {}, frozenset())
    assert pattern.regex.search("| kill off all myself |")
    assert not pattern.regex.search("| kill it | wash myself |")


def test_the_phrase_begins_at_its_mark() -> None:
    pattern = compile_pattern("i ..3 > die", {}, frozenset())
    assert pattern.find("| i want to die |") == (12, "die ")
    assert pattern.find("| you want to die |") is None
