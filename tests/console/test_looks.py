"""Whoever looks at a client leaves a line that the client can ask for; looking again does not flood it."""

from __future__ import annotations

from collections import Counter

import pytest
from werkzeug.routing import Rule

from tests.console.conftest import Browser, Door
from tests.console.test_access import PAGES, ids, path_of, rules_of
from tests.people import Colleague, Person

__all__ = ["ids"]

#: What in an address leads to one client.
OF_A_CLIENT = {
    "client_id",
    "conversation_id",
    "handoff_id",
    "appointment_id",
    "attachment_id",
    "later_id",
    "event_id",
    "near_miss_id",
}
#: Pages that show many clients.
LISTS = [
    "/",
    "/today",
    "/appointments",
    "/appointments/list",
    "/team-meeting",
    "/team-meeting.txt",
    "/team-meeting.pdf",
    "/clients.csv",
]


def lines_about(door: Door, sam: Person) -> Counter[tuple[str, str | None]]:
    with door.caseload.reading() as case:
        return Counter((one.action, one.staff_id) for one in case.audit.of_client(sam.id, limit=500))


def looks_leave_a_line(door: Door, browser: Browser, sam: Person, path: str) -> bool:
    before = lines_about(door, sam)
    answer = browser.get(path, follow_redirects=True)
    assert answer.status_code == 200, path
    return lines_about(door, sam) != before


def shows_a_client(door: Door, rule: Rule) -> bool:
    # What an open page asks for by itself belongs to the look that opened it.
    by_itself = getattr(door.app.view_functions[rule.endpoint], "asks_by_itself", False)
    return bool(rule.arguments & OF_A_CLIENT) and not by_itself


def test_every_page_about_one_client_leaves_a_line(
    console: Door, amina: Colleague, grace: Colleague, sam: Person, ids: dict[str, str]
) -> None:
    browsers = {"amina": console.as_(amina), "grace": console.as_(grace)}
    missing = []
    rules = [
        rule for rule, method in rules_of(console.app) if method == "GET" and shows_a_client(console, rule)
    ]
    assert len(rules) > 12
    for rule in rules:
        who = "amina" if PAGES[rule.endpoint, "GET"].own in (200, 302) else "grace"
        if not looks_leave_a_line(console, browsers[who], sam, path_of(console.app, rule, ids)):
            missing.append(rule.endpoint)
    assert missing == []


@pytest.mark.parametrize("path", LISTS)
def test_a_list_that_shows_sam_leaves_one_line_about_him_an_hour(
    console: Door, amina: Colleague, sam: Person, ids: dict[str, str], path: str
) -> None:
    browser = console.as_(amina)
    assert looks_leave_a_line(console, browser, sam, path)
    assert not looks_leave_a_line(console, browser, sam, path)


def test_after_an_hour_the_same_look_leaves_another_line(
    console: Door, amina: Colleague, sam: Person, ids: dict[str, str]
) -> None:
    assert looks_leave_a_line(console, console.as_(amina), sam, "/")
    console.clock.advance(hours=1, minutes=1)
    assert looks_leave_a_line(console, console.as_(amina), sam, "/")


def test_a_list_leaves_no_line_about_a_client_whom_it_does_not_show(
    console: Door, piotr: Colleague, sam: Person, ids: dict[str, str]
) -> None:
    browser = console.as_(piotr)
    assert [path for path in LISTS if looks_leave_a_line(console, browser, sam, path)] == []


def test_a_calendar_that_reads_the_feed_leaves_a_line_in_its_owners_name(
    console: Door, amina: Colleague, sam: Person, ids: dict[str, str]
) -> None:
    with console.caseload.transaction() as case:
        token = case.calendar_feeds.make(case.staff.get(amina.id), with_initials=False)
    calendar = console.someone()
    assert looks_leave_a_line(console, calendar, sam, f"/calendar/{token}.ics")
    assert lines_about(console, sam)["calendar feed read", amina.id] == 1


def how_it_stands(door: Door, handoff_id: str) -> str:
    with door.caseload.reading() as case:
        handoff = case.handoffs.find(handoff_id)
        assert handoff is not None
        return handoff.status


@pytest.mark.parametrize("by", ["the link of an alert", "the list of clients"])
def test_however_the_chat_is_opened_the_question_counts_as_seen(
    console: Door, amina: Colleague, sam: Person, by: str
) -> None:
    handoff_id = sam.asks("Can I keep my benefit?")
    browser = console.as_(amina)
    browser.get("/")
    assert how_it_stands(console, handoff_id) == "waiting"
    path = f"/handoffs/{handoff_id}" if "link" in by else f"/conversations/{sam.conversation_id}"
    browser.get(path, follow_redirects=True)
    assert how_it_stands(console, handoff_id) == "seen"


def test_what_an_open_chat_asks_for_by_itself_marks_nothing_as_seen(
    console: Door, amina: Colleague, sam: Person
) -> None:
    browser = console.as_(amina)
    browser.get(f"/conversations/{sam.conversation_id}")
    handoff_id = sam.asks("Can I keep my benefit?")
    browser.get(f"/conversations/{sam.conversation_id}/updates?after=0")
    assert how_it_stands(console, handoff_id) == "waiting"
