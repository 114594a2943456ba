"""Our service: managers and admins set it up, leads read it, and clients notice at once."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from sqlalchemy import select

from bot.caseload.models.people import Audit, Service
from bot.caseload.models.queues import Timer
from tests.console.conftest import Door
from tests.console.test_staff import ADAS_SECRET
from tests.people import Colleague, Person, hired


def service_of(door: Door, who: Colleague) -> Service:
    with door.caseload.reading() as case:
        return case.staff.get(who.id).service


def audited(door: Door, who: Colleague) -> list[str]:
    with door.caseload.reading() as case:
        return [line.action for line in case.audit.of_staff(who.id) if line.subject]


def days(**changes: str) -> dict[str, str]:
    week = {f"days-day{number}": "09:00-17:00" if number < 5 else "" for number in range(7)}
    return {**week, **{f"days-{name}": typed for name, typed in changes.items()}}


def test_grace_sets_the_days_and_clients_who_wait_are_told_by_them(
    console: Door, grace: Colleague, sam: Person
) -> None:
    sam.asks("Can I keep my benefit?")
    browser = console.as_(grace)
    page = browser.post("/service/days", days(day2="9-12, 1pm-4pm", day3=""), follow=True).text
    assert "The days are saved. Clients are told these hours." in page
    assert "<dt>Wednesday</dt><dd>09:00-12:00, 13:00-16:00</dd>" in page
    assert "<dt>Thursday</dt><dd>Closed</dd>" in page
    with console.caseload.reading() as case:
        client = case.clients.find(sam.id)
        assert case.services.honest_time(client).until == datetime(2026, 11, 25, 12, 0, tzinfo=UTC)
        # 7.5 working hours after Wednesday at 10: five that day, none on Thursday, the rest on Friday.
        reminder = select(Timer).where(Timer.key.endswith(":reminder"), Timer.status == "waiting")
        [timer] = case.timers._session.scalars(reminder)
        assert timer.due_at == datetime(2026, 11, 27, 11, 30, tzinfo=UTC)
    assert "service hours set" in audited(console, grace)


def test_hours_that_cannot_be_are_said_and_nothing_typed_is_lost(console: Door, grace: Colleague) -> None:
    answer = console.as_(grace).post("/service/days", days(day1="nine to five"))
    assert answer.status_code == 422
    assert "Write times as 09:00-17:00" in answer.text
    assert 'value="nine to five"' in answer.text
    assert service_of(console, grace).hours["1"] == [["09:00", "17:00"]]


def test_hana_counts_the_holidays_of_auckland(console: Door, hana: Colleague) -> None:
    console.clock.set(datetime(2027, 1, 20, 22, 0, tzinfo=UTC))
    browser = console.as_(hana)
    assert "Monday 1 February" not in browser.text("/service")
    page = browser.post("/service/holidays", {"holidays-area": "AUK"}, follow=True).text
    assert "and those of Auckland" in page
    assert "Monday 1 February" in page
    assert "holiday area set" in audited(console, hana)
    browser.post("/service/holidays", {"holidays-area": "South Canterbury"})
    assert service_of(console, hana).holiday_area == "South Canterbury"
    browser.post("/service/holidays", {"holidays-area": ""})
    assert service_of(console, hana).holiday_area is None


def test_a_part_of_another_country_is_refused(console: Door, hana: Colleague) -> None:
    answer = console.as_(hana).post("/service/holidays", {"holidays-area": "SCT"})
    assert answer.status_code == 422
    assert "Choose a part of the country from the list." in answer.text


def test_grace_says_how_long_a_silence_is(console: Door, grace: Colleague) -> None:
    page = console.as_(grace).post("/service/silence", {"silence-minutes": "20"}, follow=True).text
    assert "Saved. The lead is told after 20 minutes." in page
    assert "does not answer for 20 working minutes" in page
    assert service_of(console, grace).silence_minutes == 20
    assert "silence minutes set" in audited(console, grace)


@pytest.mark.parametrize("typed", ["4", "601", "0", "-30", "ten", "", "10.5"])
def test_a_silence_that_cannot_be_is_one_sentence(console: Door, grace: Colleague, typed: str) -> None:
    answer = console.as_(grace).post("/service/silence", {"silence-minutes": typed})
    assert answer.status_code == 422
    assert answer.text.count("Write a number of minutes from 5 to 600.") == 1
    assert f'value="{typed}"' in answer.text
    assert service_of(console, grace).silence_minutes == 30


def test_grace_has_new_phones_confirmed(console: Door, grace: Colleague) -> None:
    browser = console.as_(grace)
    assert "can chat at once, as that client" in browser.text("/service")
    page = browser.post("/service/confirm-links", {"links-confirm": "yes"}, follow=True).text
    assert "sees only a code, until the consultant has compared it" in page
    assert service_of(console, grace).confirm_links is True
    browser.post("/service/confirm-links", {"links-confirm": "no"})
    assert service_of(console, grace).confirm_links is False
    assert {"confirm links on", "confirm links off"} <= set(audited(console, grace))


def test_an_admin_sets_the_service_up_and_no_other_one(
    console: Door, grace: Colleague, hana: Colleague
) -> None:
    ada = hired(console.caseload, "northside", "Ada Quist", "admin", ADAS_SECRET)
    console.as_(ada).post("/service/silence", {"silence-minutes": "45"})
    assert (service_of(console, grace).silence_minutes, service_of(console, hana).silence_minutes) == (45, 30)


def test_a_lead_reads_it_and_a_consultant_does_not(console: Door, amina: Colleague) -> None:
    lena = console.as_(hired(console.caseload, "northside", "Lena Berg", "lead", ADAS_SECRET))
    page = lena.text("/service")
    assert "A service manager or an admin changes these settings." in page
    assert 'action="/service' not in page
    assert 'href="/service"' in page
    for path in ("days", "holidays", "silence", "confirm-links"):
        assert lena.post(f"/service/{path}").status_code == 403
    assert 'href="/service"' not in console.as_(amina).text("/")


def test_the_audit_says_who_changed_which_service(console: Door, grace: Colleague) -> None:
    console.as_(grace).post("/service/silence", {"silence-minutes": "20"})
    with console.caseload.reading() as case:
        lines = case.audit._session.scalars(select(Audit).where(Audit.action == "silence minutes set")).all()
        assert [(one.staff_id, one.subject) for one in lines] == [(grace.id, service_of(console, grace).id)]
