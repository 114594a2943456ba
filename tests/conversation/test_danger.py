"""Danger is answered at the door: whoever has the chat, whatever is open, without dialogue or network."""

from __future__ import annotations

import pytest

from bot.clock import FixedClock
from bot.conversation import ownership
from tests.conversation.office import ClientPhone, FakeDialogue, FakePhones, Office, linked
from tests.people import Colleague

CRISIS = "I want to kill myself"


def _is_answered(office: Office, who: ClientPhone) -> bool:
    return any("999" in text for text in who.reads) and office.outcomes()[-1] == ("done", "safety:crisis")


def test_a_crisis_gets_the_numbers_a_human_and_no_turn(
    sam: ClientPhone, office: Office, dialogue: FakeDialogue
) -> None:
    sam.asks(CRISIS)
    assert _is_answered(office, sam)
    assert dialogue.turns == []
    [handoff] = office.rows("handoffs")
    assert (handoff["reason"], handoff["urgency"]) == ("safety", "now")
    [event] = office.rows("safety_events")
    assert (event["route"], event["acknowledged_at"]) == ("crisis", None)
    assert CRISIS not in str(office.rows("safety_events"))


@pytest.mark.parametrize("how", ["text", "edited", "caption", "long"])
def test_it_is_read_wherever_it_is_written(sam: ClientPhone, office: Office, how: str) -> None:
    if how == "edited":
        sam.edits(CRISIS)
    elif how == "caption":
        sam.sends({"photo": [{"file_id": "f", "file_unique_id": "u"}], "caption": CRISIS})
    else:
        sam.says(CRISIS if how == "text" else f"{'I am so tired of this. ' * 120}{CRISIS}")
    office.settle()
    assert _is_answered(office, sam)


def test_it_is_answered_while_amina_has_the_chat(sam: ClientPhone, office: Office, amina: Colleague) -> None:
    with office.caseload.transaction() as case:
        seen = case.conversations.lock(sam.conversation_id).epoch
        ownership.take_over(case, office.words, case.staff.get(amina.id), sam.conversation_id, seen)
    sam.asks(CRISIS)
    assert _is_answered(office, sam)
    assert CRISIS in [row["text"] for row in office.rows("messages") if row["author"] == "client"]


@pytest.mark.parametrize("consent", [None, False], ids=["not asked yet", "said no"])
def test_it_is_answered_without_consent(office: Office, amina: Colleague, consent: bool | None) -> None:
    leila = linked(office, "leila", "Leila Haddad", amina, consent=consent)
    leila.asks(CRISIS)
    assert _is_answered(office, leila)
    assert [row["reason"] for row in office.rows("handoffs")] == ["safety"]


def test_it_is_answered_when_sam_has_stopped_all_messages(sam: ClientPhone, office: Office) -> None:
    with office.caseload.transaction() as case:
        case.preferences.stop(case.clients.for_conversation(sam.conversation_id))
    sam.asks(CRISIS)
    assert _is_answered(office, sam)


def test_it_waits_behind_nothing(
    sam: ClientPhone, office: Office, dialogue: FakeDialogue, phones: FakePhones
) -> None:
    dialogue.thinking = True
    for number in range(4):
        sam.says(f"word {number}")
    sam.says(CRISIS)
    office.waits_until(lambda: sam.reads, 5)
    assert "999" in " ".join(sam.reads)
    dialogue.thinking = False
    office.settle()
    assert sorted(turn.text or "" for turn in dialogue.turns) == [f"word {number}" for number in range(4)]


def test_words_in_pieces_are_put_together(sam: ClientPhone, office: Office) -> None:
    office.shut()
    for piece in ("i want to", "kill", "myself"):
        sam.says(piece)
    office.open()
    office.settle()
    assert "999" in " ".join(sam.reads)


def test_the_same_update_again_opens_no_second_alarm(sam: ClientPhone, office: Office) -> None:
    update = {"update_id": 3, "message": sam.message({"text": CRISIS})}
    office.receive(update)
    office.receive(update)
    office.settle()
    assert len(office.rows("safety_events")) == 1
    assert office.rows("handoffs")[0]["asked_count"] == 1


def test_the_buttons_under_it_work_while_amina_has_the_chat(
    sam: ClientPhone, office: Office, amina: Colleague, dialogue: FakeDialogue
) -> None:
    sam.asks(CRISIS)
    labels = [label for bubble in sam.bubbles for label in bubble.labels]
    assert labels
    with office.caseload.transaction() as case:
        seen = case.conversations.lock(sam.conversation_id).epoch
        ownership.take_over(case, office.words, case.staff.get(amina.id), sam.conversation_id, seen)
    office.settle()
    before = len(sam.reads)
    sam.presses(labels[0])
    office.settle()
    assert len(sam.reads) > before
    assert office.outcomes()[-1] == ("done", "safety follow-up")
    assert dialogue.turns == []


def test_no_reminder_follows_a_crisis_until_a_human_has_looked(
    sam: ClientPhone, office: Office, amina: Colleague, clock: FixedClock
) -> None:
    sam.asks(CRISIS)
    before = len(sam.reads)
    with office.caseload.transaction() as case:
        client = case.clients.for_conversation(sam.conversation_id)
        case.appointments.arrange(
            client, case.staff.get(amina.id), clock.now().replace(day=26, hour=14),
            minutes=45, mode="office", place=None, purpose=None,
        )  # fmt: skip
    clock.set(clock.now().replace(day=26, hour=12, minute=0))
    office.timers.ring_due()
    office.settle()
    assert len(sam.reads) == before
