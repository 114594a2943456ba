"""May I read clients in my own Telegram? Off until I prove who I am, and never against my manager."""

from __future__ import annotations

import pyotp
import pytest

from tests.console.conftest import Door
from tests.people import PASSWORD, Colleague, Person, enrolled


def link(door: Door, who: Colleague, chat_id: str = "6000000001") -> None:
    """Link somebody's own Telegram."""
    with door.caseload.transaction() as case:
        staff = case.staff.get(who.id)
        assert case.staff.use_link(case.staff.make_link(staff).token, "7000000001", chat_id)


def reads(door: Door, who: Colleague) -> bool:
    with door.caseload.reading() as case:
        return case.staff.may_read_in_telegram(case.staff.get(who.id))


def test_it_is_off_until_amina_gives_her_password_again(console: Door, amina: Colleague) -> None:
    link(console, amina)
    browser = console.as_(amina)
    assert "Off. Only alerts go to your Telegram" in browser.text("/alerts")
    assert "Your password" in browser.text("/alerts/reading")
    wrong = browser.post("/alerts/reading", {"proof": "not mine"})
    assert (wrong.status_code, reads(console, amina)) == (422, False)
    assert "That password is not right." in wrong.text
    page = browser.post("/alerts/reading", {"proof": PASSWORD}, follow=True).text
    assert "You can read and answer clients in your Telegram." in page
    assert "On until Friday 25 December at 10am." in page
    assert reads(console, amina)


def test_grace_needs_a_fresh_code(console: Door, grace: Colleague) -> None:
    link(console, grace)
    browser = console.as_(grace)
    used = pyotp.TOTP(grace.totp_secret or "").at(console.clock.now())
    assert "used already" in browser.post("/alerts/reading", {"proof": used}).text
    console.clock.advance(seconds=30)
    fresh = pyotp.TOTP(grace.totp_secret or "").at(console.clock.now())
    browser.post("/alerts/reading", {"proof": fresh})
    assert reads(console, grace)


def test_nobody_guesses_at_leisure(console: Door, amina: Colleague) -> None:
    link(console, amina)
    browser = console.as_(amina)
    for _ in range(5):
        browser.post("/alerts/reading", {"proof": "a guess"})
    assert "Too many tries." in browser.post("/alerts/reading", {"proof": PASSWORD}).text
    assert not reads(console, amina)


def test_without_a_linked_telegram_there_is_nothing_to_allow(console: Door, amina: Colleague) -> None:
    browser = console.as_(amina)
    page = browser.post("/alerts/reading", {"proof": PASSWORD}, follow=True).text
    assert "Link your own Telegram first." in page
    assert not reads(console, amina)


def test_amina_stops_it_twice(console: Door, amina: Colleague) -> None:
    link(console, amina)
    browser = console.as_(amina)
    browser.post("/alerts/reading", {"proof": PASSWORD})
    for _ in range(2):
        page = browser.post("/alerts/reading/stop", follow=True).text
        assert "No client is shown in your Telegram any more." in page
        assert not reads(console, amina)
    with console.caseload.reading() as case:
        assert case.staff.get(amina.id).alert_chat_id is not None


def test_linking_another_phone_asks_anew(console: Door, amina: Colleague) -> None:
    link(console, amina)
    console.as_(amina).post("/alerts/reading", {"proof": PASSWORD})
    link(console, amina, "6000000002")
    assert not reads(console, amina)


def test_grace_forbids_it_for_her_service_and_it_does_not_come_back_by_itself(
    console: Door, amina: Colleague, grace: Colleague, hana: Colleague
) -> None:
    link(console, amina)
    link(console, hana, "6000000003")
    with console.caseload.transaction() as case:
        case.staff.allow_reading(case.staff.get(hana.id))
    hers = console.as_(amina)
    hers.post("/alerts/reading", {"proof": PASSWORD})
    manager = console.as_(grace)
    assert 'name="allowed" value="no"' in manager.text("/alerts")
    for _ in range(2):
        page = manager.post("/alerts/reading/service", {"allowed": "no"}, follow=True).text
        assert "Nobody of your service reads" in page
    assert (reads(console, amina), reads(console, hana)) == (False, True)
    assert "does not allow" in hers.post("/alerts/reading", {"proof": PASSWORD}, follow=True).text
    assert not reads(console, amina)
    assert "can now allow" in manager.post("/alerts/reading/service", {"allowed": "yes"}, follow=True).text
    assert not reads(console, amina)


# Labels.


def test_amina_chooses_what_she_calls_sam(
    console: Door, amina: Colleague, grace: Colleague, sam: Person
) -> None:
    browser = console.as_(amina)
    page = browser.post(f"/clients/{sam.id}/label", {"label": " Blue 7 "}, follow=True).text
    assert "You call Sam Blue 7 in Telegram." in page
    assert 'value="Blue 7"' in browser.text(f"/clients/{sam.id}/label")
    assert "Blue 7" not in console.as_(grace).text(f"/clients/{sam.id}")


@pytest.mark.parametrize(
    ("label", "problem"),
    [
        ("", "Write initials or a code."),
        ("   ", "Write initials or a code."),
        ("x" * 13, "Use 1 to 12 characters."),
        ("sam", "Choose something that is not their name."),
        ("My OKORO", "Choose something that is not their name."),
        ("a\u200bb", "Use 1 to 12 characters."),
    ],
)
def test_a_label_that_cannot_be_kept_says_why(
    console: Door, amina: Colleague, sam: Person, label: str, problem: str
) -> None:
    answer = console.as_(amina).post(f"/clients/{sam.id}/label", {"label": label})
    assert answer.status_code == 422
    assert problem in answer.text


def test_two_clients_never_have_the_same_label(console: Door, amina: Colleague, sam: Person) -> None:
    ann = enrolled(console.caseload, "ann", "Ann Moss", amina)
    browser = console.as_(amina)
    browser.post(f"/clients/{sam.id}/label", {"label": "blue"})
    answer = browser.post(f"/clients/{ann.id}/label", {"label": "BLUE"})
    assert "You call another client that already." in answer.text
    assert browser.post(f"/clients/{sam.id}/label", {"label": "Blue"}).status_code == 303


def test_piotr_may_call_his_client_the_same(
    console: Door, amina: Colleague, piotr: Colleague, sam: Person, jo: Person
) -> None:
    console.as_(amina).post(f"/clients/{sam.id}/label", {"label": "A1"})
    assert console.as_(piotr).post(f"/clients/{jo.id}/label", {"label": "A1"}).status_code == 303
