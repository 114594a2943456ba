"""The inbox: who is waiting for me?"""

from __future__ import annotations

from dataclasses import dataclass

from flask import Blueprint, flash, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from bot.caseload.alerts import is_alarming
from bot.caseload.models.conversation import Conversation, Handoff, Message
from bot.caseload.models.people import Staff
from bot.caseload.models.plan import Appointment, JobLead
from bot.caseload.store import Case
from bot.console import labels
from bot.console.access import asks_by_itself
from bot.console.appointments import TO_DECIDE
from bot.console.first_steps import steps_for
from bot.console.forms import number_asked_for
from bot.console.parts import console, me, note_look
from bot.console.safety_state import chat_of, danger_is_news, danger_seen, flash_news, progress_of
from bot.console.wait_state import waits_of
from bot.conversation import escalation

pages = Blueprint("inbox", __name__)

#: The lines that stand on a card, and those that unfold.
LAST_LINES = 3
MORE_LINES = 10
#: More at once would be slow to read and to load on a phone; the others are a page further.
SHOWN = 30
NOTE_LENGTH = 500


@dataclass(frozen=True)
class Waiting:
    """One handoff, with what is needed to decide about it."""

    handoff: Handoff
    conversation: Conversation | None
    #: The last lines of the chat, oldest first.
    lines: list[Message]
    #: What it is about, if it is about one of these.
    appointment: Appointment | None
    lead: JobLead | None
    #: How far the alert about it, or the waiting, went; one sentence a line.
    progress: tuple[str, ...]

    @property
    def last_lines(self) -> list[Message]:
        """The newest few, which are seen at a glance."""
        return self.lines[-LAST_LINES:]

    @property
    def is_alarming(self) -> bool:
        """Whether somebody may be in danger and nobody is on it."""
        return is_alarming(self.handoff)

    @property
    def needs_decision(self) -> bool:
        """Whether an appointment waits for a yes or a no."""
        return self.appointment is not None and self.appointment.status in TO_DECIDE


@pages.get("/")
def page() -> ResponseReturnValue:
    """Show the open handoffs of my clients, urgent first, then longest waiting."""
    with console().caseload.reading() as case:
        staff = me(case)
        all_of_them = case.overview.waiting(staff)
        skip = min(number_asked_for("skip"), max(0, all_of_them.count - 1))
        shown = case.handoffs.waiting_for(staff, SHOWN, skip)
        note_look(case, "waiting list viewed", staff, [one.client_id for one in shown])
        return render_template(
            "inbox/page.html",
            waiting=_waiting(case, staff, shown),
            state=all_of_them.mark,
            total=all_of_them.count,
            skip=skip,
            shown=SHOWN,
            steps=steps_for(case, staff),
            urgent_first=any(labels.is_urgent(handoff) for handoff in shown),
        )


@pages.get("/waiting")
@asks_by_itself
def updates() -> ResponseReturnValue:
    """Tell an open inbox whether there is something new; the page moves only when its reader says so."""
    with console().caseload.reading() as case:
        all_of_them = case.overview.waiting(me(case))
        return jsonify(state=all_of_them.mark, count=all_of_them.count)


@pages.post("/handoffs/<handoff_id>/open")
def open_handoff(handoff_id: str) -> ResponseReturnValue:
    """Note that it was seen, and go to the chat; without a chat, to the client."""
    with console().caseload.transaction() as case:
        staff = me(case)
        handoff = case.handoffs.get_for(staff, handoff_id)
        case.handoffs.mark_seen(staff, handoff)
        conversation = chat_of(case, handoff)
    if conversation is None:
        return redirect(url_for("client.page", client_id=handoff.client_id), 303)
    return redirect(url_for("conversation.page", conversation_id=conversation.id), 303)


@pages.post("/handoffs/<handoff_id>/close")
def close(handoff_id: str) -> ResponseReturnValue:
    """Mark it as dealt with, unless the client asked once more after this page was opened."""
    note = request.form.get("note", "").strip()[:NOTE_LENGTH] or None
    # One that a page without the field sends stands for the first question.
    seen = request.form.get("asked", default=1, type=int)
    with console().caseload.transaction() as case:
        staff = me(case)
        # Locked from here on: what is compared with the page is what is closed.
        handoff = case.handoffs.lock_for(staff, handoff_id)
        client, was_open = handoff.client, handoff.is_open
        in_danger = handoff.reason == "safety"
        if was_open and in_danger:
            escalation.acknowledge(case, staff, client, danger_seen())
        is_news = danger_is_news(case, client) if in_danger else handoff.asked_count != seen
        if was_open and not is_news:
            case.handoffs.close(staff, handoff, note)
            case.audit.record("handoff closed", staff_id=staff.id, client_id=client.id, subject=handoff.id)
    name = client.preferred_name
    if was_open and is_news and in_danger:
        flash_news(client)
        return redirect(url_for("safety_state.open_link", handoff_id=handoff_id), 303)
    if was_open and is_news:
        flash(
            f"{name} asked again after you opened that page, so it still waits. Read it here first.", "danger"
        )
    elif was_open:
        flash(f"Marked as dealt with for {name}.", "success")
    else:
        flash(f"A colleague has dealt with this for {name} already.", "info")
    return redirect(url_for("inbox.page"), 303)


def _waiting(case: Case, staff: Staff, handoffs: list[Handoff]) -> list[Waiting]:
    """Complete the handoffs of a page, in as many queries for thirty as for one."""
    chats = case.conversations.of_handoffs(handoffs)
    lines = case.transcript.newest_of(list(chats.values()), MORE_LINES)
    appointments = case.appointments.among(staff, _subjects(handoffs, "appointment"))
    leads = case.leads.among(staff, _subjects(handoffs, "lead"))
    waits = waits_of(case, handoffs)
    waiting = []
    for handoff in handoffs:
        chat = chats.get(handoff.id)
        _, _, subject_id = (handoff.subject or "").partition(":")
        waiting.append(
            Waiting(
                handoff,
                chat,
                lines.get(chat.id, []) if chat else [],
                appointments.get(subject_id),
                leads.get(subject_id),
                progress_of(case, handoff) if handoff.reason == "safety" else waits.get(handoff.id, ()),
            )
        )
    return waiting


def _subjects(handoffs: list[Handoff], kind: str) -> set[str]:
    """Return the ids of what these handoffs are about, of one kind."""
    parts = [(handoff.subject or "").partition(":") for handoff in handoffs]
    return {subject_id for name, _, subject_id in parts if name == kind}
