"""One running product for the tests of a day in Sam's life; the destructive ones start their own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.stack import Stack
from tests.telegram_server.server import TelegramServer


@pytest.fixture(scope="module")
def telegram() -> Iterator[TelegramServer]:
    with TelegramServer() as server:
        yield server


@pytest.fixture(scope="module")
def stack(
    telegram: TelegramServer, trained_model: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Stack]:
    """Everything runs, with the demo's services in the database."""
    with Stack(tmp_path_factory.mktemp("state"), trained_model, telegram) as running:
        yield running
