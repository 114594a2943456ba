"""Answers danger: the crisis text goes out first, a human is told, and no form or mode stands in the way."""

from __future__ import annotations

from datetime import timedelta
from zoneinfo import ZoneInfo

import structlog

from bot.caseload.buttons import ButtonSpec
from bot.caseload.models.conversation import Conversation
from bot.caseload.models.queues import Button, InboxItem
from bot.caseload.store import Case
from bot.conversation.linking import start_token
from bot.conversation.speaking import queue
from bot.conversation.wording import Said, when_words
from bot.safety.content import SafetyContent, SafetyMessage, Told
from bot.safety.routes import Route
from bot.safety.screen import Screen
from integrations.telegram.types import Inbound

logger = structlog.get_logger(__name__)

FOLLOW_UP = "safety"
ASKS_FOR_A_PERSON = {"need_help_now", "ask_for_call"}
#: A message that waited longer than this, after an outage, is answered with "I have only now seen this".
LATE_AFTER = timedelta(minutes=15)


class Danger:
    """The safety screen with what follows from it; needs neither model, dialogue server nor network."""

    def __init__(self, screen: Screen, content: SafetyContent) -> None:
        self._screen = screen
        self._content = content

    def screen(
        self,
        case: Case,
        conversation: Conversation | None,
        item: InboxItem,
        inbound: Inbound,
        recent: list[str],
    ) -> None:
        """Screen a message in the transaction that stores it; when it fires, the message has its outcome."""
        text = inbound.text or ""
        if start_token(text) is not None:
            return
        screening = self._screen.read(text, recent)
        if screening.failed and conversation is not None:
            # The ordinary turn goes on; a human looks at what the screen could not read.
            case.handoffs.open(conversation.client, "", "screen_failed", urgency="now")
        if screening.route is None:
            return
        logger.info(
            "safety screen fired", inbox_seq=item.seq, route=screening.route, detectors=screening.detectors
        )
        if conversation is None:
            self._answer_stranger(case, item, inbound, screening.route, screening.kind)
            return
        handoff_id: str | None = None
        told = self._told(case, conversation)
        late = inbound.sent_at is not None and case.clock.now() - inbound.sent_at > LATE_AFTER
        messages = self._content.reply(
            screening.route, screening.kind, conversation.client.region, told, late=late
        )
        version = messages[0].version
        if screening.route is not Route.SOFT:
            opened = case.handoffs.open(conversation.client, "", "safety", urgency="now")
            handoff_id = opened.handoff.id
            case.safety_events.record(
                client=conversation.client,
                conversation_id=conversation.id,
                handoff_id=handoff_id,
                inbox_seq=item.seq,
                route=screening.route,
                kind=screening.kind,
                detectors=screening.detectors,
                content_version=version[:40],
            )
        self._queue(case, conversation, messages, f"in:{item.seq}:safety", item.seq)
        case.inbox.finish(item, "done", f"safety:{screening.route}")

    def say_unreadable(self, case: Case, conversation: Conversation, item: InboxItem) -> None:
        """Say that only text can be read, with the numbers: a voice note may be a call for help."""
        for n, message in enumerate(self._content.unreadable(conversation.client.region)):
            said = Said(message.text)
            key = f"in:{item.seq}:unreadable:{n}"
            queue(case, conversation, said, key=key, origin="system", inbox_seq=item.seq)

    def is_follow_up(self, button: Button) -> bool:
        """Return whether a pressed button stands under a crisis text; it works whoever has the chat."""
        return FOLLOW_UP in button.means

    def follow_up(self, case: Case, conversation: Conversation, button: Button, item: InboxItem) -> None:
        """Answer one of the three buttons under a crisis text, honestly."""
        choice = str(button.means[FOLLOW_UP])
        if choice in ASKS_FOR_A_PERSON:
            case.handoffs.open(conversation.client, "", "safety", urgency="now")
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
        self, case: Case, item: InboxItem, inbound: Inbound, route: Route, kind: str | None
    ) -> None:
        if inbound.chat_id is not None:
            for n, message in enumerate(self._content.reply(route, kind, None, Told(known=False))):
                case.outbox.add_for_stranger(
                    item.bot_id,
                    inbound.chat_id,
                    message.text,
                    dedup_key=f"in:{item.seq}:safety:{n}",
                    safety=True,
                )
        case.strangers.count(item.bot_id)
        case.inbox.finish(item, "done", f"safety:{route}")
        case.inbox.forget(item)

    def _told(self, case: Case, conversation: Conversation) -> Told:
        client = conversation.client
        honest = case.services.honest_time(client)
        until = when_words(honest.next_start, ZoneInfo(client.timezone)) if honest.next_start else None
        consultant = client.consultant
        return Told(
            consultant=consultant.first_name if consultant else None, in_hours=honest.in_hours, until=until
        )
