"""What is decided about an appointment: a yes or a no, and what became of it."""

from __future__ import annotations

from flask import Blueprint, abort, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue

from bot.caseload.appointments import OPEN_STATUSES
from bot.caseload.diary import OUTCOMES
from bot.caseload.models.people import Staff
from bot.caseload.models.plan import Appointment
from bot.caseload.store import Case
from bot.console import labels, record_labels, times
from bot.console.parts import console, me
from bot.conversation.announcing import announce_appointment

pages = Blueprint("appointments", __name__)

#: Where a form came from, and goes back to.
BACK = {"today": "today.page", "list": "diary.ahead", "week": "diary.week"}
TO_DECIDE = {"requested", "change_requested"}


@pages.post("/appointments/<appointment_id>/confirm")
def confirm(appointment_id: str) -> ResponseReturnValue:
    """Say yes to a request, or to a wish to move."""
    with console().caseload.transaction() as case:
        staff = me(case)
        appointment = case.appointments.get_for(staff, appointment_id)
        decided, why = appointment.status in TO_DECIDE, None
        if decided:
            case.appointments.confirm(appointment)
            why = announce_appointment(case, console().words, appointment, "confirmed")
            _note(case, staff, appointment, "appointment confirmed")
    if decided:
        when = times.day_and_time(
            appointment.starts_at, appointment.client.timezone, console().caseload.clock.now()
        )
        done = f"Confirmed for {appointment.client.preferred_name}: {when}."
        _flash_told(appointment, done, "", why)
    return _back(appointment, decided)


@pages.post("/appointments/<appointment_id>/decline")
def decline(appointment_id: str) -> ResponseReturnValue:
    """Say no: a request is cancelled, and a wish to move leaves the old time as it was.

    When the client cannot come, and there is no other time, the meeting is called off.
    """
    with console().caseload.transaction() as case:
        staff = me(case)
        appointment = case.appointments.get_for(staff, appointment_id)
        decided, moves = appointment.status in TO_DECIDE, appointment.wanted_at is not None
        asked_for, why = appointment.wanted_at or appointment.starts_at, None
        if decided and not moves and appointment.status == "change_requested":
            case.diary.note_outcome(staff, appointment, "cancelled_by_client")
            why = announce_appointment(case, console().words, appointment, "called_off")
            _note(case, staff, appointment, "appointment called off")
        elif decided and moves:
            case.appointments.keep_time(appointment)
            why = announce_appointment(case, console().words, appointment, "not_moved", asked_for)
            _note(case, staff, appointment, "appointment move declined")
        elif decided:
            case.appointments.cancel_by_service(appointment)
            why = announce_appointment(case, console().words, appointment, "declined", asked_for)
            _note(case, staff, appointment, "appointment declined")
    if decided:
        name = appointment.client.preferred_name
        done = f"The old time stays for {name}." if moves else f"Declined for {name}."
        _flash_told(appointment, done, "", why)
    return _back(appointment, decided)


@pages.post("/appointments/<appointment_id>/cancel")
def cancel(appointment_id: str) -> ResponseReturnValue:
    """Cancel a meeting for the service, and tell the client."""
    with console().caseload.transaction() as case:
        staff = me(case)
        appointment = case.appointments.get_for(staff, appointment_id)
        why = None
        is_ahead = appointment.status in OPEN_STATUSES and appointment.starts_at > case.clock.now()
        if is_ahead:
            case.appointments.cancel_by_service(appointment)
            why = announce_appointment(case, console().words, appointment, "declined")
            _note(case, staff, appointment, "appointment cancelled")
    if is_ahead:
        name = appointment.client.preferred_name
        _flash_told(appointment, "Cancelled.", f"The bot tells {name}, and offers to find another time.", why)
    return _back(appointment, is_ahead)


@pages.post("/appointments/<appointment_id>/outcome")
def note_outcome(appointment_id: str) -> ResponseReturnValue:
    """Note what became of a meeting once its time has come; a wrong press is corrected by another one."""
    outcome = request.form.get("outcome", "")
    if outcome not in OUTCOMES:
        abort(400)
    with console().caseload.transaction() as case:
        staff = me(case)
        appointment = case.appointments.get_for(staff, appointment_id)
        has_come = appointment.starts_at <= case.clock.now()
        as_seen = request.form.get("seen", appointment.status) == appointment.status
        if has_come and as_seen and appointment.status != outcome:
            case.diary.note_outcome(staff, appointment, outcome)
            _note(case, staff, appointment, f"appointment {outcome}")
    said = labels.say(labels.APPOINTMENT_STATUSES, appointment.status).lower()
    if not has_come:
        flash("Its time has not come yet. Note it afterwards.", "info")
    elif not as_seen and appointment.status != outcome:
        flash(f"Somebody noted it meanwhile: {said}. Nothing was changed.", "info")
    else:
        flash(f"Noted for {appointment.client.preferred_name}: {said}.", "success")
    return _back(appointment, True)


def _flash_told(appointment: Appointment, done: str, reached: str, why: str | None) -> None:
    said = record_labels.told(done, reached, why, appointment.client)
    flash(said, "success" if why is None else "warning")


def _note(case: Case, staff: Staff, appointment: Appointment, action: str) -> None:
    case.handoffs.close_about(staff, appointment.client, f"appointment:{appointment.id}")
    case.audit.record(action, staff_id=staff.id, client_id=appointment.client_id, subject=appointment.id)


def _back(appointment: Appointment, decided: bool) -> ResponseReturnValue:
    if not decided:
        flash("There is nothing left to decide about this appointment.", "info")
    back = request.form.get("back")
    if back == "client":
        return redirect(url_for("client.page", client_id=appointment.client_id), 303)
    if back == "appointment":
        return redirect(url_for("diary.page", appointment_id=appointment.id), 303)
    return redirect(url_for(BACK.get(str(back), "inbox.page")), 303)
