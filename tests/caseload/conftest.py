"""The cast on a real database: each test runs on SQLite and, as a slow one, on PostgreSQL too."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from bot.caseload.store import Caseload
from bot.clock import FixedClock
from tests.people import amina, clock, grace, hana, jo, piotr, sam

__all__ = ["amina", "clock", "grace", "hana", "jo", "piotr", "sam"]


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.slow)])
def database(request: pytest.FixtureRequest) -> str:
    """The URL of an empty database with the newest schema."""
    make: Callable[[], str] = request.getfixturevalue(f"new_{request.param}")
    return make()


@pytest.fixture
def caseload(database: str, clock: FixedClock) -> Iterator[Caseload]:
    store = Caseload(database, clock)
    yield store
    store.close()
