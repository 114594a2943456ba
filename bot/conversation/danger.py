"""Answers danger: the crisis text goes out first, a human is told, and no form or mode stands in the way."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import structlog

from bot.caseload.alerts import is_alarming
from bot.caseload.models.conversation import Conversation, Handoff, Mode
from bot.caseload.models.queues import InboxItem, OutboxItem
from bot.caseload.safety_events import SCREEN_FAILED
from bot.caseload.store import Case
from bot.caseload.transcript import Nearby
from bot.conversation import reachable
from bot.conversation.alarm import FOLLOW_UP, Alarm
from bot.conversation.cries import Cries
from bot.conversation.crisis_choices import CrisisChoices, is_plea
from bot.conversation.escalation import Escalation
from bot.conversation.internal import PUT_ASIDE, internal_turn
from bot.conversation.lifeline import LATE_AFTER, MAY_BE_SPEECH, Lifeline
from bot.conversation.linking import start_token
from bot.conversation.made_anew import made_anew
from bot.conversation.speaking import queue
from bot.conversation.strangers_in_danger import StrangersInDanger
from bot.conversation.wording import Said
from bot.safety.content import SafetyContent, SafetyMessage
from bot.safety.rest import rest_of
from bot.safety.routes import Route, Screening
from bot.safety.screen import Screen
from integrations.telegram.types import Inbound

logger = structlog.get_logger(__name__)

#: What people read of a message at night that no detector could read.
FAILED_AT_NIGHT = "The safety check failed on a message. Read the chat."
#: So many of the messages that wait in front of danger are read for another matter.
HELD_READ = 12
#: A screen that fails is one thing to look at, not one for each message.
SAY_FAILED_EVERY = timedelta(hours=1)
#: Time enough that somebody looks at what waits before the service closes.
STILL_OPEN_IN = timedelta(hours=1)


class Danger:
    """The safety screen with what follows from it; needs neither model, dialogue server nor network."""

    def __init__(self, screen: Screen, content: SafetyContent, escalation: Escalation | None = None) -> None:
        self._screen = screen
        self.content = content
        self.lifeline = Lifeline(screen, content)
        self._alarm = Alarm(content, escalation or Escalation())
        self._choices = CrisisChoices(self._alarm)
        self._cries = Cries()
        self.strangers = StrangersInDanger(content, self._alarm, self.lifeline, self._cries)

    def look(
        self,
        case: Case,
        conversation: Conversation | None,
        item: InboxItem,
        inbound: Inbound,
        nearby: Nearby,
    ) -> None:
        """Do in the transaction that stores a message all that must not wait for a turn.

        That is: the choices under a crisis text, the screen, and the numbers after a voice note or a picture.
        """
        if conversation is not None:
            chosen = self._choices.chosen(case, conversation, inbound)
            if chosen is not None:
                reachable.came_back(case, conversation)
                self._choices.answer(case, conversation, chosen, item)
                case.inbox.finish(item, "done", "safety follow-up")
                return
        # Also of a kind that we cannot use: a text of impossible length may still be a call for help.
        if inbound.all_words and inbound.kind != "group":
            self._screen_words(case, conversation, item, inbound, nearby)
        if item.status == "new" and conversation is None:
            self.strangers.go_on(case, item, inbound)
        elif item.status == "new" and inbound.kind == "text" and is_plea(inbound.text or ""):
            self._answer_plea(case, conversation, item)
        if conversation is not None and inbound.kind in MAY_BE_SPEECH and item.status == "new":
            self._say_unreadable(case, conversation, item)

    def _screen_words(
        self,
        case: Case,
        conversation: Conversation | None,
        item: InboxItem,
        inbound: Inbound,
        nearby: Nearby,
    ) -> None:
        text = inbound.all_words
        token = start_token(inbound.text)
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
        logger.info(
            "safety screen fired", inbox_seq=item.seq, route=screening.route, detectors=screening.detectors
        )
        late = inbound.sent_at is not None and case.clock.now() - inbound.sent_at > LATE_AFTER
        case.inbox.finish(item, "done", f"safety:{screening.route}")
        if conversation is None:
            self.strangers.answer(case, item, inbound, screening, screening.route, late=late)
        else:
            self._answer(case, conversation, item, inbound, screening, screening.route, late=late)

    def alarm_unanswered(
        self, case: Case, conversation: Conversation, item: InboxItem, text: str, *, recorded: bool
    ) -> None:
        """Have people alerted about a message that could not be taken in, if its words are of danger.

        Not `recorded`, when the record itself is what fails: the people matter more than the pause.
        """
        screening = self._screen.read(text)
        if screening.route is None or screening.route is Route.SOFT:
            return
        unanswered = replace(screening, detectors=("set_aside",))
        handoff = self._alarm.sound(case, conversation, unanswered)
        if recorded:
            self._alarm.record(case, item, unanswered, screening.route, conversation, handoff, late=False)

    def made_anew(self, case: Case, item: OutboxItem) -> str | None:
        """Return what a safety text that leaves late should say; None when it may stay as it is."""
        return made_anew(self._alarm, case, item)

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
        # A turn that is being answered now, and commits after this, must see what happened here.
        case.conversations.lock(conversation.id)
        reachable.came_back(case, conversation)
        handoff: Handoff | None = None
        if route is not Route.SOFT:
            # The next question of a form, queued a moment ago, must not arrive under the numbers.
            case.sending.put_aside(conversation)
            # First, because the words say who was alerted now.
            handoff = self._alarm.sound(case, conversation, screening)
        rest = rest_of(inbound.text or "", self._screen)
        held = self._held_words(case, conversation, item) if route is not Route.SOFT else ""
        messages = self.content.reply(
            route,
            screening.kind,
            client.region,
            self._alarm.told(case, conversation),
            late=late,
            aside=self._put_aside(case, conversation),
            rest=bool(rest or held),
            # Sent before this could be stored: what is left to say is who knows now.
            numbers=not self.lifeline.answered_lately(item.bot_id, item.update_id),
            alarmed=route is Route.SOFT and any(is_alarming(one) for one in case.handoffs.open_for(client)),
        )
        if self._cries.are_many(conversation.bot_id, conversation.chat_id):
            messages = self.content.in_one(route, screening.kind, client.region)
        self._say(case, conversation, messages, item)
        if held:
            case.handoffs.open(client, held, "not_answered", urgency="today")
        if route is Route.SOFT and rest:
            # Nobody is alarmed, so the promise that the rest is kept for somebody needs a handoff of its own.
            case.handoffs.open(client, rest, "question", urgency="today")
        self._alarm.record(case, item, screening, route, conversation, handoff, late=late)

    def _say(
        self,
        case: Case,
        conversation: Conversation,
        messages: tuple[SafetyMessage, ...],
        item: InboxItem,
    ) -> None:
        """Queue safety texts, and have the lifeline know their buttons: they must work without a database."""
        self._alarm.say(case, conversation, messages, item)
        if any(message.buttons for message in messages):
            offered = case.buttons.newest_offer_of(conversation, FOLLOW_UP)
            self.lifeline.offer(
                conversation.bot_id, {button.token: str(button.means[FOLLOW_UP]) for button in offered}
            )

    def _held_words(self, case: Case, conversation: Conversation, item: InboxItem) -> str:
        """Return what waits in front of danger and asks for something: it gets no turn any more."""
        if conversation.mode == Mode.PERSON:
            return ""
        waiting = case.inbox.waiting_words(conversation, item.seq)[-HELD_READ:]
        return "\n".join(part for text in waiting if (part := rest_of(text, self._screen)))

    def stay(self, case: Case, conversation: Conversation, item: InboxItem) -> bool:
        """Say "I am still here", with the numbers, while nobody has cleared a danger; return whether so."""
        events = case.safety_events.uncleared(conversation.client)
        if not events or conversation.mode == Mode.PERSON:
            return False
        kinds = {event.kind for event in events if event.kind}
        told = self._alarm.told(case, conversation)
        messages = self.content.still_here(conversation.client.region, told, kinds)
        self._say(case, conversation, messages, item)
        return True

    def say_again(self, case: Case, conversation: Conversation, item: InboxItem) -> None:
        """Say to somebody who is back on the chat what they may not have got: the numbers, and who knows.

        Not where somebody else may be reading: nobody asked for it at this moment.
        """
        events = case.safety_events.uncleared(conversation.client)
        kinds = {event.kind for event in events if event.kind}
        if not events or conversation.mode == Mode.PERSON or self.content.is_quiet(kinds):
            return
        newest, region = events[0], conversation.client.region
        if newest.acknowledged_at is not None:
            self.stay(case, conversation, item)
            return
        told = self._alarm.told(case, conversation)
        messages = self.content.reply(Route(newest.route), newest.kind, region, told)
        self._say(case, conversation, messages, item)

    def _answer_plea(self, case: Case, conversation: Conversation | None, item: InboxItem) -> None:
        """Answer "help me" or "nobody is answering" here, where it waits for no dialogue."""
        if conversation is None:
            return
        # First, because the words say who was alerted now.
        self._alarm.ring_on(case, conversation)
        if not self.stay(case, conversation, item):
            return
        reachable.came_back(case, conversation)
        case.inbox.finish(item, "done", "safety:still here")

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
        client = conversation.client
        if case.safety_events.failed_since(client, case.clock.now() - SAY_FAILED_EVERY):
            return
        failed = Screening(Route.SOFT, SCREEN_FAILED, ("failed",), 0.0, failed=True)
        soon = case.clock.now() + STILL_OPEN_IN
        if case.services.open_time(client).in_hours and case.services.open_time(client, soon).in_hours:
            handoff = case.handoffs.open(client, "", "screen_failed", urgency="now").handoff
        else:
            # What waits rings in working hours only, so in the morning; danger rings now.
            handoff = self._alarm.sound(case, conversation, failed, FAILED_AT_NIGHT)
        self._alarm.record(case, item, failed, Route.SOFT, conversation, handoff, late=False)

    def _say_unreadable(self, case: Case, conversation: Conversation, item: InboxItem) -> None:
        """Say that only text can be read, with the numbers: a voice note may be a call for help.

        While a person has the chat, once an hour: they may be exchanging pictures.
        """
        if self.lifeline.answered_lately(item.bot_id, item.update_id):
            return
        key = f"in:{item.seq}:unreadable"
        if conversation.mode == Mode.PERSON:
            key = f"unreadable:{conversation.id}:{case.clock.now():%Y%m%d%H}"
        for n, message in enumerate(self.content.unreadable(conversation.client.region)):
            said = Said(message.text)
            queue(case, conversation, said, key=f"{key}:{n}", origin="system", inbox_seq=item.seq)
        self._ring_for_unreadable(case, conversation, item)

    def _ring_for_unreadable(self, case: Case, conversation: Conversation, item: InboxItem) -> None:
        """While danger is open, take what cannot be read for one cry more; whoever has the chat sees it."""
        client = conversation.client
        if case.safety_events.paused_since(client) is None:
            return
        is_watched = conversation.mode == Mode.PERSON
        if is_watched and not any(is_alarming(one) for one in case.handoffs.open_for(client)):
            return
        last = case.safety_events.newest_of(conversation)
        if last is not None and last.route != Route.SOFT:
            route, kind = Route(last.route), last.kind
        else:
            route, kind = Route.CRISIS, None
        heard = Screening(route, kind, ("not_readable",), 0.0, failed=False)
        handoff = self._alarm.sound(case, conversation, heard)
        self._alarm.record(case, item, heard, route, conversation, handoff, late=False)
