"""Invite links: 128 random bits, used once, good for three days, of which only the hash is kept."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select

from bot.caseload.errors import InviteNotUsable
from bot.caseload.models.people import Client, Invite, Staff
from bot.caseload.repository import Repository

INVITE_LIFETIME = timedelta(hours=72)


@dataclass(frozen=True)
class FreshInvite:
    """A new invite; the token is shown once and kept nowhere."""

    token: str
    expires_at: datetime


class Invites(Repository):
    """Use-cases about invites."""

    def create(self, client: Client, by: Staff | None = None) -> FreshInvite:
        """Make an invite for a client; older unused ones stop working."""
        now = self._now()
        self.revoke_open(client)
        token = secrets.token_urlsafe(16)
        expires_at = now + INVITE_LIFETIME
        self._session.add(
            Invite(
                client_id=client.id,
                token_hash=_hash(token),
                created_at=now,
                created_by=by.id if by else None,
                expires_at=expires_at,
            )
        )
        self._session.flush()
        return FreshInvite(token, expires_at)

    def revoke_open(self, client: Client) -> None:
        """Let no invite of this client work any more."""
        open_ones = select(Invite).where(
            Invite.client_id == client.id, Invite.used_at.is_(None), Invite.revoked_at.is_(None)
        )
        for invite in self._session.scalars(open_ones):
            invite.revoked_at = self._now()

    def was_made(self, token: str) -> bool:
        """Return whether this is a token of ours, used or not."""
        known = select(Invite.id).where(Invite.token_hash == _hash(token))
        return self._session.scalars(known).first() is not None

    def use(self, token: str) -> Client:
        """Use an invite up and return its client; raise InviteNotUsable without saying why."""
        invite = self._session.scalars(
            select(Invite).where(Invite.token_hash == _hash(token)).with_for_update()
        ).one_or_none()
        if invite is None or invite.used_at or invite.revoked_at or invite.expires_at <= self._now():
            raise InviteNotUsable
        invite.used_at = self._now()
        client = self._session.get(Client, invite.client_id)
        if client is None or client.status == "closed":
            raise InviteNotUsable
        return client


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
