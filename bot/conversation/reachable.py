"""When a client blocks the bot, and when they come back: what stops, who is told, and what is made up for."""

from __future__ import annotations

from datetime import datetime

from bot.caseload.conversations import waits_for_confirmation
from bot.caseload.models.conversation import Conversation, Mode
from bot.caseload.store import Case
from bot.conversation.linking import has_consent
from bot.conversation.speaking import say_to
from bot.conversation.wording import Wording

#: The reason of the handoff that asks the consultant to phone.
REASON = "unreachable"
#: Why a message was not sent; what the client missed is counted by it.
BLOCKED = "the client blocked the bot"
#: What a consultant reads of a safety text that could not be sent.
NUMBERS_LOST = "They wrote of danger, and the numbers did not arrive: phone."


def lost(case: Case, conversation: Conversation) -> None:
    """Stop what waits for this chat, and ask the consultant to phone; once, however often it is found."""
    conversation = case.conversations.lock(conversation.id)
    if not case.conversations.mark_unreachable(conversation):
        return
    case.sending.give_up_chat(conversation, BLOCKED)
    opened = case.handoffs.open(conversation.client, "", REASON, urgency="today")
    opened.handoff.conversation_id = conversation.id
    case.audit.record(
        "client cannot be reached",
        actor="client",
        client_id=conversation.client_id,
        subject=conversation.id,
    )


def came_back(case: Case, conversation: Conversation) -> datetime | None:
    """Note that the client is here again; return since when the chat was closed, if it was.

    What still waited from that time is not sent: it would come as a flood of old messages.
    """
    if conversation.unreachable_at is None:
        return None
    conversation = case.conversations.lock(conversation.id)
    gone_since = conversation.unreachable_at
    if gone_since is None:
        return None
    case.sending.give_up_chat(conversation, BLOCKED)
    case.conversations.mark_reachable(conversation)
    end_handoff(case, conversation)
    case.audit.record(
        "client can be reached again",
        actor="client",
        client_id=conversation.client_id,
        subject=conversation.id,
    )
    return gone_since


def end_handoff(case: Case, conversation: Conversation) -> None:
    """Close what asked the consultant to phone, unless another chat of the client is still closed."""
    client = conversation.client
    if all(one.unreachable_at is None for one in case.conversations.of_client(client)):
        case.handoffs.close_by_itself(client, REASON, "Back on the chat.")


def say_what_was_missed(
    case: Case, words: Wording, conversation: Conversation, inbox_seq: int, gone_since: datetime
) -> None:
    """Tell a client who came back, in one line, that they missed something; nothing missed, nothing said."""
    client = conversation.client
    may_speak = (
        conversation.mode != Mode.PERSON
        and has_consent(case, conversation)
        and not waits_for_confirmation(conversation)
        and case.preferences.get(client).stopped_at is None
        and case.safety_events.paused_since(client) is None
    )
    missed = case.outbox.count_given_up(conversation, BLOCKED, gone_since) if may_speak else 0
    if missed == 0:
        return
    say_to(
        case,
        words,
        conversation,
        "utter_gateway_back_again" if missed > 1 else "utter_gateway_back_again_one",
        key=f"in:{inbox_seq}:back",
        origin="bot",
        inbox_seq=inbox_seq,
        values={"count": str(missed)},
    )


def numbers_lost(case: Case, conversation: Conversation) -> None:
    """Have somebody phone at once: what was to be said to a person in danger did not arrive."""
    case.sending.give_up_chat(conversation, NUMBERS_LOST, safety=True)
    opened = case.handoffs.open(conversation.client, NUMBERS_LOST, REASON, urgency="now")
    opened.handoff.conversation_id = conversation.id


def was_here_since(conversation: Conversation, at: datetime) -> bool:
    """Return whether the client wrote or came back after an instant."""
    return any(seen is not None and seen > at for seen in (conversation.last_in_at, conversation.back_at))
