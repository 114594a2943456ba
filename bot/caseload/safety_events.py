"""Safety events: the screen fired, and a human has to look."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ColumnElement, func, select

from bot.caseload.models.conversation import Conversation
from bot.caseload.models.people import Client, Staff
from bot.caseload.models.safety import SafetyEvent
from bot.caseload.repository import Repository, may_see

#: The route of a low mood or a lapse: an offer and a warm line, without alarm and without pause.
SOFT = "soft"
#: The kind of what no detector could read; its route is soft, so that it pauses nothing.
SCREEN_FAILED = "screen_failed"


class SafetyEvents(Repository):
    """Use-cases about safety events."""

    def record(
        self,
        *,
        client: Client | None,
        conversation_id: str | None,
        handoff_id: str | None,
        inbox_seq: int | None,
        route: str,
        kind: str | None,
        detectors: tuple[str, ...],
        content_version: str,
        late: bool = False,
    ) -> SafetyEvent:
        """Write down that the screen fired."""
        event = SafetyEvent(
            client_id=client.id if client else None,
            conversation_id=conversation_id,
            handoff_id=handoff_id,
            inbox_seq=inbox_seq,
            route=route,
            kind=kind,
            detectors=list(detectors),
            content_version=content_version,
            late=late,
            at=self._now(),
        )
        self._session.add(event)
        self._session.flush()
        return event

    def paused_since(self, client: Client) -> datetime | None:
        """Return since when the bot starts nothing to this client: until a human has cleared every event.

        That somebody is on it does not end the pause. A low mood, or a lapse, does not begin one.
        """
        query = select(func.min(SafetyEvent.at)).where(
            SafetyEvent.client_id == client.id, SafetyEvent.cleared_at.is_(None), SafetyEvent.route != SOFT
        )
        return self._session.scalar(query)

    def clear(self, staff: Staff, client: Client) -> int:
        """Note that the bot may start messages to this client again; return how many events that ends."""
        events = self._seen_by(staff, client, SafetyEvent.cleared_at.is_(None))
        for event in events:
            event.cleared_at = self._now()
            event.cleared_by = staff.id
        return len(events)

    def newest_of(self, conversation: Conversation) -> SafetyEvent | None:
        """Return what the screen read last in a chat; where it failed it read nothing."""
        query = (
            select(SafetyEvent)
            .where(
                SafetyEvent.conversation_id == conversation.id,
                func.coalesce(SafetyEvent.kind, "") != SCREEN_FAILED,
            )
            .order_by(SafetyEvent.inbox_seq.desc())
            .limit(1)
        )
        return self._session.scalars(query).one_or_none()

    def uncleared(self, client: Client) -> list[SafetyEvent]:
        """Return the events for which the bot pauses, newest first."""
        query = (
            select(SafetyEvent)
            .where(
                SafetyEvent.client_id == client.id,
                SafetyEvent.cleared_at.is_(None),
                SafetyEvent.route != SOFT,
            )
            .order_by(SafetyEvent.at.desc(), SafetyEvent.inbox_seq.desc())
        )
        return list(self._session.scalars(query))

    def of_message(self, inbox_seq: int) -> SafetyEvent | None:
        """Return what was read in one message."""
        query = select(SafetyEvent).where(SafetyEvent.inbox_seq == inbox_seq).limit(1)
        return self._session.scalars(query).first()

    def came_after(self, conversation: Conversation, inbox_seq: int) -> bool:
        """Return whether danger was read in a message of this chat that came behind another one."""
        query = select(SafetyEvent.id).where(
            SafetyEvent.conversation_id == conversation.id,
            SafetyEvent.inbox_seq > inbox_seq,
            SafetyEvent.route != SOFT,
        )
        return self._session.scalars(query.limit(1)).first() is not None

    def failed_since(self, client: Client, at: datetime) -> bool:
        """Return whether a human was told after an instant that the screen fails on this client's words."""
        query = select(SafetyEvent.id).where(
            SafetyEvent.client_id == client.id, SafetyEvent.at > at, SafetyEvent.kind == SCREEN_FAILED
        )
        return self._session.scalars(query.limit(1)).first() is not None

    def came_since(self, client: Client, at: datetime) -> bool:
        """Return whether danger was read in what the client wrote after an instant."""
        query = select(SafetyEvent.id).where(
            SafetyEvent.client_id == client.id, SafetyEvent.at > at, SafetyEvent.route != SOFT
        )
        return self._session.scalars(query.limit(1)).first() is not None

    def kinds_of(self, handoff_id: str) -> set[str]:
        """Return what the screen read in the messages behind a handoff."""
        query = select(SafetyEvent.kind).where(SafetyEvent.handoff_id == handoff_id)
        return {kind for kind in self._session.scalars(query) if kind}

    def read_behind(self, handoff_id: str) -> list[tuple[str, str | None]]:
        """Return route and kind of what was read in the messages of a handoff that nobody is on yet."""
        query = select(SafetyEvent.route, SafetyEvent.kind).where(
            SafetyEvent.handoff_id == handoff_id, SafetyEvent.acknowledged_at.is_(None)
        )
        return [(route, kind) for route, kind in self._session.execute(query)]

    def waiting_behind(self, handoff_id: str) -> set[int]:
        """Return the places in the inbox of the messages behind a handoff that nobody is on yet."""
        query = select(SafetyEvent.inbox_seq).where(
            SafetyEvent.handoff_id == handoff_id, SafetyEvent.acknowledged_at.is_(None)
        )
        return {seq for seq in self._session.scalars(query) if seq is not None}

    def acknowledge(self, staff: Staff, client: Client) -> int:
        """Note that a human is on it; return how many of this client's events that concerns."""
        events = self._seen_by(staff, client, SafetyEvent.acknowledged_at.is_(None))
        for event in events:
            event.acknowledged_at = self._now()
            event.acknowledged_by = staff.id
        return len(events)

    def _seen_by(self, staff: Staff, client: Client, which: ColumnElement[bool]) -> list[SafetyEvent]:
        """Return this client's events of a sort, if this person may see the client."""
        query = (
            select(SafetyEvent)
            .join(Client, Client.id == SafetyEvent.client_id)
            .where(Client.id == client.id, may_see(staff), which)
        )
        return list(self._session.scalars(query))
