"""A Telegram on loopback, and Sam's phone."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.telegram_server.phone import Phone
from tests.telegram_server.server import TelegramServer


@pytest.fixture
def telegram() -> Iterator[TelegramServer]:
    """A fresh server with one bot."""
    with TelegramServer() as server:
        yield server


@pytest.fixture
def sam(telegram: TelegramServer) -> Phone:
    """Sam has not pressed Start yet."""
    return telegram.client("Sam")
