"""Sending what is in the outbox: claims, in order within each chat, and what became of each message."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import timedelta

from sqlalchemy import ColumnElement, and_, or_, select, tuple_, update
from sqlalchemy.orm import aliased

from bot.caseload.models.conversation import Conversation, Message
from bot.caseload.models.queues import OutboxItem
from bot.caseload.repository import Repository

#: A sender that does not finish or renew within this time is taken for dead.
LEASE = timedelta(seconds=15)
UNFINISHED = ("new", "sending")


class Sending(Repository):
    """Use-cases about messages that leave, and about those that will not any more."""

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

    def get(self, item_id: int) -> OutboxItem | None:
        """Return an item as it is now; None when it was forgotten."""
        return self._session.get(OutboxItem, item_id, populate_existing=True)

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

    def put_aside(self, conversation: Conversation) -> None:
        """Do not send what the bot had queued for a chat: danger came, and its answer goes alone."""
        query = select(OutboxItem).where(
            OutboxItem.conversation_id == conversation.id,
            OutboxItem.origin.in_(("bot", "timer")),
            OutboxItem.status == "new",
        )
        for item in self._session.scalars(query.with_for_update()):
            self.suppress(item, "put aside: danger came")

    def reword(self, item: OutboxItem, text: str) -> None:
        """Give a message other words before it leaves, on the phone and in the transcript."""
        item.text = text
        if item.message_id is not None:
            self._session.get_one(Message, item.message_id).text = text

    def give_up_chat(self, conversation: Conversation, why: str, *, safety: bool = False) -> int:
        """Put what waits for one chat on the dead-letter list; return how many.

        Either the safety messages alone or all others: a safety message is always tried once. Not what is in
        a sender's hands at this moment.
        """
        query = select(OutboxItem).where(
            OutboxItem.conversation_id == conversation.id,
            OutboxItem.status == "new",
            (OutboxItem.origin == "safety") == safety,
        )
        items = list(self._session.scalars(query.with_for_update()))
        for item in items:
            self.give_up(item, why)
        return len(items)

    def _release(self, which: ColumnElement[bool]) -> int:
        query = select(OutboxItem).where(OutboxItem.status == "sending", which)
        items = list(self._session.scalars(query.with_for_update(skip_locked=True)))
        for item in items:
            self.retry(item, timedelta(0), "the sender died", uncertain=True)
        return len(items)

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
