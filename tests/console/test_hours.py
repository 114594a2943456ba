"""My hours: when do I work, when am I away, and who reads my clients' messages then?"""

from __future__ import annotations

import pytest

from bot.caseload.models.hours import Absence
from bot.console.hours_forms import read_spans
from tests.console.conftest import Browser, Door
from tests.people import Colleague, Person, hired

DAYS = {f"days-day{number}": "" for number in range(7)}


def away(first: str, last: str, cover: Colleague | None = None, **more: str) -> dict[str, str]:
    """What is typed for an absence."""
    named = {f"away-{name}": value for name, value in more.items()}
    return {"away-first": first, "away-last": last, "away-cover": cover.id if cover else "", **named}


def add(browser: Browser, who: Colleague, typed: dict[str, str]) -> str:
    return browser.post(f"/hours/{who.id}/absences", typed, follow=True).text


def absences(door: Door, who: Colleague) -> list[Absence]:
    with door.caseload.reading() as case:
        return case.absences.ahead_of(case.staff.get(who.id))


def test_amina_reads_the_hours_of_the_service_until_she_sets_her_own(console: Door, amina: Colleague) -> None:
    browser = console.as_(amina)
    assert "The hours of Northside:" in browser.text("/hours")
    typed = {**DAYS, "days-day0": "9-12.30, 1:30pm to 5pm", "days-day2": "10:00–14:00"}
    page = browser.post(f"/hours/{amina.id}/days", typed, follow=True).text
    assert "The days are saved." in page
    assert "09:00-12:30, 13:30-17:00" in page
    with console.caseload.reading() as case:
        staff = case.staff.get(amina.id)
        assert staff.hours == {"0": [["09:00", "12:30"], ["13:30", "17:00"]], "2": [["10:00", "14:00"]]}
    assert "The hours of Northside:" in browser.post(f"/hours/{amina.id}/service-days", follow=True).text
    with console.caseload.reading() as case:
        assert case.staff.get(amina.id).hours is None


@pytest.mark.parametrize(
    ("typed", "problem"),
    [
        ("all day", "Write times as 09:00-17:00"),
        ("9-25", "Write times as 09:00-17:00"),
        ("13pm-17", "Write times as 09:00-17:00"),
        ("17:00-09:00", "The end of a time must be after its start."),
        ("9-12, 11-13", "Two of these times overlap."),
        ("1-2, 3-4, 5-6, 7-8, 9-10", "Use 4 times a day at most."),
        ("9" * 200, "This is too long for one day."),
    ],
)
def test_times_that_cannot_be_read_are_explained_and_kept(
    console: Door, amina: Colleague, typed: str, problem: str
) -> None:
    browser = console.as_(amina)
    answer = browser.post(f"/hours/{amina.id}/days", {**DAYS, "days-day0": "9-17", "days-day3": typed})
    assert answer.status_code == 422
    assert problem in answer.text
    assert f'value="{typed}"' in answer.text
    with console.caseload.reading() as case:
        assert case.staff.get(amina.id).hours is None


def test_a_week_without_a_day_is_refused(console: Door, amina: Colleague) -> None:
    answer = console.as_(amina).post(f"/hours/{amina.id}/days", DAYS)
    assert "Write the times of one day at least." in answer.text


def test_midnight_and_midday_are_read(console: Door) -> None:
    assert read_spans("12am-12pm and 12pm-11:59pm") == [["00:00", "12:00"], ["12:00", "23:59"]]


def test_amina_writes_down_days_away_with_a_cover_who_then_reads_her_clients(
    console: Door, amina: Colleague, piotr: Colleague, sam: Person
) -> None:
    page = add(console.as_(amina), amina, away("2026-11-26", "2026-11-27", piotr, note="Training"))
    assert "Piotr reads the messages of your clients then." in page
    assert "the end of Friday 27 November" in page
    assert "Training" in page
    [absence] = absences(console, amina)
    assert (absence.from_at.isoformat(), absence.until_at.isoformat()) == (
        "2026-11-26T00:00:00+00:00",
        "2026-11-28T00:00:00+00:00",
    )
    browser = console.as_(piotr)
    assert browser.get(f"/clients/{sam.id}").status_code == 404
    console.clock.advance(days=1)
    browser = console.as_(piotr)
    assert browser.get(f"/clients/{sam.id}").status_code == 200
    console.clock.advance(days=2)
    assert console.as_(piotr).get(f"/clients/{sam.id}").status_code == 404


def test_an_afternoon_away_has_its_times(console: Door, amina: Colleague) -> None:
    typed = away("2026-11-26", "2026-11-26", from_time="13:00", until_time="17:00")
    page = add(console.as_(amina), amina, typed)
    assert "Thursday 26 November at 1pm" in page
    assert "Thursday 26 November at 5pm" in page
    assert "The lead reads the messages of your clients then." in page


def test_amina_ends_an_absence(console: Door, amina: Colleague, piotr: Colleague, sam: Person) -> None:
    browser = console.as_(amina)
    add(browser, amina, away("2026-11-25", "2026-11-27", piotr))
    assert "End this absence now" in browser.text("/hours")
    [absence] = absences(console, amina)
    assert "Amina is back." in browser.post(f"/absences/{absence.id}/end", follow=True).text
    assert "That absence had ended already." in browser.post(f"/absences/{absence.id}/end", follow=True).text
    assert absences(console, amina) == []
    assert console.as_(piotr).get(f"/clients/{sam.id}").status_code == 404


def test_the_same_form_twice_is_one_absence(console: Door, amina: Colleague, piotr: Colleague) -> None:
    browser = console.as_(amina)
    typed = away("2026-11-26", "2026-11-27", piotr)
    assert "Saved." in add(browser, amina, typed)
    assert "Saved." in add(browser, amina, typed)
    assert len(absences(console, amina)) == 1


@pytest.mark.parametrize(
    ("first", "last", "more", "problem"),
    [
        ("", "2026-11-27", {}, "Choose the first day."),
        ("2026-11-27", "", {}, "Choose the last day."),
        ("2026-11-27", "2026-11-26", {}, "The end must come after the start."),
        ("2026-11-20", "2026-11-21", {}, "This has passed."),
        ("2026-11-26", "2126-11-27", {}, "Check the year."),
        ("2026-11-26", "9999-12-31", {}, "Choose another day."),
        ("2027-03-28", "2027-03-28", {"from_time": "01:30"}, "The clocks go forward over this time."),
        ("2026-11-26", "2026-11-27", {"cover": "0" * 32}, "Choose somebody from the list."),
        ("tomorrow", "2026-11-27", {}, "Not a valid date value."),
    ],
)
def test_an_absence_that_cannot_be_is_explained(
    console: Door, amina: Colleague, first: str, last: str, more: dict[str, str], problem: str
) -> None:
    answer = console.as_(amina).post(
        f"/hours/{amina.id}/absences", {**away(first, last), **{f"away-{k}": v for k, v in more.items()}}
    )
    assert answer.status_code == 422
    assert problem in answer.text
    assert absences(console, amina) == []


def test_days_away_twice_and_a_cover_who_is_away_are_explained(
    console: Door, amina: Colleague, piotr: Colleague
) -> None:
    browser = console.as_(amina)
    add(browser, amina, away("2026-11-26", "2026-11-27"))
    again = browser.post(f"/hours/{amina.id}/absences", away("2026-11-27", "2026-11-30"))
    assert again.status_code == 422
    assert "There is an absence in that time already." in again.text
    other = console.as_(piotr).post(f"/hours/{piotr.id}/absences", away("2026-11-26", "2026-11-26", amina))
    assert "They are away then too. Choose somebody else." in other.text


def test_grace_sets_the_hours_of_her_team(console: Door, amina: Colleague, grace: Colleague) -> None:
    browser = console.as_(grace)
    assert "Amina Khan" in browser.text("/hours")
    page = add(browser, amina, away("2026-11-25", "2026-11-27"))
    assert "The lead reads the messages of Amina's clients then." in page.replace("&#39;", "'")
    assert "Away until the end of Friday 27 November" in browser.text("/hours")
    with console.caseload.engine.connect() as connection:
        asked = "SELECT action, staff_id FROM audit WHERE action LIKE 'absence%%'"
        assert connection.exec_driver_sql(asked.replace("%%", "%")).all() == [("absence added", grace.id)]


def test_piotr_finds_no_colleague_of_his_on_the_page(
    console: Door, amina: Colleague, piotr: Colleague
) -> None:
    browser = console.as_(piotr)
    assert "My team" not in browser.text("/hours")
    assert browser.post(f"/hours/{amina.id}/absences", away("2026-11-26", "2026-11-27")).status_code == 404
    assert absences(console, amina) == []


def test_nobody_of_another_service_is_offered_as_a_cover(
    console: Door, amina: Colleague, piotr: Colleague, hana: Colleague
) -> None:
    hired(console.caseload, "northside", "Dot Yule", "duty", "MFRGGZDFMZTWQ2LKMFRGGZDFMZTWQ2LK")
    page = console.as_(amina).text("/hours")
    assert "Piotr Nowak" in page
    assert "Hana Ngata" not in page
    assert "Dot Yule" not in page


def test_hostile_words_in_a_note_stay_words(console: Door, amina: Colleague) -> None:
    page = add(console.as_(amina), amina, away("2026-11-26", "2026-11-27", note="<script>x</script>"))
    assert "<script>x" not in page
    assert "&lt;script&gt;x" in page
