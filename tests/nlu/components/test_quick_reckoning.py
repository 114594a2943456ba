"""The quick ways of reckoning give what the plain ones give."""

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import pytest

from nlu.components.eight_bits import is_quick_here

ROOT = Path(__file__).resolve().parents[3]
DIALOGUE_PYTHON = ROOT / ".venv-dialogue" / "bin" / "python"


@pytest.fixture(scope="module")
def found() -> dict[str, Any]:
    done = subprocess.run(
        [DIALOGUE_PYTHON, "-W", "ignore", Path(__file__).with_name("quick_probe.py")],
        capture_output=True,
        text=True,
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        timeout=110,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    return dict(json.loads(done.stdout))


def test_the_universal_encoder_says_what_its_own_package_says(found: dict[str, Any]) -> None:
    assert found["encoders"]["universal_error"] < 1e-5


def test_eight_bits_hardly_move_a_sentence(found: dict[str, Any]) -> None:
    cosines = found["encoders"]["universal_cosines"] + found["encoders"]["sentence_cosines"]
    assert min(cosines) > 0.995
    assert found["products"]["error"] < 0.01


def test_a_message_is_embedded_alike_alone_and_among_others(found: dict[str, Any]) -> None:
    assert found["encoders"]["alone_and_together"] == 0.0


def test_a_file_that_is_written_in_another_way_is_used_as_it_is(found: dict[str, Any]) -> None:
    assert found["encoders"]["other_model_is_left_alone"]


def test_likeness_by_postings_is_the_sum_of_the_cosines(found: dict[str, Any]) -> None:
    assert found["likeness"]["few_rows_error"] < 1e-6
    # More than a million numbers are kept in 8 bits where that is quick, which moves a likeness a little.
    assert found["likeness"]["error"] < (2e-3 if found["products"]["quick_here"] else 1e-5)


def test_a_message_is_judged_alike_alone_and_among_others(found: dict[str, Any]) -> None:
    assert found["head"]["right"] > 0.8
    assert found["head"]["alone_and_together"] < 1e-4


@pytest.mark.parametrize(
    ("flags", "quick"),
    [
        ("fma avx2 avx512f avx512_vnni", True),
        ("fma avx2 avx_vnni", True),
        ("fma avx2 vaes", False),
        ("", False),
    ],
)
def test_eight_bits_are_multiplied_where_the_processor_is_quick_at_it(
    tmp_path: Path, flags: str, quick: bool
) -> None:
    told = tmp_path / "cpuinfo"
    told.write_text(f"processor\t: 0\nflags\t\t: fpu {flags}\n", encoding="utf-8")
    assert is_quick_here(told) is quick


def test_a_machine_that_does_not_say_what_it_can_multiplies_floats(tmp_path: Path) -> None:
    assert not is_quick_here(tmp_path / "none")
