"""Every page in a real browser: readable for everybody, on a phone and on a desk, by day and by night."""

from __future__ import annotations

from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page

from bot.caseload.store import Caseload
from tests.console.browsers import WIDE, address, chromium, open_window, sign_in, tabs
from tests.console.conftest import ROOT, Door
from tests.console.test_safety_review import fires, nearly_fires, wrongly_read
from tests.people import PASSWORD, Colleague, Person, enrolled, hired

__all__ = ["address", "chromium", "tabs"]

SCREENSHOTS = ROOT / "var" / "screenshots"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
NARROW = {"width": 360, "height": 740}


@pytest.fixture
def busy_service(
    demo: Door, caseload: Caseload, amina: Colleague, grace: Colleague, sam: Person
) -> dict[str, str]:
    """Fill the console with a believable morning; return the pages to look at."""
    lee = enrolled(caseload, "lee", "Leticia Vandenberg-Ashworth", amina)
    ann = enrolled(caseload, "ann", "Ann Moss", amina)
    sam.says("hiya")
    sam.is_told("Hello Sam. What would you like to do?")
    sam.is_told("This one is on its way.", delivery="queued")
    sam.asks("Can I keep my benefit if I start at the bakery? they said 16 hours a week")
    demo.clock.advance(minutes=42)
    ann.asks("I cannot go on like this", reason="safety", urgency="now")
    lee.says("", kind="photo")
    event_id, near_miss_id, _ = wrongly_read(sam)
    fires(ann, "wont be at any of them now. you lot were good to me, ta", seq=11)
    nearly_fires(lee, "everyone would be better off if i stopped coming", seq=12)
    with caseload.transaction() as case:
        client, staff = case.clients.find(sam.id), case.staff.get(amina.id)
        goal = case.goals.add(client, "Work in a kitchen, mornings only")
        case.goals.record_progress(client, goal.id, "closer", "wrote my CV")
        case.appointments.request(client, case.appointments.free_times(client)[0].starts_at)
        case.leads.share(
            client,
            staff,
            title="Kitchen assistant",
            employer="Crumb and Crust",
            place="Northside",
            hours_text="16 hours a week",
            pay_text="£12.60 an hour",
            url="https://crumb.example/jobs/1",
            why_match="Mornings, and near your bus",
        )
        case.consents.record(client, "chat", given=True, wording_version="2026-11-1")
        case.conversations.mark_unreachable(case.conversations.lock(lee.conversation_id))
        for words, picked in (
            ("got owt going?", "search_jobs"),
            ("wen", None),
            ("cant be bothered", "ask_person"),
        ):
            case.misses.record(
                sam.conversation_id, words, words, [("search_jobs", 0.41)], ["search_jobs", "goals"]
            )
            if picked:
                case.misses.record_pick(sam.conversation_id, picked)
    return {
        "inbox": "/",
        "conversation": f"/conversations/{sam.conversation_id}",
        "clients": "/clients",
        "client": f"/clients/{sam.id}",
        "not-understood": "/not-understood",
        "safety": "/safety",
        "safety-near-misses": "/safety/near-misses",
        "safety-reviewed": "/safety/reviewed",
        "safety-nothing": "/safety/reviewed?route=harm_others",
        "safety-fire": f"/safety/fires/{event_id}",
        "safety-near-miss": f"/safety/near-misses/{near_miss_id}",
        "safety-example": f"/safety/fires/{event_id}/example",
        "safety-examples": "/safety/examples",
        "phones": "/phone",
        "phone": "/phone/sam",
        "missing": "/clients/unknown",
    }


@pytest.mark.timeout(600)
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_page_is_readable_for_everybody(
    chromium: Browser,
    address: str,
    tabs: list[BrowserContext],
    demo: Door,
    amina: Colleague,
    grace: Colleague,
    busy_service: dict[str, str],
    scheme: str,
) -> None:
    lena = hired(demo.caseload, "northside", "Lena Berg", "manager")
    page, problems = open_window(chromium, address, tabs)
    page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
    page.goto("/sign-in")
    faults = inspect(page, "sign-in", scheme)
    demo.has_password(lena)
    page.get_by_label("Email address").fill(lena.email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    faults += inspect(page, "enrol", scheme)
    page.goto("/sign-in")
    page.get_by_role("button", name="Sign in").click()
    faults += inspect(page, "sign-in-mistake", scheme)
    sign_in(page, demo, grace)
    for name, path in busy_service.items():
        page.goto(path)
        page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true; })")
        faults += inspect(page, name, scheme)
    page.goto(busy_service["safety-example"])
    page.get_by_role("button", name="Keep the example").click()
    faults += inspect(page, "safety-example-mistake", scheme)
    page.goto(busy_service["conversation"])
    page.get_by_role("button", name="Take over").click()
    faults += inspect(page, "conversation-mine", scheme)
    assert faults == []
    assert problems == []


def inspect(page: Page, name: str, scheme: str) -> list[str]:
    """Return what is wrong with a page at both widths, and leave a picture of each."""
    faults = []
    for size in (NARROW, WIDE):
        page.set_viewport_size(size)  # type: ignore[arg-type]
        label = f"{name}-{size['width']}-{scheme}"
        SCREENSHOTS.mkdir(parents=True, exist_ok=True)
        page.screenshot(path=picture(label), full_page=True)
        results = Axe().run(page, options={"runOnly": RULES})
        faults += [
            f"{label}: {found['id']}: {node['html'][:120]} {node.get('failureSummary', '')[:200]}"
            for found in results.response["violations"]
            for node in found["nodes"]
        ]
        if page.evaluate("document.documentElement.scrollWidth > window.innerWidth"):
            faults.append(f"{label}: scrolls sideways")
        if page.evaluate("window.refused.length"):
            faults.append(f"{label}: the browser refused something")
    return faults


def picture(label: str) -> Path:
    return SCREENSHOTS / f"{label}.png"
