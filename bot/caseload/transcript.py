"""The transcript of record: what each side said, and what the phone has of it."""

from __future__ import annotations

from sqlalchemy import select

from bot.caseload.models.conversation import Conversation, Message
from bot.caseload.repository import Repository


class Transcript(Repository):
    """Use-cases about messages."""

    def add_from_client(
        self,
        conversation: Conversation,
        text: str,
        *,
        kind: str,
        inbox_seq: int | None,
        channel_message_id: int | None,
    ) -> Message:
        """Write down what the client sent; also notes that they were here."""
        message = Message(
            conversation_id=conversation.id,
            author="client",
            kind=kind,
            text=text,
            inbox_seq=inbox_seq,
            channel_message_id=channel_message_id,
            delivery="received",
            created_at=self._now(),
        )
        conversation.last_in_at = self._now()
        self._session.add(message)
        self._session.flush()
        return message

    def newest(self, conversation: Conversation, limit: int = 60) -> list[Message]:
        """Return the newest messages, oldest of them first."""
        query = (
            select(Message)
            .where(Message.conversation_id == conversation.id)
            .order_by(Message.id.desc())
            .limit(limit)
        )
        return list(self._session.scalars(query).unique())[::-1]

    def after(self, conversation: Conversation, message_id: int, limit: int = 200) -> list[Message]:
        """Return the messages that came after one, oldest first."""
        query = (
            select(Message)
            .where(Message.conversation_id == conversation.id, Message.id > message_id)
            .order_by(Message.id)
            .limit(limit)
        )
        return list(self._session.scalars(query).unique())

    def recent_client_texts(self, conversation: Conversation, limit: int = 4) -> list[str]:
        """Return the client's newest texts, oldest of them first, up to our last words to them."""
        texts: list[str] = []
        for message in reversed(self.newest(conversation, limit=limit * 2)):
            if message.author != "client" or len(texts) == limit:
                break
            texts.append(message.text)
        return texts[::-1]
