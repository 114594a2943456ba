"""The head of a client's page: correct it, close and open again, and who covers."""

from __future__ import annotations

from flask import Blueprint, abort, flash
from flask.typing import ResponseReturnValue

from bot.caseload.errors import CoverNotPossible
from bot.console.client_page import back, record, render, sent
from bot.console.enrolment_forms import CoverForm, HeadForm, may_set_cover
from bot.console.parts import console, me

pages = Blueprint("head", __name__)


@pages.post("/clients/<client_id>/head")
def correct(client_id: str) -> ResponseReturnValue:
    """Correct names, area, region and time zone."""
    form = sent("head")
    assert isinstance(form, HeadForm)
    with console().caseload.transaction() as case:
        staff = me(case)
        client = case.clients.get_for(staff, client_id)
        form.offer_zones(client.timezone, client.service.timezone)
        if not form.validate():
            return render(case, client, form), 422
        changed = case.enrolments.correct(client, form.head())
        if changed:
            # The names of what was changed, and nothing of what it was.
            record(case, staff, client, "client corrected", ", ".join(changed))
        if "timezone" in changed:
            case.waits.set_anew_of(client)
    flash("It is saved.", "success")
    return back(client_id)


@pages.post("/clients/<client_id>/cover")
def set_cover(client_id: str) -> ResponseReturnValue:
    """Say who covers for the client's consultant."""
    form = sent("cover")
    assert isinstance(form, CoverForm)
    with console().caseload.transaction() as case:
        staff = me(case)
        client = case.clients.get_for(staff, client_id)
        if not may_set_cover(staff, client):
            abort(403)
        form.offer(case.enrolments.covers_for(client), client)
        if not form.validate():
            return render(case, client, form), 422
        before = client.cover_id
        try:
            cover = case.enrolments.set_cover(client, form.cover.data or None)
        except CoverNotPossible:
            form.cover.errors = ["They cannot cover any more. Choose somebody else."]
            return render(case, client, form), 422
        if client.cover_id != before:
            case.waits.set_anew_of(client)
            record(case, staff, client, "cover set", client.cover_id)
    if cover:
        flash(f"Saved. {cover.first_name} covers for {client.preferred_name}.", "success")
    else:
        flash(f"Saved. Nobody covers for {client.preferred_name}.", "success")
    return back(client_id)


@pages.post("/clients/<client_id>/close")
def close(client_id: str) -> ResponseReturnValue:
    """Note that the service is done with the client."""
    with console().caseload.transaction() as case:
        staff = me(case)
        client = case.clients.get_for(staff, client_id)
        if case.enrolments.close(client):
            record(case, staff, client, "client closed", None)
    flash(f"{client.preferred_name} is closed and leaves the lists.", "success")
    return back(client_id)


@pages.post("/clients/<client_id>/open-again")
def open_again(client_id: str) -> ResponseReturnValue:
    """Note that a closed client is with the service again."""
    with console().caseload.transaction() as case:
        staff = me(case)
        client = case.clients.get_for(staff, client_id)
        if case.enrolments.open_again(client):
            record(case, staff, client, "client opened again", None)
    flash(f"{client.preferred_name} is on the lists again.", "success")
    return back(client_id)
