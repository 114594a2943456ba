"""Brings what a client writes to the member of staff who took the chat in their own Telegram.

It reads the transcript by itself, so that neither taking messages in nor sending waits for it.
"""

from __future__ import annotations

import asyncio

import structlog

from bot.caseload.errors import CaseloadUnavailable, NoSuchConversation
from bot.caseload.models.conversation import Conversation
from bot.caseload.models.staff_chats import StaffFocus
from bot.caseload.store import Caseload
from bot.conversation.escalation import danger_shown
from bot.conversation.staff_opening import NOT_SHOWN, has_it, is_alarmed, words_of
from bot.conversation.staff_speaking import StaffWords, Visit
from bot.conversation.supervise import where

logger = structlog.get_logger(__name__)

LOOK_SECONDS = 0.7
PAUSE_AFTER_FAILURE_SECONDS = 10.0
#: Looks between two clearings of what is out of date.
CLEAR_EVERY = 100
#: So many messages of a flood go over in one.
AT_ONCE = 20


class StaffRelay:
    """Tells members of staff what happened in the chats that they hold."""

    def __init__(self, caseload: Caseload) -> None:
        self._caseload = caseload
        self._words = StaffWords.load()

    async def run(self) -> None:
        """Tell until cancelled; a defect of this must not end the tasks beside it."""
        looks = 0
        while True:
            work = self.clear if looks % CLEAR_EVERY == 0 else self.tell_news
            looks += 1
            task = asyncio.ensure_future(asyncio.to_thread(work))
            await asyncio.wait({task})
            error = task.exception()
            if error is not None and not isinstance(error, CaseloadUnavailable):
                logger.error("staff chats not told", error=type(error).__name__, at=where(error))
            await asyncio.sleep(PAUSE_AFTER_FAILURE_SECONDS if error else LOOK_SECONDS)

    def tell_news(self) -> int:
        """Tell all news, each in its own transaction; return how many there were."""
        with self._caseload.reading() as case:
            news = case.staff_focus.with_news()
        for focus_id in news:
            self._tell(focus_id)
        return len(news)

    def clear(self) -> None:
        """Forget buttons that are out of date, the words behind them, and whom silence has closed."""
        with self._caseload.transaction() as case:
            case.staff_buttons.forget_old()
            case.staff_focus.forget_old()

    def _tell(self, focus_id: int) -> None:
        with self._caseload.transaction() as case:
            focus = case.staff_focus.claim_news(focus_id)
            if focus is None:
                return
            staff = case.staff.find_enabled(focus.staff_id)
            if staff is None or not case.staff.may_read_in_telegram(staff):
                case.staff_focus.drop(focus)
                return
            try:
                conversation = case.conversations.get_for(staff, focus.conversation_id)
            except NoSuchConversation:
                case.staff_focus.drop(focus)
                return
            visit = Visit(case, staff, self._words, f"relay:{focus.id}:{focus.shown_id}:{conversation.epoch}")
            if not has_it(staff, conversation):
                case.staff_focus.drop(focus)
                visit.say("lost", conversation.client)
            elif case.staff_focus.is_in_sight(focus):
                self._pass_on(visit, focus, conversation)
            else:
                focus.is_nudged = True
                visit.say("wrote", conversation.client, [visit.button("open", conversation.client)])

    def _pass_on(self, visit: Visit, focus: StaffFocus, conversation: Conversation) -> None:
        case, client = visit.case, conversation.client
        # Before the words are read: a cry that comes now is one that was not shown.
        danger = danger_shown(case, client)
        messages = case.staff_focus.unshown(focus, AT_ONCE)
        focus.shown_id = messages[-1].id
        label = visit.label(client)
        text = "\n".join(f"{label}: {words_of(message)}" for message in messages)
        buttons = []
        # More is to come, so that nobody can say that they have read it all.
        is_whole = len(messages) < AT_ONCE and focus.danger_seen != NOT_SHOWN
        if is_whole and danger != focus.danger_seen and is_alarmed(case, client):
            text += f"\n\n{self._words.say('danger_in_this')}"
            buttons = [visit.button("on_it", client, conversation_id=conversation.id, danger=danger)]
        visit.show(text, client, buttons)
        case.audit.record(
            "messages shown in Telegram",
            staff_id=visit.staff.id,
            client_id=client.id,
            subject=conversation.id,
        )
