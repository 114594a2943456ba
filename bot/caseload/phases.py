"""A client's phase, and whether they are in work: what jobs change by themselves, and what people decide."""

from __future__ import annotations

from datetime import date
from zoneinfo import ZoneInfo

from sqlalchemy import select

from bot.caseload.audit import AuditTrail
from bot.caseload.models.people import Client, Staff
from bot.caseload.models.work import Job
from bot.caseload.repository import Repository

#: In the order in which people usually go through them; going back is no failure.
PHASES = ("planning_preparation", "job_search", "placement_support")


class Phases(Repository):
    """Use-cases about phases. A consultant's own choice holds until a job begins or the last one ends."""

    def change(self, client: Client, staff: Staff, phase: str) -> bool:
        """Move a client to a phase, forward or back; False when they are in it already."""
        if phase not in PHASES:
            raise ValueError(phase)
        if client.phase == phase:
            return False
        self._record("phase changed", client, staff, f"{client.phase} to {phase}")
        client.phase = phase
        self._session.flush()
        return True

    def work_found(self, client: Client, staff: Staff) -> None:
        """Support in work begins with the job that was found, before its first day (IPS-25 item 23)."""
        if self._current(client):
            self.change(client, staff, "placement_support")
        self.follow_days(client, staff)

    def work_ended(self, client: Client, staff: Staff) -> None:
        """Without any job left the search goes on; with notice given, not before the last day."""
        if client.phase == "placement_support" and not self._current(client):
            self.change(client, staff, "job_search")
        self.follow_days(client, staff)

    def follow_days(self, client: Client, staff: Staff) -> None:
        """Say that a client is in work from the first day of a job to its last, and not longer."""
        begun = any(job.starts_on <= self.today(client) for job in self._current(client))
        if begun and client.status in {"referred", "active"}:
            status = "in_work"
        elif not begun and client.status in {"in_work", "step_down"}:
            status = "active"
        else:
            return
        self._record("status changed", client, staff, f"{client.status} to {status}")
        client.status = status
        self._session.flush()

    def today(self, client: Client) -> date:
        """Return which day it is where the client lives."""
        return self._now().astimezone(ZoneInfo(client.timezone)).date()

    def _current(self, client: Client) -> list[Job]:
        jobs = self._session.scalars(select(Job).where(Job.client_id == client.id))
        return [job for job in jobs if job.ends_on is None or job.ends_on > self.today(client)]

    def _record(self, action: str, client: Client, staff: Staff, subject: str) -> None:
        AuditTrail(self._session, self._clock).record(
            action, staff_id=staff.id, client_id=client.id, subject=subject
        )
