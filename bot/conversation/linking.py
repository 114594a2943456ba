"""How a chat comes to belong to a client: an invite link, then consent. A stranger gets one fixed text."""

from __future__ import annotations

import re

from bot.caseload.conversations import waits_for_confirmation
from bot.caseload.errors import InviteNotUsable
from bot.caseload.models.conversation import Conversation
from bot.caseload.models.people import Client, Staff
from bot.caseload.models.queues import InboxItem
from bot.caseload.store import Case
from bot.conversation.internal import internal_turn
from bot.conversation.speaking import say_to
from bot.conversation.wording import Wording
from bot.safety.content import SafetyContent

#: A yes on the demo's phone is no yes to Telegram: each kind of channel has its own.
PURPOSES = {"telegram": "chat", "demo": "demo_chat"}
CONSENT = "utter_gateway_consent"
CONSENT_NEEDED = "utter_gateway_consent_needed"
#: What the buttons under the question mean.
CONSENT_BUTTONS = {"consent_yes": True, "consent_no": False}
CODE = "utter_gateway_link_code"
CLOSED = "utter_gateway_chat_closed"
#: The reason of the handoff that asks the consultant to look whose phone was linked.
INVITE = "invite"
#: Telegram's deep link: "/start <payload>", with at most 64 characters of this alphabet.
_START = re.compile(r"^/start(?:@\w+)?\s+([A-Za-z0-9_-]{1,64})\s*$")

_YES = {
    "yes",
    "y",
    "yeah",
    "yep",
    "yes that is ok",
    "yes thats ok",
    "ok",
    "okay",
    "sure",
    "fine",
    "yes please",
    "ae",
}
_NO = {"no", "n", "nope", "nah", "no thanks", "no thank you", "no ta"}


def start_token(text: str | None) -> str | None:
    """Return the token of a "/start <token>" message, if it is one."""
    found = _START.match(text or "")
    return found[1] if found else None


def plain(text: str) -> str:
    """Return typed words without case, punctuation and extra space, to compare them with a label."""
    return " ".join(re.sub(r"[^\w\s]", "", text.casefold()).split())


def answer_of(text: str | None) -> bool | None:
    """Return yes as True, no as False, anything else as None."""
    words = plain(text or "")
    if words in _YES:
        return True
    return False if words in _NO else None


def link_chat(
    case: Case, words: Wording, item: InboxItem, token: str, channel: str, safety: SafetyContent
) -> Conversation:
    """Bind the chat to the invite's client and ask for consent; raises InviteNotUsable."""
    if item.chat_id is None:
        raise InviteNotUsable
    client = case.invites.use(token)
    older = [one for one in case.conversations.of_client(client) if one.channel == channel]
    if case.conversations.find_by_chat(item.bot_id, item.chat_id) is not None:
        older = []
    not_sent = [close_chat(case, words, safety, one) for one in older]
    conversation = case.conversations.link(client, channel=channel, bot_id=item.bot_id, chat_id=item.chat_id)
    if client.service.confirm_links:
        case.conversations.ask_to_confirm(conversation)
    item.conversation_id = conversation.id
    if any(one.unreachable_at is not None for one in older):
        case.handoffs.close_by_itself(client, "unreachable", "Another phone was linked.")
    for one in older:
        case.audit.record("chat replaced", actor="client", client_id=client.id, subject=one.id)
    case.audit.record("chat linked", actor="client", client_id=client.id, subject=conversation.id)
    _tell_consultant(case, conversation, not_sent)
    if not has_consent(case, conversation):
        ask_consent(case, words, conversation, item)
        if waits_for_confirmation(conversation):
            say_code(case, words, conversation, item)
    else:
        _begin(case, words, conversation, item)
    return conversation


def close_chat(case: Case, words: Wording, safety: SafetyContent, conversation: Conversation) -> int:
    """Unlink a chat and tell it so in one sentence; return how many messages waited and are not sent."""
    bot_id, chat_id = conversation.bot_id, conversation.chat_id
    not_sent = case.conversations.unlink(conversation)
    if any(item.origin == "safety" for item in not_sent):
        # Whoever holds that phone wrote of danger: the numbers still go out, and name nobody.
        event = case.safety_events.newest_of(conversation)
        numbers = safety.numbers_alone(event.kind if event else None, conversation.client.region)
        for n, message in enumerate(numbers):
            key = f"closed:{conversation.id}:numbers:{n}"
            case.outbox.add_for_stranger(bot_id, chat_id, message.text, dedup_key=key, safety=True)
    if conversation.unreachable_at is None:
        # To a stranger, which the chat is from now on: nothing of it is kept.
        key = f"closed:{conversation.id}"
        case.outbox.add_for_stranger(bot_id, chat_id, words.say(CLOSED).text, dedup_key=key)
    return len(not_sent)


def confirm_chat(case: Case, staff: Staff, conversation_id: str) -> Conversation | None:
    """Note that it is really the client; they are welcomed if their chat had waited for it.

    Returns None when the chat is not linked any more; raises NoSuchConversation.
    """
    case.conversations.get_for(staff, conversation_id)
    conversation = case.conversations.lock(conversation_id)
    if conversation.unlinked_at is not None:
        return None
    is_first = conversation.confirmed_at is None
    had_waited = case.conversations.confirm(staff, conversation)
    _close_handoffs(case, staff, conversation.client)
    if is_first:
        case.audit.record(
            "chat confirmed", staff_id=staff.id, client_id=conversation.client_id, subject=conversation.id
        )
    if had_waited and has_consent(case, conversation):
        welcome(case, conversation)
    return conversation


def unlink_chat(
    case: Case, words: Wording, safety: SafetyContent, staff: Staff, conversation_id: str
) -> Conversation | None:
    """Take the chat from its client at once, because the phone is not theirs or is lost.

    Returns None when it is not linked any more, or is the demo's own phone; raises NoSuchConversation.
    """
    case.conversations.get_for(staff, conversation_id)
    conversation = case.conversations.lock(conversation_id)
    # Nobody could link the demo's phone again.
    if conversation.unlinked_at is not None or conversation.channel == "demo":
        return None
    close_chat(case, words, safety, conversation)
    _close_handoffs(case, staff, conversation.client)
    case.audit.record(
        "chat unlinked", staff_id=staff.id, client_id=conversation.client_id, subject=conversation.id
    )
    return conversation


def chats_to_check(case: Case, client: Client) -> list[Conversation]:
    """Return the client's linked chats of which a person should still say whose phone they are."""
    asked = {one.conversation_id for one in case.handoffs.open_for(client) if one.reason == INVITE}
    return [
        one
        for one in case.conversations.of_client(client)
        if waits_for_confirmation(one) or (one.id in asked and one.confirmed_at is None)
    ]


def _tell_consultant(case: Case, conversation: Conversation, not_sent: list[int]) -> None:
    name = conversation.client.preferred_name
    lines = [f"A phone was linked for {name}. Please check on {name}'s page that it is really {name}."]
    if not_sent:
        lines.append("The phone that was linked before is closed.")
    if sum(not_sent):
        lines.append(f"Messages that waited for it and were not sent: {sum(not_sent)}.")
    opened = case.handoffs.open(conversation.client, "\n".join(lines), INVITE)
    # Asked again, it is about the newest phone.
    opened.handoff.conversation_id = conversation.id


def _close_handoffs(case: Case, staff: Staff, client: Client) -> None:
    for handoff in case.handoffs.open_for(client):
        if handoff.reason == INVITE:
            case.handoffs.close(staff, handoff)


def has_consent(case: Case, conversation: Conversation) -> bool:
    """Return whether the client said yes to chatting on this kind of channel."""
    return case.consents.has_given(conversation.client, PURPOSES[conversation.channel])


def waits_for_consent(case: Case, conversation: Conversation) -> bool:
    """Return whether the question is open: neither a yes nor a no came to it."""
    return case.consents.latest(conversation.client, PURPOSES[conversation.channel]) is None


def ask_consent(
    case: Case, words: Wording, conversation: Conversation, item: InboxItem, response: str = CONSENT
) -> None:
    """Ask whether it is OK to chat here."""
    say_to(case, words, conversation, response, key=f"in:{item.seq}:consent", inbox_seq=item.seq)


def record_consent(
    case: Case, words: Wording, conversation: Conversation, item: InboxItem, *, given: bool
) -> None:
    """Keep the answer with the version of the words; a no is fine and is told so."""
    keep_consent(case, words, conversation, given=given)
    if given:
        _begin(case, words, conversation, item)
    else:
        say_to(
            case,
            words,
            conversation,
            "utter_gateway_consent_no",
            key=f"in:{item.seq}:consent_no",
            inbox_seq=item.seq,
        )


def keep_consent(case: Case, words: Wording, conversation: Conversation, *, given: bool) -> None:
    """Write the answer down with the version of the words; the same answer again is no second one."""
    client, purpose = conversation.client, PURPOSES[conversation.channel]
    before = case.consents.latest(client, purpose)
    if before is None or before.given != given:
        case.consents.record(client, purpose, given=given, wording_version=words.version(CONSENT))


def say_code(case: Case, words: Wording, conversation: Conversation, item: InboxItem) -> None:
    """Tell the client what the chat waits for."""
    values = {"code": conversation.link_code or ""}
    key = f"in:{item.seq}:code"
    say_to(case, words, conversation, CODE, key=key, inbox_seq=item.seq, values=values)


def _begin(case: Case, words: Wording, conversation: Conversation, item: InboxItem) -> None:
    if waits_for_confirmation(conversation):
        say_code(case, words, conversation, item)
    else:
        welcome(case, conversation)


def welcome(case: Case, conversation: Conversation) -> None:
    """Let the dialogue greet the client, behind what already waits in the chat."""
    case.inbox.receive_internal(conversation, internal_turn("EXTERNAL_client_linked"))


def answer_stranger(case: Case, words: Wording, item: InboxItem, response: str, *, speak: bool) -> None:
    """Answer somebody we do not know, count them, and keep nothing else."""
    if item.chat_id is not None and speak:
        case.outbox.add_for_stranger(
            item.bot_id, item.chat_id, words.say(response).text, dedup_key=f"stranger:{item.seq}"
        )
    case.strangers.count(item.bot_id)
    case.inbox.finish(
        item, "done" if speak else "ignored", f"fixed:{response}" if speak else "stranger again"
    )
    case.inbox.forget(item)
