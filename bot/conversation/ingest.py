"""Step one of a message: store it and screen it, in one transaction, before anybody is told it arrived."""

from __future__ import annotations

from dataclasses import dataclass

import structlog

from bot.caseload.models.conversation import Conversation
from bot.caseload.models.queues import InboxItem
from bot.caseload.store import Case, Caseload
from bot.caseload.transcript import Nearby
from bot.conversation.danger import Danger
from bot.conversation.lifeline import Lifeline
from integrations.telegram.types import Inbound

logger = structlog.get_logger(__name__)

#: Kinds that appear in the transcript; the others are about the chat itself.
SHOWN_KINDS = {
    "text", "button", "edited", "voice", "audio", "video", "video_note", "photo", "document", "sticker",
    "animation", "location", "contact", "poll", "dice",
}  # fmt: skip
#: Longer texts are kept to this length; Telegram itself sends at most 4,096 characters.
MAX_TEXT = 4096
#: PostgreSQL's integer ends here, and no real message of a private chat goes so far.
MAX_NUMBER = 2**31


@dataclass(frozen=True)
class Received:
    """What became of an update: its place in the inbox, or None when it was there before."""

    seq: int | None


class Ingest:
    """Takes updates in. Used by the gateway, the web phone and the terminal alike."""

    def __init__(self, caseload: Caseload, danger: Danger) -> None:
        self._caseload = caseload
        self._danger = danger

    @property
    def lifeline(self) -> Lifeline:
        """What answers danger while nothing can be stored."""
        return self._danger.lifeline

    def receive(self, inbound: Inbound) -> Received:
        """Commit one update; raises CaseloadUnavailable, and then nothing was stored."""
        with self._caseload.transaction() as case:
            return self.receive_in(case, inbound)

    def set_aside(self, inbound: Inbound, why: str) -> None:
        """List an update that could not be taken in as a dead letter, and tell a person of the service."""
        with self._caseload.transaction() as case:
            conversation = (
                case.conversations.find_by_chat(inbound.bot_id, inbound.chat_id) if inbound.chat_id else None
            )
            item = case.inbox.receive(
                bot_id=inbound.bot_id,
                update_id=inbound.update_id,
                chat_id=inbound.chat_id,
                kind=inbound.kind,
                payload=inbound.payload if conversation else None,
                conversation=conversation,
            )
            if item is None:
                return
            case.inbox.finish(item, "dead", f"could not be taken in: {why}")
            if conversation is None:
                case.inbox.forget(item)
            else:
                case.handoffs.open(conversation.client, "", "not_answered", urgency="today")
                if self._danger.reads_danger(inbound.text or ""):
                    self._danger.raise_alarm(case, conversation)

    def receive_in(self, case: Case, inbound: Inbound) -> Received:
        """Store and screen one update within a transaction that the caller commits."""
        conversation = (
            case.conversations.find_by_chat(inbound.bot_id, inbound.chat_id) if inbound.chat_id else None
        )
        item = case.inbox.receive(
            bot_id=inbound.bot_id,
            update_id=inbound.update_id,
            chat_id=inbound.chat_id,
            kind=inbound.kind,
            payload=inbound.payload,
            conversation=conversation,
        )
        if item is None:
            return Received(None)
        if inbound.chat_id is not None:
            region = conversation.client.region if conversation else None
            self.lifeline.learn(inbound.bot_id, inbound.chat_id, region)
        edited = number_in_chat(inbound) if inbound.kind == "edited" else None
        nearby = case.transcript.around(conversation, edited) if conversation else Nearby()
        if conversation is not None and inbound.kind in SHOWN_KINDS:
            self._write_down(case, conversation, item, inbound)
        # Also of a kind that we cannot use: a text of impossible length may still be a call for help.
        if inbound.text and inbound.kind != "group":
            self._danger.screen(case, conversation, item, inbound, nearby)
        return Received(item.seq)

    def _write_down(self, case: Case, conversation: Conversation, item: InboxItem, inbound: Inbound) -> None:
        text = (inbound.text or "")[:MAX_TEXT]
        if inbound.kind == "button" and inbound.token:
            button = case.buttons.find(conversation, inbound.token)
            text = button.label if button else ""
        case.transcript.add_from_client(
            conversation,
            text,
            kind=inbound.kind,
            inbox_seq=item.seq,
            channel_message_id=number_in_chat(inbound),
        )


def number_in_chat(inbound: Inbound) -> int | None:
    """Return the channel's own number of a message, if a column can hold it."""
    number = inbound.message_id
    return number if number is not None and abs(number) < MAX_NUMBER else None
