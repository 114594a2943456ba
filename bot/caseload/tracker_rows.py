"""The dialogue server's own table, which lies in the same database: we only ever copy or delete its rows."""

from __future__ import annotations

from sqlalchemy import Text, column, inspect, table
from sqlalchemy.orm import Session

from bot.caseload.models.base import UtcDateTime

#: Made by the dialogue's tracker store at its first start; may not exist. The sender is our conversation id.
TRACKERS = table(
    "dialogue_trackers",
    column("sender_id", Text()),
    column("events", Text()),
    column("updated_at", UtcDateTime()),
)


def has_trackers(session: Session) -> bool:
    """Return whether the dialogue server has made its table yet."""
    return inspect(session.connection()).has_table(TRACKERS.name)
