"""One client: how are they doing?"""

from __future__ import annotations

from flask import Blueprint, flash
from flask.typing import ResponseReturnValue

from bot.caseload.appointment_reminders import SHORTLY_BEFORE
from bot.caseload.models.plan import Appointment
from bot.caseload.store import Case
from bot.console import labels, record_labels
from bot.console.client_page import back, flash_in_the_way, hosts_of, record, render, sent, usual_host
from bot.console.parts import console, me
from bot.conversation import linking
from bot.conversation.starting import why_not_started

pages = Blueprint("client", __name__)

NOT_LINKED = "This phone is not linked by an invite any more, so nothing was changed."


@pages.get("/clients/<client_id>")
def page(client_id: str) -> ResponseReturnValue:
    """Show a client's goals, appointments, jobs and consent."""
    with console().caseload.transaction() as case:
        staff = me(case)
        client = case.clients.get_for(staff, client_id)
        record(case, staff, client, "client viewed", None)
    with console().caseload.reading() as case:
        return render(case, case.clients.get_for(me(case), client_id))


@pages.post("/clients/<client_id>/phase")
def change_phase(client_id: str) -> ResponseReturnValue:
    """Move a client to another phase, forward or back."""
    form = sent("phase")
    with console().caseload.transaction() as case:
        staff = me(case)
        client = case.clients.get_for(staff, client_id)
        if not form.validate():
            return render(case, client, form), 422
        # The change itself is in the audit trail with it.
        case.phases.change(client, staff, form.phase.data)
    flash(f"The phase is “{labels.say(labels.PHASES, client.phase)}”.", "success")
    return back(client_id)


@pages.post("/clients/<client_id>/appointments")
def add_appointment(client_id: str) -> ResponseReturnValue:
    """Write down a meeting that was agreed on."""
    form = sent("appointment")
    with console().caseload.transaction() as case:
        staff = me(case)
        client = case.clients.get_for(staff, client_id)
        hosts = hosts_of(case, client)
        form.offer(hosts, usual_host(hosts, client, staff))
        starts_at = form.starts_at(client.timezone, case.clock.now()) if form.validate() else None
        if starts_at is None:
            return render(case, client, form), 422
        appointment = case.appointments.arrange(
            client,
            case.staff.get(form.with_whom.data),
            starts_at,
            minutes=form.minutes.data or 0,
            mode=form.mode.data,
            place=form.place.data or None,
            purpose=form.purpose.data or None,
        )
        record(case, staff, client, "appointment added", appointment.id)
        flash_in_the_way(case, appointment)
        flash(f"The appointment is saved. {_about_reminders(case, appointment)}", "success")
    return back(client_id)


def _about_reminders(case: Case, appointment: Appointment) -> str:
    client, name = appointment.client, appointment.client.preferred_name
    if appointment.starts_at - case.clock.now() <= SHORTLY_BEFORE:
        return f"It is too soon for a reminder. Tell {name} yourself."
    why = why_not_started(case, client)
    if why is None:
        return f"The bot reminds {name}."
    if why == "person":
        return f"The bot reminds {name}, unless a person still has the chat then."
    return f"As things are, {name} is not reminded: {record_labels.not_reached(why, client)}."


@pages.post("/clients/<client_id>/invite")
def invite(client_id: str) -> ResponseReturnValue:
    """Make an invite link and show it once; older unused ones stop working."""
    with console().caseload.transaction() as case:
        staff = me(case)
        client = case.clients.get_for(staff, client_id)
        fresh = case.invites.create(client, staff)
        record(case, staff, client, "invite made", None)
        # Shown in this answer and kept nowhere: a redirect would have to carry it in an address or a cookie.
        return render(case, client, fresh=fresh)


@pages.post("/chats/<conversation_id>/confirm")
def confirm_chat(conversation_id: str) -> ResponseReturnValue:
    """Say that a newly linked phone is really the client's."""
    with console().caseload.transaction() as case:
        staff = me(case)
        client = case.conversations.get_for(staff, conversation_id).client
        confirmed = linking.confirm_chat(case, staff, conversation_id)
    if confirmed is None:
        flash(NOT_LINKED, "info")
    else:
        flash(f"Noted: it is {client.preferred_name}.", "success")
    return back(client.id)


@pages.post("/chats/<conversation_id>/unlink")
def unlink_chat(conversation_id: str) -> ResponseReturnValue:
    """Take a phone from the client: it is not theirs, or it is lost."""
    with console().caseload.transaction() as case:
        staff = me(case)
        client = case.conversations.get_for(staff, conversation_id).client
        unlinked = linking.unlink_chat(case, console().words, console().safety, staff, conversation_id)
    if unlinked is None:
        flash(NOT_LINKED, "info")
    else:
        name = client.preferred_name
        flash(f"The phone is unlinked. To chat again, {name} needs a new invite link.", "success")
    return back(client.id)
