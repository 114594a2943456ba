"""Whom Amina meets: the week, the list, one appointment, and its file for a calendar."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from bot.caseload.models.plan import Appointment
from bot.clock import FixedClock
from bot.console.diary import SHOWN_A_DAY
from tests.console.conftest import Door
from tests.people import WEDNESDAY, Colleague, Person, enrolled, hired

FRIDAY = datetime(2026, 11, 27, 14, 30, tzinfo=UTC)


def arranged(
    console: Door, person: Person, who: Colleague, at: datetime = FRIDAY, mode: str = "office"
) -> str:
    with console.caseload.transaction() as case:
        return case.appointments.arrange(
            case.clients.find(person.id), case.staff.get(who.id), at, minutes=45, mode=mode,
            place="the library", purpose="CV",
        ).id  # fmt: skip


def found(console: Door, person: Person, meeting: str) -> Appointment:
    with console.caseload.reading() as case:
        return case.appointments.get_for_client(case.clients.find(person.id), meeting)


def last_words(console: Door, person: Person) -> str:
    with console.caseload.reading() as case:
        conversation = case.conversations.primary_for(case.clients.find(person.id))
        assert conversation is not None
        return case.transcript.newest(conversation)[-1].text


def test_the_week_shows_each_day_and_who_is_met(console: Door, amina: Colleague, sam: Person) -> None:
    arranged(console, sam, amina)
    page = console.as_(amina).text("/appointments")
    assert "The week from Monday 23 November 2026" in page
    assert "Friday 27 November 2026" in page
    assert ">2:30pm<" in page
    assert "Sam Okoro" in page
    assert "2:30pm" not in console.as_(amina).text("/appointments?week=2026-12-02")
    assert "2:30pm" in console.as_(amina).text("/appointments?week=2026-11-29")


def test_a_crowded_day_is_cut_and_leads_to_the_rest(
    console: Door, amina: Colleague, grace: Colleague, sam: Person
) -> None:
    for number in range(SHOWN_A_DAY + 2):
        arranged(console, sam, amina, FRIDAY + timedelta(minutes=number))
    mine = console.as_(amina).text("/appointments")
    assert f"The first {SHOWN_A_DAY} of {SHOWN_A_DAY + 2}." in mine
    assert mine.count("with Sam Okoro") == SHOWN_A_DAY
    assert "Choose a consultant to see the others." in console.as_(grace).text("/appointments")


@pytest.mark.parametrize("week", ["tomorrow", "0001-01-01", "9999-12-31", "2026-13-40", "1", "'"])
def test_a_week_that_is_none_is_this_week(console: Door, amina: Colleague, week: str) -> None:
    answer = console.as_(amina).get(f"/appointments?week={week}")
    assert answer.status_code == 200
    assert "23 November 2026" in answer.text


def test_times_are_those_of_the_readers_service(console: Door) -> None:
    mere = hired(console.caseload, "kauri", "Mere Paki", "consultant")
    wiremu = enrolled(console.caseload, "wiremu", "Wiremu Paki", mere)
    arranged(console, wiremu, mere, datetime(2026, 11, 26, 20, 0, tzinfo=UTC))
    page = console.as_(mere).text("/appointments")
    assert "Pacific/Auckland" in page
    assert ">9am<" in page
    assert page.index("Friday 27 November") < page.index(">9am<") < page.index("Saturday 28 November")


def test_the_list_begins_with_what_nobody_noted(
    console: Door, clock: FixedClock, amina: Colleague, sam: Person
) -> None:
    arranged(console, sam, amina, WEDNESDAY - timedelta(hours=3))
    arranged(console, sam, amina)
    page = console.as_(amina).text("/appointments/list")
    assert page.index("What became of these?") < page.index("Ahead")


def test_piotr_sees_nothing_of_aminas_and_grace_sees_all_or_one(
    console: Door, amina: Colleague, piotr: Colleague, grace: Colleague, sam: Person, jo: Person
) -> None:
    arranged(console, sam, amina)
    arranged(console, jo, piotr)
    for path in ("/appointments", "/appointments/list"):
        assert "Sam Okoro" not in console.as_(piotr).text(path)
        page = console.as_(grace).text(path)
        assert "Sam Okoro" in page
        assert "Jo Lind" in page
        chosen = console.as_(grace).text(f"{path}?consultant={piotr.id}")
        assert "Sam Okoro" not in chosen
        assert "Jo Lind" in chosen


def changes(day: str = "2026-11-30", time: str = "09:00") -> dict[str, str]:
    return {"day": day, "time": time, "minutes": "60", "mode": "phone", "place": "", "purpose": ""}


def of(meeting: str, data: dict[str, str]) -> dict[str, str]:
    return {f"appointment-{meeting}-{name}": value for name, value in data.items()}


def test_amina_writes_down_another_time_and_sam_is_told(console: Door, amina: Colleague, sam: Person) -> None:
    meeting = arranged(console, sam, amina)
    page = console.as_(amina).post(f"/appointments/{meeting}/change", of(meeting, changes()), follow=True)
    assert "The bot tells Sam" in page.text
    moved = found(console, sam, meeting)
    assert (moved.starts_at, moved.minutes, moved.mode, moved.status, moved.changes) == (
        datetime(2026, 11, 30, 9, 0, tzinfo=UTC), 60, "phone", "confirmed", 1,
    )  # fmt: skip
    assert "Your meeting with Amina is on Monday 30 November at 9am" in last_words(console, sam)
    with console.caseload.reading() as case:
        due = [timer.due_at for timer in case.timers.waiting(f"appointment:{meeting}")]
        assert due == [moved.starts_at - timedelta(days=1), moved.starts_at - timedelta(hours=2)]


def test_a_time_that_has_passed_is_refused_and_what_was_typed_stays(
    console: Door, amina: Colleague, sam: Person
) -> None:
    meeting = arranged(console, sam, amina)
    answer = console.as_(amina).post(f"/appointments/{meeting}/change", of(meeting, changes("2026-11-01")))
    assert answer.status_code == 422
    assert "This time has passed" in answer.text
    assert "2026-11-01" in answer.text
    assert found(console, sam, meeting).starts_at == FRIDAY


def test_a_cancelled_one_is_not_changed(console: Door, amina: Colleague, sam: Person) -> None:
    meeting = arranged(console, sam, amina)
    browser = console.as_(amina)
    browser.post(f"/appointments/{meeting}/cancel", {"back": "appointment"})
    assert "Amina cannot meet you on Friday 27 November at 2:30pm" in last_words(console, sam)
    page = browser.post(f"/appointments/{meeting}/change", of(meeting, changes()), follow=True)
    assert "is not ahead any more" in page.text
    again = browser.post(f"/appointments/{meeting}/cancel", follow=True)
    assert "There is nothing left to decide" in again.text


def test_when_sam_cannot_come_amina_calls_it_off_and_no_one_is_blamed(
    console: Door, amina: Colleague, sam: Person
) -> None:
    meeting = arranged(console, sam, amina)
    with console.caseload.transaction() as case:
        client = case.clients.find(sam.id)
        case.diary.cannot_come(client, case.appointments.get_for_client(client, meeting))
    browser = console.as_(amina)
    assert "They cannot come: find another time" in browser.text("/")
    assert "Call it off" in browser.text("/")
    browser.post(f"/appointments/{meeting}/decline")
    assert found(console, sam, meeting).status == "cancelled_by_client"
    assert "is off. Would you like to find another time?" in last_words(console, sam)
    assert "Nobody is waiting for you" in browser.text("/")


def test_an_outcome_that_does_not_exist_is_refused(console: Door, amina: Colleague, sam: Person) -> None:
    meeting = arranged(console, sam, amina, WEDNESDAY - timedelta(hours=3))
    answer = console.as_(amina).post(f"/appointments/{meeting}/outcome", {"outcome": "dna"})
    assert answer.status_code == 400


def test_an_appointment_is_a_file_without_a_name(console: Door, amina: Colleague, sam: Person) -> None:
    meeting = arranged(console, sam, amina)
    answer = console.as_(amina).get(f"/appointments/{meeting}.ics")
    assert answer.mimetype == "text/calendar"
    lines = answer.get_data(as_text=True).split("\r\n")
    assert f"UID:{meeting}@foothold" in lines
    assert "DTSTART:20261127T143000Z" in lines
    assert "DTEND:20261127T151500Z" in lines
    assert "LOCATION:the library" in lines
    assert "Sam" not in answer.text
    assert "CV" not in answer.text


def test_somebodys_home_is_no_place_in_a_file(console: Door, amina: Colleague, sam: Person) -> None:
    meeting = arranged(console, sam, amina, mode="home")
    assert "LOCATION" not in console.as_(amina).get(f"/appointments/{meeting}.ics").text


def test_piotr_gets_no_page_and_no_file_of_sams(
    console: Door, amina: Colleague, piotr: Colleague, sam: Person
) -> None:
    meeting = arranged(console, sam, amina)
    browser = console.as_(piotr)
    assert browser.get(f"/appointments/{meeting}").status_code == 404
    assert browser.get(f"/appointments/{meeting}.ics").status_code == 404
    assert browser.post(f"/appointments/{meeting}/cancel").status_code == 404
