"""Clients, always reached through the one who asks: a member of staff, or the client's own chat."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, exists, select

from bot.caseload.errors import NoSuchClient, NotEnrolled
from bot.caseload.folding import fold
from bot.caseload.models.conversation import Conversation
from bot.caseload.models.people import Assignment, Client, Service, Staff
from bot.caseload.repository import Repository, clients_seen_by

#: The order of every list of clients.
BY_NAME = (Client.display_name, Client.id)


@dataclass(frozen=True)
class ClientLine:
    """One client as the operator's list shows them."""

    ref: str
    display_name: str
    service: str
    consultant: str | None
    linked: bool


class Clients(Repository):
    """Use-cases about clients."""

    def for_conversation(self, conversation_id: str) -> Client:
        """Return the client of a live conversation; raise NotEnrolled when there is none."""
        query = (
            select(Client)
            .join(Conversation, Conversation.client_id == Client.id)
            .where(Conversation.id == conversation_id, Conversation.unlinked_at.is_(None))
        )
        client = self._session.scalars(query).unique().one_or_none()
        if client is None:
            raise NotEnrolled(conversation_id)
        return client

    def get_for(self, staff: Staff, client_id: str) -> Client:
        """Return a client whom this person may see; raise NoSuchClient otherwise."""
        query = clients_seen_by(staff).where(Client.id == client_id)
        client = self._session.scalars(query).unique().one_or_none()
        if client is None:
            raise NoSuchClient(client_id)
        return client

    def seen_by(self, staff: Staff) -> list[Client]:
        """Return the open clients whom this person may see, by name."""
        return list(self._session.scalars(open_seen_by(staff).order_by(*BY_NAME)).unique())

    def ids_found(self, staff: Staff, search: str, *, also_closed: bool = False) -> list[str]:
        """Return the ids of the open clients whom this person may see and whose name or ref holds `search`.

        They are compared here and not in the database: of SQLite and PostgreSQL each folds other letters.
        """
        wanted = fold(search)
        query = (clients_seen_by(staff) if also_closed else open_seen_by(staff)).order_by(*BY_NAME)
        names = query.with_only_columns(Client.id, Client.display_name, Client.preferred_name, Client.ref)
        return [
            client_id
            for client_id, *written in self._session.execute(names)
            if any(wanted in fold(one) for one in written)
        ]

    def find(self, client_id: str) -> Client:
        """Return a client by id, for timers and other work of our own; raise NoSuchClient when unknown."""
        client = self._session.get(Client, client_id)
        if client is None:
            raise NoSuchClient(client_id)
        return client

    def find_by_ref(self, ref: str) -> Client | None:
        """Return the client with this reference: for the operator's commands, never for a page."""
        return self._session.scalars(select(Client).where(Client.ref == ref)).unique().one_or_none()

    def enrol(
        self,
        service: Service,
        display_name: str,
        *,
        consultant: Staff | None,
        ref: str | None = None,
        region: str | None = None,
        area: str | None = None,
        phase: str = "planning_preparation",
        status: str = "active",
        referred_at: datetime | None = None,
        accepted_at: datetime | None = None,
    ) -> Client:
        """Take a person on; region and time zone are the service's unless said otherwise."""
        client = Client(
            ref=ref or f"c{secrets.token_hex(4)}",
            service_id=service.id,
            display_name=display_name,
            preferred_name=display_name.split()[0][:40],
            region=region or service.region,
            timezone=service.timezone,
            area=area,
            phase=phase,
            status=status,
            consultant_id=consultant.id if consultant else None,
            referred_at=referred_at,
            accepted_at=accepted_at or self._now(),
            created_at=self._now(),
        )
        self._session.add(client)
        self._session.flush()
        if consultant:
            self._session.add(Assignment(client_id=client.id, staff_id=consultant.id, from_at=self._now()))
        self._session.flush()
        self._session.refresh(client)
        return client

    def lines(self) -> list[ClientLine]:
        """Return all clients as the operator's list shows them, by reference."""
        linked = exists().where(
            Conversation.client_id == Client.id,
            Conversation.unlinked_at.is_(None),
            Conversation.channel == "telegram",
        )
        rows = self._session.execute(select(Client, linked).order_by(Client.ref)).unique()
        return [
            ClientLine(
                ref=client.ref,
                display_name=client.display_name,
                service=client.service.name,
                consultant=client.consultant.name if client.consultant else None,
                linked=bool(is_linked),
            )
            for client, is_linked in rows
        ]


def open_seen_by(staff: Staff) -> Select[Client]:
    """Return the select of the open clients whom this person may see."""
    return clients_seen_by(staff).where(Client.status != "closed")
