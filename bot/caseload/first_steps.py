"""What is set up already, for somebody who begins: found in what is there, never noted as done."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import ColumnElement, exists, func, or_, select

from bot.caseload.models.conversation import Conversation
from bot.caseload.models.people import Client, Invite, Staff
from bot.caseload.models.plan import Availability
from bot.caseload.models.talk import QuickReply
from bot.caseload.moves import clients_without_consultant
from bot.caseload.repository import Repository, clients_seen_by


@dataclass(frozen=True)
class SetUp:
    """How far the work of one person, and of their service, is set up."""

    #: Their own Telegram gets their alerts.
    telegram: bool
    second_factor: bool
    #: The bot knows times of their week that it can offer to clients.
    meeting_times: bool
    #: Their own open clients, and how many of these have a chat or an invite that still works.
    clients: int
    reached: int
    quick_replies: bool
    #: The service has clients whom this person may see, and each of them has a consultant.
    everybody_has_a_consultant: bool
    #: The roles of colleagues who can sign in.
    colleagues: frozenset[str]


class FirstSteps(Repository):
    """Use-cases about what is left to do for somebody who begins."""

    def of(self, staff: Staff) -> SetUp:
        """Return how far somebody is, in one question to the database."""
        mine = (Client.consultant_id == staff.id) & (Client.status != "closed")
        open_ones = clients_seen_by(staff).where(Client.status != "closed")
        found = self._session.execute(
            select(
                exists().where(Availability.staff_id == staff.id),
                select(func.count()).select_from(Client).where(mine).scalar_subquery(),
                select(func.count()).select_from(Client).where(mine, self._is_reached()).scalar_subquery(),
                exists().where(QuickReply.service_id == staff.service_id),
                open_ones.exists(),
                clients_without_consultant(staff).exists(),
                *(self._works_here(staff, role) for role in _COLLEAGUES),
            )
        ).one()
        meeting_times, clients, reached, quick_replies, any_clients, any_alone, *present = found
        return SetUp(
            telegram=staff.alert_chat_id is not None,
            second_factor=staff.totp_secret is not None,
            meeting_times=meeting_times,
            clients=clients,
            reached=reached,
            quick_replies=quick_replies,
            everybody_has_a_consultant=any_clients and not any_alone,
            colleagues=frozenset(role for role, there in zip(_COLLEAGUES, present, strict=True) if there),
        )

    def _is_reached(self) -> ColumnElement[bool]:
        return or_(
            exists().where(Conversation.client_id == Client.id, Conversation.unlinked_at.is_(None)),
            exists().where(
                Invite.client_id == Client.id,
                Invite.used_at.is_(None),
                Invite.revoked_at.is_(None),
                Invite.expires_at > self._now(),
            ),
        )

    @staticmethod
    def _works_here(staff: Staff, role: str) -> ColumnElement[bool]:
        # Somebody who was only invited cannot do the work yet.
        return exists().where(
            Staff.service_id == staff.service_id,
            Staff.role == role,
            Staff.id != staff.id,
            Staff.disabled_at.is_(None),
            Staff.password_hash.is_not(None),
        )


_COLLEAGUES = ("consultant", "lead", "duty", "manager")
