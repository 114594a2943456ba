"""The cast on a real database: each test runs on SQLite and, as a slow one, on PostgreSQL too."""

from __future__ import annotations

import pytest

from bot.caseload.store import Caseload
from bot.clock import FixedClock
from tests.people import amina, clock, grace, hana, jo, piotr, sam

__all__ = ["amina", "clock", "grace", "hana", "jo", "piotr", "sam"]


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.slow)])
def caseload(request: pytest.FixtureRequest, clock: FixedClock) -> Caseload:
    store: Caseload = request.getfixturevalue(f"empty_{request.param}")
    store.clock = clock
    return store
