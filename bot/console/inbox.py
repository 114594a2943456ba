"""The inbox: who is waiting for me?"""

from __future__ import annotations

from dataclasses import dataclass

from flask import Blueprint, flash, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from bot.caseload.alerts import is_alarming
from bot.caseload.errors import NoSuchAppointment, NoSuchLead
from bot.caseload.models.conversation import Conversation, Handoff, Message
from bot.caseload.models.people import Staff
from bot.caseload.models.plan import Appointment, JobLead
from bot.caseload.store import Case
from bot.console.access import asks_by_itself
from bot.console.appointments import TO_DECIDE
from bot.console.parts import console, me
from bot.console.safety_state import chat_of, progress_of
from bot.conversation import escalation

pages = Blueprint("inbox", __name__)

LAST_LINES = 3
NOTE_LENGTH = 500


@dataclass(frozen=True)
class Waiting:
    """One handoff, with what is needed to decide about it."""

    handoff: Handoff
    conversation: Conversation | None
    lines: list[Message]
    #: What it is about, if it is about one of these.
    appointment: Appointment | None
    lead: JobLead | None
    #: How far the alert about it went, one sentence a line.
    progress: tuple[str, ...]

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
        handoffs = case.handoffs.waiting_for(staff)
        waiting = [_waiting(case, staff, handoff) for handoff in handoffs]
        return render_template("inbox/page.html", waiting=waiting, state=_state(handoffs))


@pages.get("/waiting")
@asks_by_itself
def updates() -> ResponseReturnValue:
    """Tell an open inbox whether there is something new; the page moves only when its reader says so."""
    with console().caseload.reading() as case:
        handoffs = case.handoffs.waiting_for(me(case))
        return jsonify(state=_state(handoffs), count=len(handoffs))


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
    """Mark it as dealt with."""
    note = request.form.get("note", "").strip()[:NOTE_LENGTH] or None
    with console().caseload.transaction() as case:
        staff = me(case)
        handoff = case.handoffs.get_for(staff, handoff_id)
        was_open = handoff.is_open
        if was_open:
            if handoff.reason == "safety":
                escalation.acknowledge(case, staff, handoff.client)
            case.handoffs.close(staff, handoff, note)
            case.audit.record(
                "handoff closed", staff_id=staff.id, client_id=handoff.client_id, subject=handoff.id
            )
    name = handoff.client.preferred_name
    if was_open:
        flash(f"Marked as dealt with for {name}.", "success")
    else:
        flash(f"A colleague has dealt with this for {name} already.", "info")
    return redirect(url_for("inbox.page"), 303)


def _waiting(case: Case, staff: Staff, handoff: Handoff) -> Waiting:
    conversation = chat_of(case, handoff)
    lines = case.transcript.newest(conversation, LAST_LINES) if conversation else []
    return Waiting(
        handoff,
        conversation,
        lines,
        _appointment(case, staff, handoff),
        _lead(case, handoff),
        progress_of(case, handoff) if handoff.reason == "safety" else (),
    )


def _appointment(case: Case, staff: Staff, handoff: Handoff) -> Appointment | None:
    kind, _, appointment_id = (handoff.subject or "").partition(":")
    try:
        return case.appointments.get_for(staff, appointment_id) if kind == "appointment" else None
    except NoSuchAppointment:
        return None


def _lead(case: Case, handoff: Handoff) -> JobLead | None:
    kind, _, lead_id = (handoff.subject or "").partition(":")
    try:
        return case.leads.get_for_client(handoff.client, lead_id) if kind == "lead" else None
    except NoSuchLead:
        return None


def _state(handoffs: list[Handoff]) -> str:
    """Return a text that changes when the list does."""
    return " ".join(f"{handoff.id[:8]}.{handoff.status}.{handoff.asked_count}" for handoff in handoffs)
