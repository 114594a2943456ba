"""Alerts about accounts, beside those about clients."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the schema forward."""
    with op.batch_alter_table("alerts", schema=None) as batch_op:
        batch_op.add_column(sa.Column("audit_id", sa.Integer(), nullable=True))
        batch_op.alter_column("handoff_id", existing_type=sa.String(length=32), nullable=True)
        batch_op.create_foreign_key(batch_op.f("fk_alerts_audit_id_audit"), "audit", ["audit_id"], ["id"])


def downgrade() -> None:
    """Take the schema back."""
    op.execute("DELETE FROM alerts WHERE handoff_id IS NULL")
    with op.batch_alter_table("alerts", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("fk_alerts_audit_id_audit"), type_="foreignkey")
        batch_op.alter_column("handoff_id", existing_type=sa.String(length=32), nullable=False)
        batch_op.drop_column("audit_id")
