"""Who is told that a client waits, one after the other, in working hours only, until somebody sees to it."""

from __future__ import annotations

from dataclasses import dataclass

import structlog

from bot.caseload.absences import enabled
from bot.caseload.alerts import WAIT, channels_of, is_waiting
from bot.caseload.models.people import Client, Staff
from bot.caseload.models.queues import Timer
from bot.caseload.store import Case
from bot.caseload.waits import LOOK_AGAIN, NO_CONSULTANT, round_of

logger = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Waiting:
    """The ladder of a client who waits; `by_mail` says whether this install can send mail."""

    by_mail: bool = False

    def ring(self, case: Case, timer: Timer) -> None:
        """Tell the people of a step, unless somebody sees to it; put it off while nobody is at work."""
        # Not locked: who answers holds it and waits for us. An alert too late is dropped by its sender.
        handoff = case.handoffs.find(str(timer.payload["handoff"]))
        if handoff is None or not is_waiting(handoff) or round_of(handoff) != timer.payload["round"]:
            return
        step, now = str(timer.payload["step"]), case.clock.now()
        # Hours and absences may have changed since it was set.
        due_at = case.waits.due_at(handoff, step)
        if due_at is None or due_at > now:
            case.timers.put_off(timer, due_at or now + LOOK_AGAIN)
            return
        hours = case.services.honest_time(handoff.client)
        if not hours.in_hours:
            case.timers.put_off(timer, hours.next_start or now + LOOK_AGAIN)
            return
        # Whoever covers cannot give the client another consultant.
        to_leads = handoff.reason == NO_CONSULTANT
        people = leads_of(case, handoff.client) if to_leads else people_of(case, handoff.client, step)
        if not people and step == "opened":
            logger.error("there is nobody to tell", handoff_id=handoff.id)
        for staff in people:
            again = f"{round_of(handoff)}:"
            ways = channels_of(staff, by_mail=self.by_mail)
            case.alerts.queue(handoff, staff, step, ways, again, about=WAIT)


def people_of(case: Case, client: Client, step: str) -> list[Staff]:
    """Return whose turn a step is: whoever reads for the client, then their cover, then the leads."""
    reader = case.working_time.stands_in(client)
    if step in {"opened", "reminder"}:
        return [reader] if reader else leads_of(case, client)
    if step == "cover":
        cover = enabled(client.cover)
        return [cover] if cover and cover is not reader and not case.absences.is_away(cover) else []
    return leads_of(case, client)


def leads_of(case: Case, client: Client, but: Staff | None = None) -> list[Staff]:
    """Return the leads of the client's service, else its managers; those who are at work, if any is."""
    for role in ("lead", "manager"):
        found = [one for one in case.staff.with_role(client.service, role) if one is not but]
        if present := [one for one in found if not case.absences.is_away(one)]:
            return present
    return [one for one in case.staff.with_role(client.service, "lead", "manager") if one is not but]
