"""Of a message whether it is answered without the dialogue."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the schema forward; what waits already is answered in its order."""
    op.add_column("inbox", sa.Column("passes", sa.Boolean(), nullable=False, server_default=sa.false()))


def downgrade() -> None:
    """Take the schema back."""
    op.drop_column("inbox", "passes")
