"""Employers, jobs, check-ins, talks, tries to reach a client, facts; and consultants' calendars."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the schema forward."""
    op.create_table(
        "availability_blocks",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("staff_id", sa.String(length=32), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["staff_id"], ["staff.id"], name=op.f("fk_availability_blocks_staff_id_staff")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_availability_blocks")),
    )
    with op.batch_alter_table("availability_blocks", schema=None) as batch_op:
        batch_op.create_index(
            "ix_availability_blocks_staff_id_ends_at", ["staff_id", "ends_at"], unique=False
        )

    op.create_table(
        "calendar_feeds",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("staff_id", sa.String(length=32), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("with_initials", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_calendar_feeds_staff_id_staff")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_calendar_feeds")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_calendar_feeds_token_hash")),
    )
    with op.batch_alter_table("calendar_feeds", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_calendar_feeds_staff_id"), ["staff_id"], unique=False)

    op.create_table(
        "employers",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("service_id", sa.String(length=32), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("site", sa.String(length=200), nullable=True),
        sa.Column("sector", sa.String(length=80), nullable=True),
        sa.Column("dedupe_key", sa.String(length=200), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.String(length=32), nullable=True),
        sa.ForeignKeyConstraint(["created_by"], ["staff.id"], name=op.f("fk_employers_created_by_staff")),
        sa.ForeignKeyConstraint(
            ["service_id"], ["services.id"], name=op.f("fk_employers_service_id_services")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_employers")),
        sa.UniqueConstraint("service_id", "dedupe_key", name=op.f("uq_employers_service_id_dedupe_key")),
    )
    with op.batch_alter_table("employers", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_employers_service_id"), ["service_id"], unique=False)

    op.create_table(
        "benefits_discussions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("client_id", sa.String(length=32), nullable=False),
        sa.Column("held_on", sa.Date(), nullable=False),
        sa.Column("what", sa.String(length=20), nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("staff_id", sa.String(length=32), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["client_id"], ["clients.id"], name=op.f("fk_benefits_discussions_client_id_clients")
        ),
        sa.ForeignKeyConstraint(
            ["staff_id"], ["staff.id"], name=op.f("fk_benefits_discussions_staff_id_staff")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_benefits_discussions")),
    )
    with op.batch_alter_table("benefits_discussions", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_benefits_discussions_client_id"), ["client_id"], unique=False)

    op.create_table(
        "disclosure_discussions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("client_id", sa.String(length=32), nullable=False),
        sa.Column("employer_id", sa.String(length=32), nullable=True),
        sa.Column("held_on", sa.Date(), nullable=False),
        sa.Column("what", sa.String(length=20), nullable=False),
        sa.Column("stance", sa.String(length=20), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("staff_id", sa.String(length=32), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["client_id"], ["clients.id"], name=op.f("fk_disclosure_discussions_client_id_clients")
        ),
        sa.ForeignKeyConstraint(
            ["employer_id"], ["employers.id"], name=op.f("fk_disclosure_discussions_employer_id_employers")
        ),
        sa.ForeignKeyConstraint(
            ["staff_id"], ["staff.id"], name=op.f("fk_disclosure_discussions_staff_id_staff")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_disclosure_discussions")),
    )
    with op.batch_alter_table("disclosure_discussions", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_disclosure_discussions_client_id"), ["client_id"], unique=False)

    op.create_table(
        "employer_contacts",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("service_id", sa.String(length=32), nullable=False),
        sa.Column("employer_id", sa.String(length=32), nullable=False),
        sa.Column("client_id", sa.String(length=32), nullable=True),
        sa.Column("staff_id", sa.String(length=32), nullable=False),
        sa.Column("by", sa.String(length=20), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("face_to_face", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("matches", sa.Boolean(), nullable=True),
        sa.Column("why", sa.Text(), nullable=True),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.Column("next_action", sa.Text(), nullable=True),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["client_id"], ["clients.id"], name=op.f("fk_employer_contacts_client_id_clients")
        ),
        sa.ForeignKeyConstraint(
            ["employer_id"], ["employers.id"], name=op.f("fk_employer_contacts_employer_id_employers")
        ),
        sa.ForeignKeyConstraint(
            ["service_id"], ["services.id"], name=op.f("fk_employer_contacts_service_id_services")
        ),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_employer_contacts_staff_id_staff")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_employer_contacts")),
    )
    with op.batch_alter_table("employer_contacts", schema=None) as batch_op:
        batch_op.create_index("ix_employer_contacts_client_id_at", ["client_id", "at"], unique=False)
        batch_op.create_index(batch_op.f("ix_employer_contacts_employer_id"), ["employer_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_employer_contacts_service_id"), ["service_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_employer_contacts_staff_id"), ["staff_id"], unique=False)

    op.create_table(
        "jobs",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("client_id", sa.String(length=32), nullable=False),
        sa.Column("employer_id", sa.String(length=32), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.Column("end_reason", sa.String(length=30), nullable=True),
        sa.Column("end_known_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.String(length=32), nullable=True),
        sa.ForeignKeyConstraint(["client_id"], ["clients.id"], name=op.f("fk_jobs_client_id_clients")),
        sa.ForeignKeyConstraint(["created_by"], ["staff.id"], name=op.f("fk_jobs_created_by_staff")),
        sa.ForeignKeyConstraint(
            ["employer_id"], ["employers.id"], name=op.f("fk_jobs_employer_id_employers")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_jobs")),
    )
    with op.batch_alter_table("jobs", schema=None) as batch_op:
        batch_op.create_index("ix_jobs_client_id_starts_on", ["client_id", "starts_on"], unique=False)
        batch_op.create_index(batch_op.f("ix_jobs_employer_id"), ["employer_id"], unique=False)

    op.create_table(
        "outreach_attempts",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("client_id", sa.String(length=32), nullable=False),
        sa.Column("staff_id", sa.String(length=32), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("how", sa.String(length=20), nullable=False),
        sa.Column("result", sa.String(length=20), nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["client_id"], ["clients.id"], name=op.f("fk_outreach_attempts_client_id_clients")
        ),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_outreach_attempts_staff_id_staff")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outreach_attempts")),
    )
    with op.batch_alter_table("outreach_attempts", schema=None) as batch_op:
        batch_op.create_index("ix_outreach_attempts_client_id_at", ["client_id", "at"], unique=False)
        batch_op.create_index(batch_op.f("ix_outreach_attempts_staff_id"), ["staff_id"], unique=False)

    op.create_table(
        "profile_facts",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("client_id", sa.String(length=32), nullable=False),
        sa.Column("topic", sa.String(length=40), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("source", sa.String(length=20), nullable=False),
        sa.Column("said_on", sa.Date(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by", sa.String(length=32), nullable=True),
        sa.ForeignKeyConstraint(
            ["client_id"], ["clients.id"], name=op.f("fk_profile_facts_client_id_clients")
        ),
        sa.ForeignKeyConstraint(
            ["recorded_by"], ["staff.id"], name=op.f("fk_profile_facts_recorded_by_staff")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_profile_facts")),
    )
    with op.batch_alter_table("profile_facts", schema=None) as batch_op:
        batch_op.create_index("ix_profile_facts_client_id_topic", ["client_id", "topic"], unique=False)

    op.create_table(
        "check_ins",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("job_id", sa.String(length=32), nullable=False),
        sa.Column("step", sa.String(length=20), nullable=True),
        sa.Column("done_on", sa.Date(), nullable=False),
        sa.Column("mode", sa.String(length=20), nullable=False),
        sa.Column("how_it_goes", sa.String(length=20), nullable=True),
        sa.Column("still_in_job", sa.Boolean(), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by", sa.String(length=32), nullable=True),
        sa.ForeignKeyConstraint(["job_id"], ["jobs.id"], name=op.f("fk_check_ins_job_id_jobs")),
        sa.ForeignKeyConstraint(["recorded_by"], ["staff.id"], name=op.f("fk_check_ins_recorded_by_staff")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_check_ins")),
        sa.UniqueConstraint("job_id", "step", name=op.f("uq_check_ins_job_id_step")),
    )
    with op.batch_alter_table("check_ins", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_check_ins_job_id"), ["job_id"], unique=False)

    op.create_table(
        "job_terms",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("job_id", sa.String(length=32), nullable=False),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("hours_per_week", sa.Numeric(precision=5, scale=2, asdecimal=False), nullable=True),
        sa.Column("pay", sa.Numeric(precision=10, scale=2, asdecimal=False), nullable=True),
        sa.Column("pay_per", sa.String(length=10), nullable=True),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by", sa.String(length=32), nullable=True),
        sa.ForeignKeyConstraint(["job_id"], ["jobs.id"], name=op.f("fk_job_terms_job_id_jobs")),
        sa.ForeignKeyConstraint(["recorded_by"], ["staff.id"], name=op.f("fk_job_terms_recorded_by_staff")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_job_terms")),
    )
    with op.batch_alter_table("job_terms", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_job_terms_job_id"), ["job_id"], unique=False)

    with op.batch_alter_table("appointments", schema=None) as batch_op:
        batch_op.add_column(sa.Column("client_confirmed_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("changes", sa.Integer(), server_default="0", nullable=False))
        batch_op.add_column(sa.Column("changed_at", sa.DateTime(timezone=True), nullable=True))

    with op.batch_alter_table("clients", schema=None) as batch_op:
        batch_op.add_column(sa.Column("accepted_at", sa.DateTime(timezone=True), nullable=True))

    # Whoever is here was taken on when they came, as far as anybody knows.
    op.execute("UPDATE clients SET accepted_at = created_at")


def downgrade() -> None:
    """Take the schema back."""
    with op.batch_alter_table("clients", schema=None) as batch_op:
        batch_op.drop_column("accepted_at")

    with op.batch_alter_table("appointments", schema=None) as batch_op:
        batch_op.drop_column("changed_at")
        batch_op.drop_column("changes")
        batch_op.drop_column("client_confirmed_at")

    with op.batch_alter_table("job_terms", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_job_terms_job_id"))

    op.drop_table("job_terms")
    with op.batch_alter_table("check_ins", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_check_ins_job_id"))

    op.drop_table("check_ins")
    with op.batch_alter_table("profile_facts", schema=None) as batch_op:
        batch_op.drop_index("ix_profile_facts_client_id_topic")

    op.drop_table("profile_facts")
    with op.batch_alter_table("outreach_attempts", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_outreach_attempts_staff_id"))
        batch_op.drop_index("ix_outreach_attempts_client_id_at")

    op.drop_table("outreach_attempts")
    with op.batch_alter_table("jobs", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_jobs_employer_id"))
        batch_op.drop_index("ix_jobs_client_id_starts_on")

    op.drop_table("jobs")
    with op.batch_alter_table("employer_contacts", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_employer_contacts_staff_id"))
        batch_op.drop_index(batch_op.f("ix_employer_contacts_service_id"))
        batch_op.drop_index(batch_op.f("ix_employer_contacts_employer_id"))
        batch_op.drop_index("ix_employer_contacts_client_id_at")

    op.drop_table("employer_contacts")
    with op.batch_alter_table("disclosure_discussions", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_disclosure_discussions_client_id"))

    op.drop_table("disclosure_discussions")
    with op.batch_alter_table("benefits_discussions", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_benefits_discussions_client_id"))

    op.drop_table("benefits_discussions")
    with op.batch_alter_table("employers", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_employers_service_id"))

    op.drop_table("employers")
    with op.batch_alter_table("calendar_feeds", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_calendar_feeds_staff_id"))

    op.drop_table("calendar_feeds")
    with op.batch_alter_table("availability_blocks", schema=None) as batch_op:
        batch_op.drop_index("ix_availability_blocks_staff_id_ends_at")

    op.drop_table("availability_blocks")
