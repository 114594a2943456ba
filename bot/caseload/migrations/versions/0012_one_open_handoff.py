"""Of the open handoffs of a client one of each reason and subject."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

NAMES = {
    "uq_handoffs_open": (["client_id", "reason"], "subject IS NULL"),
    "uq_handoffs_open_about": (["client_id", "reason", "subject"], "subject IS NOT NULL"),
}
OPEN = "status IN ('waiting', 'seen', 'taken')"
HASTIEST = ("now", "today", "routine")
#: In the record of a double: where the client's wait goes on.
NOTE = "Asked for twice at the same moment: this goes on in the other one."

instant = sa.DateTime(timezone=True)
handoffs = sa.table(
    "handoffs", sa.column("id"), sa.column("client_id"), sa.column("reason"), sa.column("subject"),
    sa.column("urgency"), sa.column("question"), sa.column("asked_count"), sa.column("status"),
    sa.column("waiting_since"), sa.column("ended_at", instant),
)  # fmt: skip
events = sa.table(
    "handoff_events", sa.column("id"), sa.column("handoff_id"), sa.column("what"), sa.column("note"),
    sa.column("at", instant),
)  # fmt: skip
alerts = sa.table("alerts", sa.column("handoff_id"), sa.column("status"), sa.column("about"))
safety_events = sa.table("safety_events", sa.column("handoff_id"))
timers = sa.table("timers", sa.column("key"), sa.column("status"), sa.column("finished_at", instant))


def upgrade() -> None:
    """Bring the schema forward; of doubles one stays open, with the words and the count of the others."""
    connection = op.get_bind()
    groups: dict[tuple[str, str, str | None], list[Any]] = {}
    found = connection.execute(
        sa.select(handoffs).where(sa.text(OPEN)).order_by(handoffs.c.waiting_since, handoffs.c.id)
    )
    for row in found:
        groups.setdefault((row.client_id, row.reason, row.subject), []).append(row)
    for rows in groups.values():
        if len(rows) > 1:
            # Nobody may stop hearing of danger because of this: one that alarms stays; else the longest wait.
            kept = next((row for row in rows if _is_alarming(connection, row.id)), rows[0])
            _fold(connection, kept, [row for row in rows if row.id != kept.id])
    for name, (columns, which) in NAMES.items():
        where = sa.text(f"{OPEN} AND {which}")
        op.create_index(name, "handoffs", columns, unique=True, sqlite_where=where, postgresql_where=where)


def downgrade() -> None:
    """Take the schema back; what was folded into one stays so."""
    for name in NAMES:
        op.drop_index(name, "handoffs")


def _is_alarming(connection: sa.Connection, handoff_id: str) -> bool:
    last = connection.execute(
        sa.select(events.c.what)
        .where(events.c.handoff_id == handoff_id, events.c.what.in_(("escalated", "acknowledged")))
        .order_by(events.c.id.desc())
        .limit(1)
    ).scalar()
    return last == "escalated"


def _fold(connection: sa.Connection, kept: Any, doubles: list[Any]) -> None:
    now = datetime.now(UTC)
    words = dict.fromkeys(row.question for row in (kept, *doubles) if row.question)
    connection.execute(
        sa.update(handoffs)
        .where(handoffs.c.id == kept.id)
        .values(
            asked_count=sum(row.asked_count for row in (kept, *doubles)),
            question="\n".join(words),
            urgency=min((row.urgency for row in (kept, *doubles)), key=HASTIEST.index),
        )
    )
    for row in doubles:
        connection.execute(
            sa.update(handoffs).where(handoffs.c.id == row.id).values(status="closed", ended_at=now)
        )
        connection.execute(sa.insert(events).values(handoff_id=row.id, what="closed", note=NOTE, at=now))
        connection.execute(
            sa.update(safety_events).where(safety_events.c.handoff_id == row.id).values(handoff_id=kept.id)
        )
        # The one that stays has its own; about danger, telling twice is better than not at all.
        connection.execute(
            sa.update(alerts)
            .where(alerts.c.handoff_id == row.id, alerts.c.status == "new", alerts.c.about == "wait")
            .values(status="dropped")
        )
        connection.execute(
            sa.update(timers)
            .where(timers.c.key.like(f"handoff_wait:{row.id}:%"), timers.c.status == "waiting")
            .values(status="cancelled", finished_at=now)
        )
