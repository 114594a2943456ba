"""Staff have a file tried once more."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the schema forward."""
    with op.batch_alter_table("attachments", schema=None) as batch_op:
        batch_op.add_column(sa.Column("asked_again", sa.Integer(), server_default="0", nullable=False))


def downgrade() -> None:
    """Take the schema back."""
    with op.batch_alter_table("attachments", schema=None) as batch_op:
        batch_op.drop_column("asked_again")
