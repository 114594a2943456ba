"""Quick replies: written by those who lead, put in by consultants, and never sent with a blank."""

from __future__ import annotations

import re
import uuid

import pytest

from bot.caseload.calendars import COUNTRIES
from bot.conversation.starting_replies import SHARED, StartingReply, load_sets
from tests.console.conftest import Browser, Door
from tests.people import Colleague, Person
from tests.test_plain_words import Spoken, faults, filled

SETS = load_sets()
STARTERS = [(place, one) for place, kept in SETS.items() for one in kept.replies]


def chat(sam: Person, more: str = "") -> str:
    return f"/conversations/{sam.conversation_id}{more}"


def adds(browser: Browser, name: str, words: str) -> str:
    return browser.post(
        "/quick-replies", {"new-name": name, "new-text": words, "new-version": "1"}, follow=True
    ).text


def ids(page: str) -> list[str]:
    return re.findall(r'action="/quick-replies/([0-9a-f]{32})"', page)


def puts_in(browser: Browser, sam: Person, reply_id: str, draft: str = "") -> str:
    form = {"text": draft, "form_key": uuid.uuid4().hex, "quick_reply": reply_id}
    answer = browser.post(chat(sam, "/quick-reply"), form)
    found = re.search(r"<textarea[^>]*name=\"text\"[^>]*>\s*(.*?)</textarea>", answer.text, re.DOTALL)
    assert found
    return found[1].replace("\r\n", "\n")


@pytest.mark.parametrize(("place", "one"), STARTERS, ids=lambda one: getattr(one, "name", one))
def test_each_of_the_words_that_a_service_starts_with_is_plain(place: str, one: StartingReply) -> None:
    assert faults(Spoken(f"{place}: {one.name}", filled(one.text.replace("___", "five")), ())) == []
    assert len(one.name) <= 60


def test_every_set_says_who_answers_for_it_and_when_it_was_read() -> None:
    assert set(SETS) <= {SHARED, *COUNTRIES}
    assert {"england", "new_zealand"} <= set(SETS)
    for kept in SETS.values():
        assert kept.version
        assert kept.owner
        assert kept.last_checked.year >= 2026


def test_no_service_starts_with_two_of_one_name() -> None:
    for place in SETS:
        names = [one.name.casefold() for name in {SHARED, place} for one in SETS[name].replies]
        assert len(set(names)) == len(names)


def test_grace_adds_changes_and_deletes_one(console: Door, grace: Colleague) -> None:
    browser = console.as_(grace)
    assert "There are no quick replies yet." in browser.text("/quick-replies")
    page = adds(browser, "Thanks", "Thank you, {first_name}.")
    assert "The quick reply is added." in page
    [reply_id] = ids(page)
    form = {f"{reply_id}-name": "Many thanks", f"{reply_id}-text": "Thank you.", f"{reply_id}-version": "1"}
    page = browser.post(f"/quick-replies/{reply_id}", form, follow=True).text
    assert "<bdi>Many thanks</bdi>" in page
    page = browser.post(f"/quick-replies/{reply_id}/remove", follow=True).text
    assert "There are no quick replies yet." in page
    assert browser.post(f"/quick-replies/{reply_id}/remove").status_code == 404


def test_two_people_who_change_one_at_once_lose_nothing(console: Door, grace: Colleague) -> None:
    browser = console.as_(grace)
    [reply_id] = ids(adds(browser, "Thanks", "Thank you."))
    form = {f"{reply_id}-name": "Thanks", f"{reply_id}-text": "Thanks a lot.", f"{reply_id}-version": "1"}
    browser.post(f"/quick-replies/{reply_id}", form)
    answer = browser.post(f"/quick-replies/{reply_id}", {**form, f"{reply_id}-text": "My words."})
    assert answer.status_code == 409
    assert "A colleague changed this meanwhile." in answer.text
    assert "Thanks a lot." in answer.text
    assert "My words.</textarea>" in answer.text
    assert f'name="{reply_id}-version" type="hidden" value="2"' in answer.text


def test_what_is_wrong_with_one_is_said_and_kept(console: Door, grace: Colleague) -> None:
    browser = console.as_(grace)
    [reply_id] = ids(adds(browser, "Thanks", "Thank you."))
    page = adds(browser, "thanks", "Other words")
    assert "There is a quick reply of this name." in page
    assert "Other words</textarea>" in page
    assert "Write the words." in adds(browser, "Empty", " ")
    form = {f"{reply_id}-name": "", f"{reply_id}-text": "Thank you.", f"{reply_id}-version": "1"}
    assert "Give it a name." in browser.post(f"/quick-replies/{reply_id}", form).text


def test_amina_puts_one_in_behind_her_draft_and_nothing_is_sent(
    console: Door, amina: Colleague, grace: Colleague, sam: Person
) -> None:
    with console.caseload.transaction() as case:
        client = case.clients.find(sam.id)
        quick = case.quick_replies.add(
            client.service, "Meeting", "Hi {first_name}, we meet on {next_appointment}. {consultant}, {day}"
        )
    browser = console.as_(amina)
    assert f'<option value="{quick.id}">Meeting</option>' in browser.text(chat(sam))
    assert puts_in(browser, sam, quick.id, "My draft") == (
        "My draft\n\nHi Sam, we meet on {next_appointment}. Amina, {day}"
    )
    with console.caseload.transaction() as case:
        client = case.clients.find(sam.id)
        free = case.appointments.free_times(client)[0]
        case.appointments.arrange(
            client, case.staff.get(amina.id), free.starts_at, minutes=45, mode="office", place=None,
            purpose=None,
        )  # fmt: skip
    assert "we meet on Thursday 26 November at 1pm. Amina, {day}" in puts_in(browser, sam, quick.id)
    with console.caseload.reading() as case:
        conversation = case.conversations.find(sam.conversation_id)
        assert conversation is not None
        assert case.transcript.newest(conversation) == []


def test_a_blank_that_is_left_stops_the_reply(console: Door, amina: Colleague, sam: Person) -> None:
    browser = console.as_(amina)
    form = {"text": "I will write on {day}.", "form_key": uuid.uuid4().hex}
    answer = browser.post(chat(sam, "/reply"), form)
    assert answer.status_code == 422
    assert "Fill in {day} first. Nothing was sent." in answer.text
    assert "I will write on {day}.</textarea>" in answer.text
    answer = browser.post(chat(sam, "/reply"), {**form, "text": "I will write on Friday."}, follow=True)
    assert "Your message is on its way." in answer.text


def test_none_chosen_or_one_that_is_gone_keeps_the_draft(
    console: Door, amina: Colleague, sam: Person
) -> None:
    browser = console.as_(amina)
    for reply_id in ("", "0" * 32):
        assert puts_in(browser, sam, reply_id, "My draft") == "My draft"


def test_another_services_words_are_not_to_be_had(
    console: Door, amina: Colleague, hana: Colleague, sam: Person
) -> None:
    with console.caseload.transaction() as case:
        foreign = case.quick_replies.add(case.staff.get(hana.id).service, "Kia ora", "Kia ora from Hana")
    browser = console.as_(amina)
    assert "Kia ora" not in browser.text(chat(sam))
    assert puts_in(browser, sam, foreign.id, "My draft") == "My draft"
