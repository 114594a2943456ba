"""For leads and managers: which words do we keep, so that the safety check reads them rightly?"""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from bot.caseload.models.people import Staff
from bot.caseload.safety_reviews import Seen
from bot.caseload.store import Case
from bot.console.access import for_roles
from bot.console.parts import console, me
from bot.console.safety_forms import EXAMPLE_LENGTH, QUIET, ExampleForm

pages = Blueprint("safety_examples", __name__, url_prefix="/safety")


@pages.get("/examples")
@for_roles("manager", "lead")
def page() -> ResponseReturnValue:
    """Show the kept examples."""
    with console().caseload.reading() as case:
        staff = me(case)
        fires, near = case.safety_reviews.count_to_review(staff)
        examples = case.safety_examples.of_service(staff)
    return render_template(
        "safety_review/examples.html",
        tab="examples",
        examples=examples,
        fires_waiting=fires,
        near_waiting=near,
        zone=staff.service.timezone,
    )


@pages.get("/fires/<event_id>/example")
@for_roles("manager", "lead")
def from_fire(event_id: str) -> ResponseReturnValue:
    """Offer the masked words of a fire that was not needed."""
    with console().caseload.transaction() as case:
        staff = me(case)
        return _offer(case, staff, case.safety_reviews.fire_for(staff, event_id))


@pages.post("/fires/<event_id>/example")
@for_roles("manager", "lead")
def keep_from_fire(event_id: str) -> ResponseReturnValue:
    """Keep the words of a fire that was not needed."""
    with console().caseload.transaction() as case:
        staff = me(case)
        return _keep(case, staff, case.safety_reviews.fire_for(staff, event_id))


@pages.get("/near-misses/<int(max=2147483647):near_miss_id>/example")
@for_roles("manager", "lead")
def from_near_miss(near_miss_id: int) -> ResponseReturnValue:
    """Offer the masked words of a message that should have been answered."""
    with console().caseload.transaction() as case:
        staff = me(case)
        return _offer(case, staff, case.safety_reviews.near_miss_for(staff, near_miss_id))


@pages.post("/near-misses/<int(max=2147483647):near_miss_id>/example")
@for_roles("manager", "lead")
def keep_from_near_miss(near_miss_id: int) -> ResponseReturnValue:
    """Keep the words of a message that should have been answered."""
    with console().caseload.transaction() as case:
        staff = me(case)
        return _keep(case, staff, case.safety_reviews.near_miss_for(staff, near_miss_id))


@pages.post("/examples/<int(max=2147483647):example_id>/remove")
@for_roles("manager", "lead")
def remove(example_id: int) -> ResponseReturnValue:
    """Remove an example."""
    with console().caseload.transaction() as case:
        staff = me(case)
        example = case.safety_examples.remove_for(staff, example_id)
        case.audit.record(
            "safety example removed", staff_id=staff.id, client_id=example.client_id, subject=str(example_id)
        )
    flash("The example is removed.", "success")
    return redirect(url_for("safety_examples.page"), 303)


def _offer(case: Case, staff: Staff, one: Seen) -> ResponseReturnValue:
    if not one.may_be_kept:
        return _not_possible(one)
    case.audit.record("safety review viewed", staff_id=staff.id, client_id=one.client.id)
    masked = case.safety_examples.masked(one.client, one.words or "")
    return _page(one, ExampleForm(formdata=None, words=masked[:EXAMPLE_LENGTH]))


def _keep(case: Case, staff: Staff, one: Seen) -> ResponseReturnValue:
    if not one.may_be_kept:
        return _not_possible(one)
    form = ExampleForm()
    if not form.validate():
        return _page(one, form), 422
    route = None if form.answer.data == QUIET else form.answer.data
    example = case.safety_examples.keep(staff, one.client, form.words.data or "", route)
    case.audit.record(
        "safety example kept", staff_id=staff.id, client_id=one.client.id, subject=str(example.id)
    )
    flash(
        "The example is kept. The safety check is measured on it from the next time it is measured.",
        "success",
    )
    return redirect(url_for("safety_examples.page"), 303)


def _not_possible(one: Seen) -> ResponseReturnValue:
    flash(
        "Only words that are still kept, and that a reviewer found wrongly read, become an example.", "info"
    )
    return redirect(_back(one), 303)


def _page(one: Seen, form: ExampleForm) -> str:
    return render_template("safety_review/example.html", form=form, one=one, back=_back(one))


def _back(one: Seen) -> str:
    if one.is_fire:
        return url_for("safety_review.fire", event_id=one.item.id)
    return url_for("safety_review.near_miss", near_miss_id=one.item.id)
