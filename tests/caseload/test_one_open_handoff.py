"""One open handoff for each client, reason and subject: the database keeps it so, whoever comes at once."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from alembic import command
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from bot.caseload.migrations.migrate import _config, is_newest, migrate
from bot.caseload.models.conversation import Handoff
from bot.caseload.store import Case, Caseload
from bot.clock import FixedClock
from tests.caseload.test_repeats import twice_at_once
from tests.people import WEDNESDAY, Colleague, Person, enrolled, hired

ROUNDS = 8


def test_asked_twice_before_either_is_stored_is_one_with_a_count(caseload: Caseload, sam: Person) -> None:
    first, second = twice_at_once(caseload, lambda case: asks(case, sam.id))
    assert first == second
    assert open_ones(caseload) == [("question", None, 2)]


def test_a_client_without_a_chat_asked_for_twice_at_once_is_one_too(
    caseload: Caseload, amina: Colleague
) -> None:
    with caseload.transaction() as case:
        staff = case.staff.get(amina.id)
        client_id = case.clients.enrol(staff.service, "Una Moss", ref="una", consultant=staff).id
    first, second = twice_at_once(caseload, lambda case: asks(case, client_id))
    assert first == second
    assert open_ones(caseload) == [("question", None, 2)]


def test_about_the_same_lead_it_is_one_and_about_another_lead_another(
    caseload: Caseload, sam: Person
) -> None:
    first, second = twice_at_once(caseload, lambda case: asks(case, sam.id, "lead", "lead:a"))
    assert first == second
    with caseload.transaction() as case:
        asks(case, sam.id, "lead", "lead:b")
    assert open_ones(caseload) == [("lead", "lead:a", 2), ("lead", "lead:b", 1)]


def test_what_was_answered_is_opened_again_once(caseload: Caseload, sam: Person, amina: Colleague) -> None:
    answered = sam.asks("Can I keep my benefit?")
    with caseload.transaction() as case:
        case.handoffs.mark_answered(case.staff.get(amina.id), case.clients.find(sam.id))
    assert twice_at_once(caseload, lambda case: asks(case, sam.id)) == [answered, answered]
    assert open_ones(caseload) == [("question", None, 3)]


@pytest.mark.slow
@pytest.mark.parametrize("has_chat", [True, False], ids=["with a chat", "without a chat"])
def test_two_at_the_same_instant_are_one_on_postgresql(empty_postgres: Caseload, has_chat: bool) -> None:
    store, amina = empty_postgres, hired(empty_postgres, "northside", "Amina Khan", "consultant")
    for number in range(ROUNDS):
        client_id = enrolled(store, f"c{number}", "Sam Okoro", amina).id
        if not has_chat:
            with store.transaction() as case:
                case.conversations.unlink(case.conversations.of_client(case.clients.find(client_id))[0])
        assert len(set(both(store, client_id))) == 1
    assert open_ones(store) == [("question", None, 2)] * ROUNDS


def test_the_database_itself_refuses_a_second_one(caseload: Caseload, sam: Person) -> None:
    sam.asks("Can I keep my benefit?")
    with pytest.raises(IntegrityError), caseload.transaction() as case:
        case.handoffs._session.add(
            Handoff(
                client_id=sam.id, reason="question", urgency="routine", question="",
                waiting_since=case.clock.now(),
            )
        )  # fmt: skip


@pytest.mark.parametrize("database", ["sqlite", pytest.param("postgres", marks=pytest.mark.slow)])
def test_doubles_of_before_become_one_and_no_alarm_falls_silent(
    database: str, request: pytest.FixtureRequest
) -> None:
    make: Callable[[], str] = request.getfixturevalue(f"new_{database}")
    store = Caseload(make(), FixedClock(WEDNESDAY))
    sam = enrolled(store, "sam", "Sam Okoro", hired(store, "northside", "Amina Khan", "consultant"))
    with store.engine.begin() as connection:
        command.downgrade(_config(connection), "0011")
    with store.transaction() as case:
        for place, (question, reason, urgency) in enumerate(
            (
                ("My rent?", "question", "routine"),
                ("My benefit?", "question", "today"),
                ("", "safety", "now"),
                ("help", "safety", "now"),
            )
        ):
            handoff = Handoff(
                id=f"h{place}", client_id=sam.id, reason=reason, urgency=urgency, question=question,
                waiting_since=case.clock.now(),
            )  # fmt: skip
            case.handoffs._session.add(handoff)
            case.handoffs._session.flush()
            case.waits.start(handoff)
        case.handoffs.note_escalated(case.handoffs.find("h3"))  # type: ignore[arg-type]
    migrate(store.engine)
    assert is_newest(store.engine)
    with store.transaction() as case:
        client = case.clients.find(sam.id)
        kept = {
            one.id: (one.question, one.urgency, one.asked_count) for one in case.handoffs.open_for(client)
        }
        assert kept == {"h0": ("My rent?\nMy benefit?", "today", 2), "h3": ("help", "now", 2)}
        closed = case.handoffs.find("h1")
        assert closed is not None
        assert closed.status == "closed"
        assert closed.ended_at is not None
        assert [event.what for event in closed.events] == ["closed"]
        assert case.timers.waiting("handoff_wait:h1:") == []
        assert len(case.timers.waiting("handoff_wait:h0:")) == 4
        assert case.handoffs.open(client, "And now?", "question").asked_before
    store.close()


def asks(case: Case, client_id: str, reason: str = "question", subject: str | None = None) -> str:
    return case.handoffs.open(case.clients.find(client_id), "Can I?", reason, subject=subject).handoff.id


def both(store: Caseload, client_id: str) -> list[str]:
    """Let two ask at the same instant."""
    together = threading.Barrier(2)

    def ask() -> str:
        with store.transaction() as case:
            client = case.clients.find(client_id)
            together.wait(30)
            return case.handoffs.open(client, "Can I?", "question").handoff.id

    with ThreadPoolExecutor(2) as pool:
        return [one.result(60) for one in [pool.submit(ask), pool.submit(ask)]]


def open_ones(store: Caseload) -> list[tuple[str, str | None, int]]:
    """Every open handoff: its reason, its subject and how often it was asked for."""
    query = text(
        "SELECT reason, subject, asked_count FROM handoffs WHERE status = 'waiting' ORDER BY subject"
    )
    with store.engine.connect() as connection:
        return [(row.reason, row.subject, row.asked_count) for row in connection.execute(query)]
