"""Amina hears what really happens: whether Sam is told, reminded, or reached at all."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.conversation.timers import TimerRunner
from bot.conversation.wording import Wording
from tests.console.conftest import Browser, Door
from tests.console.test_client import APPOINTMENT, adds
from tests.console.test_conversation import epoch_on
from tests.people import Colleague, Person

CLOSED = "the chat cannot be reached"


def blocks(door: Door, sam: Person) -> None:
    """Sam blocks the bot."""
    with door.caseload.transaction() as case:
        case.conversations.mark_unreachable(case.conversations.lock(sam.conversation_id))


def says_yes(door: Door, sam: Person) -> None:
    with door.caseload.transaction() as case:
        case.consents.record(case.clients.find(sam.id), "demo_chat", given=True, wording_version="1")


def arranges(door: Door, sam: Person, amina: Colleague, hours: int = 48) -> str:
    with door.caseload.transaction() as case:
        return case.appointments.arrange(
            case.clients.find(sam.id), case.staff.get(amina.id), case.clock.now() + timedelta(hours=hours),
            minutes=45, mode="office", place=None, purpose=None,
        ).id  # fmt: skip


def takes_over(browser: Browser, sam: Person) -> str:
    path = f"/conversations/{sam.conversation_id}"
    return browser.post(f"{path}/take-over", {"epoch": epoch_on(browser.text(path))}, follow=True).text


def test_a_reply_to_sam_who_blocked_the_bot_is_not_said_to_be_on_its_way(
    console: Door, amina: Colleague, sam: Person
) -> None:
    blocks(console, sam)
    path = f"/conversations/{sam.conversation_id}"
    page = console.as_(amina).post(f"{path}/reply", {"text": "Hi", "form_key": "a" * 32}, follow=True).text
    assert "on its way" not in page
    assert f"Your message does not reach Sam: {CLOSED}." in page


def test_taking_over_a_blocked_chat_says_that_sam_was_not_told(
    console: Door, amina: Colleague, sam: Person
) -> None:
    blocks(console, sam)
    page = takes_over(console.as_(amina), sam)
    assert "You have the chat. The bot could not tell Sam" in page
    assert "that you joined" not in page


def test_sam_who_is_there_is_told_that_amina_joined(console: Door, amina: Colleague, sam: Person) -> None:
    assert "The bot told Sam that you joined." in takes_over(console.as_(amina), sam)


def test_a_cancelled_meeting_says_that_sam_must_be_told_by_amina(
    console: Door, amina: Colleague, sam: Person
) -> None:
    meeting = arranges(console, sam, amina)
    blocks(console, sam)
    page = console.as_(amina).post(f"/appointments/{meeting}/cancel", {"back": "appointment"}, follow=True)
    assert f"Cancelled. The bot could not tell Sam: {CLOSED}. Tell them yourself." in page.text


def test_a_meeting_with_sam_who_blocked_the_bot_promises_no_reminder(
    console: Door, amina: Colleague, sam: Person
) -> None:
    blocks(console, sam)
    page = adds(console.as_(amina), sam, "appointments", APPOINTMENT)
    assert f"The appointment is saved. As things are, Sam is not reminded: {CLOSED}." in page


def test_a_meeting_in_an_hour_promises_no_reminder(console: Door, amina: Colleague, sam: Person) -> None:
    soon = {**APPOINTMENT, "appointment-day": "2026-11-25", "appointment-time": "11:00"}
    assert "It is too soon for a reminder. Tell Sam yourself." in adds(
        console.as_(amina), sam, "appointments", soon
    )


@pytest.mark.parametrize("why", ["a person has the chat", CLOSED])
def test_a_reminder_that_could_not_leave_stands_on_aminas_day_until_the_meeting(
    console: Door, amina: Colleague, sam: Person, words: Wording, why: str
) -> None:
    says_yes(console, sam)
    arranges(console, sam, amina)
    browser = console.as_(amina)
    assert "was not reminded" not in browser.text("/today")
    if why == CLOSED:
        blocks(console, sam)
    else:
        takes_over(browser, sam)
    console.clock.advance(hours=24, minutes=1)
    TimerRunner(console.caseload, words).ring_due()
    browser = console.as_(amina)
    assert f"Sam was not reminded: {why}." in browser.text("/today")
    console.clock.advance(hours=24)
    assert "was not reminded" not in console.as_(amina).text("/today")
