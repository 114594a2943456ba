"""A client's job leads: share one, correct it, take it back."""

from __future__ import annotations

from flask import Blueprint, flash
from flask.typing import ResponseReturnValue

from bot.caseload.errors import LeadNotOpen, SomeoneWasFaster
from bot.caseload.leads import JobFacts
from bot.caseload.models.plan import JobLead
from bot.console.client_forms import LeadForm
from bot.console.client_page import back, record, render, sent
from bot.console.forms import Form
from bot.console.parts import console, me

pages = Blueprint("leads", __name__)

CHANGED = (
    "A colleague or the client changed this meanwhile: above is how it is now. "
    "Nothing of yours is saved yet. Press again if it still holds."
)
ENDED = "This job was taken back, has ended, or the client works on it already. Nothing was changed."


@pages.post("/clients/<client_id>/leads")
def add(client_id: str) -> ResponseReturnValue:
    """Share a job."""
    form = sent("lead")
    with console().caseload.transaction() as case:
        staff = me(case)
        client = case.clients.get_for(staff, client_id)
        if not form.validate():
            return render(case, client, form), 422
        lead = case.leads.share(client, staff, **_facts(form))
        record(case, staff, client, "lead shared", lead.id)
    flash(f"The job is saved. The bot shows it when {client.preferred_name} asks about jobs.", "success")
    return back(client_id, "leads")


@pages.post("/clients/<client_id>/leads/<lead_id>")
def correct(client_id: str, lead_id: str) -> ResponseReturnValue:
    """Correct what a job says; what it said before stays under it."""
    form = sent("lead_facts", lead_id)
    with console().caseload.transaction() as case:
        staff = me(case)
        client = case.clients.get_for(staff, client_id)
        lead = case.leads.get_for_client(client, lead_id)
        if not form.validate():
            return render(case, client, form), 422
        try:
            if case.leads.correct(client, lead_id, int(form.version.data), **_facts(form)):
                record(case, staff, client, "lead corrected", lead_id)
        except SomeoneWasFaster:
            form.title.errors = [CHANGED]
            form.version.data = str(lead.version)
            return render(case, client, form), 409
        except LeadNotOpen:
            flash(ENDED, "info")
            return back(client_id, "leads")
        seen = lead.is_changed_since_shown
    name = client.preferred_name
    flash("The job is saved. What it said before is kept under it.", "success")
    if seen:
        flash(f"{name} has seen it as it was before. Tell {name} what changed.", "info")
    return back(client_id, "leads")


@pages.post("/clients/<client_id>/leads/<lead_id>/take-back")
def take_back(client_id: str, lead_id: str) -> ResponseReturnValue:
    """Offer a job no more."""
    form = sent("lead_back", lead_id)
    with console().caseload.transaction() as case:
        staff = me(case)
        client = case.clients.get_for(staff, client_id)
        lead = case.leads.get_for_client(client, lead_id)
        if not form.validate():
            return render(case, client, form), 422
        was_interested = lead.status == "interested"
        try:
            if case.leads.take_back(client, lead_id, int(form.version.data), form.why.data):
                record(case, staff, client, "lead taken back", lead_id)
        except SomeoneWasFaster:
            form.why.errors = [CHANGED]
            form.version.data = str(lead.version)
            return render(case, client, form), 409
        except LeadNotOpen:
            flash(ENDED, "info")
            return back(client_id, "leads")
    told = _to_tell(lead, client.preferred_name, was_interested)
    flash(f"The bot does not offer this job any more. {told}", "success")
    return back(client_id, "leads")


@pages.post("/clients/<client_id>/leads/<lead_id>/offer-again")
def offer_again(client_id: str, lead_id: str) -> ResponseReturnValue:
    """Undo that a job was taken back."""
    with console().caseload.transaction() as case:
        staff = me(case)
        client = case.clients.get_for(staff, client_id)
        if case.leads.offer_again(client, lead_id):
            record(case, staff, client, "lead offered again", lead_id)
    flash("The job is on offer again.", "success")
    return back(client_id, "leads")


def _facts(form: Form) -> JobFacts:
    assert isinstance(form, LeadForm)
    return {
        "title": form.title.data or "",
        "employer": form.employer.data or None,
        "place": form.place.data or None,
        "hours_text": form.hours_text.data or None,
        "pay_text": form.pay_text.data or None,
        "url": form.url.data or None,
        "why_match": form.why_match.data or None,
    }


def _to_tell(lead: JobLead, name: str, was_interested: bool) -> str:
    if was_interested:
        return f"{name} said yes to it: tell {name} yourself."
    if lead.shown_at is not None:
        return f"{name} has seen it. If {name} asks about it, the bot says that it is not on offer any more."
    return f"{name} has not seen it."
