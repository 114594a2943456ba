"""Only models that this install trained are loaded, and a server that must not start says why in one line."""

from __future__ import annotations

import json
import shutil
import socket
from pathlib import Path

import pytest

from .dialogue_server import ROOT, run


@pytest.fixture
def copied(model: Path, tmp_path: Path) -> Path:
    for path in model.parent.glob(model.name.removesuffix(".tar.gz") + ".*"):
        shutil.copy(path, tmp_path)
    return tmp_path / model.name


def refusal(model: Path, *more: str, secret: str | None = None, root: Path = ROOT) -> str:
    chosen = {} if secret is None else {"secret": secret}
    arguments = ("dialogue", "--model", str(model), "--port", "0", "--database-url", "sqlite://")
    result = run("server", *arguments, "--root", str(root), *more, **chosen)
    assert result.returncode == 1
    line = result.stderr.strip().splitlines()[-1]
    assert line.startswith("The dialogue server does not start. ")
    return line


def test_a_model_with_one_other_byte_is_refused(copied: Path) -> None:
    content = bytearray(copied.read_bytes())
    content[len(content) // 2] ^= 1
    copied.write_bytes(content)
    assert "was changed after it was trained" in refusal(copied)


def test_a_model_of_another_install_is_refused(copied: Path) -> None:
    assert "was not signed by this install" in refusal(copied, secret="another install's secret")


def test_a_manifest_that_was_edited_is_refused(copied: Path) -> None:
    manifest = copied.with_name(copied.name.replace(".tar.gz", ".json"))
    contents = json.loads(manifest.read_text())
    manifest.write_text(json.dumps(contents | {"rasa": "4"}))
    assert "was not signed by this install" in refusal(copied)


def test_a_model_without_manifest_is_refused(copied: Path) -> None:
    copied.with_name(copied.name.replace(".tar.gz", ".json")).unlink()
    assert "has no manifest" in refusal(copied)


def test_a_missing_model_is_said(tmp_path: Path) -> None:
    assert "There is no model gone.tar.gz" in refusal(tmp_path / "gone.tar.gz")


def test_a_port_in_use_is_said_at_once(model: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        assert f"The port {port}" in refusal(model, "--port", port)


def test_a_tracker_store_that_cannot_be_imported_stops_the_start(model: Path, tmp_path: Path) -> None:
    shutil.copy(ROOT / "credentials.yml", tmp_path)
    endpoints = (ROOT / "endpoints.yml").read_text()
    (tmp_path / "endpoints.yml").write_text(endpoints.replace("CaseworkTrackerStore", "CaseworkTrackerStor"))
    assert "does not name our tracker store" in refusal(model, root=tmp_path)


def test_another_channel_stops_the_start(model: Path, tmp_path: Path) -> None:
    shutil.copy(ROOT / "endpoints.yml", tmp_path)
    credentials = (ROOT / "credentials.yml").read_text()
    (tmp_path / "credentials.yml").write_text(credentials + "rest:\n")
    assert "may name only our gateway channel" in refusal(model, root=tmp_path)


def test_a_line_is_understood(model: Path) -> None:
    said = "my job is gardener\n/restart\nhello\n"
    result = run("understand", "--model", str(model), "--now", "2026-11-25T10:00", said=said)
    job, command, hello = [json.loads(line) for line in result.stdout.splitlines()]
    assert job["intents"][0] == {"name": "name_job", "confidence": 1.0}
    assert job["entities"] == [{"entity": "job", "text": "gardener", "value": "gardener"}]
    assert command["intents"] == []
    assert hello["intents"][0]["name"] == "greet"


def test_a_moment_that_is_none_is_said_in_one_line(model: Path) -> None:
    result = run("understand", "--model", str(model), "--now", "tomorrow", said="hello\n")
    assert (result.returncode, result.stdout) == (2, "")
    assert result.stderr == "tomorrow is not a time such as 2026-11-25T10:00.\n"
