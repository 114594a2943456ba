"""Every page against everybody: a page without a line here fails."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import pytest
from flask import Flask
from werkzeug.routing import Rule

from bot.clock import FixedClock
from tests.console.conftest import Browser, Door
from tests.console.test_safety_review import wrongly_read
from tests.people import Colleague, Person, hired

OK, SENT, AWAY, OUT, NO, NOT_FOUND, WRONG = 200, 303, 302, 401, 403, 404, 422


@dataclass(frozen=True)
class Page:
    """What each of the cast gets: nobody, Amina (own), Piotr (foreign), Grace (manager), Hana (another's)."""

    signed_out: int
    own: int
    foreign: int
    manager: int
    other_manager: int
    #: What an id that nobody has gets; None where there is no id in the address.
    unknown: int | None = None


def of_client(own: int, signed_out: int = OUT) -> Page:
    """A page about one client: their consultant and manager, and nobody else."""
    return Page(signed_out, own, NOT_FOUND, own, NOT_FOUND, NOT_FOUND)


def for_all(status: int, signed_out: int = OUT) -> Page:
    return Page(signed_out, status, status, status, status)


PAGES: dict[tuple[str, str], Page] = {
    ("sign_in.page", "GET"): for_all(AWAY, OK),
    ("sign_in.page", "POST"): for_all(AWAY, OK),
    ("sign_in.code", "GET"): for_all(AWAY, AWAY),
    ("sign_in.code", "POST"): for_all(AWAY, AWAY),
    ("sign_in.enrol", "GET"): for_all(AWAY, AWAY),
    ("sign_in.enrol", "POST"): for_all(AWAY, AWAY),
    ("sign_in.sign_out", "POST"): for_all(SENT),
    ("inbox.page", "GET"): for_all(OK, AWAY),
    ("inbox.updates", "GET"): for_all(OK, AWAY),
    ("inbox.open_handoff", "POST"): of_client(SENT),
    ("inbox.close", "POST"): of_client(SENT),
    ("appointments.confirm", "POST"): of_client(SENT),
    ("appointments.decline", "POST"): of_client(SENT),
    ("conversation.page", "GET"): of_client(OK, AWAY),
    ("conversation.updates", "GET"): of_client(OK, AWAY),
    ("conversation.reply", "POST"): of_client(WRONG),
    ("conversation.take_over", "POST"): of_client(409),
    ("conversation.hand_back", "POST"): of_client(SENT),
    ("clients.page", "GET"): for_all(OK, AWAY),
    ("client.page", "GET"): of_client(OK, AWAY),
    ("client.add_goal", "POST"): of_client(WRONG),
    ("client.add_appointment", "POST"): of_client(WRONG),
    ("client.add_lead", "POST"): of_client(WRONG),
    ("client.invite", "POST"): of_client(OK),
    ("client.confirm_chat", "POST"): of_client(SENT),
    ("client.unlink_chat", "POST"): of_client(SENT),
    ("safety_state.open_link", "GET"): of_client(AWAY, AWAY),
    ("safety_state.acknowledge", "POST"): of_client(SENT),
    ("safety_state.ask_to_clear", "GET"): of_client(AWAY, AWAY),
    ("safety_state.clear", "POST"): of_client(SENT),
    ("safety_state.updates", "GET"): for_all(OK, AWAY),
    ("alerts.page", "GET"): for_all(OK, AWAY),
    ("alerts.link", "POST"): for_all(OK),
    ("alerts.unlink", "POST"): for_all(SENT),
    ("not_understood.page", "GET"): Page(AWAY, NO, NO, OK, OK),
    ("safety_review.to_review", "GET"): Page(AWAY, NO, NO, OK, OK),
    ("safety_review.near_misses", "GET"): Page(AWAY, NO, NO, OK, OK),
    ("safety_review.reviewed", "GET"): Page(AWAY, NO, NO, OK, OK),
    ("safety_review.reviewed_table", "GET"): Page(AWAY, NO, NO, OK, OK),
    ("safety_review.fire", "GET"): Page(AWAY, NO, NO, OK, NOT_FOUND, NO),
    ("safety_review.review_fire", "POST"): Page(OUT, NO, NO, WRONG, NOT_FOUND, NO),
    ("safety_review.near_miss", "GET"): Page(AWAY, NO, NO, OK, NOT_FOUND, NO),
    ("safety_review.review_near_miss", "POST"): Page(OUT, NO, NO, WRONG, NOT_FOUND, NO),
    ("safety_review.tell_now", "POST"): Page(OUT, NO, NO, SENT, NOT_FOUND, NO),
    ("safety_examples.page", "GET"): Page(AWAY, NO, NO, OK, OK),
    ("safety_examples.from_fire", "GET"): Page(AWAY, NO, NO, OK, NOT_FOUND, NO),
    ("safety_examples.keep_from_fire", "POST"): Page(OUT, NO, NO, WRONG, NOT_FOUND, NO),
    ("safety_examples.from_near_miss", "GET"): Page(AWAY, NO, NO, OK, NOT_FOUND, NO),
    ("safety_examples.keep_from_near_miss", "POST"): Page(OUT, NO, NO, WRONG, NOT_FOUND, NO),
    ("safety_examples.remove", "POST"): Page(OUT, NO, NO, SENT, NOT_FOUND, NO),
    ("health.alive", "GET"): for_all(OK, OK),
    ("health.ready", "GET"): for_all(OK, OK),
    ("health.metrics", "GET"): for_all(OK, OK),
    ("phone.choose", "GET"): for_all(OK, OK),
    ("phone.page", "GET"): Page(OK, OK, OK, OK, OK, NOT_FOUND),
    ("phone.messages", "GET"): Page(OK, OK, OK, OK, OK, NOT_FOUND),
    ("phone.send", "POST"): Page(SENT, SENT, SENT, SENT, SENT, NOT_FOUND),
    ("phone.press", "POST"): Page(SENT, SENT, SENT, SENT, SENT, NOT_FOUND),
}
STATIC = {"static", "bootstrap.static"}


def rules_of(app: Flask) -> list[tuple[Rule, str]]:
    return [
        (rule, method)
        for rule in app.url_map.iter_rules()
        if rule.endpoint not in STATIC
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"})
    ]


@pytest.fixture
def ids(sam: Person, clock: FixedClock) -> dict[str, str]:
    """Return an id of Sam's for every place in an address."""
    handoff_id = sam.asks("Can I keep my benefit?")
    event_id, near_miss_id, example_id = wrongly_read(sam)
    with sam.caseload.transaction() as case:
        client = case.clients.find(sam.id)
        starts_at = case.appointments.free_times(client, limit=1)[0].starts_at
        appointment = case.appointments.request(client, starts_at)
        return {
            "client_id": sam.id,
            "conversation_id": sam.conversation_id,
            "handoff_id": handoff_id,
            "appointment_id": appointment.id,
            "ref": sam.ref,
            "event_id": event_id,
            "near_miss_id": str(near_miss_id),
            "example_id": str(example_id),
        }


def path_of(app: Flask, rule: Rule, values: dict[str, str]) -> str:
    chosen = {name: values[name] for name in rule.arguments}
    return app.url_map.bind("localhost").build(rule.endpoint, chosen)


def asks(browser: Browser, method: str, path: str) -> int:
    return (browser.get(path) if method == "GET" else browser.post(path)).status_code


def check(app: Flask, browser: Browser, ids: dict[str, str], expected: Callable[[Page], int | None]) -> None:
    wrong = []
    for rule, method in rules_of(app):
        # Signing out in the middle would end the walk; test_session looks at it.
        if rule.endpoint == "sign_in.sign_out":
            continue
        wanted = expected(PAGES[rule.endpoint, method])
        got = asks(browser, method, path_of(app, rule, ids))
        if wanted is not None and got != wanted:
            wrong.append(f"{method} {rule} gave {got}, not {wanted}")
    assert wrong == []


def test_every_page_has_a_line_in_the_matrix(demo: Door) -> None:
    assert {(rule.endpoint, method) for rule, method in rules_of(demo.app)} == set(PAGES)


def test_somebody_who_is_not_signed_in(demo: Door, ids: dict[str, str]) -> None:
    check(demo.app, demo.someone(), ids, lambda page: page.signed_out)


def test_amina_with_her_own_client(demo: Door, amina: Colleague, ids: dict[str, str]) -> None:
    check(demo.app, demo.as_(amina), ids, lambda page: page.own)


def test_piotr_with_aminas_client(demo: Door, piotr: Colleague, ids: dict[str, str]) -> None:
    check(demo.app, demo.as_(piotr), ids, lambda page: page.foreign)


def test_grace_with_a_client_of_her_service(demo: Door, grace: Colleague, ids: dict[str, str]) -> None:
    check(demo.app, demo.as_(grace), ids, lambda page: page.manager)


def test_hana_with_a_client_of_another_service(demo: Door, hana: Colleague, ids: dict[str, str]) -> None:
    check(demo.app, demo.as_(hana), ids, lambda page: page.other_manager)


def test_somebody_on_duty_while_sam_is_in_no_danger(demo: Door, ids: dict[str, str]) -> None:
    dot = hired(demo.caseload, "northside", "Dot Yule", "duty", "MFRGGZDFMZTWQ2LKMFRGGZDFMZTWQ2LK")
    check(demo.app, demo.as_(dot), ids, lambda page: page.foreign)


def test_amina_with_ids_that_nobody_has(demo: Door, amina: Colleague, ids: dict[str, str]) -> None:
    nobody = dict.fromkeys(ids, "0" * 32)
    check(demo.app, demo.as_(amina), nobody, lambda page: page.unknown)


def test_a_foreign_id_and_an_unknown_one_look_the_same(
    demo: Door, piotr: Colleague, ids: dict[str, str]
) -> None:
    browser = demo.as_(piotr)
    foreign = browser.get(f"/clients/{ids['client_id']}")
    unknown = browser.get(f"/clients/{'0' * 32}")
    assert foreign.data == unknown.data


@pytest.mark.parametrize("token", [None, "made up", "ImZvcmVpZ24i.aBcDeF.xyz"])
def test_every_change_refuses_a_form_without_our_token(
    demo: Door, amina: Colleague, ids: dict[str, str], token: str | None
) -> None:
    browser = demo.as_(amina)
    changing = [(rule, method) for rule, method in rules_of(demo.app) if method != "GET"]
    assert len(changing) > 10
    for rule, method in changing:
        answer = browser.http.open(
            path_of(demo.app, rule, ids), method=method, data={"csrf_token": token} if token else {}
        )
        assert answer.status_code == NO, rule


def test_another_persons_token_is_refused(
    demo: Door, amina: Colleague, piotr: Colleague, sam: Person
) -> None:
    token = demo.as_(piotr).token()
    answer = demo.as_(amina).post_bare(f"/clients/{sam.id}/goals", {"csrf_token": token, "goal-text": "x"})
    assert answer.status_code == NO
    assert "This form is out of date" in answer.text


def test_nothing_of_the_demo_exists_outside_it(console: Door, sam: Person) -> None:
    browser = console.someone()
    assert browser.get("/phone").status_code == NOT_FOUND
    assert browser.get(f"/phone/{sam.ref}").status_code == NOT_FOUND


def test_somebody_without_clients_sees_an_empty_console(demo: Door, sam: Person, piotr: Colleague) -> None:
    browser = demo.as_(piotr)
    sam.asks("Can I keep my benefit?")
    assert "Nobody is waiting for you" in browser.text("/")
    assert "You have no clients yet" in browser.text("/clients")


def test_a_cover_sees_the_client_and_the_former_consultant_does_not(
    demo: Door, amina: Colleague, piotr: Colleague, sam: Person
) -> None:
    with demo.caseload.transaction() as case:
        client = case.clients.find(sam.id)
        client.consultant_id, client.cover_id = None, piotr.id
    assert demo.as_(piotr).get(f"/clients/{sam.id}").status_code == OK
    assert demo.as_(amina).get(f"/clients/{sam.id}").status_code == NOT_FOUND


def test_a_page_that_breaks_shows_no_trace_and_logs_no_words(
    demo: Door, capsys: pytest.CaptureFixture[str]
) -> None:
    def breaks() -> str:
        raise RuntimeError("Sam's own words")

    breaks.is_public = True  # type: ignore[attr-defined]
    demo.app.add_url_rule("/breaks", view_func=breaks)
    answer = demo.someone().get("/breaks")
    assert answer.status_code == 500
    assert "Something went wrong on our side" in answer.text
    shown = capsys.readouterr()
    assert "own words" not in answer.text + shown.out + shown.err
    assert "RuntimeError" in shown.out + shown.err
