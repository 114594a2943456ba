"""The proof of the screen, on messages that neither its rules nor its model have seen."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.safety.train import own_examples, training_messages
from bot.safety.near_duplicates import near_duplicates
from bot.safety.proof import EvaluationMistake, Example, measure, read_examples, shortfalls
from bot.safety.routes import Finding, NearMiss, Route
from bot.safety.rules import RuleDetector
from bot.safety.screen import Screen
from bot.safety.trained import TrainedDetector, TrainedModelMissing, fingerprint_of_training

EVALUATION = Path(__file__).parent / "evaluation"
FILES = [EVALUATION / "risk.yml", EVALUATION / "ordinary.yml"]


@pytest.fixture(scope="module")
def examples() -> list[Example]:
    return read_examples(FILES)


@pytest.fixture(scope="module")
def trained() -> TrainedDetector:
    return TrainedDetector.load()


def test_the_screen_finds_danger_and_leaves_ordinary_talk_alone(examples: list[Example]) -> None:
    screen = Screen.load()
    assert screen.is_whole
    proof = measure(screen, examples)
    assert shortfalls(proof) == [], [(str(one.route), one.text) for one in proof.wrong]


def test_the_proof_is_large_enough_and_of_both_countries(examples: list[Example]) -> None:
    assert sum(one.route is not None for one in examples) >= 400
    assert sum(one.route is None for one in examples) >= 600
    for region in ("england", "new_zealand"):
        assert sum(one.region == region for one in examples) >= 400
    assert {one.route for one in examples} == {None, *Route}


def test_nothing_is_trained_on_that_is_nearly_in_the_proof(examples: list[Example]) -> None:
    trained_on = [message.text for message in training_messages()]
    assert len(trained_on) > 5_000
    assert near_duplicates([one.text for one in examples], trained_on) == []


def test_nothing_of_the_assistants_own_that_is_trained_on_is_nearly_in_the_proof(
    examples: list[Example],
) -> None:
    own = [message.text for message in own_examples()]
    assert len(own) > 500
    assert near_duplicates([one.text for one in examples], own) == []


def test_no_example_beside_a_rule_is_nearly_in_the_proof(examples: list[Example]) -> None:
    beside = [text for rule in RuleDetector.load().rules for text in (*rule.fires_on, *rule.stays_quiet)]
    assert len(beside) > 100
    assert near_duplicates([one.text for one in examples], beside) == []


def test_near_duplicates_are_found_whatever_the_spelling() -> None:
    kept = ["I cannot see a way past this week", "ok"]
    assert near_duplicates(kept, ["i cannot see a way past this week!!"])
    assert near_duplicates(kept, ["i cannot see any way past this week"])
    assert not near_duplicates(kept, ["is there a way past the roadworks"])


def test_the_model_belongs_to_the_training_messages(trained: TrainedDetector) -> None:
    # Red after an edit of a training file: run `make train-safety`, then `make safety`.
    assert trained.trained_on == fingerprint_of_training()


def test_the_model_reads_meaning_that_no_rule_spells_out(trained: TrainedDetector) -> None:
    [finding] = trained.find(
        "i have sorted who gets the cat and my passwords, nobody needs to worry after sunday"
    )
    assert isinstance(finding, Finding)
    assert (finding.route, finding.detector.partition(":")[0]) == (Route.CRISIS, "model")
    assert trained.find("can you send me the warehouse job again please") == ()


def test_what_the_model_answers_is_no_near_miss(trained: TrainedDetector) -> None:
    answered = [one for one in ("i want to die", "nobody would miss me if i was gone") if trained.find(one)]
    assert answered
    assert [trained.near_miss(one) for one in answered] == [None] * len(answered)
    assert trained.near_miss("yes please") is None


def test_some_ordinary_talk_is_a_near_miss_for_people_to_look_at(
    trained: TrainedDetector, examples: list[Example]
) -> None:
    nearly = [trained.near_miss(one.text) for one in examples if one.route is None]
    found = [one for one in nearly if one is not None]
    assert 0 < len(found) < len(nearly) / 10
    assert all(isinstance(one, NearMiss) and 0 < one.score < 1 for one in found)


def test_without_its_model_the_screen_still_reads_by_its_rules(tmp_path: Path) -> None:
    with pytest.raises(TrainedModelMissing, match="make train-safety"):
        TrainedDetector.load(tmp_path / "none.npz")


def test_a_damaged_model_is_refused_with_a_sentence(tmp_path: Path) -> None:
    damaged = tmp_path / "head.npz"
    damaged.write_bytes(b"not a model")
    with pytest.raises(TrainedModelMissing, match="make train-safety"):
        TrainedDetector.load(damaged)


def test_an_evaluation_file_of_another_form_is_named(tmp_path: Path) -> None:
    file = tmp_path / "mine.yml"
    file.write_text("- {text: hello}", encoding="utf-8")
    with pytest.raises(EvaluationMistake, match=r"mine\.yml"):
        read_examples([file])


def test_of_a_long_message_the_model_reads_the_beginning_and_the_end(trained: TrainedDetector) -> None:
    cry = "nobody would even notice if i was gone for good"
    talk = "we talked about the van and the rota and who has the keys on monday. " * 12
    for words in (f"{cry}. {talk}", f"{talk}{cry}"):
        [finding] = trained.find(words)
        assert finding.route is Route.CRISIS
    assert trained.find(talk) == ()
