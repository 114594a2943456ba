"""The inbox: every update is committed here before it is confirmed to whoever sent it."""

from __future__ import annotations

import itertools
from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any, cast

from sqlalchemy import ColumnElement, CursorResult, and_, func, not_, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import aliased

from bot.caseload.models.conversation import Conversation, Message
from bot.caseload.models.queues import InboxItem
from bot.caseload.repository import Repository

#: A worker that does not renew its claim within this time is taken for dead.
LEASE = timedelta(seconds=10)
#: So many texts waiting behind one in a chat are a flood; then up to so many are read as one.
FLOOD = 10
MOST_READ_TOGETHER = 30
UNFINISHED = ("new", "claimed")
#: Why a message is tried again later: what needs no dialogue may pass it meanwhile.
WAITS_FOR_DIALOGUE = "the dialogue is not there"


class Inbox(Repository):
    """Use-cases about incoming updates."""

    def receive(
        self,
        *,
        bot_id: str,
        update_id: int,
        chat_id: str | None,
        kind: str,
        payload: str | None,
        conversation: Conversation | None = None,
        passes: bool = False,
    ) -> InboxItem | None:
        """Store an update; return None when it was stored before.

        One that `passes` is answered without the dialogue, and waits behind nothing that waits for it.
        """
        now = self._now()
        values = {
            "bot_id": bot_id,
            "update_id": update_id,
            "chat_id": chat_id,
            "conversation_id": conversation.id if conversation else None,
            "kind": kind,
            "payload": payload,
            "received_at": now,
            "status": "new",
            "passes": passes,
            "attempts": 0,
            "next_try_at": now,
        }
        dialect = self._session.get_bind().dialect.name
        insert: Any = postgresql.insert if dialect == "postgresql" else sqlite.insert
        statement = (
            insert(InboxItem)
            .values(**values)
            .on_conflict_do_nothing(index_elements=["bot_id", "update_id"])
            .returning(InboxItem.seq)
        )
        seq = self._session.execute(statement).scalar_one_or_none()
        return None if seq is None else self._session.get_one(InboxItem, seq)

    def next_number(self, bot_id: str) -> int:
        """Return a free update number for a channel of our own: numbers count up from 1."""
        highest = select(func.max(InboxItem.update_id)).where(InboxItem.bot_id == bot_id)
        return (self._session.scalar(highest) or 0) + 1

    def receive_internal(self, conversation: Conversation, payload: str) -> InboxItem:
        """Put a turn of our own behind the chat's messages; its numbers count down from -1."""
        lowest = select(func.min(InboxItem.update_id)).where(InboxItem.bot_id == conversation.bot_id)
        while True:
            item = self.receive(
                bot_id=conversation.bot_id,
                update_id=min(0, self._session.scalar(lowest) or 0) - 1,
                chat_id=conversation.chat_id,
                kind="internal",
                payload=payload,
                conversation=conversation,
            )
            # None: another transaction took the number in between; the next one is free.
            if item is not None:
                return item

    def has_work(self) -> bool:
        """Return whether anything is due or abandoned: a cheap look before a claim."""
        now = self._now()
        due = or_(
            and_(InboxItem.status == "new", InboxItem.next_try_at <= now),
            and_(InboxItem.status == "claimed", InboxItem.claimed_until < now),
        )
        return self._session.scalars(select(InboxItem.seq).where(due).limit(1)).first() is not None

    def claim(self, worker: str, limit: int) -> list[InboxItem]:
        """Claim the oldest waiting update of up to `limit` chats that nobody works on.

        Of a chat that waits for the dialogue it is the oldest that needs none, if there is one.
        """
        now = self._now()
        other = aliased(InboxItem)
        waits = and_(func.coalesce(other.outcome, "") == WAITS_FOR_DIALOGUE, other.next_try_at > now)
        comes_first = and_(
            other.status == "new", other.seq < InboxItem.seq, not_(and_(InboxItem.passes, waits))
        )
        blocked = (
            select(other.seq)
            .where(
                other.bot_id == InboxItem.bot_id,
                other.chat_id == InboxItem.chat_id,
                or_(other.status == "claimed", comes_first),
            )
            .exists()
        )
        query = (
            select(InboxItem)
            .where(InboxItem.status == "new", InboxItem.next_try_at <= now, ~blocked)
            .order_by(InboxItem.seq)
            .limit(limit)
            .with_for_update(skip_locked=True)
        )
        items = list(self._session.scalars(query))
        for item in items:
            item.status = "claimed"
            item.claimed_by = worker
            item.claimed_until = now + LEASE
        return items

    def join_flood(self, item: InboxItem) -> list[InboxItem]:
        """Return the messages to be read together with this one: none unless its chat is flooded."""
        if item.joined is None:
            query = (
                select(InboxItem)
                .where(
                    InboxItem.bot_id == item.bot_id,
                    InboxItem.chat_id == item.chat_id,
                    InboxItem.seq > item.seq,
                    InboxItem.status == "new",
                )
                .order_by(InboxItem.seq)
                .limit(MOST_READ_TOGETHER)
            )
            behind = list(itertools.takewhile(lambda one: one.kind == "text", self._session.scalars(query)))
            item.joined = [one.seq for one in behind] if len(behind) >= FLOOD else []
        return [self._session.get_one(InboxItem, seq) for seq in item.joined]

    def renew(self, worker: str) -> None:
        """Keep this worker's claims."""
        self._session.execute(
            update(InboxItem)
            .where(InboxItem.status == "claimed", InboxItem.claimed_by == worker)
            .values(claimed_until=self._now() + LEASE)
        )

    def release_abandoned(self) -> int:
        """Give back what was claimed and not renewed; return how many."""
        return self._release(InboxItem.claimed_until < self._now())

    def release_of(self, workers: Collection[str]) -> int:
        """Give back at once what these workers had claimed, who are known to be dead; return how many."""
        return self._release(InboxItem.claimed_by.in_(workers))

    def _release(self, which: ColumnElement[bool]) -> int:
        statement = (
            update(InboxItem)
            .where(InboxItem.status == "claimed", which)
            .values(status="new", claimed_by=None, claimed_until=None)
        )
        return cast("CursorResult[Any]", self._session.execute(statement)).rowcount

    def waits_in(self, conversation: Conversation) -> bool:
        """Return whether anything of this chat has no outcome yet."""
        query = select(InboxItem.seq).where(
            InboxItem.bot_id == conversation.bot_id,
            InboxItem.chat_id == conversation.chat_id,
            InboxItem.status.in_(UNFINISHED),
        )
        return self._session.scalars(query.limit(1)).first() is not None

    def waiting_words(self, conversation: Conversation, before: int) -> list[str]:
        """Return the texts of this chat that have no outcome yet and came before a place, oldest first."""
        query = (
            select(Message.text)
            .join(InboxItem, InboxItem.seq == Message.inbox_seq)
            .where(
                Message.conversation_id == conversation.id,
                Message.author == "client",
                Message.kind != "button",
                InboxItem.status.in_(UNFINISHED),
                InboxItem.seq < before,
            )
            .order_by(InboxItem.seq)
        )
        return [text for text in self._session.scalars(query) if text]

    def get(self, seq: int) -> InboxItem:
        """Return an item as it is now."""
        return self._session.get_one(InboxItem, seq, populate_existing=True)

    def finish(self, item: InboxItem, status: str, outcome: str) -> None:
        """Give an update its one outcome: done, held, ignored or dead, and why."""
        item.status = status
        item.outcome = outcome[:80]
        item.claimed_by = None
        item.claimed_until = None
        item.finished_at = self._now()

    def forget(self, item: InboxItem) -> None:
        """Keep nothing of an update but its number."""
        item.payload = None
        item.chat_id = None

    def retry(self, item: InboxItem, delay: timedelta, why: str, *, counts: bool) -> None:
        """Put an update back for later; `counts` tells whether this was its own failure."""
        item.status = "new"
        item.outcome = why[:80]
        item.claimed_by = None
        item.claimed_until = None
        item.next_try_at = self._now() + delay
        if counts:
            item.attempts += 1

    def dead(self) -> list[InboxItem]:
        """Return what could not be handled, oldest first."""
        return list(
            self._session.scalars(select(InboxItem).where(InboxItem.status == "dead").order_by(InboxItem.seq))
        )

    def count_dead(self) -> int:
        """Return how many there are on the dead-letter list."""
        return self._session.scalar(select(func.count()).where(InboxItem.status == "dead")) or 0

    def waiting(self) -> tuple[int, datetime | None]:
        """Return how many updates wait, and since when the oldest does."""
        row = self._session.execute(
            select(func.count(), func.min(InboxItem.received_at)).where(InboxItem.status.in_(UNFINISHED))
        ).one()
        return row[0], row[1]
