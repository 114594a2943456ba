"""From a staff chat to one client: shown back before it is sent, and never sent to the wrong one."""

from __future__ import annotations

from datetime import timedelta

from bot.caseload.errors import NoSuchConversation, NotHolding, SomeoneWasFaster
from bot.caseload.models.people import Client
from bot.caseload.models.staff_chats import StaffButton, StaffFocus
from bot.caseload.staff_buttons import StaffButtonSpec
from bot.caseload.staff_focus import ANSWER, HOLD, LOOK
from bot.conversation import ownership
from bot.conversation.staff_opening import choices, has_it, open_client, tell_danger_news, who_has
from bot.conversation.staff_speaking import Visit
from bot.conversation.wording import Wording

#: So long after their last words to a client whose chat they have, the next ones need no yes.
IN_FULL_FLOW = timedelta(minutes=2)
MOST_DRAFTS = 5
MAX_NOTE = 500


class StaffSending:
    """What a member of staff says to the client whom they have open, and who has the chat."""

    def __init__(self, client_words: Wording) -> None:
        self._client_words = client_words

    def write(self, visit: Visit, text: str) -> None:
        """Take words for the open client: show them back first, unless the two are in full flow."""
        focus = visit.case.staff_focus.current(visit.staff)
        if focus is None:
            visit.say("choose_first")
            return
        client, conversation = focus.conversation.client, focus.conversation
        visit.case.staff_focus.stay(focus)
        if focus.mode == LOOK:
            visit.say("choose_how", client, choices(visit, conversation, focus.danger_seen, alarms=False))
            tell_danger_news(visit, client, focus.danger_seen)
        elif len(text) > ownership.MAX_REPLY:
            visit.say("too_long")
        elif self._is_lost(visit, focus):
            return
        elif self._is_in_full_flow(visit, focus):
            self._deliver(visit, focus, text, visit.key)
        else:
            self._show_back(visit, focus, text)

    def send(self, visit: Visit, button: StaffButton) -> None:
        """Send words that were shown back, if they are still for whoever is open."""
        words, offer = button.words or "", button.offer
        visit.case.staff_buttons.use(button)
        focus = visit.case.staff_focus.current(visit.staff)
        if focus is None or focus.conversation_id != button.conversation_id or focus.mode == LOOK:
            client = self._seen(visit, button)
            if client is not None:
                visit.say("closed_meanwhile", client)
        elif not self._is_lost(visit, focus):
            self._deliver(visit, focus, words, offer)

    def do_not_send(self, visit: Visit, button: StaffButton) -> None:
        """Forget words that were shown back."""
        visit.case.staff_buttons.use(button)
        visit.say("not_sent")

    def take_over(self, visit: Visit, button: StaffButton) -> None:
        """Take the chat, if nobody did since its words were shown."""
        focus = self._open_for(visit, button)
        if focus is None:
            return
        case, staff, conversation = visit.case, visit.staff, focus.conversation
        if has_it(staff, conversation):
            visit.say("have_it", conversation.client)
            return
        seen = button.danger or ""
        try:
            ownership.take_over(
                case, self._client_words, staff, conversation.id, button.epoch or 0, danger_seen=seen
            )
        except SomeoneWasFaster:
            conversation = case.conversations.lock(conversation.id)
            visit.say("faster", conversation.client, who=who_has(visit, conversation))
            return
        focus.epoch_seen = conversation.epoch
        case.staff_focus.set_mode(focus, HOLD)
        self._record(visit, focus, "conversation taken in Telegram")
        visit.say("taken", conversation.client, [self._bound(visit, focus, "hand_back")])
        tell_danger_news(visit, conversation.client, seen)

    def answer_once(self, visit: Visit, button: StaffButton) -> None:
        """Wait for one answer to the client; the bot keeps the chat."""
        focus = self._open_for(visit, button)
        if focus is None:
            return
        if has_it(visit.staff, focus.conversation):
            visit.say("have_it", focus.conversation.client)
            return
        visit.case.staff_focus.set_mode(focus, ANSWER)
        visit.say("answer", focus.conversation.client)

    def ask_where_to_go_on(self, visit: Visit, button: StaffButton | None = None) -> None:
        """Ask where the bot goes on, before the chat is handed back."""
        focus = self._open_for(visit, button) if button else visit.case.staff_focus.current(visit.staff)
        if focus is None or self._is_lost(visit, focus):
            return
        buttons = [self._bound(visit, focus, f"back_{one}") for one in ownership.Resume]
        visit.say("hand_back", focus.conversation.client, buttons)

    def hand_back(self, visit: Visit, button: StaffButton) -> None:
        """Give the chat back to the bot, which goes on where this person chose."""
        focus = self._open_for(visit, button)
        if focus is None:
            return
        client, resume = focus.conversation.client, ownership.Resume(button.does.removeprefix("back_"))
        try:
            ownership.hand_back(
                visit.case, self._client_words, visit.staff, focus.conversation_id, focus.note, resume
            )
        except NotHolding:
            visit.say("lost", client)
        else:
            self._record(visit, focus, "conversation handed back in Telegram")
            # With the label alone: somebody on duty may see the client no more from now on.
            visit.say("handed_back", label=visit.label(client))
        visit.case.staff_buttons.forget_drafts(visit.staff)
        visit.case.staff_focus.drop(focus)

    def keep_note(self, visit: Visit, note: str) -> None:
        """Keep a note for the client until the chat is handed back."""
        focus = visit.case.staff_focus.current(visit.staff)
        if focus is None or focus.mode != HOLD:
            visit.say("note_when")
        elif not 1 <= len(note) <= MAX_NOTE:
            visit.say("note_how")
        else:
            focus.note = note
            visit.case.staff_focus.stay(focus)
            visit.say("note_kept", focus.conversation.client)

    def close(self, visit: Visit) -> None:
        """Close whoever is open, unless this person has the chat: then it is handed back first."""
        focus = visit.case.staff_focus.current(visit.staff)
        if focus is None:
            visit.say("nothing_open")
        elif has_it(visit.staff, focus.conversation):
            visit.case.staff_focus.stay(focus)
            visit.say("still_yours", focus.conversation.client, [self._bound(visit, focus, "hand_back")])
        else:
            visit.case.staff_buttons.forget_drafts(visit.staff)
            visit.case.staff_focus.close(visit.staff)
            visit.say("closed")

    def _show_back(self, visit: Visit, focus: StaffFocus, text: str) -> None:
        if visit.case.staff_buttons.drafts_of(visit.staff) >= MOST_DRAFTS:
            visit.say("too_many")
            return
        client = focus.conversation.client
        if visit.case.staff_focus.unshown(focus, limit=1):
            visit.say("wrote_again", client, [visit.button("open", client)])
        yes, no = self._bound(visit, focus, "send", text), self._bound(visit, focus, "do_not_send")
        visit.say("preview", client, [yes, no], text=text)

    def _deliver(self, visit: Visit, focus: StaffFocus, text: str, key: str) -> None:
        case, client = visit.case, focus.conversation.client
        try:
            ownership.reply(
                case, self._client_words, visit.staff, focus.conversation_id, text, f"staff:{key}",
                focus.danger_seen,
            )  # fmt: skip
        except ownership.ChatHeldByAnother:
            visit.say("held_by_another", client)
            return
        self._record(visit, focus, "reply sent from Telegram")
        if focus.mode == HOLD:
            focus.wrote_at = case.clock.now()
            case.staff_focus.stay(focus)
            visit.say("sent", client)
        else:
            visit.say("sent_once", client)
            case.staff_focus.close(visit.staff)
        tell_danger_news(visit, client, focus.danger_seen)

    def _is_in_full_flow(self, visit: Visit, focus: StaffFocus) -> bool:
        wrote_at = focus.wrote_at
        return (
            focus.mode == HOLD and wrote_at is not None and visit.case.clock.now() - wrote_at < IN_FULL_FLOW
        )

    def _is_lost(self, visit: Visit, focus: StaffFocus) -> bool:
        """Tell somebody who took a chat here, and has it no more; their words go nowhere."""
        if focus.mode != HOLD or has_it(visit.staff, focus.conversation):
            return False
        visit.say("lost", focus.conversation.client)
        visit.case.staff_focus.drop(focus)
        return True

    def _open_for(self, visit: Visit, button: StaffButton) -> StaffFocus | None:
        """Return the open client whom a button is about; another one is opened, and read, first."""
        focus = visit.case.staff_focus.current(visit.staff)
        if focus is not None and focus.conversation_id == button.conversation_id:
            visit.case.staff_focus.stay(focus)
            return focus
        open_client(visit, button.client_id)
        return None

    def _seen(self, visit: Visit, button: StaffButton) -> Client | None:
        """Return the client of a button, unless this person may no longer see them."""
        try:
            return visit.case.conversations.get_for(visit.staff, button.conversation_id or "").client
        except NoSuchConversation:
            visit.say("not_yours")
            return None

    def _bound(self, visit: Visit, focus: StaffFocus, does: str, words: str | None = None) -> StaffButtonSpec:
        return visit.button(
            does,
            focus.conversation.client,
            conversation_id=focus.conversation_id,
            epoch=focus.conversation.epoch,
            danger=focus.danger_seen,
            words=words,
        )

    def _record(self, visit: Visit, focus: StaffFocus, action: str) -> None:
        visit.case.audit.record(
            action,
            staff_id=visit.staff.id,
            client_id=focus.conversation.client_id,
            subject=focus.conversation_id,
        )
