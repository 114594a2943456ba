"""Appointments that ask for a yes or a no."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue

from bot.caseload.models.people import Staff
from bot.caseload.models.plan import Appointment
from bot.caseload.store import Case
from bot.console import times
from bot.console.parts import console, me
from bot.conversation.announcing import announce_appointment

pages = Blueprint("appointments", __name__)

TO_DECIDE = {"requested", "change_requested"}


@pages.post("/appointments/<appointment_id>/confirm")
def confirm(appointment_id: str) -> ResponseReturnValue:
    """Say yes to a request, or to a wish to move."""
    with console().caseload.transaction() as case:
        staff = me(case)
        appointment = case.appointments.get_for(staff, appointment_id)
        decided = appointment.status in TO_DECIDE
        if decided:
            case.appointments.confirm(appointment)
            announce_appointment(case, console().words, appointment, "confirmed")
            _note(case, staff, appointment, "appointment confirmed")
    if decided:
        when = times.day_and_time(
            appointment.starts_at, appointment.client.timezone, console().caseload.clock.now()
        )
        flash(f"Confirmed for {appointment.client.preferred_name}: {when}.", "success")
    return _back(appointment, decided)


@pages.post("/appointments/<appointment_id>/decline")
def decline(appointment_id: str) -> ResponseReturnValue:
    """Say no: a request is cancelled, and a wish to move leaves the old time as it was."""
    with console().caseload.transaction() as case:
        staff = me(case)
        appointment = case.appointments.get_for(staff, appointment_id)
        decided, moves = appointment.status in TO_DECIDE, appointment.status == "change_requested"
        asked_for = appointment.wanted_at or appointment.starts_at
        if moves:
            case.appointments.keep_time(appointment)
            announce_appointment(case, console().words, appointment, "not_moved", asked_for)
            _note(case, staff, appointment, "appointment move declined")
        elif decided:
            case.appointments.cancel_by_service(appointment)
            announce_appointment(case, console().words, appointment, "declined", asked_for)
            _note(case, staff, appointment, "appointment declined")
    if decided:
        name = appointment.client.preferred_name
        flash(f"The old time stays for {name}." if moves else f"Declined for {name}.", "success")
    return _back(appointment, decided)


def _note(case: Case, staff: Staff, appointment: Appointment, action: str) -> None:
    case.handoffs.close_about(staff, appointment.client, f"appointment:{appointment.id}")
    case.audit.record(action, staff_id=staff.id, client_id=appointment.client_id, subject=appointment.id)


def _back(appointment: Appointment, decided: bool) -> ResponseReturnValue:
    if not decided:
        flash("There is nothing left to decide about this appointment.", "info")
    if request.form.get("back") == "client":
        return redirect(url_for("client.page", client_id=appointment.client_id), 303)
    return redirect(url_for("inbox.page"), 303)
