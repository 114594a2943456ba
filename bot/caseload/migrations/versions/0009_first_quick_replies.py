"""A service's first quick replies, and areas without a short code."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the schema forward."""
    with op.batch_alter_table("services", schema=None) as batch_op:
        batch_op.add_column(sa.Column("quick_replies_version", sa.String(length=40), nullable=True))
        # "South Canterbury" is one of them.
        batch_op.alter_column(
            "holiday_area", existing_type=sa.String(length=10), type_=sa.String(length=40), nullable=True
        )


def downgrade() -> None:
    """Take the schema back."""
    op.execute("UPDATE services SET holiday_area = NULL WHERE length(holiday_area) > 10")
    with op.batch_alter_table("services", schema=None) as batch_op:
        batch_op.alter_column(
            "holiday_area", existing_type=sa.String(length=40), type_=sa.String(length=10), nullable=True
        )
        batch_op.drop_column("quick_replies_version")
