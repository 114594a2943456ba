"""Waits: what is on its way to a human, and who is to be told when it takes long. In working time only."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, select

from bot.caseload.alerts import Alerts
from bot.caseload.models.conversation import Handoff
from bot.caseload.models.people import Client, Service, Staff
from bot.caseload.repository import OPEN, Repository
from bot.caseload.timers import Timers
from bot.caseload.working_time import WorkingTime

TIMER = "handoff_wait"
#: Reasons for which the client waits for a person to speak to them; the others only ask for a decision.
WAITS_FOR_A_PERSON = {"question", "person", "safety", "complaint", "moved", "travel"}
#: People are told about these; danger has its own ladder, and the rest is work of the day.
TOLD_ABOUT = (WAITS_FOR_A_PERSON - {"safety"}) | {
    "unreachable",
    "not_answered",
    "screen_failed",
    "appointment",
    "new_client",
}
#: The consultant has left, or has another role now: the leads are told, and find somebody.
NO_CONSULTANT = "no_consultant"
#: After how many minutes of working time each step comes, by urgency; 7.5 hours are a day's work.
MINUTES: Mapping[str, Mapping[str, float]] = {
    "now": {"opened": 0, "reminder": 30, "cover": 60, "lead": 120},
    "today": {"opened": 0, "reminder": 2 * 60, "cover": 4 * 60, "lead": 7.5 * 60},
    "routine": {"opened": 0, "reminder": 7.5 * 60, "cover": 15 * 60, "lead": 22.5 * 60},
}
#: When no end is in sight, it is looked again after this.
LOOK_AGAIN = timedelta(days=1)


class Waits(Repository):
    """Use-cases about handoffs that nobody has answered yet."""

    def start(self, handoff: Handoff) -> None:
        """Set the timers of a handoff that begins to wait; each step rings once."""
        if handoff.reason not in TOLD_ABOUT or handoff.status == "taken":
            return
        for step in MINUTES[handoff.urgency]:
            self._timers.set(
                f"{TIMER}:{handoff.id}:{round_of(handoff)}:{step}",
                TIMER,
                self.due_at(handoff, step) or self._now() + LOOK_AGAIN,
                client_id=handoff.client_id,
                payload={"handoff": handoff.id, "round": round_of(handoff), "step": step},
            )

    def tell_once(self, handoff: Handoff) -> None:
        """Tell of this handoff at the next moment in which somebody is at work, and then no more."""
        self._timers.set(
            f"{TIMER}:{handoff.id}:{round_of(handoff)}:opened",
            TIMER,
            self.due_at(handoff, "opened") or self._now() + LOOK_AGAIN,
            client_id=handoff.client_id,
            payload={"handoff": handoff.id, "round": round_of(handoff), "step": "opened"},
        )

    def stop(self, handoff: Handoff) -> None:
        """Ring no more, and send nothing that has not left yet: somebody sees to it."""
        self._timers.cancel(f"{TIMER}:{handoff.id}:")
        Alerts(self._session, self._clock).drop_waits(handoff)

    def set_anew(self, handoff: Handoff) -> None:
        """Set the timers anew for a changed urgency or changed hours; what has rung does not ring again."""
        self._timers.cancel(f"{TIMER}:{handoff.id}:")
        self.start(handoff)

    def set_anew_for(self, staff: Staff) -> None:
        """Set the timers anew of all who wait for this person, whose hours have changed."""
        self._set_anew_where(Client.consultant_id == staff.id)

    def set_anew_in(self, service: Service) -> None:
        """Set the timers anew of all who wait in a service whose hours or holidays have changed."""
        self._set_anew_where(Client.service_id == service.id)

    def set_anew_of(self, client: Client) -> None:
        """Set the timers anew of what one client waits for: whoever reads for them has changed."""
        query = select(Handoff).where(
            Handoff.client_id == client.id, Handoff.status.in_(OPEN), Handoff.reason.in_(TOLD_ABOUT)
        )
        for handoff in self._session.scalars(query).unique():
            self.set_anew(handoff)

    def due_at(self, handoff: Handoff, step: str) -> datetime | None:
        """Return when a step comes, as hours and absences are now; None: not in sight."""
        minutes = MINUTES[handoff.urgency][step]
        return WorkingTime(self._session, self._clock).after(handoff.client, handoff.waiting_since, minutes)

    def ahead_of(self, handoffs: Collection[Handoff]) -> dict[str, dict[str, datetime]]:
        """Return the steps that have not rung yet, with when they will: handoff id to steps."""
        clients = {handoff.client_id for handoff in handoffs}
        found: dict[str, dict[str, datetime]] = {}
        for timer in self._timers.waiting_for_clients(TIMER, clients):
            steps = found.setdefault(str(timer.payload["handoff"]), {})
            steps[str(timer.payload["step"])] = timer.due_at
        return found

    def _set_anew_where(self, which: ColumnElement[bool]) -> None:
        query = (
            select(Handoff)
            .join(Client, Client.id == Handoff.client_id)
            .where(which, Handoff.status.in_(OPEN), Handoff.reason.in_(TOLD_ABOUT))
        )
        for handoff in self._session.scalars(query).unique():
            self.set_anew(handoff)

    @property
    def _timers(self) -> Timers:
        return Timers(self._session, self._clock)


def round_of(handoff: Handoff) -> int:
    """Return how often it was opened again: each time it waits anew."""
    return sum(1 for event in handoff.events if event.what == "reopened")
