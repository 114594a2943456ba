"""The team meeting: how does each client stand?"""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.console import team_meeting
from tests.console.conftest import Door
from tests.console.printed import printed
from tests.people import Colleague, Person, enrolled


def arranges(door: Door, sam: Person, amina: Colleague) -> None:
    """Give Sam a past and a coming meeting, two jobs and a question that waits."""
    sam.asks("Can I keep my benefit, with my illness?")
    with door.caseload.transaction() as case:
        client, staff = case.clients.find(sam.id), case.staff.get(amina.id)
        for days, status in ((-9, "attended"), (-2, "not_attended"), (1, "confirmed")):
            case.appointments.arrange(
                client, staff, case.clock.now() + timedelta(days=days), minutes=45, mode="office", place=None,
                purpose="talk about the illness",
            ).status = status  # fmt: skip
        lead = case.leads.share(client, staff, title="Gardener of roses")
        case.leads.share(client, staff, title="Baker")
        case.leads.answer(client, lead.id, "interested")
    door.clock.advance(hours=3)


def test_one_line_a_client_says_how_they_stand_and_nothing_that_was_said(
    console: Door, sam: Person, amina: Colleague
) -> None:
    arranges(console, sam, amina)
    page = " ".join(console.as_(amina).text("/team-meeting").split())
    assert "Sam Okoro</bdi></a>: Planning and preparation" in page
    assert "Next: Thursday 26 November at 10am." in page
    assert "Waiting: Asks a question; Is interested in a job, for 3 hours." in page
    assert "Jobs: 1 interested, 1 waits for an answer." in page
    assert "Last contact: today. Last met: 9 days ago." in page
    for words in ("benefit", "illness", "roses"):
        assert words not in page


def test_what_is_not_written_down_is_said_to_be_so(console: Door, sam: Person, amina: Colleague) -> None:
    page = " ".join(console.as_(amina).text("/team-meeting").split())
    assert "Next: no appointment ahead. Waiting: nothing. Jobs: none open." in page
    assert "Last contact: none is written down. Last met: not written down." in page


def test_a_client_who_cannot_be_reached_is_told_as_such(console: Door, sam: Person, amina: Colleague) -> None:
    sam.says("hiya")
    with console.caseload.transaction() as case:
        case.conversations.mark_unreachable(case.conversations.lock(sam.conversation_id))
    assert "Last contact: today, cannot be reached on the chat." in console.as_(amina).text("/team-meeting")


def test_amina_brings_her_own_and_grace_everybodys_by_consultant(
    console: Door, sam: Person, jo: Person, amina: Colleague, grace: Colleague, piotr: Colleague
) -> None:
    own = console.as_(amina).text("/team-meeting")
    assert "Sam Okoro" in own
    assert "Jo Lind" not in own
    browser = console.as_(grace)
    every = browser.text("/team-meeting")
    assert (
        every.index("Amina Khan: 1 client") < every.index("Sam Okoro") < every.index("Piotr Nowak: 1 client")
    )
    piotrs = browser.text(f"/team-meeting?consultant={piotr.id}")
    assert "Jo Lind" in piotrs
    assert "Sam Okoro" not in piotrs


def test_choosing_a_colleague_shows_amina_no_clients_of_theirs(
    console: Door, sam: Person, jo: Person, amina: Colleague, piotr: Colleague
) -> None:
    page = console.as_(amina).text(f"/team-meeting?consultant={piotr.id}")
    assert "No clients here." in page
    assert "Jo Lind" not in page


def test_a_closed_client_is_not_spoken_of(console: Door, sam: Person, amina: Colleague) -> None:
    with console.caseload.transaction() as case:
        case.clients.find(sam.id).status = "closed"
    assert "No clients here." in console.as_(amina).text("/team-meeting")


def test_a_large_service_is_shown_in_part_and_printed_whole(
    console: Door, sam: Person, jo: Person, grace: Colleague, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(team_meeting, "SHOWN", 1)
    page = console.as_(grace).text("/team-meeting")
    assert "2 clients, the first 1 are shown here." in page
    assert "Jo Lind" in console.as_(grace).get("/team-meeting.txt").text


def test_text_and_pdf_say_the_same_and_are_written_down(console: Door, sam: Person, amina: Colleague) -> None:
    arranges(console, sam, amina)
    browser = console.as_(amina)
    text = browser.get("/team-meeting.txt").text
    assert "Amina Khan: 1 client\n" in text
    assert "Sam Okoro: Planning and preparation\n    Next: Thursday 26 November at 10am\n" in text
    read = printed(browser.get("/team-meeting.pdf").data)
    assert "Waiting: Asks a question; Is interested in a job, for 3 hours" in read
    assert "benefit" not in text + read
    with console.caseload.reading() as case:
        lines = case.audit.of_staff(amina.id)
    assert [(line.action, line.subject) for line in lines if "export" in line.action] == [
        ("team meeting exported", "pdf, 1 clients, 2026-11-25"),
        ("team meeting exported", "txt, 1 clients, 2026-11-25"),
    ]


def test_the_meeting_of_a_new_service_is_a_page_too(console: Door, grace: Colleague) -> None:
    browser = console.as_(grace)
    assert "No clients here." in browser.text("/team-meeting")
    assert "No clients." in printed(browser.get("/team-meeting.pdf").data)


def test_a_client_without_consultant_stands_last(console: Door, sam: Person, grace: Colleague) -> None:
    enrolled(console.caseload, "ann", "Ann Moss", None)
    page = console.as_(grace).text("/team-meeting")
    assert page.index("Sam Okoro") < page.index("Nobody's client yet: 1 client") < page.index("Ann Moss")
