"""First steps: what do I set up before my clients write?"""

from __future__ import annotations

import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from flask import Flask
from playwright.sync_api import Page, expect

from bot.caseload.store import Caseload
from bot.console.app import create_console
from bot.console.config import ConsoleConfig
from bot.conversation.wording import Wording
from tests.console.browsers import address, chromium, sign_in, tabs, window
from tests.console.conftest import Browser, Door
from tests.console.test_readable import NARROW, RULES, WIDE
from tests.people import Colleague, Person, enrolled, hired

__all__ = ["address", "chromium", "tabs", "window"]

ALERTS, MEETING, INVITE = (
    "Be told when somebody may be in danger",
    "Say when clients can meet you",
    "Invite your first client",
)
REPLIES = "Write your first quick reply"
SECRET = "MFRGGZDFMZTWQ2LKMFRGGZDFMZTWQ2LK"


@pytest.fixture
def nadia(caseload: Caseload) -> Colleague:
    """Somebody who began today: no meeting times, no client has a chat."""
    nadia = hired(caseload, "northside", "Nadia Brandt", "consultant")
    with caseload.transaction() as case:
        staff = case.staff.get(nadia.id)
        case.staff.set_availability(staff, [])
        for name in ("Lee Park", "Ann Moss"):
            case.clients.enrol(staff.service, name, consultant=staff)
    return nadia


def steps_of(browser: Browser) -> dict[str, bool]:
    """Return each step of the start page, and whether it is ticked."""
    page = browser.text("/")
    found = re.findall(r'<span class="visually-hidden">(Done|To do): </span>([^<]+)</a>', page)
    return {title: state == "Done" for state, title in found}


def test_who_signs_in_for_the_first_time_is_shown_three_steps(console: Door, nadia: Colleague) -> None:
    browser = console.as_(nadia)
    assert steps_of(browser) == {ALERTS: False, MEETING: False, INVITE: False}
    page = browser.text("/")
    assert "First steps: 0 of 3 done" in page
    assert "0 of your 2 clients have a chat or a link." in page


def test_each_step_leads_to_the_page_that_does_it(console: Door, nadia: Colleague) -> None:
    browser = console.as_(nadia)
    box = re.search(r'<section class="first-steps".*?</section>', browser.text("/"), re.DOTALL)
    assert box is not None
    links = re.findall(r'href="([^"]+)"', box[0])
    assert links == ["/alerts", "/availability", "/hours", "/clients"]
    assert [browser.get(link).status_code for link in links] == [200] * 4


def test_a_step_is_ticked_once_it_is_really_done(console: Door, nadia: Colleague) -> None:
    browser = console.as_(nadia)
    code = re.search(r"/start=?\s?([\w-]{20,})|start=([\w-]{20,})", browser.post("/alerts/link").text)
    assert code is not None
    assert not steps_of(browser)[ALERTS]
    with console.caseload.transaction() as case:
        assert case.staff.use_link(code[1] or code[2], "bot", "7") is not None
    assert steps_of(browser) == {ALERTS: True, MEETING: False, INVITE: False}
    browser.post("/availability/spans", {"span-weekday": "1", "span-starts": "10:00", "span-ends": "12:00"})
    assert steps_of(browser) == {ALERTS: True, MEETING: True, INVITE: False}


def test_the_box_goes_when_the_last_step_is_done_and_comes_back_when_one_is_undone(
    console: Door, amina: Colleague, sam: Person
) -> None:
    browser = console.as_(amina)
    with console.caseload.transaction() as case:
        staff = case.staff.get(amina.id)
        assert case.staff.use_link(case.staff.make_link(staff).token, "bot", "7") is not None
    assert "First steps" not in browser.text("/")
    browser.post("/alerts/unlink")
    assert steps_of(browser) == {ALERTS: False, MEETING: True, INVITE: True}


def test_an_invite_counts_until_it_has_run_out(console: Door, nadia: Colleague) -> None:
    with console.caseload.transaction() as case:
        lee = case.clients.seen_by(case.staff.get(nadia.id))[1]
    browser = console.as_(nadia)
    browser.post(f"/clients/{lee.id}/invite")
    assert steps_of(browser)[INVITE]
    console.clock.advance(minutes=3 * 24 * 60 + 1)
    assert not steps_of(console.as_(nadia))[INVITE]


def test_a_colleagues_client_ticks_nothing_for_me(console: Door, nadia: Colleague, sam: Person) -> None:
    assert not steps_of(console.as_(nadia))[INVITE]


def test_without_clients_the_step_says_who_gives_them(console: Door) -> None:
    begins = hired(console.caseload, "northside", "Omar Reyes", "consultant")
    assert (
        "You have no clients yet. Take somebody on, or ask your service manager to give you clients."
        in console.as_(begins).text("/")
    )


def test_hidden_steps_stay_hidden_for_this_person_in_this_browser(console: Door, nadia: Colleague) -> None:
    browser = console.as_(nadia)
    answer = browser.post("/first-steps/hide", follow=True)
    assert "The first steps are hidden." in answer.text
    assert "Hide these steps" not in answer.text
    browser.post("/sign-out")
    browser.gives_password(nadia.email)
    assert steps_of(browser) == {}
    # Somebody else at the same computer has hidden nothing.
    omar = hired(console.caseload, "northside", "Omar Reyes", "consultant")
    console.has_password(omar)
    browser.post("/sign-out")
    browser.gives_password(omar.email)
    assert len(steps_of(browser)) == 3


def test_the_cookie_says_nothing_and_goes_over_https_only(console: Door, nadia: Colleague) -> None:
    answer = console.as_(nadia, "https://foothold.example").post("/first-steps/hide")
    cookie = next(one for one in answer.headers.getlist("Set-Cookie") if one.startswith("first-steps-"))
    assert cookie.split(";")[0].endswith("=hidden")
    assert {"Secure", "HttpOnly", "SameSite=Lax"} <= {part.strip() for part in cookie.split(";")}


def test_who_may_be_in_danger_stands_before_the_steps(console: Door, amina: Colleague, sam: Person) -> None:
    browser = console.as_(amina)
    handoff_id = sam.asks("I cannot go on", reason="safety", urgency="now")
    page = browser.text("/")
    assert page.index("Safety") < page.index("First steps")
    with console.caseload.transaction() as case:
        staff = case.staff.get(amina.id)
        case.handoffs.close(staff, case.handoffs.get_for(staff, handoff_id), None)
    sam.asks("Can I keep my benefit?")
    page = browser.text("/")
    assert page.index("First steps") < page.index("Can I keep my benefit?")


def test_grace_who_manages_the_service_has_steps_of_her_own(console: Door, grace: Colleague) -> None:
    browser = console.as_(grace)
    staff = "Invite your consultants"
    assert steps_of(browser) == {ALERTS: False, staff: False, REPLIES: False}
    invited = hired(console.caseload, "northside", "Omar Reyes", "consultant")
    assert not steps_of(browser)[staff]
    console.has_password(invited)
    browser.post("/quick-replies", {"new-name": "Hello", "new-text": "Hi.", "new-version": "0"})
    assert steps_of(browser) == {ALERTS: False, staff: True, REPLIES: True}


def test_a_lead_is_told_of_clients_whom_nobody_has(console: Door, amina: Colleague, sam: Person) -> None:
    lead = hired(console.caseload, "northside", "Una Fry", "lead", SECRET)
    everybody = "Give every client a consultant"
    browser = console.as_(lead)
    assert steps_of(browser) == {ALERTS: False, REPLIES: False, everybody: True}
    enrolled(console.caseload, "kit", "Kit Vale", None)
    assert not steps_of(browser)[everybody]


def test_an_admin_invites_and_somebody_on_duty_has_set_up_their_code(console: Door, grace: Colleague) -> None:
    ada = hired(console.caseload, "northside", "Ada Quist", "admin", SECRET)
    console.has_password(grace)
    assert steps_of(console.as_(ada)) == {
        "Invite the service manager": True,
        "Invite the consultants": False,
        "Invite a team lead, or somebody on duty": False,
    }
    dot = hired(console.caseload, "northside", "Dot Yule", "duty", SECRET)
    assert steps_of(console.as_(dot)) == {ALERTS: False, "Set up the code from your phone": True}


def test_a_colleague_of_another_service_ticks_nothing(console: Door, grace: Colleague) -> None:
    far = hired(console.caseload, "kauri", "Kiri Moana", "consultant")
    console.has_password(far)
    assert not steps_of(console.as_(grace))["Invite your consultants"]


def test_where_alerts_go_by_mail_the_first_step_is_done(
    caseload: Caseload, words: Wording, nadia: Colleague, console: Door
) -> None:
    app: Flask = create_console(caseload, words, ConsoleConfig(secret_key="s", sends_mail=True))
    assert steps_of(Door(app, caseload, console.clock).as_(nadia))[ALERTS]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_steps_are_readable_for_everybody_and_hidden_with_the_keyboard(
    window: Page, demo: Door, nadia: Colleague, scheme: str
) -> None:
    with demo.caseload.transaction() as case:
        case.staff.set_availability(case.staff.get(nadia.id), [(1, "10:00", "12:00")])
    window.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
    sign_in(window, demo, nadia)
    for size in (NARROW, WIDE):
        window.set_viewport_size(size)  # type: ignore[arg-type]
        faults = Axe().run(window, options={"runOnly": RULES}).response["violations"]
        assert [(fault["id"], [node["html"] for node in fault["nodes"]]) for fault in faults] == []
        assert not window.evaluate("document.documentElement.scrollWidth > window.innerWidth")
    box = window.get_by_role("region", name="First steps: 1 of 3 done")
    assert box.get_by_role("listitem").count() == 3
    expect(box.get_by_role("link", name="Done: Say when clients can meet you")).to_be_visible()
    box.get_by_role("link", name="To do: Be told when somebody may be in danger").focus()
    for _ in range(3):
        window.keyboard.press("Tab")
    assert window.evaluate("document.activeElement.textContent.trim()") == "Hide these steps"
    window.keyboard.press("Enter")
    expect(window.get_by_text("The first steps are hidden.")).to_be_visible()
    expect(box).to_have_count(0)
    window.reload()
    expect(box).to_have_count(0)
