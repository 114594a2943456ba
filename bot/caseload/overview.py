"""The list of a caseload: each client with their chat, what is next and what waits, a page at a time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import func, select

from bot.caseload.appointments import OPEN_STATUSES
from bot.caseload.clients import BY_NAME, Clients, open_seen_by
from bot.caseload.conversations import primary_of
from bot.caseload.models.conversation import Conversation, Handoff, HandoffEvent
from bot.caseload.models.people import Client, Staff
from bot.caseload.models.plan import Appointment
from bot.caseload.repository import OPEN, Found, Repository, clients_seen_by, may_see

#: How far an alert went is told on the card; it makes nothing new in the list.
STEPS_OF_AN_ALERT = ("escalated", "acknowledged")


@dataclass(frozen=True)
class Line:
    """One client of the list."""

    client: Client
    conversation: Conversation | None
    next_appointment: Appointment | None
    waiting: int


@dataclass(frozen=True)
class Waiting:
    """How many handoffs wait for a person, and a mark that changes when any of them does."""

    count: int
    mark: str


class Overview(Repository):
    """Use-cases about a whole caseload; a fixed number of questions to the database, however long it is."""

    def waiting(self, staff: Staff) -> Waiting:
        """Return how many open handoffs this person may see, however many there are."""
        query = (
            select(func.count(Handoff.id.distinct()), func.max(HandoffEvent.id))
            .select_from(Handoff)
            .join(Client, Client.id == Handoff.client_id)
            .join(HandoffEvent, HandoffEvent.handoff_id == Handoff.id)
            .where(Handoff.status.in_(OPEN), may_see(staff), HandoffEvent.what.not_in(STEPS_OF_AN_ALERT))
        )
        count, newest = self._session.execute(query).one()
        return Waiting(count, f"{count}.{newest or 0}")

    def page(
        self,
        staff: Staff,
        search: str | None = None,
        skip: int = 0,
        limit: int = 50,
        *,
        also_closed: bool = False,
    ) -> Found[Line]:
        """Return a page of the open clients whom this person may see, by name; `search` is part of one."""
        query = (clients_seen_by(staff) if also_closed else open_seen_by(staff)).order_by(*BY_NAME)
        if search:
            found = Clients(self._session, self._clock).ids_found(staff, search, also_closed=also_closed)
            total = len(found)
            query = query.where(Client.id.in_(found[skip : skip + limit]))
        else:
            total = self._session.scalar(select(func.count()).select_from(query.subquery())) or 0
            query = query.offset(skip).limit(limit)
        clients = list(self._session.scalars(query).unique())
        ids = [client.id for client in clients]
        chats, meetings, waiting = self._chats(ids), self._next_meetings(ids), self._waiting(ids)
        return Found(
            [
                Line(
                    client,
                    primary_of(chats.get(client.id, ())),
                    meetings.get(client.id),
                    waiting.get(client.id, 0),
                )
                for client in clients
            ],
            total,
        )

    def _chats(self, ids: Sequence[str]) -> dict[str, list[Conversation]]:
        query = (
            select(Conversation)
            .where(Conversation.client_id.in_(ids), Conversation.unlinked_at.is_(None))
            .order_by(Conversation.last_in_at.desc().nulls_last(), Conversation.linked_at.desc())
        )
        chats: dict[str, list[Conversation]] = {}
        for chat in self._session.scalars(query).unique():
            chats.setdefault(chat.client_id, []).append(chat)
        return chats

    def _next_meetings(self, ids: Sequence[str]) -> dict[str, Appointment]:
        query = select(Appointment).where(
            Appointment.client_id.in_(ids),
            Appointment.status.in_(OPEN_STATUSES),
            Appointment.starts_at > self._now(),
        )
        meetings: dict[str, Appointment] = {}
        for one in self._session.scalars(query.order_by(Appointment.starts_at)).unique():
            meetings.setdefault(one.client_id, one)
        return meetings

    def _waiting(self, ids: Sequence[str]) -> dict[str, int]:
        query = (
            select(Handoff.client_id, func.count())
            .where(Handoff.client_id.in_(ids), Handoff.status.in_(OPEN))
            .group_by(Handoff.client_id)
        )
        return {client_id: int(number) for client_id, number in self._session.execute(query)}
