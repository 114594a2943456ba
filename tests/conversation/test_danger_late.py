"""Danger that was written during an outage: it leaves first, and sounds as late as it is (domain 6.3)."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.clock import FixedClock
from tests.conversation.office import ClientPhone, FakePhones, Office, linked
from tests.people import Colleague

CRISIS = "I want to kill myself"


def _asks_at(who: ClientPhone, written: int) -> list[str]:
    """What they read after something that they wrote then, and that comes now."""
    before = len(who.reads)
    who.says(CRISIS, date=written)
    who.office.settle()
    return who.reads[before:]


@pytest.mark.parametrize(("minutes", "late"), [(14, False), (16, True), (600, True)])
def test_what_is_older_than_a_quarter_of_an_hour_is_answered_as_just_seen(
    sam: ClientPhone, office: Office, clock: FixedClock, minutes: int, late: bool
) -> None:
    written = int((clock.now() - timedelta(minutes=minutes)).timestamp())
    said = _asks_at(sam, written)
    assert said[0].startswith("I have just seen this.") is late
    assert bool(office.rows("safety_events")[0]["late"]) is late


def test_a_strangers_late_message_is_answered_so_too(
    stranger: ClientPhone, office: Office, clock: FixedClock
) -> None:
    written = int((clock.now() - timedelta(hours=1)).timestamp())
    assert _asks_at(stranger, written)[0].startswith("I have just seen this.")


def test_the_safety_reply_leaves_before_everything_else_that_waits(
    sam: ClientPhone, office: Office, phones: FakePhones, amina: Colleague
) -> None:
    office.shut()
    others = [linked(office, f"client{number}", f"Client {number}", amina) for number in range(5)]
    with office.caseload.transaction() as case:
        for other in others:
            conversation = case.conversations.lock(other.conversation_id)
            case.outbox.add(conversation, "Hello", origin="person", dedup_key=f"hello:{other.ref}")
    sam.says(CRISIS)
    office.open()
    office.settle()
    assert phones.bubbles[0].chat_id == sam.chat_id
    assert len(phones.bubbles) == 7
