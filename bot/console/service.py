"""Our service: how does it work for its clients?"""

from __future__ import annotations

from datetime import timedelta
from zoneinfo import ZoneInfo

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from wtforms import IntegerField, RadioField, SelectField, SubmitField
from wtforms.validators import InputRequired, NumberRange

from bot.caseload.calendars import areas_of
from bot.caseload.models.people import Service, Staff
from bot.caseload.services import SILENCE_MINUTES
from bot.caseload.store import Case
from bot.console.access import for_roles
from bot.console.forms import Form, options
from bot.console.hours_forms import DaysForm, days_of, spans_text
from bot.console.parts import console, me
from bot.spoken import DAYS

pages = Blueprint("service", __name__)

READERS = ("manager", "admin", "lead")
#: Who may change a setting; leads read them.
CHANGERS = ("manager", "admin")
#: So many of the coming days without work are shown, so that a wrong area is seen.
CLOSED_SHOWN = 4
YEAR = timedelta(days=366)
FEWEST, MOST = SILENCE_MINUTES


class HolidaysForm(Form):
    """Where the service is."""

    area = SelectField("Part of the country", validate_choice=True)
    submit = SubmitField("Save the part of the country")

    def offer(self, service: Service) -> None:
        """Offer the parts of the service's country."""
        self.area.choices = options([("", "The whole country's only"), *areas_of(service.region).items()])


class SilenceForm(Form):
    """How long a silence is."""

    minutes = IntegerField(
        "Minutes of working time",
        validators=[
            InputRequired(f"Write a number of minutes from {FEWEST} to {MOST}."),
            NumberRange(FEWEST, MOST, f"Write a number of minutes from {FEWEST} to {MOST}."),
        ],
    )
    submit = SubmitField("Save the minutes")


class LinksForm(Form):
    """Whether new phones are confirmed."""

    confirm = RadioField(
        "A newly linked phone",
        choices=options(
            [
                ("no", "can be used at once"),
                ("yes", "is told nothing until the consultant has compared its code"),
            ]
        ),
    )
    submit = SubmitField("Save this")


@pages.get("/service")
@for_roles(*READERS)
def page() -> ResponseReturnValue:
    """Show the settings of my service."""
    with console().caseload.reading() as case:
        return _page(case, me(case))


@pages.post("/service/days")
@for_roles(*CHANGERS)
def save_days() -> ResponseReturnValue:
    """Set the days and hours of everybody who has none of their own."""
    form = DaysForm(prefix="days")
    with console().caseload.transaction() as case:
        staff = me(case)
        hours = form.hours()
        if hours is None:
            return _page(case, staff, days=form), 422
        case.services.set_hours(staff.service, hours)
        case.audit.record("service hours set", staff_id=staff.id, subject=staff.service_id)
    flash("The days are saved. Clients are told these hours.", "success")
    return _back()


@pages.post("/service/holidays")
@for_roles(*CHANGERS)
def save_holidays() -> ResponseReturnValue:
    """Say in which part of the country the service is."""
    form = HolidaysForm(prefix="holidays")
    with console().caseload.transaction() as case:
        staff = me(case)
        form.offer(staff.service)
        if not form.validate():
            form.area.errors = ["Choose a part of the country from the list."]
            return _page(case, staff, holidays=form), 422
        case.services.set_holiday_area(staff.service, form.area.data or None)
        case.audit.record("holiday area set", staff_id=staff.id, subject=staff.service_id)
    flash("Saved. The next closed days are below.", "success")
    return _back()


@pages.post("/service/silence")
@for_roles(*CHANGERS)
def save_silence() -> ResponseReturnValue:
    """Say after how many minutes the lead is told that nobody answers."""
    form = SilenceForm(prefix="silence")
    with console().caseload.transaction() as case:
        staff = me(case)
        if not form.validate() or form.minutes.data is None:
            # One sentence, whatever is wrong: no number at all is said to be none by the field itself.
            form.minutes.errors = [f"Write a number of minutes from {FEWEST} to {MOST}."]
            return _page(case, staff, silence=form), 422
        case.services.set_silence_minutes(staff.service, form.minutes.data)
        case.audit.record("silence minutes set", staff_id=staff.id, subject=staff.service_id)
    flash(f"Saved. The lead is told after {form.minutes.data} minutes.", "success")
    return _back()


@pages.post("/service/confirm-links")
@for_roles(*CHANGERS)
def save_links() -> ResponseReturnValue:
    """Say whether new phones are confirmed."""
    form = LinksForm(prefix="links")
    with console().caseload.transaction() as case:
        staff = me(case)
        if not form.validate():
            return _page(case, staff, links=form), 422
        confirm = form.confirm.data == "yes"
        case.services.set_confirm_links(staff.service, confirm=confirm)
        case.audit.record(
            f"confirm links {'on' if confirm else 'off'}", staff_id=staff.id, subject=staff.service_id
        )
    flash("Saved. It is so for phones that are linked from now on.", "success")
    return _back()


def _page(
    case: Case,
    staff: Staff,
    *,
    days: DaysForm | None = None,
    holidays: HolidaysForm | None = None,
    silence: SilenceForm | None = None,
    links: LinksForm | None = None,
) -> str:
    service = staff.service
    if holidays is None:
        holidays = HolidaysForm(formdata=None, prefix="holidays", area=service.holiday_area or "")
        holidays.offer(service)
    today = case.clock.now().astimezone(ZoneInfo(service.timezone)).date()
    closed = sorted(case.working_time.closed_days(service, today, today + YEAR))[:CLOSED_SHOWN]
    areas = areas_of(service.region)
    return render_template(
        "service/page.html",
        service=service,
        may_change=staff.role in CHANGERS,
        is_manager=staff.role == "manager",
        week=[(name, spans_text(service.hours.get(str(day), []))) for day, name in enumerate(DAYS)],
        own_hours=case.staff.count_with_own_hours(service),
        areas=areas,
        area=areas.get(service.holiday_area or ""),
        closed=closed,
        retention_days=console().config.retention_days,
        days=days or days_of(service.hours),
        holidays=holidays,
        silence=silence or SilenceForm(formdata=None, prefix="silence", minutes=service.silence_minutes),
        links=links
        or LinksForm(formdata=None, prefix="links", confirm="yes" if service.confirm_links else "no"),
    )


def _back() -> ResponseReturnValue:
    return redirect(url_for("service.page"), 303)
