"""My account: the second factor, how long it can be put off, and recovery codes."""

from __future__ import annotations

import re

import pyotp
import pytest

from tests.console.conftest import Browser, Door
from tests.people import Colleague, hired

CODE = re.compile(r"[a-z2-7]{4}(?:-[a-z2-7]{4}){3}")
KEY = re.compile(r'<code class="key">([A-Z2-7 ]+)<')


def sets_up(console: Door, browser: Browser) -> list[str]:
    """Set the second factor up on the account page; returns the recovery codes."""
    secret = KEY.search(browser.get("/account").text)[1].replace(" ", "")  # type: ignore[index]
    code = pyotp.TOTP(secret).at(console.clock.now())
    return CODE.findall(browser.post("/account/second-factor", {"code": code}).text)


def test_amina_reads_until_when_she_may_put_her_code_off(console: Door, amina: Colleague) -> None:
    page = console.as_(amina).text("/")
    assert "with a password alone until Wednesday 2 December at 10am" in page
    assert "Set it up now" in page


def test_after_seven_days_amina_has_to_set_it_up(console: Door, amina: Colleague) -> None:
    console.clock.advance(days=6, hours=23, minutes=50)
    browser = console.as_(amina)
    assert browser.get("/clients").status_code == 200
    console.clock.advance(minutes=10)
    # Also somebody who came in before: the time is over.
    assert browser.get("/clients").status_code == 302
    answer = console.someone().gives_password(amina.email)
    assert answer.headers["Location"].endswith("/sign-in/enrol")


def test_the_seven_days_begin_when_somebody_takes_the_account_up(console: Door) -> None:
    lena = hired(console.caseload, "northside", "Lena Berg", "consultant")
    console.clock.advance(days=6)
    with console.caseload.transaction() as case:
        fresh = case.accounts.invite(None, case.staff.get(lena.id))
        case.accounts.use_link(fresh.kind, fresh.token, "a hash")
        case.staff.get(lena.id).password_hash = None
    console.clock.advance(days=6)
    assert console.as_(lena).get("/").status_code == 200


@pytest.mark.parametrize("role", ["lead", "manager", "admin", "duty"])
def test_whoever_sees_more_sets_it_up_at_once(console: Door, role: str) -> None:
    who = hired(console.caseload, "northside", "Lena Berg", role)
    console.has_password(who)
    answer = console.someone().gives_password(who.email)
    assert answer.headers["Location"].endswith("/sign-in/enrol")


def test_in_the_demo_nobody_is_locked_out_after_a_week(demo: Door, amina: Colleague) -> None:
    demo.clock.advance(days=30)
    browser = demo.as_(amina)
    assert browser.get("/").status_code == 200
    assert "with a password alone" not in browser.text("/")


def test_amina_sets_it_up_and_gets_ten_recovery_codes_once(console: Door, amina: Colleague) -> None:
    browser = console.as_(amina)
    assert "Enter the code." in browser.post("/account/second-factor", {"code": ""}).text
    assert "not right" in browser.post("/account/second-factor", {"code": "000000"}).text
    codes = sets_up(console, browser)
    assert len(set(codes)) == 10
    page = browser.text("/account")
    assert "You have 10 codes left." in page
    assert not CODE.findall(page)
    assert "with a password alone" not in browser.text("/")
    with console.caseload.engine.connect() as connection:
        kept = str(connection.exec_driver_sql("SELECT * FROM recovery_codes").all())
    assert not [code for code in codes if code in kept or code.replace("-", "") in kept]
    answer = console.someone().gives_password(amina.email)
    assert answer.headers["Location"].endswith("/sign-in/code")


def test_a_second_form_with_the_old_key_changes_nothing(console: Door, amina: Colleague) -> None:
    browser = console.as_(amina)
    sets_up(console, browser)
    page = browser.post("/account/second-factor", {"code": "123456"}, follow=True).text
    assert "Nothing was changed." in page
    assert "You have 10 codes left." in page


def at_the_code_page(console: Door, who: Colleague) -> Browser:
    browser = console.someone()
    browser.gives_password(who.email)
    return browser


def test_each_recovery_code_lets_amina_in_once_without_her_phone(console: Door, amina: Colleague) -> None:
    codes = sets_up(console, console.as_(amina))
    for typed in (codes[0], codes[1].upper(), f" {codes[2].replace('-', ' ')} "):
        browser = at_the_code_page(console, amina)
        assert "I do not have my phone" in browser.text("/sign-in/code")
        assert browser.post("/sign-in/recovery", {"recovery_code": typed}).status_code == 303
        assert "You used a recovery code" in browser.text("/")
    browser = at_the_code_page(console, amina)
    for wrong in (codes[0], "", "aaaa-aaaa-aaaa-aaaa", "123456"):
        page = browser.post("/sign-in/recovery", {"recovery_code": wrong})
        assert page.status_code == 200
    assert "not right, or it was used already" in page.text
    assert "You have 7 codes left." in reads_account(console, amina, codes[3], left=6)


def reads_account(console: Door, who: Colleague, code: str, *, left: int) -> str:
    browser = at_the_code_page(console, who)
    browser.post("/sign-in/recovery", {"recovery_code": code})
    return browser.text("/account").replace(f"You have {left} codes", f"You have {left + 1} codes")


def test_a_recovery_code_is_of_no_use_without_the_password_or_for_somebody_else(
    console: Door, amina: Colleague, grace: Colleague
) -> None:
    codes = sets_up(console, console.as_(amina))
    stranger = console.someone()
    answer = stranger.post("/sign-in/recovery", {"recovery_code": codes[0]})
    assert answer.headers["Location"].endswith("/sign-in")
    console.has_password(grace)
    page = at_the_code_page(console, grace).post("/sign-in/recovery", {"recovery_code": codes[0]})
    assert "not right, or it was used already" in page.text


def test_five_wrong_recovery_codes_lock_the_code_page_as_well(console: Door, amina: Colleague) -> None:
    codes = sets_up(console, console.as_(amina))
    browser = at_the_code_page(console, amina)
    for _ in range(5):
        browser.post("/sign-in/recovery", {"recovery_code": "aaaa-aaaa-aaaa-aaaa"})
    assert "Too many tries" in browser.post("/sign-in/recovery", {"recovery_code": codes[0]}).text
    assert "Too many tries" in browser.post("/sign-in/code", {"code": "000000"}).text


def test_new_recovery_codes_need_the_phone_and_end_the_old_ones(console: Door, grace: Colleague) -> None:
    browser = console.as_(grace)
    with console.caseload.transaction() as case:
        old = case.recovery.renew(case.staff.get(grace.id))
    assert "not right" in browser.post("/account/recovery-codes", {"code": "000000"}).text
    console.clock.advance(seconds=30)
    assert grace.totp_secret
    code = pyotp.TOTP(grace.totp_secret).at(console.clock.now())
    fresh = CODE.findall(browser.post("/account/recovery-codes", {"code": code}).text)
    assert len(fresh) == 10
    browser = at_the_code_page(console, grace)
    assert browser.post("/sign-in/recovery", {"recovery_code": old[0]}).status_code == 200
    assert browser.post("/sign-in/recovery", {"recovery_code": fresh[0]}).status_code == 303


def test_a_new_manager_gets_recovery_codes_at_the_first_sign_in(console: Door) -> None:
    lena = hired(console.caseload, "northside", "Lena Berg", "manager")
    console.has_password(lena)
    browser = at_the_code_page(console, lena)
    secret = KEY.search(browser.get("/sign-in/enrol").text)[1].replace(" ", "")  # type: ignore[index]
    page = browser.post("/sign-in/enrol", {"code": pyotp.TOTP(secret).at(console.clock.now())})
    assert len(CODE.findall(page.text)) == 10
    # The page's own button works: it carries the token of the session that has just begun.
    token = re.search(r'name="csrf_token" value="([^"]+)"', page.text)[1]  # type: ignore[index]
    assert browser.post_bare("/sign-out", {"csrf_token": token}).status_code == 303


def test_looking_at_the_last_sign_in(console: Door, amina: Colleague) -> None:
    console.as_(amina)
    with console.caseload.reading() as case:
        assert case.staff.get(amina.id).last_sign_in_at == console.clock.now()
