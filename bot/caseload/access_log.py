"""Who looked at or changed what of a client: what the service shows, and what the client may ask for."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from bot.caseload.models.people import Audit, Client, Staff
from bot.caseload.repository import Repository

#: Who acted when it was not staff.
_OTHERS = {"client": "the client", "bot": "the bot", "operator": "the operator"}


@dataclass(frozen=True)
class AccessLine:
    """One look or change; `number` is where the next page goes on."""

    number: int
    at: datetime
    who: str
    role: str | None
    what: str


class AccessLog(Repository):
    """Use-cases about a client's access log. It names nobody but staff, and quotes nothing."""

    def newest(self, client: Client, limit: int | None = None, before: int = 0) -> list[AccessLine]:
        """Return looks and changes, newest first; `before` goes on after the line with this number."""
        query = (
            select(Audit, Staff.name, Staff.role)
            .outerjoin(Staff, Staff.id == Audit.staff_id)
            .where(Audit.client_id == client.id)
            .order_by(Audit.id.desc())
            .limit(limit)
        )
        if before:
            query = query.where(Audit.id < before)
        return [
            AccessLine(line.id, line.at, name or _OTHERS.get(line.actor, line.actor), role, line.action)
            for line, name, role in self._session.execute(query)
        ]

    def as_text(self, client: Client) -> list[str]:
        """Return the whole log as sentences to hand over, newest first; times are UTC."""
        return [
            f"{line.at:%Y-%m-%d %H:%M}: {line.who}{f' ({line.role})' if line.role else ''}: {line.what}"
            for line in self.newest(client)
        ]
