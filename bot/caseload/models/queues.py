"""The queues: what came in, what goes out, buttons, timers, and keys of things done once."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, Index, Integer, String, Text, UniqueConstraint, false
from sqlalchemy.orm import Mapped, mapped_column

from bot.caseload.models.base import Base

#: A sequence that SQLite too counts by itself (only INTEGER primary keys do there).
Sequence = BigInteger().with_variant(Integer, "sqlite")


class InboxItem(Base):
    """One update as it came. (bot_id, update_id) is kept for ever, so that a repeat is known."""

    __tablename__ = "inbox"
    __table_args__ = (
        UniqueConstraint("bot_id", "update_id"),
        Index("ix_inbox_status_seq", "status", "seq"),
        Index("ix_inbox_bot_id_chat_id_status_seq", "bot_id", "chat_id", "status", "seq"),
    )

    seq: Mapped[int] = mapped_column(Sequence, primary_key=True)
    bot_id: Mapped[str] = mapped_column(String(40))
    update_id: Mapped[int] = mapped_column(BigInteger)
    #: None once a stranger was answered: nothing is stored about them.
    chat_id: Mapped[str | None] = mapped_column(String(64))
    conversation_id: Mapped[str | None] = mapped_column(ForeignKey("conversations.id"), index=True)
    kind: Mapped[str] = mapped_column(String(20))
    payload: Mapped[str | None] = mapped_column(Text)
    received_at: Mapped[datetime]
    #: new, claimed, done, held, ignored or dead.
    status: Mapped[str] = mapped_column(String(10), default="new")
    #: Why: bot, fixed:<response>, held, safety, duplicate, …; for dead the reason.
    outcome: Mapped[str | None] = mapped_column(String(80))
    #: Messages of a flood that are read with this one, by seq; fixed once, so that a retry reads the same.
    joined: Mapped[list[Any] | None]
    #: Whether it is answered without the dialogue, so that it need not wait behind what waits for that.
    passes: Mapped[bool] = mapped_column(default=False, server_default=false())
    attempts: Mapped[int] = mapped_column(default=0)
    next_try_at: Mapped[datetime]
    claimed_by: Mapped[str | None] = mapped_column(String(64))
    claimed_until: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]


class OutboxItem(Base):
    """One message on its way to a phone."""

    __tablename__ = "outbox"
    __table_args__ = (
        Index("ix_outbox_status_next_try_at", "status", "next_try_at"),
        Index("ix_outbox_bot_id_chat_id_status", "bot_id", "chat_id", "status"),
    )

    id: Mapped[int] = mapped_column(Sequence, primary_key=True)
    bot_id: Mapped[str] = mapped_column(String(40))
    chat_id: Mapped[str] = mapped_column(String(64))
    conversation_id: Mapped[str | None] = mapped_column(ForeignKey("conversations.id"), index=True)
    message_id: Mapped[int | None] = mapped_column(ForeignKey("messages.id"))
    #: To a member of staff: who it is for, and the one client whom it is about, if any.
    staff_id: Mapped[str | None] = mapped_column(ForeignKey("staff.id"))
    about_id: Mapped[str | None] = mapped_column(ForeignKey("clients.id"), index=True)
    dedup_key: Mapped[str] = mapped_column(String(120), unique=True)
    inbox_seq: Mapped[int | None] = mapped_column(Sequence)
    #: bot, person, safety, timer or system; staff for what goes to a member of staff.
    origin: Mapped[str] = mapped_column(String(10))
    epoch: Mapped[int | None]
    #: 0 goes before 1 within a chat: a crisis text waits behind nothing. 2, to staff, waits behind clients.
    priority: Mapped[int] = mapped_column(default=1)
    text: Mapped[str] = mapped_column(Text)
    #: [{"label": …, "token": …}]
    buttons: Mapped[list[Any]] = mapped_column(default=list)
    silent: Mapped[bool] = mapped_column(default=False)
    #: The row is deleted once finished: it answers a stranger.
    forget: Mapped[bool] = mapped_column(default=False)
    #: new, sending, sent, dead or suppressed.
    status: Mapped[str] = mapped_column(String(10), default="new")
    attempts: Mapped[int] = mapped_column(default=0)
    #: A send was cut off: the phone may have this message already.
    uncertain: Mapped[bool] = mapped_column(default=False)
    next_try_at: Mapped[datetime]
    claimed_by: Mapped[str | None] = mapped_column(String(64))
    claimed_until: Mapped[datetime | None]
    last_error: Mapped[str | None] = mapped_column(String(200))
    created_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]


class Button(Base):
    """What a pressed button means; the phone only ever sees the token."""

    __tablename__ = "buttons"

    token: Mapped[str] = mapped_column(String(32), primary_key=True)
    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversations.id"), index=True)
    #: Buttons of one message share it: pressing one uses them all.
    offer: Mapped[str] = mapped_column(String(120), index=True)
    position: Mapped[int] = mapped_column(default=0)
    label: Mapped[str] = mapped_column(String(80))
    #: {"intent": …, "entities": {…}} for the dialogue, or {"gateway": "consent_yes"} for ourselves.
    means: Mapped[dict[str, Any]]
    epoch: Mapped[int]
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class Timer(Base):
    """Something to do later, kept through restarts; `key` makes it happen once."""

    __tablename__ = "timers"
    __table_args__ = (Index("ix_timers_status_due_at", "status", "due_at"),)

    id: Mapped[int] = mapped_column(Sequence, primary_key=True)
    key: Mapped[str] = mapped_column(String(120), unique=True)
    kind: Mapped[str] = mapped_column(String(40))
    client_id: Mapped[str | None] = mapped_column(ForeignKey("clients.id"), index=True)
    payload: Mapped[dict[str, Any]] = mapped_column(default=dict)
    due_at: Mapped[datetime]
    #: waiting, done, cancelled or dead.
    status: Mapped[str] = mapped_column(String(10), default="waiting")
    attempts: Mapped[int] = mapped_column(default=0)
    finished_at: Mapped[datetime | None]


class DoneOnce(Base):
    """An action that was carried out, with what it answered, so that a repeat changes nothing."""

    __tablename__ = "done_once"

    key: Mapped[str] = mapped_column(String(64), primary_key=True)
    conversation_id: Mapped[str | None] = mapped_column(String(32), index=True)
    result: Mapped[dict[str, Any]]
    at: Mapped[datetime]


class StrangerCount(Base):
    """How many messages came from people without an invite, per day; nothing else about them is kept."""

    __tablename__ = "stranger_counts"

    bot_id: Mapped[str] = mapped_column(String(40), primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
    count: Mapped[int] = mapped_column(default=0)
