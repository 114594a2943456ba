"""The fictional service stays out of a real one."""

from __future__ import annotations

import pytest

from bot.caseload.store import Caseload
from bot.cli.data import load_demo
from bot.cli.support import Mistake
from bot.demo.seed import RealServiceHere, seed
from tests.conftest import NewDatabase


@pytest.fixture
def caseload(new_sqlite: NewDatabase) -> Caseload:
    return Caseload(new_sqlite())


def add_real_service(caseload: Caseload) -> None:
    with caseload.transaction() as case:
        case.services.add(
            ref="harbour",
            name="Harbour IPS",
            region="england",
            timezone="Europe/London",
            phone="020 7946 0000",
            hours={},
        )


def test_the_demos_people_with_their_public_password_never_join_a_real_service(caseload: Caseload) -> None:
    add_real_service(caseload)
    with pytest.raises(RealServiceHere):
        seed(caseload)
    with caseload.reading() as case:
        assert case.staff.all() == []
        assert [service.ref for service in case.services.all()] == ["harbour"]


def test_an_operator_who_seeds_a_real_database_reads_what_to_do(caseload: Caseload) -> None:
    add_real_service(caseload)
    with pytest.raises(Mistake, match="FOOTHOLD_STATE_DIR"):
        load_demo(caseload)


def test_seeding_twice_changes_nothing(caseload: Caseload) -> None:
    seed(caseload)
    with caseload.reading() as case:
        before = [line.ref for line in case.clients.lines()]
    seed(caseload)
    with caseload.reading() as case:
        assert [line.ref for line in case.clients.lines()] == before
