"""Somebody is away: the meetings in that time, and who covers is told of them when it begins."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from bot.caseload.models.hours import Absence
from bot.caseload.models.plan import Appointment
from bot.caseload.models.queues import Timer
from bot.caseload.store import Case
from bot.spoken import when_words

TIMER = "absence_begins"
#: The reason of a handoff: a meeting with somebody who is away.
COVERED = "covered_meeting"


def plan(case: Case, absence: Absence) -> list[Appointment]:
    """Let whoever covers be told when the absence begins; return the meetings in that time."""
    # Not before: until then they may not see these clients.
    due_at = max(absence.from_at, case.clock.now())
    case.timers.set(f"{TIMER}:{absence.id}", TIMER, due_at, payload={"absence": absence.id})
    return case.stranded.during(absence)


def call_off(case: Case, absence: Absence) -> None:
    """Undo it, when the absence ended early or was called off."""
    case.timers.cancel(f"{TIMER}:{absence.id}")
    for meeting in case.stranded.during(absence):
        for handoff in case.handoffs.open_for(meeting.client):
            if handoff.reason == COVERED and handoff.subject == _subject(meeting):
                case.handoffs.close_unasked(handoff, f"{absence.staff.name} is back")


def ring(case: Case, timer: Timer) -> None:
    """Put each meeting among what waits for whoever covers, and tell them once."""
    absence = case.absences.find(str(timer.payload["absence"]))
    if absence is None or not absence.holds(case.clock.now()):
        return
    handoffs = [
        case.handoffs.open(
            meeting.client, _words(absence, meeting), COVERED, "today", subject=_subject(meeting)
        ).handoff
        for meeting in case.stranded.during(absence)
    ]
    if handoffs:
        case.waits.tell_once(handoffs[0])


def _words(absence: Absence, meeting: Appointment) -> str:
    client, who = meeting.client, absence.staff.first_name
    zone = ZoneInfo(client.timezone)
    return (
        f"{client.preferred_name} is to meet {who} {when_words(meeting.starts_at, zone)}, and {who} is away "
        f"until {when_words(absence.until_at, zone)}. Go instead, or agree on another time."
    )


def _subject(meeting: Appointment) -> str:
    return f"appointment:{meeting.id}"
