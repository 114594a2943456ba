"""Many write at once on SQLite: each gets its turn, and none fails because of the crowd."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from sqlalchemy import event, func, select

from bot.caseload import store
from bot.caseload.errors import CaseloadUnavailable
from bot.caseload.models.people import Audit
from bot.caseload.store import Caseload
from bot.clock import FixedClock
from tests.people import WEDNESDAY

WRITERS, LINES = 16, 12


@pytest.fixture
def caseload(new_sqlite: Callable[[], str]) -> Caseload:
    return Caseload(new_sqlite(), FixedClock(WEDNESDAY))


def test_nobody_in_a_crowd_of_one_process_is_refused(caseload: Caseload) -> None:
    # SQLite itself waits for nobody here: whoever came at the wrong moment would be refused at once.
    event.listen(caseload.engine, "connect", does_not_wait)

    def writes(_: int) -> None:
        for _ in range(LINES):
            with caseload.transaction() as case:
                case.audit.record("looked", client_id=None)

    with ThreadPoolExecutor(WRITERS) as crowd:
        list(crowd.map(writes, range(WRITERS)))
    with caseload.engine.connect() as connection:
        assert connection.execute(select(func.count(Audit.id))).scalar_one() == WRITERS * LINES


def test_who_waits_too_long_hears_that_the_database_is_too_busy(
    caseload: Caseload, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store, "SQLITE_BUSY_MS", 20)
    with (
        ThreadPoolExecutor(1) as other,
        caseload.transaction() as case,
        pytest.raises(CaseloadUnavailable, match="too busy"),
    ):
        case.audit.record("looked", client_id=None)
        other.submit(lambda: caseload.transaction().__enter__()).result(10)


def test_who_fails_lets_the_next_one_in(caseload: Caseload) -> None:
    with pytest.raises(ZeroDivisionError), caseload.transaction():
        raise ZeroDivisionError
    with caseload.transaction() as case:
        case.audit.record("looked", client_id=None)


def does_not_wait(connection: Any, _record: Any) -> None:
    connection.execute("PRAGMA busy_timeout=0")
