"""Goals in new words, talks, and what is known of Sam: dated, with their history."""

from __future__ import annotations

from datetime import date

import pytest

from bot.caseload.models.plan import Goal
from tests.console.conftest import Browser, Door
from tests.people import Colleague, Person


def sends(browser: Browser, sam: Person, path: str, key: str, data: dict[str, str]) -> tuple[int, str]:
    """Send a form of Sam's page; returns what came back, after following it."""
    answer = browser.post(
        f"/clients/{sam.id}/{path}", {f"{key}-{name}": value for name, value in data.items()}
    )
    if answer.status_code == 303:
        return 303, browser.text(f"/clients/{sam.id}")
    return answer.status_code, answer.text


@pytest.fixture
def goal(console: Door, sam: Person) -> str:
    with console.caseload.transaction() as case:
        return case.goals.add(case.clients.find(sam.id), "wanna work wiv plants").id


def goal_of(console: Door, sam: Person, goal: str) -> Goal:
    with console.caseload.reading() as case:
        return case.goals.get_for_client(case.clients.find(sam.id), goal)


def test_new_words_take_the_place_of_the_old_which_are_kept(
    console: Door, amina: Colleague, sam: Person, goal: str
) -> None:
    browser = console.as_(amina)
    for _ in range(2):
        status, page = sends(
            browser, sam, f"goals/{goal}/words", f"goal_words-{goal}", {"text": "two mornings wiv plants"}
        )
        assert status == 303
    assert "two mornings wiv plants" in page
    assert "Changed; before: <bdi>wanna work wiv plants</bdi>" in page
    found = goal_of(console, sam, goal)
    assert [event.progress for event in found.events] == ["set", "changed"]


def test_empty_words_are_refused_beside_the_field(
    console: Door, amina: Colleague, sam: Person, goal: str
) -> None:
    status, page = sends(console.as_(amina), sam, f"goals/{goal}/words", f"goal_words-{goal}", {"text": "  "})
    assert status == 422
    assert f'id="goal_words-{goal}-text-problem"' in page


def test_a_goal_is_reached_set_aside_and_taken_up_again(
    console: Door, amina: Colleague, sam: Person, goal: str
) -> None:
    browser = console.as_(amina)
    for progress, status in (
        ("closer", "active"), ("closer", "active"), ("achieved", "achieved"), ("achieved", "achieved"),
        ("active", "active"), ("dropped", "dropped"),
    ):  # fmt: skip
        browser.post(f"/clients/{sam.id}/goals/{goal}/{progress}")
        assert goal_of(console, sam, goal).status == status
    # A button that was pressed twice counts once.
    assert [one.progress for one in goal_of(console, sam, goal).events] == [
        "set", "closer", "achieved", "active", "dropped",
    ]  # fmt: skip
    assert browser.post(f"/clients/{sam.id}/goals/{goal}/ruined").status_code == 404


def test_a_goal_of_another_client_is_not_there(
    console: Door, piotr: Colleague, sam: Person, jo: Person, goal: str
) -> None:
    browser = console.as_(piotr)
    assert browser.post(f"/clients/{jo.id}/goals/{goal}/closer").status_code == 404
    assert browser.post(f"/clients/{sam.id}/goals/{goal}/closer").status_code == 404


def test_what_to_tell_an_employer_is_talked_about_again_and_the_newest_holds(
    console: Door, amina: Colleague, sam: Person
) -> None:
    browser = console.as_(amina)
    said = {"held_on": "2026-11-10", "what": "talked_about", "employer": "Crumb and Co", "stance": "none"}
    for _ in range(2):
        sends(browser, sam, "disclosure", "disclosure", {**said, "note": ""})
    newer = {**said, "held_on": "2026-11-24", "stance": "some", "note": "“I may need a break”"}
    _, page = sends(browser, sam, "disclosure", "disclosure", newer)
    assert "“I may need a break”" in page
    stands = page[page.index("<dl", page.index("What to tell employers</h2>")) :].split("</dl>")[0]
    assert "Tell them some of it" in stands
    assert "Tell them nothing" not in stands
    with console.caseload.reading() as case:
        assert len(case.discussions.disclosure_for(case.clients.find(sam.id))) == 2


def test_a_talk_is_corrected_and_keeps_its_day(console: Door, amina: Colleague, sam: Person) -> None:
    browser = console.as_(amina)
    sends(browser, sam, "benefits", "benefits", {"held_on": "2026-11-10", "what": "offered", "note": ""})
    with console.caseload.reading() as case:
        [talk] = case.discussions.benefits_for(case.clients.find(sam.id))
    data = {"held_on": "2026-11-10", "what": "referred", "note": "To the advice centre"}
    _, page = sends(browser, sam, f"benefits/{talk.id}", f"benefits-{talk.id}", data)
    assert "Referred to an adviser. <bdi>To the advice centre</bdi>" in page
    with console.caseload.reading() as case:
        [talk] = case.discussions.benefits_for(case.clients.find(sam.id))
        assert (talk.what, talk.held_on) == ("referred", date(2026, 11, 10))


def test_a_talk_ahead_is_refused_and_a_strangers_talk_is_not_there(
    console: Door, amina: Colleague, piotr: Colleague, sam: Person, jo: Person
) -> None:
    browser = console.as_(amina)
    status, page = sends(
        browser, sam, "benefits", "benefits", {"held_on": "2026-12-10", "what": "done", "note": "my note"}
    )
    assert status == 422
    assert "This day has not come yet." in page
    assert "my note" in page
    sends(browser, sam, "benefits", "benefits", {"held_on": "2026-11-10", "what": "done", "note": ""})
    with console.caseload.reading() as case:
        [talk] = case.discussions.benefits_for(case.clients.find(sam.id))
    data = {"held_on": "2026-11-10", "what": "done", "note": "not mine"}
    answer = sends(console.as_(piotr), jo, f"benefits/{talk.id}", f"benefits-{talk.id}", data)
    assert answer[0] == 404


def fact(value: str, source: str = "client", said_on: str = "2026-11-24", **more: str) -> dict[str, str]:
    return {"topic": "hours", "value": value, "source": source, "said_on": said_on, **more}


def test_what_is_known_shows_who_said_it_and_what_was_said_before(
    console: Door, amina: Colleague, sam: Person
) -> None:
    browser = console.as_(amina)
    sends(browser, sam, "facts", "fact", fact("up to 10", "family", "2026-11-01"))
    for _ in range(2):
        _, page = sends(browser, sam, "facts/hours", "fact-hours", fact("16, mornings"))
    assert "Hours a week:" in page
    assert "from the client, Tuesday 24 November 2026, written by Amina" in page
    assert page.index("16, mornings") < page.index("What was said before") < page.index("up to 10")
    with console.caseload.reading() as case:
        [known] = case.profile.known_of(case.clients.find(sam.id))
        assert (known.now.value, [one.value for one in known.before]) == ("16, mornings", ["up to 10"])


def test_what_does_not_hold_any_more_keeps_its_history(console: Door, amina: Colleague, sam: Person) -> None:
    browser = console.as_(amina)
    sends(browser, sam, "facts", "fact", fact("16, mornings"))
    for _ in range(2):
        browser.post(f"/clients/{sam.id}/facts/hours/gone")
    page = browser.text(f"/clients/{sam.id}")
    assert "(does not hold any more)" in page
    assert "16, mornings" in page
    with console.caseload.reading() as case:
        [known] = case.profile.known_of(case.clients.find(sam.id))
        assert len(known.before) == 1


def test_a_fact_without_words_or_about_nothing_we_keep_is_refused(
    console: Door, amina: Colleague, sam: Person
) -> None:
    browser = console.as_(amina)
    assert sends(browser, sam, "facts", "fact", fact(" "))[0] == 422
    assert sends(browser, sam, "facts", "fact", {**fact("x"), "topic": "diagnosis"})[0] == 422
    assert browser.post(f"/clients/{sam.id}/facts/diagnosis/gone").status_code == 404
