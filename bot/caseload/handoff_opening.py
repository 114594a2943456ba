"""Opening a handoff: asked for twice it is one, also when both come at the same moment."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, exists, or_, select, update
from sqlalchemy.exc import IntegrityError

from bot.caseload.models.conversation import Conversation, Handoff, HandoffEvent, Mode
from bot.caseload.models.people import Client
from bot.caseload.repository import OPEN, Repository
from bot.caseload.waits import WAITS_FOR_A_PERSON, Waits

#: One of these that a person answered is opened again when the client needs a person once more within a day.
ANSWERED_BY_WORDS = ("question", "person", "complaint")
OPENS_AGAIN = ("question", "person")
OPEN_AGAIN_WITHIN = timedelta(hours=24)
URGENCY_ORDER = {"now": 0, "today": 1, "routine": 2}
#: Each failure means that another transaction opened the same handoff and committed it.
TRIES = 3


@dataclass(frozen=True)
class Opened:
    """What became of asking: a handoff, and whether it was waiting already."""

    handoff: Handoff
    asked_before: bool


class HandoffOpening(Repository):
    """How something is passed to a human."""

    def open(
        self,
        client: Client,
        question: str,
        reason: str,
        urgency: str = "routine",
        *,
        subject: str | None = None,
    ) -> Opened:
        """Pass something to a human; asked again for the same reason, it stays one with a count.

        Who needs a person again within a day of an answer, a hand-back or "dealt with" goes on with the
        handoff that ended so.
        """
        # Who asks at the same moment waits here.
        conversation = next(iter(self._lock_chats(client.id)), None)
        for _ in range(TRIES):
            asked_again = self._ask_again(client, question, reason, urgency, subject)
            if asked_again is not None:
                return Opened(asked_again, asked_before=True)
            try:
                with self._session.begin_nested():
                    handoff = self._answered_lately(client, reason, subject)
                    if handoff is not None:
                        self._open_again(handoff, conversation, question, reason, urgency)
                    else:
                        handoff = self._open_new(client, conversation, question, reason, urgency, subject)
                return Opened(handoff, asked_before=False)
            except IntegrityError as error:
                # A client without a chat to wait at asked twice at once: the other was faster, this counts.
                taken = error
        raise taken

    @property
    def _waits(self) -> Waits:
        return Waits(self._session, self._clock)

    def _ask_again(
        self, client: Client, question: str, reason: str, urgency: str, subject: str | None
    ) -> Handoff | None:
        """Count it at the handoff that is open for the same; None: there is none."""
        query = select(Handoff).where(
            Handoff.client_id == client.id, Handoff.reason == reason, Handoff.status.in_(OPEN)
        )
        query = query.where(Handoff.subject == subject) if subject else query.where(Handoff.subject.is_(None))
        # Read anew under the lock: somebody may have acknowledged it since this transaction first saw it.
        locked = query.with_for_update(of=Handoff).execution_options(populate_existing=True)
        handoff = self._session.scalars(locked).unique().first()
        if handoff is None:
            return None
        is_hastier = self._ask_once_more(handoff, question, urgency)
        if handoff.status == "seen":
            handoff.status = "waiting"
        handoff.events.append(HandoffEvent(what="asked_again", at=self._now()))
        self._session.flush()
        if is_hastier:
            self._waits.set_anew(handoff)
        return handoff

    def _open_new(
        self,
        client: Client,
        conversation: Conversation | None,
        question: str,
        reason: str,
        urgency: str,
        subject: str | None,
    ) -> Handoff:
        handoff = Handoff(
            client_id=client.id,
            conversation_id=conversation.id if conversation else None,
            reason=reason,
            urgency=urgency,
            question=question,
            subject=subject or None,
            waiting_since=self._now(),
        )
        handoff.events.append(HandoffEvent(what="opened", at=self._now()))
        self._session.add(handoff)
        self._session.flush()
        if conversation and reason in WAITS_FOR_A_PERSON:
            self._change_mode(conversation, Mode.BOT, Mode.WAITING)
        self._session.refresh(handoff, ["client"])
        self._waits.start(handoff)
        return handoff

    def _ask_once_more(self, handoff: Handoff, question: str, urgency: str) -> bool:
        """Count it and add the words; return whether it has become more urgent."""
        handoff.asked_count += 1
        if question and question not in handoff.question:
            handoff.question = f"{handoff.question}\n{question}".strip()
        is_hastier = URGENCY_ORDER[urgency] < URGENCY_ORDER[handoff.urgency]
        if is_hastier:
            handoff.urgency = urgency
        return is_hastier

    def _answered_lately(self, client: Client, reason: str, subject: str | None) -> Handoff | None:
        """Return what a person ended within the last day and the client now comes back to."""
        if reason not in OPENS_AGAIN or subject is not None:
            return None
        query = (
            select(Handoff)
            .where(
                Handoff.client_id == client.id,
                Handoff.reason.in_(ANSWERED_BY_WORDS),
                _ended_by_a_person(),
                Handoff.subject.is_(None),
                Handoff.ended_at > self._now() - OPEN_AGAIN_WITHIN,
            )
            .order_by(Handoff.ended_at.desc())
            .limit(1)
            .with_for_update(of=Handoff)
            .execution_options(populate_existing=True)
        )
        return self._session.scalars(query).unique().first()

    def _open_again(
        self, handoff: Handoff, conversation: Conversation | None, question: str, reason: str, urgency: str
    ) -> None:
        self._ask_once_more(handoff, question, urgency)
        # What the client wants now; what it was before stays with the event.
        before, handoff.reason = handoff.reason, reason
        handoff.conversation_id = conversation.id if conversation else handoff.conversation_id
        handoff.status, handoff.ended_at, handoff.waiting_since = "waiting", None, self._now()
        handoff.events.append(HandoffEvent(what="reopened", note=before, at=self._now()))
        self._session.flush()
        if conversation:
            self._change_mode(conversation, Mode.BOT, Mode.WAITING)
        self._waits.start(handoff)

    def _change_mode(self, conversation: Conversation, before: Mode, after: Mode) -> None:
        # In the database and only from the mode we expect: a person may take the chat at this moment.
        self._session.flush()
        self._session.execute(
            update(Conversation)
            .where(Conversation.id == conversation.id, Conversation.mode == before)
            .values(mode=after)
            .execution_options(synchronize_session=False)
        )
        self._session.refresh(conversation)

    def _lock_chats(self, client_id: str) -> list[Conversation]:
        """Keep a client's live chats from changing, and return them: the one used last first.

        The chat first and then its handoffs: two who lock them the other way round would wait for each
        other, and PostgreSQL ends one of them with an error.
        """
        query = (
            select(Conversation)
            .where(Conversation.client_id == client_id, Conversation.unlinked_at.is_(None))
            .order_by(Conversation.id)
            .with_for_update(of=Conversation)
        )
        chats = list(self._session.scalars(query).unique())
        return sorted(chats, key=_used_lately, reverse=True)


def _used_lately(conversation: Conversation) -> tuple[bool, datetime]:
    """Return a key that sorts chats by their last message; those without one come first, by their link."""
    spoken = conversation.last_in_at
    return (spoken is not None, spoken or conversation.linked_at)


def _ended_by_a_person() -> ColumnElement[bool]:
    """Return the condition on handoffs that a person answered, handed back or marked as dealt with."""
    closed = exists().where(
        HandoffEvent.handoff_id == Handoff.id,
        HandoffEvent.what == "closed",
        HandoffEvent.staff_id.is_not(None),
    )
    return or_(Handoff.status.in_(("answered", "handed_back")), and_(Handoff.status == "closed", closed))
