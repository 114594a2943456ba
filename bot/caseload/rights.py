"""A client's rights over their data: a copy of everything, and erasure with a receipt."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    and_,
    delete,
    func,
    inspect,
    or_,
    select,
    update,
)

from bot.caseload.access_log import AccessLog
from bot.caseload.attachments import Attachments
from bot.caseload.models.base import Base
from bot.caseload.models.conversation import (
    Conversation,
    Handoff,
    HandoffEvent,
    Message,
    Miss,
    Mode,
)
from bot.caseload.models.people import (
    Assignment,
    Audit,
    Client,
    Consent,
    ContactPreference,
    Invite,
    Staff,
)
from bot.caseload.models.plan import Appointment, Goal, GoalEvent, JobLead, LeadEvent
from bot.caseload.models.queues import Button, DoneOnce, InboxItem, OutboxItem, Timer
from bot.caseload.models.records import (
    BenefitsDiscussion,
    DisclosureDiscussion,
    OutreachAttempt,
    ProfileFact,
)
from bot.caseload.models.safety import Alert, NearMiss, SafetyEvent, SafetyExample
from bot.caseload.models.staff_chats import StaffAlias, StaffButton, StaffFocus
from bot.caseload.models.talk import Attachment, InternalNote, LaterReply, Presence
from bot.caseload.models.work import CheckIn, Employer, EmployerContact, Job, JobTerms
from bot.caseload.repository import ERASED, Repository
from bot.caseload.tracker_rows import TRACKERS, has_trackers

#: Tables that hold nothing of any client. Every other one is in `_belongings`, or emptied by `erase`:
#: tests/cli/test_rights.py fails when a new table is in neither.
NOT_A_CLIENTS = frozenset(
    {
        "services",
        "closed_days",
        "staff",
        "availability",
        "stranger_counts",
        "staff_links",
        "account_links",
        "recovery_codes",
        "absences",
        "availability_blocks",
        "calendar_feeds",
        "employers",
        "quick_replies",
        "discarded_files",
    }
)
#: Rows of these stay, emptied of what is personal.
EMPTIED = frozenset({"clients", "conversations", "inbox", "audit"})
#: Secrets and keys that mean nothing to the client.
_NOT_IN_A_COPY = frozenset(
    {"token", "token_hash", "dedup_key", "key", "claimed_by", "claimed_until", "stored_as", "file_id"}
)

Rows = list[dict[str, Any]]


class Rights(Repository):
    """Use-cases about a client's own data, for the operator's commands."""

    def copy_of(self, client: Client) -> dict[str, Any]:
        """Return everything that is stored about a client: table to rows, people by their names."""
        names = {row.id: row.name for row in self._session.execute(select(Staff.id, Staff.name))}
        names |= {row.id: row.name for row in self._session.execute(select(Employer.id, Employer.name))}
        copy: dict[str, Any] = {
            "client": _readable(client, names) | {"service": client.service.name},
            "conversations": self._rows(Conversation, Conversation.client_id == client.id, names),
        }
        for model, mine in self._belongings(client.id):
            copy[model.__tablename__] = self._rows(model, mine, names)
        copy["inbox"] = self._rows(InboxItem, self._inbox_of(client.id), names)
        copy["audit"] = self._rows(Audit, Audit.client_id == client.id, names)
        copy["access_log"] = AccessLog(self._session, self._clock).as_text(client)
        if has_trackers(self._session):
            mine = TRACKERS.c.sender_id.in_(_chats_of(client.id))
            rows = self._session.execute(select(TRACKERS.c.sender_id, TRACKERS.c.events).where(mine))
            copy["dialogue_trackers"] = [
                {"conversation_id": row.sender_id, "events": row.events} for row in rows
            ]
        return copy

    def would_erase(self, client: Client) -> dict[str, int]:
        """Return how many rows of each table `erase` would remove or empty; changes nothing."""
        counts = {
            model.__tablename__: self._count(model, mine) for model, mine in self._belongings(client.id)
        }
        counts["inbox"] = self._count(InboxItem, self._inbox_of(client.id))
        counts["conversations"] = self._count(Conversation, Conversation.client_id == client.id)
        if has_trackers(self._session):
            mine = TRACKERS.c.sender_id.in_(_chats_of(client.id))
            counts["dialogue_trackers"] = (
                self._session.scalar(select(func.count()).select_from(TRACKERS).where(mine)) or 0
            )
        return counts

    def erase(self, client: Client) -> dict[str, int]:
        """Remove what is personal; return the counts. What stays has no words, name or chat number in it."""
        counts = self.would_erase(client)
        # While the chats still have their numbers: these rows are found by them.
        self._session.execute(
            update(InboxItem)
            .where(self._inbox_of(client.id))
            .values(
                payload=None, chat_id=None, conversation_id=None, kind="erased", outcome="erased",
                status="ignored", claimed_by=None, claimed_until=None, finished_at=self._now(),
            )
            .execution_options(synchronize_session=False)
        )  # fmt: skip
        if has_trackers(self._session):
            self._session.execute(delete(TRACKERS).where(TRACKERS.c.sender_id.in_(_chats_of(client.id))))
        Attachments(self._session, self._clock).discard(Attachment.conversation_id.in_(_chats_of(client.id)))
        for model, mine in self._belongings(client.id):
            self._session.execute(delete(model).where(mine).execution_options(synchronize_session=False))
        self._empty_conversations(client.id)
        self._session.execute(
            update(Audit)
            .where(Audit.client_id == client.id)
            .values(subject=None)
            .execution_options(synchronize_session=False)
        )
        self._empty_client(client)
        return counts

    def _empty_conversations(self, client_id: str) -> None:
        # The row stays so that a turn that is being answered at this moment finds a chat that is
        # no longer linked, and its reply is not sent.
        for conversation in self._session.scalars(
            select(Conversation).where(Conversation.client_id == client_id)
        ).unique():
            conversation.chat_id = f"erased#{conversation.id}"
            conversation.mode = Mode.BOT
            conversation.epoch += 1
            conversation.held_by_id = conversation.held_since = None
            conversation.unlinked_at = conversation.unlinked_at or self._now()
            conversation.unreachable_at = conversation.last_in_at = conversation.last_out_at = None
            conversation.back_at = conversation.open_form = conversation.link_code = None

    def _empty_client(self, client: Client) -> None:
        client.ref = f"{ERASED}{client.id[:12]}"
        client.display_name = client.preferred_name = "Erased"
        client.region = client.area = client.consultant_id = client.cover_id = None
        client.referred_at = client.accepted_at = None
        client.timezone = "UTC"
        client.phase = "planning_preparation"
        client.status = "closed"

    def _belongings(self, client_id: str) -> list[tuple[type[Base], ColumnElement[bool]]]:
        """Return each table of a client's rows with what finds them, those that refer to others first."""
        chats = _chats_of(client_id)
        handoffs = select(Handoff.id).where(Handoff.client_id == client_id)
        goals = select(Goal.id).where(Goal.client_id == client_id)
        leads = select(JobLead.id).where(JobLead.client_id == client_id)
        jobs = select(Job.id).where(Job.client_id == client_id)
        return [
            (OutboxItem, or_(OutboxItem.conversation_id.in_(chats), OutboxItem.about_id == client_id)),
            (StaffButton, StaffButton.client_id == client_id),
            (StaffFocus, StaffFocus.conversation_id.in_(chats)),
            (StaffAlias, StaffAlias.client_id == client_id),
            (Button, Button.conversation_id.in_(chats)),
            (DoneOnce, DoneOnce.conversation_id.in_(chats)),
            (Miss, Miss.conversation_id.in_(chats)),
            (Timer, Timer.client_id == client_id),
            (Attachment, Attachment.conversation_id.in_(chats)),
            (InternalNote, InternalNote.conversation_id.in_(chats)),
            (LaterReply, LaterReply.client_id == client_id),
            (Presence, Presence.conversation_id.in_(chats)),
            (Message, Message.conversation_id.in_(chats)),
            (SafetyEvent, or_(SafetyEvent.client_id == client_id, SafetyEvent.conversation_id.in_(chats))),
            (NearMiss, NearMiss.client_id == client_id),
            (SafetyExample, SafetyExample.client_id == client_id),
            (Alert, Alert.handoff_id.in_(handoffs)),
            (HandoffEvent, HandoffEvent.handoff_id.in_(handoffs)),
            (Handoff, Handoff.client_id == client_id),
            (GoalEvent, GoalEvent.goal_id.in_(goals)),
            (Goal, Goal.client_id == client_id),
            (LeadEvent, LeadEvent.lead_id.in_(leads)),
            (JobLead, JobLead.client_id == client_id),
            (Appointment, Appointment.client_id == client_id),
            (CheckIn, CheckIn.job_id.in_(jobs)),
            (JobTerms, JobTerms.job_id.in_(jobs)),
            (Job, Job.client_id == client_id),
            (EmployerContact, EmployerContact.client_id == client_id),
            (OutreachAttempt, OutreachAttempt.client_id == client_id),
            (DisclosureDiscussion, DisclosureDiscussion.client_id == client_id),
            (BenefitsDiscussion, BenefitsDiscussion.client_id == client_id),
            (ProfileFact, ProfileFact.client_id == client_id),
            (Invite, Invite.client_id == client_id),
            (Consent, Consent.client_id == client_id),
            (ContactPreference, ContactPreference.client_id == client_id),
            (Assignment, Assignment.client_id == client_id),
        ]

    def _inbox_of(self, client_id: str) -> ColumnElement[bool]:
        """Find the updates of a client's chats, also those from before the chat was linked."""
        chats = self._session.scalars(
            select(Conversation).where(Conversation.client_id == client_id)
        ).unique()
        # An unlinked chat carries its number before a "#"; another client may have the same chat by now.
        by_number = [
            and_(
                InboxItem.conversation_id.is_(None),
                InboxItem.bot_id == chat.bot_id,
                InboxItem.chat_id == chat.chat_id.partition("#")[0],
            )
            for chat in chats
        ]
        return or_(InboxItem.conversation_id.in_(_chats_of(client_id)), *by_number)

    def _count(self, model: type[Base], mine: ColumnElement[bool]) -> int:
        return self._session.scalar(select(func.count()).select_from(model).where(mine)) or 0

    def _rows(self, model: type[Base], mine: ColumnElement[bool], names: dict[str, str]) -> Rows:
        first = inspect(model).primary_key[0]
        query = select(model).where(mine).order_by(first)
        return [_readable(row, names) for row in self._session.scalars(query).unique()]


def _chats_of(client_id: str) -> Any:
    return select(Conversation.id).where(Conversation.client_id == client_id)


def _readable(row: Base, names: dict[str, str]) -> dict[str, Any]:
    """Return a row's columns; who of the staff and which employer it was is a name and not an id."""
    values: dict[str, Any] = {}
    for column in inspect(type(row)).columns:
        if column.key in _NOT_IN_A_COPY:
            continue
        value = getattr(row, column.key)
        if isinstance(value, (datetime, date)):
            value = value.isoformat()
        if any(key.column.table.name in {"staff", "employers"} for key in column.foreign_keys):
            values[column.key.removesuffix("_id")] = names.get(value, value)
        else:
            values[column.key] = value
    return values
