"""Understanding a client's message, in the dialogue environment."""

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[3]
DIALOGUE_PYTHON = ROOT / ".venv-dialogue" / "bin" / "python"


def probe(subject: str, folder: Path) -> dict[str, Any]:
    environment = {
        **os.environ,
        "RASA_TELEMETRY_ENABLED": "false",
        "PYTHONPATH": str(ROOT),
        "TF_CPP_MIN_LOG_LEVEL": "3",
    }
    done = subprocess.run(
        [DIALOGUE_PYTHON, "-W", "ignore", Path(__file__).with_name("probe.py"), subject, folder],
        capture_output=True,
        text=True,
        cwd=ROOT,
        env=environment,
        timeout=110,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    return dict(json.loads(done.stdout.strip().splitlines()[-1]))


@pytest.fixture(scope="module")
def understanding(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    return probe("understanding", tmp_path_factory.mktemp("model"))


@pytest.fixture(scope="module")
def refusals(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    return probe("refusals", tmp_path_factory.mktemp("encoders"))


def likely(parsed: dict[str, Any]) -> list[dict[str, Any]]:
    return [entry for entry in parsed["ranking"] if entry["name"] != "nlu_fallback"]


def test_sam_is_understood_in_his_own_spelling(understanding: dict[str, Any]) -> None:
    best = [likely(parsed)[0]["name"] for parsed in understanding["after"][:3]]
    assert best == ["cancel_appointment", "search_jobs", "ask_consultant"]


def test_a_question_that_nobody_taught_is_not_understood(understanding: dict[str, Any]) -> None:
    assert understanding["after"][3]["intent"] == "nlu_fallback"
    assert understanding["after"][3]["ranking"][0]["name"] == "nlu_fallback"


def test_a_model_that_was_kept_and_loaded_ranks_as_the_fresh_one(understanding: dict[str, Any]) -> None:
    for before, after in zip(understanding["before"], understanding["after"], strict=True):
        assert [entry["name"] for entry in before["ranking"]] == [entry["name"] for entry in after["ranking"]]
        for fresh, kept in zip(before["ranking"], after["ranking"], strict=True):
            assert kept["confidence"] == pytest.approx(fresh["confidence"], abs=1e-6)


def test_every_intent_is_ranked_and_the_confidences_sum_to_one(understanding: dict[str, Any]) -> None:
    for parsed in understanding["after"] + understanding["odd"]:
        ranked = likely(parsed)
        assert len(ranked) == 3
        assert sum(entry["confidence"] for entry in ranked) == pytest.approx(1.0, abs=1e-6)
        assert ranked == sorted(ranked, key=lambda entry: -entry["confidence"])


def test_empty_endless_and_wordless_messages_get_an_answer(understanding: dict[str, Any]) -> None:
    assert all(parsed["intent"] for parsed in understanding["odd"])
    assert likely(understanding["odd"][-1])[0]["name"] == "cancel_appointment"


def test_a_trained_model_holds_no_pickle(understanding: dict[str, Any]) -> None:
    assert {Path(name).suffix for name in understanding["files"]} == {".json", ".npz"}


def test_another_file_under_the_encoders_name_is_refused_in_a_sentence(refusals: dict[str, Any]) -> None:
    assert refusals["wrong_sha256"].startswith("EncoderMismatch: The encoder file ")
    assert "was expected: put the expected file back" in refusals["wrong_sha256"]


def test_a_missing_or_broken_encoder_is_named(refusals: dict[str, Any]) -> None:
    assert refusals["missing"].startswith("EncoderMissing: The sentence encoder needs the file ")
    assert refusals["not_a_model"].startswith("EncoderError: The encoder file ")


def test_a_model_trained_with_another_encoder_does_not_load(refusals: dict[str, Any]) -> None:
    assert refusals["other_than_trained"].startswith("EncoderMismatch: This model was trained with")
