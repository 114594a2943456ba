"""Who covers for Sam's consultant, set in the console, and what it changes."""

from __future__ import annotations

import pytest

from bot.conversation.escalation import Escalation
from bot.conversation.timers import TimerRunner
from bot.conversation.wording import Wording
from tests.console.conftest import Door
from tests.people import Colleague, Person, hired


def covers(console: Door, by: Colleague, sam: Person, cover: Colleague | None) -> int:
    typed = {"cover-cover": cover.id if cover else ""}
    return console.as_(by).post(f"/clients/{sam.id}/cover", typed).status_code


def rings(console: Door, words: Wording, **later: float) -> None:
    console.clock.advance(**later)
    TimerRunner(console.caseload, words).ring_due()


def told(console: Door, who: Colleague) -> list[str]:
    with console.caseload.reading() as case:
        return [one.step for one in reversed(case.alerts.to_staff(case.staff.get(who.id)))]


def test_the_cover_whom_amina_chose_is_told_when_sam_waits_long(
    console: Door, words: Wording, amina: Colleague, piotr: Colleague, sam: Person
) -> None:
    assert covers(console, amina, sam, piotr) == 303
    sam.asks("Can somebody ring me?", "person", "today")
    rings(console, words)
    assert (told(console, amina), told(console, piotr)) == (["opened"], [])
    rings(console, words, hours=4)
    assert told(console, piotr) == ["cover"]


def test_a_cover_who_is_chosen_while_sam_waits_is_told_too(
    console: Door, words: Wording, amina: Colleague, piotr: Colleague, sam: Person
) -> None:
    sam.asks("Can somebody ring me?", "person", "today")
    rings(console, words, hours=3)
    covers(console, amina, sam, piotr)
    rings(console, words, hours=1)
    assert told(console, piotr) == ["cover"]


def test_the_cover_is_alerted_after_five_minutes_when_sam_may_be_in_danger(
    console: Door, words: Wording, amina: Colleague, piotr: Colleague, sam: Person
) -> None:
    covers(console, amina, sam, piotr)
    with console.caseload.transaction() as case:
        opened = case.handoffs.open(case.clients.find(sam.id), "", "safety", "now")
        Escalation().start(case, opened.handoff)
    assert told(console, piotr) == []
    rings(console, words, minutes=5)
    assert told(console, piotr) == ["cover"]


def test_a_cover_has_sam_on_the_lists_until_somebody_else_covers(
    console: Door, grace: Colleague, amina: Colleague, piotr: Colleague, sam: Person
) -> None:
    page = console.as_(grace)
    covers(console, grace, sam, piotr)
    assert "covered by Piotr Nowak" in page.text(f"/clients/{sam.id}")
    assert "Sam Okoro" in console.as_(piotr).text("/clients")
    covers(console, grace, sam, None)
    assert "Sam Okoro" not in console.as_(piotr).text("/clients")
    with console.caseload.reading() as case:
        lines = [one.subject for one in case.audit.of_client(sam.id) if one.action == "cover set"]
    assert lines == [None, piotr.id]


def test_who_covers_does_not_choose_the_cover(
    console: Door, amina: Colleague, piotr: Colleague, sam: Person
) -> None:
    covers(console, amina, sam, piotr)
    assert "Change who covers" not in console.as_(piotr).text(f"/clients/{sam.id}")
    assert covers(console, piotr, sam, None) == 403


@pytest.mark.parametrize("who", ["herself", "hana", "duty"])
def test_only_a_colleague_who_can_have_clients_covers(
    console: Door, amina: Colleague, hana: Colleague, sam: Person, who: str
) -> None:
    dot = hired(console.caseload, "northside", "Dot Yule", "duty")
    chosen = {"herself": amina, "hana": hana, "duty": dot}[who]
    assert covers(console, amina, sam, chosen) == 422
    with console.caseload.reading() as case:
        assert case.clients.find(sam.id).cover_id is None
