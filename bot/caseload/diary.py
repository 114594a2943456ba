"""The appointments of a consultant's clients: a week of them, what lies ahead, and what became of each."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Select, and_, func, or_, select

from bot.caseload.absences import Absences
from bot.caseload.appointments import NEARBY, OPEN_STATUSES, Appointments
from bot.caseload.handoffs import Handoffs
from bot.caseload.models.people import Client, Staff
from bot.caseload.models.plan import Appointment
from bot.caseload.repository import Repository, cared_for_by, may_see

#: What can have become of an appointment once its time has passed.
OUTCOMES = ("attended", "late", "not_attended", "cancelled_by_client", "cancelled_by_service")
#: Older ones that nobody noted are history, and not work for today.
STILL_TO_NOTE = timedelta(days=90)


@dataclass(frozen=True)
class InTheWay:
    """Another meeting, or an absence, at the time of an appointment."""

    starts_at: datetime
    #: Whose it is; None: only the client's.
    staff: Staff | None
    #: The end of an absence; None: a meeting.
    away_until: datetime | None = None


class Diary(Repository):
    """Use-cases about many appointments at once, and about what became of one."""

    def between(
        self,
        staff: Staff,
        first: datetime,
        last: datetime,
        consultant: Staff | None = None,
        *,
        limit: int = 500,
    ) -> list[Appointment]:
        """Return the appointments that start within [first, last), soonest first, those cancelled too."""
        return self._found(
            staff, consultant, Appointment.starts_at >= first, Appointment.starts_at < last, limit=limit
        )

    def count_between(
        self, staff: Staff, first: datetime, last: datetime, consultant: Staff | None = None
    ) -> int:
        """Return how many appointments start within [first, last), those cancelled too."""
        which = [Appointment.starts_at >= first, Appointment.starts_at < last]
        found = self._which(staff, consultant, *which).with_only_columns(func.count())
        return self._session.scalar(found) or 0

    def ahead(self, staff: Staff, consultant: Staff | None = None, limit: int = 100) -> list[Appointment]:
        """Return what will take place unless something changes, soonest first."""
        return self._found(
            staff,
            consultant,
            Appointment.starts_at >= self._now(),
            Appointment.status.in_(OPEN_STATUSES),
            limit=limit,
        )

    def without_outcome(
        self, staff: Staff, consultant: Staff | None = None, limit: int = 100
    ) -> list[Appointment]:
        """Return what has begun and of which nobody noted what became of it, oldest first."""
        now = self._now()
        begun = self._found(
            staff,
            consultant,
            Appointment.starts_at <= now,
            Appointment.starts_at > now - STILL_TO_NOTE,
            Appointment.status.in_(OPEN_STATUSES),
            limit=limit,
        )
        return [one for one in begun if one.starts_at + timedelta(minutes=one.minutes) <= now]

    def in_the_way(self, appointment: Appointment) -> list[InTheWay]:
        """Return what else its consultant or its client has at the time of an appointment, soonest first."""
        first = appointment.starts_at
        last = first + timedelta(minutes=appointment.minutes)
        whose = [Appointment.client_id == appointment.client_id]
        if appointment.staff_id is not None:
            whose.append(Appointment.staff_id == appointment.staff_id)
        query = select(Appointment).where(
            Appointment.id != appointment.id,
            Appointment.status.in_(OPEN_STATUSES),
            Appointment.starts_at > first - NEARBY,
            Appointment.starts_at < last,
            or_(*whose),
        )
        found = [
            InTheWay(one.starts_at, one.staff if one.staff_id == appointment.staff_id else None)
            for one in self._session.scalars(query.order_by(Appointment.starts_at)).unique()
            if one.starts_at + timedelta(minutes=one.minutes) > first
        ]
        absences = Absences(self._session, self._clock)
        if appointment.staff is not None:
            for absence in absences.between([appointment.staff.id], first, last):
                found.append(InTheWay(absence.from_at, appointment.staff, away_until=absence.really_until))
        return found

    def note_outcome(self, staff: Staff, appointment: Appointment, outcome: str) -> None:
        """Note what became of an appointment, and end what waited about it."""
        was_on = appointment.status in OPEN_STATUSES
        appointment.status = outcome
        appointment.wanted_at = None
        if was_on and outcome.startswith("cancelled"):
            appointment.count_change(self._now())
        self._session.flush()
        Handoffs(self._session, self._clock).close_about(
            staff, appointment.client, f"appointment:{appointment.id}"
        )

    def rearrange(
        self,
        appointment: Appointment,
        starts_at: datetime,
        *,
        staff: Staff | None = None,
        minutes: int,
        mode: str,
        place: str | None,
        purpose: str | None,
    ) -> None:
        """Write down that a meeting was agreed on anew: another time, place, purpose or consultant."""
        if staff is not None:
            appointment.staff = staff
        if starts_at != appointment.starts_at:
            appointment.client_confirmed_at = None
        appointment.wanted_at = starts_at
        appointment.minutes, appointment.mode = minutes, mode
        appointment.place, appointment.purpose = place, purpose
        Appointments(self._session, self._clock).confirm(appointment)

    def cannot_come(self, client: Client, appointment: Appointment) -> None:
        """Note that the client cannot come: it stays in the diary until a person has found another time."""
        if appointment.status in {"confirmed", "change_requested"} and appointment.wanted_at is None:
            appointment.status = "change_requested"
            appointment.client_confirmed_at = None
            appointment.count_change(self._now())
            self._session.flush()
        Handoffs(self._session, self._clock).open(
            client, "", "appointment", urgency="today", subject=f"appointment:{appointment.id}"
        )

    def will_come(self, appointment: Appointment) -> None:
        """Note that the client says they will be there, also after they said they could not."""
        if appointment.client_cannot_come:
            Appointments(self._session, self._clock).confirm(appointment)
        appointment.client_confirmed_at = self._now()
        self._session.flush()

    def _found(
        self, staff: Staff, consultant: Staff | None, *which: ColumnElement[bool], limit: int
    ) -> list[Appointment]:
        query = self._which(staff, consultant, *which).order_by(Appointment.starts_at, Appointment.id)
        return list(self._session.scalars(query.limit(limit)).unique())

    def _which(
        self, staff: Staff, consultant: Staff | None, *which: ColumnElement[bool]
    ) -> Select[Appointment]:
        query: Select[Appointment] = (
            select(Appointment).join(Client, Client.id == Appointment.client_id).where(may_see(staff), *which)
        )
        return query.where(of_consultant(consultant)) if consultant is not None else query


def of_consultant(consultant: Staff) -> ColumnElement[bool]:
    """Return the condition on appointments and their clients for those that are this consultant's."""
    return and_(
        Appointment.client_id == Client.id,
        or_(Appointment.staff_id == consultant.id, cared_for_by(consultant)),
    )
