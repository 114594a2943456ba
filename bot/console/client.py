"""One client: how are they doing?"""

from __future__ import annotations

from dataclasses import dataclass, field

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from bot.caseload.invites import FreshInvite
from bot.caseload.models.people import Client, Staff
from bot.caseload.store import Case
from bot.console.client_forms import AppointmentForm, GoalForm, InviteForm, LeadForm
from bot.console.parts import console, me
from bot.console.safety_state import state_of
from bot.conversation import linking

pages = Blueprint("client", __name__)

NOT_LINKED = "This phone is not linked by an invite any more, so nothing was changed."


@dataclass
class Forms:
    """The small forms of the page; one that was sent with a mistake is shown open, as it was typed."""

    goal: GoalForm = field(default_factory=lambda: GoalForm(formdata=None, prefix="goal"))
    appointment: AppointmentForm = field(
        default_factory=lambda: AppointmentForm(formdata=None, prefix="appointment")
    )
    lead: LeadForm = field(default_factory=lambda: LeadForm(formdata=None, prefix="lead"))
    invite: InviteForm = field(default_factory=lambda: InviteForm(formdata=None, prefix="invite"))


@pages.get("/clients/<client_id>")
def page(client_id: str) -> ResponseReturnValue:
    """Show a client's goals, appointments, jobs and consent."""
    with console().caseload.transaction() as case:
        staff = me(case)
        client = case.clients.get_for(staff, client_id)
        _record(case, staff, client, "client viewed", None)
    with console().caseload.reading() as case:
        return _page(case, case.clients.get_for(me(case), client_id), Forms())


@pages.post("/clients/<client_id>/goals")
def add_goal(client_id: str) -> ResponseReturnValue:
    """Write down a goal."""
    form = GoalForm(prefix="goal")
    with console().caseload.transaction() as case:
        staff = me(case)
        client = case.clients.get_for(staff, client_id)
        if not form.validate():
            return _page(case, client, Forms(goal=form)), 422
        goal = case.goals.add(client, form.text.data or "", by=staff)
        _record(case, staff, client, "goal added", goal.id)
    flash("The goal is saved.", "success")
    return _back(client_id)


@pages.post("/clients/<client_id>/appointments")
def add_appointment(client_id: str) -> ResponseReturnValue:
    """Write down a meeting that was agreed on."""
    form = AppointmentForm(prefix="appointment")
    with console().caseload.transaction() as case:
        staff = me(case)
        client = case.clients.get_for(staff, client_id)
        starts_at = form.starts_at(client.timezone, case.clock.now()) if form.validate() else None
        if starts_at is None:
            return _page(case, client, Forms(appointment=form)), 422
        appointment = case.appointments.arrange(
            client,
            staff,
            starts_at,
            minutes=form.minutes.data or 0,
            mode=form.mode.data,
            place=form.place.data or None,
            purpose=form.purpose.data or None,
        )
        _record(case, staff, client, "appointment added", appointment.id)
    flash(f"The appointment is saved. The bot reminds {client.preferred_name}.", "success")
    return _back(client_id)


@pages.post("/clients/<client_id>/leads")
def add_lead(client_id: str) -> ResponseReturnValue:
    """Share a job."""
    form = LeadForm(prefix="lead")
    with console().caseload.transaction() as case:
        staff = me(case)
        client = case.clients.get_for(staff, client_id)
        if not form.validate():
            return _page(case, client, Forms(lead=form)), 422
        lead = case.leads.share(
            client,
            staff,
            title=form.title.data or "",
            employer=form.employer.data or None,
            place=form.place.data or None,
            hours_text=form.hours_text.data or None,
            pay_text=form.pay_text.data or None,
            url=form.url.data or None,
            why_match=form.why_match.data or None,
        )
        _record(case, staff, client, "lead shared", lead.id)
    flash(f"The job is saved. The bot shows it when {client.preferred_name} asks about jobs.", "success")
    return _back(client_id)


@pages.post("/clients/<client_id>/invite")
def invite(client_id: str) -> ResponseReturnValue:
    """Make an invite link and show it once; older unused ones stop working."""
    with console().caseload.transaction() as case:
        staff = me(case)
        client = case.clients.get_for(staff, client_id)
        fresh = case.invites.create(client, staff)
        _record(case, staff, client, "invite made", None)
        # Shown in this answer and kept nowhere: a redirect would have to carry it in an address or a cookie.
        return _page(case, client, Forms(), fresh)


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
    return _back(client.id)


@pages.post("/chats/<conversation_id>/unlink")
def unlink_chat(conversation_id: str) -> ResponseReturnValue:
    """Take a phone from the client: it is not theirs, or it is lost."""
    with console().caseload.transaction() as case:
        staff = me(case)
        client = case.conversations.get_for(staff, conversation_id).client
        unlinked = linking.unlink_chat(case, console().words, staff, conversation_id)
    if unlinked is None:
        flash(NOT_LINKED, "info")
    else:
        name = client.preferred_name
        flash(f"The phone is unlinked. To chat again, {name} needs a new invite link.", "success")
    return _back(client.id)


def _page(case: Case, client: Client, forms: Forms, fresh: FreshInvite | None = None) -> str:
    username = console().config.bot_username
    return render_template(
        "client/page.html",
        client=client,
        zone=client.timezone,
        state=state_of(case, client),
        forms=forms,
        goals=case.goals.all_for(client),
        appointments=case.appointments.all_for(client),
        leads=case.leads.all_for(client),
        handoffs=case.handoffs.open_for(client),
        conversations=case.conversations.of_client(client),
        to_check=linking.chats_to_check(case, client),
        consents=case.consents.history(client),
        invite=fresh,
        invite_link=f"https://t.me/{username}?start={fresh.token}" if fresh and username else None,
    )


def _record(case: Case, staff: Staff, client: Client, action: str, subject: str | None) -> None:
    case.audit.record(action, staff_id=staff.id, client_id=client.id, subject=subject)


def _back(client_id: str) -> ResponseReturnValue:
    return redirect(url_for("client.page", client_id=client_id), 303)
