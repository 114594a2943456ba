"""Words that a service uses often."""

from __future__ import annotations

from sqlalchemy import func, select

from bot.caseload.errors import NameTaken, NoSuchQuickReply, SomeoneWasFaster
from bot.caseload.models.people import Service, Staff
from bot.caseload.models.talk import QuickReply
from bot.caseload.repository import Repository


class QuickReplies(Repository):
    """Use-cases about quick replies; each person sees those of their own service."""

    def of_service(self, service: Service) -> list[QuickReply]:
        """Return a service's quick replies, by name."""
        query = (
            select(QuickReply)
            .where(QuickReply.service_id == service.id)
            .order_by(func.lower(QuickReply.name))
        )
        return list(self._session.scalars(query))

    def get_for(self, staff: Staff, reply_id: str, *, lock: bool = False) -> QuickReply:
        """Return a quick reply of this person's service; raise NoSuchQuickReply otherwise."""
        query = select(QuickReply).where(QuickReply.id == reply_id, QuickReply.service_id == staff.service_id)
        if lock:
            query = query.with_for_update().execution_options(populate_existing=True)
        reply = self._session.scalars(query).one_or_none()
        if reply is None:
            raise NoSuchQuickReply(reply_id)
        return reply

    def add(self, service: Service, name: str, text: str, by: Staff | None = None) -> QuickReply:
        """Add a quick reply; raise NameTaken when the service has one of this name."""
        self._refuse_taken(service.id, name, None)
        reply = QuickReply(
            service_id=service.id,
            name=name,
            text=text,
            changed_at=self._now(),
            changed_by=by.id if by else None,
        )
        self._session.add(reply)
        self._session.flush()
        return reply

    def change(self, staff: Staff, reply_id: str, name: str, text: str, seen_version: int) -> QuickReply:
        """Change a quick reply.

        Raises NoSuchQuickReply, NameTaken, or SomeoneWasFaster when it was changed since it was looked at.
        """
        reply = self.get_for(staff, reply_id, lock=True)
        if reply.version != seen_version:
            raise SomeoneWasFaster(reply_id)
        self._refuse_taken(reply.service_id, name, reply.id)
        reply.name, reply.text = name, text
        reply.version += 1
        reply.changed_at, reply.changed_by = self._now(), staff.id
        self._session.flush()
        return reply

    def remove(self, staff: Staff, reply_id: str) -> QuickReply:
        """Delete a quick reply; raise NoSuchQuickReply when it is gone or another service's."""
        reply = self.get_for(staff, reply_id, lock=True)
        self._session.delete(reply)
        self._session.flush()
        return reply

    def _refuse_taken(self, service_id: str, name: str, own_id: str | None) -> None:
        query = select(QuickReply.id).where(
            QuickReply.service_id == service_id, func.lower(QuickReply.name) == name.lower()
        )
        if any(found != own_id for found in self._session.scalars(query)):
            raise NameTaken(name)
