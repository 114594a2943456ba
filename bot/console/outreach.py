"""Tries to reach a client."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue

from bot.console import client_page
from bot.console.parts import console, me

pages = Blueprint("outreach", __name__)


@pages.post("/clients/<client_id>/outreach")
def add(client_id: str) -> ResponseReturnValue:
    """Write down that I tried to reach somebody."""
    form = client_page.sent("outreach", client_id)
    with console().caseload.transaction() as case:
        staff = me(case)
        client = case.clients.get_for(staff, client_id)
        if not form.validate():
            return client_page.render(case, client, form), 422
        attempt = case.outreach.record(
            client, staff, how=form.how.data, result=form.result.data, note=form.note.data or None
        )
        client_page.record(case, staff, client, "outreach noted", str(attempt.id))
    flash(f"Noted that you tried to reach {client.preferred_name}.", "success")
    if request.form.get("back") == "today":
        return redirect(url_for("today.page"), 303)
    return client_page.back(client_id, "outreach")
