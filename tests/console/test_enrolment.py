"""Taking somebody on, correcting who they are, closing them and opening them again."""

from __future__ import annotations

import re
from html import unescape

import pytest
from playwright.sync_api import Page, expect

from bot.caseload.errors import InviteNotUsable, NoSuchClient
from bot.caseload.models.people import Client
from tests.console.browsers import address, chromium, sign_in, tabs, window
from tests.console.conftest import Browser, Door
from tests.console.test_readable import inspect
from tests.people import Colleague, Person

__all__ = ["address", "chromium", "tabs", "window"]

ROSE = {
    "preferred_name": "Rose",
    "display_name": "Rosemary Ngata",
    "ref": "",
    "area": "Westmere",
    "region": "england",
    "timezone": "Europe/London",
    "share_with_clinical_team": "yes",
    "family": "",
}
HEAD = {
    "head-preferred_name": "Sunny",
    "head-display_name": "Samuel Okoro",
    "head-area": "Northgate",
    "head-region": "new_zealand",
    "head-timezone": "Pacific/Auckland",
}
#: Eighty characters, each of them an emoji.
EMOJI = "🌻" * 80
TOO_LONG = ("<b>Sam</b> & “Sunny” 🌻 " * 20)[:200]


def takes_on(browser: Browser, consultant: Colleague, **typed: str) -> str:
    """Fill the page in and send it; returns the page that comes then."""
    return unescape(browser.post("/clients/new", filled_in(browser, consultant, **typed), follow=True).text)


def filled_in(browser: Browser, whose: Colleague, **typed: str) -> dict[str, str]:
    found = re.search(r'name="form_key" type="hidden" value="(\w+)"', browser.text("/clients/new"))
    assert found is not None
    return {**ROSE, "consultant": whose.id, "form_key": found[1], **typed}


def client_named(console: Door, name: str, by: Colleague) -> Client:
    with console.caseload.reading() as case:
        return next(one for one in case.clients.seen_by(case.staff.get(by.id)) if one.display_name == name)


def actions_about(console: Door, client_id: str) -> list[str]:
    with console.caseload.reading() as case:
        return [one.action for one in case.audit.of_client(client_id)]


def test_amina_takes_rose_on_and_is_offered_the_invite_link_at_once(console: Door, amina: Colleague) -> None:
    page = takes_on(console.as_(amina), amina)
    assert "Rose is your client now." in page
    assert "Next: give Rose an invite link" in page
    rose = client_named(console, "Rosemary Ngata", amina)
    assert (rose.preferred_name, rose.area, rose.region) == ("Rose", "Westmere", "england")
    assert (rose.consultant_id, rose.timezone) == (amina.id, "Europe/London")
    assert "client taken on" in actions_about(console, rose.id)
    link = console.as_(amina).post(f"/clients/{rose.id}/invite").text
    assert "https://t.me/foothold_test_bot?start=" in link


def test_what_was_agreed_on_paper_is_kept_and_the_chat_is_not_agreed_to(
    console: Door, amina: Colleague
) -> None:
    takes_on(console.as_(amina), amina, family="no")
    rose = client_named(console, "Rosemary Ngata", amina)
    with console.caseload.reading() as case:
        said = {one.purpose: (one.given, one.wording_version) for one in case.consents.history(rose)}
    assert said == {"share_with_clinical_team": (True, "on paper"), "family": (False, "on paper")}


def test_grace_takes_rose_on_for_amina_and_amina_is_told(
    console: Door, grace: Colleague, amina: Colleague
) -> None:
    assert "Rose is Amina Khan's client now. Amina is told." in takes_on(console.as_(grace), amina)
    assert "Grace Mensah took Rose on, and Rose is your client now." in console.as_(amina).text("/")


def test_amina_cannot_take_somebody_on_for_piotr(console: Door, amina: Colleague, piotr: Colleague) -> None:
    browser = console.as_(amina)
    answer = browser.post("/clients/new", filled_in(browser, piotr))
    assert answer.status_code == 422
    assert "Piotr" not in answer.text
    with pytest.raises(StopIteration):
        client_named(console, "Rosemary Ngata", piotr)


def test_a_name_of_200_characters_with_markup_and_emoji_gets_one_sentence_and_stays_as_typed(
    console: Door, amina: Colleague
) -> None:
    browser = console.as_(amina)
    name = " ".join(TOO_LONG.split())
    answer = browser.post("/clients/new", filled_in(browser, amina, display_name=TOO_LONG))
    assert answer.status_code == 422
    assert answer.text.count("invalid-feedback") == 1
    assert f"Use 80 characters at most: these are {len(name)}." in answer.text
    assert "<b>Sam</b>" not in answer.text
    assert "&lt;b&gt;Sam&lt;/b&gt; &amp; “Sunny” 🌻" in answer.text
    assert 'value="Westmere"' in answer.text


def test_a_name_of_80_emoji_is_kept(console: Door, amina: Colleague) -> None:
    takes_on(console.as_(amina), amina, display_name=EMOJI)
    assert client_named(console, EMOJI, amina).preferred_name == "Rose"


@pytest.mark.parametrize(
    ("field", "typed", "said"),
    [
        ("preferred_name", "", "Enter the name that the client wants to be called."),
        ("display_name", "\u200b \u200d", "Enter the name by which your team knows the client."),
        ("preferred_name", "🌻" * 41, "Use 40 characters at most: these are 41."),
        ("area", "x" * 81, "Use 80 characters at most."),
        ("ref", "two words", "Use letters, digits, dots and hyphens, with no space."),
        ("ref", "erased-1", "Use letters, digits, dots and hyphens, with no space."),
        ("consultant", "", "Choose who looks after them."),
    ],
)
def test_each_mistake_gets_one_sentence_and_nobody_is_taken_on(
    console: Door, grace: Colleague, amina: Colleague, field: str, typed: str, said: str
) -> None:
    browser = console.as_(grace)
    answer = browser.post("/clients/new", filled_in(browser, amina, **{field: typed}))
    assert answer.status_code == 422
    assert said in answer.text
    with console.caseload.reading() as case:
        assert case.clients.lines() == []


def test_a_reference_that_another_client_has_is_refused(console: Door, amina: Colleague, sam: Person) -> None:
    browser = console.as_(amina)
    answer = browser.post("/clients/new", filled_in(browser, amina, ref=sam.ref))
    assert answer.status_code == 422
    assert "Another client has this reference." in answer.text
    assert 'value="Rosemary Ngata"' in answer.text


def test_the_same_form_sent_twice_takes_one_person_on(console: Door, amina: Colleague) -> None:
    browser = console.as_(amina)
    form = filled_in(browser, amina)
    browser.post("/clients/new", form)
    assert "Rose was saved by this form already." in browser.post("/clients/new", form, follow=True).text
    with console.caseload.reading() as case:
        assert len(case.clients.lines()) == 1


def test_amina_corrects_who_sam_is(console: Door, amina: Colleague, sam: Person) -> None:
    browser = console.as_(amina)
    page = browser.post(f"/clients/{sam.id}/head", HEAD, follow=True).text
    assert "How is Sunny doing?" in page
    client = client_named(console, "Samuel Okoro", amina)
    assert (client.area, client.region, client.timezone) == ("Northgate", "new_zealand", "Pacific/Auckland")
    with console.caseload.reading() as case:
        line = next(one for one in case.audit.of_client(sam.id) if one.action == "client corrected")
    assert line.subject == "display_name, preferred_name, area, region, timezone"


def test_a_wrong_correction_changes_nothing_and_stays_as_typed(
    console: Door, amina: Colleague, sam: Person
) -> None:
    answer = console.as_(amina).post(f"/clients/{sam.id}/head", {**HEAD, "head-display_name": "x" * 81})
    assert answer.status_code == 422
    assert "Use 80 characters at most: these are 81." in answer.text
    assert 'value="Sunny"' in answer.text
    assert client_named(console, "Sam Okoro", amina).area is None


def test_a_closed_client_leaves_the_lists_and_their_invite_link_works_no_more(
    console: Door, amina: Colleague, sam: Person
) -> None:
    with console.caseload.transaction() as case:
        token = case.invites.create(case.clients.find(sam.id)).token
    browser = console.as_(amina)
    assert "Closing does not end the chat" in browser.text(f"/clients/{sam.id}")
    page = browser.post(f"/clients/{sam.id}/close", follow=True).text
    assert "Sam is closed and leaves the lists." in page
    assert "Open again" in page
    assert "Sam Okoro" not in browser.text("/clients")
    assert "client closed" in actions_about(console, sam.id)
    browser.post(f"/clients/{sam.id}/open-again")
    assert "Sam Okoro" in browser.text("/clients")
    assert "client opened again" in actions_about(console, sam.id)
    with console.caseload.transaction() as case, pytest.raises(InviteNotUsable):
        case.invites.use(token)


def test_a_closed_client_who_writes_is_still_seen(console: Door, amina: Colleague, sam: Person) -> None:
    browser = console.as_(amina)
    browser.post(f"/clients/{sam.id}/close")
    sam.asks("Can I come back?")
    assert "Can I come back?" in browser.text("/")


def test_a_client_whose_data_was_deleted_is_not_opened_again(
    console: Door, amina: Colleague, sam: Person
) -> None:
    with console.caseload.transaction() as case:
        client = case.clients.find(sam.id)
        case.rights.erase(client)
        with pytest.raises(NoSuchClient):
            case.enrolments.open_again(client)


@pytest.mark.timeout(300)
def test_a_long_name_is_typed_corrected_and_shown_well_on_a_phone(
    window: Page, demo: Door, amina: Colleague
) -> None:
    sign_in(window, demo, amina)
    window.goto("/clients")
    window.get_by_role("link", name="Take somebody on").click()
    window.get_by_label("First name, as the bot says it").fill("Rose")
    name = window.get_by_label("Name shown to staff")
    name.fill(EMOJI + "🌻")
    window.get_by_label("Area (you can leave this empty)").fill("Westmere")
    window.get_by_role("button", name="Take them on").click()
    expect(window.get_by_text("Use 80 characters at most: these are 81.")).to_be_visible()
    expect(name).to_have_value(EMOJI + "🌻")
    faults = inspect(window, "enrolment-mistake", "light")
    name.fill(EMOJI)
    window.get_by_role("button", name="Take them on").click()
    expect(window.get_by_text("Rose is your client now.")).to_be_visible()
    window.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true; })")
    faults += inspect(window, "enrolment-done", "light")
    window.get_by_role("button", name="Make the invite link").click()
    expect(window.get_by_text("The invite link, shown only this once")).to_be_visible()
    window.goto("/clients")
    faults += inspect(window, "enrolment-clients", "light")
    assert faults == []
