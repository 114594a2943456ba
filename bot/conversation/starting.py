"""May the bot start a message to a client now, and does what it queues for them reach them? If not, why?"""

from __future__ import annotations

from bot.caseload.models.conversation import Conversation, Mode
from bot.caseload.models.people import Client
from bot.caseload.store import Case
from bot.conversation.linking import has_consent


def why_unreached(conversation: Conversation | None) -> str | None:
    """Return why nothing reaches this chat: no_chat, unlinked or unreachable; None when it does."""
    if conversation is None:
        return "no_chat"
    if conversation.unlinked_at is not None:
        return "unlinked"
    return "unreachable" if conversation.unreachable_at is not None else None


def why_not_started(case: Case, client: Client) -> str | None:
    """Return why the bot does not start a message to this client: what `why_unreached` does, or person,
    no_consent, stopped or danger; None when it may. Never until danger is cleared.
    """
    conversation = case.conversations.primary_for(client)
    why = why_unreached(conversation)
    if why is not None or conversation is None:
        return why
    if case.safety_events.paused_since(client) is not None:
        return "danger"
    if conversation.mode == Mode.PERSON:
        return "person"
    if not has_consent(case, conversation):
        return "no_consent"
    return None if case.preferences.may_start(client) else "stopped"
