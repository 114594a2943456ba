"""Meetings that cannot take place as agreed on: with somebody who is away then, or who has left."""

from __future__ import annotations

from sqlalchemy import ColumnElement, select, true

from bot.caseload.appointments import OPEN_STATUSES
from bot.caseload.models.hours import Absence
from bot.caseload.models.people import Client, Staff
from bot.caseload.models.plan import Appointment
from bot.caseload.repository import Repository, may_see


class Stranded(Repository):
    """Use-cases about meetings ahead for which somebody else is needed, or another time."""

    def during(self, absence: Absence, seen_by: Staff | None = None) -> list[Appointment]:
        """Return the meetings of whoever is away that fall into an absence, soonest first.

        With `seen_by` only those of clients whom this person may see; without, for work of our own.
        """
        return self._ahead(
            Appointment.staff_id == absence.staff_id,
            Appointment.starts_at >= absence.from_at,
            Appointment.starts_at < absence.until_at,
            may_see(seen_by) if seen_by else true(),
        )

    def between(self, staff: Staff, client: Client) -> list[Appointment]:
        """Return the meetings of a client with this person, soonest first."""
        return self._ahead(Appointment.staff_id == staff.id, Appointment.client_id == client.id)

    def _ahead(self, *which: ColumnElement[bool]) -> list[Appointment]:
        query = (
            select(Appointment)
            .join(Client, Client.id == Appointment.client_id)
            .where(Appointment.status.in_(OPEN_STATUSES), Appointment.starts_at > self._now(), *which)
            .order_by(Appointment.starts_at, Appointment.id)
        )
        return list(self._session.scalars(query).unique())
