"""Absences: who is away, until when, and who reads their clients' messages meanwhile."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise

from sqlalchemy import ColumnElement, or_, select

from bot.caseload.calendars import Span
from bot.caseload.errors import AwayAlready, CoverNotPossible, NoSuchAbsence
from bot.caseload.models.hours import Absence
from bot.caseload.models.people import Client, Staff
from bot.caseload.repository import Repository

#: Who can read another person's clients.
COVERS = ("consultant", "lead", "manager")
MOMENT = timedelta(seconds=1)


@dataclass(frozen=True)
class StandIns:
    """Who reads for one client: their consultant, and in which order others when the consultant is away."""

    consultant: Staff | None
    cover: Staff | None
    leads: Sequence[Staff]
    absences: Sequence[Absence]

    def reader_at(self, at: datetime) -> Staff | None:
        """Return who reads at an instant; None: the team without a name, or nobody (see `is_read_at`)."""
        if self.consultant is None:
            return self.cover if self.cover is not None and not self._absence(self.cover, at) else None
        absence = self._absence(self.consultant, at)
        if absence is None:
            return self.consultant
        for one in (enabled(absence.cover), self.cover, *self.leads):
            if one is not None and one.id != self.consultant.id and not self._absence(one, at):
                return one
        return None

    def is_read_at(self, at: datetime) -> bool:
        """Return whether there is anybody at all: not while the only person is away."""
        return self.consultant is None or self.reader_at(at) is not None

    def parts(self, first: datetime, last: datetime) -> list[Span]:
        """Return [first, last) cut wherever somebody goes away or comes back."""
        edges = {at for one in self.absences for at in (one.from_at, one.really_until) if first < at < last}
        cuts = [first, *sorted(edges), last]
        return [Span(start, end) for start, end in pairwise(cuts)]

    def _absence(self, staff: Staff, at: datetime) -> Absence | None:
        return next((one for one in self.absences if one.staff_id == staff.id and one.holds(at)), None)


class Absences(Repository):
    """Use-cases about absences."""

    #: All of some services, where those of a span have been read already.
    _known: list[Absence] | None = None

    def stand_ins(self, client: Client, first: datetime, last: datetime) -> StandIns:
        """Return who reads for a client within [first, last)."""
        consultant, cover = enabled(client.consultant), enabled(client.cover)
        theirs = self.between([consultant.id], first, last) if consultant else []
        leads = self._leads(client) if theirs else []
        covers = [one.cover for one in theirs]
        others = {one.id for one in (cover, *covers, *leads) if one is not None}
        if consultant is not None:
            others.discard(consultant.id)
        return StandIns(consultant, cover, leads, [*theirs, *self.between(others, first, last)])

    def ahead_of(self, staff: Staff) -> list[Absence]:
        """Return the absences of somebody that go on or lie ahead, soonest first."""
        query = (
            select(Absence)
            .where(Absence.staff_id == staff.id, Absence.until_at > self._now(), Absence.ended_at.is_(None))
            .order_by(Absence.from_at)
        )
        return list(self._session.scalars(query).unique())

    def between(self, staff_ids: Collection[str], first: datetime, last: datetime) -> list[Absence]:
        """Return these people's absences that touch [first, last), earliest first, but none called off."""
        if not staff_ids:
            return []
        if self._known is not None:
            touching = [one for one in self._known if one.until_at > first and one.from_at < last]
            found = [one for one in touching if one.staff_id in staff_ids]
        else:
            query = select(Absence).where(
                Absence.staff_id.in_(staff_ids), Absence.until_at > first, Absence.from_at < last
            )
            found = list(self._session.scalars(query.order_by(Absence.from_at)).unique())
        return [one for one in found if max(one.from_at, first) < one.really_until]

    def read_once(self, service_ids: Collection[str], first: datetime, last: datetime) -> None:
        """Read all absences in these services that touch [first, last): this object then asks no more."""
        query = (
            select(Absence)
            .join(Staff, Staff.id == Absence.staff_id)
            .where(Staff.service_id.in_(service_ids), Absence.until_at > first, Absence.from_at < last)
            .order_by(Absence.from_at)
        )
        self._known = list(self._session.scalars(query).unique())

    def find(self, absence_id: str) -> Absence | None:
        """Return an absence by id, for timers; None when there is none."""
        return self._session.get(Absence, absence_id)

    def covered_by(self, staff: Staff) -> list[Absence]:
        """Return the absences ahead, or going on, that this person covers, soonest first."""
        query = select(Absence).where(
            Absence.cover_id == staff.id, Absence.until_at > self._now(), Absence.ended_at.is_(None)
        )
        return list(self._session.scalars(query.order_by(Absence.from_at)).unique())

    def is_away(self, staff: Staff, at: datetime | None = None) -> bool:
        """Return whether somebody is away, now or at an instant."""
        at = at or self._now()
        return any(one.holds(at) for one in self.between([staff.id], at, at + MOMENT))

    def get_for(self, staff: Staff, absence_id: str) -> Absence:
        """Return an absence that this person may change; raise NoSuchAbsence otherwise."""
        query = (
            select(Absence)
            .join(Staff, Staff.id == Absence.staff_id)
            .where(Absence.id == absence_id, may_arrange(staff))
        )
        absence = self._session.scalars(query).unique().one_or_none()
        if absence is None:
            raise NoSuchAbsence(absence_id)
        return absence

    def add(
        self,
        by: Staff,
        staff: Staff,
        from_at: datetime,
        until_at: datetime,
        *,
        cover: Staff | None = None,
        note: str | None = None,
    ) -> Absence:
        """Write down that somebody will be away; the very same absence again is the one that is there.

        Raises AwayAlready, or CoverNotPossible when the cover is somebody of elsewhere or away then too.
        """
        # Locked, so that of two requests at the same moment the second one sees the first.
        self._session.execute(select(Staff.id).where(Staff.id == staff.id).with_for_update())
        cover_id = cover.id if cover else None
        for other in self.between([staff.id], from_at, until_at):
            if (other.from_at, other.until_at, other.cover_id) == (from_at, until_at, cover_id):
                return other
            raise AwayAlready(other.id)
        if cover is not None:
            possible = cover.service_id == staff.service_id and cover.role in COVERS and cover.id != staff.id
            if not possible or cover.disabled_at is not None or self.between([cover.id], from_at, until_at):
                raise CoverNotPossible(cover.id)
        absence = Absence(
            staff_id=staff.id,
            from_at=from_at,
            until_at=until_at,
            cover_id=cover_id,
            note=note,
            created_at=self._now(),
            created_by=by.id,
        )
        self._session.add(absence)
        self._session.flush()
        self._session.refresh(absence)
        return absence

    def end(self, absence: Absence) -> bool:
        """End an absence now, or call it off before it begins; return whether that was still to do."""
        if absence.ended_at is not None or absence.until_at <= self._now():
            return False
        absence.ended_at = self._now()
        self._session.flush()
        return True

    def _leads(self, client: Client) -> list[Staff]:
        """Return the leads of the client's service, then its managers."""
        query = (
            select(Staff)
            .where(
                Staff.service_id == client.service_id,
                Staff.role.in_(("lead", "manager")),
                Staff.disabled_at.is_(None),
            )
            .order_by(Staff.role, Staff.name)
        )
        return list(self._session.scalars(query))


def enabled(staff: Staff | None) -> Staff | None:
    """Return a member of staff unless there is none or their account is closed."""
    return staff if staff is not None and staff.disabled_at is None else None


def may_arrange(staff: Staff) -> ColumnElement[bool]:
    """Return the condition on `staff` for those whose hours this person may set: their own, or a team's."""
    mine = Staff.id == staff.id
    if staff.disabled_at is not None or not staff.sees_whole_service:
        return mine
    return or_(mine, Staff.service_id == staff.service_id)
