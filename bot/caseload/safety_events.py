"""Safety events: the screen fired, and a human has to look."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ColumnElement, func, select

from bot.caseload.models.people import Client, Staff
from bot.caseload.models.safety import SafetyEvent
from bot.caseload.repository import Repository, may_see

#: The route of a low mood or a lapse: an offer and a warm line, without alarm and without pause.
SOFT = "soft"


class SafetyEvents(Repository):
    """Use-cases about safety events."""

    def record(
        self,
        *,
        client: Client | None,
        conversation_id: str | None,
        handoff_id: str | None,
        inbox_seq: int,
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

    def kinds_of(self, handoff_id: str) -> set[str]:
        """Return what the screen read in the messages behind a handoff."""
        query = select(SafetyEvent.kind).where(SafetyEvent.handoff_id == handoff_id)
        return {kind for kind in self._session.scalars(query) if kind}

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
