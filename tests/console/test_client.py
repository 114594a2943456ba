"""One client: how is Sam doing?"""

from __future__ import annotations

import re
from datetime import UTC, datetime

import pytest

from bot.caseload.errors import InviteNotUsable
from bot.caseload.models.plan import Appointment
from bot.conversation import linking
from bot.conversation.wording import Wording
from bot.safety.content import SafetyContent
from tests.console.conftest import Browser, Door
from tests.people import Colleague, Person

APPOINTMENT = {
    "appointment-day": "2026-12-01",
    "appointment-time": "14:30",
    "appointment-minutes": "45",
    "appointment-mode": "office",
}


def adds(browser: Browser, sam: Person, what: str, data: dict[str, str]) -> str:
    return browser.post(f"/clients/{sam.id}/{what}", data, follow=True).text


def appointments_of(console: Door, sam: Person) -> list[Appointment]:
    with console.caseload.transaction() as case:
        return case.appointments.all_for(case.clients.find(sam.id))


def test_the_page_shows_goals_appointments_jobs_and_consent(
    console: Door, amina: Colleague, sam: Person
) -> None:
    with console.caseload.transaction() as case:
        client = case.clients.find(sam.id)
        case.goals.add(client, "Work in a kitchen")
        case.consents.record(client, "chat", given=True, wording_version="2026-11-1")
        case.leads.share(client, case.staff.get(amina.id), title="Baker", why_match="Mornings only")
    page = console.as_(amina).text(f"/clients/{sam.id}")
    for words in ("How is Sam doing?", "Work in a kitchen", "Chat with the bot", "Baker", "Mornings only"):
        assert words in page


def test_an_empty_page_says_what_to_do_next(console: Door, amina: Colleague, sam: Person) -> None:
    page = console.as_(amina).text(f"/clients/{sam.id}")
    assert "No goals yet. Ask Sam what they want" in page


def test_looking_at_a_client_is_noted(console: Door, grace: Colleague, sam: Person) -> None:
    console.as_(grace).get(f"/clients/{sam.id}")
    with console.caseload.reading() as case:
        assert [(line.action, line.staff_id) for line in case.audit.of_client(sam.id)] == [
            ("client viewed", grace.id)
        ]


def test_amina_adds_a_goal(console: Door, amina: Colleague, sam: Person) -> None:
    page = adds(console.as_(amina), sam, "goals", {"goal-text": "Work in a kitchen"})
    assert "The goal is saved." in page
    assert "Work in a kitchen" in page


def test_a_goal_without_words_is_asked_for_again(console: Door, amina: Colleague, sam: Person) -> None:
    assert "Write the goal." in adds(console.as_(amina), sam, "goals", {"goal-text": " "})


def test_amina_adds_an_appointment_in_sams_time(console: Door, amina: Colleague, sam: Person) -> None:
    page = adds(console.as_(amina), sam, "appointments", {**APPOINTMENT, "appointment-place": "Library"})
    assert "Tuesday 1 December at 2:30pm" in page
    (appointment,) = appointments_of(console, sam)
    assert appointment.starts_at == datetime(2026, 12, 1, 14, 30, tzinfo=UTC)
    assert (appointment.place, appointment.status) == ("Library", "confirmed")


def test_summer_time_is_the_clients_own(console: Door, amina: Colleague, sam: Person) -> None:
    adds(console.as_(amina), sam, "appointments", {**APPOINTMENT, "appointment-day": "2027-07-01"})
    (appointment,) = appointments_of(console, sam)
    assert appointment.starts_at == datetime(2027, 7, 1, 13, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("day", "time", "problem"),
    [
        ("2027-03-28", "01:30", "The clocks go forward over this time"),
        ("2027-10-31", "01:30", "this time happens twice"),
        ("2026-11-24", "10:00", "This time has passed"),
        ("9999-12-31", "23:59", "Check the year"),
        ("0001-01-01", "00:00", "This time has passed"),
        ("not a day", "14:30", "Not a valid date"),
    ],
)
def test_a_time_that_cannot_be_is_refused_with_the_reason(
    console: Door, amina: Colleague, sam: Person, day: str, time: str, problem: str
) -> None:
    form = {**APPOINTMENT, "appointment-day": day, "appointment-time": time}
    page = adds(console.as_(amina), sam, "appointments", form)
    assert problem in page
    assert appointments_of(console, sam) == []


def test_an_invite_link_is_shown_once_and_works(console: Door, amina: Colleague, sam: Person) -> None:
    browser = console.as_(amina)
    page = adds(browser, sam, "invite", {})
    found = re.search(r"https://t\.me/foothold_test_bot\?start=([\w-]+)", page)
    assert found
    assert found[1] not in browser.text(f"/clients/{sam.id}")
    with console.caseload.transaction() as case:
        assert case.invites.use(found[1]).id == sam.id


def test_a_new_invite_ends_the_older_one(console: Door, amina: Colleague, sam: Person) -> None:
    browser = console.as_(amina)
    older = re.search(r"start=([\w-]+)", adds(browser, sam, "invite", {}))
    adds(browser, sam, "invite", {})
    assert older
    with pytest.raises(InviteNotUsable), console.caseload.transaction() as case:
        case.invites.use(older[1])


def test_without_the_bots_name_the_code_itself_is_shown(demo: Door, amina: Colleague, sam: Person) -> None:
    assert "The start code is" in adds(demo.as_(amina), sam, "invite", {})


def test_what_was_changed_is_in_the_audit(console: Door, amina: Colleague, sam: Person) -> None:
    browser = console.as_(amina)
    browser.post(f"/clients/{sam.id}/goals", {"goal-text": "Work in a kitchen"})
    browser.post(f"/clients/{sam.id}/appointments", APPOINTMENT)
    browser.post(f"/clients/{sam.id}/leads", {"lead-title": "Baker"})
    browser.post(f"/clients/{sam.id}/invite")
    with console.caseload.reading() as case:
        actions = {line.action for line in case.audit.of_client(sam.id)}
    assert {"goal added", "appointment added", "lead shared", "invite made"} <= actions


def opens_the_link(console: Door, sam: Person, words: Wording, *, confirm: bool) -> str:
    """Link a phone to Sam by an invite; returns the chat's id."""
    with console.caseload.transaction() as case:
        client = case.clients.find(sam.id)
        client.service.confirm_links = confirm
        token = case.invites.create(client).token
        item = case.inbox.receive(bot_id="7", update_id=1, chat_id="5001", kind="text", payload=None)
        assert item is not None
        return linking.link_chat(case, words, item, token, "telegram", SafetyContent.load()).id


def unlinked_of(console: Door, chat_id: str) -> bool:
    with console.caseload.reading() as case:
        chat = case.conversations.find(chat_id)
        return chat is not None and chat.unlinked_at is not None


@pytest.mark.parametrize("confirm", [True, False])
def test_a_newly_linked_phone_asks_whether_it_is_really_sam(
    console: Door, amina: Colleague, sam: Person, words: Wording, confirm: bool
) -> None:
    chat_id = opens_the_link(console, sam, words, confirm=confirm)
    browser = console.as_(amina)
    assert "A phone was linked for Sam." in browser.text("/")
    page = browser.text(f"/clients/{sam.id}")
    assert "Linked on Wednesday 25 November at 10am. Check that it is really Sam" in page
    assert ("The code in the chat is" in page) is confirm
    page = browser.post(f"/chats/{chat_id}/confirm", follow=True).text
    assert "Noted: it is Sam." in page
    assert "Check that it is really Sam" not in page
    assert "A phone was linked" not in browser.text("/")


def test_the_code_beside_the_question_is_the_one_in_the_chat(
    console: Door, amina: Colleague, sam: Person, words: Wording
) -> None:
    chat_id = opens_the_link(console, sam, words, confirm=True)
    with console.caseload.reading() as case:
        chat = case.conversations.find(chat_id)
        assert chat is not None
        code = chat.link_code
    assert f'<code class="key">{code}</code>' in console.as_(amina).text(f"/clients/{sam.id}")


def test_not_sam_unlinks_the_phone(console: Door, amina: Colleague, sam: Person, words: Wording) -> None:
    chat_id = opens_the_link(console, sam, words, confirm=False)
    page = console.as_(amina).post(f"/chats/{chat_id}/unlink", follow=True).text
    assert "The phone is unlinked. To chat again, Sam needs a new invite link." in page
    assert unlinked_of(console, chat_id)
    with console.caseload.reading() as case:
        assert "chat unlinked" in {line.action for line in case.audit.of_client(sam.id)}


def test_a_phone_that_is_lost_later_is_unlinked_on_the_same_page(
    console: Door, amina: Colleague, sam: Person, words: Wording
) -> None:
    chat_id = opens_the_link(console, sam, words, confirm=False)
    browser = console.as_(amina)
    browser.post(f"/chats/{chat_id}/confirm")
    assert "Sam lost the phone" in browser.text(f"/clients/{sam.id}")
    browser.post(f"/chats/{chat_id}/unlink")
    assert unlinked_of(console, chat_id)
    page = browser.post(f"/chats/{chat_id}/unlink", follow=True).text
    assert "nothing was changed" in page


def test_the_demos_own_phone_is_never_unlinked(demo: Door, amina: Colleague, sam: Person) -> None:
    browser = demo.as_(amina)
    page = browser.post(f"/chats/{sam.conversation_id}/unlink", follow=True).text
    assert "nothing was changed" in page
    assert "Sam lost the phone" not in page
    assert not unlinked_of(demo, sam.conversation_id)


def test_piotr_decides_nothing_about_sams_phone(
    console: Door, piotr: Colleague, sam: Person, words: Wording
) -> None:
    chat_id = opens_the_link(console, sam, words, confirm=True)
    browser = console.as_(piotr)
    assert browser.post(f"/chats/{chat_id}/confirm").status_code == 404
    assert browser.post(f"/chats/{chat_id}/unlink").status_code == 404
    assert not unlinked_of(console, chat_id)
