"""Buttons: the phone holds an opaque token, and what it means stays here."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import select, update

from bot.caseload.models.conversation import Conversation
from bot.caseload.models.queues import Button
from bot.caseload.repository import Repository

#: An older button is answered politely and not acted on.
BUTTON_LIFETIME = timedelta(hours=24)


@dataclass(frozen=True)
class ButtonSpec:
    """A button to be offered: what it says and what it means."""

    label: str
    means: Mapping[str, Any]


class Buttons(Repository):
    """Use-cases about buttons."""

    def offer(
        self, conversation: Conversation, offer: str, specs: Sequence[ButtonSpec]
    ) -> list[dict[str, str]]:
        """Keep the meaning of each button and return [{"label", "token"}] for the phone."""
        now = self._now()
        offered = []
        for position, spec in enumerate(specs):
            token = secrets.token_urlsafe(12)
            self._session.add(
                Button(
                    token=token,
                    conversation_id=conversation.id,
                    offer=offer,
                    position=position,
                    label=spec.label,
                    means=dict(spec.means),
                    epoch=conversation.epoch,
                    created_at=now,
                    expires_at=now + BUTTON_LIFETIME,
                )
            )
            offered.append({"label": spec.label, "token": token})
        self._session.flush()
        return offered

    def find(self, conversation: Conversation, token: str) -> Button | None:
        """Return the button of this chat with this token; another chat's token is unknown here."""
        button = self._session.get(Button, token)
        return button if button is not None and button.conversation_id == conversation.id else None

    def find_in_closed_chat(self, bot_id: str, chat_id: str, token: str) -> Button | None:
        """Return the button with this token that was shown in a chat before it was unlinked."""
        button = self._session.get(Button, token)
        shown_in = self._session.get(Conversation, button.conversation_id) if button is not None else None
        if shown_in is None or shown_in.unlinked_at is None:
            return None
        same = shown_in.bot_id == bot_id and shown_in.chat_id.split("#")[0] == chat_id
        return button if same else None

    def is_live(self, button: Button) -> bool:
        """Return whether the button may still be pressed."""
        return button.used_at is None and button.expires_at > self._now()

    def use(self, button: Button) -> None:
        """Use up all buttons of the same message."""
        self._session.execute(
            update(Button)
            .where(Button.conversation_id == button.conversation_id, Button.offer == button.offer)
            .values(used_at=self._now())
        )
        self._session.refresh(button)

    def newest_offer(self, conversation: Conversation) -> list[Button]:
        """Return the live buttons of the newest message that had any, in the order shown."""
        query = (
            select(Button)
            .where(Button.conversation_id == conversation.id)
            .order_by(Button.created_at.desc())
            .limit(1)
        )
        newest = self._session.scalars(query).one_or_none()
        if newest is None or not self.is_live(newest):
            return []
        return self._same_offer(newest)

    def newest_offer_of(self, conversation: Conversation, meaning: str) -> list[Button]:
        """Return the buttons of the newest message whose buttons mean something of this sort, live or not."""
        query = (
            select(Button)
            .where(Button.conversation_id == conversation.id, Button.means[meaning].as_string().is_not(None))
            .order_by(Button.created_at.desc())
            .limit(1)
        )
        newest = self._session.scalars(query).one_or_none()
        return self._same_offer(newest) if newest is not None else []

    def _same_offer(self, button: Button) -> list[Button]:
        query = (
            select(Button)
            .where(Button.conversation_id == button.conversation_id, Button.offer == button.offer)
            .order_by(Button.position)
        )
        return list(self._session.scalars(query))
