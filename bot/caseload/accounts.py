"""Accounts of staff, always reached through the admin or manager who asks."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Select, func, select
from sqlalchemy.exc import IntegrityError

from bot.caseload.errors import AccountNotYours, EmailTaken, LastOfRole, LinkNotUsable, NoSuchColleague
from bot.caseload.models.accounts import AccountLink
from bot.caseload.models.people import Service, Staff
from bot.caseload.recovery import RecoveryCodes
from bot.caseload.repository import Repository
from bot.caseload.staff import StaffList

ROLES = ("consultant", "lead", "duty", "manager", "admin")
#: Whose accounts somebody looks after, by their own role. Nobody looks after their own.
LOOKS_AFTER = {"admin": frozenset(ROLES), "manager": frozenset({"consultant", "lead", "duty"})}
#: A service is never without one of these, once it had one.
NEVER_WITHOUT = ("admin", "manager")
WELCOME, RESET = "welcome", "reset"
LIFETIMES = {WELCOME: timedelta(days=7), RESET: timedelta(hours=24)}


@dataclass(frozen=True)
class FreshLink:
    """A new link to an account; the token is shown once and kept nowhere."""

    kind: str
    token: str
    expires_at: datetime


class Accounts(Repository):
    """Use-cases about the accounts of a service's staff."""

    def of_service(self, by: Staff) -> list[Staff]:
        """Return everybody who works or worked for the service of an admin or manager: disabled ones last."""
        if by.role not in LOOKS_AFTER:
            return []
        query = (
            select(Staff)
            .where(Staff.service_id == by.service_id)
            .order_by(Staff.disabled_at.is_not(None), func.lower(Staff.name), Staff.id)
        )
        return list(self._session.scalars(query))

    def get_for(self, by: Staff, staff_id: str) -> Staff:
        """Return somebody of the service of an admin or manager, disabled or not; raise NoSuchColleague."""
        query = select(Staff).where(Staff.id == staff_id, Staff.service_id == by.service_id)
        staff = self._session.scalars(query).one_or_none() if by.role in LOOKS_AFTER else None
        if staff is None:
            raise NoSuchColleague(staff_id)
        return staff

    def lock_for(self, by: Staff, staff_id: str) -> Staff:
        """Return an account for changing it; raise NoSuchColleague, or AccountNotYours to change.

        Locks everybody who looks after accounts: of two who disable each other, one is too late.
        """
        heads = select(Staff).where(Staff.service_id == by.service_id, Staff.role.in_(LOOKS_AFTER))
        anew = {"populate_existing": True}
        self._session.scalars(
            heads.order_by(Staff.id).with_for_update(of=Staff).execution_options(**anew)
        ).all()
        one = select(Staff).where(Staff.id == staff_id, Staff.service_id == by.service_id)
        self._session.scalars(one.with_for_update(of=Staff).execution_options(**anew)).all()
        staff = self.get_for(by, staff_id)
        if by.disabled_at is not None or not looks_after(by, staff):
            raise AccountNotYours(staff_id)
        return staff

    def invite(self, by: Staff | None, staff: Staff) -> FreshLink:
        """Make the one-time link to an account; older ones stop working.

        It welcomes somebody who has no password yet, and resets the password of everybody else.
        """
        kind, token, now = RESET if staff.password_hash else WELCOME, secrets.token_urlsafe(24), self._now()
        self.revoke_links(staff)
        expires_at = now + LIFETIMES[kind]
        self._session.add(
            AccountLink(
                staff_id=staff.id,
                kind=kind,
                token_hash=_hash(token),
                created_at=now,
                created_by=by.id if by else None,
                expires_at=expires_at,
            )
        )
        self._session.flush()
        return FreshLink(kind, token, expires_at)

    def open(self, by: Staff, name: str, email: str, role: str) -> Staff:
        """Open an account without a password; raise EmailTaken, or AccountNotYours for a role too high."""
        if role not in LOOKS_AFTER.get(by.role, ()):
            raise AccountNotYours(role)
        return self.open_at(by.service, name, email, role)

    def open_at(self, service: Service, name: str, email: str, role: str) -> Staff:
        """Open an account for the operator, who makes a service's first one; raise EmailTaken."""
        email = email.strip().lower()
        if self.is_taken(email):
            raise EmailTaken
        try:
            return StaffList(self._session, self._clock).add(
                service, name, email, role, password_hash=None, totp_secret=None
            )
        except IntegrityError as error:
            # Somebody else invited the same person at this moment.
            raise EmailTaken from error

    def is_taken(self, email: str) -> bool:
        """Return whether anybody has an account with this address, in any letter case and disabled or not."""
        known = select(Staff.id).where(func.lower(Staff.email) == email.strip().lower())
        return self._session.scalars(known).first() is not None

    def open_link(self, staff: Staff) -> AccountLink | None:
        """Return the link to this account that still works, if there is one."""
        query = self._usable().where(AccountLink.staff_id == staff.id)
        return self._session.scalars(query).first()

    def revoke_links(self, staff: Staff) -> int:
        """Let no link to this account work any more; return how many did."""
        links = list(self._session.scalars(self._usable().where(AccountLink.staff_id == staff.id)))
        for link in links:
            link.revoked_at = self._now()
        self._session.flush()
        return len(links)

    def behind_link(self, kind: str, token: str) -> Staff:
        """Return whose account a link leads to; raise LinkNotUsable without saying why."""
        return self._link(kind, token)[1]

    def use_link(self, kind: str, token: str, password_hash: str) -> Staff:
        """Use a link up and keep the new password; raise LinkNotUsable without saying why."""
        link, staff = self._link(kind, token)
        link.used_at = self._now()
        StaffList(self._session, self._clock).set_password(staff, password_hash)
        if kind == WELCOME:
            staff.welcomed_at = self._now()
        self._session.flush()
        return staff

    def change_role(self, staff: Staff, role: str) -> None:
        """Give a locked account another role; their sessions end. Raises LastOfRole."""
        if role == staff.role:
            return
        self._leave_one(staff)
        staff.role = role
        staff.session_version += 1
        self._session.flush()

    def disable(self, staff: Staff) -> None:
        """Close a locked account: sessions end at once and links stop working. Raises LastOfRole."""
        self._leave_one(staff)
        self.revoke_links(staff)
        StaffList(self._session, self._clock).disable(staff)
        self._session.flush()

    def enable(self, staff: Staff) -> None:
        """Open a closed account again; password, second factor and role are what they were."""
        staff.disabled_at = None
        self._session.flush()

    def reset_second_factor(self, staff: Staff) -> None:
        """Forget somebody's authenticator app and recovery codes, and end their sessions."""
        staff.totp_secret = staff.totp_last_step = None
        staff.session_version += 1
        RecoveryCodes(self._session, self._clock).remove(staff)

    def _link(self, kind: str, token: str) -> tuple[AccountLink, Staff]:
        query = self._usable().where(AccountLink.token_hash == _hash(token), AccountLink.kind == kind)
        link = self._session.scalars(query.with_for_update()).one_or_none()
        staff = self._session.get(Staff, link.staff_id) if link else None
        # A first password is set once, whatever links were made.
        stale = staff is None or staff.disabled_at is not None or (kind == WELCOME and staff.password_hash)
        if link is None or staff is None or stale:
            raise LinkNotUsable
        return link, staff

    def _usable(self) -> Select[AccountLink]:
        return select(AccountLink).where(
            AccountLink.used_at.is_(None),
            AccountLink.revoked_at.is_(None),
            AccountLink.expires_at > self._now(),
        )

    def _leave_one(self, staff: Staff) -> None:
        if staff.role not in NEVER_WITHOUT or staff.disabled_at is not None:
            return
        # Somebody who was only invited cannot do the work yet.
        others = select(Staff.id).where(
            Staff.service_id == staff.service_id,
            Staff.role == staff.role,
            Staff.id != staff.id,
            Staff.disabled_at.is_(None),
            Staff.password_hash.is_not(None),
        )
        if self._session.scalars(others).first() is None:
            raise LastOfRole(staff.role)


def looks_after(by: Staff, staff: Staff) -> bool:
    """Return whether this person may change that account: never their own."""
    return by.id != staff.id and staff.role in LOOKS_AFTER.get(by.role, ())


def roles_given_by(by: Staff) -> list[str]:
    """Return the roles that this person may give."""
    return [role for role in ROLES if role in LOOKS_AFTER.get(by.role, ())]


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
