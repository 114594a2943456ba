"""The chat first and then its handoff: who come at once wait for each other in turn, never in a ring."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from bot.caseload.models.conversation import Handoff
from bot.caseload.models.people import Staff
from bot.caseload.store import Case, Caseload
from tests.people import enrolled, hired

pytestmark = pytest.mark.slow

ROUNDS = 6


def close(case: Case, staff: Staff, handoff: Handoff) -> None:
    case.handoffs.close(staff, handoff)


def answer(case: Case, staff: Staff, handoff: Handoff) -> None:
    case.handoffs.mark_answered(staff, handoff.client)


def see(case: Case, staff: Staff, handoff: Handoff) -> None:
    case.handoffs.mark_seen(staff, handoff)


def lock(case: Case, staff: Staff, handoff: Handoff) -> None:
    case.handoffs.lock_for(staff, handoff.id)


@pytest.mark.parametrize("deal_with", [close, answer, see, lock])
def test_who_asks_while_somebody_deals_with_it_gets_through(
    empty_postgres: Caseload, deal_with: Callable[[Case, Staff, Handoff], None]
) -> None:
    store, amina = empty_postgres, hired(empty_postgres, "northside", "Amina Khan", "consultant")
    for number in range(ROUNDS):
        sam = enrolled(store, f"c{number}", "Sam Okoro", amina)
        handoff_id = sam.asks("Can I keep my benefit?")
        together = threading.Barrier(2)

        def deal(id: str = handoff_id, together: threading.Barrier = together) -> None:
            with store.transaction() as case:
                staff = case.staff.get(amina.id)
                handoff = case.handoffs.get_for(staff, id)
                together.wait(30)
                deal_with(case, staff, handoff)

        def ask(id: str = sam.id, together: threading.Barrier = together) -> None:
            with store.transaction() as case:
                client = case.clients.find(id)
                case.conversations.lock(case.conversations.of_client(client)[0].id)
                together.wait(30)
                case.handoffs.open(client, "And my rent?", "question")

        with ThreadPoolExecutor(2) as pool:
            for one in [pool.submit(deal), pool.submit(ask)]:
                one.result(60)
        with store.transaction() as case:
            [first] = [one for one in [case.handoffs.find(handoff_id)] if one is not None]
            assert "And my rent?" in first.question
