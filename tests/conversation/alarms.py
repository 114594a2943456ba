"""Whom an alarm has reached, and what lets it rest: for the tests of escalation."""

from __future__ import annotations

from bot.clock import FixedClock
from bot.conversation import escalation
from bot.safety.content import SafetyContent
from tests.conversation.office import ClientPhone, Office
from tests.people import Colleague


def alerted(office: Office) -> list[str]:
    """Who was alerted, in which step, in order."""
    names = {row["id"]: row["name"].split()[0] for row in office.rows("staff")}
    return [f"{names[row['staff_id']]}: {row['step']}" for row in office.rows("alerts")]


def after(office: Office, clock: FixedClock, **delta: float) -> list[str]:
    """Let time pass, and return who was alerted meanwhile."""
    before = len(alerted(office))
    clock.advance(**delta)
    office.timers.ring_due()
    return alerted(office)[before:]


def is_on_it(office: Office, who: Colleague, client: ClientPhone) -> bool:
    with office.caseload.transaction() as case:
        staff, sam = case.staff.get(who.id), case.clients.for_conversation(client.conversation_id)
        shown = escalation.danger_shown(case, sam)
        first = escalation.acknowledge_and_say(case, SafetyContent.load(), staff, sam, shown)
    office.settle()
    return first
