"""Who of the staff has a chat open."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.dialects import postgresql, sqlite

from bot.caseload.models.conversation import Conversation
from bot.caseload.models.people import Staff
from bot.caseload.models.talk import Presence
from bot.caseload.repository import Repository

#: A page that asks for news by itself counts for so long after it last asked.
LIVE_FOR = timedelta(seconds=15)
#: A page without scripts counts for so long after it was opened.
OPENED_FOR = timedelta(seconds=60)
WRITING_FOR = timedelta(seconds=10)
#: A live page asks every other second; it is written down less often than that.
WRITTEN_EVERY = timedelta(seconds=5)


@dataclass(frozen=True)
class Other:
    """A colleague who has the same chat open."""

    first_name: str
    is_writing: bool


class Presences(Repository):
    """Use-cases about who is looking at what."""

    def is_due(self, staff: Staff, conversation: Conversation, *, writing: bool) -> bool:
        """Return whether a live page has to be noted again: a cheap look before a write."""
        found = self._session.get(Presence, (conversation.id, staff.id))
        since = self._now() - WRITTEN_EVERY
        if found is None or not found.is_live or found.seen_at <= since:
            return True
        return writing and (found.writing_at is None or found.writing_at <= since)

    def note(self, staff: Staff, conversation: Conversation, *, is_live: bool, writing: bool = False) -> None:
        """Note that this person has the chat open now."""
        now = self._now()
        dialect = self._session.get_bind().dialect.name
        insert: Any = postgresql.insert if dialect == "postgresql" else sqlite.insert
        # Two windows of one person may come at the same moment.
        first = insert(Presence).values(
            conversation_id=conversation.id, staff_id=staff.id, seen_at=now, is_live=is_live
        )
        self._session.execute(first.on_conflict_do_nothing())
        found = self._session.get_one(
            Presence, (conversation.id, staff.id), populate_existing=True, with_for_update={"of": Presence}
        )
        # A second window without scripts does not shorten what the live one says.
        still_live = found.is_live and found.seen_at > now - LIVE_FOR
        found.is_live = is_live or still_live
        found.seen_at = now
        if writing:
            found.writing_at = now
        self._session.flush()

    def others(self, staff: Staff, conversation: Conversation) -> list[Other]:
        """Return who else has the chat open now, by name."""
        now = self._now()
        query = select(Presence).where(
            Presence.conversation_id == conversation.id,
            Presence.staff_id != staff.id,
            Presence.seen_at > now - OPENED_FOR,
        )
        return sorted(
            (
                Other(one.staff.first_name, one.writing_at is not None and one.writing_at > now - WRITING_FOR)
                for one in self._session.scalars(query).unique()
                if one.staff.disabled_at is None and (not one.is_live or one.seen_at > now - LIVE_FOR)
            ),
            key=lambda other: other.first_name,
        )
