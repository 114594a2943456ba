"""My hours: when do I work, when am I away, and who reads my clients' messages then?"""

from __future__ import annotations

from dataclasses import dataclass

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from bot.caseload.absences import COVERS
from bot.caseload.errors import AwayAlready, CoverNotPossible
from bot.caseload.models.hours import Absence
from bot.caseload.models.people import Staff
from bot.caseload.store import Case
from bot.console import labels, times
from bot.console.hours_forms import AbsenceForm, DaysForm, days_of, spans_text
from bot.console.parts import console, me
from bot.conversation import covering
from bot.spoken import DAYS

pages = Blueprint("hours", __name__)

NOTE_LENGTH = 200


@dataclass(frozen=True)
class ColleagueLine:
    """Somebody of my team, and whether they are away."""

    staff: Staff
    #: The absence that goes on now, or else the next one.
    absence: Absence | None
    is_away: bool


@pages.get("/hours")
def page() -> ResponseReturnValue:
    """Show my days and absences; leads and managers also find their colleagues here."""
    with console().caseload.reading() as case:
        staff = me(case)
        return _page(case, staff, staff)


@pages.get("/hours/<colleague_id>")
def colleague(colleague_id: str) -> ResponseReturnValue:
    """Show a colleague's days and absences, to those who may set them."""
    with console().caseload.reading() as case:
        by = me(case)
        return _page(case, by, case.staff.get_to_arrange(by, colleague_id))


@pages.post("/hours/<colleague_id>/days")
def save_days(colleague_id: str) -> ResponseReturnValue:
    """Set somebody's own days and hours."""
    form = DaysForm(prefix="days")
    with console().caseload.transaction() as case:
        by = me(case)
        staff = case.staff.get_to_arrange(by, colleague_id)
        hours = form.hours()
        if hours is None:
            return _page(case, by, staff, days=form), 422
        _set_hours(case, by, staff, hours)
    flash("The days are saved. Clients are told these hours.", "success")
    return _back(by, staff)


@pages.post("/hours/<colleague_id>/service-days")
def use_service(colleague_id: str) -> ResponseReturnValue:
    """Let somebody work whenever the service does."""
    with console().caseload.transaction() as case:
        by = me(case)
        staff = case.staff.get_to_arrange(by, colleague_id)
        _set_hours(case, by, staff, None)
    flash("The days are those of the service again.", "success")
    return _back(by, staff)


@pages.post("/hours/<colleague_id>/absences")
def add_absence(colleague_id: str) -> ResponseReturnValue:
    """Write down a time away, with who covers."""
    form = AbsenceForm(prefix="away")
    with console().caseload.transaction() as case:
        by = me(case)
        staff = case.staff.get_to_arrange(by, colleague_id)
        covers = {one.id: one for one in _covers(case, staff)}
        form.offer(list(covers.values()))
        span = form.span(staff.service.timezone, case.clock.now())
        cover = covers.get(form.cover.data or "")
        if form.cover.data and cover is None:
            form.cover.errors = [*form.cover.errors, "Choose somebody from the list."]
        if span is None or form.cover.errors:
            return _page(case, by, staff, away=form), 422
        note = (form.note.data or "")[:NOTE_LENGTH] or None
        try:
            absence = case.absences.add(by, staff, *span, cover=cover, note=note)
        except AwayAlready:
            form.first.errors = [
                *form.first.errors,
                "There is an absence in that time already. End that one first, or choose other days.",
            ]
            return _page(case, by, staff, away=form), 422
        except CoverNotPossible:
            form.cover.errors = [*form.cover.errors, "They are away then too. Choose somebody else."]
            return _page(case, by, staff, away=form), 422
        case.waits.set_anew_for(staff)
        meetings = covering.plan(case, absence)
        case.audit.record("absence added", staff_id=by.id, subject=absence.id)
    who = cover.first_name if cover else "The lead"
    flash(f"Saved. {who} reads the messages of {_whose(by, staff)} clients then.", "success")
    if meetings:
        falls = "falls" if len(meetings) == 1 else "fall"
        flash(f"{labels.count(len(meetings), 'meeting')} {falls} into that time: see below.", "info")
    return _back(by, staff)


@pages.post("/absences/<absence_id>/end")
def end_absence(absence_id: str) -> ResponseReturnValue:
    """End an absence now, or call it off."""
    with console().caseload.transaction() as case:
        by = me(case)
        absence = case.absences.get_for(by, absence_id)
        ended = case.absences.end(absence)
        if ended:
            covering.call_off(case, absence)
            case.waits.set_anew_for(absence.staff)
            case.audit.record("absence ended", staff_id=by.id, subject=absence.id)
    if ended:
        flash(f"The absence has ended. {absence.staff.first_name} is back.", "success")
    else:
        flash("That absence had ended already.", "info")
    return _back(by, absence.staff)


def _set_hours(case: Case, by: Staff, staff: Staff, hours: dict[str, list[list[str]]] | None) -> None:
    case.staff.set_hours(staff, hours)
    case.waits.set_anew_for(staff)
    case.audit.record("working hours set", staff_id=by.id, subject=staff.id)


def _page(
    case: Case, by: Staff, staff: Staff, *, days: DaysForm | None = None, away: AbsenceForm | None = None
) -> str:
    absences, now = case.absences.ahead_of(staff), case.clock.now()
    covers = _covers(case, staff)
    hours = staff.service.hours if staff.hours is None else staff.hours
    if away is None:
        away = AbsenceForm(formdata=None, prefix="away")
        away.offer(covers)
    return render_template(
        "hours/page.html",
        staff=staff,
        zone=staff.service.timezone,
        is_me=staff.id == by.id,
        has_own=staff.hours is not None,
        week=[(name, spans_text(hours.get(str(day), []))) for day, name in enumerate(DAYS)],
        absences=[(one, one.holds(now), case.stranded.during(one, by)) for one in absences],
        covers=case.absences.covered_by(staff),
        days=days or days_of(hours),
        away=away,
        since=lambda one: times.first_moment(one.from_at, staff.service.timezone, now),
        until=lambda one: times.last_moment(one.until_at, staff.service.timezone, now),
        colleagues=_colleagues(case, by) if staff.id == by.id else [],
    )


def _covers(case: Case, staff: Staff) -> list[Staff]:
    return [one for one in case.staff.with_role(staff.service, *COVERS) if one.id != staff.id]


def _colleagues(case: Case, by: Staff) -> list[ColleagueLine]:
    lines = []
    for staff in case.staff.to_arrange(by):
        if staff.id != by.id:
            absence = next(iter(case.absences.ahead_of(staff)), None)
            lines.append(ColleagueLine(staff, absence, bool(absence and absence.holds(case.clock.now()))))
    return lines


def _whose(by: Staff, staff: Staff) -> str:
    return "your" if by.id == staff.id else f"{staff.first_name}'s"


def _back(by: Staff, staff: Staff) -> ResponseReturnValue:
    if by.id == staff.id:
        return redirect(url_for("hours.page"), 303)
    return redirect(url_for("hours.colleague", colleague_id=staff.id), 303)
