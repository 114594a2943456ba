"""The numbers of an evaluation, on a handful of answers that can be counted by hand."""

from __future__ import annotations

import math
from pathlib import Path

import pytest

from integrations.rasa.inside.evaluate_data import BadHeldOut, HeldOutMessage, Mention, read_held_out
from integrations.rasa.inside.evaluate_report import Evaluation, as_json, as_text, flips
from integrations.rasa.inside.evaluate_scores import Answer, chance_of_difference, confusions, score, wilson

FRIDAY = Mention.of("time", "2026-11-27")


def answer(
    text: str,
    meant: str,
    intent: str,
    ranking: dict[str, float],
    *,
    wanted: tuple[Mention, ...] = (),
    found: tuple[Mention, ...] = (),
    split: str = "dev",
) -> Answer:
    message = HeldOutMessage(text, meant, split, "england", wanted, {})
    return Answer(message, intent, tuple(ranking.items()), found, 5.0)


SAM_SAYS = (
    answer("cant come fri", "cancel", "cancel", {"cancel": 0.9}, wanted=(FRIDAY,), found=(FRIDAY,)),
    answer("not fri", "cancel", "move", {"move": 0.6, "cancel": 0.3}, wanted=(FRIDAY,)),
    answer("hiya", "greet", "nlu_fallback", {"greet": 0.3, "cancel": 0.2}, split="test"),
    answer("hey now", "greet", "greet", {"greet": 0.8}, found=(FRIDAY,), split="test"),
    answer("order a pizza", "out_of_scope", "nlu_fallback", {"greet": 0.2}),
    answer("feed my cat", "out_of_scope", "out_of_scope", {"out_of_scope": 0.7}),
    answer("fix my car", "out_of_scope", "move", {"move": 0.5}),
)


def test_asking_back_is_not_right_but_is_no_misreading_either() -> None:
    numbers = score(SAM_SAYS)
    assert (numbers.in_scope, numbers.out_of_scope) == (4, 3)
    assert numbers.accuracy == 0.5
    assert numbers.best_guess == 0.75
    assert numbers.among_offered == 1.0
    assert numbers.right_or_offered == 0.75
    assert (numbers.misread, numbers.in_scope_loss, numbers.lost_though_right) == (0.25, 0.25, 0.25)
    assert numbers.refused == 0.0


def test_both_ways_of_saying_no_count_as_knowing_ones_limits() -> None:
    numbers = score(SAM_SAYS)
    assert numbers.out_of_scope_recall == pytest.approx(2 / 3)
    assert numbers.out_of_scope_precision == pytest.approx(2 / 3)
    # cancel 2/3, greet 2/3, out_of_scope 2/3
    assert numbers.macro_f1 == pytest.approx(2 / 3)


def test_a_time_counts_only_with_the_right_value() -> None:
    numbers = score(SAM_SAYS)
    assert (numbers.time_precision, numbers.time_recall, numbers.time_f1) == (0.5, 0.5, 0.5)
    thursday = answer(
        "fri", "inform", "inform", {"inform": 1.0}, wanted=(FRIDAY,), found=(Mention.of("time", 1),)
    )
    assert score([thursday]).time_f1 == 0.0


def test_confidence_is_held_against_how_often_it_is_right() -> None:
    always_sure = [answer("x", "greet", "greet", {"greet": 1.0}), answer("y", "greet", "move", {"move": 1.0})]
    assert score(always_sure).calibration_error == pytest.approx(0.5)
    assert score(always_sure).overconfidence == pytest.approx(0.5)
    honest = [answer("x", "greet", "greet", {"greet": 0.5}), answer("y", "greet", "move", {"move": 0.5})]
    assert score(honest).calibration_error == pytest.approx(0.0)


def test_nothing_to_score_is_no_crash() -> None:
    assert score([]).accuracy == 0.0


def test_small_samples_have_wide_intervals() -> None:
    low, high = wilson(5, 10)
    assert low < 0.3 and high > 0.7
    assert wilson(0, 0) == (0.0, 0.0)
    assert chance_of_difference(0, 0) == 1.0
    assert math.isclose(chance_of_difference(5, 0), 2 / 32)


def test_the_report_shows_dev_mistakes_and_hides_those_of_the_test_split() -> None:
    report = as_text([Evaluation("model-1", SAM_SAYS)])
    assert "cancel -> move" in report and "not fri" in report
    assert "greet -> nlu_fallback" in report and "hiya" not in report
    assert "hiya" in as_text([Evaluation("model-1", SAM_SAYS)], show_test=True)
    assert confusions(SAM_SAYS)[0][:2] == ("cancel", "move")


def test_comparing_names_every_message_that_flips() -> None:
    after = (*SAM_SAYS[:1], answer("not fri", "cancel", "cancel", {"cancel": 0.5}), *SAM_SAYS[2:])
    before = Evaluation("a", SAM_SAYS)
    assert [(change, new.intent) for change, _, new in flips(before, Evaluation("b", after))] == [
        ("better", "cancel")
    ]
    assert [change for change, _, _ in flips(Evaluation("b", after), before)] == ["worse"]
    report = as_text([before, Evaluation("b", after)])
    assert "dev: 1 better, 0 worse" in report and "better: not fri" in report
    assert as_json([before, Evaluation("b", after)])["flips"][0]["before"]["decided"] == "move"


@pytest.mark.parametrize(
    ("row", "says"),
    [
        ('[later, "hi"]', "Not a message of greet"),
        ('[dev, ""]', "has no text"),
        ('[dev, "hi", [[friday, time, "2026-11-27"]]]', "not in the message"),
        ("[dev, hi, 3]", "not laid out"),
    ],
)
def test_a_mistake_in_the_file_is_named(tmp_path: Path, row: str, says: str) -> None:
    path = tmp_path / "held_out.yml"
    path.write_text(
        f"scenes: {{england: {{now: x}}}}\ngroups:\n  - intent: greet\n    messages:\n      - {row}\n",
        encoding="utf-8",
    )
    with pytest.raises(BadHeldOut, match=says):
        read_held_out(path)
