"""How long a client's words are kept. Goals, appointments and leads are the record, and stay."""

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

from bot.caseload.inbox import UNFINISHED as INBOX_UNFINISHED
from bot.caseload.models.base import Base
from bot.caseload.models.conversation import Handoff, HandoffEvent, Message, Miss
from bot.caseload.models.people import Invite
from bot.caseload.models.queues import Button, DoneOnce, InboxItem, OutboxItem
from bot.caseload.models.safety import NearMiss, SafetyEvent
from bot.caseload.repository import Repository
from bot.caseload.tracker_rows import TRACKERS, has_trackers

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
        for name, model, old, emptied in self._rules(before):
            statement: Any = delete(model) if emptied is None else update(model).values(**emptied)
            counts[name] = self._changed(statement.where(old).execution_options(synchronize_session=False))
        if has_trackers(self._session):
            counts["dialogue_trackers"] = self._changed(
                delete(TRACKERS).where(TRACKERS.c.updated_at < before)
            )
        return counts

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
            ("done_once", DoneOnce, DoneOnce.at < before, None),
            ("buttons", Button, Button.expires_at < before, None),
            (
                "invites",
                Invite,
                or_(Invite.used_at < before, Invite.revoked_at < before, Invite.expires_at < before),
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
