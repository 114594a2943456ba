"""Staff: who works here?"""

from __future__ import annotations

import re
import time
from html import unescape

import pytest

from bot.caseload.errors import AccountNotYours, LastOfRole, NoSuchStaff
from bot.caseload.models.conversation import Mode
from bot.caseload.models.people import Staff
from tests.console.conftest import Browser, Door
from tests.people import PASSWORD, Colleague, Person, enrolled, hired

ADAS_SECRET = "MFRGGZDFMZTWQ2LKMFRGGZDFMZTWQ2LK"
NOT_ONES_OWN: tuple[tuple[str, dict[str, str]], ...] = (
    ("disable", {}),
    ("role", {"role": "lead"}),
    ("link", {}),
    ("second-factor", {}),
)
LINK = re.compile(r"http://localhost(/(?:welcome|reset)/[\w-]{20,})")


@pytest.fixture
def ada(console: Door) -> Colleague:
    """The admin of Amina's service."""
    return hired(console.caseload, "northside", "Ada Quist", "admin", ADAS_SECRET)


def account(console: Door, who: Colleague) -> Staff:
    """Return somebody's account as it is now, disabled or not."""
    with console.caseload.reading() as case:
        found = case.staff._session.get(Staff, who.id)
        assert found is not None
        return found


def invites(browser: Browser, **changes: str) -> str:
    form = {"name": "Lena Berg", "email": "lena@northside.example", "role": "consultant", **changes}
    return browser.post("/staff", form).text


def is_in(browser: Browser) -> bool:
    return browser.get("/clients").status_code == 200


def test_grace_sees_who_works_at_her_service(
    console: Door, grace: Colleague, amina: Colleague, sam: Person, hana: Colleague
) -> None:
    console.as_(amina)
    page = console.as_(grace).text("/staff")
    assert "Amina Khan" in page
    assert "1 client ·" in page
    assert "last signed in" in page
    assert "Second factor off" in page
    assert "Grace Mensah</a> (you)" in page
    assert "Hana" not in page


def test_the_page_is_not_for_consultants_leads_and_people_on_duty(console: Door, amina: Colleague) -> None:
    lead = hired(console.caseload, "northside", "Lena Berg", "lead", ADAS_SECRET)
    duty = hired(console.caseload, "northside", "Dot Yule", "duty", ADAS_SECRET)
    for who in (amina, lead, duty):
        browser = console.as_(who)
        assert browser.get("/staff").status_code == 403
        assert 'href="/staff"' not in browser.get("/").text


def test_an_admin_sees_accounts_and_no_client(console: Door, ada: Colleague, sam: Person) -> None:
    browser = console.as_(ada)
    amina_id = next(one for one in re.findall(r"/staff/([0-9a-f]{32})", browser.get("/staff").text))
    pages = [browser.text(path) for path in ("/", "/clients", "/staff", f"/staff/{amina_id}")]
    assert [page for page in pages if "Sam" in page] == []
    assert browser.get(f"/clients/{sam.id}").status_code == 404
    assert browser.get(f"/conversations/{sam.conversation_id}").status_code == 404
    assert browser.get(f"/clients/{sam.id}/access").status_code == 403


def test_grace_invites_lena_with_a_link_that_is_shown_once(console: Door, grace: Colleague) -> None:
    browser = console.as_(grace)
    page = invites(browser)
    assert "shown only this once" in page
    path = LINK.search(page)[1]  # type: ignore[index]
    lena = re.search(r"/staff/([0-9a-f]{32})", page)[1]  # type: ignore[index]
    assert path not in browser.get(f"/staff/{lena}").text
    assert "Invited, no password yet" in browser.text("/staff")
    with console.caseload.engine.connect() as connection:
        kept = str(connection.exec_driver_sql("SELECT * FROM account_links").all())
    assert path.rpartition("/")[2] not in kept
    with console.caseload.reading() as case:
        assert case.staff.get(lena).role == "consultant"


def test_a_newer_link_ends_the_older_one(console: Door, grace: Colleague) -> None:
    browser = console.as_(grace)
    page = invites(browser)
    first = LINK.search(page)[1]  # type: ignore[index]
    lena = re.search(r"/staff/([0-9a-f]{32})", page)[1]  # type: ignore[index]
    second = LINK.search(browser.post(f"/staff/{lena}/link").text)[1]  # type: ignore[index]
    assert console.someone().get(first).status_code == 404
    assert console.someone().get(second).status_code == 200
    browser.post(f"/staff/{lena}/revoke-link")
    assert console.someone().get(second).status_code == 404


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"name": ""}, "Enter the name."),
        ({"name": "   "}, "Enter the name."),
        ({"name": "x" * 81}, "Use 80 characters at most."),
        ({"email": ""}, "Enter the email address."),
        ({"email": "lena"}, "Enter an address such as"),
        ({"email": "le na@x.example"}, "Enter an address such as"),
        ({"role": ""}, "Choose a role."),
        ({"role": "emperor"}, "Not a valid choice"),
    ],
)
def test_a_mistake_in_an_invitation_is_said_and_nothing_is_lost(
    console: Door, grace: Colleague, changes: dict[str, str], said: str
) -> None:
    page = invites(console.as_(grace), **changes)
    assert said in page
    assert 'value="Lena Berg"' in page or "name" in changes
    with console.caseload.reading() as case:
        assert [one.name for one in case.staff.all()] == ["Grace Mensah"]


def test_an_address_that_is_taken_is_refused_in_any_letter_case(
    console: Door, grace: Colleague, amina: Colleague, hana: Colleague
) -> None:
    browser = console.as_(grace)
    for email in (amina.email.upper(), hana.email):
        assert "There is an account with this address already." in invites(browser, email=email)


def test_the_same_invitation_sent_twice_makes_one_account(console: Door, grace: Colleague) -> None:
    browser = console.as_(grace)
    assert "shown only this once" in invites(browser)
    assert "There is an account with this address already." in invites(browser)


def test_a_manager_gives_no_role_that_is_an_admins_to_give(
    console: Door, grace: Colleague, ada: Colleague, amina: Colleague
) -> None:
    browser = console.as_(grace)
    for role in ("manager", "admin"):
        assert "Not a valid choice" in invites(browser, role=role)
        assert "Not a valid choice" in browser.post(f"/staff/{amina.id}/role", {"role": role}).text
    assert "shown only this once" in invites(console.as_(ada), role="manager")


def test_a_manager_changes_neither_admins_nor_managers(
    console: Door, grace: Colleague, ada: Colleague
) -> None:
    paul = hired(console.caseload, "northside", "Paul Ray", "manager", ADAS_SECRET)
    browser = console.as_(grace)
    for who in (ada, paul):
        for action, form in (
            ("disable", {}),
            ("role", {"role": "lead"}),
            ("link", {}),
            ("second-factor", {}),
        ):
            answer = browser.post(f"/staff/{who.id}/{action}", form, follow=True)
            assert "You cannot change this account" in answer.text, action
        assert account(console, who).role == who.role
        assert account(console, who).disabled_at is None
        assert account(console, who).totp_secret


def test_nobody_changes_their_own_account(console: Door, grace: Colleague, ada: Colleague) -> None:
    for who in (grace, ada):
        browser = console.as_(who)
        for action, form in (
            ("disable", {}),
            ("role", {"role": "lead"}),
            ("link", {}),
            ("second-factor", {}),
        ):
            page = browser.post(f"/staff/{who.id}/{action}", form, follow=True)
            assert "You cannot change this account" in page.text, action
        assert "Somebody else has to change your account." in browser.text(f"/staff/{who.id}")


def test_the_last_manager_stays(console: Door, grace: Colleague, ada: Colleague) -> None:
    console.has_password(grace)
    browser = console.as_(ada)
    for action, form in (("disable", {}), ("role", {"role": "lead"})):
        page = browser.post(f"/staff/{grace.id}/{action}", form, follow=True).text
        assert "the service would be without a service manager" in page
    # Somebody who was only invited cannot do the work yet.
    paul = hired(console.caseload, "northside", "Paul Ray", "manager")
    page = browser.post(f"/staff/{grace.id}/disable", follow=True).text
    assert "the service would be without a service manager" in page
    console.has_password(paul)
    browser.post(f"/staff/{grace.id}/disable")
    assert account(console, grace).disabled_at is not None


def test_of_two_admins_who_disable_each_other_one_is_too_late(console: Door, ada: Colleague) -> None:
    other = hired(console.caseload, "northside", "Ben Ott", "admin", ADAS_SECRET)
    for who in (ada, other):
        console.has_password(who)
    with console.caseload.transaction() as case:
        by = case.staff.get(ada.id)
        case.accounts.disable(case.accounts.lock_for(by, other.id))
        # As the other one's page would do it a moment later.
        late = case.staff._session.get(Staff, other.id)
        assert late is not None
        with pytest.raises(AccountNotYours):
            case.accounts.lock_for(late, ada.id)
        with pytest.raises(LastOfRole):
            case.accounts.disable(by)


def test_a_disabled_account_is_out_within_a_second_and_cannot_come_back(
    console: Door, grace: Colleague, amina: Colleague, sam: Person
) -> None:
    phone, laptop = console.as_(amina), console.as_(amina)
    assert is_in(phone)
    assert is_in(laptop)
    console.as_(grace).post(f"/staff/{amina.id}/disable")
    started = time.monotonic()
    assert not is_in(phone)
    assert not is_in(laptop)
    reply = {"csrf_token": "x", "text": "Hello"}
    assert phone.post_bare(f"/conversations/{sam.conversation_id}/reply", reply).status_code in {401, 403}
    assert time.monotonic() - started < 1
    assert "is not right" in console.someone().gives_password(amina.email).text


def test_an_enabled_account_has_its_password_and_clients_again(
    console: Door, grace: Colleague, amina: Colleague, sam: Person
) -> None:
    console.has_password(amina)
    browser = console.as_(grace)
    browser.post(f"/staff/{amina.id}/disable")
    assert "Enable it first." in browser.post(f"/staff/{amina.id}/link", follow=True).text
    page = browser.post(f"/staff/{amina.id}/enable", follow=True).text
    assert "Amina Khan can sign in again" in page
    assert console.as_(amina).get(f"/clients/{sam.id}").status_code == 200


def test_disabling_twice_says_the_same_and_changes_nothing_more(
    console: Door, grace: Colleague, amina: Colleague
) -> None:
    browser = console.as_(grace)
    pages = [browser.post(f"/staff/{amina.id}/disable", follow=True).text for _ in range(2)]
    assert all("signed out everywhere" in page for page in pages)
    with console.caseload.engine.connect() as connection:
        noted = connection.exec_driver_sql("SELECT count(*) FROM audit WHERE action = 'account disabled'")
        assert noted.scalar_one() == 1


def test_a_chat_that_amina_had_waits_for_a_person_when_her_account_closes(
    console: Door, grace: Colleague, amina: Colleague, sam: Person
) -> None:
    with console.caseload.transaction() as case:
        case.conversations.take(case.staff.get(amina.id), case.conversations.lock(sam.conversation_id), 1)
    browser = console.as_(grace)
    browser.post(f"/staff/{amina.id}/disable")
    with console.caseload.reading() as case:
        conversation = case.conversations.find(sam.conversation_id)
        assert conversation is not None
        assert (conversation.mode, conversation.held_by_id) == (Mode.WAITING, None)
    assert "Amina Khan had the chat with Sam" in browser.text("/")


def test_aminas_clients_are_nobodys_until_grace_gives_them_somebody(
    console: Door, grace: Colleague, amina: Colleague, piotr: Colleague, sam: Person
) -> None:
    browser = console.as_(grace)
    assert "with no consultant" not in browser.text("/staff")
    browser.post(f"/staff/{amina.id}/disable")
    page = browser.text("/staff")
    assert "1 client with no consultant" in page
    assert "Amina Khan has left" in page
    form = {"to": piotr.id, "seen": amina.id, "back": "staff"}
    page = browser.post(f"/clients/{sam.id}/move", form, follow=True).text
    assert "Sam is Piotr Nowak's client now." in unescape(page)
    assert "with no consultant" not in page
    assert console.as_(piotr).get(f"/clients/{sam.id}").status_code == 200


def test_a_client_whose_consultant_became_an_admin_is_nobodys_as_well(
    console: Door, grace: Colleague, ada: Colleague, amina: Colleague, sam: Person
) -> None:
    console.as_(ada).post(f"/staff/{amina.id}/role", {"role": "admin"})
    page = console.as_(grace).text("/staff")
    assert "1 client with no consultant" in page
    assert "Amina Khan has another role now" in page


def test_grace_moves_all_of_aminas_clients_at_once(
    console: Door, grace: Colleague, amina: Colleague, piotr: Colleague, sam: Person
) -> None:
    lee = enrolled(console.caseload, "lee", "Lee Hart", amina)
    browser = console.as_(grace)
    browser.post(f"/staff/{amina.id}/disable")
    page = browser.text(f"/staff/{amina.id}")
    assert "Sam Okoro" in page
    assert "Lee Hart" in page
    assert "Choose who has them" in browser.post(f"/staff/{amina.id}/move-clients", {"to": ""}).text
    page = browser.post(f"/staff/{amina.id}/move-clients", {"to": piotr.id}, follow=True).text
    assert "2 clients moved from Amina Khan to Piotr Nowak." in page
    for who in (sam, lee):
        assert console.as_(piotr).get(f"/clients/{who.id}").status_code == 200
    again = browser.post(f"/staff/{amina.id}/move-clients", {"to": piotr.id}, follow=True).text
    assert "0 clients moved" in again


def test_clients_never_move_to_another_service(
    console: Door, grace: Colleague, amina: Colleague, hana: Colleague, sam: Person
) -> None:
    browser = console.as_(grace)
    assert browser.post(f"/staff/{amina.id}/move-clients", {"to": hana.id}).status_code == 422
    with console.caseload.reading() as case:
        assert case.clients.find(sam.id).consultant_id == amina.id


def test_a_new_role_holds_from_the_next_sign_in(console: Door, grace: Colleague, amina: Colleague) -> None:
    before = console.as_(amina)
    page = console.as_(grace).post(f"/staff/{amina.id}/role", {"role": "lead"}, follow=True).text
    assert "Amina Khan is team lead from the next sign-in on." in page
    assert not is_in(before)
    # A lead sees the whole service, so a password alone is not enough any more.
    answer = console.someone().gives_password(amina.email)
    assert answer.headers["Location"].endswith("/sign-in/enrol")


def test_a_reset_second_factor_is_set_up_anew(console: Door, grace: Colleague) -> None:
    dot = hired(console.caseload, "northside", "Dot Yule", "duty", ADAS_SECRET)
    before = console.as_(dot)
    with console.caseload.transaction() as case:
        case.recovery.renew(case.staff.get(dot.id))
    page = console.as_(grace).post(f"/staff/{dot.id}/second-factor", follow=True).text
    assert "sets up a new code" in page
    assert not is_in(before)
    assert account(console, dot).totp_secret is None
    with console.caseload.reading() as case:
        assert case.recovery.left(case.staff.get(dot.id)) == 0
    console.clock.advance(days=8)
    answer = console.someone().gives_password(dot.email, PASSWORD)
    assert answer.headers["Location"].endswith("/sign-in/enrol")


def test_every_change_of_an_account_is_written_down(
    console: Door, grace: Colleague, amina: Colleague
) -> None:
    browser = console.as_(grace)
    for action, form in (
        ("role", {"role": "lead"}), ("link", {}), ("revoke-link", {}), ("disable", {}), ("enable", {}),
    ):  # fmt: skip
        browser.post(f"/staff/{amina.id}/{action}", form)
    with console.caseload.engine.connect() as connection:
        rows = connection.exec_driver_sql(
            f"SELECT action FROM audit WHERE staff_id = '{grace.id}' AND subject = '{amina.id}' ORDER BY id"
        ).scalars()
        assert list(rows) == [
            "role changed to lead", "account link made: welcome", "account link revoked",
            "account disabled", "account enabled",
        ]  # fmt: skip


def test_somebody_of_another_service_is_not_found(console: Door, grace: Colleague, hana: Colleague) -> None:
    browser = console.as_(grace)
    assert browser.get(f"/staff/{hana.id}").status_code == 404
    for action in ("disable", "enable", "link", "revoke-link", "second-factor", "role", "move-clients"):
        assert browser.post(f"/staff/{hana.id}/{action}", {"role": "lead"}).status_code == 404
    with pytest.raises(NoSuchStaff), console.caseload.reading() as case:
        case.staff.get("0" * 32)
