"""Every conversation in this folder goes as it is written, with the trained model."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import pytest

from bot.tuning.models import Models
from tests.conftest import DIALOGUE_PYTHON, ROOT

pytestmark = pytest.mark.slow
QUIET = {"RASA_TELEMETRY_ENABLED": "false", "TF_CPP_MIN_LOG_LEVEL": "3"}


def rasa(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(DIALOGUE_PYTHON), "-m", "rasa", *arguments],
        cwd=ROOT,
        env={**os.environ, **QUIET, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=400,
        check=False,
    )


@pytest.mark.timeout(600)
def test_every_written_conversation_goes_as_written(trained_model: Path, tmp_path: Path) -> None:
    model = Models(trained_model).live().path
    stories = str(ROOT / "tests" / "dialogues")
    ran = rasa("test", "core", "-m", str(model), "-s", stories, "--out", str(tmp_path), "--no-plot")
    assert ran.returncode == 0, ran.stderr[-2000:]
    report = json.loads((tmp_path / "story_report.json").read_text(encoding="utf-8"))
    failed = (tmp_path / "failed_test_stories.yml").read_text(encoding="utf-8")
    assert report["conversation_accuracy"]["with_warnings"] == 0
    assert report["conversation_accuracy"]["accuracy"] == 1.0, failed
