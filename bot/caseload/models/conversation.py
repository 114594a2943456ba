"""Conversations and what is said in them, and handoffs to a person."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from bot.caseload.models.base import Base, new_id
from bot.caseload.models.people import Client, Staff


class Mode(StrEnum):
    """Who has the chat."""

    BOT = "bot"
    #: The client asked for a person; the bot goes on answering until one takes the chat.
    WAITING = "waiting"
    PERSON = "person"


class Conversation(Base):
    """One chat of one client. Who has it (`mode`) is decided here and nowhere else."""

    __tablename__ = "conversations"
    __table_args__ = (UniqueConstraint("bot_id", "chat_id"),)

    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    client_id: Mapped[str] = mapped_column(ForeignKey("clients.id"), index=True)
    #: telegram or demo.
    channel: Mapped[str] = mapped_column(String(20))
    bot_id: Mapped[str] = mapped_column(String(40))
    chat_id: Mapped[str] = mapped_column(String(64))
    mode: Mapped[str] = mapped_column(String(10), default=Mode.BOT)
    #: Raised at each change of owner; a reply of the bot made under an older epoch is not sent.
    epoch: Mapped[int] = mapped_column(default=1)
    held_by_id: Mapped[str | None] = mapped_column(ForeignKey("staff.id"))
    held_since: Mapped[datetime | None]
    linked_at: Mapped[datetime]
    unlinked_at: Mapped[datetime | None]
    #: Set when the client blocked the bot; cleared when they write or unblock.
    unreachable_at: Mapped[datetime | None]
    #: When they last came back from being unreachable.
    back_at: Mapped[datetime | None]
    last_in_at: Mapped[datetime | None]
    last_out_at: Mapped[datetime | None]
    #: The form that the dialogue has open, if any: what a crisis puts aside.
    open_form: Mapped[str | None] = mapped_column(String(60))
    #: Shown in the chat when it is linked; the consultant compares it with what the client says it is.
    link_code: Mapped[str | None] = mapped_column(String(6))
    confirmed_at: Mapped[datetime | None]
    confirmed_by: Mapped[str | None] = mapped_column(ForeignKey("staff.id"))

    client: Mapped[Client] = relationship(lazy="joined")
    held_by: Mapped[Staff | None] = relationship(lazy="joined", foreign_keys=[held_by_id])


class Message(Base):
    """One bubble of the transcript. `delivery` tells what the phone has."""

    __tablename__ = "messages"
    __table_args__ = (Index("ix_messages_conversation_id_id", "conversation_id", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversations.id"))
    #: client, bot, person, safety or system.
    author: Mapped[str] = mapped_column(String(10))
    staff_id: Mapped[str | None] = mapped_column(ForeignKey("staff.id"))
    #: text, button, edited, voice, photo, … for the client's; text for ours.
    kind: Mapped[str] = mapped_column(String(20), default="text")
    text: Mapped[str] = mapped_column(Text)
    #: Labels of the buttons that were offered.
    buttons: Mapped[list[Any] | None]
    inbox_seq: Mapped[int | None] = mapped_column(index=True)
    #: The channel's own number of this message in the chat.
    channel_message_id: Mapped[int | None]
    #: received; or queued, sending, sent, uncertain, failed, suppressed.
    delivery: Mapped[str] = mapped_column(String(12))
    created_at: Mapped[datetime]
    sent_at: Mapped[datetime | None]

    staff: Mapped[Staff | None] = relationship(lazy="joined")


#: Somebody still has to do something; as the two indexes below ask for it.
_IS_OPEN = "status IN ('waiting', 'seen', 'taken')"


def _one_open(name: str, columns: tuple[str, ...], more: str) -> Index:
    which = text(f"{_IS_OPEN} AND {more}")
    return Index(name, *columns, unique=True, sqlite_where=which, postgresql_where=which)


class Handoff(Base):
    """One thing on its way from a client to a human; of the open ones each is one of its kind."""

    __tablename__ = "handoffs"
    __table_args__ = (
        Index("ix_handoffs_client_id_status", "client_id", "status"),
        # Two, because no two empty subjects are the same to a database.
        _one_open("uq_handoffs_open", ("client_id", "reason"), "subject IS NULL"),
        _one_open("uq_handoffs_open_about", ("client_id", "reason", "subject"), "subject IS NOT NULL"),
    )

    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    client_id: Mapped[str] = mapped_column(ForeignKey("clients.id"))
    conversation_id: Mapped[str | None] = mapped_column(ForeignKey("conversations.id"))
    #: question, person, safety, appointment, not_saved, complaint, silent, …
    reason: Mapped[str] = mapped_column(String(30))
    #: now, today or routine: how soon a human is needed; never a risk score (NICE NG225).
    urgency: Mapped[str] = mapped_column(String(10))
    question: Mapped[str] = mapped_column(Text)
    #: What it is about, as "appointment:<id>" or "lead:<id>".
    subject: Mapped[str | None] = mapped_column(String(60))
    asked_count: Mapped[int] = mapped_column(default=1)
    #: waiting, seen, taken, answered, handed_back or closed.
    status: Mapped[str] = mapped_column(String(12), default="waiting")
    waiting_since: Mapped[datetime]
    ended_at: Mapped[datetime | None]

    client: Mapped[Client] = relationship(lazy="joined")
    events: Mapped[list[HandoffEvent]] = relationship(lazy="selectin", order_by="HandoffEvent.id")

    @property
    def is_open(self) -> bool:
        """Whether somebody still has to do something."""
        return self.status in {"waiting", "seen", "taken"}


class HandoffEvent(Base):
    """One change of a handoff, with who made it; append-only."""

    __tablename__ = "handoff_events"

    id: Mapped[int] = mapped_column(primary_key=True)
    handoff_id: Mapped[str] = mapped_column(ForeignKey("handoffs.id"), index=True)
    #: opened, asked_again, reopened, seen, taken, answered, handed_back, closed, escalated, acknowledged or
    #: waiting.
    what: Mapped[str] = mapped_column(String(20))
    staff_id: Mapped[str | None] = mapped_column(ForeignKey("staff.id"))
    note: Mapped[str | None] = mapped_column(Text)
    at: Mapped[datetime]


class Miss(Base):
    """Something the bot did not understand, with the words masked, what it did and what the client picked."""

    __tablename__ = "misses"

    id: Mapped[int] = mapped_column(primary_key=True)
    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversations.id"), index=True)
    message_key: Mapped[str] = mapped_column(String(64), index=True)
    words: Mapped[str] = mapped_column(Text)
    ranking: Mapped[list[Any]] = mapped_column(default=list)
    #: What the bot offered: the labels or intents.
    offered: Mapped[list[Any]] = mapped_column(default=list)
    picked: Mapped[str | None] = mapped_column(String(60))
    at: Mapped[datetime]
