"""A client's plan: goals, appointments, job leads, each with what happened to it."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint, false
from sqlalchemy.orm import Mapped, mapped_column, relationship

from bot.caseload.models.base import Base, new_id
from bot.caseload.models.people import Client, Staff

#: The reason of a lead's event that changed what it says and not its status.
CORRECTED = "corrected"
#: The service has taken a lead back: it is offered to the client no more, and can be offered again.
TAKEN_BACK = frozenset({"withdrawn", "expired", "closed_by_employer"})
#: Only what is at one of these is taken back: later there is work of the client's own in it.
TO_TAKE_BACK = frozenset({"shared", "interested"})
#: Nothing more comes of a lead in one of these states.
ENDED = TAKEN_BACK | {"not_interested", "rejected", "declined", "client_withdrew"}


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
    #: set, closer, achieved, changed, dropped, or active when it was taken up again.
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


class AvailabilityBlock(Base):
    """A span in which a consultant meets nobody, whatever the week says otherwise."""

    __tablename__ = "availability_blocks"
    __table_args__ = (Index("ix_availability_blocks_staff_id_ends_at", "staff_id", "ends_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    staff_id: Mapped[str] = mapped_column(ForeignKey("staff.id"))
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]


class CalendarFeed(Base):
    """The secret address at which a consultant's calendar is read; only the hash of its token is kept."""

    __tablename__ = "calendar_feeds"

    id: Mapped[int] = mapped_column(primary_key=True)
    staff_id: Mapped[str] = mapped_column(ForeignKey("staff.id"), index=True)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    #: Whether entries carry the initials of the client.
    with_initials: Mapped[bool] = mapped_column(default=False, server_default=false())
    created_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]


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
    #: requested, confirmed, change_requested, cancelled_by_client, cancelled_by_service, attended, late or
    #: not_attended. Changed without a wanted time: the client cannot come, and no other time is found yet.
    status: Mapped[str] = mapped_column(String(30))
    #: The time the client asks to move to, while the status is change_requested.
    wanted_at: Mapped[datetime | None]
    requested_via: Mapped[str | None] = mapped_column(String(20))
    #: The client pressed "I will be there".
    client_confirmed_at: Mapped[datetime | None]
    #: How often it was changed, and when last: calendars need both to take a newer copy over (RFC 5545).
    changes: Mapped[int] = mapped_column(default=0, server_default="0")
    changed_at: Mapped[datetime | None]
    created_at: Mapped[datetime]

    client: Mapped[Client] = relationship(lazy="joined")
    staff: Mapped[Staff | None] = relationship(lazy="joined")

    @property
    def client_cannot_come(self) -> bool:
        """Whether the client said that they cannot come, and no other time is asked for yet."""
        return self.status == "change_requested" and self.wanted_at is None

    def count_change(self, at: datetime) -> None:
        """Note that calendars have to take a newer copy over."""
        self.changes = (self.changes or 0) + 1
        self.changed_at = at


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
    #: shared, interested, not_interested, preparing, applied, withdrawn, …; derived from the last event.
    status: Mapped[str] = mapped_column(String(30))
    reason_code: Mapped[str | None] = mapped_column(String(30))
    shared_by: Mapped[str | None] = mapped_column(ForeignKey("staff.id"))
    shared_at: Mapped[datetime]
    #: When the client was shown it in the chat; one that was corrected counts anew once it is shown again.
    shown_at: Mapped[datetime | None]

    events: Mapped[list[LeadEvent]] = relationship(lazy="selectin", order_by="LeadEvent.id")

    @property
    def version(self) -> int:
        """A number that grows with every change, whoever made it."""
        return len(self.events)

    @property
    def is_open(self) -> bool:
        """Whether something may still come of it."""
        return self.status not in ENDED

    @property
    def may_be_taken_back(self) -> bool:
        """Whether it can be offered to the client no more, without undoing anything that they did."""
        return self.status in TO_TAKE_BACK

    @property
    def is_taken_back(self) -> bool:
        """Whether the service has taken it back."""
        return self.status in TAKEN_BACK

    @property
    def is_changed_since_shown(self) -> bool:
        """Whether the client has seen it, and it was corrected after that."""
        shown_at = self.shown_at
        return shown_at is not None and any(
            event.reason_code == CORRECTED and event.at > shown_at for event in self.events
        )


class LeadEvent(Base):
    """One change of a lead's status, or a correction of what it says; append-only."""

    __tablename__ = "lead_events"

    id: Mapped[int] = mapped_column(primary_key=True)
    lead_id: Mapped[str] = mapped_column(ForeignKey("job_leads.id"), index=True)
    from_status: Mapped[str | None] = mapped_column(String(30))
    to_status: Mapped[str] = mapped_column(String(30))
    reason_code: Mapped[str | None] = mapped_column(String(30))
    #: What the client said; of a correction, what the lead said before, as JSON.
    words: Mapped[str | None] = mapped_column(Text)
    by: Mapped[str] = mapped_column(String(20))
    at: Mapped[datetime]
