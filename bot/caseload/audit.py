"""The audit trail."""

from __future__ import annotations

from collections.abc import Collection
from datetime import timedelta

from sqlalchemy import insert, select

from bot.caseload.models.people import Audit
from bot.caseload.repository import Repository

#: Whoever looks again at the same page within this leaves no second line about the same client.
ONE_LINE_EACH = timedelta(hours=1)


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
    ) -> Audit:
        """Write one line and return it; `subject` is an id or a code and never a client's words."""
        line = Audit(
            at=self._now(),
            staff_id=staff_id,
            actor=actor,
            action=action,
            client_id=client_id,
            subject=subject,
        )
        self._session.add(line)
        return line

    def not_noted(self, action: str, staff_id: str, client_ids: Collection[str]) -> list[str]:
        """Return those of these clients of whom this look of a person left no line within the last hour."""
        wanted = list(dict.fromkeys(client_ids))
        if not wanted:
            return []
        query = select(Audit.client_id).where(
            Audit.client_id.in_(wanted),
            Audit.at > self._now() - ONE_LINE_EACH,
            Audit.staff_id == staff_id,
            Audit.action == action,
        )
        noted = set(self._session.scalars(query))
        return [client_id for client_id in wanted if client_id not in noted]

    def note_looks(self, action: str, staff_id: str, client_ids: Collection[str]) -> None:
        """Write one line for each of these clients: a person looked at a page that shows them."""
        line = {"at": self._now(), "staff_id": staff_id, "actor": "staff", "action": action}
        self._session.execute(insert(Audit), [{**line, "client_id": one} for one in client_ids])

    def of_client(self, client_id: str, limit: int = 200) -> list[Audit]:
        """Return the newest lines about a client, newest first."""
        query = select(Audit).where(Audit.client_id == client_id).order_by(Audit.id.desc()).limit(limit)
        return list(self._session.scalars(query))

    def of_staff(self, staff_id: str, limit: int = 200) -> list[Audit]:
        """Return the newest lines about what somebody did, newest first."""
        query = select(Audit).where(Audit.staff_id == staff_id).order_by(Audit.id.desc()).limit(limit)
        return list(self._session.scalars(query))
