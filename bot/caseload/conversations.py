"""Conversations: which chat is whose, and who has it."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import datetime
from typing import Any, cast

from sqlalchemy import CursorResult, select, update

from bot.caseload.errors import InviteNotUsable, NoSuchConversation, NotHolding, SomeoneWasFaster
from bot.caseload.models.conversation import Conversation, Handoff, Mode
from bot.caseload.models.people import Client, Staff
from bot.caseload.models.queues import OutboxItem
from bot.caseload.repository import Repository, may_see
from bot.caseload.sending import Sending


class Conversations(Repository):
    """Use-cases about conversations."""

    def find_by_chat(self, bot_id: str, chat_id: str) -> Conversation | None:
        """Return the live conversation of a chat, if the chat is linked to a client."""
        query = select(Conversation).where(
            Conversation.bot_id == bot_id, Conversation.chat_id == chat_id, Conversation.unlinked_at.is_(None)
        )
        return self._session.scalars(query).unique().one_or_none()

    def find(self, conversation_id: str) -> Conversation | None:
        """Return a conversation by id, for the life of a message."""
        return self._session.get(Conversation, conversation_id)

    def lock(self, conversation_id: str) -> Conversation:
        """Return a conversation as it is now, kept from changing until the transaction ends."""
        query = (
            select(Conversation)
            .where(Conversation.id == conversation_id)
            .with_for_update(of=Conversation)
            .execution_options(populate_existing=True)
        )
        conversation = self._session.scalars(query).unique().one_or_none()
        if conversation is None:
            raise NoSuchConversation(conversation_id)
        return conversation

    def link(self, client: Client, *, channel: str, bot_id: str, chat_id: str) -> Conversation:
        """Bind a chat to a client; their older chat on the same channel is unlinked.

        Raises InviteNotUsable when the chat belongs to another client.
        """
        known = self.find_by_chat(bot_id, chat_id)
        if known is not None:
            if known.client_id != client.id:
                raise InviteNotUsable
            return known
        for older in self.of_client(client):
            if older.channel == channel:
                self.unlink(older)
        conversation = Conversation(
            client_id=client.id, channel=channel, bot_id=bot_id, chat_id=chat_id, linked_at=self._now()
        )
        self._session.add(conversation)
        self._session.flush()
        return conversation

    def unlink(self, conversation: Conversation) -> list[OutboxItem]:
        """Take a chat from its client: its next message is a stranger's, and what waits is not sent.

        Returns the messages that waited.
        """
        # What is in a sender's hands at this moment is theirs to account for: they look once more themselves.
        query = select(OutboxItem).where(
            OutboxItem.conversation_id == conversation.id, OutboxItem.status == "new"
        )
        waiting = list(self._session.scalars(query.with_for_update()))
        for item in waiting:
            Sending(self._session, self._clock).suppress(item, "the chat is no longer linked")
        conversation.unlinked_at = self._now()
        conversation.epoch += 1
        # The chat may be linked anew, to this or another client; the old transcript stays where it was.
        conversation.chat_id = f"{conversation.chat_id}#{conversation.id[:12]}"
        self._session.flush()
        return waiting

    def ask_to_confirm(self, conversation: Conversation) -> None:
        """Show nothing of the case in this chat until its consultant has compared a new code."""
        conversation.link_code = f"{secrets.randbelow(10_000):04d}"

    def confirm(self, staff: Staff, conversation: Conversation) -> bool:
        """Note that this person knows whose phone it is; return whether the chat had waited for that."""
        waited = waits_for_confirmation(conversation)
        if conversation.confirmed_at is None:
            conversation.confirmed_at = self._now()
            conversation.confirmed_by = staff.id
        return waited

    def of_client(self, client: Client) -> list[Conversation]:
        """Return the live conversations of a client, the one used last first."""
        query = (
            select(Conversation)
            .where(Conversation.client_id == client.id, Conversation.unlinked_at.is_(None))
            .order_by(Conversation.last_in_at.desc().nulls_last(), Conversation.linked_at.desc())
        )
        return list(self._session.scalars(query).unique())

    def primary_for(self, client: Client) -> Conversation | None:
        """Return the chat in which to start a message: Telegram before the demo's phone.

        Never one of which nobody has confirmed yet whose phone it is, where that is asked for.
        """
        return primary_of(self.of_client(client))

    def of_handoffs(self, handoffs: Sequence[Handoff]) -> dict[str, Conversation]:
        """Return the chat of each handoff, by its id: where it came from, else the one used last."""
        query = (
            select(Conversation)
            .where(
                Conversation.client_id.in_({handoff.client_id for handoff in handoffs}),
                Conversation.unlinked_at.is_(None),
            )
            .order_by(Conversation.last_in_at.desc().nulls_last(), Conversation.linked_at.desc())
        )
        by_client: dict[str, list[Conversation]] = {}
        for chat in self._session.scalars(query).unique():
            by_client.setdefault(chat.client_id, []).append(chat)
        found = {}
        for handoff in handoffs:
            chats = by_client.get(handoff.client_id, [])
            if chats:
                same = (one for one in chats if one.id == handoff.conversation_id)
                found[handoff.id] = next(same, chats[0])
        return found

    def primary_of(self, clients: Sequence[Client]) -> dict[str, Conversation]:
        """Return what `primary_for` does, for many clients at once: client id to chat."""
        query = (
            select(Conversation)
            .where(
                Conversation.client_id.in_([client.id for client in clients]),
                Conversation.unlinked_at.is_(None),
            )
            # The last of these wins.
            .order_by(
                Conversation.channel == "telegram",
                Conversation.last_in_at.asc().nulls_first(),
                Conversation.linked_at,
            )
        )
        chats = self._session.scalars(query).unique()
        return {chat.client_id: chat for chat in chats if not waits_for_confirmation(chat)}

    def get_for(self, staff: Staff, conversation_id: str) -> Conversation:
        """Return a conversation of a client whom this person may see; raise NoSuchConversation otherwise."""
        query = (
            select(Conversation)
            .join(Client, Client.id == Conversation.client_id)
            .where(Conversation.id == conversation_id, may_see(staff))
        )
        conversation = self._session.scalars(query).unique().one_or_none()
        if conversation is None:
            raise NoSuchConversation(conversation_id)
        return conversation

    def lock_for(self, staff: Staff, conversation_id: str) -> Conversation:
        """Do both: `get_for`, and `lock` until the transaction ends; raises NoSuchConversation."""
        self.get_for(staff, conversation_id)
        return self.lock(conversation_id)

    def held_by_people(self) -> list[Conversation]:
        """Return every live conversation that a person has."""
        query = select(Conversation).where(
            Conversation.mode == Mode.PERSON, Conversation.unlinked_at.is_(None)
        )
        return list(self._session.scalars(query).unique())

    def take(self, staff: Staff, conversation: Conversation, seen_epoch: int) -> None:
        """Give the chat to a person; raise SomeoneWasFaster when its owner changed since they looked."""
        statement = (
            update(Conversation)
            .where(Conversation.id == conversation.id, Conversation.epoch == seen_epoch)
            .values(mode=Mode.PERSON, epoch=seen_epoch + 1, held_by_id=staff.id, held_since=self._now())
        )
        changed = cast("CursorResult[Any]", self._session.execute(statement)).rowcount
        if changed != 1:
            raise SomeoneWasFaster(conversation.id)
        self._session.refresh(conversation)

    def give_back(self, staff: Staff, conversation: Conversation) -> None:
        """Give the chat back to the bot; raise NotHolding unless this person has it."""
        statement = (
            update(Conversation)
            .where(
                Conversation.id == conversation.id,
                Conversation.mode == Mode.PERSON,
                Conversation.held_by_id == staff.id,
            )
            .values(mode=Mode.BOT, epoch=Conversation.epoch + 1, held_by_id=None, held_since=None)
        )
        changed = cast("CursorResult[Any]", self._session.execute(statement)).rowcount
        if changed != 1:
            raise NotHolding(conversation.id)
        self._session.refresh(conversation)

    def mark_unreachable(self, conversation: Conversation) -> bool:
        """Note that the client blocked the bot; return whether this is news."""
        if conversation.unreachable_at is not None:
            return False
        conversation.unreachable_at = self._now()
        return True

    def mark_reachable(self, conversation: Conversation) -> None:
        """Note that the client is back, if they were gone."""
        if conversation.unreachable_at is not None:
            conversation.unreachable_at = None
            conversation.back_at = self._now()

    def note_sent(self, conversation: Conversation, at: datetime) -> None:
        """Note that something reached the client."""
        conversation.last_out_at = at


def primary_of(conversations: Sequence[Conversation]) -> Conversation | None:
    """Return the one of a client's live conversations in which to start a message."""
    confirmed = [one for one in conversations if not waits_for_confirmation(one)]
    on_telegram = [one for one in confirmed if one.channel == "telegram"]
    return next(iter(on_telegram or confirmed), None)


def waits_for_confirmation(conversation: Conversation) -> bool:
    """Return whether nothing of the case may be shown in this chat yet."""
    return conversation.link_code is not None and conversation.confirmed_at is None
