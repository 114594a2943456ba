"""Employers, who spoke to them, and the jobs that clients have."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import ForeignKey, Index, Numeric, String, Text, UniqueConstraint, false
from sqlalchemy.orm import Mapped, mapped_column, relationship

from bot.caseload.models.base import Base, new_id
from bot.caseload.models.people import Staff


class Employer(Base):
    """An employer, known to the whole service; `dedupe_key` keeps one row for one site."""

    __tablename__ = "employers"
    __table_args__ = (UniqueConstraint("service_id", "dedupe_key"),)

    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    service_id: Mapped[str] = mapped_column(ForeignKey("services.id"), index=True)
    name: Mapped[str] = mapped_column(String(200))
    site: Mapped[str | None] = mapped_column(String(200))
    sector: Mapped[str | None] = mapped_column(String(80))
    dedupe_key: Mapped[str] = mapped_column(String(200))
    created_at: Mapped[datetime]
    created_by: Mapped[str | None] = mapped_column(ForeignKey("staff.id"))


class EmployerContact(Base):
    """Somebody spoke to an employer (IPS-25 items 15 to 17); about one client, or about none."""

    __tablename__ = "employer_contacts"
    __table_args__ = (Index("ix_employer_contacts_client_id_at", "client_id", "at"),)

    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    service_id: Mapped[str] = mapped_column(ForeignKey("services.id"), index=True)
    employer_id: Mapped[str] = mapped_column(ForeignKey("employers.id"), index=True)
    client_id: Mapped[str | None] = mapped_column(ForeignKey("clients.id"))
    staff_id: Mapped[str] = mapped_column(ForeignKey("staff.id"), index=True)
    #: consultant or client: who spoke to the employer.
    by: Mapped[str] = mapped_column(String(20))
    at: Mapped[datetime]
    face_to_face: Mapped[bool] = mapped_column(default=False, server_default=false())
    #: Whether it fits what the client wants; None where it is about no client, or nobody has said.
    matches: Mapped[bool | None]
    why: Mapped[str | None] = mapped_column(Text)
    outcome: Mapped[str | None] = mapped_column(Text)
    next_action: Mapped[str | None] = mapped_column(Text)
    recorded_at: Mapped[datetime]

    employer: Mapped[Employer] = relationship(lazy="joined")
    staff: Mapped[Staff] = relationship(lazy="joined")


class Job(Base):
    """Paid work that a client has or had. What is due while they are in it is derived from its start."""

    __tablename__ = "jobs"
    __table_args__ = (Index("ix_jobs_client_id_starts_on", "client_id", "starts_on"),)

    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    client_id: Mapped[str] = mapped_column(ForeignKey("clients.id"))
    employer_id: Mapped[str] = mapped_column(ForeignKey("employers.id"), index=True)
    title: Mapped[str] = mapped_column(String(200))
    starts_on: Mapped[date]
    ends_on: Mapped[date | None]
    #: A code of `bot.caseload.jobs.END_REASONS`: what happened, and nobody's fault.
    end_reason: Mapped[str | None] = mapped_column(String(30))
    #: When somebody here learned of the end: from then on three days to speak (IPS-25 item 23).
    end_known_at: Mapped[datetime | None]
    created_at: Mapped[datetime]
    created_by: Mapped[str | None] = mapped_column(ForeignKey("staff.id"))

    employer: Mapped[Employer] = relationship(lazy="joined")
    terms: Mapped[list[JobTerms]] = relationship(lazy="selectin", order_by="JobTerms.from_on, JobTerms.id")
    check_ins: Mapped[list[CheckIn]] = relationship(lazy="selectin", order_by="CheckIn.done_on, CheckIn.id")


class JobTerms(Base):
    """Hours and pay of a job from a day on; append-only."""

    __tablename__ = "job_terms"

    id: Mapped[int] = mapped_column(primary_key=True)
    job_id: Mapped[str] = mapped_column(ForeignKey("jobs.id"), index=True)
    from_on: Mapped[date]
    hours_per_week: Mapped[float | None] = mapped_column(Numeric(5, 2, asdecimal=False))
    pay: Mapped[float | None] = mapped_column(Numeric(10, 2, asdecimal=False))
    #: hour, week, month or year.
    pay_per: Mapped[str | None] = mapped_column(String(10))
    recorded_at: Mapped[datetime]
    recorded_by: Mapped[str | None] = mapped_column(ForeignKey("staff.id"))


class CheckIn(Base):
    """A talk with a client about their job; `step` is the one of the schedule that it was, if any."""

    __tablename__ = "check_ins"
    __table_args__ = (UniqueConstraint("job_id", "step"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    job_id: Mapped[str] = mapped_column(ForeignKey("jobs.id"), index=True)
    step: Mapped[str | None] = mapped_column(String(20))
    done_on: Mapped[date]
    #: in_person, phone, video or chat; not_wanted when the client did not want this one.
    mode: Mapped[str] = mapped_column(String(20))
    #: well, mixed or hard, as the client says.
    how_it_goes: Mapped[str | None] = mapped_column(String(20))
    #: What the client said at 4, 13, 26 and 52 weeks.
    still_in_job: Mapped[bool | None]
    note: Mapped[str | None] = mapped_column(Text)
    recorded_at: Mapped[datetime]
    recorded_by: Mapped[str | None] = mapped_column(ForeignKey("staff.id"))
