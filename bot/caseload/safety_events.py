"""Safety events: the screen fired, and a human has to look."""

from __future__ import annotations

from sqlalchemy import select

from bot.caseload.models.people import Client, Staff
from bot.caseload.models.safety import SafetyEvent
from bot.caseload.repository import Repository, may_see


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
            at=self._now(),
        )
        self._session.add(event)
        self._session.flush()
        return event

    def unacknowledged_for(self, client: Client) -> bool:
        """Return whether an event of this client still waits for a human: automation pauses meanwhile."""
        query = select(SafetyEvent.id).where(
            SafetyEvent.client_id == client.id, SafetyEvent.acknowledged_at.is_(None)
        )
        return self._session.scalars(query.limit(1)).first() is not None

    def acknowledge(self, staff: Staff, client: Client) -> int:
        """Note that a human has dealt with this client's events; return how many."""
        query = (
            select(SafetyEvent)
            .join(Client, Client.id == SafetyEvent.client_id)
            .where(Client.id == client.id, may_see(staff), SafetyEvent.acknowledged_at.is_(None))
        )
        events = list(self._session.scalars(query))
        for event in events:
            event.acknowledged_at = self._now()
            event.acknowledged_by = staff.id
        return len(events)
