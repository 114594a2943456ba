"""What every group of use-cases is made of."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, TypeVar

from sqlalchemy import ColumnElement, Select, and_, exists, or_, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session, aliased, object_session

from bot.caseload.models.conversation import Handoff
from bot.caseload.models.hours import Absence
from bot.caseload.models.people import Client, Staff
from bot.clock import Clock

#: The statuses of a handoff for which somebody still has to do something.
OPEN = ("waiting", "seen", "taken")
#: How the reference of a client begins whose data was deleted: nobody sees what is left of them.
ERASED = "erased-"
#: Under this name a session carries the clock of its transaction.
CLOCK = "clock"

Row = TypeVar("Row")
Item = TypeVar("Item")


@dataclass(frozen=True)
class Found(Generic[Item]):
    """A page of a list, and how many there are in all."""

    lines: list[Item]
    total: int


class Repository:
    """Use-cases about one noun, within a transaction that somebody else opens and commits."""

    def __init__(self, session: Session, clock: Clock) -> None:
        self._session = session
        self._clock = clock

    def _insert_once(self, model: type[Row], unique: str, /, **values: Any) -> Row | None:
        """Insert a row unless its key is taken; None: it was, maybe by a transaction beside this one.

        `unique` names its column.
        """
        self._session.flush()
        dialect = self._session.get_bind().dialect.name
        insert: Any = postgresql.insert if dialect == "postgresql" else sqlite.insert
        statement = insert(model).values(**values).on_conflict_do_nothing(index_elements=[unique])
        row: Row | None = self._session.scalars(statement.returning(model)).one_or_none()
        return row

    def _now(self) -> datetime:
        return self._clock.now()


def may_see(staff: Staff) -> ColumnElement[bool]:
    """Return the condition on `clients` that holds for those whom this person may see.

    This is the only place that decides it: consultants see their own and covered clients, and those of a
    colleague whom they stand in for while that one is away; leads and managers all of their service,
    people on duty those of their service who may be in danger now, everyone else nobody.
    """
    if staff.disabled_at is not None:
        return Client.id.is_(None)
    if staff.sees_whole_service:
        return and_(Client.service_id == staff.service_id, ~Client.ref.startswith(ERASED))
    if staff.role == "consultant":
        return cared_for_by(staff)
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


def _consultant_is_away(cover: Staff) -> ColumnElement[bool]:
    """Return the condition that the client's consultant is away now and this person covers for them."""
    session = object_session(cover)
    if session is None:
        raise ValueError(
            "Ask for somebody who was loaded in this transaction: what they see changes with time."
        )
    now = session.info[CLOCK].now()
    return (
        exists()
        .where(
            Absence.staff_id == Client.consultant_id,
            Absence.cover_id == cover.id,
            Absence.from_at <= now,
            Absence.until_at > now,
            Absence.ended_at.is_(None),
        )
        .correlate(Client)
    )


def cared_for_by(consultant: Staff) -> ColumnElement[bool]:
    """Return the condition on `clients` for a consultant's own and covered ones; it gives no access.

    Those of a colleague for whom they stand in are among them while that one is away.
    """
    return or_(
        Client.consultant_id == consultant.id,
        Client.cover_id == consultant.id,
        _consultant_is_away(consultant),
    )


def clients_seen_by(staff: Staff) -> Select[Client]:
    """Return the select of all clients whom this person may see."""
    return select(Client).where(may_see(staff))
