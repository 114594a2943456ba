"""Handoffs: what is on its way from a client to a human."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import case as sql_case
from sqlalchemy import func, select, update

from bot.caseload.alerts import is_alarming
from bot.caseload.errors import NoSuchHandoff
from bot.caseload.models.conversation import Conversation, Handoff, HandoffEvent, Mode
from bot.caseload.models.people import Client, Staff
from bot.caseload.repository import OPEN, Repository, may_see

#: Reasons for which the client waits for a person to speak to them; the others only ask for a decision.
WAITS_FOR_A_PERSON = {"question", "person", "safety", "complaint"}
URGENCY_ORDER = {"now": 0, "today": 1, "routine": 2}


@dataclass(frozen=True)
class Opened:
    """What became of asking: a handoff, and whether it was there already."""

    handoff: Handoff
    asked_before: bool


class Handoffs(Repository):
    """Use-cases about handoffs."""

    def open(
        self,
        client: Client,
        question: str,
        reason: str,
        urgency: str = "routine",
        *,
        subject: str | None = None,
    ) -> Opened:
        """Pass something to a human; asked again for the same reason, it stays one with a count."""
        now = self._now()
        query = select(Handoff).where(
            Handoff.client_id == client.id, Handoff.reason == reason, Handoff.status.in_(OPEN)
        )
        query = query.where(Handoff.subject == subject) if subject else query.where(Handoff.subject.is_(None))
        # Read anew under the lock: somebody may have acknowledged it since this transaction first saw it.
        locked = query.with_for_update(of=Handoff).execution_options(populate_existing=True)
        handoff = self._session.scalars(locked).unique().first()
        asked_before = handoff is not None
        if handoff is None:
            conversation = self._newest_conversation(client)
            handoff = Handoff(
                client_id=client.id,
                conversation_id=conversation.id if conversation else None,
                reason=reason,
                urgency=urgency,
                question=question,
                subject=subject,
                waiting_since=now,
            )
            handoff.events.append(HandoffEvent(what="opened", at=now))
            self._session.add(handoff)
            if conversation and reason in WAITS_FOR_A_PERSON:
                self._change_mode(conversation, Mode.BOT, Mode.WAITING)
        else:
            handoff.asked_count += 1
            if question and question not in handoff.question:
                handoff.question = f"{handoff.question}\n{question}".strip()
            if URGENCY_ORDER[urgency] < URGENCY_ORDER[handoff.urgency]:
                handoff.urgency = urgency
            if handoff.status == "seen":
                handoff.status = "waiting"
            handoff.events.append(HandoffEvent(what="asked_again", at=now))
        self._session.flush()
        return Opened(handoff, asked_before)

    def waiting_for(self, staff: Staff, limit: int = 200) -> list[Handoff]:
        """Return the open handoffs that this person may see: urgent first, then longest waiting."""
        order = sql_case(URGENCY_ORDER, value=Handoff.urgency, else_=9)
        query = (
            select(Handoff)
            .join(Client, Client.id == Handoff.client_id)
            .where(Handoff.status.in_(OPEN), may_see(staff))
            .order_by(order, Handoff.waiting_since, Handoff.id)
            .limit(limit)
        )
        return list(self._session.scalars(query).unique())

    def count_open(self) -> int:
        """Return how many handoffs wait for somebody, in all services."""
        return self._session.scalar(select(func.count()).where(Handoff.status.in_(OPEN))) or 0

    def get_for(self, staff: Staff, handoff_id: str) -> Handoff:
        """Return a handoff of a client whom this person may see; raise NoSuchHandoff otherwise."""
        query = (
            select(Handoff)
            .join(Client, Client.id == Handoff.client_id)
            .where(Handoff.id == handoff_id, may_see(staff))
        )
        handoff = self._session.scalars(query).unique().one_or_none()
        if handoff is None:
            raise NoSuchHandoff(handoff_id)
        return handoff

    def alarming_for(self, staff: Staff) -> list[Handoff]:
        """Return the handoffs of people in danger that nobody is on and this person may see, oldest first."""
        query = (
            select(Handoff)
            .join(Client, Client.id == Handoff.client_id)
            .where(Handoff.status.in_(OPEN), Handoff.reason == "safety", may_see(staff))
            .order_by(Handoff.waiting_since, Handoff.id)
        )
        return [handoff for handoff in self._session.scalars(query).unique() if is_alarming(handoff)]

    def find(self, handoff_id: str, *, lock: bool = False) -> Handoff | None:
        """Return a handoff by id, for timers and other work of our own."""
        query = select(Handoff).where(Handoff.id == handoff_id)
        if lock:
            query = query.with_for_update(of=Handoff).execution_options(populate_existing=True)
        return self._session.scalars(query).unique().one_or_none()

    def note_escalated(self, handoff: Handoff) -> None:
        """Note that people are being alerted, until `note_acknowledged`."""
        self._note(handoff, "escalated", None)

    def note_acknowledged(self, staff: Staff, handoff: Handoff) -> None:
        """Note that this person is on it."""
        self._note(handoff, "acknowledged", staff)
        if handoff.status == "waiting":
            self._move(handoff, "seen", staff)

    def open_for(self, client: Client) -> list[Handoff]:
        """Return the client's open handoffs, longest waiting first."""
        query = (
            select(Handoff)
            .where(Handoff.client_id == client.id, Handoff.status.in_(OPEN))
            .order_by(Handoff.waiting_since)
        )
        return list(self._session.scalars(query).unique())

    def mark_seen(self, staff: Staff, handoff: Handoff) -> None:
        """Note that somebody has read it."""
        if handoff.status == "waiting":
            self._move(handoff, "seen", staff)

    def mark_taken(self, staff: Staff, client: Client) -> None:
        """Note that a person took the chat: what waits for a person is being dealt with."""
        for handoff in self.open_for(client):
            if handoff.reason in WAITS_FOR_A_PERSON and handoff.status != "taken":
                self._move(handoff, "taken", staff)

    def mark_answered(self, staff: Staff, client: Client) -> None:
        """Note that a person replied while the bot keeps the chat; a crisis is not ended by a reply alone."""
        for handoff in self.open_for(client):
            if handoff.reason in {"question", "person", "complaint"} and handoff.status != "taken":
                self._move(handoff, "answered", staff, ended=True)

    def mark_handed_back(self, staff: Staff, client: Client, note: str | None) -> None:
        """Note that the person gave the chat back: what they had taken has ended.

        Danger that came meanwhile and that nobody is on stays in the inbox.
        """
        for handoff in self.open_for(client):
            if handoff.status == "taken" and is_alarming(handoff):
                self._move(handoff, "waiting", staff, note=note)
            elif handoff.status == "taken":
                self._move(handoff, "handed_back", staff, note=note, ended=True)

    def close(self, staff: Staff, handoff: Handoff, note: str | None = None) -> None:
        """End a handoff: dealt with."""
        if handoff.is_open:
            self._move(handoff, "closed", staff, note=note, ended=True)

    def close_about(self, staff: Staff, client: Client, subject: str) -> None:
        """End the open handoffs about one appointment or lead."""
        for handoff in self.open_for(client):
            if handoff.subject == subject:
                self._move(handoff, "closed", staff, ended=True)

    def _move(
        self, handoff: Handoff, status: str, staff: Staff, *, note: str | None = None, ended: bool = False
    ) -> None:
        handoff.status = status
        handoff.events.append(HandoffEvent(what=status, staff_id=staff.id, note=note, at=self._now()))
        if ended:
            handoff.ended_at = self._now()
        self._session.flush()
        self._stop_waiting(handoff.client_id)

    def _note(self, handoff: Handoff, what: str, staff: Staff | None) -> None:
        handoff.events.append(HandoffEvent(what=what, staff_id=staff.id if staff else None, at=self._now()))
        self._session.flush()

    def _stop_waiting(self, client_id: str) -> None:
        still = select(Handoff.id).where(
            Handoff.client_id == client_id, Handoff.status.in_(OPEN), Handoff.reason.in_(WAITS_FOR_A_PERSON)
        )
        if self._session.scalars(still.limit(1)).first() is not None:
            return
        waiting = select(Conversation).where(
            Conversation.client_id == client_id, Conversation.mode == Mode.WAITING
        )
        for conversation in self._session.scalars(waiting).unique():
            self._change_mode(conversation, Mode.WAITING, Mode.BOT)

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

    def _newest_conversation(self, client: Client) -> Conversation | None:
        query = (
            select(Conversation)
            .where(Conversation.client_id == client.id, Conversation.unlinked_at.is_(None))
            .order_by(Conversation.last_in_at.desc().nulls_last(), Conversation.linked_at.desc())
            .limit(1)
        )
        return self._session.scalars(query).unique().one_or_none()
