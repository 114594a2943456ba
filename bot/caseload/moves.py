"""Which consultant a client has: moving to another one, and clients whom nobody has."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import ColumnElement, Select, and_, func, or_, select, true
from sqlalchemy.orm import aliased

from bot.caseload.appointments import NEARBY, OPEN_STATUSES
from bot.caseload.errors import NoSuchClient, NoSuchColleague
from bot.caseload.models.conversation import Conversation, Mode
from bot.caseload.models.people import Assignment, Client, Staff
from bot.caseload.models.plan import Appointment
from bot.caseload.repository import Repository, clients_seen_by, may_see

#: Roles that can have clients of their own.
WITH_CLIENTS = ("consultant", "lead", "manager")


@dataclass(frozen=True)
class Moved:
    """What became of moving a client."""

    client: Client
    before: Staff | None
    to: Staff
    #: Appointments that moved with the client, soonest first.
    appointments: tuple[Appointment, ...]
    #: Those among them at which the new consultant has somebody else already.
    clashes: tuple[Appointment, ...]


class Moves(Repository):
    """Use-cases about moving clients; only people who see the whole service move anybody."""

    def possible(self, by: Staff) -> list[Staff]:
        """Return the enabled people of the service who can have clients, by name."""
        query = select(Staff).where(Staff.service_id == by.service_id, can_have_clients(Staff))
        return list(self._session.scalars(query.order_by(func.lower(Staff.name), Staff.id)))

    def get_possible(self, by: Staff, staff_id: str) -> Staff:
        """Return somebody of the service who can have clients; raise NoSuchColleague otherwise."""
        query = select(Staff).where(
            Staff.id == staff_id, Staff.service_id == by.service_id, can_have_clients(Staff)
        )
        staff = self._session.scalars(query).one_or_none()
        if staff is None:
            raise NoSuchColleague(staff_id)
        return staff

    def counts(self, by: Staff) -> dict[str, int]:
        """Return how many open clients each person of the service has, by id; names nobody."""
        query = (
            select(Client.consultant_id, func.count())
            .where(Client.service_id == by.service_id, Client.status != "closed")
            .where(Client.consultant_id.is_not(None))
            .group_by(Client.consultant_id)
        )
        return {str(staff_id): count for staff_id, count in self._session.execute(query)}

    def clients_of(self, by: Staff, staff: Staff) -> list[Client]:
        """Return the open clients of a consultant whom the person who asks may see, by name."""
        query = clients_seen_by(by).where(Client.consultant_id == staff.id, Client.status != "closed")
        return list(self._session.scalars(query.order_by(Client.display_name, Client.id)).unique())

    def without_consultant(self, by: Staff) -> list[Client]:
        """Return the open clients without anybody who can look after them, for those who may see them."""
        query = clients_without_consultant(by).order_by(Client.display_name, Client.id)
        return list(self._session.scalars(query).unique())

    def looked_after_by(self, staff: Staff) -> list[Client]:
        """Return the open clients of somebody who can look after them, by name; for work of our own."""
        query = select(Client).join(Staff, Staff.id == Client.consultant_id).where(can_have_clients(Staff))
        return self._open_ones(query, staff)

    def left_by(self, staff: Staff) -> list[Client]:
        """Return the open clients of somebody who cannot look after them any more, by name; as above."""
        query = select(Client).join(Staff, Staff.id == Client.consultant_id).where(~can_have_clients(Staff))
        return self._open_ones(query, staff)

    def _open_ones(self, query: Select[Client], staff: Staff) -> list[Client]:
        query = query.where(Client.consultant_id == staff.id, Client.status != "closed")
        return list(self._session.scalars(query.order_by(Client.display_name, Client.id)).unique())

    def lock(self, by: Staff, client_id: str) -> Client:
        """Return a client as they are now, for moving them; raise NoSuchClient."""
        if not by.sees_whole_service:
            raise NoSuchClient(client_id)
        query = clients_seen_by(by).where(Client.id == client_id).with_for_update(of=Client)
        client = self._session.scalars(query.execution_options(populate_existing=True)).unique().one_or_none()
        if client is None:
            raise NoSuchClient(client_id)
        return client

    def move(self, client: Client, to: Staff) -> Moved:
        """Give a locked client another consultant, with the appointments ahead."""
        now, before = self._now(), client.consultant
        current = select(Assignment).where(Assignment.client_id == client.id, Assignment.until_at.is_(None))
        for assignment in self._session.scalars(current):
            assignment.until_at = now
        self._session.add(Assignment(client_id=client.id, staff_id=to.id, from_at=now))
        client.consultant_id = to.id
        if client.cover_id == to.id:
            client.cover_id = None
        moved = self._move_appointments(client, before, to)
        self._session.flush()
        self._session.refresh(client)
        clashes = tuple(one for one in moved if self._clashes(one))
        return Moved(client, before, to, tuple(moved), clashes)

    def held_by(self, staff: Staff, client: Client | None = None) -> list[Conversation]:
        """Return the live chats that this person has, all of them or those of one client."""
        query = select(Conversation).where(
            Conversation.mode == Mode.PERSON,
            Conversation.held_by_id == staff.id,
            Conversation.unlinked_at.is_(None),
            Conversation.client_id == client.id if client else true(),
        )
        return list(self._session.scalars(query).unique())

    def may_not_see(self, staff: Staff, conversations: Collection[Conversation]) -> list[Conversation]:
        """Return those of these chats that this person may not see, as they are now."""
        self._session.flush()
        seen = set(
            self._session.scalars(
                select(Client.id).where(
                    Client.id.in_([one.client_id for one in conversations]), may_see(staff)
                )
            )
        )
        return [one for one in conversations if one.client_id not in seen]

    def release(self, staff: Staff, conversation: Conversation) -> bool:
        """Take a chat from somebody who cannot look after it any more: it waits for a person.

        Returns False when they gave it back themselves meanwhile.
        """
        query = (
            select(Conversation).where(Conversation.id == conversation.id).with_for_update(of=Conversation)
        )
        self._session.scalars(query.execution_options(populate_existing=True)).unique().one()
        if conversation.mode != Mode.PERSON or conversation.held_by_id != staff.id:
            return False
        conversation.mode = Mode.WAITING
        conversation.epoch += 1
        conversation.held_by_id = conversation.held_since = None
        self._session.flush()
        return True

    def _move_appointments(self, client: Client, before: Staff | None, to: Staff) -> list[Appointment]:
        theirs: ColumnElement[bool] = Appointment.staff_id.is_(None)
        if before is not None:
            # A meeting that a lead agreed on for themselves stays theirs.
            theirs = or_(theirs, Appointment.staff_id == before.id)
        query = (
            select(Appointment)
            .where(
                Appointment.client_id == client.id,
                Appointment.status.in_(OPEN_STATUSES),
                Appointment.starts_at > self._now(),
                theirs,
            )
            .order_by(Appointment.starts_at)
        )
        ahead = list(self._session.scalars(query).unique())
        for appointment in ahead:
            appointment.staff_id = to.id
        self._session.flush()
        for appointment in ahead:
            self._session.refresh(appointment)
        return ahead

    def _clashes(self, appointment: Appointment) -> bool:
        day = select(Appointment).where(
            Appointment.staff_id == appointment.staff_id,
            Appointment.id != appointment.id,
            Appointment.status.in_(OPEN_STATUSES),
            Appointment.starts_at.between(appointment.starts_at - NEARBY, appointment.starts_at + NEARBY),
        )
        return any(
            appointment.starts_at < other.starts_at + timedelta(minutes=other.minutes)
            and other.starts_at < appointment.starts_at + timedelta(minutes=appointment.minutes)
            for other in self._session.scalars(day).unique()
        )


def can_have_clients(staff: type[Staff]) -> ColumnElement[bool]:
    """Return the condition on `staff` that holds for those who can look after a client."""
    return and_(staff.disabled_at.is_(None), staff.role.in_(WITH_CLIENTS))


def clients_without_consultant(by: Staff) -> Select[Client]:
    """Return the select of the open clients without anybody who can look after them, among those seen."""
    owner = aliased(Staff)
    return (
        clients_seen_by(by)
        .outerjoin(owner, and_(owner.id == Client.consultant_id, can_have_clients(owner)))
        .where(owner.id.is_(None), Client.status != "closed")
    )
