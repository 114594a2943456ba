"""Notes that staff write for each other beside a chat."""

from __future__ import annotations

from sqlalchemy import select

from bot.caseload.models.conversation import Conversation
from bot.caseload.models.people import Staff
from bot.caseload.models.talk import InternalNote
from bot.caseload.repository import Repository


class InternalNotes(Repository):
    """Use-cases about notes. They know no queue: nothing here can reach a phone."""

    def add(self, staff: Staff, conversation: Conversation, text: str, *, key: str) -> InternalNote | None:
        """Keep a note; return None when this form was sent before."""
        return self._insert_once(
            InternalNote,
            "key",
            conversation_id=conversation.id,
            staff_id=staff.id,
            text=text,
            key=key,
            created_at=self._now(),
        )

    def newest(self, conversation: Conversation, limit: int = 60, *, before: int = 0) -> list[InternalNote]:
        """Return the newest notes, or the newest before the one with an id, oldest of them first."""
        query = select(InternalNote).where(InternalNote.conversation_id == conversation.id)
        if before:
            query = query.where(InternalNote.id < before)
        newest = query.order_by(InternalNote.id.desc()).limit(limit)
        return list(self._session.scalars(newest).unique())[::-1]

    def after(self, conversation: Conversation, note_id: int, limit: int = 100) -> list[InternalNote]:
        """Return the notes that came after one, oldest first."""
        query = (
            select(InternalNote)
            .where(InternalNote.conversation_id == conversation.id, InternalNote.id > note_id)
            .order_by(InternalNote.id)
            .limit(limit)
        )
        return list(self._session.scalars(query).unique())
