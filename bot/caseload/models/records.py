"""What consultants write down about a client: tries to reach them, talks, and what is known of them."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from bot.caseload.models.base import Base
from bot.caseload.models.people import Staff
from bot.caseload.models.work import Employer


class OutreachAttempt(Base):
    """Somebody tried to reach a client (IPS-25 item 25). It never closes anything."""

    __tablename__ = "outreach_attempts"
    __table_args__ = (Index("ix_outreach_attempts_client_id_at", "client_id", "at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    client_id: Mapped[str] = mapped_column(ForeignKey("clients.id"))
    staff_id: Mapped[str] = mapped_column(ForeignKey("staff.id"), index=True)
    at: Mapped[datetime]
    #: phone, text, chat, letter, visit_home, visit_community, joint_visit, family or colleague.
    how: Mapped[str] = mapped_column(String(20))
    #: reached, message_left, no_answer or not_there.
    result: Mapped[str] = mapped_column(String(20))
    note: Mapped[str | None] = mapped_column(Text)

    staff: Mapped[Staff] = relationship(lazy="joined")


class DisclosureDiscussion(Base):
    """A talk about what to tell an employer (IPS-25 item 13); the newest of an employer holds."""

    __tablename__ = "disclosure_discussions"

    id: Mapped[int] = mapped_column(primary_key=True)
    client_id: Mapped[str] = mapped_column(ForeignKey("clients.id"), index=True)
    #: None: about employers in general.
    employer_id: Mapped[str | None] = mapped_column(ForeignKey("employers.id"))
    held_on: Mapped[date]
    #: offered, talked_about, referred or done.
    what: Mapped[str] = mapped_column(String(20))
    #: none, some, full or undecided: what the client wants this employer to know.
    stance: Mapped[str | None] = mapped_column(String(20))
    note: Mapped[str | None] = mapped_column(Text)
    staff_id: Mapped[str] = mapped_column(ForeignKey("staff.id"))
    recorded_at: Mapped[datetime]

    employer: Mapped[Employer | None] = relationship(lazy="joined")
    staff: Mapped[Staff] = relationship(lazy="joined")


class BenefitsDiscussion(Base):
    """A step towards knowing what work does to a client's benefits (IPS-25 item 12)."""

    __tablename__ = "benefits_discussions"

    id: Mapped[int] = mapped_column(primary_key=True)
    client_id: Mapped[str] = mapped_column(ForeignKey("clients.id"), index=True)
    held_on: Mapped[date]
    #: offered, talked_about, referred or done.
    what: Mapped[str] = mapped_column(String(20))
    note: Mapped[str | None] = mapped_column(Text)
    staff_id: Mapped[str] = mapped_column(ForeignKey("staff.id"))
    recorded_at: Mapped[datetime]

    staff: Mapped[Staff] = relationship(lazy="joined")


class ProfileFact(Base):
    """One thing that is known of a client, and who said it; append-only: the newest of a topic holds."""

    __tablename__ = "profile_facts"
    __table_args__ = (Index("ix_profile_facts_client_id_topic", "client_id", "topic"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    client_id: Mapped[str] = mapped_column(ForeignKey("clients.id"))
    #: A code of `bot.caseload.profile.TOPICS`.
    topic: Mapped[str] = mapped_column(String(40))
    #: Empty: it does not hold any more.
    value: Mapped[str] = mapped_column(Text)
    #: client, consultant, clinician or family.
    source: Mapped[str] = mapped_column(String(20))
    said_on: Mapped[date]
    recorded_at: Mapped[datetime]
    recorded_by: Mapped[str | None] = mapped_column(ForeignKey("staff.id"))

    recorder: Mapped[Staff | None] = relationship(lazy="joined")
