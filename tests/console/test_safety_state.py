"""Somebody may be in danger: who was told, who is on it, and when may messages start again?"""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.caseload.alerts import STUCK_AFTER
from bot.conversation.escalation import Escalation, danger_shown
from tests.console.conftest import Door
from tests.people import Colleague, Person, enrolled, hired

#: Cover, duty lead, everyone, and all of them again when the service opens next.
STEPS_TO_COME = 4
DUTY_SECRET = "MFRGGZDFMZTWQ2LKMFRGGZDFMZTWQ2LK"


@pytest.fixture
def dot(console: Door) -> Colleague:
    """Somebody on duty in Amina's service."""
    return hired(console.caseload, "northside", "Dot Yule", "duty", DUTY_SECRET)


def cries(who: Person, kind: str = "suicidal") -> str:
    """Raise the alarm as the safety screen does; returns the handoff's id."""
    who.says("I want to kill myself")
    with who.caseload.transaction() as case:
        client = case.clients.find(who.id)
        handoff = case.handoffs.open(client, "", "safety", urgency="now").handoff
        Escalation().start(case, handoff)
        case.safety_events.record(
            client=client, conversation_id=who.conversation_id, handoff_id=handoff.id, inbox_seq=1,
            route="crisis", kind=kind, detectors=("rules:test",), content_version="1",
        )  # fmt: skip
        return handoff.id


def seen(who: Person) -> dict[str, str]:
    """What a page that is opened now sends with each form: the danger that it shows."""
    with who.caseload.reading() as case:
        return {"danger_seen": danger_shown(case, case.clients.find(who.id))}


def told(who: Person) -> list[str]:
    """What Sam was told by the safety layer."""
    with who.caseload.reading() as case:
        conversation = case.conversations.find(who.conversation_id)
        assert conversation is not None
        return [one.text for one in case.transcript.newest(conversation) if one.author == "safety"]


def alarms(console: Door) -> int:
    with console.caseload.reading() as case:
        return sum(1 for _ in case.timers.waiting("escalate:"))


def test_every_page_says_that_somebody_may_be_in_danger(console: Door, amina: Colleague, sam: Person) -> None:
    browser = console.as_(amina)
    assert "may be in danger. Nobody is on it yet" not in browser.text("/clients")
    handoff_id = cries(sam)
    for path in ("/", "/clients", f"/clients/{sam.id}", f"/conversations/{sam.conversation_id}", "/alerts"):
        page = browser.text(path)
        assert "1 person may be in danger. Nobody is on it yet." in page, path
        assert f'href="/handoffs/{handoff_id}"' in page, path
        assert "<title>(1 urgent)" in page, path
        assert 'aria-live="assertive"' in page, path


def test_an_open_page_learns_of_it(console: Door, amina: Colleague, sam: Person) -> None:
    browser = console.as_(amina)
    before = browser.get("/urgent").json
    cries(sam)
    after = browser.get("/urgent").json
    assert before and after
    assert (before["count"], after["count"]) == (0, 1)
    assert before["state"] != after["state"]
    assert "may be in danger" in after["banner"]
    assert "Sam" not in after["banner"]


def test_piotr_is_not_shown_that_aminas_client_is_in_danger(
    console: Door, piotr: Colleague, sam: Person
) -> None:
    cries(sam)
    assert "may be in danger. Nobody" not in console.as_(piotr).text("/")


def test_asking_whether_somebody_is_in_danger_keeps_nobody_signed_in(
    console: Door, amina: Colleague, sam: Person
) -> None:
    browser = console.as_(amina)
    for _ in range(4):
        console.clock.advance(minutes=9)
        assert browser.get("/urgent").status_code in {200, 302}
    assert browser.get("/clients").status_code == 302


def test_the_link_of_an_alert_opens_the_chat_after_signing_in(
    console: Door, amina: Colleague, sam: Person
) -> None:
    handoff_id = cries(sam)
    console.has_password(amina)
    browser = console.someone()
    sent_away = browser.get(f"/handoffs/{handoff_id}")
    assert f"next=/handoffs/{handoff_id}" in sent_away.headers["Location"]
    signed_in = browser.gives_password(amina.email, wanted=f"/handoffs/{handoff_id}")
    assert signed_in.headers["Location"] == f"/handoffs/{handoff_id}"
    assert browser.get(f"/handoffs/{handoff_id}").headers["Location"].endswith(sam.conversation_id)


def test_amina_says_that_she_is_on_it(console: Door, amina: Colleague, sam: Person) -> None:
    handoff_id = cries(sam)
    browser = console.as_(amina)
    assert "I am on it" in browser.text("/")
    assert alarms(console) == STEPS_TO_COME
    page = browser.post(f"/handoffs/{handoff_id}/acknowledge", seen(sam), follow=True).text
    assert "You are on it. The alerts have stopped." in page
    assert "Amina is on it since 10am." in page
    assert alarms(console) == 0
    assert told(sam) == ["Amina is on it."]
    assert "may be in danger. Nobody" not in browser.text("/")


def test_two_people_are_on_it_and_sam_is_told_once(
    console: Door, amina: Colleague, grace: Colleague, sam: Person
) -> None:
    handoff_id = cries(sam)
    second = console.as_(grace)
    console.as_(amina).post(f"/handoffs/{handoff_id}/acknowledge", seen(sam))
    page = second.post(f"/handoffs/{handoff_id}/acknowledge", seen(sam), follow=True).text
    assert "Somebody is on it for Sam already." in page
    assert told(sam) == ["Amina is on it."]


def test_the_inbox_says_how_far_the_alert_went(console: Door, amina: Colleague, sam: Person) -> None:
    cries(sam)
    page = console.as_(amina).text("/")
    assert "Amina alerted 10am in Foothold." in page
    assert "Seen by nobody yet." in page
    assert "Next: the cover, and the consultant again at 10:05am, the duty lead at 10:10am" in page


def test_it_says_which_way_did_not_work(console: Door, amina: Colleague, sam: Person) -> None:
    with console.caseload.transaction() as case:
        staff = case.staff.get(amina.id)
        staff.alert_bot_id, staff.alert_chat_id = "7000000001", "6000000001"
    cries(sam)
    browser = console.as_(amina)
    assert "On its way by Telegram." in browser.text("/")
    with console.caseload.transaction() as case:
        [alert] = case.alerts.claim("worker", "telegram", 9)
        case.alerts.give_up(alert, "ChatUnreachable")
    assert "Not delivered by Telegram: please phone." in browser.text("/")


def test_dealing_with_it_stops_the_alerts_too(console: Door, amina: Colleague, sam: Person) -> None:
    handoff_id = cries(sam)
    console.as_(amina).post(f"/handoffs/{handoff_id}/close", seen(sam))
    assert alarms(console) == 0


@pytest.mark.parametrize("how", ["reply", "take-over"])
def test_replying_or_taking_the_chat_is_being_on_it(
    console: Door, amina: Colleague, sam: Person, how: str
) -> None:
    cries(sam)
    browser = console.as_(amina)
    data = {"text": "I am here.", "form_key": "a" * 32} if how == "reply" else {"epoch": "1"}
    data |= seen(sam)
    assert browser.post(f"/conversations/{sam.conversation_id}/{how}", data).status_code == 303
    assert alarms(console) == 0
    assert told(sam) == []


def test_the_pause_lasts_until_somebody_clears_it_in_two_steps(
    console: Door, amina: Colleague, sam: Person
) -> None:
    handoff_id = cries(sam)
    browser = console.as_(amina)
    browser.post(f"/handoffs/{handoff_id}/acknowledge", seen(sam))
    console.clock.advance(minutes=20)
    for path in (f"/clients/{sam.id}", f"/conversations/{sam.conversation_id}"):
        assert "Paused since Wednesday 25 November at 10am, after a safety message" in browser.text(path)
    step = browser.text(f"/clients/{sam.id}/start-again")
    assert "reminders of appointments" in step
    with console.caseload.reading() as case:
        assert case.safety_events.paused_since(case.clients.find(sam.id)) is not None
    page = browser.post(f"/clients/{sam.id}/start-again", seen(sam), follow=True).text
    assert "The bot may start messages to Sam again." in page
    assert "Paused since" not in page
    with console.caseload.reading() as case:
        assert case.safety_events.paused_since(case.clients.find(sam.id)) is None
    assert (
        "A colleague had done this already."
        in browser.post(f"/clients/{sam.id}/start-again", seen(sam), follow=True).text
    )


def test_a_duty_lead_sees_only_who_is_in_danger(
    console: Door, amina: Colleague, piotr: Colleague, dot: Colleague, sam: Person, jo: Person
) -> None:
    jo.asks("Can I keep my benefit?")
    browser = console.as_(dot)
    for path in (f"/clients/{sam.id}", f"/conversations/{sam.conversation_id}", f"/clients/{jo.id}"):
        assert browser.get(path).status_code == 404
    handoff_id = cries(sam)
    assert browser.get(f"/conversations/{sam.conversation_id}").status_code == 200
    assert browser.get(f"/clients/{jo.id}").status_code == 404
    inbox = browser.text("/")
    assert "Sam Okoro" in inbox
    assert "Jo Lind" not in inbox
    assert browser.get("/not-understood").status_code == 403
    browser.post(f"/handoffs/{handoff_id}/acknowledge", seen(sam))
    assert told(sam) == ["Dot is on it."]
    assert browser.get(f"/conversations/{sam.conversation_id}").status_code == 200
    browser.post(f"/handoffs/{handoff_id}/close", seen(sam))
    assert browser.get(f"/conversations/{sam.conversation_id}").status_code == 404


def test_a_duty_lead_who_hands_back_lands_in_the_inbox(
    console: Door, amina: Colleague, dot: Colleague, sam: Person
) -> None:
    cries(sam)
    browser = console.as_(dot)
    browser.post(f"/conversations/{sam.conversation_id}/take-over", {"epoch": "1"} | seen(sam))
    answer = browser.post(f"/conversations/{sam.conversation_id}/hand-back")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/")


def test_somebody_on_duty_elsewhere_sees_nobody_here(console: Door, sam: Person) -> None:
    tia = hired(console.caseload, "kauri", "Tia Moana", "duty", DUTY_SECRET)
    handoff_id = cries(sam)
    browser = console.as_(tia)
    assert browser.get(f"/handoffs/{handoff_id}").status_code == 404
    assert browser.post(f"/handoffs/{handoff_id}/acknowledge").status_code == 404
    assert alarms(console) == STEPS_TO_COME


@pytest.mark.parametrize("who", ["piotr", "hana"])
def test_who_may_not_see_sam_cannot_stop_the_alerts(
    console: Door, piotr: Colleague, hana: Colleague, sam: Person, who: str
) -> None:
    handoff_id = cries(sam)
    browser = console.as_(piotr if who == "piotr" else hana)
    assert browser.post(f"/handoffs/{handoff_id}/acknowledge").status_code == 404
    assert browser.post(f"/clients/{sam.id}/start-again").status_code == 404
    assert alarms(console) == STEPS_TO_COME


def test_a_cover_is_on_it_like_the_consultant(console: Door, piotr: Colleague, sam: Person) -> None:
    with console.caseload.transaction() as case:
        case.clients.find(sam.id).cover_id = piotr.id
    handoff_id = cries(sam)
    console.as_(piotr).post(f"/handoffs/{handoff_id}/acknowledge", seen(sam))
    assert told(sam) == ["Piotr is on it."]


def test_the_longest_waiting_is_opened_first(console: Door, amina: Colleague, sam: Person) -> None:
    lee = enrolled(console.caseload, "lee", "Lee Park", amina)
    first = cries(lee)
    console.clock.advance(seconds=timedelta(minutes=1).total_seconds())
    cries(sam)
    page = console.as_(amina).text("/clients")
    assert "2 people may be in danger." in page
    assert f'href="/handoffs/{first}"' in page


# Danger that came after a page was opened.

LATER = "may be in danger and wrote after you opened that page."


@pytest.mark.parametrize("what", ["acknowledge", "close", "start-again"])
def test_what_amina_has_not_read_yet_she_cannot_deal_with(
    console: Door, amina: Colleague, sam: Person, what: str
) -> None:
    handoff_id = cries(sam)
    browser, shown = console.as_(amina), seen(sam)
    cries(sam)
    path = f"/clients/{sam.id}/start-again" if what == "start-again" else f"/handoffs/{handoff_id}/{what}"
    page = browser.post(path, shown, follow=True).text
    assert LATER in page
    assert "I want to kill myself" in page
    assert alarms(console) == STEPS_TO_COME
    assert told(sam) == []
    with console.caseload.reading() as case:
        client = case.clients.find(sam.id)
        assert case.safety_events.paused_since(client) is not None
        assert [one.is_open for one in case.handoffs.open_for(client)] == [True]
    page = browser.post(path, seen(sam), follow=True).text
    assert LATER not in page
    assert alarms(console) == 0


@pytest.mark.parametrize("how", ["reply", "take-over"])
def test_amina_speaks_to_sam_and_what_she_has_not_read_goes_on_alarming(
    console: Door, amina: Colleague, sam: Person, how: str
) -> None:
    cries(sam)
    browser = console.as_(amina)
    data = {"text": "I am here.", "form_key": "a" * 32} if how == "reply" else {"epoch": "1"}
    data |= seen(sam)
    cries(sam)
    page = browser.post(f"/conversations/{sam.conversation_id}/{how}", data, follow=True).text
    assert LATER in page
    assert alarms(console) == STEPS_TO_COME
    assert ("I am here." in page) == (how == "reply")


def test_an_open_page_learns_of_the_danger_that_it_shows_now(
    console: Door, amina: Colleague, sam: Person
) -> None:
    cries(sam)
    browser = console.as_(amina)
    first = browser.get(f"/conversations/{sam.conversation_id}/updates?after=0").json["danger"]
    cries(sam)
    second = browser.get(f"/conversations/{sam.conversation_id}/updates?after=0").json["danger"]
    assert first != second == seen(sam)["danger_seen"]


def test_an_alert_that_does_not_get_through_says_so(console: Door, amina: Colleague, sam: Person) -> None:
    with console.caseload.transaction() as case:
        staff = case.staff.get(amina.id)
        staff.alert_bot_id, staff.alert_chat_id = "7000000001", "6000000001"
    cries(sam)
    with console.caseload.transaction() as case:
        [alert] = case.alerts.claim("worker", "telegram", 9)
        alert.attempts = STUCK_AFTER
        case.alerts.retry(alert, "NotSent")
    assert "On its way by Telegram. It does not get through: please phone." in console.as_(amina).text("/")
