"""Who has the chat: take over, reply, hand back. The client is told at each change."""

from __future__ import annotations

from enum import StrEnum

from bot.caseload.models.conversation import Conversation, Mode
from bot.caseload.models.people import Staff
from bot.caseload.store import Case
from bot.conversation import escalation, linking
from bot.conversation.blanks import BlanksLeft, blanks_in
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
    case: Case, words: Wording, staff: Staff, conversation_id: str, seen_epoch: int, danger_seen: str = ""
) -> Conversation:
    """Give the chat to this person; the bot is silent from this instant, and the alerts stop.

    Alerts about danger that came after `danger_seen`, the mark on their page, go on.
    Raises NoSuchConversation, or SomeoneWasFaster when the owner changed since they looked.
    """
    conversation = case.conversations.get_for(staff, conversation_id)
    case.conversations.take(staff, conversation, seen_epoch)
    escalation.acknowledge(case, staff, conversation.client, danger_seen)
    case.handoffs.mark_taken(staff, conversation.client)
    case.handoffs.end_silence(staff, conversation.client)
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
    case: Case,
    words: Wording,
    staff: Staff,
    conversation_id: str,
    text: str,
    form_key: str,
    danger_seen: str = "",
) -> Conversation:
    """Send this person's words; the alerts stop. Posting the same form twice sends once.

    Alerts about danger that came after `danger_seen`, the mark on their page, go on.
    Raises NoSuchConversation, ReplyEmpty, ReplyTooLong, BlanksLeft, or ChatHeldByAnother.
    """
    # Locked: who takes the chat or hands it back at this moment does so before this reply or after it.
    conversation = case.conversations.lock_for(staff, conversation_id)
    text = checked(text)
    if conversation.mode == Mode.PERSON and conversation.held_by_id != staff.id:
        raise ChatHeldByAnother
    say_as(case, words, staff, conversation, text, key=f"reply:{form_key}")
    escalation.acknowledge(case, staff, conversation.client, danger_seen)
    case.handoffs.end_silence(staff, conversation.client)
    if conversation.mode != Mode.PERSON:
        case.handoffs.mark_answered(staff, conversation.client)
    case.audit.record(
        "reply sent", staff_id=staff.id, client_id=conversation.client_id, subject=conversation_id
    )
    return conversation


def checked(text: str) -> str:
    """Return a person's words as they may be sent; raises ReplyEmpty, ReplyTooLong or BlanksLeft."""
    text = text.strip()
    if not text:
        raise ReplyEmpty
    if len(text) > MAX_REPLY:
        raise ReplyTooLong
    if left := blanks_in(text):
        raise BlanksLeft(left)
    return text


def say_as(
    case: Case, words: Wording, staff: Staff, conversation: Conversation, text: str, *, key: str
) -> None:
    """Queue a person's words, under the name and the part that the client knows; the same key once."""
    names = names_of(words, conversation.client)
    is_consultant = staff.id == conversation.client.consultant_id
    role = words.say(
        "utter_gateway_role_consultant" if is_consultant else "utter_gateway_role_service", **names
    ).text
    said = words.say("utter_gateway_person_says", staff_name=staff.first_name, role=role, text=text)
    queue(case, conversation, Said(said.text), key=key, origin="person", staff=staff)


class Resume(StrEnum):
    """Where the bot goes on after a person has handed the chat back."""

    #: With the question that was open, or, where none was, with what it can do.
    WHERE_IT_WAS = "where_it_was"
    #: With the menu; an open question is put away, and what was answered of it stays answered.
    MENU = "menu"
    #: It says that it is back, and then waits for the client.
    NOTHING = "nothing"


#: The turn of our own that makes the dialogue speak first.
SPEAKS_FIRST = {Resume.WHERE_IT_WAS: "EXTERNAL_handed_back", Resume.MENU: "open_menu"}


def hand_back(
    case: Case,
    words: Wording,
    staff: Staff,
    conversation_id: str,
    note: str | None = None,
    resume: Resume = Resume.WHERE_IT_WAS,
) -> Conversation:
    """Give the chat back to the bot, which says so and goes on by itself, where this person chose.

    Raises NoSuchConversation, or NotHolding unless this person has the chat.
    """
    conversation = case.conversations.get_for(staff, conversation_id)
    held_since = conversation.held_since
    case.conversations.give_back(staff, conversation)
    note = (note or "").strip()[:500] or None
    case.handoffs.mark_handed_back(staff, conversation.client, note)
    case.handoffs.end_silence(staff, conversation.client)
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
    consent = case.consents.latest(conversation.client, linking.PURPOSES[conversation.channel])
    if consent is None:
        # What was open when the chat was taken is asked again, and nothing else before it is answered.
        key = f"back:{conversation.id}:{conversation.epoch}:consent"
        say_to(case, words, conversation, linking.CONSENT_NEEDED, key=key)
    elif consent.given and held_since is not None and consent.at > held_since:
        # The bot was silent at that yes, so it has not greeted them yet.
        linking.welcome(case, conversation)
    elif consent.given and resume in SPEAKS_FIRST:
        case.inbox.receive_internal(conversation, internal_turn(SPEAKS_FIRST[resume]))
    return conversation
