"""Amina is away and Piotr covers: he has her clients on his lists, and hears of her meetings."""

from __future__ import annotations

from datetime import datetime

from bot.conversation.timers import TimerRunner
from bot.conversation.wording import Wording
from tests.console.conftest import Browser, Door
from tests.console.test_head import told
from tests.console.test_hours import add, away
from tests.people import Colleague, Person

#: Today, a Wednesday, and the Friday after it.
TODAY, FRIDAY = "2026-11-25", "2026-11-27"


def meets(console: Door, amina: Colleague, sam: Person, day: int, hour: int) -> str:
    """Let Sam and Amina agree on a meeting in November."""
    with console.caseload.transaction() as case:
        starts_at = console.clock.now().replace(day=day, hour=hour, minute=0)
        return case.appointments.arrange(
            case.clients.find(sam.id), case.staff.get(amina.id), starts_at, minutes=45, mode="office",
            place=None, purpose=None,
        ).id  # fmt: skip


def rings(console: Door, words: Wording, at: datetime | None = None) -> None:
    if at is not None:
        console.clock.set(at)
    TimerRunner(console.caseload, words).ring_due()


def inbox(browser: Browser) -> str:
    return " ".join(browser.text("/").split())


def test_piotr_has_sam_on_every_list_while_amina_is_away(
    console: Door, amina: Colleague, piotr: Colleague, sam: Person
) -> None:
    sam.asks("Can I keep my benefit?")
    meets(console, amina, sam, 26, 14)
    add(console.as_(amina), amina, away(TODAY, FRIDAY, piotr))
    browser = console.as_(piotr)
    for path in ("/", "/clients", "/today", "/appointments", "/appointments/list"):
        assert "Sam" in browser.text(path).split("<h1>")[1], path
    add_back = console.as_(amina)
    with console.caseload.reading() as case:
        [absence] = case.absences.ahead_of(case.staff.get(amina.id))
    add_back.post(f"/absences/{absence.id}/end")
    for path in ("/", "/clients", "/today", "/appointments", "/appointments/list"):
        assert "Sam" not in browser.text(path).split("<h1>")[1], path


def test_amina_reads_which_meetings_fall_into_her_absence(
    console: Door, amina: Colleague, piotr: Colleague, sam: Person
) -> None:
    meets(console, amina, sam, 27, 11)
    meets(console, amina, sam, 30, 11)
    page = " ".join(add(console.as_(amina), amina, away(FRIDAY, FRIDAY, piotr)).split())
    assert "1 meeting falls into that time: see below." in page
    assert "Friday 27 November at 11am, <bdi>Sam</bdi>" in page
    assert "Monday 30 November at 11am" not in page
    assert "I cover" in console.as_(piotr).text("/hours")


def test_piotr_is_told_of_the_meetings_when_the_absence_begins_and_not_before(
    console: Door, words: Wording, amina: Colleague, piotr: Colleague, sam: Person
) -> None:
    meets(console, amina, sam, 27, 11)
    meets(console, amina, sam, 27, 15)
    add(console.as_(amina), amina, away(FRIDAY, FRIDAY, piotr))
    rings(console, words)
    assert told(console, piotr) == []
    friday = console.clock.now().replace(day=27, hour=9, minute=0)
    rings(console, words, friday)
    rings(console, words)
    # Once for both of them.
    assert told(console, piotr) == ["opened"]
    page = inbox(console.as_(piotr))
    assert "Has a meeting with somebody who is away" in page
    assert "Sam is to meet Amina" in page
    assert "at 11am" in page
    assert "at 3pm" in page


def test_an_absence_that_is_called_off_asks_nobody_for_anything(
    console: Door, words: Wording, amina: Colleague, piotr: Colleague, sam: Person
) -> None:
    meets(console, amina, sam, 26, 11)
    add(console.as_(amina), amina, away(TODAY, FRIDAY, piotr))
    rings(console, words)
    assert "Sam is to meet Amina" in inbox(console.as_(piotr))
    with console.caseload.reading() as case:
        [absence] = case.absences.ahead_of(case.staff.get(amina.id))
    console.as_(amina).post(f"/absences/{absence.id}/end")
    assert "Sam is to meet Amina" not in inbox(console.as_(amina))
    with console.caseload.reading() as case:
        assert case.handoffs.open_for(case.clients.find(sam.id)) == []
