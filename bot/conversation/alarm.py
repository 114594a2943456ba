"""What danger sets off: crisis texts on their way, people alerted, and a record without words."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from bot.caseload.alerts import is_alarming
from bot.caseload.buttons import ButtonSpec
from bot.caseload.models.conversation import Conversation, Handoff
from bot.caseload.models.queues import InboxItem
from bot.caseload.store import Case
from bot.conversation.escalation import Escalation
from bot.conversation.speaking import queue
from bot.conversation.wording import Said
from bot.safety.content import SafetyContent, SafetyMessage, Told
from bot.safety.routes import Route, Screening
from bot.spoken import when_words
from integrations.telegram.types import Inbound

#: What a button under a crisis text means stands under this key.
FOLLOW_UP = "safety"


class Alarm:
    """Says the crisis texts, alerts people and keeps what was done; decides nothing itself."""

    def __init__(self, content: SafetyContent, escalation: Escalation) -> None:
        self.content = content
        self._escalation = escalation

    def say(
        self,
        case: Case,
        conversation: Conversation,
        messages: tuple[SafetyMessage, ...],
        item: InboxItem,
    ) -> None:
        """Put crisis texts with their buttons in front of all else that waits for this chat."""
        for n, message in enumerate(messages):
            buttons = tuple(ButtonSpec(button.label, {FOLLOW_UP: button.key}) for button in message.buttons)
            queue(
                case,
                conversation,
                Said(message.text, buttons),
                key=f"in:{item.seq}:safety:{n}",
                origin="safety",
                inbox_seq=item.seq,
                silent=message.silent,
            )

    def say_to_stranger(
        self, case: Case, item: InboxItem, inbound: Inbound, messages: tuple[SafetyMessage, ...], what: str
    ) -> None:
        """Say them to somebody we do not know: nothing of it is kept once it is sent."""
        if inbound.chat_id is None:
            return
        for n, message in enumerate(messages):
            case.outbox.add_for_stranger(
                item.bot_id,
                inbound.chat_id,
                message.text,
                dedup_key=f"in:{item.seq}:{what}:{n}",
                safety=True,
                silent=message.silent,
            )

    def told(self, case: Case, conversation: Conversation) -> Told:
        """Return who has been told and when they are at work: no more than is true."""
        client = conversation.client
        honest = case.services.open_time(client)
        until = when_words(honest.next_start, ZoneInfo(client.timezone)) if honest.next_start else None
        reach = self._escalation.reach(case, client)
        return Told(people=reach.people, on_duty=reach.on_duty, in_hours=honest.in_hours, until=until)

    def sound(self, case: Case, conversation: Conversation, screening: Screening, why: str = "") -> Handoff:
        """Open the urgent handoff, or ask again, and have people alerted; `why` is for them to read."""
        handoff = case.handoffs.open(conversation.client, why, "safety", urgency="now").handoff
        self._escalation.start(case, handoff, screening.route or Route.CRISIS, screening.kind)
        return handoff

    def ring_on(self, case: Case, conversation: Conversation) -> None:
        """Have people alerted anew to somebody who holds on while nobody is on it, as a further cry would."""
        events = case.safety_events.uncleared(conversation.client)
        for handoff in case.handoffs.open_for(conversation.client):
            if events and is_alarming(handoff):
                # As what was read before: a plea is nothing worse.
                self._escalation.start(case, handoff, Route(events[0].route), events[0].kind)

    def record(
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
        """Keep what fired and what the client was shown."""
        client = conversation.client if conversation else None
        case.safety_events.record(
            client=client,
            conversation_id=conversation.id if conversation else None,
            handoff_id=handoff.id if handoff else None,
            inbox_seq=item.seq,
            route=route,
            kind=screening.kind,
            detectors=screening.detectors,
            content_version=self.content.version(client.region if client else None),
            late=late,
        )
