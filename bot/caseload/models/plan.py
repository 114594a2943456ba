"""A client's plan: goals, appointments, job leads, each with what happened to it."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from bot.caseload.models.base import Base, new_id
from bot.caseload.models.people import Client, Staff


class Goal(Base):
    """What a client wants, in the client's own words."""

    __tablename__ = "goals"

    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    client_id: Mapped[str] = mapped_column(ForeignKey("clients.id"), index=True)
    text: Mapped[str] = mapped_column(Text)
    #: active, achieved, changed or dropped.
    status: Mapped[str] = mapped_column(String(20), default="active")
    #: client or consultant.
    set_by: Mapped[str] = mapped_column(String(20))
    set_at: Mapped[datetime]
    reviewed_at: Mapped[datetime | None]

    events: Mapped[list[GoalEvent]] = relationship(lazy="selectin", order_by="GoalEvent.id")


class GoalEvent(Base):
    """One step on the way to a goal; append-only."""

    __tablename__ = "goal_events"

    id: Mapped[int] = mapped_column(primary_key=True)
    goal_id: Mapped[str] = mapped_column(ForeignKey("goals.id"), index=True)
    #: set, closer, achieved, changed or dropped.
    progress: Mapped[str] = mapped_column(String(20))
    words: Mapped[str | None] = mapped_column(Text)
    by: Mapped[str] = mapped_column(String(20))
    at: Mapped[datetime]


class Availability(Base):
    """A weekly span, in local time, in which a consultant can meet clients."""

    __tablename__ = "availability"

    id: Mapped[int] = mapped_column(primary_key=True)
    staff_id: Mapped[str] = mapped_column(ForeignKey("staff.id"), index=True)
    #: 0 is Monday.
    weekday: Mapped[int]
    from_time: Mapped[str] = mapped_column(String(5))
    until_time: Mapped[str] = mapped_column(String(5))


class Appointment(Base):
    """A meeting of a client with their consultant."""

    __tablename__ = "appointments"
    __table_args__ = (Index("ix_appointments_client_id_starts_at", "client_id", "starts_at"),)

    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    client_id: Mapped[str] = mapped_column(ForeignKey("clients.id"))
    staff_id: Mapped[str | None] = mapped_column(ForeignKey("staff.id"), index=True)
    starts_at: Mapped[datetime]
    minutes: Mapped[int] = mapped_column(default=45)
    #: in_person_community, office, home, employer_site, phone or video.
    mode: Mapped[str] = mapped_column(String(30), default="office")
    place: Mapped[str | None] = mapped_column(String(200))
    purpose: Mapped[str | None] = mapped_column(String(200))
    #: requested, confirmed, change_requested, cancelled_by_client, cancelled_by_service, attended or
    #: not_attended.
    status: Mapped[str] = mapped_column(String(30))
    #: The time the client asks to move to, while the status is change_requested.
    wanted_at: Mapped[datetime | None]
    requested_via: Mapped[str | None] = mapped_column(String(20))
    created_at: Mapped[datetime]

    client: Mapped[Client] = relationship(lazy="joined")
    staff: Mapped[Staff | None] = relationship(lazy="joined")


class JobLead(Base):
    """A vacancy on its way from "look at this" to a job, for one client."""

    __tablename__ = "job_leads"
    __table_args__ = (UniqueConstraint("client_id", "board", "board_ref"),)

    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    client_id: Mapped[str] = mapped_column(ForeignKey("clients.id"), index=True)
    title: Mapped[str] = mapped_column(String(200))
    employer: Mapped[str | None] = mapped_column(String(200))
    place: Mapped[str | None] = mapped_column(String(200))
    hours_text: Mapped[str | None] = mapped_column(String(120))
    pay_text: Mapped[str | None] = mapped_column(String(120))
    summary: Mapped[str | None] = mapped_column(Text)
    url: Mapped[str | None] = mapped_column(Text)
    why_match: Mapped[str | None] = mapped_column(Text)
    #: consultant or board.
    source: Mapped[str] = mapped_column(String(20))
    board: Mapped[str | None] = mapped_column(String(40))
    board_ref: Mapped[str | None] = mapped_column(String(120))
    #: shared, interested, not_interested, preparing, applied, …; derived from the last event.
    status: Mapped[str] = mapped_column(String(30))
    reason_code: Mapped[str | None] = mapped_column(String(30))
    shared_by: Mapped[str | None] = mapped_column(ForeignKey("staff.id"))
    shared_at: Mapped[datetime]
    #: When the client was shown it in the chat.
    shown_at: Mapped[datetime | None]

    events: Mapped[list[LeadEvent]] = relationship(lazy="selectin", order_by="LeadEvent.id")


class LeadEvent(Base):
    """One change of a lead's status; append-only."""

    __tablename__ = "lead_events"

    id: Mapped[int] = mapped_column(primary_key=True)
    lead_id: Mapped[str] = mapped_column(ForeignKey("job_leads.id"), index=True)
    from_status: Mapped[str | None] = mapped_column(String(30))
    to_status: Mapped[str] = mapped_column(String(30))
    reason_code: Mapped[str | None] = mapped_column(String(30))
    words: Mapped[str | None] = mapped_column(Text)
    by: Mapped[str] = mapped_column(String(20))
    at: Mapped[datetime]
