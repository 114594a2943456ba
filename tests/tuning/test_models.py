"""The trained models of an install: which is live, and the way back."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.tuning.models import Models, NoSuchModel

NOW = datetime(2026, 11, 25, 10, tzinfo=UTC)


@pytest.fixture
def models(tmp_path: Path) -> Models:
    """Two trained models, the second one newer."""
    for number in (1, 2):
        (tmp_path / f"m{number}.tar.gz").write_bytes(b"model")
        facts = {"id": f"m{number}", "trained_at": f"2026-11-0{number}", "seconds": 40}
        (tmp_path / f"m{number}.json").write_text(json.dumps(facts), encoding="utf-8")
    return Models(tmp_path)


def test_nothing_is_live_before_somebody_says_so(models: Models) -> None:
    with pytest.raises(NoSuchModel):
        models.live()


def test_a_promoted_model_is_live_and_a_rollback_takes_it_back(models: Models) -> None:
    models.promote("m1", "Grace", NOW)
    models.promote("m2", "Grace", NOW)
    assert models.live().id == "m2"
    assert models.rollback("Grace", NOW).id == "m1"
    assert models.live().id == "m1"


def test_there_is_nothing_before_the_first_model(models: Models) -> None:
    models.promote("m1", "Grace", NOW)
    with pytest.raises(NoSuchModel):
        models.rollback("Grace", NOW)


def test_a_model_outside_the_folder_cannot_be_named(models: Models) -> None:
    with pytest.raises(NoSuchModel):
        models.promote("../m1", "Grace", NOW)


def test_a_spoilt_manifest_does_not_hide_the_other_models(models: Models, tmp_path: Path) -> None:
    (tmp_path / "m2.json").write_text("half a mani", encoding="utf-8")
    assert [model.id for model in models.all()] == ["m1"]
    assert models.newest().id == "m1"
