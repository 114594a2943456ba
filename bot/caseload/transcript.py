"""The transcript of record: what each side said, and what the phone has of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import func, select

from bot.caseload.models.conversation import Conversation, Message
from bot.caseload.repository import Repository

#: Messages further apart than this are not pieces of one thought; the pieces are among the newest few.
ONE_THOUGHT = timedelta(minutes=10)
NEARBY = 24


@dataclass(frozen=True)
class Nearby:
    """The client's texts around a message, oldest first: `recent` since our last words, `before` those,
    and `after` it when it is an earlier message that was edited."""

    before: tuple[str, ...] = ()
    recent: tuple[str, ...] = ()
    after: tuple[str, ...] = ()


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

    def newest(self, conversation: Conversation, limit: int = 60, *, before: int = 0) -> list[Message]:
        """Return the newest messages, or the newest before the one with an id, oldest of them first."""
        query = select(Message).where(Message.conversation_id == conversation.id)
        if before:
            query = query.where(Message.id < before)
        newest = query.order_by(Message.id.desc()).limit(limit)
        return list(self._session.scalars(newest).unique())[::-1]

    def last_of_person(self, conversation: Conversation) -> int:
        """Return the id of the last message that a person of the service wrote in a chat; 0 for none."""
        query = select(func.max(Message.id)).where(
            Message.conversation_id == conversation.id, Message.author == "person"
        )
        return self._session.scalar(query) or 0

    def newest_of(self, conversations: Sequence[Conversation], limit: int) -> dict[str, list[Message]]:
        """Return what `newest` does, for many chats at once: conversation id to messages."""
        place = func.row_number().over(partition_by=Message.conversation_id, order_by=Message.id.desc())
        ids = [conversation.id for conversation in conversations]
        ranked = select(Message.id, place.label("place")).where(Message.conversation_id.in_(ids)).subquery()
        query = (
            select(Message)
            .join(ranked, ranked.c.id == Message.id)
            .where(ranked.c.place <= limit)
            .order_by(Message.id)
        )
        found: dict[str, list[Message]] = {}
        for message in self._session.scalars(query).unique():
            found.setdefault(message.conversation_id, []).append(message)
        return found

    def after(self, conversation: Conversation, message_id: int, limit: int = 200) -> list[Message]:
        """Return the messages that came after one, oldest first."""
        query = (
            select(Message)
            .where(Message.conversation_id == conversation.id, Message.id > message_id)
            .order_by(Message.id)
            .limit(limit)
        )
        return list(self._session.scalars(query).unique())

    def earlier_words(self, messages: Sequence[Message]) -> dict[int, list[str]]:
        """Return, for the edits among a chat's messages, what each said before, oldest first."""
        edits = [one for one in messages if one.kind == "edited" and one.channel_message_id is not None]
        if not edits:
            return {}
        query = (
            select(Message)
            .where(
                Message.conversation_id == edits[0].conversation_id,
                Message.channel_message_id.in_({one.channel_message_id for one in edits}),
                # Our own messages have numbers too, and a press carries the number of what it stood under.
                Message.author == "client",
                Message.kind != "button",
            )
            .order_by(Message.id)
        )
        versions = list(self._session.scalars(query).unique())
        return {
            edit.id: [
                one.text
                for one in versions
                if one.channel_message_id == edit.channel_message_id and one.id < edit.id and one.text
            ]
            for edit in edits
        }

    def around(self, conversation: Conversation, edited: int | None = None) -> Nearby:
        """Return the client's texts around a message that comes now, or, by its number, around an edited one.

        An edited text stands where the message stood. Presses of buttons are not words. Nothing counts that
        is older than ten minutes, or from before a safety reply: that was answered.
        """
        since = self._now() - ONE_THOUGHT
        places: list[tuple[int | None, str] | None] = []
        for message in self.newest(conversation, limit=NEARBY):
            number = message.channel_message_id
            if message.author == "safety":
                places.clear()
            elif message.author != "client":
                places.append(None)
            elif message.kind == "edited" and (place := _place_of(places, number)) is not None:
                places[place] = (number, message.text)
            elif message.text and message.kind != "button" and message.created_at >= since:
                places.append((number, message.text))
        place = len(places) if edited is None else _place_of(places, edited)
        if place is None:
            return Nearby()
        behind = places[:place]
        ours = max((spot for spot, one in enumerate(behind) if one is None), default=-1)
        return Nearby(
            before=tuple(one[1] for one in behind[: ours + 1] if one is not None),
            recent=tuple(one[1] for one in behind[ours + 1 :] if one is not None),
            after=tuple(one[1] for one in places[place + 1 :] if one is not None),
        )


def _place_of(places: list[tuple[int | None, str] | None], number: int | None) -> int | None:
    if number is None:
        return None
    return next((place for place, one in enumerate(places) if one is not None and one[0] == number), None)
