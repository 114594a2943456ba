"""Answers danger: the crisis text goes out first, a human is told, and no form or mode stands in the way."""

from __future__ import annotations

from datetime import timedelta
from zoneinfo import ZoneInfo

import structlog

from bot.caseload.buttons import ButtonSpec
from bot.caseload.models.conversation import Conversation, Handoff, Mode
from bot.caseload.models.queues import Button, InboxItem
from bot.caseload.store import Case
from bot.caseload.transcript import Nearby
from bot.conversation.escalation import Escalation
from bot.conversation.internal import PUT_ASIDE, internal_turn
from bot.conversation.lifeline import LATE_AFTER, Lifeline
from bot.conversation.linking import plain, start_token
from bot.conversation.speaking import queue
from bot.conversation.wording import Said
from bot.safety.content import SafetyContent, SafetyMessage, Told
from bot.safety.rest import rest_of
from bot.safety.routes import Route, Screening
from bot.safety.screen import Screen
from bot.spoken import when_words
from integrations.telegram.types import Inbound

logger = structlog.get_logger(__name__)

FOLLOW_UP = "safety"
ASKS_FOR_A_PERSON = {"need_help_now", "ask_for_call"}
#: A screen that fails is one thing to look at, not one for each message.
SAY_FAILED_EVERY = timedelta(hours=1)


class Danger:
    """The safety screen with what follows from it; needs neither model, dialogue server nor network."""

    def __init__(self, screen: Screen, content: SafetyContent, escalation: Escalation | None = None) -> None:
        self._screen = screen
        self._content = content
        self.lifeline = Lifeline(screen, content)
        self._escalation = escalation or Escalation()

    def screen(
        self,
        case: Case,
        conversation: Conversation | None,
        item: InboxItem,
        inbound: Inbound,
        nearby: Nearby,
    ) -> None:
        """Screen a message in the transaction that stores it; when it fires, the message has its outcome."""
        text = inbound.text or ""
        token = start_token(text)
        if token is not None and case.invites.was_made(token):
            return
        screening = self._screen.read(text, nearby.recent, before=nearby.before, after=nearby.after)
        if screening.failed:
            self._tell_of_failure(case, conversation, item)
        if screening.route is None:
            if screening.near_miss is not None and conversation is not None:
                nearly = screening.near_miss
                case.safety_reviews.note_near_miss(
                    conversation.client, conversation.id, item.seq, nearly.route, nearly.score
                )
            return
        if conversation is not None and self.typed_follow_up(case, conversation, text) is not None:
            # Our own words, typed back to us: what they ask for shows the numbers too.
            return
        logger.info(
            "safety screen fired", inbox_seq=item.seq, route=screening.route, detectors=screening.detectors
        )
        late = inbound.sent_at is not None and case.clock.now() - inbound.sent_at > LATE_AFTER
        case.inbox.finish(item, "done", f"safety:{screening.route}")
        if conversation is None:
            self._answer_stranger(case, item, inbound, screening, screening.route, late=late)
        else:
            self._answer(case, conversation, item, inbound, screening, screening.route, late=late)

    def raise_alarm(self, case: Case, conversation: Conversation) -> Handoff:
        """Open the urgent handoff, or ask again, and have people alerted."""
        handoff = case.handoffs.open(conversation.client, "", "safety", urgency="now").handoff
        self._escalation.start(case, handoff)
        return handoff

    def reads_danger(self, text: str) -> bool:
        """Return whether these words by themselves need a safety reply of the urgent sort."""
        return self._screen.read(text).route not in {None, Route.SOFT}

    def _answer(
        self,
        case: Case,
        conversation: Conversation,
        item: InboxItem,
        inbound: Inbound,
        screening: Screening,
        route: Route,
        *,
        late: bool,
    ) -> None:
        client = conversation.client
        rest = rest_of(inbound.text or "", self._screen)
        messages = self._content.reply(
            route,
            screening.kind,
            client.region,
            self._told(case, conversation),
            late=late,
            aside=self._put_aside(case, conversation),
            rest=bool(rest),
            # Sent before this could be stored: what is left to say is who knows now.
            numbers=not self.lifeline.answered_lately(item.bot_id, item.update_id),
        )
        self._queue(case, conversation, messages, f"in:{item.seq}:safety", item.seq)
        handoff: Handoff | None = None
        if route is not Route.SOFT:
            handoff = self.raise_alarm(case, conversation)
        elif rest:
            # Nobody is alarmed, so the promise that the rest is kept for somebody needs a handoff of its own.
            case.handoffs.open(client, rest, "question", urgency="today")
        self._record(case, item, screening, route, conversation, handoff, late=late)

    def _record(
        self,
        case: Case,
        item: InboxItem,
        screening: Screening,
        route: Route,
        conversation: Conversation | None,
        handoff: Handoff | None,
        *,
        late: bool,
    ) -> None:
        client = conversation.client if conversation else None
        case.safety_events.record(
            client=client,
            conversation_id=conversation.id if conversation else None,
            handoff_id=handoff.id if handoff else None,
            inbox_seq=item.seq,
            route=route,
            kind=screening.kind,
            detectors=screening.detectors,
            content_version=self._content.version(client.region if client else None),
            late=late,
        )

    def _put_aside(self, case: Case, conversation: Conversation) -> bool:
        """Close the open form in the dialogue, without a word; return whether one is known to be open.

        Also when messages wait in front of this one: they may be about to open one.
        """
        was_open = conversation.open_form is not None
        if was_open or case.inbox.waits_in(conversation):
            case.inbox.receive_internal(conversation, internal_turn(PUT_ASIDE))
        conversation.open_form = None
        return was_open

    def _tell_of_failure(self, case: Case, conversation: Conversation | None, item: InboxItem) -> None:
        """Have a human look at what the screen could not read; the ordinary turn goes on."""
        logger.error("safety screen failed", inbox_seq=item.seq, known=conversation is not None)
        if conversation is None:
            return
        since = case.clock.now() - SAY_FAILED_EVERY
        for handoff in case.handoffs.open_for(conversation.client):
            if handoff.reason == "screen_failed" and any(event.at > since for event in handoff.events):
                return
        case.handoffs.open(conversation.client, "", "screen_failed", urgency="now")

    def say_unreadable(self, case: Case, conversation: Conversation, item: InboxItem) -> None:
        """Say that only text can be read, with the numbers: a voice note may be a call for help.

        While a person has the chat, once an hour: they may be exchanging pictures.
        """
        key = f"in:{item.seq}:unreadable"
        if conversation.mode == Mode.PERSON:
            key = f"unreadable:{conversation.id}:{case.clock.now():%Y%m%d%H}"
        for n, message in enumerate(self._content.unreadable(conversation.client.region)):
            said = Said(message.text)
            queue(case, conversation, said, key=f"{key}:{n}", origin="system", inbox_seq=item.seq)

    def say_unreadable_to_stranger(self, case: Case, item: InboxItem, inbound: Inbound) -> None:
        """Say the same to somebody we do not know, with the numbers of each country."""
        self._queue_for_stranger(case, item, inbound, self._content.unreadable(None), "unreadable")

    def typed_follow_up(self, case: Case, conversation: Conversation, text: str) -> Button | None:
        """Return the button under our last crisis text that was typed instead of pressed, if it was."""
        ours = [one for one in case.transcript.newest(conversation) if one.author in {"bot", "safety"}]
        if not ours or ours[-1].author != "safety":
            return None
        typed = _typed(text)
        for number, button in enumerate(case.buttons.newest_offer(conversation), start=1):
            if self.is_follow_up(button) and typed in {_typed(button.label), str(number)}:
                return button
        return None

    def is_follow_up(self, button: Button) -> bool:
        """Return whether a pressed button stands under a crisis text; it works whoever has the chat."""
        return FOLLOW_UP in button.means

    def follow_up(self, case: Case, conversation: Conversation, button: Button, item: InboxItem) -> None:
        """Answer one of the three buttons under a crisis text, honestly."""
        choice = str(button.means[FOLLOW_UP])
        if choice in ASKS_FOR_A_PERSON:
            self.raise_alarm(case, conversation)
        told = self._told(case, conversation)
        messages = self._content.follow_up(choice, conversation.client.region, told)
        self._queue(case, conversation, messages, f"in:{item.seq}:safety", item.seq)

    def _queue(
        self,
        case: Case,
        conversation: Conversation,
        messages: tuple[SafetyMessage, ...],
        key: str,
        inbox_seq: int,
    ) -> None:
        for n, message in enumerate(messages):
            buttons = tuple(ButtonSpec(button.label, {FOLLOW_UP: button.key}) for button in message.buttons)
            queue(
                case,
                conversation,
                Said(message.text, buttons),
                key=f"{key}:{n}",
                origin="safety",
                inbox_seq=inbox_seq,
            )

    def _answer_stranger(
        self,
        case: Case,
        item: InboxItem,
        inbound: Inbound,
        screening: Screening,
        route: Route,
        *,
        late: bool,
    ) -> None:
        numbers = not self.lifeline.answered_lately(item.bot_id, item.update_id)
        messages = self._content.reply(
            route, screening.kind, None, Told(known=False), late=late, numbers=numbers
        )
        self._queue_for_stranger(case, item, inbound, messages, "safety")
        case.strangers.count(item.bot_id)
        self._record(case, item, screening, route, None, None, late=late)
        case.inbox.forget(item)

    def _queue_for_stranger(
        self, case: Case, item: InboxItem, inbound: Inbound, messages: tuple[SafetyMessage, ...], what: str
    ) -> None:
        if inbound.chat_id is None:
            return
        for n, message in enumerate(messages):
            case.outbox.add_for_stranger(
                item.bot_id,
                inbound.chat_id,
                message.text,
                dedup_key=f"in:{item.seq}:{what}:{n}",
                safety=True,
            )

    def _told(self, case: Case, conversation: Conversation) -> Told:
        client = conversation.client
        honest = case.services.honest_time(client)
        until = when_words(honest.next_start, ZoneInfo(client.timezone)) if honest.next_start else None
        reach = self._escalation.reach(case, client)
        return Told(people=reach.people, on_duty=reach.on_duty, in_hours=honest.in_hours, until=until)


def _typed(text: str) -> str:
    """Words to compare: "I'm safe" is "I am safe". No nearer guess: "I am not safe" is near as well."""
    return " ".join("i am" if word == "im" else word for word in plain(text.replace("’", "")).split())
