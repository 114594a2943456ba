"""The people who work for a service."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, func, select

from bot.caseload.absences import may_arrange
from bot.caseload.errors import NoSuchColleague, NoSuchStaff
from bot.caseload.models.people import Service, Staff
from bot.caseload.models.plan import Availability
from bot.caseload.models.safety import StaffLink
from bot.caseload.models.staff_chats import StaffButton, StaffFocus
from bot.caseload.repository import Repository

LINK_LIFETIME = timedelta(minutes=30)
#: So long after they confirmed it in the console somebody may read clients' words in their own Telegram.
READING_LASTS = timedelta(days=30)


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
        # What they had open on another phone, and wanted to read there, says nothing about this one.
        self.unlink_alerts(staff)
        staff.alert_bot_id, staff.alert_chat_id = bot_id, chat_id
        self._session.flush()
        return staff

    def find_by_alert_chat(self, bot_id: str, chat_id: str) -> Staff | None:
        """Return whose alerts go to this chat, if it is a staff chat."""
        query = select(Staff).where(Staff.alert_bot_id == bot_id, Staff.alert_chat_id == chat_id)
        return self._session.scalars(query).one_or_none()

    def find_in_chat(self, bot_id: str, chat_id: str) -> Staff | None:
        """Return the enabled member of staff whose own chat this is."""
        staff = self.find_by_alert_chat(bot_id, chat_id)
        return staff if staff is not None and staff.disabled_at is None else None

    def unlink_alerts(self, staff: Staff) -> None:
        """Send no more alerts to this person's Telegram."""
        staff.alert_bot_id = staff.alert_chat_id = None
        self.stop_reading(staff)

    def may_read_in_telegram(self, staff: Staff) -> bool:
        """Return whether clients' words may be shown in this person's own Telegram at this moment.

        They said so themselves in the console a short time ago, in the role that they have now, and their
        service allows it.
        """
        since = staff.reads_there_since
        return (
            staff.disabled_at is None
            and staff.alert_chat_id is not None
            and staff.service.telegram_reading
            and since is not None
            and since > self._now() - READING_LASTS
            and staff.reads_there_as == staff.role
        )

    def allow_reading(self, staff: Staff) -> None:
        """Note that this person, who has just proved who they are, reads clients' words in their Telegram."""
        staff.reads_there_since, staff.reads_there_as = self._now(), staff.role
        self._session.flush()

    def reads_until(self, staff: Staff) -> datetime | None:
        """Return until when this person may read clients in their own Telegram; None when they may not."""
        since = staff.reads_there_since
        return since + READING_LASTS if since is not None and self.may_read_in_telegram(staff) else None

    def leave_reading_to_staff(self, service: Service, *, allowed: bool) -> None:
        """Let each member of staff decide whether they read in Telegram, or forbid it to all of them.

        When it is allowed again, everybody has to say so anew.
        """
        service.telegram_reading = allowed
        if not allowed:
            for staff in self._session.scalars(select(Staff).where(Staff.service_id == service.id)):
                self.stop_reading(staff)

    def stop_reading(self, staff: Staff) -> None:
        """Show no client in this person's Telegram, and forget whom they had open there."""
        staff.reads_there_since = staff.reads_there_as = None
        self._session.flush()
        for table in (StaffButton, StaffFocus):
            self._session.execute(delete(table).where(table.staff_id == staff.id))

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

    def get_to_arrange(self, staff: Staff, staff_id: str) -> Staff:
        """Return somebody whose hours this person may set; raise NoSuchColleague otherwise."""
        query = select(Staff).where(Staff.id == staff_id, Staff.disabled_at.is_(None), may_arrange(staff))
        found = self._session.scalars(query).one_or_none()
        if found is None:
            raise NoSuchColleague(staff_id)
        return found

    def to_arrange(self, staff: Staff) -> list[Staff]:
        """Return everybody whose hours this person may set, by name."""
        query = select(Staff).where(Staff.disabled_at.is_(None), may_arrange(staff)).order_by(Staff.name)
        return list(self._session.scalars(query))

    def set_hours(self, staff: Staff, hours: dict[str, list[list[str]]] | None) -> None:
        """Set somebody's own working hours, written as those of a service; None: they are the service's."""
        staff.hours = hours
        self._session.flush()

    def count_with_own_hours(self, service: Service) -> int:
        """Return how many of a service keep hours of their own, whatever the service's are."""
        # Of a JSON column None is a value of its own: it is read, and not compared in the database.
        query = select(Staff).where(Staff.service_id == service.id, Staff.disabled_at.is_(None))
        return sum(1 for staff in self._session.scalars(query) if staff.hours is not None)

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

    def note_signed_in(self, staff: Staff) -> None:
        """Keep when somebody last came in."""
        staff.last_sign_in_at = self._now()

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
