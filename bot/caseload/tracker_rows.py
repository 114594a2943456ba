"""The dialogue server's own table, which lies in the same database: we only ever copy or delete its rows."""

from __future__ import annotations

from sqlalchemy import Text, column, table

from bot.caseload.models.base import UtcDateTime

#: Made by the dialogue's tracker store at its first start; may not exist. The sender is our conversation id.
TRACKERS = table(
    "dialogue_trackers",
    column("sender_id", Text()),
    column("events", Text()),
    column("updated_at", UtcDateTime()),
)
