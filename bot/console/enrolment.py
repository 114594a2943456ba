"""Take somebody on: who comes to us?"""

from __future__ import annotations

from flask import Blueprint, flash, render_template
from flask.typing import ResponseReturnValue

from bot.caseload.errors import RefTaken
from bot.caseload.models.people import Staff
from bot.caseload.store import Case
from bot.console.access import for_roles
from bot.console.client_page import back, record
from bot.console.enrolment_forms import EnrolForm, new_client
from bot.console.parts import console, me
from bot.conversation import moving

pages = Blueprint("enrolment", __name__)

ROLES = ("consultant", "lead", "manager")
TAKEN = "Another client has this reference. Choose another one, or leave it empty."
#: The form may have been open since before an update.
OLD_FORM = "This form is out of date. Load the page again."


@pages.get("/clients/new")
@for_roles(*ROLES)
def page() -> ResponseReturnValue:
    """Show the empty form."""
    with console().caseload.reading() as case:
        staff = me(case)
        return _page(case, staff, new_client(staff.service))


@pages.post("/clients/new")
@for_roles(*ROLES)
def take_on() -> ResponseReturnValue:
    """Take a person on, and go to their page, where the invite link is offered."""
    form = EnrolForm()
    try:
        with console().caseload.transaction() as case:
            by = me(case)
            form.offer(by.service, _consultants(case, by))
            if not form.validate():
                return _page(case, by, form), 422
            consultant = case.moves.get_possible(by, form.consultant.data)
            taken = case.enrolments.take_on(
                by,
                form.head(),
                key=form.form_key.data or "",
                consultant=consultant,
                ref=form.ref.data,
                agreed=form.agreed(),
            )
            if taken.is_new:
                moving.tell_of_new_client(case, by, taken.client)
                record(case, by, taken.client, "client taken on", consultant.id)
    except RefTaken:
        form.ref.errors = [TAKEN]
        with console().caseload.reading() as case:
            return _page(case, me(case), form), 422
    name = taken.client.preferred_name
    if not taken.is_new:
        flash(f"{name} was saved by this form already.", "info")
    elif consultant.id == by.id:
        flash(f"{name} is your client now.", "success")
    else:
        flash(f"{name} is {consultant.name}'s client now. {consultant.first_name} is told.", "success")
    return back(taken.client.id)


def _consultants(case: Case, by: Staff) -> list[Staff]:
    return case.moves.possible(by) if by.sees_whole_service else [by]


def _page(case: Case, by: Staff, form: EnrolForm) -> str:
    form.offer(by.service, _consultants(case, by))
    if form.form_key.errors:
        form.form_key.data = new_client(by.service).form_key.data
    return render_template("enrolment/page.html", form=form, out_of_date=OLD_FORM)
