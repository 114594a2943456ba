"""How long a client's words are kept. The record stays: goals, appointments, leads, work, talks and facts."""

from __future__ import annotations

from datetime import datetime
from typing import Any, cast

from sqlalchemy import (
    ColumnElement,
    CursorResult,
    and_,
    delete,
    func,
    or_,
    select,
    update,
)

from bot.caseload.attachments import Attachments
from bot.caseload.inbox import UNFINISHED as INBOX_UNFINISHED
from bot.caseload.models.accounts import AccountLink
from bot.caseload.models.base import Base
from bot.caseload.models.conversation import Handoff, HandoffEvent, Message, Miss
from bot.caseload.models.people import Invite
from bot.caseload.models.queues import Button, DoneOnce, InboxItem, OutboxItem
from bot.caseload.models.safety import NearMiss, SafetyEvent
from bot.caseload.models.staff_chats import StaffButton, StaffFocus
from bot.caseload.models.talk import Attachment, InternalNote, LaterReply, Presence
from bot.caseload.repository import Repository
from bot.caseload.staff_focus import HOLD
from bot.caseload.tracker_rows import TRACKERS, has_trackers

#: Tables about clients of which nothing goes by itself, and why. Every other one has a rule below:
#: tests/caseload/test_client_rows.py fails when a new table is in neither.
KEPT = {
    "clients": "whom the service helps",
    "conversations": "which chat is whose; without words",
    "contact_preferences": "holds until the client changes it",
    "consents": "proof of what was agreed",
    "assignments": "the record: who worked with whom",
    "audit": "who saw or changed what; ids and codes only",
    "goals": "the record",
    "goal_events": "the record",
    "appointments": "the record",
    "job_leads": "the record",
    "lead_events": "the record",
    "jobs": "the record",
    "job_terms": "the record",
    "check_ins": "the record",
    "employer_contacts": "the record",
    "outreach_attempts": "the record",
    "disclosure_discussions": "the record",
    "benefits_discussions": "the record",
    "profile_facts": "the record",
    "safety_examples": "masked words that a reviewer kept, so that the screen reads them rightly for ever",
    "alerts": "who was told and when; neither name nor words",
    "timers": "what was due and done; no words of the client",
    "staff_aliases": "what a colleague calls the client; never a name",
}
#: What the phone may still get.
_ON_ITS_WAY = ("queued", "sending")


class Retention(Repository):
    """Use-cases about what has been kept long enough."""

    def due(self, before: datetime) -> dict[str, int]:
        """Return how many rows of each kind `apply` would empty or remove; changes nothing."""
        counts = {name: self._count(model, old) for name, model, old, _ in self._rules(before)}
        if has_trackers(self._session):
            old = TRACKERS.c.updated_at < before
            counts["dialogue_trackers"] = (
                self._session.scalar(select(func.count()).select_from(TRACKERS).where(old)) or 0
            )
        return counts

    def apply(self, before: datetime) -> dict[str, int]:
        """Empty or remove the words that are older than an instant; return the counts."""
        counts = {}
        Attachments(self._session, self._clock).discard(Attachment.created_at < before)
        for name, model, old, emptied in self._rules(before):
            statement: Any = delete(model) if emptied is None else update(model).values(**emptied)
            counts[name] = self._changed(statement.where(old).execution_options(synchronize_session=False))
        if has_trackers(self._session):
            counts["dialogue_trackers"] = self._changed(
                delete(TRACKERS).where(TRACKERS.c.updated_at < before)
            )
        return counts

    def tables(self) -> set[str]:
        """Return the tables of which `apply` empties or removes something."""
        return {model.__tablename__ for _, model, _, _ in self._rules(self._now())}

    def _rules(
        self, before: datetime
    ) -> list[tuple[str, type[Base], ColumnElement[bool], dict[str, Any] | None]]:
        """Return what is old, and what to put in place of its words; None removes the row."""
        ended = select(Handoff.id).where(Handoff.ended_at < before)
        return [
            (
                "inbox",
                InboxItem,
                and_(
                    InboxItem.received_at < before,
                    InboxItem.payload.is_not(None),
                    InboxItem.status.not_in(INBOX_UNFINISHED),
                ),
                {"payload": None},
            ),
            # Removed, except dead letters: the operator still sees that they were not delivered.
            (
                "outbox",
                OutboxItem,
                and_(OutboxItem.finished_at < before, OutboxItem.status.in_(("sent", "suppressed"))),
                None,
            ),
            (
                "outbox_dead",
                OutboxItem,
                and_(OutboxItem.finished_at < before, OutboxItem.status == "dead", OutboxItem.text != ""),
                {"text": "", "buttons": []},
            ),
            # The row stays: that there was contact on this day is part of the record.
            (
                "messages",
                Message,
                and_(Message.created_at < before, Message.text != "", Message.delivery.not_in(_ON_ITS_WAY)),
                {"text": "", "buttons": None},
            ),
            # The row stays, as its message does; the file itself goes.
            (
                "attachments",
                Attachment,
                and_(Attachment.created_at < before, Attachment.status != "removed"),
                {"status": "removed", "file_id": "", "name": None, "sha256": None},
            ),
            ("internal_notes", InternalNote, InternalNote.created_at < before, None),
            ("later_replies", LaterReply, LaterReply.finished_at < before, None),
            ("presences", Presence, Presence.seen_at < before, None),
            ("done_once", DoneOnce, DoneOnce.at < before, None),
            ("buttons", Button, Button.expires_at < before, None),
            ("staff_buttons", StaffButton, StaffButton.expires_at < before, None),
            # Not while somebody has the chat: they are still writing.
            ("staff_focus", StaffFocus, and_(StaffFocus.expires_at < before, StaffFocus.mode != HOLD), None),
            (
                "invites",
                Invite,
                or_(Invite.used_at < before, Invite.revoked_at < before, Invite.expires_at < before),
                None,
            ),
            (
                "account_links",
                AccountLink,
                or_(
                    AccountLink.used_at < before,
                    AccountLink.revoked_at < before,
                    AccountLink.expires_at < before,
                ),
                None,
            ),
            ("misses", Miss, Miss.at < before, None),
            ("near_misses", NearMiss, NearMiss.at < before, None),
            # What the screen did and what the reviewer found stays; what people wrote about it goes.
            (
                "review_notes",
                SafetyEvent,
                and_(
                    SafetyEvent.reviewed_at < before,
                    or_(SafetyEvent.review_note.is_not(None), SafetyEvent.what_was_done.is_not(None)),
                ),
                {"review_note": None, "what_was_done": None},
            ),
            (
                "handoff_notes",
                HandoffEvent,
                and_(HandoffEvent.handoff_id.in_(ended), HandoffEvent.note.is_not(None)),
                {"note": None},
            ),
            ("handoffs", Handoff, and_(Handoff.ended_at < before, Handoff.question != ""), {"question": ""}),
        ]

    def _count(self, model: type[Base], old: ColumnElement[bool]) -> int:
        return self._session.scalar(select(func.count()).select_from(model).where(old)) or 0

    def _changed(self, statement: Any) -> int:
        return cast("CursorResult[Any]", self._session.execute(statement)).rowcount
