"""What every group of use-cases is made of."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ColumnElement, Select, and_, exists, or_, select
from sqlalchemy.orm import Session, aliased

from bot.caseload.models.conversation import Handoff
from bot.caseload.models.people import Client, Staff
from bot.clock import Clock

#: The statuses of a handoff for which somebody still has to do something.
OPEN = ("waiting", "seen", "taken")


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
    managers all of their service, people on duty those of their service who may be in danger now,
    everyone else nobody.
    """
    if staff.disabled_at is not None:
        return Client.id.is_(None)
    if staff.sees_whole_service:
        return Client.service_id == staff.service_id
    if staff.role == "consultant":
        return or_(Client.consultant_id == staff.id, Client.cover_id == staff.id)
    if staff.role == "duty":
        # An alias: the query around it may be about handoffs itself.
        danger = aliased(Handoff)
        in_danger = (
            exists()
            .where(danger.client_id == Client.id, danger.reason == "safety", danger.status.in_(OPEN))
            .correlate(Client)
        )
        return and_(Client.service_id == staff.service_id, in_danger)
    return Client.id.is_(None)


def clients_seen_by(staff: Staff) -> Select[Client]:
    """Return the select of all clients whom this person may see."""
    return select(Client).where(may_see(staff))
