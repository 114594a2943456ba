"""Who changes the way into another person's account is seen by that person, and by those who lead."""

from __future__ import annotations

import asyncio

import pytest

from bot.caseload.models.safety import Alert
from bot.console.app import create_console
from bot.console.config import ConsoleConfig
from bot.conversation.alerting import AlertSender
from bot.conversation.wording import Wording
from tests.console.conftest import Door
from tests.console.test_staff import ADAS_SECRET
from tests.conversation.office import BOT, FakePhones
from tests.conversation.test_alerting import URL, Post
from tests.people import Colleague, Person, hired

NEWS = "The way into an account was changed since you were last here."


@pytest.fixture
def ada(console: Door) -> Colleague:
    """The admin of Amina's service."""
    return hired(console.caseload, "northside", "Ada Quist", "admin", ADAS_SECRET)


@pytest.fixture
def lena(console: Door) -> Colleague:
    """The lead of Amina's service."""
    return hired(console.caseload, "northside", "Lena Berg", "lead", ADAS_SECRET)


@pytest.fixture
def door(console: Door, words: Wording, amina: Colleague, grace: Colleague, lena: Colleague) -> Door:
    """The console of an install that sends mail; everybody has a password."""
    config = ConsoleConfig(secret_key="a secret of the tests", sends_mail=True)
    door = Door(create_console(console.caseload, words, config), console.caseload, console.clock)
    for who in (amina, grace, lena):
        door.has_password(who)
    return door


def told(door: Door) -> set[tuple[str, str, str]]:
    """Return who was told about accounts: the email address, whose account it was, and by what."""
    with door.caseload.reading() as case:
        alerts = case.alerts._session.query(Alert).where(Alert.about == "account").all()
        return {(one.staff.email.partition("@")[0], one.step, one.channel) for one in alerts}


def people_told(door: Door) -> set[tuple[str, str]]:
    return {(who, step) for who, step, _ in told(door)}


def test_a_link_to_graces_account_is_told_to_her_and_to_the_lead(
    door: Door, ada: Colleague, grace: Colleague, lena: Colleague, sam: Person
) -> None:
    with door.caseload.transaction() as case:
        staff = case.staff.get(grace.id)
        staff.alert_bot_id, staff.alert_chat_id = BOT, "6000000001"
    door.as_(ada).post(f"/staff/{grace.id}/link")
    assert told(door) == {
        *{("grace", "mine", way) for way in ("console", "telegram", "email")},
        *{("lena", "theirs", way) for way in ("console", "email")},
    }
    phones, post = FakePhones(), Post()
    sender = AlertSender(door.caseload, {BOT: phones}, post.send, URL, "worker1")
    # It is told at night as well.
    door.clock.advance(hours=14)
    assert asyncio.run(sender.send_due("telegram")) == 1
    assert asyncio.run(sender.send_due("email")) == 2
    wanted = f"The way into an account of your service was changed. See whose, and by whom: {URL}/account"
    assert [(one.chat_id, one.text) for one in phones.bubbles] == [("6000000001", wanted)]
    assert {(mail.to, mail.text) for mail in post.mails} == {(grace.email, wanted), (lena.email, wanted)}
    assert asyncio.run(sender.send_due("telegram")) == 0


def test_they_read_who_did_what_on_their_account_page(
    door: Door, ada: Colleague, grace: Colleague, lena: Colleague, amina: Colleague
) -> None:
    admin = door.as_(ada)
    admin.post(f"/staff/{grace.id}/link")
    hers = door.as_(grace)
    assert NEWS in hers.text("/")
    assert "Ada Quist made a link to set a new password for you." in hers.text("/account")
    assert "Ada Quist made a link to set a new password for Grace Mensah." in door.as_(lena).text("/account")
    assert "Ada Quist" not in door.as_(amina).text("/account")
    # Told once: the next time that she comes in it is no news.
    assert NEWS not in door.as_(grace).text("/")
    assert "Ada Quist made a link" in door.as_(grace).text("/account")


def test_every_way_to_somebody_who_sees_all_clients_is_told(
    door: Door, ada: Colleague, grace: Colleague, lena: Colleague, amina: Colleague
) -> None:
    admin = door.as_(ada)
    admin.post(f"/staff/{grace.id}/second-factor")
    admin.post(f"/staff/{amina.id}/role", {"role": "manager"})
    admin.post("/staff", {"name": "Max Roe", "email": "max@northside.example", "role": "manager"})
    page = door.as_(lena).text("/account")
    assert "Ada Quist reset the second factor of Grace Mensah." in page
    assert "Ada Quist changed the role of Amina Khan (Service manager)." in page
    assert "Ada Quist opened an account for Max Roe (Service manager)." in page
    assert ("max", "mine") not in people_told(door)
    assert ("ada", "theirs") not in people_told(door)


def test_what_grace_does_to_aminas_account_is_told_to_amina_alone(
    door: Door, grace: Colleague, amina: Colleague
) -> None:
    browser = door.as_(grace)
    browser.post(f"/staff/{amina.id}/link")
    browser.post("/staff", {"name": "Max Roe", "email": "max@northside.example", "role": "consultant"})
    assert people_told(door) == {("amina", "mine")}


def test_somebody_whose_account_is_closed_is_told_no_more(
    door: Door, ada: Colleague, grace: Colleague, lena: Colleague
) -> None:
    door.as_(ada).post(f"/staff/{grace.id}/link")
    with door.caseload.transaction() as case:
        case.staff.disable(case.staff.get(lena.id))
    post = Post()
    asyncio.run(AlertSender(door.caseload, {}, post.send, URL, "worker1").send_due("email"))
    assert [mail.to for mail in post.mails] == [grace.email]
