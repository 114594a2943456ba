"""Talks with a client about what to tell an employer, and about benefits."""

from __future__ import annotations

from flask import Blueprint, flash
from flask.typing import ResponseReturnValue

from bot.console.client_page import back, record, render, sent
from bot.console.parts import console, me

pages = Blueprint("discussions", __name__)


@pages.post("/clients/<client_id>/disclosure", defaults={"talk_id": None})
@pages.post("/clients/<client_id>/disclosure/<int:talk_id>")
def disclosure(client_id: str, talk_id: int | None) -> ResponseReturnValue:
    """Write down a talk about what to tell an employer, or correct one."""
    form = sent("disclosure", talk_id or "")
    with console().caseload.transaction() as case:
        staff = me(case)
        client = case.clients.get_for(staff, client_id)
        if not form.validate():
            return render(case, client, form), 422
        talk = case.discussions.talk_of_disclosure(
            client,
            staff,
            held_on=form.held_on.data,
            what=form.what.data,
            employer=case.employers.named(staff, form.employer.data) if form.employer.data else None,
            stance=form.stance.data or None,
            note=form.note.data or None,
            correcting=talk_id,
        )
        record(case, staff, client, "disclosure talk saved", str(talk.id))
    flash("The talk is saved.", "success")
    return back(client_id, "disclosure")


@pages.post("/clients/<client_id>/benefits", defaults={"talk_id": None})
@pages.post("/clients/<client_id>/benefits/<int:talk_id>")
def benefits(client_id: str, talk_id: int | None) -> ResponseReturnValue:
    """Write down a talk about benefits, or correct one."""
    form = sent("benefits", talk_id or "")
    with console().caseload.transaction() as case:
        staff = me(case)
        client = case.clients.get_for(staff, client_id)
        if not form.validate():
            return render(case, client, form), 422
        talk = case.discussions.talk_of_benefits(
            client,
            staff,
            held_on=form.held_on.data,
            what=form.what.data,
            note=form.note.data or None,
            correcting=talk_id,
        )
        record(case, staff, client, "benefits talk saved", str(talk.id))
    flash("The talk is saved.", "success")
    return back(client_id, "benefits")
