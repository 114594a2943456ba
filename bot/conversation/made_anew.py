"""A safety text that leaves late: its truth is made anew, for times pass and people change."""

from __future__ import annotations

from datetime import timedelta

from bot.caseload.alerts import is_alarming
from bot.caseload.models.queues import OutboxItem
from bot.caseload.store import Case
from bot.conversation.alarm import Alarm
from bot.conversation.crisis_choices import PRESSED
from bot.conversation.lifeline import LATE_AFTER
from bot.safety.content import SafetyMessage
from bot.safety.routes import Route

#: What left within this time says what was true then.
STILL_TRUE_FOR = timedelta(minutes=1)


def made_anew(alarm: Alarm, case: Case, item: OutboxItem) -> str | None:
    """Return the words that a safety text should have now; None when they may stay as they are."""
    age = case.clock.now() - item.created_at
    found = item.dedup_key.split(":")
    if age < STILL_TRUE_FOR or item.inbox_seq is None or found[2:3] != ["safety"]:
        return None
    conversation = case.conversations.find(item.conversation_id) if item.conversation_id else None
    event = case.safety_events.of_message(item.inbox_seq)
    if conversation is None or event is None:
        return None
    late, region, told = age > LATE_AFTER, conversation.client.region, alarm.told(case, conversation)
    messages: tuple[SafetyMessage, ...]
    if event.detectors and event.detectors[0].startswith(PRESSED):
        choice = event.detectors[0].removeprefix(PRESSED)
        messages = alarm.content.follow_up(choice, region, told)
    else:
        route = Route(event.route)
        alarmed = route is Route.SOFT and any(
            is_alarming(one) for one in case.handoffs.open_for(conversation.client)
        )
        messages = alarm.content.reply(route, event.kind, region, told, late=late, alarmed=alarmed)
    if not item.buttons:
        # With no region known there are the numbers of several countries, perhaps in one message: they stay.
        place, known = int(found[3]), region in alarm.content.regions
        return messages[place].text if known and place < len(messages) else None
    # Under the buttons stands the last of them, however many there are now; an offer keeps its own buttons.
    last = messages[-1]
    same = [button.label for button in last.buttons] == [button["label"] for button in item.buttons]
    return last.text if same or event.route != Route.SOFT else None
