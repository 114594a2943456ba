"""The secret addresses at which consultants read their appointments in a calendar of their own."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import select

from bot.caseload.models.people import Client, Staff
from bot.caseload.models.plan import Appointment, CalendarFeed
from bot.caseload.repository import Repository, may_see

#: 128 bits: nobody guesses it, and it is all that is asked for.
TOKEN_BYTES = 16
#: What a calendar is given: enough to look back a little, and to see what was cancelled.
LOOK_BACK, LOOK_AHEAD = timedelta(days=30), timedelta(days=180)


@dataclass(frozen=True)
class ReadFeed:
    """A calendar that is being read: whose it is, and what stands in it."""

    staff: Staff
    with_initials: bool
    appointments: list[Appointment]


class CalendarFeeds(Repository):
    """Use-cases about calendar addresses. A token is shown once; only its hash is kept."""

    def live_of(self, staff: Staff) -> CalendarFeed | None:
        """Return the address that works now, if there is one."""
        query = select(CalendarFeed).where(
            CalendarFeed.staff_id == staff.id, CalendarFeed.revoked_at.is_(None)
        )
        return self._session.scalars(query.order_by(CalendarFeed.id.desc())).first()

    def make(self, staff: Staff, *, with_initials: bool) -> str:
        """Make an address and return its token; the one before stops working."""
        self.revoke(staff)
        token = secrets.token_urlsafe(TOKEN_BYTES)
        self._session.add(
            CalendarFeed(
                staff_id=staff.id,
                token_hash=_hash(token),
                with_initials=with_initials,
                created_at=self._now(),
            )
        )
        self._session.flush()
        return token

    def revoke(self, staff: Staff) -> bool:
        """Let no address of this person work any more; return whether one did."""
        query = select(CalendarFeed).where(
            CalendarFeed.staff_id == staff.id, CalendarFeed.revoked_at.is_(None)
        )
        live = list(self._session.scalars(query.with_for_update()))
        for feed in live:
            feed.revoked_at = self._now()
        self._session.flush()
        return bool(live)

    def read(self, token: str) -> ReadFeed | None:
        """Return what a token gives to read; None for one that is unknown, revoked or of a closed account."""
        feed = self._session.scalars(
            select(CalendarFeed).where(CalendarFeed.token_hash == _hash(token))
        ).one_or_none()
        if feed is None or feed.revoked_at is not None:
            return None
        staff = self._session.get(Staff, feed.staff_id)
        if staff is None or staff.disabled_at is not None:
            return None
        now = self._now()
        query = (
            select(Appointment)
            .join(Client, Client.id == Appointment.client_id)
            .where(
                Appointment.staff_id == staff.id,
                Appointment.starts_at.between(now - LOOK_BACK, now + LOOK_AHEAD),
                may_see(staff),
            )
            .order_by(Appointment.starts_at, Appointment.id)
        )
        return ReadFeed(staff, feed.with_initials, list(self._session.scalars(query).unique()))


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
