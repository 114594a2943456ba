"""The inbox: who is waiting for me?"""

from __future__ import annotations

import re
from datetime import UTC, datetime

from bot.conversation.timers import TimerRunner
from bot.conversation.wording import Wording
from tests.console.conftest import Door
from tests.people import Colleague, Person, enrolled


def order_of(page: str, *names: str) -> list[str]:
    return sorted(names, key=page.index)


def test_amina_sees_who_waits_why_and_what_was_said(console: Door, amina: Colleague, sam: Person) -> None:
    sam.asks("Can I keep my benefit?")
    console.clock.advance(minutes=125)
    page = console.as_(amina).text("/")
    assert "Sam Okoro" in page
    assert "Asks a question" in page
    assert "Can I keep my benefit?" in page
    assert "Waiting for 2 hours 5 minutes" in page


def test_urgent_goes_first_then_longest_waiting(console: Door, amina: Colleague, sam: Person) -> None:
    lee = enrolled(console.caseload, "lee", "Lee Park", amina)
    ann = enrolled(console.caseload, "ann", "Ann Moss", amina)
    sam.asks("First question")
    console.clock.advance(minutes=10)
    lee.asks("Second question")
    console.clock.advance(minutes=10)
    ann.asks("I cannot go on", reason="safety", urgency="now")
    page = console.as_(amina).text("/")
    assert order_of(page, "Lee Park", "Sam Okoro", "Ann Moss") == ["Ann Moss", "Sam Okoro", "Lee Park"]


def test_a_safety_handoff_is_marked_in_words(console: Door, amina: Colleague, sam: Person) -> None:
    sam.asks("I cannot go on", reason="safety", urgency="now")
    page = console.as_(amina).text("/")
    assert "Safety" in page
    assert "May be in danger: read this now" in page


def test_asking_again_shows_how_often(console: Door, amina: Colleague, sam: Person) -> None:
    for _ in range(3):
        sam.asks("Can somebody call me?", reason="person")
    assert "asked 3 times" in console.as_(amina).text("/")


def test_an_empty_inbox_says_what_to_do_next(console: Door, amina: Colleague) -> None:
    page = console.as_(amina).text("/")
    assert "Nobody is waiting for you" in page
    assert "See your clients" in page


def test_opening_a_handoff_notes_that_it_was_seen(console: Door, amina: Colleague, sam: Person) -> None:
    handoff_id = sam.asks("Can I keep my benefit?")
    answer = console.as_(amina).post(f"/handoffs/{handoff_id}/open")
    assert answer.headers["Location"] == f"/conversations/{sam.conversation_id}"
    with console.caseload.reading() as case:
        assert case.handoffs.get_for(case.staff.get(amina.id), handoff_id).status == "seen"


def test_looking_at_the_inbox_changes_nothing(console: Door, amina: Colleague, sam: Person) -> None:
    handoff_id = sam.asks("Can I keep my benefit?")
    console.as_(amina).get("/")
    with console.caseload.reading() as case:
        assert case.handoffs.get_for(case.staff.get(amina.id), handoff_id).status == "waiting"


def test_marking_as_dealt_with_keeps_the_note_and_who_did_it(
    console: Door, amina: Colleague, sam: Person
) -> None:
    handoff_id = sam.asks("Can I keep my benefit?")
    page = console.as_(amina).post(f"/handoffs/{handoff_id}/close", {"note": "Phoned at ten"}, follow=True)
    assert "Marked as dealt with for Sam" in page.text
    with console.caseload.reading() as case:
        handoff = case.handoffs.get_for(case.staff.get(amina.id), handoff_id)
        last = handoff.events[-1]
        assert (handoff.status, last.note, last.staff_id) == ("closed", "Phoned at ten", amina.id)


def test_dealing_with_a_safety_handoff_acknowledges_its_events_and_clears_nothing(
    console: Door, amina: Colleague, sam: Person
) -> None:
    handoff_id = sam.asks("I cannot go on", reason="safety", urgency="now")
    with console.caseload.transaction() as case:
        case.safety_events.record(
            client=case.clients.find(sam.id),
            conversation_id=sam.conversation_id,
            handoff_id=handoff_id,
            inbox_seq=1,
            route="crisis",
            kind="suicidal",
            detectors=("rules:test",),
            content_version="1",
        )
    console.as_(amina).post(f"/handoffs/{handoff_id}/close", {"danger_seen": f"{handoff_id}.1"})
    with console.caseload.reading() as case:
        assert case.safety_events.paused_since(case.clients.find(sam.id)) is not None
    with console.caseload.engine.connect() as connection:
        asked = "SELECT acknowledged_at, cleared_at FROM safety_events"
        [(acknowledged_at, cleared_at)] = connection.exec_driver_sql(asked).all()
    assert (acknowledged_at is None, cleared_at) == (False, None)


def test_a_colleague_who_was_first_is_told_kindly(
    console: Door, amina: Colleague, grace: Colleague, sam: Person
) -> None:
    handoff_id = sam.asks("Can I keep my benefit?")
    second = console.as_(grace)
    console.as_(amina).post(f"/handoffs/{handoff_id}/close")
    assert (
        "has dealt with this for Sam already"
        in second.post(f"/handoffs/{handoff_id}/close", follow=True).text
    )


def test_what_sam_asked_since_the_page_was_opened_is_not_closed_unread(
    console: Door, amina: Colleague, sam: Person
) -> None:
    handoff_id = sam.asks("Can I keep my benefit?")
    browser = console.as_(amina)
    [seen] = re.findall(r'name="asked" value="(\d+)"', browser.text("/"))
    sam.asks("And what about my rent?")
    page = browser.post(f"/handoffs/{handoff_id}/close", {"asked": seen}, follow=True).text
    assert "Sam asked again after you opened that page, so it still waits." in page
    assert "And what about my rent?" in page
    [seen] = re.findall(r'name="asked" value="(\d+)"', page)
    assert (
        "Marked as dealt with"
        in browser.post(f"/handoffs/{handoff_id}/close", {"asked": seen}, follow=True).text
    )


def test_a_job_that_interests_sam_is_named(console: Door, amina: Colleague, sam: Person) -> None:
    with console.caseload.transaction() as case:
        client = case.clients.find(sam.id)
        lead = case.leads.share(client, case.staff.get(amina.id), title="Baker", employer="Crumb")
        case.leads.answer(client, lead.id, "interested")
    page = console.as_(amina).text("/")
    assert "Is interested in a job" in page
    assert "Baker" in page


def test_an_open_inbox_can_tell_that_something_is_new(console: Door, amina: Colleague, sam: Person) -> None:
    browser = console.as_(amina)
    before = browser.get("/waiting").json
    sam.asks("Can I keep my benefit?")
    after = browser.get("/waiting").json
    assert before and after
    assert before["state"] != after["state"]
    assert after["count"] == 1


def test_the_line_shows_the_wait_in_working_time_and_who_was_told(
    console: Door, amina: Colleague, sam: Person, words: Wording
) -> None:
    timers = TimerRunner(console.caseload, words)
    console.clock.set(datetime(2026, 11, 24, 16, 0, tzinfo=UTC))
    sam.asks("Can somebody call me?", reason="person", urgency="today")
    timers.ring_due()
    console.clock.set(datetime(2026, 11, 25, 9, 20, tzinfo=UTC))
    page = console.as_(amina).text("/")
    assert "Waits 1 h 20 min of working time." in page
    assert "Amina told Tuesday 24 November at 4pm in Foothold." in page
    assert "Next: a reminder 10am, the cover midday, the lead 3:30pm." in page
    console.clock.set(datetime(2026, 11, 25, 10, 0, tzinfo=UTC))
    timers.ring_due()
    assert "Amina reminded 10am in Foothold." in console.as_(amina).text("/")


def test_what_tells_nobody_shows_no_working_time(console: Door, amina: Colleague, sam: Person) -> None:
    sam.asks("", reason="not_saved")
    assert "of working time" not in console.as_(amina).text("/")


def test_who_waits_for_several_things_is_quoted_once(console: Door, amina: Colleague, sam: Person) -> None:
    joan = enrolled(console.caseload, "joan", "Joan Hale", amina)
    joan.asks("Where do we meet?")
    sam.asks("Can I keep my benefit?")
    sam.asks("Can she ring me?", reason="person", subject="call")
    page = console.as_(amina).text("/")
    assert page.count("The last words of Sam stand further up.") == 1
    assert page.count(">Last words<") == 2
    assert "The last words of Joan" not in page


def test_a_call_that_was_asked_for_reads_as_one(console: Door, amina: Colleague, sam: Person) -> None:
    sam.asks("Can she ring me instead?", reason="person", subject="call")
    for path in ("/", "/today", f"/clients/{sam.id}", f"/conversations/{sam.conversation_id}"):
        page = console.as_(amina).text(path)
        assert "Wants a phone call" in page
        assert "Wants to speak to a person" not in page


def test_three_lines_are_seen_at_a_glance_and_ten_unfold(
    console: Door, amina: Colleague, sam: Person
) -> None:
    for number in range(1, 12):
        sam.says(f"line number {number};")
    sam.asks("Can I keep my benefit?", reason="person")
    page = console.as_(amina).text("/")
    glance, unfolded = page.split("The last 10 lines of the chat</summary>")
    assert "Wants to speak to a person" in glance
    assert "line number 10;" in glance
    assert "line number 9;" not in glance
    assert "line number 3;" in unfolded
    assert "line number 2;" not in page


def test_a_short_chat_has_nothing_to_unfold(console: Door, amina: Colleague, sam: Person) -> None:
    sam.asks("Can I keep my benefit?")
    assert "lines of the chat" not in console.as_(amina).text("/")
