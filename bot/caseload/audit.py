"""The audit trail."""

from __future__ import annotations

from sqlalchemy import select

from bot.caseload.models.people import Audit
from bot.caseload.repository import Repository


class AuditTrail(Repository):
    """Who saw or changed what."""

    def record(
        self,
        action: str,
        *,
        staff_id: str | None = None,
        actor: str = "staff",
        client_id: str | None = None,
        subject: str | None = None,
    ) -> None:
        """Write one line; `subject` is an id or a code and never a client's words."""
        self._session.add(
            Audit(
                at=self._now(),
                staff_id=staff_id,
                actor=actor,
                action=action,
                client_id=client_id,
                subject=subject,
            )
        )

    def of_client(self, client_id: str, limit: int = 200) -> list[Audit]:
        """Return the newest lines about a client, newest first."""
        query = select(Audit).where(Audit.client_id == client_id).order_by(Audit.id.desc()).limit(limit)
        return list(self._session.scalars(query))
