"""The pages behind a one-time link: which password will I use?"""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.caseload.errors import LinkNotUsable
from bot.console import passwords
from tests.console.conftest import Browser, Door
from tests.people import PASSWORD, Colleague, hired

NEW = "seven quiet otters knit"
HTTPS = "https://foothold.example"


def link_for(console: Door, who: Colleague) -> str:
    """Make a link as the Staff page does; returns its path."""
    with console.caseload.transaction() as case:
        fresh = case.accounts.invite(None, case.staff.get(who.id))
        return f"/{fresh.kind}/{fresh.token}"


def chooses(browser: Browser, path: str, password: str, again: str | None = None) -> str:
    form = {"password": password, "again": password if again is None else again}
    return browser.post(path, form, follow=True).text


@pytest.fixture
def lena(console: Door) -> Colleague:
    """Somebody who was just invited."""
    return hired(console.caseload, "northside", "Lena Berg", "consultant")


def test_lena_chooses_a_password_and_signs_in(console: Door, lena: Colleague) -> None:
    browser, path = console.someone(), link_for(console, lena)
    assert path.startswith("/welcome/")
    page = browser.text(path)
    assert "Welcome, Lena." in page
    assert lena.email in page
    assert "Your password is saved." in chooses(browser, path, NEW)
    assert browser.gives_password(lena.email, NEW).status_code == 303
    assert browser.get("/clients").status_code == 200


def test_looking_at_a_link_does_not_use_it_up(console: Door, lena: Colleague) -> None:
    path = link_for(console, lena)
    for _ in range(3):
        assert console.someone().get(path).status_code == 200


def test_grace_who_forgot_her_password_gets_another_one_and_keeps_her_second_factor(
    console: Door, grace: Colleague
) -> None:
    before = console.as_(grace)
    path = link_for(console, grace)
    assert path.startswith("/reset/")
    assert "Your password is saved." in chooses(console.someone(), path, NEW)
    assert before.get("/clients").status_code == 302
    browser = console.someone()
    assert "is not right" in browser.gives_password(grace.email, PASSWORD).text
    assert browser.gives_password(grace.email, NEW).headers["Location"].endswith("/sign-in/code")


def test_every_link_that_does_not_work_gets_the_same_page(
    console: Door, lena: Colleague, grace: Colleague
) -> None:
    console.has_password(grace)
    used, other = link_for(console, lena), hired(console.caseload, "northside", "Tom Hay", "consultant")
    chooses(console.someone(), used, NEW)
    revoked = link_for(console, other)
    link_for(console, other)
    disabled = hired(console.caseload, "northside", "Una Fry", "consultant")
    of_disabled = link_for(console, disabled)
    with console.caseload.transaction() as case:
        case.staff.disable(case.staff.get(disabled.id))
    expired = link_for(console, grace)
    console.clock.advance(hours=24)
    wrong_kind = link_for(console, other).replace("/welcome/", "/reset/")
    bad = [used, revoked, of_disabled, expired, wrong_kind, "/welcome/unknown", "/reset/" + "x" * 32]
    answers = [console.someone().get(path) for path in bad]
    assert {answer.status_code for answer in answers} == {404}
    assert len({answer.data for answer in answers}) == 1
    assert "This link does not work" in answers[0].text
    for path in bad:
        assert "This link does not work" in chooses(console.someone(), path, NEW)


def test_an_invitation_is_good_for_seven_days_and_a_reset_for_one(
    console: Door, lena: Colleague, grace: Colleague
) -> None:
    console.has_password(grace)
    welcome, reset = link_for(console, lena), link_for(console, grace)
    console.clock.advance(seconds=int(timedelta(hours=24).total_seconds()) - 1)
    assert console.someone().get(reset).status_code == 200
    console.clock.advance(seconds=1)
    assert console.someone().get(reset).status_code == 404
    console.clock.advance(days=6, seconds=-1)
    assert console.someone().get(welcome).status_code == 200
    console.clock.advance(seconds=1)
    assert console.someone().get(welcome).status_code == 404


def test_of_two_who_send_the_form_at_once_one_sets_the_password(console: Door, lena: Colleague) -> None:
    kind, token = link_for(console, lena).strip("/").split("/")
    with console.caseload.transaction() as case:
        case.accounts.use_link(kind, token, "a hash")
    with pytest.raises(LinkNotUsable), console.caseload.transaction() as case:
        case.accounts.use_link(kind, token, "another hash")


@pytest.mark.parametrize(
    ("password", "said"),
    [
        ("", "Choose a password."),
        ("short", "Use 12 characters or more."),
        ("eleven char", "Use 12 characters or more."),
        ("Password1234", "Many people use this password"),
        ("P-a-s-s-w-o-r-d-12", "Many people use this password"),
        ("qwertyuiop12", "Many people use this password"),
        ("123456789012", "Many people use this password"),
        ("aaaaaaaaaaaaaa", "Many people use this password"),
        ("correct horse battery staple", "Many people use this password"),
        ("lena@northside.example", "made of your name or your email address"),
        ("LenaBerg2026!", "made of your name or your email address"),
        ("northside-lena", "made of your name or your email address"),
        ("x" * 201, "Use 200 characters at most."),
    ],
)
def test_a_password_that_is_guessed_first_is_refused_and_the_link_still_works(
    console: Door, lena: Colleague, password: str, said: str
) -> None:
    browser, path = console.someone(), link_for(console, lena)
    page = chooses(browser, path, password)
    assert said in page
    assert page.count('type="password" value=""') == 2
    assert "Your password is saved." in chooses(browser, path, NEW)


@pytest.mark.parametrize(
    "password", [NEW, "lenas-garden-grows", "пароль из четырёх слов", "        a b c d e f"]
)
def test_a_password_that_is_hard_to_guess_is_taken(password: str) -> None:
    assert passwords.problem_with(password, "Lena Berg", "lena@northside.example") is None


def test_the_password_of_the_demo_is_refused_however_hard_it_looks(demo: Door) -> None:
    known = "foothold-demo-2026 and more"
    assert passwords.problem_with(known, "Lena", "lena@x.example", known) is not None


def test_two_passwords_that_differ_are_asked_for_again(console: Door, lena: Colleague) -> None:
    page = chooses(console.someone(), link_for(console, lena), NEW, NEW + "s")
    assert "The two passwords are not the same." in page


def test_the_address_of_these_pages_goes_nowhere(
    console: Door, lena: Colleague, capsys: pytest.CaptureFixture[str]
) -> None:
    browser, path = console.someone(), link_for(console, lena)
    token = path.rpartition("/")[2]
    answers = [browser.get(path), browser.get("/reset/unknown"), browser.post(path, {"password": "short"})]
    for answer in answers:
        assert answer.headers["Referrer-Policy"] == "no-referrer"
        assert answer.headers["Cache-Control"] == "no-store"
    chooses(browser, path, NEW)
    shown = capsys.readouterr()
    assert token not in shown.out + shown.err
    with console.caseload.engine.connect() as connection:
        for table in ("audit", "account_links"):
            kept = str(connection.exec_driver_sql(f"SELECT * FROM {table}").all())
            assert token not in kept
            assert NEW not in kept
    cookie = browser.http.get_cookie("foothold")
    assert cookie is None or token not in cookie.value


def test_over_https_the_form_works_without_a_referrer_but_never_without_our_token(
    console: Door, lena: Colleague
) -> None:
    browser, path = console.someone(HTTPS), link_for(console, lena)
    token = browser.token()
    assert browser.post_bare(path, {"password": NEW, "again": NEW}).status_code == 403
    assert browser.post_bare(path, {"password": NEW, "again": NEW, "csrf_token": "x"}).status_code == 403
    answer = browser.post_bare(path, {"password": NEW, "again": NEW, "csrf_token": token})
    assert answer.status_code == 303


def test_trying_links_is_slowed_down(console: Door) -> None:
    browser = console.someone()
    assert [browser.get(f"/welcome/{number}").status_code for number in range(61)][-1] == 429


def test_a_colleague_who_sat_here_is_signed_out_of_this_browser(
    console: Door, amina: Colleague, lena: Colleague
) -> None:
    browser = console.as_(amina)
    chooses(browser, link_for(console, lena), NEW)
    assert browser.get("/clients").status_code == 302
