"""Appointments, and the times at which a consultant is free."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import or_, select

from bot.caseload.absences import Absences
from bot.caseload.appointment_reminders import AppointmentReminders
from bot.caseload.availability import AvailabilityList
from bot.caseload.errors import NoSuchAppointment, TimeNotFree
from bot.caseload.handoffs import Handoffs
from bot.caseload.models.people import Client, Staff
from bot.caseload.models.plan import Appointment, Availability
from bot.caseload.repository import Repository, may_see
from bot.caseload.working_time import WorkingTime

#: How long a meeting lasts unless said otherwise, in minutes.
USUAL_MINUTES = 45
#: Nobody can be asked to meet sooner than this.
NOTICE = timedelta(hours=2)
#: No meeting is longer than this, so one that begins earlier cannot be in the way.
NEARBY = timedelta(hours=12)
LOOK_AHEAD = timedelta(days=21)
#: An appointment in one of these states will take place unless something changes.
OPEN_STATUSES = ("requested", "confirmed", "change_requested")


@dataclass(frozen=True)
class FreeTime:
    """A time at which the consultant can meet."""

    starts_at: datetime
    minutes: int


class Appointments(Repository):
    """Use-cases about appointments."""

    def upcoming_for(self, client: Client, limit: int = 10) -> list[Appointment]:
        """Return what lies ahead, soonest first; one that began less than its length ago counts."""
        query = (
            select(Appointment)
            .where(
                Appointment.client_id == client.id,
                Appointment.status.in_(OPEN_STATUSES),
                Appointment.starts_at > self._now() - timedelta(minutes=USUAL_MINUTES),
            )
            .order_by(Appointment.starts_at)
            .limit(limit)
        )
        return list(self._session.scalars(query).unique())

    def next_for(self, client: Client) -> Appointment | None:
        """Return the client's next appointment, if there is one."""
        upcoming = self.upcoming_for(client, limit=1)
        return upcoming[0] if upcoming else None

    def all_for(self, client: Client, limit: int = 50) -> list[Appointment]:
        """Return a client's appointments, newest first."""
        query = (
            select(Appointment)
            .where(Appointment.client_id == client.id)
            .order_by(Appointment.starts_at.desc())
            .limit(limit)
        )
        return list(self._session.scalars(query).unique())

    def get_for_client(self, client: Client, appointment_id: str) -> Appointment:
        """Return an appointment of this client; raise NoSuchAppointment otherwise."""
        appointment = self._session.get(Appointment, appointment_id)
        if appointment is None or appointment.client_id != client.id:
            raise NoSuchAppointment(appointment_id)
        return appointment

    def get_for(self, staff: Staff, appointment_id: str) -> Appointment:
        """Return an appointment of a client whom this person may see; raise NoSuchAppointment otherwise."""
        query = select(Appointment).join(Client).where(Appointment.id == appointment_id, may_see(staff))
        appointment = self._session.scalars(query).unique().one_or_none()
        if appointment is None:
            raise NoSuchAppointment(appointment_id)
        return appointment

    def among(self, staff: Staff, appointment_ids: Collection[str]) -> dict[str, Appointment]:
        """Return those of these appointments that this person may see, by their ids."""
        query = select(Appointment).join(Client).where(Appointment.id.in_(appointment_ids), may_see(staff))
        return {one.id: one for one in self._session.scalars(query).unique()}

    def free_times(
        self, client: Client, around: tuple[datetime, datetime] | None = None, limit: int = 3
    ) -> list[FreeTime]:
        """Return times at which the client's consultant is free, soonest first.

        `around` keeps only times that start within [first, second). Without a consultant, or with
        no weekly availability, the list is empty.
        """
        if client.consultant_id is None:
            return []
        now = self._now()
        first = max(around[0], now + NOTICE) if around else now + NOTICE
        last = around[1] if around else now + LOOK_AHEAD
        found: list[FreeTime] = []
        days_taken: set[date] = set()
        zone = ZoneInfo(client.service.timezone)
        for starts_at in self._open_starts(client, first, last):
            day = starts_at.astimezone(zone).date()
            # Without a wish, offer different days: three times on one morning are no choice.
            if around is None and day in days_taken:
                continue
            days_taken.add(day)
            found.append(FreeTime(starts_at, USUAL_MINUTES))
            if len(found) == limit:
                break
        return found

    def is_free(self, client: Client, starts_at: datetime) -> bool:
        """Return whether the consultant can meet at exactly this time."""
        after = starts_at + timedelta(seconds=1)
        return starts_at >= self._now() and starts_at in self._open_starts(client, starts_at, after)

    def request(
        self, client: Client, starts_at: datetime, via: str = "bot", purpose: str | None = None
    ) -> Appointment:
        """Ask for a meeting; it waits for the consultant's yes. Raises TimeNotFree."""
        if not self.is_free(client, starts_at):
            raise TimeNotFree(starts_at.isoformat())
        appointment = Appointment(
            client_id=client.id,
            staff_id=client.consultant_id,
            starts_at=starts_at,
            minutes=USUAL_MINUTES,
            purpose=purpose,
            status="requested",
            requested_via=via,
            created_at=self._now(),
        )
        self._session.add(appointment)
        self._session.flush()
        self._tell_consultant(client, appointment)
        return appointment

    def request_move(self, client: Client, appointment_id: str, starts_at: datetime) -> Appointment:
        """Ask to move a meeting; the old time holds until the consultant says yes. Raises TimeNotFree."""
        appointment = self.get_for_client(client, appointment_id)
        if not self.is_free(client, starts_at):
            raise TimeNotFree(starts_at.isoformat())
        appointment.status = "change_requested"
        appointment.wanted_at = starts_at
        self._session.flush()
        self._tell_consultant(client, appointment)
        return appointment

    def cancel_by_client(self, client: Client, appointment_id: str) -> Appointment:
        """Cancel a meeting for the client and tell the consultant."""
        appointment = self.get_for_client(client, appointment_id)
        if appointment.status in OPEN_STATUSES:
            appointment.status = "cancelled_by_client"
            appointment.wanted_at = None
            appointment.count_change(self._now())
            self._reminders.cancel(appointment)
            self._session.flush()
            self._tell_consultant(client, appointment)
        return appointment

    def arrange(
        self,
        client: Client,
        staff: Staff,
        starts_at: datetime,
        *,
        minutes: int,
        mode: str,
        place: str | None,
        purpose: str | None,
    ) -> Appointment:
        """Write down a meeting that the consultant and the client agreed on; sent twice, it is one."""
        # Two forms that come at once wait for each other here.
        self._session.execute(select(Client.id).where(Client.id == client.id).with_for_update())
        query = select(Appointment).where(
            Appointment.client_id == client.id,
            Appointment.staff_id == staff.id,
            Appointment.starts_at == starts_at,
            Appointment.status == "confirmed",
        )
        known = self._session.scalars(query).unique().first()
        if known is not None:
            facts = (minutes, mode, place, purpose)
            if facts != (known.minutes, known.mode, known.place, known.purpose):
                known.minutes, known.mode, known.place, known.purpose = facts
                known.count_change(self._now())
                self._session.flush()
            return known
        appointment = Appointment(
            client_id=client.id,
            staff_id=staff.id,
            starts_at=starts_at,
            minutes=minutes,
            mode=mode,
            place=place,
            purpose=purpose,
            status="confirmed",
            requested_via="console",
            created_at=self._now(),
        )
        self._session.add(appointment)
        self._session.flush()
        self._reminders.set(appointment)
        return appointment

    def confirm(self, appointment: Appointment) -> None:
        """Say yes to a request, or to a wish to move."""
        if appointment.wanted_at is not None:
            appointment.starts_at = appointment.wanted_at
            appointment.wanted_at = None
        appointment.status = "confirmed"
        appointment.count_change(self._now())
        self._session.flush()
        self._reminders.set(appointment)

    def keep_time(self, appointment: Appointment) -> None:
        """Say no to a wish to move: the meeting stays when it was."""
        appointment.wanted_at = None
        appointment.status = "confirmed"
        self._session.flush()
        self._reminders.set(appointment)

    def cancel_by_service(self, appointment: Appointment) -> None:
        """Cancel a meeting for the service."""
        appointment.status = "cancelled_by_service"
        appointment.wanted_at = None
        appointment.count_change(self._now())
        self._reminders.cancel(appointment)

    def _open_starts(self, client: Client, first: datetime, last: datetime) -> Sequence[datetime]:
        # Nobody meets a consultant who has left.
        if client.consultant_id is None or client.working_consultant is None or last <= first:
            return []
        zone = ZoneInfo(client.service.timezone)
        spans = list(
            self._session.scalars(select(Availability).where(Availability.staff_id == client.consultant_id))
        )
        taken = self._taken(client.consultant_id, first, last)
        closed = WorkingTime(self._session, self._clock).closed_days(
            client.service, first.astimezone(zone).date(), last.astimezone(zone).date()
        )
        # A meeting that starts within the span may last beyond it.
        taken += AvailabilityList(self._session, self._clock).blocked(
            client.consultant_id, first, last + NEARBY
        )
        length = timedelta(minutes=USUAL_MINUTES)
        starts: list[datetime] = []
        day = first.astimezone(zone).date()
        while day <= last.astimezone(zone).date():
            for span in sorted(spans, key=lambda span: span.from_time):
                if span.weekday != day.weekday() or day in closed:
                    continue
                start = datetime.combine(day, time.fromisoformat(span.from_time), zone)
                end = datetime.combine(day, time.fromisoformat(span.until_time), zone)
                while start + length <= end:
                    busy = any(start < until and begin < start + length for begin, until in taken)
                    if first <= start < last and not busy:
                        starts.append(start)
                    start += timedelta(hours=1)
            day += timedelta(days=1)
        return starts

    def _taken(self, staff_id: str, first: datetime, last: datetime) -> list[tuple[datetime, datetime]]:
        query = select(Appointment).where(
            Appointment.staff_id == staff_id,
            Appointment.status.in_(OPEN_STATUSES),
            or_(
                Appointment.starts_at.between(first - NEARBY, last + NEARBY),
                Appointment.wanted_at.between(first - NEARBY, last + NEARBY),
            ),
        )
        taken = []
        for held in self._session.scalars(query).unique():
            length = timedelta(minutes=held.minutes)
            taken += [
                (start, start + length) for start in (held.starts_at, held.wanted_at) if start is not None
            ]
        absences = Absences(self._session, self._clock).between([staff_id], first, last + NEARBY)
        return taken + [(one.from_at, one.really_until) for one in absences]

    def _tell_consultant(self, client: Client, appointment: Appointment) -> None:
        Handoffs(self._session, self._clock).open(
            client, "", "appointment", urgency="routine", subject=f"appointment:{appointment.id}"
        )

    @property
    def _reminders(self) -> AppointmentReminders:
        return AppointmentReminders(self._session, self._clock)
