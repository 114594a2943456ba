"""Services and the hours in which they work."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import select

from bot.caseload.models.people import Client, ClosedDay, Service
from bot.caseload.repository import Repository

#: How far ahead to look for the next working span; longer closures have no honest answer.
LOOK_AHEAD_DAYS = 30


@dataclass(frozen=True)
class HonestTime:
    """When a person of the service reads messages; all instants in the client's zone."""

    in_hours: bool
    #: The end of the present working span, when in hours.
    until: datetime | None
    #: The start of the next working span, when out of hours; None when nobody can say.
    next_start: datetime | None


class Services(Repository):
    """Use-cases about services."""

    def all(self) -> list[Service]:
        """Return every service, by name."""
        return list(self._session.scalars(select(Service).order_by(Service.name)))

    def find(self, ref: str) -> Service | None:
        """Return the service with this reference, if there is one."""
        return self._session.scalars(select(Service).where(Service.ref == ref)).one_or_none()

    def add(
        self,
        *,
        ref: str,
        name: str,
        region: str,
        timezone: str,
        phone: str | None,
        hours: dict[str, list[list[str]]],
    ) -> Service:
        """Open a service; `hours` maps the weekday number ("0" is Monday) to ["09:00", "17:00"] spans."""
        service = Service(ref=ref, name=name, region=region, timezone=timezone, phone=phone, hours=hours)
        self._session.add(service)
        self._session.flush()
        return service

    def close_on(self, service: Service, day: date, name: str) -> None:
        """Note a day on which the service does not work."""
        known = select(ClosedDay).where(ClosedDay.service_id == service.id, ClosedDay.day == day)
        if self._session.scalars(known).first() is None:
            self._session.add(ClosedDay(service_id=service.id, day=day, name=name))
            self._session.flush()

    def honest_time(self, client: Client, at: datetime | None = None) -> HonestTime:
        """Return when somebody of the client's service reads what they write."""
        return self.hours_at(client.service, at or self._now(), ZoneInfo(client.timezone))

    def hours_at(self, service: Service, at: datetime, zone: ZoneInfo) -> HonestTime:
        """Return whether the service works at an instant, until when, or from when; told in `zone`."""
        home = ZoneInfo(service.timezone)
        today = at.astimezone(home).date()
        closed = self._closed_days(service, today, today + timedelta(days=LOOK_AHEAD_DAYS))
        for offset in range(LOOK_AHEAD_DAYS + 1):
            day = today + timedelta(days=offset)
            if day in closed:
                continue
            for start, end in working_spans(service, day):
                if start <= at < end:
                    return HonestTime(True, end.astimezone(zone), None)
                if start > at:
                    return HonestTime(False, None, start.astimezone(zone))
        return HonestTime(False, None, None)

    def _closed_days(self, service: Service, first: date, last: date) -> set[date]:
        query = select(ClosedDay.day).where(
            ClosedDay.service_id == service.id, ClosedDay.day >= first, ClosedDay.day <= last
        )
        return set(self._session.scalars(query))


def working_spans(service: Service, day: date) -> list[tuple[datetime, datetime]]:
    """Return the working spans of a day as aware instants, earliest first."""
    zone = ZoneInfo(service.timezone)
    spans = service.hours.get(str(day.weekday()), [])
    return sorted(
        (
            datetime.combine(day, time.fromisoformat(start), zone),
            datetime.combine(day, time.fromisoformat(end), zone),
        )
        for start, end in spans
    )
