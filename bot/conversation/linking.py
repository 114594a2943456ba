"""How a chat comes to belong to a client: an invite link, then consent. A stranger gets one fixed text."""

from __future__ import annotations

import re

from bot.caseload.errors import InviteNotUsable
from bot.caseload.models.conversation import Conversation
from bot.caseload.models.queues import InboxItem
from bot.caseload.store import Case
from bot.conversation.internal import internal_turn
from bot.conversation.speaking import say_to
from bot.conversation.wording import Wording

#: A yes on the demo's phone is no yes to Telegram: each kind of channel has its own.
PURPOSES = {"telegram": "chat", "demo": "demo_chat"}
CONSENT = "utter_gateway_consent"
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


def link_chat(case: Case, words: Wording, item: InboxItem, token: str, channel: str) -> Conversation:
    """Bind the chat to the invite's client and ask for consent; raises InviteNotUsable."""
    if item.chat_id is None:
        raise InviteNotUsable
    client = case.invites.use(token)
    conversation = case.conversations.link(client, channel=channel, bot_id=item.bot_id, chat_id=item.chat_id)
    item.conversation_id = conversation.id
    case.audit.record("chat linked", actor="client", client_id=client.id, subject=conversation.id)
    if has_consent(case, conversation):
        welcome(case, conversation)
    else:
        ask_consent(case, words, conversation, item)
    return conversation


def has_consent(case: Case, conversation: Conversation) -> bool:
    """Return whether the client said yes to chatting on this kind of channel."""
    return case.consents.has_given(conversation.client, PURPOSES[conversation.channel])


def ask_consent(
    case: Case, words: Wording, conversation: Conversation, item: InboxItem, response: str = CONSENT
) -> None:
    """Ask whether it is OK to chat here."""
    say_to(case, words, conversation, response, key=f"in:{item.seq}:consent", inbox_seq=item.seq)


def record_consent(
    case: Case, words: Wording, conversation: Conversation, item: InboxItem, *, given: bool
) -> None:
    """Keep the answer with the version of the words; a no is fine and is told so."""
    client = conversation.client
    purpose = PURPOSES[conversation.channel]
    before = case.consents.latest(client, purpose)
    if before is None or before.given != given:
        case.consents.record(client, purpose, given=given, wording_version=words.version(CONSENT))
    if given:
        welcome(case, conversation)
    else:
        say_to(
            case,
            words,
            conversation,
            "utter_gateway_consent_no",
            key=f"in:{item.seq}:consent_no",
            inbox_seq=item.seq,
        )


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
