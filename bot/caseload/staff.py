"""The people who work for a service."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, func, select

from bot.caseload.errors import NoSuchStaff
from bot.caseload.models.people import Service, Staff
from bot.caseload.models.plan import Availability
from bot.caseload.models.safety import StaffLink
from bot.caseload.repository import Repository

LINK_LIFETIME = timedelta(minutes=30)


@dataclass(frozen=True)
class FreshStaffLink:
    """A new code for a person's own Telegram; it is shown once and kept nowhere."""

    token: str
    expires_at: datetime


class StaffList(Repository):
    """Use-cases about staff and their accounts."""

    def find_by_email(self, email: str) -> Staff | None:
        """Return the enabled member of staff with this e-mail address, in any letter case."""
        query = select(Staff).where(
            func.lower(Staff.email) == email.strip().lower(), Staff.disabled_at.is_(None)
        )
        return self._session.scalars(query).one_or_none()

    def find_enabled(self, staff_id: str) -> Staff | None:
        """Return a member of staff unless unknown or disabled."""
        staff = self._session.get(Staff, staff_id)
        return None if staff is None or staff.disabled_at is not None else staff

    def get(self, staff_id: str) -> Staff:
        """Return a member of staff; raise NoSuchStaff when unknown or disabled."""
        staff = self.find_enabled(staff_id)
        if staff is None:
            raise NoSuchStaff(staff_id)
        return staff

    def all(self) -> list[Staff]:
        """Return all enabled staff, by name."""
        return list(
            self._session.scalars(select(Staff).where(Staff.disabled_at.is_(None)).order_by(Staff.name))
        )

    def with_role(self, service: Service, *roles: str) -> list[Staff]:
        """Return the enabled staff of a service who have one of these roles, by name."""
        query = (
            select(Staff)
            .where(Staff.service_id == service.id, Staff.role.in_(roles), Staff.disabled_at.is_(None))
            .order_by(Staff.name)
        )
        return list(self._session.scalars(query))

    def make_link(self, staff: Staff) -> FreshStaffLink:
        """Make a code that links somebody's own Telegram; their older unused ones stop working."""
        now = self._now()
        self._session.execute(
            delete(StaffLink).where(StaffLink.staff_id == staff.id, StaffLink.used_at.is_(None))
        )
        token, expires_at = secrets.token_urlsafe(16), now + LINK_LIFETIME
        self._session.add(
            StaffLink(staff_id=staff.id, token_hash=_hash(token), created_at=now, expires_at=expires_at)
        )
        self._session.flush()
        return FreshStaffLink(token, expires_at)

    def use_link(self, token: str, bot_id: str, chat_id: str) -> Staff | None:
        """Use a code up and send this person's alerts to this chat; None for a code that is no good."""
        query = select(StaffLink).where(StaffLink.token_hash == _hash(token)).with_for_update()
        link = self._session.scalars(query).one_or_none()
        if link is None or link.used_at is not None or link.expires_at <= self._now():
            return None
        staff = self.find_enabled(link.staff_id)
        if staff is None:
            return None
        link.used_at = self._now()
        before = self.find_by_alert_chat(bot_id, chat_id)
        if before is not None:
            # One phone, one person: whoever holds it now has proved who they are.
            self.unlink_alerts(before)
        staff.alert_bot_id, staff.alert_chat_id = bot_id, chat_id
        self._session.flush()
        return staff

    def find_by_alert_chat(self, bot_id: str, chat_id: str) -> Staff | None:
        """Return whose alerts go to this chat, if it is a staff chat."""
        query = select(Staff).where(Staff.alert_bot_id == bot_id, Staff.alert_chat_id == chat_id)
        return self._session.scalars(query).one_or_none()

    def unlink_alerts(self, staff: Staff) -> None:
        """Send no more alerts to this person's Telegram."""
        staff.alert_bot_id = staff.alert_chat_id = None
        self._session.flush()

    def add(
        self,
        service: Service,
        name: str,
        email: str,
        role: str,
        *,
        password_hash: str | None,
        totp_secret: str | None,
    ) -> Staff:
        """Open an account. Roles: consultant, lead, manager, admin, duty."""
        staff = Staff(
            service_id=service.id,
            name=name,
            email=email,
            role=role,
            password_hash=password_hash,
            totp_secret=totp_secret,
            created_at=self._now(),
        )
        self._session.add(staff)
        self._session.flush()
        self._session.refresh(staff)
        return staff

    def set_availability(self, staff: Staff, spans: list[tuple[int, str, str]]) -> None:
        """Replace the weekly spans (weekday, from, until; local time) in which a consultant meets clients."""
        self._session.execute(delete(Availability).where(Availability.staff_id == staff.id))
        for weekday, start, end in spans:
            self._session.add(
                Availability(staff_id=staff.id, weekday=weekday, from_time=start, until_time=end)
            )
        self._session.flush()

    def set_password(self, staff: Staff, password_hash: str) -> None:
        """Keep a new password hash and end the person's other sessions."""
        staff.password_hash = password_hash
        staff.session_version += 1

    def set_second_factor(self, staff: Staff, secret: str) -> None:
        """Keep the secret of a person's code generator."""
        staff.totp_secret = secret
        staff.totp_last_step = None

    def use_code(self, staff: Staff, step: int) -> bool:
        """Note the time step of an accepted code; return False when it was used before."""
        # Locked, so that of two requests at the same moment only one uses the code.
        self._session.flush()
        self._session.execute(select(Staff.id).where(Staff.id == staff.id).with_for_update())
        self._session.refresh(staff)
        if staff.totp_last_step is not None and step <= staff.totp_last_step:
            return False
        staff.totp_last_step = step
        return True

    def end_sessions(self, staff: Staff) -> None:
        """End every session of a person."""
        staff.session_version += 1

    def disable(self, staff: Staff) -> None:
        """Close a person's account; their sessions end with their next request."""
        staff.disabled_at = self._now()
        staff.session_version += 1
        self.unlink_alerts(staff)


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
