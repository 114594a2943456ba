"""The same form sent twice at the same moment is stored once, and neither of the two breaks."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

from sqlalchemy import text

from bot.caseload.later_replies import ForLater
from bot.caseload.store import Case, Caseload
from tests.people import Colleague, Person

#: Long enough for the second one to get to where it has to wait for the first.
MEANWHILE = 0.3


def twice_at_once(caseload: Caseload, add: Callable[[Case], object]) -> list[object]:
    """Let a second transaction add the same before the first one has committed; return what both got."""
    begun = threading.Event()

    def first() -> object:
        with caseload.transaction() as case:
            added = add(case)
            begun.set()
            time.sleep(MEANWHILE)
        return added

    def second() -> object:
        assert begun.wait(30)
        with caseload.transaction() as case:
            return add(case)

    with ThreadPoolExecutor(2) as pool:
        both = [pool.submit(first), pool.submit(second)]
        return [one.result(60) for one in both]


def count(caseload: Caseload, table: str) -> int:
    with caseload.engine.connect() as connection:
        return int(connection.execute(text(f"SELECT count(*) FROM {table}")).scalar_one())


def test_a_message_sent_twice_at_once_leaves_once(caseload: Caseload, sam: Person) -> None:
    def send(case: Case) -> object:
        conversation = case.conversations.find(sam.conversation_id)
        assert conversation is not None
        return case.outbox.add(conversation, "See you then.", origin="bot", dedup_key="reply:1").message_id

    first, second = twice_at_once(caseload, send)
    assert first == second is not None
    assert (count(caseload, "outbox"), count(caseload, "messages")) == (1, 1)


def test_a_note_for_the_team_sent_twice_at_once_is_one(
    caseload: Caseload, amina: Colleague, sam: Person
) -> None:
    def note(case: Case) -> object:
        conversation = case.conversations.find(sam.conversation_id)
        assert conversation is not None
        return case.internal_notes.add(case.staff.get(amina.id), conversation, "Prefers mornings", key="n1")

    first, second = twice_at_once(caseload, note)
    assert first is not None
    assert second is None
    assert count(caseload, "internal_notes") == 1


def test_a_reply_for_later_sent_twice_at_once_is_one_with_one_timer(
    caseload: Caseload, amina: Colleague, sam: Person
) -> None:
    tomorrow = caseload.clock.now() + timedelta(days=1)

    def write(case: Case) -> object:
        conversation = case.conversations.find(sam.conversation_id)
        assert conversation is not None
        what = ForLater("See you", tomorrow, tomorrow, False)
        return case.later_replies.add(case.staff.get(amina.id), conversation, what, key="l1").id

    first, second = twice_at_once(caseload, write)
    assert first == second
    assert (count(caseload, "later_replies"), count(caseload, "timers")) == (1, 1)


def test_a_meeting_and_a_job_sent_twice_at_once_are_one_each(
    caseload: Caseload, amina: Colleague, sam: Person
) -> None:
    tomorrow = caseload.clock.now() + timedelta(days=1)

    def arrange(case: Case) -> object:
        client, staff = case.clients.find(sam.id), case.staff.get(amina.id)
        lead = case.leads.share(client, staff, title="Baker")
        meeting = case.appointments.arrange(
            client, staff, tomorrow, minutes=45, mode="office", place=None, purpose=None
        )
        return lead.id, meeting.id

    first, second = twice_at_once(caseload, arrange)
    assert first == second
    assert (count(caseload, "appointments"), count(caseload, "job_leads")) == (1, 1)
