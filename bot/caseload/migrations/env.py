"""Tells Alembic which schema to migrate and over which connection."""

from __future__ import annotations

from typing import Any, Literal

from alembic import context

from bot.caseload.models.base import UtcDateTime
from bot.caseload.models.tables import Base


def render_item(kind: str, item: Any, _autogen: Any) -> str | Literal[False]:
    """Write our instant type as what it is in the database, so that migrations stand alone."""
    if kind == "type" and isinstance(item, UtcDateTime):
        return "sa.DateTime(timezone=True)"
    return False


context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
    render_as_batch=True,
    render_item=render_item,
    compare_type=True,
)
with context.begin_transaction():
    context.run_migrations()
