"""Services, their staff and their clients."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint, false, true
from sqlalchemy.orm import Mapped, mapped_column, relationship

from bot.caseload.models.base import Base, new_id


class Service(Base):
    """An IPS service: its region decides crisis lines, words and time zone."""

    __tablename__ = "services"

    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    ref: Mapped[str] = mapped_column(String(40), unique=True)
    name: Mapped[str] = mapped_column(String(120))
    region: Mapped[str] = mapped_column(String(20))
    timezone: Mapped[str] = mapped_column(String(40))
    phone: Mapped[str | None] = mapped_column(String(40))
    #: Working hours in local time: weekday number ("0" is Monday) to a list of ["09:00", "17:00"] spans.
    hours: Mapped[dict[str, Any]] = mapped_column(default=dict)
    #: Whether a newly linked chat shows nothing of the case until the consultant has confirmed it.
    confirm_links: Mapped[bool] = mapped_column(default=False, server_default=false())
    #: Part of the country with bank holidays of its own, as the library `holidays` names it ("AUK"); None:
    #: those of the whole country.
    holiday_area: Mapped[str | None] = mapped_column(String(40))
    #: How many working minutes a client waits for a person who has the chat before the lead is told.
    silence_minutes: Mapped[int] = mapped_column(default=30, server_default="30")
    #: Whether members of staff may choose to read and answer clients in their own Telegram.
    telegram_reading: Mapped[bool] = mapped_column(default=True, server_default=true())
    #: The version of the quick replies that it was given at its start; None: it was given none yet.
    quick_replies_version: Mapped[str | None] = mapped_column(String(40))


class ClosedDay(Base):
    """A day on which a service does not work, such as a bank holiday."""

    __tablename__ = "closed_days"
    __table_args__ = (UniqueConstraint("service_id", "day"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    service_id: Mapped[str] = mapped_column(ForeignKey("services.id"))
    day: Mapped[date]
    name: Mapped[str] = mapped_column(String(80))


class Staff(Base):
    """Somebody who works for a service. Roles: consultant, lead, manager, admin, duty."""

    __tablename__ = "staff"
    __table_args__ = (UniqueConstraint("alert_bot_id", "alert_chat_id"),)

    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    service_id: Mapped[str] = mapped_column(ForeignKey("services.id"), index=True)
    name: Mapped[str] = mapped_column(String(80))
    email: Mapped[str] = mapped_column(String(200), unique=True)
    role: Mapped[str] = mapped_column(String(20))
    password_hash: Mapped[str | None] = mapped_column(String(200))
    totp_secret: Mapped[str | None] = mapped_column(String(64))
    #: The last time step whose code was accepted, so that a code works once (RFC 6238, section 5.2).
    totp_last_step: Mapped[int | None]
    #: A session carries this number; raising it ends every session of this person.
    session_version: Mapped[int] = mapped_column(default=1)
    #: Their own Telegram chat, for alerts; linked by a one-time code.
    alert_bot_id: Mapped[str | None] = mapped_column(String(40))
    alert_chat_id: Mapped[str | None] = mapped_column(String(64))
    #: Their own working hours, written as those of a service; None: they work when the service does.
    hours: Mapped[dict[str, Any] | None]
    #: When, and in which role, they last confirmed that they want to read clients' words there.
    reads_there_since: Mapped[datetime | None]
    reads_there_as: Mapped[str | None] = mapped_column(String(20))
    disabled_at: Mapped[datetime | None]
    created_at: Mapped[datetime]
    #: When they chose their own password for the first time, by the link that they were given.
    welcomed_at: Mapped[datetime | None]
    last_sign_in_at: Mapped[datetime | None]

    service: Mapped[Service] = relationship(lazy="joined")

    @property
    def first_name(self) -> str:
        """The name that clients know."""
        return self.name.split()[0]

    @property
    def sees_whole_service(self) -> bool:
        """Whether this role reads every client of the service."""
        return self.role in {"lead", "manager"}


class Client(Base):
    """A person whom the service helps towards work."""

    __tablename__ = "clients"

    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    ref: Mapped[str] = mapped_column(String(40), unique=True)
    service_id: Mapped[str] = mapped_column(ForeignKey("services.id"), index=True)
    display_name: Mapped[str] = mapped_column(String(80))
    preferred_name: Mapped[str] = mapped_column(String(40))
    #: england, new_zealand, ireland, australia, or None when nobody has said; never guessed.
    region: Mapped[str | None] = mapped_column(String(20))
    timezone: Mapped[str] = mapped_column(String(40))
    area: Mapped[str | None] = mapped_column(String(80))
    #: planning_preparation, job_search or placement_support (domain: the three phases).
    phase: Mapped[str] = mapped_column(String(30), default="planning_preparation")
    #: referred, active, paused, in_work, step_down or closed.
    status: Mapped[str] = mapped_column(String(20), default="active")
    consultant_id: Mapped[str | None] = mapped_column(ForeignKey("staff.id"), index=True)
    cover_id: Mapped[str | None] = mapped_column(ForeignKey("staff.id"), index=True)
    referred_at: Mapped[datetime | None]
    #: When the service took them on: the days to the first employer count from here (IPS-25 item 15).
    accepted_at: Mapped[datetime | None]
    created_at: Mapped[datetime]

    service: Mapped[Service] = relationship(lazy="joined")
    consultant: Mapped[Staff | None] = relationship(lazy="joined", foreign_keys=[consultant_id])
    cover: Mapped[Staff | None] = relationship(lazy="joined", foreign_keys=[cover_id])

    @property
    def working_consultant(self) -> Staff | None:
        """The consultant, unless they have left: a client is never told to wait for somebody who has."""
        return self.consultant if self.consultant and self.consultant.disabled_at is None else None


class Assignment(Base):
    """Which consultant a client had, and when."""

    __tablename__ = "assignments"

    id: Mapped[int] = mapped_column(primary_key=True)
    client_id: Mapped[str] = mapped_column(ForeignKey("clients.id"), index=True)
    staff_id: Mapped[str] = mapped_column(ForeignKey("staff.id"))
    from_at: Mapped[datetime]
    until_at: Mapped[datetime | None]


class Invite(Base):
    """A one-time link that binds a chat to a client; only the hash of its token is kept."""

    __tablename__ = "invites"

    id: Mapped[int] = mapped_column(primary_key=True)
    client_id: Mapped[str] = mapped_column(ForeignKey("clients.id"), index=True)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    created_at: Mapped[datetime]
    created_by: Mapped[str | None] = mapped_column(ForeignKey("staff.id"))
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]


class Consent(Base):
    """One thing a client agreed to or refused; append-only, with the wording they saw."""

    __tablename__ = "consents"

    id: Mapped[int] = mapped_column(primary_key=True)
    client_id: Mapped[str] = mapped_column(ForeignKey("clients.id"), index=True)
    #: chat, share_with_clinical_team, family, reminders or ai_training.
    purpose: Mapped[str] = mapped_column(String(40))
    given: Mapped[bool]
    wording_version: Mapped[str] = mapped_column(String(20))
    at: Mapped[datetime]


class ContactPreference(Base):
    """How and when the bot may start a message to a client."""

    __tablename__ = "contact_preferences"

    client_id: Mapped[str] = mapped_column(ForeignKey("clients.id"), primary_key=True)
    stopped_at: Mapped[datetime | None]
    paused_until: Mapped[datetime | None]
    #: Local times "21:00"; the quiet span may cross midnight.
    quiet_from: Mapped[str | None] = mapped_column(String(5))
    quiet_until: Mapped[str | None] = mapped_column(String(5))
    max_per_week: Mapped[int | None]
    reminders: Mapped[bool] = mapped_column(default=True)


class Audit(Base):
    """Who saw or changed what, and when; append-only."""

    __tablename__ = "audit"
    __table_args__ = (Index("ix_audit_client_id_at", "client_id", "at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime]
    staff_id: Mapped[str | None] = mapped_column(ForeignKey("staff.id"))
    #: Who acted when it was not staff: client, bot or operator.
    actor: Mapped[str] = mapped_column(String(20))
    action: Mapped[str] = mapped_column(String(60))
    client_id: Mapped[str | None] = mapped_column(ForeignKey("clients.id"))
    subject: Mapped[str | None] = mapped_column(Text)
