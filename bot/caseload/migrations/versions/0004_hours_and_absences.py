"""Own hours, absences, and alerts about clients who wait."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the schema forward."""
    op.create_table(
        "absences",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("staff_id", sa.String(length=32), nullable=False),
        sa.Column("from_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("until_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("cover_id", sa.String(length=32), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.String(length=32), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["cover_id"], ["staff.id"], name=op.f("fk_absences_cover_id_staff")),
        sa.ForeignKeyConstraint(["created_by"], ["staff.id"], name=op.f("fk_absences_created_by_staff")),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_absences_staff_id_staff")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_absences")),
    )
    with op.batch_alter_table("absences", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_absences_cover_id"), ["cover_id"], unique=False)
        batch_op.create_index("ix_absences_staff_id_until_at", ["staff_id", "until_at"], unique=False)

    with op.batch_alter_table("alerts", schema=None) as batch_op:
        batch_op.add_column(sa.Column("about", sa.String(length=10), server_default="urgent", nullable=False))

    with op.batch_alter_table("services", schema=None) as batch_op:
        batch_op.add_column(sa.Column("holiday_area", sa.String(length=10), nullable=True))
        batch_op.add_column(sa.Column("silence_minutes", sa.Integer(), server_default="30", nullable=False))

    with op.batch_alter_table("staff", schema=None) as batch_op:
        batch_op.add_column(sa.Column("hours", sa.JSON(), nullable=True))


def downgrade() -> None:
    """Take the schema back."""
    with op.batch_alter_table("staff", schema=None) as batch_op:
        batch_op.drop_column("hours")

    with op.batch_alter_table("services", schema=None) as batch_op:
        batch_op.drop_column("silence_minutes")
        batch_op.drop_column("holiday_area")

    with op.batch_alter_table("alerts", schema=None) as batch_op:
        batch_op.drop_column("about")

    with op.batch_alter_table("absences", schema=None) as batch_op:
        batch_op.drop_index("ix_absences_staff_id_until_at")
        batch_op.drop_index(batch_op.f("ix_absences_cover_id"))

    op.drop_table("absences")
