"""What members of staff need in their own Telegram: labels of clients, whom they have open, and buttons."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint, false
from sqlalchemy.orm import Mapped, mapped_column, relationship

from bot.caseload.models.base import Base
from bot.caseload.models.conversation import Conversation
from bot.caseload.models.people import Client


class StaffAlias(Base):
    """What one member of staff calls one client in their own Telegram; never a name."""

    __tablename__ = "staff_aliases"
    __table_args__ = (UniqueConstraint("staff_id", "client_id"), UniqueConstraint("staff_id", "label"))

    id: Mapped[int] = mapped_column(primary_key=True)
    staff_id: Mapped[str] = mapped_column(ForeignKey("staff.id"))
    client_id: Mapped[str] = mapped_column(ForeignKey("clients.id"), index=True)
    label: Mapped[str] = mapped_column(String(12))


class StaffFocus(Base):
    """A client whom a member of staff has open in their own Telegram, or whose chat they took there."""

    __tablename__ = "staff_focus"
    __table_args__ = (
        UniqueConstraint("staff_id", "conversation_id"),
        Index("ix_staff_focus_mode_expires_at", "mode", "expires_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    staff_id: Mapped[str] = mapped_column(ForeignKey("staff.id"))
    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversations.id"), index=True)
    #: look, answer or hold.
    mode: Mapped[str] = mapped_column(String(10))
    #: Of all that a person has here, the one that their words are for.
    is_open: Mapped[bool] = mapped_column(default=False, server_default=false())
    since: Mapped[datetime]
    #: The owner and the danger as they stood when the client's words were shown.
    epoch_seen: Mapped[int]
    danger_seen: Mapped[str] = mapped_column(String(60))
    #: The newest message of the transcript that was shown.
    shown_id: Mapped[int]
    expires_at: Mapped[datetime]
    #: When this person last wrote to the client since they opened them.
    wrote_at: Mapped[datetime | None]
    #: They were told, without words, that the client wrote; once until they open them again.
    is_nudged: Mapped[bool] = mapped_column(default=False, server_default=false())
    #: For the client, when the chat is handed back.
    note: Mapped[str | None] = mapped_column(Text)

    conversation: Mapped[Conversation] = relationship(lazy="joined")


class StaffButton(Base):
    """What a button in a staff chat does, for this person in this chat; the phone only sees the token."""

    __tablename__ = "staff_buttons"

    token: Mapped[str] = mapped_column(String(32), primary_key=True)
    staff_id: Mapped[str] = mapped_column(ForeignKey("staff.id"), index=True)
    bot_id: Mapped[str] = mapped_column(String(40))
    chat_id: Mapped[str] = mapped_column(String(64))
    client_id: Mapped[str] = mapped_column(ForeignKey("clients.id"), index=True)
    #: None where the client is opened: their chat is looked up then.
    conversation_id: Mapped[str | None] = mapped_column(ForeignKey("conversations.id"))
    #: Buttons of one message share it: what is used up, is used up with all of them.
    offer: Mapped[str] = mapped_column(String(32), index=True)
    does: Mapped[str] = mapped_column(String(20))
    epoch: Mapped[int | None]
    #: The mark of the danger that was shown above the button.
    danger: Mapped[str | None] = mapped_column(String(60))
    #: Words that wait for a yes before they are sent; they are gone with the button.
    words: Mapped[str | None] = mapped_column(Text)
    expires_at: Mapped[datetime] = mapped_column(index=True)

    client: Mapped[Client] = relationship(lazy="joined")
