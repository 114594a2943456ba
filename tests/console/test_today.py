"""Amina's day: who needs her, and what she does about it with two clicks."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from bot.clock import FixedClock
from bot.console.today import SHOWN
from tests.console.conftest import Door
from tests.people import WEDNESDAY, Colleague, Person, enrolled


def test_with_nothing_to_do_the_page_says_where_to_go(console: Door, amina: Colleague, sam: Person) -> None:
    sam.says("hiya")
    assert "Nobody needs you just now" in console.as_(amina).text("/today")


def test_silence_is_told_in_days_with_the_next_step(
    console: Door, clock: FixedClock, amina: Colleague, sam: Person
) -> None:
    clock.set(WEDNESDAY - timedelta(days=15))
    sam.says("see you")
    clock.set(WEDNESDAY)
    page = console.as_(amina).text("/today")
    assert "Last words from Sam 15 days ago." in page
    assert "Phone, and try another way if nobody answers." in page


def test_amina_notes_a_try_and_the_line_moves_down(
    console: Door, clock: FixedClock, amina: Colleague, sam: Person
) -> None:
    clock.set(WEDNESDAY - timedelta(days=8))
    sam.says("see you")
    clock.set(WEDNESDAY)
    browser = console.as_(amina)
    prefix = f"outreach-{sam.id}"
    data = {
        f"{prefix}-how": "phone",
        f"{prefix}-result": "message_left",
        f"{prefix}-note": "mum answered",
        "back": "today",
    }
    for _ in range(2):
        page = browser.post(f"/clients/{sam.id}/outreach", data, follow=True).text
        assert "Noted that you tried to reach Sam." in page
        assert "Silent, and tried in the last 3 days" in page
    with console.caseload.reading() as case:
        client = case.clients.find(sam.id)
        [attempt] = case.outreach.all_for(client)
        assert (attempt.how, attempt.result, attempt.note) == ("phone", "message_left", "mum answered")
        assert client.status == "active"
        assert "outreach noted" in {line.action for line in case.audit.of_client(sam.id)}


def test_a_try_with_a_mistake_keeps_what_was_typed(console: Door, amina: Colleague, sam: Person) -> None:
    prefix = f"outreach-{sam.id}"
    answer = console.as_(amina).post(
        f"/clients/{sam.id}/outreach",
        {f"{prefix}-how": "pigeon", f"{prefix}-result": "reached", f"{prefix}-note": "flew away"},
    )
    assert answer.status_code == 422
    assert "flew away" in answer.text


def test_everything_of_a_full_day_is_there(
    console: Door, clock: FixedClock, amina: Colleague, sam: Person
) -> None:
    with console.caseload.transaction() as case:
        client, staff = case.clients.find(sam.id), case.staff.get(amina.id)
        client.accepted_at = WEDNESDAY - timedelta(days=22)
        for hours in (-2, 3):
            meeting = case.appointments.arrange(
                client, staff, WEDNESDAY + timedelta(hours=hours), minutes=45, mode="office",
                place="the library", purpose=None,
            )  # fmt: skip
        case.diary.cannot_come(client, meeting)
        case.conversations.mark_unreachable(case.conversations.lock(sam.conversation_id))
    page = console.as_(amina).text("/today")
    for words in (
        "Asks about an appointment",
        "Phone them.",
        "Nothing heard from Sam since they joined 22 days ago",
        "They cannot come: find another time.",
        "Day 22, and no employer met face to face yet. ",
        "What became of it? (1)",
    ):
        assert words in page
    with console.caseload.transaction() as case:
        client, staff = case.clients.find(sam.id), case.staff.get(amina.id)
        case.jobs.start(
            client, staff, case.employers.named(staff, "Crumb and Co"), "Baker", date(2026, 11, 24)
        )
    page = console.as_(amina).text("/today")
    assert "The first 3 days at <bdi>Crumb and Co</bdi>, due by Friday 27 November 2026" in page
    assert "no employer met" not in page


@pytest.mark.parametrize("outcome", ["attended", "late", "not_attended", "cancelled_by_client"])
def test_what_became_of_a_meeting_is_noted_with_one_press(
    console: Door, clock: FixedClock, amina: Colleague, sam: Person, outcome: str
) -> None:
    sam.says("hiya")
    with console.caseload.transaction() as case:
        client, staff = case.clients.find(sam.id), case.staff.get(amina.id)
        meeting = case.appointments.arrange(
            client, staff, WEDNESDAY + timedelta(hours=1), minutes=45, mode="office", place=None, purpose=None
        ).id
    browser = console.as_(amina)
    early = browser.post(f"/appointments/{meeting}/outcome", {"outcome": outcome}, follow=True)
    assert "Its time has not come yet" in early.text
    clock.advance(hours=2)
    browser = console.as_(amina)
    assert "What became of it?" in browser.text("/today")
    data = {"outcome": outcome, "seen": "confirmed", "back": "today"}
    assert "Noted for Sam" in browser.post(f"/appointments/{meeting}/outcome", data, follow=True).text
    assert "What became of it?" not in browser.text("/today")
    with console.caseload.reading() as case:
        assert case.appointments.get_for_client(case.clients.find(sam.id), meeting).status == outcome
        assert f"appointment {outcome}" in {line.action for line in case.audit.of_client(sam.id)}


def test_of_two_who_note_it_the_second_is_told(
    console: Door, clock: FixedClock, amina: Colleague, grace: Colleague, sam: Person
) -> None:
    with console.caseload.transaction() as case:
        client, staff = case.clients.find(sam.id), case.staff.get(amina.id)
        meeting = case.appointments.arrange(
            client, staff, WEDNESDAY - timedelta(hours=1), minutes=45, mode="office", place=None, purpose=None
        ).id
    data = {"outcome": "attended", "seen": "confirmed"}
    console.as_(amina).post(f"/appointments/{meeting}/outcome", data)
    answer = console.as_(grace).post(
        f"/appointments/{meeting}/outcome", {"outcome": "not_attended", "seen": "confirmed"}, follow=True
    )
    assert "Somebody noted it meanwhile: attended. Nothing was changed." in answer.text
    corrected = console.as_(amina).post(
        f"/appointments/{meeting}/outcome", {"outcome": "late", "seen": "attended"}, follow=True
    )
    assert "Noted for Sam: came late." in corrected.text


def test_grace_chooses_whose_day_she_looks_at(
    console: Door, clock: FixedClock, amina: Colleague, grace: Colleague, sam: Person
) -> None:
    clock.advance(days=15)
    browser = console.as_(grace)
    assert "Choose a consultant" in browser.text("/today")
    page = browser.text(f"/today?consultant={amina.id}")
    assert "Who needs Amina today?" in page
    assert "Sam Okoro" in page
    assert browser.get("/today?consultant=nobody").status_code == 404


def test_hana_of_another_service_cannot_choose_amina(
    console: Door, clock: FixedClock, amina: Colleague, hana: Colleague, sam: Person
) -> None:
    clock.advance(days=15)
    assert console.as_(hana).get(f"/today?consultant={amina.id}").status_code == 404


def test_piotr_sees_his_own_day_whatever_he_asks_for(
    console: Door, clock: FixedClock, amina: Colleague, piotr: Colleague, sam: Person
) -> None:
    clock.advance(days=15)
    assert "Sam Okoro" not in console.as_(piotr).text(f"/today?consultant={amina.id}")


def test_of_a_very_full_day_the_most_urgent_come_first_and_all_is_a_press_away(
    console: Door, clock: FixedClock, amina: Colleague
) -> None:
    clock.set(WEDNESDAY - timedelta(days=8))
    for number in range(SHOWN + 3):
        enrolled(console.caseload, f"c{number}", f"Client {number:02}", amina).says("see you")
    clock.set(WEDNESDAY)
    browser = console.as_(amina)
    page = browser.text("/today")
    assert f"Silent ({SHOWN + 3})" in page
    assert f"The first {SHOWN} are shown." in page
    assert page.count("Last words from") == SHOWN
    assert browser.text("/today?all=1").count("Last words from") == SHOWN + 3
    with console.caseload.reading() as case:
        looks = [line for line in case.audit.of_staff(amina.id) if line.action == "today viewed"]
    assert len(looks) == SHOWN + 3
