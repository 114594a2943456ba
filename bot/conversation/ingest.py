"""Step one of a message: store it and screen it, in one transaction, before anybody is told it arrived."""

from __future__ import annotations

from dataclasses import dataclass

import structlog

from bot.caseload.conversations import waits_for_confirmation
from bot.caseload.errors import CaseloadUnavailable, InviteNotUsable
from bot.caseload.models.conversation import Conversation
from bot.caseload.models.queues import InboxItem
from bot.caseload.store import Case, Caseload
from bot.conversation import linking
from bot.conversation.commands import ASK_PERSON, FIXED_COMMANDS, command_of
from bot.conversation.danger import Danger
from bot.conversation.lifeline import Lifeline
from bot.conversation.supervise import where
from bot.conversation.wording import Wording
from integrations.telegram.types import Inbound

logger = structlog.get_logger(__name__)

#: Kinds that appear in the transcript; the others are about the chat itself.
SHOWN_KINDS = {
    "text", "button", "edited", "voice", "audio", "video", "video_note", "photo", "document", "sticker",
    "animation", "location", "contact", "poll", "dice",
}  # fmt: skip
#: Kinds whose file is fetched for the staff.
KEPT_FILES = {"voice", "audio", "video", "video_note", "photo", "document"}
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

    def __init__(self, caseload: Caseload, danger: Danger, words: Wording) -> None:
        self._caseload = caseload
        self._danger = danger
        self._words = words

    @property
    def lifeline(self) -> Lifeline:
        """What answers danger while nothing can be stored."""
        return self._danger.lifeline

    def receive(self, inbound: Inbound) -> Received:
        """Commit one update; raises CaseloadUnavailable, and then nothing was stored."""
        with self._caseload.transaction() as case:
            return self.receive_in(case, inbound)

    def set_aside(self, inbound: Inbound, why: str) -> None:
        """List an update that could not be taken in as a dead letter, and tell a person of the service.

        What kept it from being taken in may keep the record of danger from being written too: then without
        it, for a person has to hear of this whatever else fails. Raises CaseloadUnavailable.
        """
        try:
            self._set_aside(inbound, why, recorded=True)
        except CaseloadUnavailable:
            raise
        except Exception as error:  # noqa: BLE001 (any defect of ours: the next try does without it)
            logger.error("danger not recorded", error=type(error).__name__, at=where(error))
            self._set_aside(inbound, why, recorded=False)

    def _set_aside(self, inbound: Inbound, why: str, *, recorded: bool) -> None:
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
                self._danger.alarm_unanswered(case, conversation, item, inbound.all_words, recorded=recorded)

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
            passes=conversation is not None and _needs_no_dialogue(case, conversation, inbound),
        )
        if item is None:
            return Received(None)
        is_new_here = conversation is None
        if conversation is None:
            conversation = self._link(case, item, inbound)
        if inbound.chat_id is not None:
            region = conversation.client.region if conversation else None
            self.lifeline.learn(inbound.bot_id, inbound.chat_id, region)
        if self._is_staffs(case, inbound, conversation):
            # A member of staff who quotes a client is no stranger in danger. The gate sees to the rest.
            return Received(item.seq)
        if conversation is not None and is_new_here:
            return Received(item.seq)
        edited = number_in_chat(inbound) if inbound.kind == "edited" else None
        if conversation is None:
            nearby = self._danger.strangers.nearby(inbound)
        else:
            nearby = case.transcript.around(conversation, edited)
        if conversation is not None and inbound.kind in SHOWN_KINDS:
            self._write_down(case, conversation, item, inbound)
        self._danger.look(case, conversation, item, inbound, nearby)
        return Received(item.seq)

    def _is_staffs(self, case: Case, inbound: Inbound, conversation: Conversation | None) -> bool:
        """Return whether this is the own chat of a member of staff; the lifeline learns it too."""
        if inbound.chat_id is None:
            return False
        is_staffs = (
            conversation is None and case.staff.find_in_chat(inbound.bot_id, inbound.chat_id) is not None
        )
        self.lifeline.leave_out(inbound.bot_id, inbound.chat_id, is_staffs=is_staffs)
        return is_staffs

    def _link(self, case: Case, item: InboxItem, inbound: Inbound) -> Conversation | None:
        """Link the chat here and now if an invite says so: a cry right behind it must be its client's."""
        token = linking.start_token(inbound.text) if inbound.kind == "text" else None
        if token is None or case.staff.find_by_alert_chat(inbound.bot_id, inbound.chat_id or "") is not None:
            return None
        try:
            conversation = linking.link_chat(case, self._words, item, token, "telegram", self._danger.content)
        except InviteNotUsable:
            # The gate answers with the neutral text that anybody gets: nobody learns whether a token existed.
            return None
        # The token in the payload is used up; the hash in the invite is all that is kept of it.
        item.payload = None
        case.inbox.finish(item, "done", "fixed:linked")
        return conversation

    def _write_down(self, case: Case, conversation: Conversation, item: InboxItem, inbound: Inbound) -> None:
        text = (inbound.text or "")[:MAX_TEXT]
        if inbound.kind == "button" and inbound.token:
            button = case.buttons.find(conversation, inbound.token)
            text = button.label if button else ""
        message = case.transcript.add_from_client(
            conversation,
            text,
            kind=inbound.kind,
            inbox_seq=item.seq,
            channel_message_id=number_in_chat(inbound),
        )
        if inbound.file is not None and inbound.kind in KEPT_FILES:
            case.attachments.add(
                message,
                conversation,
                file_id=inbound.file.file_id,
                kind=inbound.kind,
                name=inbound.file.name,
                size=inbound.file.size,
                # Before a yes, and before somebody knows whose phone it is, nothing is fetched.
                may_keep=linking.has_consent(case, conversation) and not waits_for_confirmation(conversation),
            )


def _needs_no_dialogue(case: Case, conversation: Conversation, inbound: Inbound) -> bool:
    """Return whether the gateway answers this by itself: a person is asked for, or a fixed text."""
    if inbound.kind == "button":
        button = case.buttons.find(conversation, inbound.token) if inbound.token else None
        return button is not None and button.means.get("gateway") == ASK_PERSON
    return inbound.kind == "text" and command_of(inbound.text) in FIXED_COMMANDS


def number_in_chat(inbound: Inbound) -> int | None:
    """Return the channel's own number of a message, if a column can hold it."""
    number = inbound.message_id
    return number if number is not None and abs(number) < MAX_NUMBER else None
