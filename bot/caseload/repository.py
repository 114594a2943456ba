"""What every group of use-cases is made of."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ColumnElement, Select, or_, select
from sqlalchemy.orm import Session

from bot.caseload.models.people import Client, Staff
from bot.clock import Clock


class Repository:
    """Use-cases about one noun, within a transaction that somebody else opens and commits."""

    def __init__(self, session: Session, clock: Clock) -> None:
        self._session = session
        self._clock = clock

    def _now(self) -> datetime:
        return self._clock.now()


def may_see(staff: Staff) -> ColumnElement[bool]:
    """Return the condition on `clients` that holds for those whom this person may see.

    This is the only place that decides it: consultants see their own and covered clients, leads and
    managers all of their service, everyone else nobody.
    """
    if staff.disabled_at is not None:
        return Client.id.is_(None)
    if staff.sees_whole_service:
        return Client.service_id == staff.service_id
    if staff.role == "consultant":
        return or_(Client.consultant_id == staff.id, Client.cover_id == staff.id)
    return Client.id.is_(None)


def clients_seen_by(staff: Staff) -> Select[Client]:
    """Return the select of all clients whom this person may see."""
    return select(Client).where(may_see(staff))
