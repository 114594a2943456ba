"""When clients can meet Amina, and where her calendar is read."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest

from bot.caseload.models.plan import Appointment
from bot.clock import FixedClock
from tests.console.conftest import Browser, Door
from tests.people import Colleague, Person, enrolled

FRIDAY = datetime(2026, 11, 27, 14, 30, tzinfo=UTC)


def free(console: Door, sam: Person) -> list[datetime]:
    with console.caseload.reading() as case:
        return [one.starts_at for one in case.appointments.free_times(case.clients.find(sam.id))]


def span(weekday: str, starts: str, ends: str) -> dict[str, str]:
    return {"span-weekday": weekday, "span-starts": starts, "span-ends": ends}


def block(first: str, starts: str, last: str, ends: str) -> dict[str, str]:
    return {"block-first": first, "block-starts": starts, "block-last": last, "block-ends": ends}


def test_a_time_that_amina_adds_is_offered_to_sam(console: Door, amina: Colleague, sam: Person) -> None:
    page = console.as_(amina).post("/availability/spans", span("4", "09:00", "10:00"), follow=True)
    assert "Friday, 09:00 to 10:00" in page.text
    assert datetime(2026, 11, 27, 9, 0, tzinfo=UTC) in free(console, sam)


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        (span("4", "10:00", "09:00"), "The end is before the start."),
        (span("4", "10:00", "10:00"), "The end is before the start."),
        (span("1", "11:00", "13:00"), "This overlaps a time"),
        (span("4", "", "10:00"), "From when?"),
        (span("9", "09:00", "10:00"), "Not a valid choice"),
    ],
)
def test_a_time_that_cannot_be_is_refused_and_kept_as_typed(
    console: Door, amina: Colleague, data: dict[str, str], problem: str
) -> None:
    answer = console.as_(amina).post("/availability/spans", data)
    assert answer.status_code == 422
    assert problem in answer.text
    assert data["span-ends"] in answer.text


def test_a_time_taken_away_is_not_offered_any_more(console: Door, amina: Colleague, sam: Person) -> None:
    browser = console.as_(amina)
    before = free(console, sam)
    for action in re.findall(r'action="(/availability/spans/\d+/remove)"', browser.text("/availability")):
        browser.post(action)
    assert before
    assert free(console, sam) == []


def test_amina_cannot_touch_piotrs_times(console: Door, amina: Colleague, piotr: Colleague) -> None:
    [first, *_] = re.findall(r"/availability/spans/\d+/remove", console.as_(piotr).text("/availability"))
    assert console.as_(amina).post(first).status_code == 404


def test_a_block_keeps_the_bot_from_offering_it_until_it_is_gone(
    console: Door, amina: Colleague, sam: Person
) -> None:
    browser = console.as_(amina)
    tomorrow = datetime(2026, 11, 26, 13, 0, tzinfo=UTC)
    assert free(console, sam)[0] == tomorrow
    page = browser.post("/availability/blocks", block("2026-11-26", "", "2026-11-26", ""), follow=True).text
    assert "Thursday 26 November at midnight to Friday 27 November at midnight" in page
    assert free(console, sam)[0] == datetime(2026, 12, 1, 10, 0, tzinfo=UTC)
    [action] = re.findall(r"/availability/blocks/\d+/remove", page)
    browser.post(action)
    assert free(console, sam)[0] == tomorrow


def test_a_block_of_an_hour_leaves_the_rest_of_the_day(console: Door, amina: Colleague, sam: Person) -> None:
    console.as_(amina).post("/availability/blocks", block("2026-11-26", "13:00", "2026-11-26", "14:00"))
    assert free(console, sam)[0] == datetime(2026, 11, 26, 14, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        (block("2026-11-27", "", "2026-11-26", ""), "The end is before the start."),
        (block("2026-11-20", "", "2026-11-21", ""), "This has passed already."),
        (block("2026-11-26", "", "2029-11-26", ""), "very long"),
        (block("9999-12-31", "", "9999-12-31", ""), "Check the year."),
        (block("2027-03-28", "01:30", "2027-03-29", ""), "The clocks go forward"),
        (block("", "", "2026-11-26", ""), "Choose a day."),
    ],
)
def test_a_block_that_cannot_be_is_refused(
    console: Door, amina: Colleague, data: dict[str, str], problem: str
) -> None:
    answer = console.as_(amina).post("/availability/blocks", data)
    assert answer.status_code == 422
    assert problem in answer.text


def test_the_same_block_twice_is_one(console: Door, amina: Colleague) -> None:
    browser = console.as_(amina)
    for _ in range(2):
        browser.post("/availability/blocks", block("2026-11-26", "", "2026-11-26", ""))
    assert len(re.findall(r"/availability/blocks/\d+/remove", browser.text("/availability"))) == 1


# The calendar.


def feed_of(browser: Browser, data: dict[str, str] | None = None) -> str:
    page = browser.post("/availability/calendar", data)
    [link] = re.findall(r"http://localhost(/calendar/[\w-]+\.ics)", page.text)
    return str(link)


def arranged(console: Door, sam: Person, amina: Colleague, at: datetime = FRIDAY) -> str:
    with console.caseload.transaction() as case:
        return case.appointments.arrange(
            case.clients.find(sam.id), case.staff.get(amina.id), at, minutes=45, mode="office",
            place="behind Sam's mosque", purpose="his CV",
        ).id  # fmt: skip


def test_a_calendar_reads_without_signing_in_and_learns_no_name(
    console: Door, amina: Colleague, sam: Person
) -> None:
    meeting = arranged(console, sam, amina)
    answer = console.someone().get(feed_of(console.as_(amina)))
    assert answer.status_code == 200
    assert answer.mimetype == "text/calendar"
    assert f"UID:{meeting}@foothold" in answer.text
    for word in ("Sam", "S.O.", "mosque", "CV"):
        assert word not in answer.text


def test_initials_stand_there_when_amina_ticks_them(console: Door, amina: Colleague, sam: Person) -> None:
    arranged(console, sam, amina)
    answer = console.someone().get(feed_of(console.as_(amina), {"feed-with_initials": "y"}))
    assert "SUMMARY:Appointment S.O.\\, at the office" in answer.text
    assert "Okoro" not in answer.text


def test_the_address_is_shown_once_and_only_its_hash_is_kept(console: Door, amina: Colleague) -> None:
    browser = console.as_(amina)
    link = feed_of(browser)
    token = link.removeprefix("/calendar/").removesuffix(".ics")
    assert len(token) == 22
    page = browser.text("/availability")
    assert token not in page
    assert "It works." in page
    with console.caseload.engine.connect() as connection:
        rows = connection.exec_driver_sql("SELECT * FROM calendar_feeds").all()
    assert token not in str(rows)


def test_a_new_address_a_revoked_one_and_a_forged_one(console: Door, amina: Colleague, sam: Person) -> None:
    arranged(console, sam, amina)
    browser, calendar = console.as_(amina), console.someone()
    old = feed_of(browser)
    new = feed_of(browser)
    assert (calendar.get(old).status_code, calendar.get(new).status_code) == (404, 200)
    browser.post("/availability/calendar/revoke")
    forged = calendar.get("/calendar/AAAAAAAAAAAAAAAAAAAAAA.ics")
    assert calendar.get(new).status_code == 404
    assert calendar.get(new).data == forged.data


def test_the_address_of_somebody_who_left_gives_nothing(console: Door, amina: Colleague, sam: Person) -> None:
    arranged(console, sam, amina)
    link = feed_of(console.as_(amina))
    with console.caseload.transaction() as case:
        case.staff.disable(case.staff.get(amina.id))
    assert console.someone().get(link).status_code == 404


def test_a_client_who_changed_consultant_leaves_the_calendar(
    console: Door, amina: Colleague, piotr: Colleague, sam: Person
) -> None:
    meeting = arranged(console, sam, amina)
    link = feed_of(console.as_(amina))
    with console.caseload.transaction() as case:
        case.clients.find(sam.id).consultant_id = piotr.id
    assert meeting not in console.someone().get(link).text


def test_a_change_and_a_cancellation_reach_the_calendar(
    console: Door, clock: FixedClock, amina: Colleague, sam: Person
) -> None:
    meeting = arranged(console, sam, amina)
    link, calendar = feed_of(console.as_(amina)), console.someone()
    assert "SEQUENCE:0" in calendar.get(link).text

    def does(what: str) -> str:
        clock.advance(minutes=1)
        with console.caseload.transaction() as case:
            one: Appointment = case.appointments.get_for_client(case.clients.find(sam.id), meeting)
            if what == "move":
                case.diary.rearrange(
                    one, FRIDAY + timedelta(hours=1), minutes=30, mode="office", place=None, purpose=None
                )
            else:
                case.appointments.cancel_by_service(one)
        return calendar.get(link).text

    moved = does("move")
    assert "DTSTART:20261127T153000Z" in moved
    assert "SEQUENCE:1" in moved
    off = does("cancel")
    assert "STATUS:CANCELLED" in off
    assert "SEQUENCE:2" in off
    assert f"UID:{meeting}@foothold" in off


def test_whoever_tries_addresses_is_stopped(console: Door) -> None:
    somebody = console.someone()
    answers = [somebody.get(f"/calendar/guess{number}.ics").status_code for number in range(31)]
    assert answers == [404] * 30 + [429]


def test_a_feed_holds_aminas_own_meetings_only(
    console: Door, amina: Colleague, piotr: Colleague, sam: Person
) -> None:
    kit = enrolled(console.caseload, "kit", "Kit Ray", piotr)
    arranged(console, kit, piotr)
    assert "BEGIN:VEVENT" not in console.someone().get(feed_of(console.as_(amina))).text
