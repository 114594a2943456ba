"""Sign in: who are you?"""

from __future__ import annotations

import time
from statistics import median

import pyotp

from bot.console import passwords, second_factor
from bot.console.app import create_console
from bot.console.config import ConsoleConfig
from bot.conversation.wording import Wording
from tests.console.conftest import Door
from tests.people import PASSWORD, WEDNESDAY, Colleague, Person, hired


def test_amina_signs_in_and_sees_who_waits(console: Door, amina: Colleague) -> None:
    page = console.as_(amina).get("/")
    assert page.status_code == 200
    assert "Who is waiting for me?" in page.text


def test_amina_may_write_her_address_in_capitals(console: Door, amina: Colleague) -> None:
    console.has_password(amina)
    assert console.someone().gives_password(amina.email.upper()).status_code == 303


def test_a_wrong_password_and_an_unknown_address_get_the_same_answer(console: Door, amina: Colleague) -> None:
    console.has_password(amina)
    wrong = console.someone().gives_password(amina.email, "not it")
    unknown = console.someone().gives_password("nobody@northside.example", "not it")
    assert "The email address or the password is not right." in wrong.text
    assert "The email address or the password is not right." in unknown.text
    assert wrong.status_code == unknown.status_code == 200


def test_an_unknown_address_takes_as_long_as_a_wrong_password(console: Door, amina: Colleague) -> None:
    kept = passwords.hash_password(PASSWORD)

    def seconds(known_hash: str | None) -> float:
        started = time.perf_counter()
        passwords.is_right("not it", known_hash)
        return time.perf_counter() - started

    passwords.prepare()
    known = median(seconds(kept) for _ in range(9))
    unknown = median(seconds(None) for _ in range(9))
    # Wide, because the machine is shared: without the comparison the difference would be a thousandfold.
    assert 0.2 < unknown / known < 5


def test_a_closed_account_cannot_sign_in(console: Door, amina: Colleague) -> None:
    console.has_password(amina)
    with console.caseload.transaction() as case:
        case.staff.disable(case.staff.get(amina.id))
    assert "is not right" in console.someone().gives_password(amina.email).text


def test_somebody_without_a_password_cannot_sign_in(console: Door, amina: Colleague) -> None:
    assert "Enter your password." in console.someone().gives_password(amina.email, "").text
    assert "is not right" in console.someone().gives_password(amina.email, "anything").text


def test_five_wrong_passwords_lock_the_account_for_this_address(console: Door, amina: Colleague) -> None:
    console.has_password(amina)
    browser = console.someone()
    for _ in range(5):
        assert "is not right" in browser.gives_password(amina.email, "guess").text
    assert "Too many tries" in browser.gives_password(amina.email).text


def test_after_fifteen_minutes_amina_may_try_again(console: Door, amina: Colleague) -> None:
    console.has_password(amina)
    for _ in range(5):
        console.someone().gives_password(amina.email, "guess")
    console.clock.advance(minutes=16)
    assert console.someone().gives_password(amina.email).status_code == 303


def test_piotr_is_not_locked_out_by_guesses_at_aminas_password(
    console: Door, amina: Colleague, piotr: Colleague
) -> None:
    console.has_password(amina)
    for _ in range(6):
        console.someone().gives_password(amina.email, "guess")
    assert console.as_(piotr).get("/").status_code == 200


def test_many_sign_ins_from_one_address_are_slowed_down(console: Door) -> None:
    browser = console.someone()
    answers = [browser.post("/sign-in", {"email": "", "password": ""}).status_code for _ in range(61)]
    assert answers[-1] == 429


def test_grace_needs_a_code_before_she_sees_anything(console: Door, grace: Colleague) -> None:
    console.has_password(grace)
    browser = console.someone()
    assert browser.gives_password(grace.email).headers["Location"].endswith("/sign-in/code")
    assert browser.get("/").headers["Location"].startswith("/sign-in")


def test_grace_signs_in_with_her_code(console: Door, grace: Colleague) -> None:
    assert console.as_(grace).get("/not-understood").status_code == 200


def test_a_code_works_once(console: Door, grace: Colleague) -> None:
    console.has_password(grace)
    assert grace.totp_secret
    code = pyotp.TOTP(grace.totp_secret).at(console.clock.now())
    first, second = console.someone(), console.someone()
    first.gives_password(grace.email)
    second.gives_password(grace.email)
    assert first.post("/sign-in/code", {"code": code}).status_code == 303
    assert "it was used already" in second.post("/sign-in/code", {"code": code}).text


def test_a_code_of_the_step_before_is_still_good_and_an_older_one_is_not(
    console: Door, grace: Colleague
) -> None:
    assert grace.totp_secret
    step = int(WEDNESDAY.timestamp()) // 30
    codes = [pyotp.TOTP(grace.totp_secret).generate_otp(step + shift) for shift in (-2, -1, 0, 1, 2)]
    matches = [second_factor.matching_step(grace.totp_secret, code, WEDNESDAY) for code in codes]
    assert matches == [None, step - 1, step, step + 1, None]


def test_five_wrong_codes_lock_grace_out(console: Door, grace: Colleague) -> None:
    console.has_password(grace)
    browser = console.someone()
    browser.gives_password(grace.email)
    for _ in range(5):
        assert "not right" in browser.post("/sign-in/code", {"code": "000000"}).text
    assert grace.totp_secret
    right = pyotp.TOTP(grace.totp_secret).at(console.clock.now())
    assert "Too many tries" in browser.post("/sign-in/code", {"code": right}).text


def test_the_code_page_needs_the_password_first(console: Door, grace: Colleague) -> None:
    assert console.someone().get("/sign-in/code").headers["Location"].endswith("/sign-in")


def test_a_new_manager_sets_up_the_second_factor_at_the_first_sign_in(console: Door) -> None:
    lena = hired(console.caseload, "northside", "Lena Berg", "manager")
    console.has_password(lena)
    browser = console.someone()
    assert browser.gives_password(lena.email).headers["Location"].endswith("/sign-in/enrol")
    page = browser.get("/sign-in/enrol").text
    secret = page.split('<code class="key">')[1].split("<")[0].replace(" ", "")
    assert "not right" in browser.post("/sign-in/enrol", {"code": "000000"}).text
    code = pyotp.TOTP(secret).at(console.clock.now())
    assert "shown only this once" in browser.post("/sign-in/enrol", {"code": code}).text
    assert browser.get("/").status_code == 200
    with console.caseload.reading() as case:
        assert case.staff.get(lena.id).totp_secret == secret


def test_a_second_factor_that_exists_cannot_be_set_up_anew(console: Door, grace: Colleague) -> None:
    console.has_password(grace)
    browser = console.someone()
    browser.gives_password(grace.email)
    assert browser.get("/sign-in/enrol").headers["Location"].endswith("/sign-in")


def test_amina_goes_on_where_she_wanted_to_be(console: Door, amina: Colleague, sam: Person) -> None:
    console.has_password(amina)
    browser = console.someone()
    wanted = browser.get(f"/clients/{sam.id}").headers["Location"]
    assert wanted == f"/sign-in?next=/clients/{sam.id}"
    answer = browser.gives_password(amina.email, wanted=f"/clients/{sam.id}")
    assert answer.headers["Location"] == f"/clients/{sam.id}"


def test_nobody_is_sent_to_another_site_after_signing_in(console: Door, amina: Colleague) -> None:
    console.has_password(amina)
    for wanted in ("//evil.example", "https://evil.example", "/\\evil.example", "javascript:alert(1)"):
        answer = console.someone().gives_password(amina.email, wanted=wanted)
        assert answer.headers["Location"] == "/"


def test_the_demo_shows_its_people_and_the_code(demo: Door, amina: Colleague, grace: Colleague) -> None:
    demo.has_password(grace)
    browser = demo.someone()
    page = browser.text("/sign-in")
    assert "Demo only" in page
    assert amina.email in page
    assert PASSWORD in page
    browser.gives_password(grace.email)
    code = browser.get("/sign-in/code").text.split("data-demo-code>")[1][:6]
    assert browser.post("/sign-in/code", {"code": code}).status_code == 303


def test_outside_the_demo_no_password_and_no_code_is_shown(console: Door, grace: Colleague) -> None:
    console.has_password(grace)
    browser = console.someone()
    assert grace.email not in browser.text("/sign-in")
    browser.gives_password(grace.email)
    assert "data-demo-code" not in browser.text("/sign-in/code")


def test_the_public_password_of_the_demo_is_good_on_this_machine_only(demo: Door, amina: Colleague) -> None:
    # The demo's people stay in the database when the console runs for others.
    config = ConsoleConfig(secret_key="a secret of the tests", demo_password=PASSWORD)
    console = Door(create_console(demo.caseload, Wording({}), config), demo.caseload, demo.clock)
    console.has_password(amina)
    assert console.someone().gives_password(amina.email).status_code == 303
    elsewhere = console.someone("https://foothold.example").gives_password(amina.email)
    assert elsewhere.status_code == 200
    assert "is not right" in elsewhere.text


def test_a_password_of_amina_s_own_is_good_everywhere(demo: Door, amina: Colleague) -> None:
    config = ConsoleConfig(secret_key="a secret of the tests", demo_password="the public one")
    console = Door(create_console(demo.caseload, Wording({}), config), demo.caseload, demo.clock)
    assert console.as_(amina, "https://foothold.example").get("/clients").status_code == 200


def test_outside_the_demo_the_public_password_is_not_shown(demo: Door) -> None:
    config = ConsoleConfig(secret_key="a secret of the tests", demo_password=PASSWORD)
    app = create_console(demo.caseload, Wording({}), config)
    assert PASSWORD not in Door(app, demo.caseload, demo.clock).someone().text("/sign-in")
