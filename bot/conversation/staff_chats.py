"""The chats of members of staff: linked by a code, for alerts, and for clients where they chose that."""

from __future__ import annotations

import time
from collections import OrderedDict, deque
from collections.abc import Callable

from bot.caseload.errors import NoSuchClient
from bot.caseload.models.people import Staff
from bot.caseload.models.queues import InboxItem, OutboxItem
from bot.caseload.store import Case
from bot.conversation.commands import command_of
from bot.conversation.linking import start_token
from bot.conversation.staff_list import list_waiting
from bot.conversation.staff_opening import open_client, say_on_it
from bot.conversation.staff_sending import StaffSending
from bot.conversation.staff_speaking import StaffWords, Visit
from bot.conversation.wording import Wording
from bot.safety.content import SafetyContent
from integrations.telegram.types import Inbound

#: Nobody types or presses more than this in a minute; a phone that does is not in somebody's hand.
MOST_A_MINUTE = 30
CHATS_REMEMBERED = 5000
SILENT_KINDS = frozenset({"unblocked", "other"})


class StaffChats:
    """Answers what comes from a staff chat, within the transaction of its caller."""

    def __init__(self, client_words: Wording, content: SafetyContent, console_url: str = "") -> None:
        self._words = StaffWords.load()
        self._sending = StaffSending(client_words)
        self._content = content
        self._console_url = console_url
        self._lately: OrderedDict[str, deque[float]] = OrderedDict()

    def answer(self, case: Case, item: InboxItem, inbound: Inbound, may_speak: Callable[[], bool]) -> bool:
        """Give a message its outcome if the chat is a staff chat, or becomes one; return whether it was."""
        if inbound.chat_id is None:
            return False
        staff = case.staff.find_in_chat(item.bot_id, inbound.chat_id)
        token = start_token(inbound.text) if inbound.kind == "text" else None
        linked = case.staff.use_link(token, item.bot_id, inbound.chat_id) if token else None
        if linked is not None:
            case.audit.record("alerts linked to Telegram", staff_id=linked.id)
            said = self._words.say("linked", name=linked.first_name, url=self._console_url)
            _say_plainly(case, item, inbound.chat_id, said)
        elif staff is None:
            return False
        elif inbound.kind == "blocked":
            # Nothing can reach them there: the console's page says so from now on.
            case.staff.unlink_alerts(staff)
            case.audit.record("alerts unlinked by blocking the bot", staff_id=staff.id)
        elif inbound.kind in SILENT_KINDS:
            pass
        elif case.staff.may_read_in_telegram(staff):
            self._serve(Visit(case, staff, self._words, f"staff:{item.seq}"), inbound)
        elif may_speak():
            said = self._words.say("elsewhere", url=self._console_url)
            _say_plainly(case, item, inbound.chat_id, said)
        case.inbox.finish(item, "done", "staff chat")
        case.inbox.forget(item)
        return True

    def _serve(self, visit: Visit, inbound: Inbound) -> None:
        if not self._is_bearable(visit):
            return
        if inbound.kind == "edited":
            visit.say("edited")
        elif inbound.kind == "button":
            self._press(visit, inbound.token or "")
        elif inbound.kind != "text" or not (inbound.text or "").strip():
            visit.say("only_text")
        elif (command := command_of(inbound.text)) is not None:
            self._command(visit, command, (inbound.text or "").strip())
        else:
            self._sending.write(visit, (inbound.text or "").strip())

    def _command(self, visit: Visit, command: str, text: str) -> None:
        if command == "waiting":
            list_waiting(visit)
        elif command == "note":
            self._sending.keep_note(visit, "".join(text.split(maxsplit=1)[1:]))
        elif command == "done":
            self._sending.close(visit)
        else:
            visit.say("help")

    def _press(self, visit: Visit, token: str) -> None:
        button = visit.case.staff_buttons.find(visit.staff, token)
        if button is None:
            visit.say("old_button")
        elif button.does == "open":
            open_client(visit, button.client_id)
        elif button.does == "on_it_first":
            # The alert showed no words: nobody can be on what they have not read.
            open_client(visit, button.client_id, read_first=True)
        elif button.does == "on_it":
            say_on_it(visit, self._content, button)
        elif button.does == "take_over":
            self._sending.take_over(visit, button)
        elif button.does == "answer_once":
            self._sending.answer_once(visit, button)
        elif button.does == "send":
            self._sending.send(visit, button)
        elif button.does == "do_not_send":
            self._sending.do_not_send(visit, button)
        elif button.does == "hand_back":
            self._sending.ask_where_to_go_on(visit, button)
        elif button.does == "back":
            visit.case.staff_focus.close(visit.staff)
            list_waiting(visit)
        else:
            self._sending.hand_back(visit, button)

    def _is_bearable(self, visit: Visit) -> bool:
        """Return whether this is to be answered; says once when it is too much."""
        now, times = time.monotonic(), self._lately.setdefault(visit.staff.id, deque())
        self._lately.move_to_end(visit.staff.id)
        while len(self._lately) > CHATS_REMEMBERED:
            self._lately.popitem(last=False)
        while times and now - times[0] > 60:
            times.popleft()
        if len(times) < MOST_A_MINUTE:
            times.append(now)
            return True
        if len(times) == MOST_A_MINUTE:
            # One more than may be: said once, until the minute is over.
            times.append(now)
            visit.say("too_fast")
        return False


def may_still_read(case: Case, item: OutboxItem) -> bool:
    """Return whether a message to a staff chat may leave: the last look, at the moment it does."""
    staff = case.staff.find_enabled(item.staff_id or "")
    if staff is None or not case.staff.may_read_in_telegram(staff) or not _is_chat_of(staff, item):
        return False
    if item.about_id is None:
        return True
    try:
        case.clients.get_for(staff, item.about_id)
    except NoSuchClient:
        return False
    return True


def lose(case: Case, item: OutboxItem) -> None:
    """Close whoever is open in a staff chat that cannot be reached."""
    staff = case.staff.find_enabled(item.staff_id or "")
    if staff is not None:
        case.staff_focus.close(staff)
        case.audit.record("own Telegram cannot be reached", staff_id=staff.id)


def _is_chat_of(staff: Staff, item: OutboxItem) -> bool:
    return (staff.alert_bot_id, staff.alert_chat_id) == (item.bot_id, item.chat_id)


def _say_plainly(case: Case, item: InboxItem, chat_id: str, text: str) -> None:
    case.outbox.add_for_stranger(item.bot_id, chat_id, text, dedup_key=f"staff:{item.seq}")
