"""A detector raises: the ordinary turn goes on, and a human is told."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest

from bot.caseload.store import Caseload
from bot.clock import FixedClock
from bot.conversation import escalation
from bot.conversation.danger import Danger
from bot.conversation.wording import Wording
from bot.safety.content import SafetyContent
from bot.safety.routes import Finding
from bot.safety.screen import Screen
from tests.conversation.office import ClientPhone, FakeDialogue, FakePhones, Office, linked
from tests.people import Colleague, hired


class _Unheard(Exception):
    """Of no type that anybody expects."""


class _Broken:
    name = "broken"

    def find(self, text: str) -> Sequence[Finding]:
        raise _Unheard(text)


def test_a_screen_that_fails_stops_no_turn_and_a_human_is_told_once_an_hour(
    caseload: Caseload, words: Wording, content: SafetyContent, amina: Colleague, clock: FixedClock
) -> None:
    dialogue, phones = FakeDialogue(), FakePhones()
    danger = Danger(Screen([_Broken()]), content)
    with Office(caseload, words, danger, dialogue, phones, "demo") as office:
        sam = linked(office, "sam", "Sam Okoro", amina)
        for text in ("hello", "one", "two"):
            assert sam.asks(text) == [f"You said: {text}"]
        [handoff] = office.rows("handoffs")
        assert (handoff["reason"], handoff["urgency"], handoff["asked_count"]) == ("screen_failed", "now", 1)
        clock.set(clock.now() + timedelta(minutes=61))
        sam.asks("three")
        assert office.rows("handoffs")[0]["asked_count"] == 2


def test_at_three_in_the_morning_a_screen_that_fails_rings_whoever_is_on_duty(
    caseload: Caseload, words: Wording, content: SafetyContent, amina: Colleague, clock: FixedClock
) -> None:
    dot = hired(caseload, "northside", "Dot Yule", "duty")
    clock.set(datetime(2026, 11, 25, 3, 0, tzinfo=UTC))
    danger = Danger(Screen([_Broken()]), content)
    with Office(caseload, words, danger, FakeDialogue(), FakePhones(), "demo") as office:
        sam = linked(office, "sam", "Sam Okoro", amina)
        for text in ("hello", "one"):
            assert sam.asks(text) == [f"You said: {text}"]
        assert {row["staff_id"] for row in office.rows("alerts")} == {amina.id, dot.id}
        [event] = office.rows("safety_events")
        assert (event["kind"], event["route"]) == ("screen_failed", "soft")
        with caseload.transaction() as case:
            client, staff = case.clients.for_conversation(sam.conversation_id), case.staff.get(dot.id)
            assert case.safety_events.paused_since(client) is None
            shown = escalation.danger_shown(case, client)
            assert escalation.acknowledge_and_say(case, content, staff, client, shown)
        office.settle()
        assert sam.reads[-1] == "You said: one"


def test_a_screen_that_fails_for_a_stranger_is_logged_and_the_stranger_is_answered(
    caseload: Caseload, words: Wording, content: SafetyContent, capsys: pytest.CaptureFixture[str]
) -> None:
    danger = Danger(Screen([_Broken()]), content)
    with Office(caseload, words, danger, FakeDialogue(), FakePhones(), "demo") as office:
        stranger = ClientPhone(office, "9000000001", None)
        assert len(stranger.asks("my secret words")) == 1
        assert office.rows("handoffs") == []
    written = capsys.readouterr()
    logged = written.out + written.err
    assert "safety screen failed" in logged
    assert "my secret words" not in logged


def test_shortly_before_closing_a_screen_that_fails_rings_amina_now_and_not_in_the_morning(
    caseload: Caseload, words: Wording, content: SafetyContent, amina: Colleague, clock: FixedClock
) -> None:
    clock.set(datetime(2026, 11, 25, 16, 50, tzinfo=UTC))
    danger = Danger(Screen([_Broken()]), content)
    with Office(caseload, words, danger, FakeDialogue(), FakePhones(), "demo") as office:
        sam = linked(office, "sam", "Sam Okoro", amina)
        assert sam.asks("hello") == ["You said: hello"]
        assert [row["staff_id"] for row in office.rows("alerts")] == [amina.id]
