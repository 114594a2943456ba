"""What stands around the words of a chat: files, notes, quick replies, replies for later, who is looking."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from bot.caseload.models.base import Base, new_id
from bot.caseload.models.conversation import Conversation
from bot.caseload.models.people import Staff


class Attachment(Base):
    """A file that a client sent. Its content lies in the files folder, under `stored_as`."""

    __tablename__ = "attachments"
    __table_args__ = (Index("ix_attachments_status_next_try_at", "status", "next_try_at"),)

    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversations.id"), index=True)
    message_id: Mapped[int] = mapped_column(ForeignKey("messages.id"), index=True)
    bot_id: Mapped[str] = mapped_column(String(40))
    #: What the channel calls it; needed to fetch it.
    file_id: Mapped[str] = mapped_column(String(255))
    #: voice, audio, photo, document, video or video_note: what the client's phone called it.
    kind: Mapped[str] = mapped_column(String(20))
    #: What its first bytes say it is; never what the sender says.
    mime: Mapped[str | None] = mapped_column(String(100))
    #: The file's name as the client's phone gave it, cleaned.
    name: Mapped[str | None] = mapped_column(String(120))
    size: Mapped[int | None]
    sha256: Mapped[str | None] = mapped_column(String(64))
    #: Opaque, and fixed before the content comes: a file in the folder never lies there unknown.
    stored_as: Mapped[str] = mapped_column(String(32), unique=True, default=new_id)
    #: waiting, stored, failed, refused or removed.
    status: Mapped[str] = mapped_column(String(10), default="waiting")
    #: Why it was refused or failed: too_big, not_allowed, before_consent, gone or not_fetched.
    reason: Mapped[str | None] = mapped_column(String(20))
    attempts: Mapped[int] = mapped_column(default=0)
    #: How often somebody of the staff had it tried once more.
    asked_again: Mapped[int] = mapped_column(default=0, server_default="0")
    next_try_at: Mapped[datetime]
    created_at: Mapped[datetime]
    stored_at: Mapped[datetime | None]

    conversation: Mapped[Conversation] = relationship(lazy="joined")

    @property
    def is_late(self) -> bool:
        """Whether it did not come at the first try and is tried again by itself."""
        return self.status == "waiting" and self.attempts > 1 and not self.asked_again

    @property
    def shown_state(self) -> str:
        """What changes whenever a page has something else to say about it."""
        parts = (self.status, self.asked_again or "", "late" if self.is_late else "")
        return " ".join(str(part) for part in parts if part)


class DiscardedFile(Base):
    """The opaque name of a file whose row is gone: the gateway deletes the file, then this row."""

    __tablename__ = "discarded_files"

    stored_as: Mapped[str] = mapped_column(String(32), primary_key=True)
    at: Mapped[datetime]


class InternalNote(Base):
    """What staff write for each other beside a chat. It is in no queue: nothing sends it to a phone."""

    __tablename__ = "internal_notes"
    __table_args__ = (Index("ix_internal_notes_conversation_id_id", "conversation_id", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversations.id"))
    staff_id: Mapped[str] = mapped_column(ForeignKey("staff.id"))
    text: Mapped[str] = mapped_column(Text)
    #: The same form sent twice is one note.
    key: Mapped[str] = mapped_column(String(40), unique=True)
    created_at: Mapped[datetime]

    staff: Mapped[Staff] = relationship(lazy="joined")


class QuickReply(Base):
    """Words that a service uses often; its leads and managers write them."""

    __tablename__ = "quick_replies"
    __table_args__ = (UniqueConstraint("service_id", "name"),)

    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    service_id: Mapped[str] = mapped_column(ForeignKey("services.id"))
    name: Mapped[str] = mapped_column(String(60))
    text: Mapped[str] = mapped_column(Text)
    #: Raised at each change: whoever saves an older one is told.
    version: Mapped[int] = mapped_column(default=1)
    changed_at: Mapped[datetime]
    changed_by: Mapped[str | None] = mapped_column(ForeignKey("staff.id"))


class LaterReply(Base):
    """A person's words to a client that leave at a chosen time."""

    __tablename__ = "later_replies"
    __table_args__ = (Index("ix_later_replies_conversation_id_status", "conversation_id", "status"),)

    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversations.id"))
    client_id: Mapped[str] = mapped_column(ForeignKey("clients.id"), index=True)
    staff_id: Mapped[str] = mapped_column(ForeignKey("staff.id"))
    text: Mapped[str] = mapped_column(Text)
    #: What was chosen, and when it leaves: later, where the chosen time is in the client's quiet hours.
    wanted_at: Mapped[datetime]
    send_at: Mapped[datetime]
    #: The author knows that the client asked for no messages, and sends this one all the same.
    although_stopped: Mapped[bool] = mapped_column(default=False)
    #: The same form sent twice is one reply.
    key: Mapped[str] = mapped_column(String(40), unique=True)
    version: Mapped[int] = mapped_column(default=1)
    #: waiting, sent, held or cancelled.
    status: Mapped[str] = mapped_column(String(10), default="waiting")
    #: Why it is held or was cancelled: danger, stopped, colleague, access, by_staff, unlinked or account.
    reason: Mapped[str | None] = mapped_column(String(20))
    #: The last time that the author looked at it; danger that comes afterwards holds it.
    written_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]

    staff: Mapped[Staff] = relationship(lazy="joined")
    conversation: Mapped[Conversation] = relationship(lazy="joined")


class Presence(Base):
    """Somebody of the staff has a chat open."""

    __tablename__ = "presences"

    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversations.id"), primary_key=True)
    staff_id: Mapped[str] = mapped_column(ForeignKey("staff.id"), primary_key=True)
    seen_at: Mapped[datetime]
    #: Whether their page asks for news by itself; else it is known only that it was opened.
    is_live: Mapped[bool]
    writing_at: Mapped[datetime | None]

    staff: Mapped[Staff] = relationship(lazy="joined")
