"""While a person has the chat: what a client sends is theirs, and the bot says at most who has it."""

from __future__ import annotations

from bot.caseload.models.conversation import Conversation
from bot.caseload.models.queues import Button, InboxItem
from bot.caseload.store import Case
from bot.conversation import linking, silence
from bot.conversation.commands import command_of
from bot.conversation.speaking import say_to
from bot.conversation.wording import Wording
from integrations.telegram.types import Inbound

IS_HERE = "utter_gateway_person_is_here"
HAS_CHAT = "utter_gateway_person_has_chat"
CONSENT_KEPT = "utter_gateway_consent_kept"
HELD = ("held", "a person has the chat")


def outcome(
    case: Case,
    words: Wording,
    conversation: Conversation,
    item: InboxItem,
    inbound: Inbound,
    button: Button | None,
) -> tuple[str, str]:
    """Return the status of a message and why, having said what there is to say."""
    if inbound.kind == "button":
        given = linking.CONSENT_BUTTONS.get(str(button.means.get("gateway"))) if button else None
        if given is None or button is None or linking.has_consent(case, conversation):
            return _say(case, words, conversation, item, IS_HERE)
        return _keep_consent(case, words, conversation, item, button, given=given)
    # A typed yes is not taken for consent here: it may answer what the person asked.
    command = command_of(inbound.text) if inbound.kind == "text" else None
    if command == "start":
        # Telegram sends it by itself when somebody comes back, so it is not for the person.
        case.preferences.resume(conversation.client)
        return _say(case, words, conversation, item, HAS_CHAT)
    if command is not None:
        _say(case, words, conversation, item, HAS_CHAT)
    silence.watch(case, conversation)
    return HELD


def _keep_consent(
    case: Case, words: Wording, conversation: Conversation, item: InboxItem, button: Button, *, given: bool
) -> tuple[str, str]:
    """Keep the answer to the question that was open when the chat was taken; the bot starts nothing yet."""
    case.buttons.use(button)
    linking.keep_consent(case, words, conversation, given=given)
    _say(case, words, conversation, item, CONSENT_KEPT)
    return "done", "consent yes" if given else "consent no"


def _say(
    case: Case, words: Wording, conversation: Conversation, item: InboxItem, response: str
) -> tuple[str, str]:
    person = conversation.held_by
    name = person.first_name if person else conversation.client.service.name
    say_to(
        case, words, conversation, response, key=f"in:{item.seq}:0", inbox_seq=item.seq,
        values={"staff_name": name},
    )  # fmt: skip
    return "done", f"fixed:{response}"
