"""Whom a member of staff has open in their own Telegram: one client at a time, for a quarter of an hour."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import and_, delete, exists, or_, select, update

from bot.caseload.models.conversation import Conversation, Message, Mode
from bot.caseload.models.people import Client, Staff
from bot.caseload.models.staff_chats import StaffFocus
from bot.caseload.repository import Repository, may_see

#: Without a press or a word of theirs the client is closed: the phone may be in other hands.
SILENCE = timedelta(minutes=15)
LOOK, ANSWER, HOLD = "look", "answer", "hold"


class StaffFocuses(Repository):
    """Use-cases about the clients who are open in staff chats."""

    def open(
        self, staff: Staff, conversation: Conversation, *, danger: str, shown: int, holds: bool
    ) -> StaffFocus:
        """Open one client, whose words up to message `shown` are shown now; who was open is closed."""
        self.close(staff)
        known = self.find(staff, conversation.id)
        now = self._now()
        focus = known or StaffFocus(staff_id=staff.id, conversation_id=conversation.id)
        focus.mode = HOLD if holds else LOOK
        focus.is_open, focus.is_nudged = True, False
        focus.since, focus.expires_at = now, now + SILENCE
        focus.epoch_seen, focus.danger_seen, focus.shown_id = conversation.epoch, danger, shown
        focus.wrote_at = None
        self._session.add(focus)
        self._session.flush()
        self._session.refresh(focus)
        return focus

    def find(self, staff: Staff, conversation_id: str) -> StaffFocus | None:
        """Return what this person has of one chat, open or not."""
        query = select(StaffFocus).where(
            StaffFocus.staff_id == staff.id, StaffFocus.conversation_id == conversation_id
        )
        return self._session.scalars(query).unique().one_or_none()

    def current(self, staff: Staff) -> StaffFocus | None:
        """Return whom this person has open, unless they were silent for too long."""
        query = (
            select(StaffFocus)
            .join(Conversation, Conversation.id == StaffFocus.conversation_id)
            .join(Client, Client.id == Conversation.client_id)
            .where(
                StaffFocus.staff_id == staff.id,
                StaffFocus.is_open,
                StaffFocus.expires_at > self._now(),
                Conversation.unlinked_at.is_(None),
                may_see(staff),
            )
        )
        return self._session.scalars(query).unique().one_or_none()

    def stay(self, focus: StaffFocus) -> None:
        """Note that this person did something with the open client just now."""
        focus.expires_at = self._now() + SILENCE

    def set_mode(self, focus: StaffFocus, mode: str) -> None:
        """Note what this person does with the open client."""
        focus.mode = mode
        self._session.flush()

    def close(self, staff: Staff) -> None:
        """Open nobody; a chat that they took stays theirs."""
        mine = StaffFocus.staff_id == staff.id
        self._session.execute(update(StaffFocus).where(mine, StaffFocus.mode == HOLD).values(is_open=False))
        self._session.execute(delete(StaffFocus).where(mine, StaffFocus.mode != HOLD))

    def drop(self, focus: StaffFocus) -> None:
        """Forget that this person had anything of this chat here."""
        self._session.delete(focus)
        self._session.flush()

    def held_by(self, staff: Staff) -> list[Conversation]:
        """Return the chats that this person has, of clients whom they may see, longest held first."""
        query = (
            select(Conversation)
            .join(Client, Client.id == Conversation.client_id)
            .where(
                Conversation.mode == Mode.PERSON,
                Conversation.held_by_id == staff.id,
                Conversation.unlinked_at.is_(None),
                may_see(staff),
            )
            .order_by(Conversation.held_since, Conversation.id)
        )
        return list(self._session.scalars(query).unique())

    def with_news(self) -> list[int]:
        """Return the ids of those whose client wrote, or who have the chat no more; changes nothing."""
        return list(
            self._session.scalars(select(StaffFocus.id).where(self._is_news()).order_by(StaffFocus.id))
        )

    def claim_news(self, focus_id: int) -> StaffFocus | None:
        """Return one that has news, kept from others until the transaction ends; None when they were told."""
        query = (
            select(StaffFocus)
            .where(StaffFocus.id == focus_id, self._is_news())
            .with_for_update(of=StaffFocus, skip_locked=True)
        )
        return self._session.scalars(query).unique().one_or_none()

    def is_in_sight(self, focus: StaffFocus) -> bool:
        """Return whether this person has the client open, and was there a short time ago."""
        return focus.is_open and focus.expires_at > self._now()

    def unshown(self, focus: StaffFocus, limit: int) -> Sequence[Message]:
        """Return what the client wrote and was not shown here, oldest first."""
        query = (
            select(Message)
            .where(
                Message.conversation_id == focus.conversation_id,
                Message.id > focus.shown_id,
                Message.author == "client",
            )
            .order_by(Message.id)
            .limit(limit)
        )
        return self._session.scalars(query).unique().all()

    def forget_old(self) -> None:
        """Remove what was only looked at and is closed by silence."""
        self._session.execute(
            delete(StaffFocus).where(StaffFocus.mode != HOLD, StaffFocus.expires_at <= self._now())
        )

    def _is_news(self) -> Any:
        written = exists().where(
            Message.conversation_id == StaffFocus.conversation_id,
            Message.id > StaffFocus.shown_id,
            Message.author == "client",
        )
        in_sight = and_(StaffFocus.is_open, StaffFocus.expires_at > self._now())
        still_theirs = exists().where(
            Conversation.id == StaffFocus.conversation_id,
            Conversation.mode == Mode.PERSON,
            Conversation.held_by_id == StaffFocus.staff_id,
        )
        return and_(
            StaffFocus.mode == HOLD,
            or_(~still_theirs, and_(written, or_(in_sight, StaffFocus.is_nudged.is_(False)))),
        )
