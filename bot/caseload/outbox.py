"""The outbox: what is on its way to phones, in order within each chat."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Any, cast

from sqlalchemy import ColumnElement, CursorResult, and_, func, or_, select, tuple_, update
from sqlalchemy.orm import aliased

from bot.caseload.models.conversation import Conversation, Message
from bot.caseload.models.people import Staff
from bot.caseload.models.queues import OutboxItem
from bot.caseload.repository import Repository

#: A sender that does not finish or renew within this time is taken for dead.
LEASE = timedelta(seconds=15)
UNFINISHED = ("new", "sending")
AUTHOR_OF = {"bot": "bot", "timer": "bot", "person": "person", "safety": "safety", "system": "system"}


class Outbox(Repository):
    """Use-cases about outgoing messages."""

    def add(
        self,
        conversation: Conversation,
        text: str,
        *,
        origin: str,
        dedup_key: str,
        buttons: Sequence[dict[str, str]] = (),
        staff: Staff | None = None,
        inbox_seq: int | None = None,
        silent: bool = False,
        suppressed: bool = False,
    ) -> OutboxItem:
        """Queue a message to a client and write it into the transcript; the same key queues once.

        `origin` is bot, person, safety, timer or system. A suppressed message is kept for the staff
        to see and never sent.
        """
        known = self._session.scalars(
            select(OutboxItem).where(OutboxItem.dedup_key == dedup_key)
        ).one_or_none()
        if known is not None:
            return known
        now = self._now()
        message = Message(
            conversation_id=conversation.id,
            author=AUTHOR_OF[origin],
            staff_id=staff.id if staff else None,
            text=text,
            buttons=[button["label"] for button in buttons] or None,
            inbox_seq=inbox_seq,
            delivery="suppressed" if suppressed else "queued",
            created_at=now,
        )
        self._session.add(message)
        self._session.flush()
        item = OutboxItem(
            bot_id=conversation.bot_id,
            chat_id=conversation.chat_id,
            conversation_id=conversation.id,
            message_id=message.id,
            dedup_key=dedup_key,
            inbox_seq=inbox_seq,
            origin=origin,
            epoch=conversation.epoch,
            priority=0 if origin == "safety" else 1,
            text=text,
            buttons=list(buttons),
            silent=silent,
            status="suppressed" if suppressed else "new",
            next_try_at=now,
            created_at=now,
        )
        self._session.add(item)
        self._session.flush()
        return item

    def add_for_stranger(
        self, bot_id: str, chat_id: str, text: str, *, dedup_key: str, safety: bool = False
    ) -> None:
        """Queue a message to somebody we do not know; the row is deleted once it is sent."""
        now = self._now()
        self._session.add(
            OutboxItem(
                bot_id=bot_id,
                chat_id=chat_id,
                dedup_key=dedup_key,
                origin="safety" if safety else "system",
                priority=0 if safety else 1,
                text=text,
                buttons=[],
                forget=True,
                status="new",
                next_try_at=now,
                created_at=now,
            )
        )
        self._session.flush()

    def has_work(self) -> bool:
        """Return whether anything is due or abandoned: a cheap look before a claim."""
        now = self._now()
        due = or_(
            and_(OutboxItem.status == "new", OutboxItem.next_try_at <= now),
            and_(OutboxItem.status == "sending", OutboxItem.claimed_until < now),
        )
        return self._session.scalars(select(OutboxItem.id).where(due).limit(1)).first() is not None

    def claim(
        self, worker: str, bot_ids: Sequence[str], limit: int, resting: Sequence[tuple[str, str]] = ()
    ) -> list[OutboxItem]:
        """Claim the next message of up to `limit` chats and mark each `sending`, before anything is sent.

        Chats in `resting`, as (bot_id, chat_id), have had their share for this second.
        """
        now = self._now()
        earlier = aliased(OutboxItem)
        blocked = (
            select(earlier.id)
            .where(
                earlier.bot_id == OutboxItem.bot_id,
                earlier.chat_id == OutboxItem.chat_id,
                earlier.status.in_(UNFINISHED),
                or_(
                    earlier.status == "sending",
                    earlier.priority < OutboxItem.priority,
                    and_(earlier.priority == OutboxItem.priority, earlier.id < OutboxItem.id),
                ),
                earlier.id != OutboxItem.id,
            )
            .exists()
        )
        query = (
            select(OutboxItem)
            .where(
                OutboxItem.status == "new",
                OutboxItem.next_try_at <= now,
                OutboxItem.bot_id.in_(bot_ids),
                # A crisis text does not rest.
                or_(
                    OutboxItem.priority == 0,
                    tuple_(OutboxItem.bot_id, OutboxItem.chat_id).not_in(list(resting)),
                ),
                ~blocked,
            )
            .order_by(OutboxItem.priority, OutboxItem.id)
            .limit(limit)
            .with_for_update(skip_locked=True)
        )
        items = list(self._session.scalars(query))
        for item in items:
            item.status = "sending"
            item.attempts += 1
            item.claimed_by = worker
            item.claimed_until = now + LEASE
            self._set_delivery(item, "sending")
        return items

    def renew(self, worker: str) -> None:
        """Keep this sender's claims."""
        self._session.execute(
            update(OutboxItem)
            .where(OutboxItem.status == "sending", OutboxItem.claimed_by == worker)
            .values(claimed_until=self._now() + LEASE)
        )

    def release_abandoned(self) -> int:
        """Give back what was in hand and not renewed, marked uncertain: the phone may have it."""
        return self._release(OutboxItem.claimed_until < self._now())

    def release_of(self, workers: Collection[str]) -> int:
        """Give back at once, marked uncertain, what these senders had in hand, who are known to be dead."""
        return self._release(OutboxItem.claimed_by.in_(workers))

    def _release(self, which: ColumnElement[bool]) -> int:
        query = select(OutboxItem).where(OutboxItem.status == "sending", which)
        items = list(self._session.scalars(query.with_for_update(skip_locked=True)))
        for item in items:
            self.retry(item, timedelta(0), "the sender died", uncertain=True)
        return len(items)

    def sent(self, item: OutboxItem, channel_message_id: int | None) -> None:
        """Note that the phone's server has accepted a message."""
        now = self._now()
        self._finish(item, "sent", "uncertain" if item.uncertain else "sent", None)
        if item.message_id is not None:
            message = self._session.get_one(Message, item.message_id)
            message.channel_message_id = channel_message_id
            message.sent_at = now
        if item.conversation_id is not None:
            conversation = self._session.get(Conversation, item.conversation_id)
            if conversation is not None:
                conversation.last_out_at = now

    def retry(self, item: OutboxItem, delay: timedelta, why: str, *, uncertain: bool = False) -> None:
        """Send again later; `uncertain` when the last try may have arrived."""
        item.status = "new"
        item.claimed_by = None
        item.claimed_until = None
        item.next_try_at = self._now() + delay
        item.last_error = why[:200]
        item.uncertain = item.uncertain or uncertain
        self._set_delivery(item, "queued")

    def give_up(self, item: OutboxItem, why: str) -> None:
        """Put a message on the dead-letter list."""
        self._finish(item, "dead", "failed", why)

    def suppress(self, item: OutboxItem, why: str) -> None:
        """Do not send: the chat's owner changed, or the chat is no longer linked."""
        self._finish(item, "suppressed", "suppressed", why)

    def give_up_chat(self, conversation: Conversation, why: str) -> int:
        """Put everything that waits for one chat on the dead-letter list; return how many."""
        query = select(OutboxItem).where(
            OutboxItem.conversation_id == conversation.id, OutboxItem.status.in_(UNFINISHED)
        )
        items = list(self._session.scalars(query))
        for item in items:
            self.give_up(item, why)
        return len(items)

    def waits_in(self, conversation: Conversation) -> bool:
        """Return whether anything is on its way to this chat."""
        query = select(OutboxItem.id).where(
            OutboxItem.conversation_id == conversation.id, OutboxItem.status.in_(UNFINISHED)
        )
        return self._session.scalars(query.limit(1)).first() is not None

    def offers_of(self, message_ids: Sequence[int]) -> dict[int, list[dict[str, str]]]:
        """Return the buttons ({"label", "token"}) of messages by their ids: for the demo's phone."""
        query = select(OutboxItem.message_id, OutboxItem.buttons).where(
            OutboxItem.message_id.in_(message_ids)
        )
        return {message_id: buttons for message_id, buttons in self._session.execute(query) if message_id}

    def get(self, item_id: int) -> OutboxItem | None:
        """Return an item as it is now; None when it was forgotten."""
        return self._session.get(OutboxItem, item_id, populate_existing=True)

    def dead(self) -> list[OutboxItem]:
        """Return what could not be sent, oldest first."""
        query = select(OutboxItem).where(OutboxItem.status == "dead").order_by(OutboxItem.id)
        return list(self._session.scalars(query))

    def count_dead(self) -> int:
        """Return how many there are on the dead-letter list."""
        return self._session.scalar(select(func.count()).where(OutboxItem.status == "dead")) or 0

    def waiting(self) -> tuple[int, datetime | None]:
        """Return how many messages wait, and since when the oldest does."""
        row = self._session.execute(
            select(func.count(), func.min(OutboxItem.created_at)).where(OutboxItem.status.in_(UNFINISHED))
        ).one()
        return row[0], row[1]

    def sent_by_bot_since(self, conversation: Conversation, since: datetime) -> int:
        """Return how many messages the bot started in a chat since an instant."""
        query = select(func.count()).where(
            OutboxItem.conversation_id == conversation.id,
            OutboxItem.origin == "timer",
            OutboxItem.status.in_(("new", "sending", "sent")),
            OutboxItem.created_at >= since,
        )
        return self._session.scalar(query) or 0

    def forget_old(self, before: datetime) -> int:
        """Delete finished rows older than an instant (the transcript keeps its own copy)."""
        statement = OutboxItem.__table__.delete().where(  # type: ignore[attr-defined]  # a Table, typed as FromClause
            OutboxItem.finished_at < before, OutboxItem.status.in_(("sent", "suppressed"))
        )
        return cast("CursorResult[Any]", self._session.execute(statement)).rowcount

    def _finish(self, item: OutboxItem, status: str, delivery: str, why: str | None) -> None:
        if item.forget:
            self._session.delete(item)
            return
        item.status = status
        item.claimed_by = None
        item.claimed_until = None
        item.last_error = why[:200] if why else None
        item.finished_at = self._now()
        self._set_delivery(item, delivery)

    def _set_delivery(self, item: OutboxItem, delivery: str) -> None:
        if item.message_id is not None:
            self._session.get_one(Message, item.message_id).delivery = delivery
