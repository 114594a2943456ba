"""After danger the bot starts nothing to a client, whoever asks it to, until a human has cleared it."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest

from bot.clock import FixedClock
from bot.conversation import covering, later, linking, ownership, silence
from bot.conversation.internal import PUT_ASIDE, internal_turn
from bot.conversation.moving import TIMER as CONSULTANT_CHANGED
from bot.conversation.ownership import SPEAKS_FIRST, Resume
from integrations.telegram.parsing import parse
from tests.conversation.office import ClientPhone, FakeDialogue, Office
from tests.people import Colleague

CRISIS = "I want to kill myself"
MEETING = datetime(2026, 11, 27, 14, 30, tzinfo=UTC)


def is_cleared(office: Office, who: Colleague, client: ClientPhone) -> None:
    with office.caseload.transaction() as case:
        sam = case.clients.for_conversation(client.conversation_id)
        case.safety_events.clear(case.staff.get(who.id), sam)


def test_a_turn_of_our_own_is_not_taken_whoever_put_it_there(
    sam: ClientPhone, office: Office, dialogue: FakeDialogue, amina: Colleague
) -> None:
    sam.asks(CRISIS)
    before = len(dialogue.turns)
    with office.caseload.transaction() as case:
        chat = case.conversations.lock(sam.conversation_id)
        for intent in SPEAKS_FIRST.values():
            case.inbox.receive_internal(chat, internal_turn(intent))
        linking.welcome(case, chat)
    office.settle()
    assert dialogue.turns[before:] == []
    assert office.outcomes()[-1] == ("ignored", "danger is not cleared")
    is_cleared(office, amina, sam)
    with office.caseload.transaction() as case:
        linking.welcome(case, case.conversations.lock(sam.conversation_id))
    office.settle()
    assert [turn.intent for turn in dialogue.turns[before:]] == ["EXTERNAL_client_linked"]


def test_a_form_is_put_aside_all_the_same(sam: ClientPhone, office: Office, dialogue: FakeDialogue) -> None:
    sam.asks(CRISIS)
    with office.caseload.transaction() as case:
        case.inbox.receive_internal(case.conversations.lock(sam.conversation_id), internal_turn(PUT_ASIDE))
    office.settle()
    assert dialogue.turns[-1].intent == PUT_ASIDE


def test_amina_hands_back_where_it_was_and_no_form_goes_on(
    sam: ClientPhone, office: Office, dialogue: FakeDialogue, amina: Colleague
) -> None:
    sam.asks(CRISIS)
    with office.caseload.transaction() as case:
        staff, chat = case.staff.get(amina.id), case.conversations.lock(sam.conversation_id)
        ownership.take_over(case, office.words, staff, chat.id, chat.epoch)
        ownership.hand_back(case, office.words, staff, chat.id, None, Resume.WHERE_IT_WAS)
    before = len(dialogue.turns)
    office.settle()
    assert dialogue.turns[before:] == []
    # What Sam starts is answered.
    assert sam.asks("any jobs") == ["You said: any jobs"]


def test_no_timer_of_any_kind_writes_to_sam(
    sam: ClientPhone, office: Office, clock: FixedClock, amina: Colleague, grace: Colleague
) -> None:
    with office.caseload.transaction() as case:
        client, staff = case.clients.for_conversation(sam.conversation_id), case.staff.get(amina.id)
        chat = case.conversations.lock(sam.conversation_id)
        case.appointments.arrange(client, staff, MEETING, minutes=45, mode="office", place=None, purpose=None)
        case.handoffs.open(client, "Can I keep my benefit?", "question")
        later.write(
            case, staff, chat, "How did it go?", MEETING - timedelta(hours=4),
            although_stopped=False, form_key="b" * 32,
        )  # fmt: skip
        case.timers.set(
            f"{CONSULTANT_CHANGED}:sam", CONSULTANT_CHANGED, MEETING - timedelta(hours=4),
            client_id=client.id, payload={"before": grace.name, "to": amina.id},
        )  # fmt: skip
        silence.watch(case, chat)
        away = case.absences.add(staff, staff, MEETING - timedelta(hours=3), MEETING + timedelta(days=1))
        covering.plan(case, away)
    clock.advance(minutes=1)
    sam.asks(CRISIS)
    timers = office.rows("timers")
    # A new kind of timer needs its place here.
    assert {timer["kind"] for timer in timers} == office.timers.kinds
    before = len(sam.reads)
    clock.set(MEETING - timedelta(hours=1))
    while office.timers.ring_due():
        office.settle()
    assert sam.reads[before:] == []
    assert {row["status"] for row in office.rows("timers") if row["kind"] == CONSULTANT_CHANGED} == {"done"}


@pytest.mark.parametrize(("words", "route"), [(CRISIS, "crisis"), ("feeling really low today", None)])
def test_a_cry_that_could_not_be_taken_in_pauses_and_waits_for_review(
    sam: ClientPhone, office: Office, words: str, route: str | None
) -> None:
    update = {"update_id": 77, "message": sam.message({"text": words})}
    office.ingest.set_aside(parse(json.dumps(update), office.bot_id), "ValueError")
    assert [event["route"] for event in office.rows("safety_events")] == ([route] if route else [])
    with office.caseload.reading() as case:
        client = case.clients.for_conversation(sam.conversation_id)
        assert (case.safety_events.paused_since(client) is not None) == bool(route)
    if route:
        assert office.rows("safety_events")[0]["detectors"] == '["set_aside"]'
        assert len(office.rows("alerts")) == 1
