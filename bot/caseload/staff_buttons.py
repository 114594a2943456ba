"""Buttons of a staff chat: for one person, in one chat, for one thing, for a day."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import delete, func, select

from bot.caseload.models.people import Staff
from bot.caseload.models.staff_chats import StaffButton
from bot.caseload.repository import Repository

BUTTON_LIFETIME = timedelta(hours=24)
#: Words that wait for a yes are kept no longer than this.
DRAFT_LIFETIME = timedelta(minutes=15)


@dataclass(frozen=True)
class StaffButtonSpec:
    """A button to be offered: what it says, what it does, to whom, and what was seen above it."""

    label: str
    does: str
    client_id: str
    conversation_id: str | None = None
    epoch: int | None = None
    danger: str | None = None
    words: str | None = None


class StaffButtons(Repository):
    """Use-cases about the buttons of staff chats."""

    def offer(self, staff: Staff, specs: Sequence[StaffButtonSpec]) -> list[dict[str, str]]:
        """Keep what each button of a message does; return [{"label", "token"}] for the phone."""
        now, offer = self._now(), secrets.token_hex(16)
        lifetime = DRAFT_LIFETIME if any(spec.words is not None for spec in specs) else BUTTON_LIFETIME
        offered = []
        for spec in specs:
            token = secrets.token_urlsafe(16)
            self._session.add(
                StaffButton(
                    token=token,
                    staff_id=staff.id,
                    bot_id=staff.alert_bot_id or "",
                    chat_id=staff.alert_chat_id or "",
                    client_id=spec.client_id,
                    conversation_id=spec.conversation_id,
                    offer=offer,
                    does=spec.does,
                    epoch=spec.epoch,
                    danger=spec.danger,
                    words=spec.words,
                    expires_at=now + lifetime,
                )
            )
            offered.append({"label": spec.label, "token": token})
        self._session.flush()
        return offered

    def find(self, staff: Staff, token: str) -> StaffButton | None:
        """Return a live button of this person in the chat that is theirs now; others' are unknown here."""
        query = select(StaffButton).where(
            StaffButton.token == token,
            StaffButton.staff_id == staff.id,
            StaffButton.bot_id == staff.alert_bot_id,
            StaffButton.chat_id == staff.alert_chat_id,
            StaffButton.expires_at > self._now(),
        )
        return self._session.scalars(query).unique().one_or_none()

    def use(self, button: StaffButton) -> None:
        """Use up all buttons of the same message, and forget what waited behind them."""
        self._session.execute(delete(StaffButton).where(StaffButton.offer == button.offer))

    def drafts_of(self, staff: Staff) -> int:
        """Return how many texts of this person wait for a yes."""
        query = select(func.count()).where(
            StaffButton.staff_id == staff.id,
            StaffButton.words.is_not(None),
            StaffButton.expires_at > self._now(),
        )
        return self._session.scalar(query) or 0

    def forget_drafts(self, staff: Staff) -> None:
        """Forget the texts of this person that wait for a yes."""
        waiting = select(StaffButton.offer).where(
            StaffButton.staff_id == staff.id, StaffButton.words.is_not(None)
        )
        offers = list(self._session.scalars(waiting))
        self._session.execute(delete(StaffButton).where(StaffButton.offer.in_(offers)))

    def forget_old(self) -> None:
        """Remove what can be pressed no more."""
        self._session.execute(delete(StaffButton).where(StaffButton.expires_at <= self._now()))
