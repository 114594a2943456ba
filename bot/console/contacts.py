"""Contacts with employers about a client."""

from __future__ import annotations

from flask import Blueprint, flash
from flask.typing import ResponseReturnValue

from bot.caseload.errors import NoSuchRecord
from bot.console.client_page import back, record, render, sent
from bot.console.parts import console, me

pages = Blueprint("contacts", __name__)

_MATCHES = {"yes": True, "no": False}


@pages.post("/clients/<client_id>/contacts", defaults={"contact_id": None})
@pages.post("/clients/<client_id>/contacts/<contact_id>")
def save(client_id: str, contact_id: str | None) -> ResponseReturnValue:
    """Write down that somebody spoke to an employer, or correct it."""
    form = sent("contact", contact_id or "")
    with console().caseload.transaction() as case:
        staff = me(case)
        client = case.clients.get_for(staff, client_id)
        known = None
        if contact_id is not None:
            known = case.employers.get_contact(staff, contact_id)
            if known.client_id != client.id:
                raise NoSuchRecord(contact_id)
        at = form.at(client.timezone, case.clock.now()) if form.validate() else None
        if at is None:
            return render(case, client, form), 422
        employer = case.employers.named(staff, form.employer.data, form.site.data or None)
        facts = {
            "by": form.by.data,
            "at": at,
            "face_to_face": form.face_to_face.data,
            "matches": _MATCHES.get(form.matches.data),
            "why": form.why.data or None,
            "outcome": form.outcome.data or None,
            "next_action": form.next_action.data or None,
        }
        if known is None:
            known = case.employers.add_contact(staff, employer, client, **facts)
        else:
            case.employers.change_contact(known, employer, **facts)
        record(case, staff, client, "employer contact saved", known.id)
    flash(f"The contact with {known.employer.name} is saved.", "success")
    return back(client_id, "contacts")
