"""Replies of people that leave at a chosen time: written, looked at once more when it comes, sent once."""

from __future__ import annotations

from datetime import datetime

from bot.caseload.errors import NoSuchConversation
from bot.caseload.later_replies import TIMER, ForLater
from bot.caseload.models.conversation import Conversation, Mode
from bot.caseload.models.people import Client, Staff
from bot.caseload.models.queues import Timer
from bot.caseload.models.talk import LaterReply
from bot.caseload.store import Case
from bot.conversation import ownership
from bot.conversation.wording import Wording

__all__ = ["TIMER", "AskedForSilence", "ChatNotLinked", "cancel", "change", "ring", "write"]

#: The reason of the handoff that says that something was not sent.
NOT_SENT = "not_sent"


class AskedForSilence(Exception):
    """The client has stopped messages; the author has to say that this one goes out all the same."""


class ChatNotLinked(Exception):
    """Nothing can reach this chat any more."""


def write(
    case: Case,
    staff: Staff,
    conversation: Conversation,
    text: str,
    wanted_at: datetime,
    *,
    although_stopped: bool,
    form_key: str,
) -> LaterReply:
    """Keep a reply until its time, which is moved out of the client's quiet hours.

    Raises ReplyEmpty, ReplyTooLong, BlanksLeft, AskedForSilence or ChatNotLinked.
    """
    what = _planned(case, conversation, text, wanted_at, although_stopped)
    later = case.later_replies.add(staff, conversation, what, key=form_key)
    _record(case, later, "reply for later written", staff)
    return later


def change(
    case: Case,
    staff: Staff,
    later_id: str,
    text: str,
    wanted_at: datetime,
    *,
    although_stopped: bool,
    seen_version: int,
) -> LaterReply:
    """Change one's own reply and its time; one that was held waits again.

    Raises what `write` does, NoSuchLaterReply, or SomeoneWasFaster.
    """
    conversation = case.later_replies.get_for(staff, later_id).conversation
    what = _planned(case, conversation, text, wanted_at, although_stopped)
    later = case.later_replies.change(staff, later_id, what, seen_version)
    _record(case, later, "reply for later changed", staff)
    return later


def cancel(case: Case, staff: Staff, later_id: str) -> LaterReply:
    """Cancel a reply; raises NoSuchLaterReply, or SomeoneWasFaster when it had its end before."""
    later = case.later_replies.cancel(staff, later_id)
    _record(case, later, "reply for later cancelled", staff)
    return later


def ring(words: Wording, case: Case, timer: Timer) -> None:
    """Send a reply whose time has come, unless something has happened since it was written."""
    later = case.later_replies.find(str(timer.payload["later"]))
    if later is None or later.status != "waiting" or later.send_at > case.clock.now():
        return
    conversation = case.conversations.lock(later.conversation_id)
    author = case.staff.find_enabled(later.staff_id)
    if conversation.unlinked_at is not None or author is None:
        _not_sent(case, later, conversation.client, "unlinked" if author else "account", cancelled=True)
        return
    if (why := _why_held(case, later, conversation, author)) is not None:
        _not_sent(case, later, conversation.client, why, cancelled=False)
        return
    earliest = case.preferences.after_quiet_hours(conversation.client, case.clock.now())
    if earliest > case.clock.now():
        case.later_replies.put_off(later, earliest)
        case.timers.put_off(timer, earliest)
        return
    ownership.say_as(case, words, author, conversation, later.text, key=f"later:{later.id}")
    case.later_replies.end(later, "sent")
    _record(case, later, "reply for later sent", author)


def _planned(
    case: Case, conversation: Conversation, text: str, wanted_at: datetime, although_stopped: bool
) -> ForLater:
    text = ownership.checked(text)
    if conversation.unlinked_at is not None:
        raise ChatNotLinked
    client = conversation.client
    send_at = case.preferences.after_quiet_hours(client, wanted_at)
    if case.preferences.asked_for_silence(client, send_at) and not although_stopped:
        raise AskedForSilence
    return ForLater(text, wanted_at, send_at, although_stopped)


def _why_held(case: Case, later: LaterReply, conversation: Conversation, author: Staff) -> str | None:
    """Return what the author did not know when they wrote it, if there is anything."""
    client = conversation.client
    if case.safety_events.came_since(client, later.written_at):
        return "danger"
    try:
        case.conversations.get_for(author, conversation.id)
    except NoSuchConversation:
        return "access"
    if conversation.mode == Mode.PERSON and conversation.held_by_id != author.id:
        return "colleague"
    if case.preferences.asked_for_silence(client, case.clock.now()) and not later.although_stopped:
        return "stopped"
    return None


def _not_sent(case: Case, later: LaterReply, client: Client, why: str, *, cancelled: bool) -> None:
    if cancelled:
        case.later_replies.end(later, "cancelled", why)
    else:
        case.later_replies.hold(later, why)
    case.handoffs.open(client, "", NOT_SENT, urgency="today")
    case.audit.record(
        f"reply for later {later.status}", actor="bot", client_id=later.client_id, subject=later.id
    )


def _record(case: Case, later: LaterReply, action: str, staff: Staff) -> None:
    case.audit.record(action, staff_id=staff.id, client_id=later.client_id, subject=later.id)
