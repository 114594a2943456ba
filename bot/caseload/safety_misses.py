"""A person finds a message in a chat that the safety screen should have answered."""

from __future__ import annotations

from sqlalchemy import select

from bot.caseload.errors import NoSuchSafetyRecord
from bot.caseload.models.conversation import Conversation, Message
from bot.caseload.models.people import Client, Staff
from bot.caseload.models.safety import NearMiss, SafetyEvent
from bot.caseload.repository import Repository, may_see
from bot.caseload.safety_reviews import MISSED

#: The route of a message that nothing came near to.
NOT_READ = ""
#: The route of a warm line: whoever was in danger was still missed.
SOFT = "soft"


class SafetyMisses(Repository):
    """Use-cases about messages that got no safety answer and should have had one."""

    def report(self, staff: Staff, message_id: int) -> SafetyEvent | NearMiss:
        """Note that a client's message was missed; from then on it is reviewed like a near miss.

        Of a message that was answered as danger the fire comes back and nothing changes: it has a review of
        its own. Raises NoSuchSafetyRecord for what is no message with words of a client of theirs.
        """
        message = self._message_for(staff, message_id)
        fire = (
            select(SafetyEvent)
            .where(
                SafetyEvent.conversation_id == message.conversation_id,
                SafetyEvent.inbox_seq == message.inbox_seq,
                SafetyEvent.route != SOFT,
            )
            .order_by(SafetyEvent.id)
        )
        fired = self._session.scalars(fire.limit(1)).unique().first()
        if fired is not None:
            return fired
        item = self._near_miss_of(message)
        if item.verdict != MISSED:
            item.verdict, item.reviewed_at, item.reviewed_by = MISSED, self._now(), staff.id
        self._session.flush()
        return item

    def _message_for(self, staff: Staff, message_id: int) -> Message:
        query = (
            select(Message)
            .join(Conversation, Conversation.id == Message.conversation_id)
            .join(Client, Client.id == Conversation.client_id)
            .where(
                Message.id == message_id,
                Message.author == "client",
                Message.kind != "button",
                Message.text != "",
                Message.inbox_seq.is_not(None),
                may_see(staff),
            )
        )
        message = self._session.scalars(query).unique().one_or_none()
        if message is None:
            raise NoSuchSafetyRecord(str(message_id))
        return message

    def _near_miss_of(self, message: Message) -> NearMiss:
        query = select(NearMiss).where(
            NearMiss.conversation_id == message.conversation_id, NearMiss.inbox_seq == message.inbox_seq
        )
        known = self._session.scalars(query.with_for_update(of=NearMiss)).unique().first()
        if known is not None:
            return known
        conversation = self._session.get_one(Conversation, message.conversation_id)
        item = NearMiss(
            client_id=conversation.client_id,
            conversation_id=conversation.id,
            inbox_seq=message.inbox_seq or 0,
            route=NOT_READ,
            score=0.0,
            at=message.created_at,
        )
        self._session.add(item)
        return item
