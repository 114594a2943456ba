"""A client's job leads: shared, corrected and taken back, with what the client was shown kept as it was."""

from __future__ import annotations

import re

import pytest

from bot.caseload.models.plan import JobLead
from tests.console.conftest import Browser, Door
from tests.people import Colleague, Person

BAKER = {"title": "Baker", "employer": "Crumb", "place": "Northside", "pay_text": "£12 an hour"}


def shares(browser: Browser, sam: Person, data: dict[str, str]) -> str:
    return browser.post(f"/clients/{sam.id}/leads", data, follow=True).text


def leads_of(console: Door, sam: Person) -> list[JobLead]:
    with console.caseload.transaction() as case:
        return case.leads.all_for(case.clients.find(sam.id))


def lead_of(console: Door, sam: Person) -> JobLead:
    (lead,) = leads_of(console, sam)
    return lead


def actions_about(console: Door, sam: Person) -> list[str]:
    with console.caseload.reading() as case:
        return [line.action for line in case.audit.of_client(sam.id) if line.action.startswith("lead ")]


@pytest.fixture
def baker(console: Door, amina: Colleague, sam: Person) -> str:
    """A job that Amina shared with Sam, who has not seen it yet; its id."""
    with console.caseload.transaction() as case:
        return case.leads.share(case.clients.find(sam.id), case.staff.get(amina.id), **BAKER).id


def sees_it(console: Door, sam: Person, lead_id: str) -> None:
    with console.caseload.transaction() as case:
        case.leads.mark_shown(case.leads.get_for_client(case.clients.find(sam.id), lead_id))
    console.clock.advance(minutes=1)


def says(console: Door, sam: Person, lead_id: str, answer: str) -> None:
    with console.caseload.transaction() as case:
        case.leads.answer(case.clients.find(sam.id), lead_id, answer)


class Page:
    """Sam's page with one of the two forms about a job open on it."""

    def __init__(self, browser: Browser, sam: Person, lead_id: str, kind: str) -> None:
        self.browser, self.key = browser, f"{kind}-{lead_id}"
        self.text = browser.text(f"/clients/{sam.id}?edit={self.key}")
        version = re.search(f'name="{self.key}-version"[^>]*value="(\\d+)"', self.text)
        assert version, self.text
        self.version = version[1]
        self.address = f"/clients/{sam.id}/leads/{lead_id}" + ("/take-back" if kind == "lead_back" else "")
        assert f'action="{self.address}"' in self.text

    def sends(self, **values: str) -> tuple[int, str]:
        """Send the form with these values; returns the status and the page that is shown then."""
        data = {f"{self.key}-{name}": value for name, value in {"version": self.version, **values}.items()}
        answer = self.browser.post(self.address, data)
        if answer.status_code == 303:
            return 303, self.browser.text(answer.headers["Location"])
        return answer.status_code, answer.text


def corrections(browser: Browser, sam: Person, lead_id: str) -> Page:
    return Page(browser, sam, lead_id, "lead_facts")


def taking_back(browser: Browser, sam: Person, lead_id: str) -> Page:
    return Page(browser, sam, lead_id, "lead_back")


def test_amina_shares_a_job(console: Door, amina: Colleague, sam: Person) -> None:
    form = {
        "lead-title": "Baker",
        "lead-employer": "Crumb",
        "lead-url": "https://crumb.example/jobs/1",
        "lead-why_match": "Mornings only",
    }
    page = shares(console.as_(amina), sam, form)
    assert 'href="https://crumb.example/jobs/1" rel="noopener noreferrer nofollow"' in page
    (lead,) = leads_of(console, sam)
    assert (lead.title, lead.employer, lead.why_match, lead.shared_by) == (
        "Baker",
        "Crumb",
        "Mornings only",
        amina.id,
    )


@pytest.mark.parametrize(
    "link",
    [
        "javascript:alert(1)",
        "JaVaScRiPt:alert(1)",
        "data:text/html,x",
        "ftp://x.example",
        "https://",
        "//x.example",
    ],
)
def test_only_web_links_are_taken(console: Door, amina: Colleague, sam: Person, link: str) -> None:
    page = shares(console.as_(amina), sam, {"lead-title": "Baker", "lead-url": link})
    assert "Enter a web link that starts with https://" in page
    assert leads_of(console, sam) == []


def test_a_link_that_a_board_gave_is_followed_only_if_it_is_a_web_link(
    console: Door, amina: Colleague, sam: Person
) -> None:
    with console.caseload.transaction() as case:
        case.leads.share(
            case.clients.find(sam.id), case.staff.get(amina.id), title="Trap", url="javascript:alert(1)"
        )
    page = console.as_(amina).text(f"/clients/{sam.id}")
    assert 'href="javascript' not in page
    assert "Link that cannot be opened" in page


def test_amina_corrects_a_job_and_what_it_said_stays_under_it(
    console: Door, amina: Colleague, sam: Person, baker: str
) -> None:
    form = corrections(console.as_(amina), sam, baker)
    assert 'value="£12 an hour"' in form.text
    status, page = form.sends(**BAKER | {"pay_text": "£13 an hour", "place": ""})
    assert status == 303
    assert "What it said before is kept under it." in page
    assert "Pay: <bdi>£12 an hour</bdi>" in page
    assert "Place: <bdi>Northside</bdi>" in page
    lead = lead_of(console, sam)
    assert (lead.title, lead.pay_text, lead.place, lead.status) == ("Baker", "£13 an hour", None, "shared")
    assert actions_about(console, sam) == ["lead corrected"]


def test_a_job_is_two_presses_from_being_corrected_or_taken_back(
    console: Door, amina: Colleague, sam: Person, baker: str
) -> None:
    browser = console.as_(amina)
    page = browser.text(f"/clients/{sam.id}")
    for kind, press in (("lead_facts", "Save the changes"), ("lead_back", "Take the job back")):
        link = f"/clients/{sam.id}?edit={kind}-{baker}"
        assert f'href="{link}#lead-{baker}"' in page
        assert press not in page
        assert press in browser.text(link)


def test_the_same_correction_sent_twice_is_one(
    console: Door, amina: Colleague, sam: Person, baker: str
) -> None:
    form = corrections(console.as_(amina), sam, baker)
    for _ in range(2):
        status, page = form.sends(**BAKER | {"title": "Night baker"})
        assert (status, "The job is saved." in page) == (303, True)
    assert len(lead_of(console, sam).events) == 2
    assert actions_about(console, sam) == ["lead corrected"]


def test_a_job_needs_its_title_when_it_is_corrected(
    console: Door, amina: Colleague, sam: Person, baker: str
) -> None:
    status, page = corrections(console.as_(amina), sam, baker).sends(title=" ")
    assert (status, "What is the job?" in page) == (422, True)
    assert lead_of(console, sam).title == "Baker"


def test_who_opened_the_form_before_a_colleague_changed_the_job_is_told(
    console: Door, amina: Colleague, grace: Colleague, sam: Person, baker: str
) -> None:
    amina_at_it = console.as_(amina)
    hers = corrections(amina_at_it, sam, baker)
    corrections(console.as_(grace), sam, baker).sends(**BAKER | {"title": "Night baker"})
    status, page = hers.sends(**BAKER | {"pay_text": "£13 an hour"})
    assert (status, "A colleague or the client changed this meanwhile" in page) == (409, True)
    assert "Night baker" in page
    assert 'value="£13 an hour"' in page
    assert lead_of(console, sam).pay_text == "£12 an hour"
    # Pressed again, with what is now before their eyes, it is saved.
    again = re.search(f'name="{hers.key}-version"[^>]*value="(\\d+)"', page)
    assert again
    assert hers.sends(**BAKER | {"pay_text": "£13 an hour", "version": again[1]})[0] == 303
    assert lead_of(console, sam).pay_text == "£13 an hour"


def test_a_job_that_sam_has_seen_says_that_he_saw_it_as_it_was(
    console: Door, amina: Colleague, sam: Person, baker: str
) -> None:
    sees_it(console, sam, baker)
    browser = console.as_(amina)
    assert "seen by the client as it was before" not in browser.text(f"/clients/{sam.id}")
    _, page = corrections(browser, sam, baker).sends(**BAKER | {"place": "Southside"})
    assert "Sam has seen it as it was before. Tell Sam what changed." in page
    assert "seen by the client as it was before" in page


@pytest.mark.parametrize("why", ["withdrawn", "closed_by_employer", "expired"])
def test_a_job_that_is_taken_back_is_offered_no_more_and_stays_on_the_page(
    console: Door, amina: Colleague, sam: Person, baker: str, why: str
) -> None:
    status, page = taking_back(console.as_(amina), sam, baker).sends(why=why)
    assert (status, "The bot does not offer this job any more. Sam has not seen it." in page) == (303, True)
    assert "Taken back" in page
    with console.caseload.reading() as case:
        client = case.clients.find(sam.id)
        assert case.leads.next_for(client) is None
        assert case.leads.open_for(client) == []
        assert [lead.status for lead in case.leads.all_for(client)] == [why]
    assert actions_about(console, sam) == ["lead taken back"]


def test_a_reason_that_nobody_offers_is_refused(
    console: Door, amina: Colleague, sam: Person, baker: str
) -> None:
    assert taking_back(console.as_(amina), sam, baker).sends(why="accepted")[0] == 422
    assert lead_of(console, sam).status == "shared"


def test_when_sam_has_said_yes_amina_is_told_to_tell_him_and_it_still_waits_for_her(
    console: Door, amina: Colleague, sam: Person, baker: str
) -> None:
    sees_it(console, sam, baker)
    says(console, sam, baker, "interested")
    browser = console.as_(amina)
    _, page = taking_back(browser, sam, baker).sends(why="closed_by_employer")
    assert "Sam said yes to it: tell Sam yourself." in page
    inbox = browser.text("/")
    assert "Is interested in a job" in inbox
    assert "Taken back: the employer has closed it" in inbox
    assert [event.to_status for event in lead_of(console, sam).events] == [
        "shared", "interested", "closed_by_employer",
    ]  # fmt: skip


def test_sam_says_yes_while_amina_has_the_form_open_and_she_hears_of_it_first(
    console: Door, amina: Colleague, sam: Person, baker: str
) -> None:
    form = taking_back(console.as_(amina), sam, baker)
    says(console, sam, baker, "interested")
    status, page = form.sends(why="withdrawn")
    assert (status, "A colleague or the client changed this meanwhile" in page) == (409, True)
    assert lead_of(console, sam).status == "interested"


@pytest.mark.parametrize("status", ["preparing", "applied", "interview_invited", "offered", "accepted"])
def test_what_sam_has_applied_for_is_his_and_is_not_taken_back(
    console: Door, amina: Colleague, sam: Person, baker: str, status: str
) -> None:
    browser = console.as_(amina)
    form = taking_back(browser, sam, baker)
    with console.caseload.transaction() as case:
        case.leads.get_for_client(case.clients.find(sam.id), baker).status = status
    assert f"edit=lead_back-{baker}" not in browser.text(f"/clients/{sam.id}")
    _, page = form.sends(why="withdrawn")
    assert "or the client works on it already. Nothing was changed." in page
    assert lead_of(console, sam).status == status


def test_what_was_taken_back_by_mistake_is_offered_again_as_it_stood(
    console: Door, amina: Colleague, sam: Person, baker: str
) -> None:
    says(console, sam, baker, "interested")
    browser = console.as_(amina)
    taking_back(browser, sam, baker).sends(why="withdrawn")
    for _ in range(2):
        answer = browser.post(f"/clients/{sam.id}/leads/{baker}/offer-again", follow=True)
        assert "The job is on offer again." in answer.text
    assert lead_of(console, sam).status == "interested"
    assert actions_about(console, sam) == ["lead offered again", "lead taken back"]


def test_taken_back_twice_is_once(console: Door, amina: Colleague, sam: Person, baker: str) -> None:
    form = taking_back(console.as_(amina), sam, baker)
    assert [form.sends(why="expired")[0] for _ in range(2)] == [303, 303]
    assert len(lead_of(console, sam).events) == 2
    assert actions_about(console, sam) == ["lead taken back"]


def test_a_job_of_another_client_is_not_changed_through_sams_page(
    console: Door, amina: Colleague, piotr: Colleague, sam: Person, jo: Person, baker: str
) -> None:
    with console.caseload.transaction() as case:
        other = case.leads.share(case.clients.find(jo.id), case.staff.get(piotr.id), title="Driver").id
    browser = console.as_(amina)
    for path in ("", "/take-back", "/offer-again"):
        assert browser.post(f"/clients/{sam.id}/leads/{other}{path}").status_code == 404
