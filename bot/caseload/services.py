"""Services and the hours in which they work."""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

from sqlalchemy import select

from bot.caseload.calendars import areas_of
from bot.caseload.models.people import Client, ClosedDay, Service
from bot.caseload.repository import Repository
from bot.caseload.waits import Waits
from bot.caseload.working_time import HonestTime, WorkingTime

__all__ = ["HonestTime", "Services"]

#: The fewest and the most working minutes after which the lead is told that nobody answers.
SILENCE_MINUTES = (5, 600)


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

    def set_holiday_area(self, service: Service, area: str | None) -> None:
        """Say in which part of its country a service is, so that its bank holidays count; None: national.

        Raises ValueError for a part that the country does not have.
        """
        if area is not None and area not in areas_of(service.region):
            raise ValueError(f"no such area: {area}")
        service.holiday_area = area
        self._waits.set_anew_in(service)

    def set_hours(self, service: Service, hours: dict[str, list[list[str]]]) -> None:
        """Set the days and hours of everybody who has none of their own; written as in `add`."""
        service.hours = hours
        self._waits.set_anew_in(service)

    def set_silence_minutes(self, service: Service, minutes: int) -> None:
        """Set after how many working minutes of silence the lead is told; ValueError: not SILENCE_MINUTES."""
        fewest, most = SILENCE_MINUTES
        if not fewest <= minutes <= most:
            raise ValueError(f"not between {fewest} and {most}: {minutes}")
        service.silence_minutes = minutes

    def set_confirm_links(self, service: Service, *, confirm: bool) -> None:
        """Say whether a newly linked phone is told nothing until the consultant has compared its code."""
        service.confirm_links = confirm

    def honest_time(self, client: Client, at: datetime | None = None) -> HonestTime:
        """Return when somebody reads what this client writes: their consultant, or whoever stands in."""
        return self._working_time.honest_time(client, at)

    def open_time(self, client: Client, at: datetime | None = None) -> HonestTime:
        """Return when the client's service works, whoever of it is there."""
        return self._working_time.of_service(client.service, at or self._now(), ZoneInfo(client.timezone))

    def next_opening(self, client: Client) -> datetime | None:
        """Return when the client's service opens next, after any span that it is open in now."""
        now = self.open_time(client)
        return now.next_start if now.until is None else self.open_time(client, now.until).next_start

    @property
    def _working_time(self) -> WorkingTime:
        return WorkingTime(self._session, self._clock)

    @property
    def _waits(self) -> Waits:
        self._session.flush()
        return Waits(self._session, self._clock)
