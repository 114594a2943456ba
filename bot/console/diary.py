"""The diary: whom do I meet, and when?"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from bot.caseload.appointments import OPEN_STATUSES
from bot.caseload.models.people import Staff
from bot.caseload.models.plan import Appointment
from bot.caseload.store import Case
from bot.console import calendar_file, client_page, record_labels
from bot.console.parts import console, me, note_look
from bot.console.today import chosen, consultants_of
from bot.conversation.announcing import announce_appointment

pages = Blueprint("diary", __name__)

#: As many of one day as one looks through; whoever sees a whole service then chooses a consultant.
SHOWN_A_DAY = 25
#: Other years are a slip of the fingers in an address.
YEARS = range(2000, 2100)


@dataclass(frozen=True)
class Day:
    """One day of the week, and who is met on it."""

    on: date
    appointments: list[Appointment]
    total: int


@pages.get("/appointments")
def week() -> ResponseReturnValue:
    """Show a week, in the zone of the reader's service; `week` is any day of it."""
    with console().caseload.reading() as case:
        staff = me(case)
        zone = ZoneInfo(staff.service.timezone)
        today = case.clock.now().astimezone(zone).date()
        monday = _monday(request.args.get("week", ""), today)
        consultant = chosen(case, staff)
        days = []
        for on in (monday + timedelta(days=number) for number in range(7)):
            span = _midnight(on, zone), _midnight(on + timedelta(days=1), zone)
            met = case.diary.between(staff, *span, consultant, limit=SHOWN_A_DAY)
            total = len(met)
            if total == SHOWN_A_DAY:
                total = case.diary.count_between(staff, *span, consultant)
            days.append(Day(on, met, total))
        _note_look(case, staff, [one for day in days for one in day.appointments])
        return render_template(
            "appointments/week.html",
            days=days,
            monday=monday,
            before=monday - timedelta(days=7),
            after=monday + timedelta(days=7),
            today=today,
            **_shared(case, staff, consultant),
        )


@pages.get("/appointments/list")
def ahead() -> ResponseReturnValue:
    """Show what lies ahead, and before it what has passed and nobody noted."""
    with console().caseload.reading() as case:
        staff = me(case)
        consultant = chosen(case, staff)
        to_note = case.diary.without_outcome(staff, consultant)
        ahead = case.diary.ahead(staff, consultant)
        _note_look(case, staff, [*to_note, *ahead])
        return render_template(
            "appointments/list.html",
            to_note=to_note,
            ahead=ahead,
            **_shared(case, staff, consultant),
        )


@pages.get("/appointments/<appointment_id>")
def page(appointment_id: str) -> ResponseReturnValue:
    """Show one appointment, and what can be done about it."""
    with console().caseload.reading() as case:
        staff = me(case)
        appointment = case.appointments.get_for(staff, appointment_id)
        note_look(case, "appointment viewed", staff, [appointment.client_id])
        return _page(case, appointment, client_page.Forms())


@pages.post("/appointments/<appointment_id>/change")
def change(appointment_id: str) -> ResponseReturnValue:
    """Write down that a meeting was agreed on anew, and tell the client what holds now."""
    form = client_page.sent("appointment", appointment_id)
    with console().caseload.transaction() as case:
        staff = me(case)
        appointment = case.appointments.get_for(staff, appointment_id)
        client = appointment.client
        if appointment.status not in OPEN_STATUSES:
            flash("This appointment is not ahead any more. Add a new one on the client's page.", "info")
            return redirect(url_for("diary.page", appointment_id=appointment_id), 303)
        hosts = client_page.hosts_of(case, client)
        form.offer(hosts, client_page.usual_host(hosts, client, staff, appointment))
        starts_at = form.starts_at(client.timezone, case.clock.now()) if form.validate() else None
        if starts_at is None:
            return _page(case, appointment, client_page.Forms(form)), 422
        host = case.staff.get(form.with_whom.data)
        before = facts_told(appointment)
        case.diary.rearrange(
            appointment,
            starts_at,
            staff=host,
            minutes=form.minutes.data or 0,
            mode=form.mode.data,
            place=form.place.data or None,
            purpose=form.purpose.data or None,
        )
        is_news, why = before != facts_told(appointment), None
        if is_news:
            why = announce_appointment(case, console().words, appointment, "changed")
        case.handoffs.close_about(staff, client, f"appointment:{appointment.id}")
        client_page.record(case, staff, client, "appointment changed", appointment.id)
        client_page.flash_in_the_way(case, appointment)
    name = client.preferred_name
    reached = f"The bot tells {name}." if is_news else f"Nothing that {name} was told has changed."
    said = record_labels.told("The appointment is saved.", reached, why, client)
    flash(said, "success" if why is None else "warning")
    return redirect(url_for("diary.page", appointment_id=appointment_id), 303)


@pages.get("/appointments/<appointment_id>.ics")
def file(appointment_id: str) -> ResponseReturnValue:
    """Give an appointment as a file for a calendar; it names nobody."""
    with console().caseload.reading() as case:
        staff = me(case)
        appointment = case.appointments.get_for(staff, appointment_id)
        note_look(case, "appointment file taken", staff, [appointment.client_id])
        entry = calendar_file.entry_of(appointment, with_place=True)
    return calendar_answer([entry], "Appointment", "appointment.ics")


def calendar_answer(entries: list[calendar_file.Entry], name: str, file_name: str) -> Response:
    """Return entries as the answer that calendars read."""
    answer = Response(calendar_file.calendar(entries, name), mimetype="text/calendar")
    answer.headers["Content-Disposition"] = f'attachment; filename="{file_name}"'
    return answer


def facts_told(appointment: Appointment) -> tuple[object, ...]:
    """Return what a client was told of a meeting: once it changes, they are told again."""
    one = appointment
    return one.starts_at, one.mode, one.place, one.status, one.staff_id


def _note_look(case: Case, staff: Staff, appointments: list[Appointment]) -> None:
    note_look(case, "appointments viewed", staff, [one.client_id for one in appointments])


def _page(case: Case, appointment: Appointment, forms: client_page.Forms) -> str:
    hosts = client_page.hosts_of(case, appointment.client)
    return render_template(
        "appointments/page.html",
        one=appointment,
        client=appointment.client,
        zone=appointment.client.timezone,
        has_come=appointment.starts_at <= case.clock.now(),
        is_open=appointment.status in OPEN_STATUSES,
        forms=forms,
        hosts=hosts,
        usual_host=client_page.usual_host(hosts, appointment.client, me(case), appointment),
    )


def _shared(case: Case, staff: Staff, consultant: Staff | None) -> dict[str, object]:
    return {
        "staff": staff,
        "consultant": consultant,
        "consultants": consultants_of(case, staff),
        "zone": staff.service.timezone,
    }


def _monday(text: str, today: date) -> date:
    try:
        wanted = date.fromisoformat(text)
    except ValueError:
        wanted = today
    if wanted.year not in YEARS:
        wanted = today
    return wanted - timedelta(days=wanted.weekday())


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time(), zone)
