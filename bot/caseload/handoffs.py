"""Handoffs: what is on its way from a client to a human."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ColumnElement, func, select
from sqlalchemy import case as sql_case

from bot.caseload.alerts import is_alarming
from bot.caseload.errors import NoSuchHandoff
from bot.caseload.handoff_opening import (
    ANSWERED_BY_WORDS,
    OPENS_AGAIN,
    URGENCY_ORDER,
    HandoffOpening,
)
from bot.caseload.models.conversation import Conversation, Handoff, HandoffEvent, Mode
from bot.caseload.models.people import Client, Staff
from bot.caseload.repository import OPEN, may_see
from bot.caseload.waits import WAITS_FOR_A_PERSON

#: The events of a client who asks.
ASKED = ("opened", "reopened", "asked_again")
#: The client has no answer from the person who has their chat.
SILENT = "silent"


class Handoffs(HandoffOpening):
    """Use-cases about handoffs."""

    def waiting_for(
        self, staff: Staff, limit: int = 200, skip: int = 0, *, which: ColumnElement[bool] | None = None
    ) -> list[Handoff]:
        """Return the open handoffs that this person may see: urgent first, then longest waiting.

        `which` keeps only those of some clients.
        """
        order = sql_case(URGENCY_ORDER, value=Handoff.urgency, else_=9)
        query = (
            select(Handoff)
            .join(Client, Client.id == Handoff.client_id)
            .where(Handoff.status.in_(OPEN), may_see(staff))
            .order_by(order, Handoff.waiting_since, Handoff.id)
            .offset(skip)
            .limit(limit)
        )
        if which is not None:
            query = query.where(which)
        return list(self._session.scalars(query).unique())

    def count_for(self, staff: Staff) -> tuple[int, int]:
        """Return how many open handoffs this person may see, and how many of those are about danger."""
        danger = func.coalesce(func.sum(sql_case((Handoff.reason == "safety", 1), else_=0)), 0)
        query = (
            select(func.count(Handoff.id), danger)
            .join(Client, Client.id == Handoff.client_id)
            .where(Handoff.status.in_(OPEN), may_see(staff))
        )
        waiting, in_danger = self._session.execute(query).one()
        return int(waiting), int(in_danger)

    def may_go_on(self, client: Client) -> bool:
        """Return whether a person answered, handed back or closed something of theirs within a day.

        Also when it was opened again since, and nobody has the chat for it yet.
        """
        if self._answered_lately(client, "question", None) is not None:
            return True
        return any(
            one.reason in OPENS_AGAIN and one.status != "taken" and one.waiting_since == _reopened_at(one)
            for one in self.open_for(client)
        )

    def was_asked_since(self, client: Client, at: datetime) -> bool:
        """Return whether the client has asked for a person since an instant."""
        return any(
            one.reason in ANSWERED_BY_WORDS
            and any(event.at >= at and event.what in ASKED for event in one.events)
            for one in self.open_for(client)
        )

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

    def lock_for(self, staff: Staff, handoff_id: str) -> Handoff:
        """Return the same as `get_for`, as it is now and kept from changing until the transaction ends."""
        self.get_for(staff, handoff_id)
        handoff = self.find(handoff_id, lock=True)
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
        found = self._session.scalars(query).unique().one_or_none()
        if not lock or found is None:
            return found
        self._lock_chats(found.client_id)
        locked = query.with_for_update(of=Handoff).execution_options(populate_existing=True)
        return self._session.scalars(locked).unique().one_or_none()

    def note_escalated(self, handoff: Handoff) -> None:
        """Note that people are being alerted, until `note_acknowledged`."""
        self._note(handoff, "escalated", None)

    def note_acknowledged(self, staff: Staff, handoff: Handoff) -> None:
        """Note that this person is on it."""
        self._lock_chats(handoff.client_id)
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
            if handoff.reason in WAITS_FOR_A_PERSON - {"safety"} and handoff.status != "taken":
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

    def let_go(self, staff: Staff, client: Client) -> None:
        """Note that whoever had taken the chat has it no longer: what they had taken waits again."""
        for handoff in self.open_for(client):
            if handoff.status == "taken":
                self._move(handoff, "waiting", staff)

    def end_silence(self, staff: Staff, client: Client) -> None:
        """Note that the client has an answer again from a person, or the bot back."""
        for handoff in self.open_for(client):
            if handoff.reason == SILENT:
                self._move(handoff, "closed", staff, ended=True)

    def close(self, staff: Staff, handoff: Handoff, note: str | None = None) -> None:
        """End a handoff: dealt with."""
        if handoff.is_open:
            self._move(handoff, "closed", staff, note=note, ended=True)

    def close_by_itself(self, client: Client, reason: str, note: str) -> None:
        """End the open handoffs of one reason, because what they asked for is not needed any more."""
        for handoff in self.open_for(client):
            if handoff.reason == reason:
                self._move(handoff, "closed", None, note=note, ended=True)

    def close_unasked(self, handoff: Handoff, note: str) -> None:
        """End a handoff that nobody needs any more, though nobody has seen to it."""
        if handoff.is_open:
            self._move(handoff, "closed", None, note=note, ended=True)

    def close_about(self, staff: Staff, client: Client, subject: str) -> None:
        """End the open handoffs about one appointment or lead."""
        for handoff in self.open_for(client):
            if handoff.subject == subject:
                self._move(handoff, "closed", staff, ended=True)

    def _move(
        self,
        handoff: Handoff,
        status: str,
        staff: Staff | None,
        *,
        note: str | None = None,
        ended: bool = False,
    ) -> None:
        self._lock_chats(handoff.client_id)
        handoff.status = status
        handoff.events.append(
            HandoffEvent(what=status, staff_id=staff.id if staff else None, note=note, at=self._now())
        )
        if ended:
            handoff.ended_at = self._now()
        self._session.flush()
        if ended or status == "taken":
            self._waits.stop(handoff)
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


def _reopened_at(handoff: Handoff) -> datetime | None:
    """Return when it was last opened again, if it ever was."""
    return next((event.at for event in reversed(handoff.events) if event.what == "reopened"), None)
