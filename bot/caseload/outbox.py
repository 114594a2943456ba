"""The outbox: what is put on its way to phones, and what still waits there."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import func, select

from bot.caseload.models.conversation import Conversation, Message
from bot.caseload.models.people import Client, Staff
from bot.caseload.models.queues import OutboxItem
from bot.caseload.repository import Repository
from bot.caseload.sending import UNFINISHED

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
        now = self._now()
        item = self._insert_once(
            OutboxItem,
            "dedup_key",
            bot_id=conversation.bot_id,
            chat_id=conversation.chat_id,
            conversation_id=conversation.id,
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
        if item is None:
            return self._session.scalars(select(OutboxItem).where(OutboxItem.dedup_key == dedup_key)).one()
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
        item.message_id = message.id
        self._session.flush()
        return item

    def add_for_stranger(
        self,
        bot_id: str,
        chat_id: str,
        text: str,
        *,
        dedup_key: str,
        safety: bool = False,
        silent: bool = False,
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
                silent=silent,
                forget=True,
                status="new",
                next_try_at=now,
                created_at=now,
            )
        )
        self._session.flush()

    def add_for_staff(
        self,
        staff: Staff,
        text: str,
        *,
        dedup_key: str,
        about: Client | None = None,
        buttons: Sequence[dict[str, str]] = (),
    ) -> None:
        """Queue a message to somebody's own Telegram, behind all clients; the row is deleted once it is sent.

        `about` is the one client whom it is about: it leaves only if they may still see them then.
        """
        if staff.alert_chat_id is None or staff.alert_bot_id is None:
            return
        now = self._now()
        self._session.add(
            OutboxItem(
                bot_id=staff.alert_bot_id,
                chat_id=staff.alert_chat_id,
                staff_id=staff.id,
                about_id=about.id if about else None,
                dedup_key=dedup_key,
                origin="staff",
                priority=2,
                text=text,
                buttons=list(buttons),
                forget=True,
                status="new",
                next_try_at=now,
                created_at=now,
            )
        )
        self._session.flush()

    def count_given_up(self, conversation: Conversation, why: str, since: datetime) -> int:
        """Return how many messages to a chat were given up for this reason since an instant."""
        query = select(func.count()).where(
            OutboxItem.conversation_id == conversation.id,
            OutboxItem.status == "dead",
            OutboxItem.last_error == why,
            OutboxItem.origin != "safety",
            OutboxItem.finished_at >= since,
        )
        return self._session.scalar(query) or 0

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
