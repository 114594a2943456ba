"""The Rasa component, run where Rasa is: in the dialogue environment."""

import json
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PYTHON = ROOT / ".venv-dialogue" / "bin" / "python"
PROGRAM = """
import json, sys
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.shared.nlu.training_data.message import Message
from nlu.components.time_extractor import TimeExtractor

registered = DefaultV1Recipe._registered_components.get("TimeExtractor") is not None
extractor = TimeExtractor.create({}, None, None, None)
answers = []
for data in json.load(sys.stdin):
    message = Message(data=data)
    assert extractor.process([message]) == [message]
    answers.append({"entities": message.get("entities"), "shown": "entities" in message.as_dict(True)})
print("ANSWER" + json.dumps({"registered": registered, "answers": answers}))
"""
LONDON = {"now": "2026-11-25T10:00:00Z", "timezone": "Europe/London", "region": "england"}
MESSAGES: list[dict[str, object]] = [
    {"text": "half 3 tomoz", "metadata": LONDON},
    {"text": "tues or weds next week", "metadata": LONDON},
    {"text": "dont text me after 9pm", "metadata": LONDON},
    {"text": "31 feb", "metadata": LONDON},
    {"text": "", "metadata": LONDON},
    {"intent": "greet"},
    {"text": "2 weeks"},
    {"text": "2 weeks", "metadata": {"now": "rubbish", "timezone": "Nowhere/At/All", "region": 7}},
    {"text": "2 weeks", "metadata": "rubbish"},
    {"text": "thursday", "metadata": LONDON, "entities": [{"entity": "job", "value": "baker"}]},
]


@pytest.fixture(scope="module")
def answers() -> dict[str, object]:
    if not PYTHON.exists():
        pytest.skip("the dialogue environment is not installed")
    done = subprocess.run(
        [str(PYTHON), "-c", PROGRAM],
        input=json.dumps(MESSAGES),
        capture_output=True,
        text=True,
        cwd=ROOT,
        timeout=100,
        check=False,
        env={"RASA_TELEMETRY_ENABLED": "false", "PATH": "/usr/bin:/bin", "TF_CPP_MIN_LOG_LEVEL": "3"},
    )
    assert done.returncode == 0, done.stderr[-2000:]
    answer = json.loads(done.stdout.split("ANSWER", 1)[1])
    assert isinstance(answer, dict)
    return answer


def entities(answers: dict[str, object], number: int) -> list[dict[str, object]] | None:
    rows = answers["answers"]
    assert isinstance(rows, list)
    found: list[dict[str, object]] | None = rows[number]["entities"]
    return found


def test_rasa_knows_the_component(answers: dict[str, object]) -> None:
    assert answers["registered"] is True


def test_a_time_is_an_entity_in_the_clients_zone(answers: dict[str, object]) -> None:
    assert entities(answers, 0) == [
        {
            "entity": "time",
            "start": 0,
            "end": 12,
            "value": "2026-11-26T15:30:00+00:00",
            "text": "half 3 tomoz",
            "extractor": "TimeExtractor",
        }
    ]


def test_a_choice_is_a_list_and_an_impossible_date_is_null(answers: dict[str, object]) -> None:
    choice, impossible = entities(answers, 1), entities(answers, 3)
    assert choice is not None
    assert impossible is not None
    assert choice[0]["value"] == ["2026-12-01", "2026-12-02"]
    assert impossible[0]["value"] is None


def test_quiet_hours_have_their_own_entity(answers: dict[str, object]) -> None:
    found = entities(answers, 2)
    assert found is not None
    assert [(one["entity"], one["value"]) for one in found] == [("quiet_time", "T21:00/..")]


def test_messages_without_text_are_left_alone(answers: dict[str, object]) -> None:
    assert not entities(answers, 4)
    assert not entities(answers, 5)


def test_missing_or_broken_metadata_falls_back(answers: dict[str, object]) -> None:
    for number in (6, 7, 8):
        found = entities(answers, number)
        assert found is not None
        assert [(one["entity"], one["value"]) for one in found] == [("duration", "P2W")]


def test_entities_of_others_stay(answers: dict[str, object]) -> None:
    found = entities(answers, 9)
    assert found is not None
    assert [one["entity"] for one in found] == ["job", "time"]
