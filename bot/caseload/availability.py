"""When a consultant meets clients: the week's spans, and the blocks in which they meet nobody."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select

from bot.caseload.errors import NoSuchRecord
from bot.caseload.models.people import Staff
from bot.caseload.models.plan import Availability, AvailabilityBlock
from bot.caseload.repository import Repository


class AvailabilityList(Repository):
    """Use-cases about one's own availability: nobody changes another person's."""

    def spans_of(self, staff: Staff) -> list[Availability]:
        """Return the weekly spans, in the order of the week."""
        query = select(Availability).where(Availability.staff_id == staff.id)
        return list(self._session.scalars(query.order_by(Availability.weekday, Availability.from_time)))

    def add_span(self, staff: Staff, weekday: int, starts: str, ends: str) -> bool:
        """Add a weekly span ("09:00", "12:30", local time); False when it overlaps one that is there."""
        for known in self.spans_of(staff):
            if known.weekday == weekday and known.from_time < ends and starts < known.until_time:
                return False
        self._session.add(Availability(staff_id=staff.id, weekday=weekday, from_time=starts, until_time=ends))
        self._session.flush()
        return True

    def remove_span(self, staff: Staff, span_id: int) -> None:
        """Take a weekly span away; raise NoSuchRecord unless it is this person's."""
        span = self._session.get(Availability, span_id)
        if span is None or span.staff_id != staff.id:
            raise NoSuchRecord(str(span_id))
        self._session.delete(span)

    def blocks_ahead(self, staff: Staff) -> list[AvailabilityBlock]:
        """Return the blocks that have not ended, soonest first."""
        query = select(AvailabilityBlock).where(
            AvailabilityBlock.staff_id == staff.id, AvailabilityBlock.ends_at > self._now()
        )
        return list(self._session.scalars(query.order_by(AvailabilityBlock.starts_at)))

    def block(self, staff: Staff, starts_at: datetime, ends_at: datetime) -> AvailabilityBlock:
        """Meet nobody within [starts_at, ends_at); the same block twice is one."""
        query = select(AvailabilityBlock).where(
            AvailabilityBlock.staff_id == staff.id,
            AvailabilityBlock.starts_at == starts_at,
            AvailabilityBlock.ends_at == ends_at,
        )
        known = self._session.scalars(query).first()
        if known is not None:
            return known
        block = AvailabilityBlock(staff_id=staff.id, starts_at=starts_at, ends_at=ends_at)
        self._session.add(block)
        self._session.flush()
        return block

    def unblock(self, staff: Staff, block_id: int) -> None:
        """Take a block away; raise NoSuchRecord unless it is this person's."""
        block = self._session.get(AvailabilityBlock, block_id)
        if block is None or block.staff_id != staff.id:
            raise NoSuchRecord(str(block_id))
        self._session.delete(block)

    def blocked(self, staff_id: str, first: datetime, last: datetime) -> Sequence[tuple[datetime, datetime]]:
        """Return the blocks of a person that touch a span."""
        query = select(AvailabilityBlock.starts_at, AvailabilityBlock.ends_at).where(
            AvailabilityBlock.staff_id == staff_id,
            AvailabilityBlock.ends_at > first,
            AvailabilityBlock.starts_at < last,
        )
        return [(starts_at, ends_at) for starts_at, ends_at in self._session.execute(query)]
