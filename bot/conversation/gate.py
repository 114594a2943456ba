"""Step two of a message: who is this, who has the chat, what is it. Exactly one outcome for each."""

from __future__ import annotations

import time
from collections import OrderedDict, deque
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from bot.caseload.conversations import waits_for_confirmation
from bot.caseload.models.conversation import Conversation, Mode
from bot.caseload.models.queues import Button, InboxItem
from bot.caseload.store import Case
from bot.conversation import going_on, held, linking, reachable, reminders
from bot.conversation.commands import ASK_PERSON, COMMANDS, command_of, without_slash
from bot.conversation.danger import Danger
from bot.conversation.ingest import number_in_chat
from bot.conversation.internal import PUT_ASIDE, read_internal_turn
from bot.conversation.lifeline import MAY_BE_SPEECH
from bot.conversation.speaking import say_to, say_when_a_person_reads
from bot.conversation.staff_chats import StaffChats
from bot.conversation.wording import Wording
from integrations.telegram.types import Inbound

#: A stranger hears the fixed text at most this often in an hour; more would make the bot a megaphone.
STRANGER_TEXTS_AN_HOUR = 5
STRANGERS_REMEMBERED = 5000

MEDIA = {
    "voice": "utter_gateway_voice",
    "audio": "utter_gateway_voice",
    "video": "utter_gateway_voice",
    "video_note": "utter_gateway_voice",
    "photo": "utter_gateway_photo",
    "document": "utter_gateway_file",
    "animation": "utter_gateway_sticker",
    "sticker": "utter_gateway_sticker",
    "location": "utter_gateway_location",
    "contact": "utter_gateway_contact",
    "edited": "utter_gateway_edited",
    "poll": "utter_gateway_unreadable",
    "dice": "utter_gateway_unreadable",
}


@dataclass(frozen=True)
class Ask:
    """The message is for the dialogue: what to ask it, and under which epoch of the chat."""

    seq: int
    conversation_id: str
    epoch: int
    text: str | None = None
    intent: str | None = None
    entities: dict[str, Any] = field(default_factory=dict)
    #: Later messages of a flood, by seq, that this one speaks for too.
    joined: tuple[int, ...] = ()
    #: The offer whose buttons are used up once the turn is done.
    pressed: str | None = None


@dataclass(frozen=True)
class Settled:
    """The message has its outcome; `leave_chat` asks the channel to leave a group."""

    leave_chat: tuple[str, str] | None = None


class Gate:
    """Decides what becomes of each message, within the transaction of its caller."""

    def __init__(self, words: Wording, danger: Danger, console_url: str = "") -> None:
        self._words = words
        self.danger = danger
        self._staff_chats = StaffChats(words, danger.content, console_url)
        # In memory and bounded on purpose: nothing about strangers is stored.
        self._strangers: OrderedDict[tuple[str, str], deque[float]] = OrderedDict()

    def decide(self, case: Case, item: InboxItem, inbound: Inbound | None) -> Ask | Settled:
        """Give the message its outcome, or say what to ask the dialogue; our own turns have no `inbound`."""
        if item.kind == "group":
            case.inbox.finish(item, "ignored", "not a private chat")
            case.inbox.forget(item)
            return Settled((item.bot_id, inbound.chat_id) if inbound and inbound.chat_id else None)
        conversation = case.conversations.find(item.conversation_id) if item.conversation_id else None
        if conversation is None and item.chat_id is not None:
            conversation = case.conversations.find_by_chat(item.bot_id, item.chat_id)
            if conversation is not None:
                self._linked_meanwhile(case, item, inbound, conversation)
        if inbound is None:
            return self._own_turn(case, item, conversation)
        if conversation is None or conversation.unlinked_at is not None:
            return self._stranger(case, item, inbound)
        return self._client(case, item, inbound, conversation)

    def _linked_meanwhile(
        self, case: Case, item: InboxItem, inbound: Inbound | None, conversation: Conversation
    ) -> None:
        """The chat was linked by a message that came just before this one: it belongs in the transcript."""
        item.conversation_id = conversation.id
        if inbound is not None:
            case.transcript.add_from_client(
                conversation,
                inbound.text or "",
                kind=inbound.kind,
                inbox_seq=item.seq,
                channel_message_id=number_in_chat(inbound),
            )

    def _own_turn(self, case: Case, item: InboxItem, conversation: Conversation | None) -> Ask | Settled:
        if conversation is None or conversation.unlinked_at is not None:
            return self._settle(case, item, "ignored", "chat no longer linked")
        intent, entities = read_internal_turn(item.payload or "{}")
        if waits_for_confirmation(conversation) and intent != PUT_ASIDE:
            return self._settle(case, item, "ignored", "nobody has confirmed this chat")
        # Nobody would read the answer, and what it offers would count as shown.
        if conversation.unreachable_at is not None and intent != PUT_ASIDE:
            return self._settle(case, item, "ignored", "the client cannot be reached")
        # Putting a form aside is silent, and else it would stand open when the chat is handed back.
        if conversation.mode == Mode.PERSON and intent != PUT_ASIDE:
            return self._settle(case, item, "ignored", "a person has the chat")
        # Whoever put it here: after danger the bot starts nothing until a human has cleared it.
        if case.safety_events.paused_since(conversation.client) is not None and intent != PUT_ASIDE:
            return self._settle(case, item, "ignored", "danger is not cleared")
        return Ask(item.seq, conversation.id, conversation.epoch, intent=intent, entities=entities)

    def _stranger(self, case: Case, item: InboxItem, inbound: Inbound) -> Ask | Settled:
        chat = (item.bot_id, inbound.chat_id or "")
        may_speak = partial(self._may_answer_stranger, chat)
        if self._staff_chats.answer(case, item, inbound, may_speak):
            return Settled()
        if inbound.kind in {"blocked", "unblocked", "other"} or inbound.chat_id is None:
            case.inbox.finish(item, "ignored", f"{inbound.kind} of a stranger")
            case.inbox.forget(item)
            return Settled()
        asked_privacy = command_of(inbound.text) in {"privacy", "help"}
        response = "utter_gateway_privacy" if asked_privacy else "utter_gateway_stranger"
        speak = self._may_answer_stranger((item.bot_id, inbound.chat_id))
        if speak and inbound.kind in MAY_BE_SPEECH:
            self.danger.strangers.say_unreadable(case, item, inbound)
        linking.answer_stranger(case, self._words, item, response, speak=speak)
        return Settled()

    def _client(
        self, case: Case, item: InboxItem, inbound: Inbound, conversation: Conversation
    ) -> Ask | Settled:
        if inbound.kind == "blocked":
            reachable.lost(case, conversation)
            return self._settle(case, item, "done", "client blocked the bot")
        gone_since = reachable.came_back(case, conversation)
        if gone_since is not None:
            reachable.say_what_was_missed(case, self._words, conversation, item.seq, gone_since)
            self.danger.say_again(case, conversation, item)
        if inbound.kind == "unblocked":
            return self._settle(case, item, "done", "client unblocked the bot")
        if inbound.kind == "other":
            return self._settle(case, item, "ignored", "nothing to read")
        button = case.buttons.find(conversation, inbound.token) if inbound.token else None
        if conversation.mode == Mode.PERSON:
            return self._settle(
                case, item, *held.outcome(case, self._words, conversation, item, inbound, button)
            )
        if not linking.has_consent(case, conversation):
            return self._before_consent(case, item, inbound, conversation, button)
        if waits_for_confirmation(conversation):
            return self._before_confirmation(case, item, inbound, conversation)
        if case.safety_events.came_after(conversation, item.seq):
            # It had waited when danger was answered: nothing may go on as if that had not been.
            return self._settle(case, item, "held", "danger came behind it")
        if inbound.kind == "button":
            return self._press(case, item, conversation, button)
        if inbound.kind in MEDIA:
            going_on.pass_file_on(case, conversation, item, inbound.text or "")
            return self._fixed(case, item, conversation, MEDIA[inbound.kind])
        return self._text(case, item, inbound.text or "", conversation)

    def _before_consent(
        self, case: Case, item: InboxItem, inbound: Inbound, conversation: Conversation, button: Button | None
    ) -> Settled:
        pressed = button.means.get("gateway") if button else None
        given = linking.CONSENT_BUTTONS.get(str(pressed))
        if given is None and inbound.kind == "text":
            given = linking.answer_of(inbound.text)
        if given is None:
            if command_of(inbound.text) == "privacy":
                return self._fixed(case, item, conversation, "utter_gateway_privacy")
            asked = not linking.waits_for_consent(case, conversation)
            response = linking.CONSENT_NEEDED if asked else linking.CONSENT
            if command_of(inbound.text) != "start" and not asked:
                response = linking.CONSENT_NEEDED
            linking.ask_consent(case, self._words, conversation, item, response)
            return self._settle(case, item, "done", "fixed:consent")
        if button is not None:
            case.buttons.use(button)
        linking.record_consent(case, self._words, conversation, item, given=given)
        return self._settle(case, item, "done", "consent yes" if given else "consent no")

    def _before_confirmation(
        self, case: Case, item: InboxItem, inbound: Inbound, conversation: Conversation
    ) -> Settled:
        # Even a stranger may read who reads this.
        if command_of(inbound.text) == "privacy":
            return self._fixed(case, item, conversation, "utter_gateway_privacy")
        linking.say_code(case, self._words, conversation, item)
        return self._settle(case, item, "done", "fixed:link code")

    def _press(
        self, case: Case, item: InboxItem, conversation: Conversation, button: Button | None
    ) -> Ask | Settled:
        if button is None or not case.buttons.is_live(button) or button.epoch != conversation.epoch:
            return self._fixed(case, item, conversation, "utter_gateway_old_button")
        if "gateway" in button.means:
            case.buttons.use(button)
            return self._own_button(case, item, conversation, str(button.means["gateway"]), button)
        return Ask(
            item.seq,
            conversation.id,
            conversation.epoch,
            intent=str(button.means["intent"]),
            entities=dict(button.means.get("entities") or {}),
            pressed=button.token,
        )

    def _own_button(
        self, case: Case, item: InboxItem, conversation: Conversation, means: str, button: Button
    ) -> Ask | Settled:
        if means == ASK_PERSON:
            return self._ask_person(case, item, conversation)
        if means in {"consent_yes", "consent_no"}:
            linking.record_consent(case, self._words, conversation, item, given=means == "consent_yes")
            return self._settle(case, item, "done", means)
        if means in reminders.ANSWERS:
            said = reminders.answer(case, self._words, conversation, means, button, item.seq)
            return self._settle(case, item, "done", f"fixed:{said}")
        intent = COMMANDS[means]
        return Ask(item.seq, conversation.id, conversation.epoch, intent=intent, pressed=button.token)

    def _text(self, case: Case, item: InboxItem, text: str, conversation: Conversation) -> Ask | Settled:
        command = command_of(text)
        if linking.start_token(text) is not None:
            return self._fixed(case, item, conversation, "utter_gateway_linked_already")
        if command == "start":
            case.preferences.resume(conversation.client)
            if self.danger.stay(case, conversation, item):
                # "I can send you messages again" is not so before a person has cleared the danger.
                return self._settle(case, item, "done", "safety:still here")
            return self._fixed(case, item, conversation, "utter_gateway_started_again")
        if command == "privacy":
            return self._fixed(case, item, conversation, "utter_gateway_privacy")
        if command == "person":
            return self._ask_person(case, item, conversation)
        if command in COMMANDS:
            return Ask(item.seq, conversation.id, conversation.epoch, intent=COMMANDS[command])
        typed = linking.plain(text)
        for number, button in enumerate(self._offered_last(case, conversation), start=1):
            if typed and (typed == linking.plain(button.label) or typed == str(number)):
                return self._press(case, item, conversation, button)
        return Ask(item.seq, conversation.id, conversation.epoch, text=without_slash(text))

    def _offered_last(self, case: Case, conversation: Conversation) -> list[Button]:
        """Return the live buttons under our last words; under older ones, a typed "2" is a number."""
        buttons = case.buttons.newest_offer(conversation)
        ours = [one for one in case.transcript.newest(conversation) if one.author != "client"]
        shown = ours[-1].buttons if ours else None
        return buttons if shown == [button.label for button in buttons] else []

    def _ask_person(self, case: Case, item: InboxItem, conversation: Conversation) -> Settled:
        case.handoffs.open(conversation.client, "", "person", urgency="today")
        say_when_a_person_reads(case, self._words, conversation, key=f"in:{item.seq}:0", inbox_seq=item.seq)
        return self._settle(case, item, "done", "fixed:person asked")

    def _fixed(self, case: Case, item: InboxItem, conversation: Conversation, response: str) -> Settled:
        key = f"in:{item.seq}:0"
        # Of the bot: what still waits to leave when a person takes the chat is not sent.
        say_to(case, self._words, conversation, response, key=key, origin="bot", inbox_seq=item.seq)
        return self._settle(case, item, "done", f"fixed:{response}")

    def _settle(self, case: Case, item: InboxItem, status: str, why: str) -> Settled:
        case.inbox.finish(item, status, why)
        return Settled()

    def _may_answer_stranger(self, chat: tuple[str, str]) -> bool:
        now = time.monotonic()
        times = self._strangers.setdefault(chat, deque())
        self._strangers.move_to_end(chat)
        while len(self._strangers) > STRANGERS_REMEMBERED:
            self._strangers.popitem(last=False)
        while times and now - times[0] > 3600:
            times.popleft()
        if len(times) >= STRANGER_TEXTS_AN_HOUR:
            return False
        times.append(now)
        return True
