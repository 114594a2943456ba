"""Who has the chat: take over, reply, hand back. The client is told at each change."""

from __future__ import annotations

from bot.caseload.models.conversation import Conversation, Mode
from bot.caseload.models.people import Staff
from bot.caseload.store import Case
from bot.conversation import escalation
from bot.conversation.internal import internal_turn
from bot.conversation.speaking import names_of, queue, say_to
from bot.conversation.wording import Said, Wording

#: Telegram takes 4,096 characters; the speaker's name goes before the words.
MAX_REPLY = 3500


class ReplyTooLong(Exception):
    """A reply is longer than a phone can show in one message."""


class ReplyEmpty(Exception):
    """A reply has no words."""


class ChatHeldByAnother(Exception):
    """Another person has the chat; only they may write in it."""


def take_over(
    case: Case, words: Wording, staff: Staff, conversation_id: str, seen_epoch: int
) -> Conversation:
    """Give the chat to this person; the bot is silent from this instant, and the alerts stop.

    Raises NoSuchConversation, or SomeoneWasFaster when the owner changed since they looked.
    """
    conversation = case.conversations.get_for(staff, conversation_id)
    case.conversations.take(staff, conversation, seen_epoch)
    escalation.acknowledge(case, staff, conversation.client)
    case.handoffs.mark_taken(staff, conversation.client)
    case.audit.record(
        "conversation taken", staff_id=staff.id, client_id=conversation.client_id, subject=conversation_id
    )
    say_to(
        case,
        words,
        conversation,
        "utter_gateway_person_joined",
        key=f"joined:{conversation.id}:{conversation.epoch}",
        staff=staff,
        values={"staff_name": staff.first_name},
    )
    return conversation


def reply(
    case: Case, words: Wording, staff: Staff, conversation_id: str, text: str, form_key: str
) -> Conversation:
    """Send this person's words; the alerts stop. Posting the same form twice sends once.

    Raises NoSuchConversation, ReplyEmpty, ReplyTooLong, or ChatHeldByAnother.
    """
    conversation = case.conversations.get_for(staff, conversation_id)
    text = text.strip()
    if not text:
        raise ReplyEmpty
    if len(text) > MAX_REPLY:
        raise ReplyTooLong
    if conversation.mode == Mode.PERSON and conversation.held_by_id != staff.id:
        raise ChatHeldByAnother
    names = names_of(words, conversation.client)
    is_consultant = staff.id == conversation.client.consultant_id
    role = words.say(
        "utter_gateway_role_consultant" if is_consultant else "utter_gateway_role_service", **names
    ).text
    said = words.say("utter_gateway_person_says", staff_name=staff.first_name, role=role, text=text)
    queue(case, conversation, Said(said.text), key=f"reply:{form_key}", origin="person", staff=staff)
    escalation.acknowledge(case, staff, conversation.client)
    if conversation.mode != Mode.PERSON:
        case.handoffs.mark_answered(staff, conversation.client)
    case.audit.record(
        "reply sent", staff_id=staff.id, client_id=conversation.client_id, subject=conversation_id
    )
    return conversation


def hand_back(
    case: Case, words: Wording, staff: Staff, conversation_id: str, note: str | None = None
) -> Conversation:
    """Give the chat back to the bot, which says so and goes on by itself.

    Raises NoSuchConversation, or NotHolding unless this person has the chat.
    """
    conversation = case.conversations.get_for(staff, conversation_id)
    case.conversations.give_back(staff, conversation)
    note = (note or "").strip()[:500] or None
    case.handoffs.mark_handed_back(staff, conversation.client, note)
    case.audit.record(
        "conversation handed back",
        staff_id=staff.id,
        client_id=conversation.client_id,
        subject=conversation_id,
    )
    response = "utter_gateway_handed_back_with_note" if note else "utter_gateway_handed_back"
    say_to(
        case,
        words,
        conversation,
        response,
        key=f"back:{conversation.id}:{conversation.epoch}",
        staff=staff,
        values={"staff_name": staff.first_name, "note": note or ""},
    )
    case.inbox.receive_internal(conversation, internal_turn("EXTERNAL_handed_back"))
    return conversation
