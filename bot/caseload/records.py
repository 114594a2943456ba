"""What happened with a client in a span of days, and how a caseload stands: for what people take along."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Select, func, or_, select
from sqlalchemy.orm import aliased

from bot.caseload.appointments import OPEN_STATUSES, USUAL_MINUTES
from bot.caseload.models.conversation import Conversation, Handoff, Message
from bot.caseload.models.people import Audit, Client, Staff
from bot.caseload.models.plan import ENDED, Appointment, Goal, GoalEvent, JobLead, LeadEvent
from bot.caseload.repository import OPEN, Found, Repository, clients_seen_by, may_see

#: What the audit trail calls the moments at which a chat changes hands.
TAKEN, HANDED_BACK = "conversation taken", "conversation handed back"
#: Ways to meet in which both are in one room.
FACE_TO_FACE = ("in_person_community", "office", "home", "employer_site")


@dataclass(frozen=True)
class Span:
    """Whole local days of a client, both ends within."""

    first: date
    last: date
    zone: str

    @property
    def starts_at(self) -> datetime:
        """Midnight before the first day."""
        return datetime.combine(self.first, time.min, ZoneInfo(self.zone)).astimezone(UTC)

    @property
    def ends_at(self) -> datetime:
        """Midnight after the last day, which does not belong to it."""
        after = self.last + timedelta(days=1)
        return datetime.combine(after, time.min, ZoneInfo(self.zone)).astimezone(UTC)


@dataclass(frozen=True)
class ChangeOfHands:
    """A person took the chat, or gave it back to the bot."""

    at: datetime
    staff_name: str
    taken: bool


@dataclass(frozen=True)
class Happened:
    """What was written down about a client in a span: each list oldest first."""

    #: What the client asked a person, with the words.
    asked: list[Handoff]
    appointments: list[Appointment]
    leads: list[tuple[JobLead, LeadEvent]]
    goals: list[tuple[Goal, GoalEvent]]


@dataclass
class CaseloadLine:
    """How one client stands, without anything that was said."""

    client: Client
    next_at: datetime | None = None
    next_status: str | None = None
    #: (reason, since) of each open handoff, longest waiting first.
    waiting: list[tuple[str, datetime]] = field(default_factory=list)
    #: How many open leads have each status.
    leads: Counter[str] = field(default_factory=Counter)
    #: Whether a phone on Telegram is linked.
    linked: bool = False
    has_chat: bool = False
    wrote_at: datetime | None = None
    unreachable_since: datetime | None = None
    #: The last meeting in one room of which somebody noted that it took place.
    met_at: datetime | None = None


class Records(Repository):
    """Use-cases about records; a client here was loaded through whoever asks."""

    def messages(self, client: Client, span: Span, *, authors: tuple[str, ...], limit: int) -> list[Message]:
        """Return what was said by these authors in all of a client's chats, oldest first."""
        query = (
            select(Message)
            .join(Conversation, Conversation.id == Message.conversation_id)
            .where(
                Conversation.client_id == client.id,
                Message.author.in_(authors),
                Message.created_at >= span.starts_at,
                Message.created_at < span.ends_at,
            )
            .order_by(Message.created_at, Message.id)
            .limit(limit)
        )
        return list(self._session.scalars(query).unique())

    def changes_of_hands(self, client: Client, span: Span) -> list[ChangeOfHands]:
        """Return when people took the client's chats and gave them back, oldest first."""
        query = (
            select(Audit.at, Audit.action, Staff.name)
            .join(Staff, Staff.id == Audit.staff_id)
            .where(
                Audit.client_id == client.id,
                Audit.action.in_((TAKEN, HANDED_BACK)),
                Audit.at >= span.starts_at,
                Audit.at < span.ends_at,
            )
            .order_by(Audit.at, Audit.id)
        )
        return [
            ChangeOfHands(at, name, taken=action == TAKEN)
            for at, action, name in self._session.execute(query)
        ]

    def happened(self, client: Client, span: Span) -> Happened:
        """Return what was asked, arranged and changed in a span."""
        asked = (
            select(Handoff)
            .where(
                Handoff.client_id == client.id,
                Handoff.waiting_since >= span.starts_at,
                Handoff.waiting_since < span.ends_at,
            )
            .order_by(Handoff.waiting_since)
        )
        decided = select(Audit.subject).where(
            Audit.client_id == client.id,
            Audit.action.startswith("appointment "),
            Audit.at >= span.starts_at,
            Audit.at < span.ends_at,
        )
        appointments = (
            select(Appointment)
            .where(
                Appointment.client_id == client.id,
                or_(
                    (Appointment.created_at >= span.starts_at) & (Appointment.created_at < span.ends_at),
                    Appointment.id.in_(decided),
                ),
            )
            .order_by(Appointment.starts_at)
        )
        leads = select(JobLead, LeadEvent).join(LeadEvent, LeadEvent.lead_id == JobLead.id)
        goals = select(Goal, GoalEvent).join(GoalEvent, GoalEvent.goal_id == Goal.id)
        return Happened(
            list(self._session.scalars(asked).unique()),
            list(self._session.scalars(appointments).unique()),
            self._events(leads.where(JobLead.client_id == client.id), LeadEvent, span),
            self._events(goals.where(Goal.client_id == client.id), GoalEvent, span),
        )

    def caseload(self, staff: Staff, consultant_id: str | None = None) -> list[CaseloadLine]:
        """Return how every open client stands whom this person may see, by name; or those of one consultant.

        The number of queries is the same for one client and for a thousand.
        """
        mine = may_see(staff) & (Client.status != "closed")
        if consultant_id is not None:
            mine &= Client.consultant_id == consultant_id
        query = clients_seen_by(staff).where(mine).order_by(Client.display_name, Client.id)
        clients = self._session.scalars(query).unique()
        lines = {client.id: CaseloadLine(client) for client in clients}
        self._fill(lines, mine)
        return list(lines.values())

    def meeting_page(self, staff: Staff, consultant_id: str | None, limit: int) -> Found[CaseloadLine]:
        """Return the first of these lines, those of one consultant together, and how many there are."""
        query = clients_seen_by(staff).where(Client.status != "closed")
        if consultant_id is not None:
            query = query.where(Client.consultant_id == consultant_id)
        total = self._session.scalar(select(func.count()).select_from(query.subquery())) or 0
        consultant = aliased(Staff)
        first = (
            query.outerjoin(consultant, consultant.id == Client.consultant_id)
            .order_by(consultant.name.is_(None), consultant.name, Client.display_name, Client.id)
            .limit(limit)
        )
        return Found(self.lines_of(list(self._session.scalars(first).unique())), total)

    def lines_of(self, clients: list[Client]) -> list[CaseloadLine]:
        """Return how these clients stand, in their order; they were loaded through whoever asks."""
        lines = {client.id: CaseloadLine(client) for client in clients}
        self._fill(lines, Client.id.in_(list(lines)))
        return list(lines.values())

    def _fill(self, lines: dict[str, CaseloadLine], mine: Any) -> None:
        """Complete the lines of the clients that `mine` finds."""
        # A client may have come between two of these queries: what is not in `lines` is left out.
        begun = self._now() - timedelta(minutes=USUAL_MINUTES)
        for client_id, starts_at, status in self._session.execute(
            select(Appointment.client_id, Appointment.starts_at, Appointment.status)
            .join(Client, Client.id == Appointment.client_id)
            .where(mine, Appointment.status.in_(OPEN_STATUSES), Appointment.starts_at > begun)
            .order_by(Appointment.starts_at.desc())
        ):
            if line := lines.get(client_id):
                line.next_at, line.next_status = starts_at, status
        for client_id, reason, since in self._session.execute(
            select(Handoff.client_id, Handoff.reason, Handoff.waiting_since)
            .join(Client, Client.id == Handoff.client_id)
            .where(mine, Handoff.status.in_(OPEN))
            .order_by(Handoff.waiting_since)
        ):
            if line := lines.get(client_id):
                line.waiting.append((reason, since))
        for client_id, status, count in self._session.execute(
            select(JobLead.client_id, JobLead.status, func.count())
            .join(Client, Client.id == JobLead.client_id)
            .where(mine, JobLead.status.not_in(ENDED))
            .group_by(JobLead.client_id, JobLead.status)
        ):
            if line := lines.get(client_id):
                line.leads[status] = count
        for client_id, met_at in self._session.execute(
            select(Appointment.client_id, func.max(Appointment.starts_at))
            .join(Client, Client.id == Appointment.client_id)
            .where(mine, Appointment.status == "attended", Appointment.mode.in_(FACE_TO_FACE))
            .group_by(Appointment.client_id)
        ):
            if line := lines.get(client_id):
                line.met_at = met_at
        self._fill_chats(lines, mine)

    def _fill_chats(self, lines: dict[str, CaseloadLine], mine: Any) -> None:
        query = (
            select(
                Conversation.client_id,
                Conversation.channel,
                Conversation.last_in_at,
                Conversation.unlinked_at,
                Conversation.unreachable_at,
            )
            .join(Client, Client.id == Conversation.client_id)
            .where(mine)
        )
        for client_id, channel, last_in_at, unlinked_at, unreachable_at in self._session.execute(query):
            line = lines.get(client_id)
            if line is None:
                continue
            if last_in_at is not None and (line.wrote_at is None or last_in_at > line.wrote_at):
                line.wrote_at = last_in_at
            if unlinked_at is None:
                line.has_chat = True
                line.linked = line.linked or channel == "telegram"
                line.unreachable_since = line.unreachable_since or unreachable_at

    def _events(self, query: Select[Any, Any], event: Any, span: Span) -> list[Any]:
        within = query.where(event.at >= span.starts_at, event.at < span.ends_at)
        return [tuple(row) for row in self._session.execute(within.order_by(event.at, event.id))]
