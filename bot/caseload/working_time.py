"""Waiting time as it is for a client: counted only while somebody who reads their messages is at work."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cached_property
from zoneinfo import ZoneInfo

from sqlalchemy import select

from bot.caseload.absences import MOMENT, Absences, enabled
from bot.caseload.calendars import Span, bank_holidays, seconds_in, spans_between, within, without
from bot.caseload.models.conversation import Handoff, HandoffEvent
from bot.caseload.models.people import Client, ClosedDay, Service, Staff
from bot.caseload.repository import Repository

#: How far ahead to look for the next working span; longer closures have no honest answer.
LOOK_AHEAD = timedelta(days=30)
#: How far ahead to look for the end of a wait, or for the day on which somebody is back.
FAR_AHEAD = timedelta(days=180)
#: A usual waiting time is said only when it is made of so many answers, of so many days.
FEWEST_ANSWERS = 5
USUAL_OF = timedelta(days=60)
USUAL_SHARE = 0.8
MOST_ANSWERS = 200
#: What a person answers; taking the chat is an answer too: the client is told that somebody is there.
ANSWERED = ("answered", "taken")
OF_ANSWERS = ("question", "person", "complaint")


@dataclass(frozen=True)
class HonestTime:
    """When a person reads messages; all instants in the client's zone."""

    in_hours: bool
    #: The end of the present working span, when in hours.
    until: datetime | None
    #: The start of the next working span, when out of hours; None when nobody can say.
    next_start: datetime | None


@dataclass(frozen=True)
class WhoReads:
    """Who reads a client's messages, and when."""

    time: HonestTime
    #: Who reads now, or next; None: whoever of the service is there.
    reader: Staff | None
    #: The client's consultant while they are away and another one reads, and when they are back.
    away: Staff | None = None
    back_at: datetime | None = None


@dataclass(frozen=True)
class Shift:
    """A span in which one person reads a client's messages; without a reader, the team."""

    start: datetime
    end: datetime
    reader: Staff | None


class WorkingTime(Repository):
    """Use-cases about working time."""

    #: By service id, where the days of a span have been read already.
    _closed: dict[str, set[date]] | None = None

    def honest_time(self, client: Client, at: datetime | None = None) -> HonestTime:
        """Return when somebody reads what this client writes: their consultant, or whoever stands in."""
        at = at or self._now()
        return _honest(self._shifts(client, at, at + LOOK_AHEAD), at, ZoneInfo(client.timezone))

    def of_service(self, service: Service, at: datetime, zone: ZoneInfo) -> HonestTime:
        """Return when a service works, whoever is there; told in `zone`."""
        spans = self._spans(service, None, at, at + LOOK_AHEAD)
        return _honest([Shift(span.start, span.end, None) for span in spans], at, zone)

    def who_reads(self, client: Client, at: datetime | None = None) -> WhoReads:
        """Return who reads what this client writes now or next, and whether their consultant is away."""
        at = at or self._now()
        shifts = self._shifts(client, at, at + LOOK_AHEAD)
        time = _honest(shifts, at, ZoneInfo(client.timezone))
        reader = shifts[0].reader if shifts else None
        consultant = enabled(client.consultant)
        if consultant is None or reader is consultant or not self._absences.is_away(consultant, at):
            return WhoReads(time, reader or consultant)
        return WhoReads(time, reader, consultant, self._back_at(consultant, at))

    def stands_in(self, client: Client) -> Staff | None:
        """Return who reads this client's messages at present, in hours or not; None: no one person."""
        now = self._now()
        return self._absences.stand_ins(client, now, now + MOMENT).reader_at(now)

    def seconds(self, client: Client, first: datetime, last: datetime) -> int:
        """Return for how many seconds between two instants somebody who reads for this client was at work."""
        if last <= first:
            return 0
        shifts = self._shifts(client, first, last)
        return seconds_in(Span(shift.start, shift.end) for shift in shifts)

    def seconds_waited(self, handoffs: Sequence[Handoff], until: datetime) -> dict[str, int]:
        """Return what `seconds` does since each of these began to wait, in as many queries as for one."""
        first = min((handoff.waiting_since for handoff in handoffs), default=until)
        at_once = WorkingTime(self._session, self._clock)
        services = {handoff.client.service_id: handoff.client.service for handoff in handoffs}
        at_once._absences.read_once(services, first, until)
        at_once._closed = {}
        for service in services.values():
            zone = ZoneInfo(service.timezone)
            days = first.astimezone(zone).date(), until.astimezone(zone).date()
            at_once._closed[service.id] = self.closed_days(service, *days)
        return {one.id: at_once.seconds(one.client, one.waiting_since, until) for one in handoffs}

    def after(self, client: Client, since: datetime, minutes: float) -> datetime | None:
        """Return the instant at which a client has waited for so many working minutes; None: not in sight."""
        shifts = self._shifts(client, since, since + FAR_AHEAD)
        return _after([Span(shift.start, shift.end) for shift in shifts], minutes)

    def after_in_service(self, service: Service, since: datetime, minutes: float) -> datetime | None:
        """Return the instant at which the service has worked for so many minutes; None: not in sight."""
        return _after(self._spans(service, None, since, since + FAR_AHEAD), minutes)

    def closed_days(self, service: Service, first: date, last: date) -> set[date]:
        """Return the days from `first` to `last` on which a service does not work: its own, bank holidays."""
        query = select(ClosedDay.day).where(
            ClosedDay.service_id == service.id, ClosedDay.day >= first, ClosedDay.day <= last
        )
        closed = set(self._session.scalars(query))
        for year in range(first.year, last.year + 1):
            closed |= bank_holidays(service.region, service.holiday_area, year)
        return {day for day in closed if first <= day <= last}

    def usual_wait(self, staff: Staff) -> int | None:
        """Return within how many working seconds this person gave four of five answers of late.

        None with fewer than five answers: chance would speak.
        """
        now = self._now()
        waits = self._answered_waits(staff, now - USUAL_OF)
        if len(waits) < FEWEST_ANSWERS:
            return None
        first = min(wait.start for wait in waits)
        away = [Span(one.from_at, one.really_until) for one in self._absences.between([staff.id], first, now)]
        spans = without(self._spans(staff.service, staff, first, now), away)
        took = sorted(seconds_in(within(spans, wait.start, wait.end)) for wait in waits)
        return took[math.ceil(USUAL_SHARE * len(took)) - 1]

    def _answered_waits(self, staff: Staff, since: datetime) -> list[Span]:
        mine = select(HandoffEvent.handoff_id).where(
            HandoffEvent.staff_id == staff.id, HandoffEvent.what.in_(ANSWERED), HandoffEvent.at >= since
        )
        query = (
            select(Handoff)
            .where(Handoff.id.in_(mine), Handoff.reason.in_(OF_ANSWERS))
            .order_by(Handoff.waiting_since.desc())
            .limit(MOST_ANSWERS)
        )
        waits = []
        for handoff in self._session.scalars(query).unique():
            opened: datetime | None = None
            for event in handoff.events:
                if event.what in {"opened", "reopened"}:
                    opened = event.at
                elif event.what in ANSWERED and opened is not None:
                    if event.staff_id == staff.id and event.at >= since:
                        waits.append(Span(opened, event.at))
                    opened = None
        return waits

    def _back_at(self, staff: Staff, at: datetime) -> datetime | None:
        absences = self._absences.between([staff.id], at, at + FAR_AHEAD)
        gaps = [Span(one.from_at, one.really_until) for one in absences]
        left = without(self._spans(staff.service, staff, at, at + FAR_AHEAD), gaps)
        ends = max((gap.end for gap in gaps if gap.start <= at), default=at)
        return next((span.start for span in left if span.start >= ends), None)

    def _shifts(self, client: Client, first: datetime, last: datetime) -> list[Shift]:
        """Return who reads for this client in [first, last), in order."""
        stand_ins = self._absences.stand_ins(client, first, last)
        shifts: list[Shift] = []
        for part in stand_ins.parts(first, last):
            if not stand_ins.is_read_at(part.start):
                continue
            reader = stand_ins.reader_at(part.start)
            for span in self._spans(client.service, reader, part.start, part.end):
                before = shifts[-1] if shifts else None
                if before is not None and before.reader is reader and before.end == span.start:
                    shifts[-1] = Shift(before.start, span.end, reader)
                else:
                    shifts.append(Shift(span.start, span.end, reader))
        return shifts

    def _spans(self, service: Service, staff: Staff | None, first: datetime, last: datetime) -> list[Span]:
        """Return when somebody works by their days and hours; without anybody, when the service does."""
        own = staff.hours if staff is not None else None
        zone = ZoneInfo(service.timezone)
        if self._closed is not None:
            closed = self._closed[service.id]
        else:
            closed = self.closed_days(service, first.astimezone(zone).date(), last.astimezone(zone).date())
        return spans_between(service.hours if own is None else own, zone, first, last, closed)

    @cached_property
    def _absences(self) -> Absences:
        return Absences(self._session, self._clock)


def _honest(shifts: Sequence[Shift], at: datetime, zone: ZoneInfo) -> HonestTime:
    if not shifts:
        return HonestTime(False, None, None)
    first = shifts[0]
    if first.start <= at:
        return HonestTime(True, first.end.astimezone(zone), None)
    return HonestTime(False, None, first.start.astimezone(zone))


def _after(spans: Sequence[Span], minutes: float) -> datetime | None:
    left = timedelta(minutes=minutes)
    for span in spans:
        if span.end - span.start > left:
            return span.start + left
        left -= span.end - span.start
    return None
