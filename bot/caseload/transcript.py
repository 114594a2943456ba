"""The transcript of record: what each side said, and what the phone has of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import select

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
