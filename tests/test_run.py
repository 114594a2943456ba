"""How the parts are started: what each is told, and what other people of the machine can see of it."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from bot.cli.run import dialogue_command, part_of
from bot.settings import Settings, dialogue_environment, load_settings

PASSWORD = "database-password"
TOKEN = "123456:telegram-secret"


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """An install with a live model, PostgreSQL, Telegram and a job board."""
    values = {
        "FOOTHOLD_STATE_DIR": str(tmp_path),
        "FOOTHOLD_SECRET_KEY": "the install's secret",
        "FOOTHOLD_DATABASE_URL": f"postgresql+psycopg://foothold:{PASSWORD}@db/foothold",
        "TELEGRAM_BOT_TOKEN": TOKEN,
        "ADZUNA_APP_ID": "id",
        "ADZUNA_APP_KEY": "adzuna-secret",
    }
    for name, value in values.items():
        monkeypatch.setenv(name, value)
    models = tmp_path / "models"
    models.mkdir()
    (models / "one.tar.gz").write_bytes(b"")
    (models / "one.json").write_text(json.dumps({"id": "one", "trained_at": "2026-11-25", "seconds": 40}))
    (models / "live").write_text("one")
    python = tmp_path / ".venv-dialogue" / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.touch()
    return replace(load_settings(values), root=tmp_path)


def test_no_secret_stands_on_a_command_line(settings: Settings) -> None:
    lines = [" ".join(part_of(settings, name, demo=False).command) for name in ("console", "gateway")]
    lines.append(" ".join(dialogue_command(settings)[0]))
    for secret in (PASSWORD, TOKEN, settings.secret_key, "adzuna-secret"):
        assert [line for line in lines if secret in line] == []


def test_the_dialogue_is_told_its_database_and_nothing_of_telegram(settings: Settings) -> None:
    _, environment = dialogue_command(settings)
    assert environment["FOOTHOLD_DATABASE_URL"] == settings.database_url
    assert environment["FOOTHOLD_SECRET_KEY"] == settings.secret_key
    assert [name for name in environment if name.startswith(("TELEGRAM_", "ADZUNA_"))] == []


def test_a_training_is_told_nothing_of_telegram_or_the_database(settings: Settings) -> None:
    environment = dialogue_environment(settings)
    assert [value for value in environment.values() if TOKEN in value or PASSWORD in value] == []


def test_the_action_server_is_not_told_the_token(settings: Settings) -> None:
    assert part_of(settings, "actions", demo=False).environment["TELEGRAM_BOT_TOKEN"] == ""
    assert part_of(settings, "gateway", demo=False).environment["TELEGRAM_BOT_TOKEN"] == TOKEN


def test_only_the_demo_starts_the_demos_console(settings: Settings) -> None:
    assert "--demo" not in part_of(settings, "console", demo=False).command
    assert "--demo" in part_of(settings, "console", demo=True).command
