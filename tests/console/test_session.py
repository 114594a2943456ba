"""Sessions: how long somebody stays signed in, and over which connections."""

from __future__ import annotations

import pytest

from tests.console.conftest import Browser, Door
from tests.people import PASSWORD, Colleague, Person

HTTPS = "https://foothold.example"


def is_signed_in(browser: Browser) -> bool:
    return browser.get("/clients").status_code == 200


def test_over_https_the_cookie_is_bound_to_the_host(console: Door, amina: Colleague) -> None:
    console.has_password(amina)
    cookie = console.someone(HTTPS).gives_password(amina.email).headers["Set-Cookie"]
    assert cookie.startswith("__Host-foothold=")
    for part in ("Secure", "HttpOnly", "SameSite=Lax", "Path=/"):
        assert part in cookie
    assert "Domain" not in cookie


def test_on_this_machine_plain_http_is_enough(console: Door, amina: Colleague) -> None:
    console.has_password(amina)
    for base in ("http://localhost", "http://127.0.0.1:8080", "http://[::1]:8080"):
        cookie = console.someone(base).gives_password(amina.email).headers["Set-Cookie"]
        assert cookie.startswith("foothold=")
        assert "HttpOnly" in cookie
        assert "Secure" not in cookie


@pytest.mark.parametrize(
    "base", ["http://192.168.1.5:8080", "http://foothold.example", "http://localhost.evil.example"]
)
def test_plain_http_to_another_machine_is_refused_with_a_clear_sentence(
    console: Door, amina: Colleague, base: str
) -> None:
    answer = console.someone(base).get("/sign-in")
    assert answer.status_code == 403
    assert "This connection is not safe enough to sign in" in answer.text
    assert "Set-Cookie" not in answer.headers


def test_a_proxy_that_is_not_trusted_is_not_taken_for_this_machine(console: Door) -> None:
    browser = console.someone()
    browser.headers = {"X-Forwarded-For": "203.0.113.7"}
    assert browser.get("/sign-in").status_code == 403


def test_a_stranger_in_the_network_cannot_claim_to_be_on_this_machine(console: Door) -> None:
    # The address that a browser asks for is what its sender writes; where it comes from is not.
    for base in ("http://localhost:8080", "http://127.0.0.1:8080"):
        answer = console.someone(base).get("/sign-in", environ_overrides={"REMOTE_ADDR": "192.168.1.9"})
        assert answer.status_code == 403
        assert "Set-Cookie" not in answer.headers


def test_this_machine_is_known_by_either_of_its_addresses(console: Door) -> None:
    for address in ("127.0.0.1", "127.0.0.5", "::1", "::ffff:127.0.0.1"):
        answer = console.someone().get("/sign-in", environ_overrides={"REMOTE_ADDR": address})
        assert answer.status_code == 200, address


def test_health_answers_over_any_connection(console: Door) -> None:
    assert console.someone("http://192.168.1.5:8080").get("/healthz").status_code == 200


def test_the_session_from_before_sign_in_is_not_the_one_after(console: Door, amina: Colleague) -> None:
    console.has_password(amina)
    browser = console.someone()
    before = browser.token()
    browser.gives_password(amina.email)
    assert browser.token() != before


def test_thirty_minutes_without_a_page_end_the_session(console: Door, amina: Colleague) -> None:
    browser = console.as_(amina)
    console.clock.advance(minutes=29)
    assert is_signed_in(browser)
    console.clock.advance(minutes=29)
    assert is_signed_in(browser)
    console.clock.advance(minutes=30)
    assert not is_signed_in(browser)
    assert "Your session has ended" in browser.get("/sign-in").text


def test_twelve_hours_end_every_session(console: Door, amina: Colleague) -> None:
    browser = console.as_(amina)
    for _ in range(35):
        console.clock.advance(minutes=20)
        assert is_signed_in(browser)
    console.clock.advance(minutes=20)
    assert not is_signed_in(browser)


def test_a_page_that_asks_by_itself_does_not_keep_a_session_alive(
    console: Door, amina: Colleague, sam: Person
) -> None:
    browser = console.as_(amina)
    updates = f"/conversations/{sam.conversation_id}/updates"
    console.clock.advance(minutes=20)
    assert browser.get(updates).status_code == 200
    console.clock.advance(minutes=20)
    assert not is_signed_in(browser)


def test_typing_a_message_keeps_a_session_alive(console: Door, amina: Colleague, sam: Person) -> None:
    browser = console.as_(amina)
    console.clock.advance(minutes=20)
    assert browser.get(f"/conversations/{sam.conversation_id}/updates?typing=1").status_code == 200
    console.clock.advance(minutes=20)
    assert is_signed_in(browser)


def test_signing_out_ends_the_session_on_every_device(console: Door, amina: Colleague) -> None:
    phone, laptop = console.as_(amina), console.as_(amina)
    phone.post("/sign-out")
    assert not is_signed_in(phone)
    assert not is_signed_in(laptop)


def test_a_copied_cookie_dies_with_the_session(console: Door, amina: Colleague) -> None:
    browser, thief = console.as_(amina), console.someone()
    stolen = browser.http.get_cookie("foothold")
    assert stolen is not None
    thief.http.set_cookie("foothold", stolen.value)
    assert is_signed_in(thief)
    browser.post("/sign-out")
    assert not is_signed_in(thief)


def test_a_closed_account_is_out_with_its_next_request(console: Door, amina: Colleague, sam: Person) -> None:
    browser = console.as_(amina)
    with console.caseload.transaction() as case:
        case.staff.disable(case.staff.get(amina.id))
    assert not is_signed_in(browser)
    assert browser.post_bare(f"/conversations/{sam.conversation_id}/reply").status_code in {401, 403}


def test_a_new_password_ends_the_sessions_before_it(console: Door, amina: Colleague) -> None:
    browser = console.as_(amina)
    with console.caseload.transaction() as case:
        case.staff.set_password(case.staff.get(amina.id), "another hash")
    assert not is_signed_in(browser)


def test_signing_out_by_a_link_does_nothing(console: Door, amina: Colleague) -> None:
    browser = console.as_(amina)
    assert browser.get("/sign-out").status_code == 405
    assert is_signed_in(browser)


def test_a_reply_sent_after_the_session_ended_says_so(console: Door, amina: Colleague, sam: Person) -> None:
    browser = console.as_(amina)
    token = browser.token()
    console.clock.advance(hours=1)
    answer = browser.post_bare(
        f"/conversations/{sam.conversation_id}/reply", {"csrf_token": token, "text": "Hello"}
    )
    assert answer.status_code == 401
    assert "What you typed in a chat is kept" in answer.text


def test_pages_with_peoples_data_are_not_kept_and_carry_the_headers(
    console: Door, amina: Colleague, sam: Person
) -> None:
    headers = console.as_(amina, HTTPS).get(f"/clients/{sam.id}").headers
    assert headers["Cache-Control"] == "no-store"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"
    assert headers["Strict-Transport-Security"] == "max-age=31536000"
    policy = headers["Content-Security-Policy"]
    assert "default-src 'self'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy


def test_a_session_of_another_install_is_not_believed(console: Door, amina: Colleague) -> None:
    browser = console.as_(amina)
    console.app.secret_key = "another secret"
    assert not is_signed_in(browser)
    assert PASSWORD not in str(browser.http.get_cookie("foothold"))
