"""What the bot did not understand: the words masked, what it did, and what the client picked."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import select

from bot.caseload.masking import mask
from bot.caseload.models.conversation import Conversation, Miss
from bot.caseload.models.people import Client, Staff
from bot.caseload.repository import Repository, may_see

#: A pick counts for a miss that is at most this old.
PICK_WINDOW = timedelta(days=1)


class Misses(Repository):
    """Use-cases about messages that were not understood."""

    def record(
        self,
        conversation_id: str,
        message_key: str,
        words: str,
        ranking: list[tuple[str, float]],
        offered: list[str],
        names: tuple[str, ...] = (),
    ) -> Miss:
        """Keep a miss; `names` are those of the client and their consultant, to be masked."""
        miss = Miss(
            conversation_id=conversation_id,
            message_key=message_key,
            words=mask(words, names),
            ranking=[[name, round(confidence, 4)] for name, confidence in ranking],
            offered=offered,
            at=self._now(),
        )
        self._session.add(miss)
        self._session.flush()
        return miss

    def record_pick(self, conversation_id: str, picked: str) -> Miss | None:
        """Note what the client picked for their newest miss without a pick; None when there is none."""
        query = (
            select(Miss)
            .where(
                Miss.conversation_id == conversation_id,
                Miss.picked.is_(None),
                Miss.at >= self._now() - PICK_WINDOW,
            )
            .order_by(Miss.id.desc())
            .limit(1)
        )
        miss = self._session.scalars(query).one_or_none()
        if miss is not None:
            miss.picked = picked
        return miss

    def of_service(self, staff: Staff, since: datetime, limit: int = 200) -> list[Miss]:
        """Return the misses of clients whom this person may see, newest first."""
        query = (
            select(Miss)
            .join(Conversation, Conversation.id == Miss.conversation_id)
            .join(Client, Client.id == Conversation.client_id)
            .where(Miss.at >= since, may_see(staff))
            .order_by(Miss.id.desc())
            .limit(limit)
        )
        return list(self._session.scalars(query))
