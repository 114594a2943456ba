"""The bot names whoever really meets Sam, and whoever really reads what was passed on."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.clock import FixedClock
from bot.conversation.announcing import announce_appointment
from tests.conversation.office import ClientPhone, FakeDialogue, Office
from tests.conversation.test_reminders import LABELS, MEETING, arranges, presses, rings_at
from tests.conversation.test_waiting import at, is_away
from tests.people import Colleague

PIOTR_READS = "Amina is away until Monday 30 November. Piotr reads your messages."


def test_sam_is_reminded_of_a_meeting_with_grace_by_her_name(
    sam: ClientPhone, office: Office, clock: FixedClock, grace: Colleague
) -> None:
    arranges(office, sam, grace)
    rings_at(office, clock, MEETING - timedelta(days=1))
    assert "You are meeting Grace on Friday 27 November at 2:30pm, the library." in sam.reads[-1]
    assert "Amina" not in sam.reads[-1]


@pytest.mark.parametrize("decision", ["confirmed", "declined", "not_moved", "changed"])
def test_what_is_decided_about_a_meeting_with_grace_names_grace(
    sam: ClientPhone, office: Office, grace: Colleague, decision: str
) -> None:
    meeting = arranges(office, sam, grace)
    with office.caseload.transaction() as case:
        client = case.clients.for_conversation(sam.conversation_id)
        appointment = case.appointments.get_for_client(client, meeting)
        announce_appointment(case, office.words, appointment, decision)
    office.settle()
    assert "Hi Sam, Grace has" in sam.reads[-1]
    assert "Amina" not in sam.reads[-1]


@pytest.mark.parametrize(
    ("label", "told"),
    [
        (LABELS[1], "I have told Piotr that you cannot come"),
        (LABELS[2], "I have asked Piotr to help you get there"),
    ],
)
def test_an_answer_to_a_reminder_names_piotr_who_reads_while_amina_is_away(
    sam: ClientPhone, office: Office, clock: FixedClock, amina: Colleague, piotr: Colleague, label: str,
    told: str,
) -> None:  # fmt: skip
    arranges(office, sam, amina)
    is_away(office, amina, at(25, 0), at(28, 0), piotr)
    rings_at(office, clock, MEETING - timedelta(days=1))
    said = presses(office, sam, label)
    assert said.startswith(PIOTR_READS)
    assert told in said


def test_a_message_that_could_not_be_answered_names_piotr_who_reads_it(
    sam: ClientPhone, office: Office, dialogue: FakeDialogue, clock: FixedClock, amina: Colleague,
    piotr: Colleague,
) -> None:  # fmt: skip
    is_away(office, amina, at(25, 0), at(28, 0), piotr)
    dialogue.failures = 3
    sam.says("What jobs are there?")
    for _ in range(6):
        office.settle()
        clock.advance(seconds=2)
    assert sam.reads[-1].startswith(PIOTR_READS)
    assert "I have told Piotr." in sam.reads[-1]
