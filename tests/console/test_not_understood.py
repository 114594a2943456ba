"""For the service manager: what was not understood?"""

from __future__ import annotations

from tests.console.conftest import Door
from tests.people import Colleague, Person


def misses(sam: Person, words: str, picked: str | None = None) -> None:
    with sam.caseload.transaction() as case:
        case.misses.record(
            sam.conversation_id, "m1", words, [("search_jobs", 0.41)], ["search_jobs", "ask_person"], ("Sam",)
        )
        if picked:
            case.misses.record_pick(sam.conversation_id, picked)


def test_grace_sees_the_words_the_offer_and_the_pick(console: Door, grace: Colleague, sam: Person) -> None:
    misses(sam, "got owt going?", "search_jobs")
    page = console.as_(grace).text("/not-understood")
    assert "What was not understood?" in page
    assert "got owt going?" in page
    assert "the best guess was “Search jobs”" in " ".join(page.split())
    assert "picked: <strong>Search jobs</strong>" in page


def test_names_and_numbers_are_hidden(console: Door, grace: Colleague, sam: Person) -> None:
    misses(sam, "its Sam on 07700 900123")
    page = console.as_(grace).text("/not-understood")
    assert "its [name] on [number]" in page
    assert "07700" not in page


def test_the_newest_comes_first_and_picks_are_counted(console: Door, grace: Colleague, sam: Person) -> None:
    misses(sam, "first words", "search_jobs")
    console.clock.advance(minutes=5)
    misses(sam, "second words")
    page = console.as_(grace).text("/not-understood")
    assert page.index("second words") < page.index("first words")
    assert "2 messages in 30 days" in page
    assert "<td>Nothing</td>" in page


def test_older_ones_are_outside_the_span(console: Door, grace: Colleague, sam: Person) -> None:
    misses(sam, "old words")
    console.clock.advance(days=10)
    browser = console.as_(grace)
    assert "old words" in browser.text("/not-understood?days=30")
    assert "Everything was understood in the last 7 days" in browser.text("/not-understood?days=7")


def test_another_services_manager_sees_nothing_of_it(console: Door, hana: Colleague, sam: Person) -> None:
    misses(sam, "got owt going?")
    assert "got owt going?" not in console.as_(hana).text("/not-understood")


def test_a_consultant_is_told_that_it_is_for_another_role(console: Door, amina: Colleague) -> None:
    browser = console.as_(amina)
    answer = browser.get("/not-understood")
    assert answer.status_code == 403
    assert "You cannot open this page" in answer.text
    assert "/not-understood" not in browser.get("/").text
