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
        same = (
            select(Button)
            .where(Button.conversation_id == conversation.id, Button.offer == newest.offer)
            .order_by(Button.position)
        )
        return list(self._session.scalars(same))
