"""Every page against everybody: a page without a line here fails."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta

import pytest
from flask import Flask
from werkzeug.routing import Rule

from bot.caseload.files import FileStore
from bot.caseload.later_replies import ForLater
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
    #: What an admin of the service gets; None: the same as a consultant who does not have the client.
    admin: int | None = None
    #: What somebody on duty gets; None: the same as a consultant who does not have the client.
    duty: int | None = None


def of_client(own: int, signed_out: int = OUT) -> Page:
    """A page about one client: their consultant and manager, and nobody else."""
    return Page(signed_out, own, NOT_FOUND, own, NOT_FOUND, NOT_FOUND)


def for_all(status: int, signed_out: int = OUT) -> Page:
    return Page(signed_out, status, status, status, status)


def for_heads(status: int, other_manager: int = NOT_FOUND, signed_out: int = OUT) -> Page:
    """A page about staff: for the manager and the admin of the service."""
    return Page(signed_out, NO, NO, status, other_manager, NO, admin=status)


PAGES: dict[tuple[str, str], Page] = {
    ("sign_in.page", "GET"): for_all(AWAY, OK),
    ("sign_in.page", "POST"): for_all(AWAY, OK),
    ("sign_in.code", "GET"): for_all(AWAY, AWAY),
    ("sign_in.code", "POST"): for_all(AWAY, AWAY),
    ("sign_in.enrol", "GET"): for_all(AWAY, AWAY),
    ("sign_in.enrol", "POST"): for_all(AWAY, AWAY),
    ("sign_in.recovery", "GET"): for_all(AWAY, AWAY),
    ("sign_in.recovery", "POST"): for_all(AWAY, AWAY),
    ("account.page", "GET"): for_all(OK, AWAY),
    ("account.set_up", "POST"): for_all(WRONG),
    ("account.new_codes", "POST"): for_all(WRONG),
    ("account_links.welcome", "GET"): Page(OK, OK, OK, OK, OK, NOT_FOUND),
    ("account_links.welcome", "POST"): Page(WRONG, WRONG, WRONG, WRONG, WRONG, NOT_FOUND),
    ("account_links.reset", "GET"): Page(*[NOT_FOUND] * 6),
    ("account_links.reset", "POST"): Page(*[NOT_FOUND] * 6),
    ("staff.page", "GET"): for_heads(OK, OK, AWAY),
    ("staff.invite", "POST"): for_heads(WRONG, WRONG),
    ("staff.one", "GET"): for_heads(OK, signed_out=AWAY),
    ("staff.change_role", "POST"): for_heads(WRONG),
    ("staff.disable", "POST"): for_heads(SENT),
    ("staff.enable", "POST"): for_heads(SENT),
    ("staff.make_link", "POST"): for_heads(OK),
    ("staff.revoke_link", "POST"): for_heads(SENT),
    ("staff.reset_second_factor", "POST"): for_heads(SENT),
    ("staff.move_clients", "POST"): Page(OUT, NO, NO, WRONG, NOT_FOUND, NO),
    # A lead reads it: see test_service.
    ("service.page", "GET"): Page(AWAY, NO, NO, OK, OK, admin=OK),
    ("service.save_days", "POST"): Page(OUT, NO, NO, WRONG, WRONG, admin=WRONG),
    ("service.save_holidays", "POST"): Page(OUT, NO, NO, WRONG, WRONG, admin=WRONG),
    ("service.save_silence", "POST"): Page(OUT, NO, NO, WRONG, WRONG, admin=WRONG),
    ("service.save_links", "POST"): Page(OUT, NO, NO, WRONG, WRONG, admin=WRONG),
    ("moves.move", "POST"): Page(OUT, NO, NO, SENT, NOT_FOUND, NO),
    ("moves.access", "GET"): Page(AWAY, NO, NO, OK, NOT_FOUND, NO),
    ("sign_in.sign_out", "POST"): for_all(SENT),
    ("inbox.page", "GET"): for_all(OK, AWAY),
    ("inbox.updates", "GET"): for_all(OK, AWAY),
    ("first_steps.hide", "POST"): for_all(SENT),
    ("inbox.open_handoff", "POST"): of_client(SENT),
    ("inbox.close", "POST"): of_client(SENT),
    ("appointments.confirm", "POST"): of_client(SENT),
    ("appointments.decline", "POST"): of_client(SENT),
    ("conversation.page", "GET"): of_client(OK, AWAY),
    ("conversation.updates", "GET"): of_client(OK, AWAY),
    ("conversation.earlier", "GET"): of_client(OK, AWAY),
    ("conversation.reply", "POST"): of_client(WRONG),
    ("conversation.take_over", "POST"): of_client(409),
    ("conversation.hand_back", "POST"): of_client(SENT),
    ("conversation.add_note", "POST"): of_client(WRONG),
    ("attachments.show", "GET"): of_client(OK, AWAY),
    ("attachments.fetch_again", "POST"): of_client(SENT),
    ("later.write", "POST"): of_client(WRONG),
    # A colleague's words are nobody else's to change.
    ("later.page", "GET"): Page(AWAY, OK, NOT_FOUND, NOT_FOUND, NOT_FOUND, NOT_FOUND),
    ("later.change", "POST"): Page(OUT, WRONG, NOT_FOUND, NOT_FOUND, NOT_FOUND, NOT_FOUND),
    ("later.cancel", "POST"): of_client(SENT),
    ("quick_replies.insert", "POST"): of_client(WRONG),
    ("quick_replies.page", "GET"): Page(AWAY, NO, NO, OK, OK),
    ("quick_replies.add", "POST"): Page(OUT, NO, NO, WRONG, WRONG),
    ("quick_replies.change", "POST"): Page(OUT, NO, NO, WRONG, NOT_FOUND, NO),
    ("quick_replies.remove", "POST"): Page(OUT, NO, NO, SENT, NOT_FOUND, NO),
    ("clients.page", "GET"): for_all(OK, AWAY),
    ("client.page", "GET"): of_client(OK, AWAY),
    ("enrolment.page", "GET"): Page(AWAY, OK, OK, OK, OK, admin=NO, duty=NO),
    ("enrolment.take_on", "POST"): Page(OUT, WRONG, WRONG, WRONG, WRONG, admin=NO, duty=NO),
    ("head.correct", "POST"): of_client(WRONG),
    ("head.set_cover", "POST"): of_client(WRONG),
    ("head.close", "POST"): of_client(SENT),
    ("head.open_again", "POST"): of_client(SENT),
    ("clients.table", "GET"): for_all(OK, AWAY),
    ("team_meeting.page", "GET"): for_all(OK, AWAY),
    ("team_meeting.text", "GET"): for_all(OK, AWAY),
    ("team_meeting.pdf", "GET"): for_all(OK, AWAY),
    ("records.page", "GET"): of_client(OK, AWAY),
    ("records.transcript_text", "GET"): of_client(OK, AWAY),
    ("records.transcript_pdf", "GET"): of_client(OK, AWAY),
    ("records.note_text", "GET"): of_client(OK, AWAY),
    ("records.note_pdf", "GET"): of_client(OK, AWAY),
    ("client.change_phase", "POST"): of_client(WRONG),
    ("client.add_appointment", "POST"): of_client(WRONG),
    ("leads.add", "POST"): of_client(WRONG),
    ("leads.correct", "POST"): of_client(WRONG),
    ("leads.take_back", "POST"): of_client(WRONG),
    ("leads.offer_again", "POST"): of_client(SENT),
    ("client.invite", "POST"): of_client(OK),
    ("client.confirm_chat", "POST"): of_client(SENT),
    ("client.unlink_chat", "POST"): of_client(SENT),
    ("safety_state.open_link", "GET"): of_client(AWAY, AWAY),
    ("safety_state.acknowledge", "POST"): of_client(SENT),
    # Grace's walk has told somebody of a missed message before, so there is a pause to end.
    ("safety_state.ask_to_clear", "GET"): replace(of_client(AWAY, AWAY), manager=OK),
    ("safety_state.clear", "POST"): of_client(SENT),
    ("safety_state.updates", "GET"): for_all(OK, AWAY),
    ("alerts.page", "GET"): for_all(OK, AWAY),
    ("alerts.link", "POST"): for_all(OK),
    ("alerts.unlink", "POST"): for_all(SENT),
    ("hours.page", "GET"): for_all(OK, AWAY),
    ("hours.colleague", "GET"): of_client(OK, AWAY),
    ("hours.save_days", "POST"): of_client(WRONG),
    ("hours.use_service", "POST"): of_client(SENT),
    ("hours.add_absence", "POST"): of_client(WRONG),
    ("hours.end_absence", "POST"): of_client(SENT),
    ("today.page", "GET"): for_all(OK, AWAY),
    ("diary.week", "GET"): for_all(OK, AWAY),
    ("diary.ahead", "GET"): for_all(OK, AWAY),
    ("diary.page", "GET"): of_client(OK, AWAY),
    ("diary.file", "GET"): of_client(OK, AWAY),
    # Cancelled by the page before it in this walk.
    ("diary.change", "POST"): of_client(SENT),
    ("appointments.cancel", "POST"): of_client(SENT),
    ("appointments.note_outcome", "POST"): for_all(400),
    ("availability.page", "GET"): for_all(OK, AWAY),
    ("availability.add_span", "POST"): for_all(WRONG),
    ("availability.remove_span", "POST"): Page(OUT, SENT, NOT_FOUND, NOT_FOUND, NOT_FOUND, NOT_FOUND),
    ("availability.add_block", "POST"): for_all(WRONG),
    ("availability.remove_block", "POST"): Page(OUT, SENT, NOT_FOUND, NOT_FOUND, NOT_FOUND, NOT_FOUND),
    ("availability.make_feed", "POST"): for_all(OK),
    ("availability.revoke_feed", "POST"): for_all(SENT),
    ("calendar_feed.read", "GET"): for_all(NOT_FOUND, NOT_FOUND),
    ("goals.add", "POST"): of_client(WRONG),
    ("goals.change_words", "POST"): of_client(WRONG),
    ("goals.note_progress", "POST"): of_client(SENT),
    ("outreach.add", "POST"): of_client(WRONG),
    # An employer is the whole service's; whose clients are on its page: tests/console/test_employers.py.
    ("employers.page", "GET"): for_all(OK, AWAY),
    ("employers.one", "GET"): Page(AWAY, OK, OK, OK, NOT_FOUND, NOT_FOUND),
    ("employers.change", "POST"): Page(OUT, WRONG, WRONG, WRONG, NOT_FOUND, NOT_FOUND),
    ("contacts.save", "POST"): of_client(WRONG),
    ("work.add", "POST"): of_client(WRONG),
    ("work.correct", "POST"): of_client(WRONG),
    ("work.change_terms", "POST"): of_client(WRONG),
    ("work.end", "POST"): of_client(WRONG),
    ("work.go_on", "POST"): of_client(SENT),
    ("work.check_in", "POST"): of_client(WRONG),
    ("discussions.disclosure", "POST"): of_client(WRONG),
    ("discussions.benefits", "POST"): of_client(WRONG),
    ("profile.note", "POST"): of_client(WRONG),
    ("profile.take_back", "POST"): of_client(SENT),
    ("telegram_reading.allow", "GET"): for_all(OK, AWAY),
    ("telegram_reading.allow", "POST"): for_all(WRONG),
    ("telegram_reading.stop", "POST"): for_all(SENT),
    ("telegram_reading.switch_service", "POST"): Page(OUT, NO, NO, SENT, SENT),
    ("telegram_reading.label", "GET"): of_client(OK, AWAY),
    ("telegram_reading.label", "POST"): of_client(WRONG),
    ("not_understood.page", "GET"): Page(AWAY, NO, NO, OK, OK),
    ("safety_review.to_review", "GET"): Page(AWAY, NO, NO, OK, OK),
    ("safety_review.near_misses", "GET"): Page(AWAY, NO, NO, OK, OK),
    ("safety_review.reviewed", "GET"): Page(AWAY, NO, NO, OK, OK),
    ("safety_review.reviewed_table", "GET"): Page(AWAY, NO, NO, OK, OK),
    ("safety_review.fire", "GET"): Page(AWAY, NO, NO, OK, NOT_FOUND, NO),
    ("safety_review.review_fire", "POST"): Page(OUT, NO, NO, WRONG, NOT_FOUND, NO),
    ("safety_review.near_miss", "GET"): Page(AWAY, NO, NO, OK, NOT_FOUND, NO),
    ("safety_review.review_near_miss", "POST"): Page(OUT, NO, NO, WRONG, NOT_FOUND, NO),
    ("safety_review.report_missed", "POST"): Page(OUT, NO, NO, SENT, NOT_FOUND, NO),
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
def ids(sam: Person, amina: Colleague, clock: FixedClock, files: FileStore) -> dict[str, str]:
    """Return an id of Sam's for every place in an address."""
    handoff_id = sam.asks("Can I keep my benefit?")
    event_id, near_miss_id, example_id = wrongly_read(sam)
    ola = hired(sam.caseload, "northside", "Ola Berg", "consultant")
    with sam.caseload.transaction() as case:
        client = case.clients.find(sam.id)
        token = case.accounts.invite(None, case.staff.get(ola.id)).token
    attachment_id = sam.sends(b"%PDF-1.7", files=files)
    with sam.caseload.transaction() as case:
        client = case.clients.find(sam.id)
        quick = case.quick_replies.add(client.service, "Thanks", "Thank you, {first_name}.")
        tomorrow = clock.now() + timedelta(days=1)
        later = case.later_replies.add(
            case.staff.get(amina.id),
            case.conversations.lock(sam.conversation_id),
            ForLater("See you", tomorrow, tomorrow, False),
            key="a" * 32,
        )
        starts_at = case.appointments.free_times(client, limit=1)[0].starts_at
        appointment = case.appointments.request(client, starts_at)
        line = case.transcript.add_from_client(
            case.conversations.lock(sam.conversation_id), "bye", kind="text", inbox_seq=9,
            channel_message_id=None,
        )  # fmt: skip
        staff, far = case.staff.get(amina.id), clock.now() + timedelta(days=90)
        absence = case.absences.add(staff, staff, far, far + timedelta(days=1))
        employer = case.employers.named(staff, "Crumb and Co")
        block_from = clock.now() + timedelta(days=1)
        return {
            "employer_id": employer.id,
            "goal_id": case.goals.add(client, "Work in a kitchen").id,
            "progress": "closer",
            "lead_id": case.leads.share(client, staff, title="Baker").id,
            "topic": "hours",
            "job_id": case.jobs.start(client, staff, employer, "Baker", block_from.date()).id,
            "contact_id": case.employers.add_contact(
                staff, employer, client, by="client", at=clock.now(), face_to_face=True
            ).id,
            "talk_id": "1",
            "span_id": str(case.availability.spans_of(staff)[0].id),
            "block_id": str(case.availability.block(staff, block_from, block_from + timedelta(hours=1)).id),
            "client_id": sam.id,
            "conversation_id": sam.conversation_id,
            "message_id": str(line.id),
            "handoff_id": handoff_id,
            "appointment_id": appointment.id,
            "colleague_id": amina.id,
            "absence_id": absence.id,
            "ref": sam.ref,
            "event_id": event_id,
            "near_miss_id": str(near_miss_id),
            "example_id": str(example_id),
            "staff_id": ola.id,
            "token": token,
            "attachment_id": attachment_id,
            "later_id": later.id,
            "reply_id": quick.id,
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
    check(demo.app, demo.as_(dot), ids, lambda page: page.foreign if page.duty is None else page.duty)


def test_the_admin_of_the_service_sees_no_client(demo: Door, ids: dict[str, str]) -> None:
    ada = hired(demo.caseload, "northside", "Ada Quist", "admin", "MFRGGZDFMZTWQ2LKMFRGGZDFMZTWQ2LK")
    check(demo.app, demo.as_(ada), ids, lambda page: page.foreign if page.admin is None else page.admin)


def test_amina_whose_account_is_disabled(demo: Door, amina: Colleague, ids: dict[str, str]) -> None:
    browser = demo.as_(amina)
    with demo.caseload.transaction() as case:
        case.staff.disable(case.staff.get(amina.id))
    check(demo.app, browser, ids, lambda page: page.signed_out)


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
