"""A client's jobs: when they start and end, hours and pay, and how it goes."""

from __future__ import annotations

from flask import Blueprint, flash
from flask.typing import ResponseReturnValue

from bot.caseload.models.people import Client
from bot.caseload.models.work import Job
from bot.console import labels
from bot.console.client_page import back, record, render, sent
from bot.console.forms import Form
from bot.console.parts import console, me

pages = Blueprint("work", __name__)

_STILL = {"yes": True, "no": False}


@pages.post("/clients/<client_id>/jobs")
def add(client_id: str) -> ResponseReturnValue:
    """Write down a job."""
    form = sent("job")
    with console().caseload.transaction() as case:
        staff = me(case)
        client = case.clients.get_for(staff, client_id)
        if not form.validate():
            return render(case, client, form), 422
        employer = case.employers.named(staff, form.employer.data, form.site.data or None)
        before = client.phase
        job = case.jobs.start(
            client,
            staff,
            employer,
            form.title.data,
            form.starts_on.data,
            hours_per_week=_number(form.hours_per_week),
            pay=_number(form.pay),
            pay_per=form.pay_per.data if form.pay.data is not None else None,
        )
        record(case, staff, client, "job added", job.id)
    flash("The job is saved. When to ask how it goes follows from its first day.", "success")
    _tell_phase(client, before)
    return back(client_id, _place(job))


@pages.post("/clients/<client_id>/jobs/<job_id>")
def correct(client_id: str, job_id: str) -> ResponseReturnValue:
    """Correct what a job is, where, and its first day."""
    form = sent("job", job_id)
    with console().caseload.transaction() as case:
        staff = me(case)
        client = case.clients.get_for(staff, client_id)
        job = case.jobs.get_for_client(client, job_id)
        if not form.validate() or not _in_order(form, job):
            return render(case, client, form), 422
        employer = case.employers.named(staff, form.employer.data, form.site.data or None)
        case.jobs.correct(job, staff, employer, form.title.data, form.starts_on.data)
        record(case, staff, client, "job changed", job.id)
    flash("The job is saved.", "success")
    return back(client_id, _place(job))


@pages.post("/clients/<client_id>/jobs/<job_id>/terms")
def change_terms(client_id: str, job_id: str) -> ResponseReturnValue:
    """Write down hours and pay from a day on; what held before is kept."""
    form = sent("terms", job_id)
    with console().caseload.transaction() as case:
        staff = me(case)
        client = case.clients.get_for(staff, client_id)
        job = case.jobs.get_for_client(client, job_id)
        if not form.validate():
            return render(case, client, form), 422
        changed = case.jobs.set_terms(
            job,
            staff,
            form.from_on.data,
            hours_per_week=_number(form.hours_per_week),
            pay=_number(form.pay),
            pay_per=form.pay_per.data if form.pay.data is not None else None,
        )
        if changed:
            record(case, staff, client, "hours and pay changed", job.id)
    flash("Hours and pay are saved. A change is a reason to talk about benefits again.", "success")
    return back(client_id, _place(job))


@pages.post("/clients/<client_id>/jobs/<job_id>/end")
def end(client_id: str, job_id: str) -> ResponseReturnValue:
    """Write down that a job ends."""
    form = sent("end", job_id)
    with console().caseload.transaction() as case:
        staff = me(case)
        client = case.clients.get_for(staff, client_id)
        job = case.jobs.get_for_client(client, job_id)
        if form.validate() and form.ends_on.data < job.starts_on:
            form.ends_on.errors = ["The last day is before the first one."]
        if form.errors:
            return render(case, client, form), 422
        before = client.phase
        case.jobs.end(job, staff, form.ends_on.data, form.reason.data)
        record(case, staff, client, "job ended", job.id)
    flash(f"The end is saved. Speak with {client.preferred_name} within 3 days.", "success")
    _tell_phase(client, before)
    return back(client_id, _place(job))


@pages.post("/clients/<client_id>/jobs/<job_id>/go-on")
def go_on(client_id: str, job_id: str) -> ResponseReturnValue:
    """Undo the end of a job: it was a mistake."""
    with console().caseload.transaction() as case:
        staff = me(case)
        client = case.clients.get_for(staff, client_id)
        job = case.jobs.get_for_client(client, job_id)
        before = client.phase
        case.jobs.go_on(job, staff)
        record(case, staff, client, "job goes on", job.id)
    flash("The job goes on.", "success")
    _tell_phase(client, before)
    return back(client_id, _place(job))


@pages.post("/clients/<client_id>/jobs/<job_id>/check-ins")
def check_in(client_id: str, job_id: str) -> ResponseReturnValue:
    """Write down how the job goes."""
    form = sent("check_in", job_id)
    with console().caseload.transaction() as case:
        staff = me(case)
        client = case.clients.get_for(staff, client_id)
        job = case.jobs.get_for_client(client, job_id)
        steps = {step.key for step in case.jobs.steps_of(client, job)}
        if form.validate() and form.step.data and form.step.data not in steps:
            form.step.errors = ["Choose one of these."]
        if form.errors:
            return render(case, client, form), 422
        before = client.phase
        noted = case.jobs.check_in(
            job,
            staff,
            step=form.step.data or None,
            done_on=form.done_on.data,
            mode=form.mode.data,
            how_it_goes=form.how_it_goes.data or None,
            still_in_job=_STILL.get(form.still_in_job.data),
            note=form.note.data or None,
        )
        record(case, staff, client, "check-in noted", str(noted.id))
    flash("The check-in is saved.", "success")
    _tell_phase(client, before)
    return back(client_id, _place(job))


def _tell_phase(client: Client, before: str) -> None:
    """Say that a client's phase moved by itself: their consultant may know better."""
    if client.phase != before:
        now, then = labels.say(labels.PHASES, client.phase), labels.say(labels.PHASES, before)
        flash(f"The phase moved from “{then}” to “{now}”. If that is not so, change it below.", "info")


def _in_order(form: Form, job: Job) -> bool:
    if job.ends_on is None or form.starts_on.data <= job.ends_on:
        return True
    form.starts_on.errors = ["The first day is after the last one."]
    return False


def _number(field: object) -> float | None:
    data = getattr(field, "data", None)
    return None if data is None else float(data)


def _place(job: Job) -> str:
    return f"job-{job.id}"
