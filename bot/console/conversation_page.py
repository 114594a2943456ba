"""The page of one conversation, for everything that answers with it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from flask import redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from bot.caseload.models.conversation import Conversation, Handoff, Mode
from bot.caseload.models.people import Staff
from bot.caseload.models.talk import LaterReply
from bot.caseload.presences import Other
from bot.caseload.store import Case
from bot.console import labels, timeline
from bot.console.conversation_forms import NoteForm, ReplyForm, fresh_note, fresh_reply
from bot.console.safety_state import state_of
from bot.console.wait_state import lengths_of
from bot.conversation import linking

#: Who says what the safety check missed.
REPORT_MISSES = frozenset({"manager", "lead"})


@dataclass
class Forms:
    """The forms of the page; one that was sent with a mistake is shown as it was typed."""

    reply: ReplyForm = field(default_factory=fresh_reply)
    note: NoteForm = field(default_factory=fresh_note)


def page_of(
    case: Case,
    staff: Staff,
    conversation: Conversation,
    forms: Forms,
    open_ones: Sequence[Handoff] | None = None,
) -> str:
    """Return the page as this person sees it now; `open_ones` are the client's handoffs, if known."""
    stretch = timeline.before(case, conversation, may_report=staff.role in REPORT_MISSES)
    later_replies = case.later_replies.shown_in(conversation)
    if open_ones is None:
        open_ones = case.handoffs.open_for(conversation.client)
    handoffs = [one for one in open_ones if is_shown(one)]
    return render_template(
        "conversation/page.html",
        lines=stretch.lines,
        last=stretch.last,
        last_note=stretch.last_note,
        earlier=stretch.earlier,
        form=forms.reply,
        note_form=forms.note,
        handoffs=handoffs,
        waits=lengths_of(case, handoffs),
        state=state_of(case, conversation.client),
        quick_replies=case.quick_replies.of_service(conversation.client.service),
        asked_for_silence=case.preferences.asked_for_silence(conversation.client, case.clock.now()),
        others=others_line(case.presences.others(staff, conversation)),
        later_replies=later_replies,
        later_state=later_state(later_replies),
        consent_is_open=waits_for_consent(case, conversation),
        **shown(staff, conversation),
    )


def is_shown(handoff: Handoff) -> bool:
    """Return whether the page of a chat shows this: a request for a time is seen where it can be decided."""
    return handoff.reason != "appointment"


def shown(staff: Staff, conversation: Conversation) -> dict[str, Any]:
    """Return what every part of the page needs to know."""
    is_person = conversation.mode == Mode.PERSON
    is_linked = conversation.unlinked_at is None
    mine = is_person and conversation.held_by_id == staff.id
    name = conversation.client.preferred_name
    if mine:
        hint = f"The bot stays silent. {name} sees your first name."
    else:
        hint = f"This answers {name} once. The bot keeps the chat. {name} sees your first name."
    return {
        "conversation": conversation,
        "client": conversation.client,
        "zone": conversation.client.timezone,
        "my_id": staff.id,
        "mine": mine,
        "is_linked": is_linked,
        "may_write": is_linked and (mine or not is_person),
        "who_has": labels.who_has(conversation, staff.id),
        "hint": hint,
        "may_report_misses": staff.role in REPORT_MISSES,
    }


def waits_for_consent(case: Case, conversation: Conversation) -> bool:
    """Return whether the client of a linked chat has not said yet if it is OK to chat there."""
    return conversation.unlinked_at is None and linking.waits_for_consent(case, conversation)


def others_line(others: list[Other]) -> str:
    """Say who else has the chat open, and who of them writes."""
    return " ".join(
        f"{one.first_name} is writing." if one.is_writing else f"{one.first_name} is looking at this too."
        for one in others
    )


def later_state(later_replies: list[LaterReply]) -> str:
    """Return a text that changes when the list of messages for later does."""
    return " ".join(f"{one.id[:8]}.{one.version}" for one in later_replies)


def back(conversation_id: str) -> ResponseReturnValue:
    """Go to the page of a chat after a change."""
    return redirect(url_for("conversation.page", conversation_id=conversation_id), 303)
