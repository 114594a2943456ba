"""Employers: whom does our service know, and what happened with each?"""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from bot.caseload.errors import EmployerKnown
from bot.caseload.models.people import Staff
from bot.caseload.models.work import Employer
from bot.caseload.store import Case
from bot.console.lists import SHOWN, asked
from bot.console.parts import console, me
from bot.console.work_forms import EmployerForm

pages = Blueprint("employers", __name__)

KNOWN = "There is an employer of this name and place already. Write it as it is there, or name the branch."


@pages.get("/employers")
def page() -> ResponseReturnValue:
    """List my service's employers a page at a time, or those in whose name is what I search for."""
    wanted = asked()
    with console().caseload.reading() as case:
        staff = me(case)
        found = case.dealings.page(staff, wanted.search, wanted.skip, SHOWN)
        return render_template("employers/page.html", zone=staff.service.timezone, **wanted.shows(found))


@pages.get("/employers/<employer_id>")
def one(employer_id: str) -> ResponseReturnValue:
    """Show what happened with an employer."""
    with console().caseload.reading() as case:
        staff = me(case)
        return _one(case, staff, case.employers.get_for(staff, employer_id))


@pages.post("/employers/<employer_id>")
def change(employer_id: str) -> ResponseReturnValue:
    """Correct an employer for the whole service."""
    form = EmployerForm()
    with console().caseload.transaction() as case:
        staff = me(case)
        employer = case.employers.get_for(staff, employer_id)
        if not form.validate():
            return _one(case, staff, employer, form), 422
        try:
            case.employers.change(
                employer, form.employer.data or "", form.site.data or None, form.sector.data or None
            )
        except EmployerKnown as known:
            form.employer.errors = [*form.employer.errors, KNOWN]
            return _one(case, staff, employer, form, known=str(known)), 422
        case.audit.record("employer changed", staff_id=staff.id, subject=employer.id)
    flash("The employer is saved.", "success")
    return redirect(url_for("employers.one", employer_id=employer_id), 303)


def _one(
    case: Case, staff: Staff, employer: Employer, form: EmployerForm | None = None, known: str | None = None
) -> str:
    values = {"employer": employer.name, "site": employer.site, "sector": employer.sector}
    return render_template(
        "employers/one.html",
        employer=employer,
        done=case.dealings.with_employer(staff, employer),
        form=form or EmployerForm(formdata=None, data=values),
        known=known,
        whole=staff.sees_whole_service,
        zone=staff.service.timezone,
    )
