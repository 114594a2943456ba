"""Replies of people that leave at a chosen time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import or_, select

from bot.caseload.errors import NoSuchLaterReply, SomeoneWasFaster
from bot.caseload.models.conversation import Conversation
from bot.caseload.models.people import Client, Staff
from bot.caseload.models.talk import LaterReply
from bot.caseload.repository import Repository, may_see
from bot.caseload.timers import Timers

#: The kind of the timers, and what their keys begin with.
TIMER = "later_reply"
#: Still to be dealt with by somebody, or by the clock.
OPEN = ("waiting", "held")
#: What was not sent is told on the page for so long.
TOLD_FOR = timedelta(days=7)


@dataclass(frozen=True)
class ForLater:
    """What a person wrote, and when it is to leave."""

    text: str
    wanted_at: datetime
    #: `wanted_at`, moved out of the client's quiet hours.
    send_at: datetime
    although_stopped: bool


class LaterReplies(Repository):
    """Use-cases about replies for later. Each has one timer at a time; who sends them is not decided here."""

    def add(self, staff: Staff, conversation: Conversation, what: ForLater, *, key: str) -> LaterReply:
        """Keep a reply until its time; the same form sent twice is one reply."""
        later = self._insert_once(
            LaterReply,
            "key",
            conversation_id=conversation.id,
            client_id=conversation.client_id,
            staff_id=staff.id,
            key=key,
            text=what.text,
            wanted_at=what.wanted_at,
            send_at=what.send_at,
            although_stopped=what.although_stopped,
            written_at=self._now(),
            version=1,
        )
        if later is None:
            return self._session.scalars(select(LaterReply).where(LaterReply.key == key)).unique().one()
        self._set_timer(later)
        return later

    def get_for(self, staff: Staff, later_id: str, *, lock: bool = False) -> LaterReply:
        """Return a reply to a client whom this person may see; raise NoSuchLaterReply otherwise."""
        query = (
            select(LaterReply)
            .join(Client, Client.id == LaterReply.client_id)
            .where(LaterReply.id == later_id, may_see(staff))
        )
        if lock:
            query = query.with_for_update(of=LaterReply).execution_options(populate_existing=True)
        later = self._session.scalars(query).unique().one_or_none()
        if later is None:
            raise NoSuchLaterReply(later_id)
        return later

    def find(self, later_id: str) -> LaterReply | None:
        """Return a reply as it is now, kept from changing, for its timer; None when its client was erased."""
        query = (
            select(LaterReply)
            .where(LaterReply.id == later_id)
            .with_for_update(of=LaterReply)
            .execution_options(populate_existing=True)
        )
        return self._session.scalars(query).unique().one_or_none()

    def shown_in(self, conversation: Conversation) -> list[LaterReply]:
        """Return what waits, what is held, and what was lately cancelled by itself; the next one first."""
        lately = self._now() - TOLD_FOR
        query = (
            select(LaterReply)
            .where(
                LaterReply.conversation_id == conversation.id,
                or_(
                    LaterReply.status.in_(OPEN),
                    (LaterReply.status == "cancelled")
                    & (LaterReply.reason != "by_staff")
                    & (LaterReply.finished_at > lately),
                ),
            )
            .order_by(LaterReply.send_at, LaterReply.id)
        )
        return list(self._session.scalars(query).unique())

    def change(self, staff: Staff, later_id: str, what: ForLater, seen_version: int) -> LaterReply:
        """Change one's own reply, and its time; a held one waits again.

        Raises NoSuchLaterReply, also for a colleague's, or SomeoneWasFaster when it was sent, cancelled
        or changed since it was looked at.
        """
        later = self.get_for(staff, later_id, lock=True)
        if later.staff_id != staff.id:
            raise NoSuchLaterReply(later_id)
        if later.status not in OPEN or later.version != seen_version:
            raise SomeoneWasFaster(later_id)
        later.text, later.wanted_at, later.send_at = what.text, what.wanted_at, what.send_at
        later.although_stopped = what.although_stopped
        later.status, later.reason = "waiting", None
        later.written_at = self._now()
        later.version += 1
        self._set_timer(later)
        return later

    def cancel(self, staff: Staff, later_id: str) -> LaterReply:
        """Cancel a reply, also a colleague's; raise SomeoneWasFaster when it was sent or cancelled before."""
        later = self.get_for(staff, later_id, lock=True)
        if later.status not in OPEN:
            raise SomeoneWasFaster(later_id)
        self.end(later, "cancelled", "by_staff")
        return later

    def put_off(self, later: LaterReply, until: datetime) -> None:
        """Send at another time: the client's quiet hours have changed since it was written."""
        later.send_at = until
        later.version += 1

    def hold(self, later: LaterReply, reason: str) -> None:
        """Send nothing until its author has looked: danger, stopped, colleague or access."""
        later.status, later.reason = "held", reason
        later.version += 1

    def end(self, later: LaterReply, status: str, reason: str | None = None) -> None:
        """Note that it is done with: sent, or cancelled because of unlinked, account or by_staff."""
        later.status, later.reason = status, reason
        later.finished_at = self._now()
        later.version += 1
        self._session.flush()
        self._timers.cancel(_key(later))

    def _set_timer(self, later: LaterReply) -> None:
        self._session.flush()
        self._timers.cancel(_key(later))
        self._timers.set(
            f"{_key(later)}{later.version}",
            TIMER,
            later.send_at,
            client_id=later.client_id,
            payload={"later": later.id},
        )

    @property
    def _timers(self) -> Timers:
        return Timers(self._session, self._clock)


def _key(later: LaterReply) -> str:
    return f"{TIMER}:{later.id}:"
