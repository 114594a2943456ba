"""What the safety screen did, what people made of it, and who was alerted."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, Text, false
from sqlalchemy.orm import Mapped, mapped_column, relationship

from bot.caseload.models.base import Base, new_id
from bot.caseload.models.people import Client, Staff
from bot.caseload.models.queues import Sequence


class SafetyEvent(Base):
    """The safety screen fired: which route, and what the client was shown. Holds no words of the client."""

    __tablename__ = "safety_events"

    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    #: None for a stranger: nothing else is stored about them.
    client_id: Mapped[str | None] = mapped_column(ForeignKey("clients.id"), index=True)
    conversation_id: Mapped[str | None] = mapped_column(ForeignKey("conversations.id"))
    handoff_id: Mapped[str | None] = mapped_column(ForeignKey("handoffs.id"))
    inbox_seq: Mapped[int | None]
    route: Mapped[str] = mapped_column(String(20))
    kind: Mapped[str | None] = mapped_column(String(30))
    detectors: Mapped[list[Any]] = mapped_column(default=list)
    content_version: Mapped[str] = mapped_column(String(120))
    #: The message had waited, after an outage.
    late: Mapped[bool] = mapped_column(default=False, server_default=false())
    at: Mapped[datetime]
    #: A human said "I am on it": the alerts stop.
    acknowledged_at: Mapped[datetime | None]
    acknowledged_by: Mapped[str | None] = mapped_column(ForeignKey("staff.id"))
    #: A human said that the bot may start messages again. Only this ends the pause.
    cleared_at: Mapped[datetime | None]
    cleared_by: Mapped[str | None] = mapped_column(ForeignKey("staff.id"))
    reviewed_at: Mapped[datetime | None]
    reviewed_by: Mapped[str | None] = mapped_column(ForeignKey("staff.id"))
    #: right or not_needed, as the reviewer found.
    verdict: Mapped[str | None] = mapped_column(String(20))
    what_was_done: Mapped[str | None] = mapped_column(Text)
    review_note: Mapped[str | None] = mapped_column(Text)

    client: Mapped[Client | None] = relationship(lazy="joined")


class NearMiss(Base):
    """A message that stayed just under the trained model's line, kept for people to look at."""

    __tablename__ = "near_misses"

    id: Mapped[int] = mapped_column(primary_key=True)
    client_id: Mapped[str] = mapped_column(ForeignKey("clients.id"), index=True)
    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversations.id"), index=True)
    inbox_seq: Mapped[int] = mapped_column(index=True)
    route: Mapped[str] = mapped_column(String(20))
    #: Between 0 and 1; about the model and never about the person (NICE NG225).
    score: Mapped[float]
    at: Mapped[datetime]
    reviewed_at: Mapped[datetime | None]
    reviewed_by: Mapped[str | None] = mapped_column(ForeignKey("staff.id"))
    #: right or missed, as the reviewer found.
    verdict: Mapped[str | None] = mapped_column(String(20))
    review_note: Mapped[str | None] = mapped_column(Text)

    client: Mapped[Client] = relationship(lazy="joined")


class SafetyExample(Base):
    """Words that a reviewer masked and kept, so that the screen reads them rightly for ever."""

    __tablename__ = "safety_examples"

    id: Mapped[int] = mapped_column(primary_key=True)
    #: So that erasing a client erases these too.
    client_id: Mapped[str] = mapped_column(ForeignKey("clients.id"), index=True)
    words: Mapped[str] = mapped_column(Text)
    #: What the screen has to answer; None: it has to stay quiet.
    route: Mapped[str | None] = mapped_column(String(20))
    added_by: Mapped[str] = mapped_column(ForeignKey("staff.id"))
    added_at: Mapped[datetime]


class Alert(Base):
    """One message to one member of staff: somebody waits, or an account changed. No name, no words."""

    __tablename__ = "alerts"
    __table_args__ = (Index("ix_alerts_status_next_try_at", "status", "next_try_at"),)

    id: Mapped[int] = mapped_column(Sequence, primary_key=True)
    key: Mapped[str] = mapped_column(String(120), unique=True)
    staff_id: Mapped[str] = mapped_column(ForeignKey("staff.id"), index=True)
    #: Who waits; None when it is about an account.
    handoff_id: Mapped[str | None] = mapped_column(ForeignKey("handoffs.id"), index=True)
    #: What was done to an account; None when somebody waits.
    audit_id: Mapped[int | None] = mapped_column(ForeignKey("audit.id"))
    #: urgent: somebody may be in danger; wait: a client waits for an answer; or account.
    about: Mapped[str] = mapped_column(String(10), default="urgent", server_default="urgent")
    #: Whose turn it was. Urgent: consultant, cover, duty or everyone; wait: opened, reminder, cover, lead or
    #: silent; account: mine or theirs.
    step: Mapped[str] = mapped_column(String(20))
    #: console, telegram or email.
    channel: Mapped[str] = mapped_column(String(10))
    #: new, sending, sent, dead or dropped (not needed any more).
    status: Mapped[str] = mapped_column(String(10), default="new")
    attempts: Mapped[int] = mapped_column(default=0)
    next_try_at: Mapped[datetime]
    claimed_by: Mapped[str | None] = mapped_column(String(64))
    claimed_until: Mapped[datetime | None]
    last_error: Mapped[str | None] = mapped_column(String(200))
    created_at: Mapped[datetime]
    sent_at: Mapped[datetime | None]

    staff: Mapped[Staff] = relationship(lazy="joined")


class StaffLink(Base):
    """A one-time code by which a member of staff links their own Telegram, for alerts."""

    __tablename__ = "staff_links"

    id: Mapped[int] = mapped_column(primary_key=True)
    staff_id: Mapped[str] = mapped_column(ForeignKey("staff.id"), index=True)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]
