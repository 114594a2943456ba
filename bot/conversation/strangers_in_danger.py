"""Danger in a chat that we do not know: the numbers of each country, and nothing kept or promised."""

from __future__ import annotations

from bot.caseload.models.queues import InboxItem
from bot.caseload.store import Case
from bot.caseload.transcript import Nearby
from bot.conversation.alarm import FOLLOW_UP, Alarm
from bot.conversation.cries import Cries
from bot.conversation.crisis_choices import is_choice, is_plea
from bot.conversation.lifeline import Lifeline
from bot.conversation.pieces import Pieces
from bot.safety.content import SafetyContent, Told
from bot.safety.routes import Route, Screening
from integrations.telegram.types import Inbound


class StrangersInDanger:
    """Answers people whom no service has linked; nobody can be told of them."""

    def __init__(self, content: SafetyContent, alarm: Alarm, lifeline: Lifeline, cries: Cries) -> None:
        self._content = content
        self._alarm = alarm
        self._lifeline = lifeline
        self._cries = cries
        self._pieces = Pieces()

    def nearby(self, inbound: Inbound) -> Nearby:
        """Return what this chat wrote just before: a thought may come in pieces."""
        if inbound.kind != "text" or inbound.chat_id is None:
            return Nearby()
        return Nearby(recent=self._pieces.before(inbound.bot_id, inbound.chat_id, inbound.text or ""))

    def say_unreadable(self, case: Case, item: InboxItem, inbound: Inbound) -> None:
        """Say that only text can be read, with the numbers of each country."""
        self._alarm.say_to_stranger(case, item, inbound, self._content.unreadable(None), "unreadable")

    def answer(
        self,
        case: Case,
        item: InboxItem,
        inbound: Inbound,
        screening: Screening,
        route: Route,
        *,
        late: bool,
    ) -> None:
        """Say the crisis text for those whom we do not know; nothing of the message is kept."""
        numbers = not self._lifeline.answered_lately(item.bot_id, item.update_id)
        messages = self._content.reply(
            route, screening.kind, None, Told(known=False), late=late, numbers=numbers
        )
        if self._cries.are_many(item.bot_id, inbound.chat_id or ""):
            messages = self._content.in_one(route, screening.kind, None)
        self._alarm.say_to_stranger(case, item, inbound, messages, "safety")
        self._pieces.forget(item.bot_id, inbound.chat_id or "")
        case.strangers.count(item.bot_id)
        self._alarm.record(case, item, screening, route, None, None, late=late)
        case.inbox.forget(item)

    def go_on(self, case: Case, item: InboxItem, inbound: Inbound) -> None:
        """Give the numbers again to a stranger who was answered lately, or who presses one of our buttons.

        No limit holds for it, and nobody is named: the phone may have changed hands.
        """
        chat_id = inbound.chat_id
        if chat_id is None:
            return
        kind = region = None
        if inbound.kind == "button" and inbound.token:
            button = case.buttons.find_in_closed_chat(item.bot_id, chat_id, inbound.token)
            shown_in = case.conversations.find(button.conversation_id) if button is not None else None
            if button is None or shown_in is None or FOLLOW_UP not in button.means:
                return
            event = case.safety_events.newest_of(shown_in)
            kind, region = event.kind if event else None, shown_in.client.region
        else:
            text = inbound.text or ""
            asks = inbound.kind == "text" and (is_plea(text) or is_choice(text, self._content.labels))
            if not asks or not self._cries.came_lately(item.bot_id, chat_id):
                return
        messages = self._content.numbers_alone(kind, region)
        self._alarm.say_to_stranger(case, item, inbound, messages, "safety")
        case.strangers.count(item.bot_id)
        case.inbox.finish(item, "done", "safety:stranger again")
        case.inbox.forget(item)
