"""A client's goals, in the client's own words."""

from __future__ import annotations

from flask import Blueprint, abort, flash
from flask.typing import ResponseReturnValue

from bot.caseload.outreach import SENT_TWICE
from bot.console.client_page import back, record, render, sent
from bot.console.parts import console, me

pages = Blueprint("goals", __name__)

#: What a button says of a goal; "active" takes it up again.
PROGRESS = {"closer": "A step closer", "achieved": "Done", "dropped": "Set aside", "active": "Taken up again"}


@pages.post("/clients/<client_id>/goals")
def add(client_id: str) -> ResponseReturnValue:
    """Write down a goal."""
    form = sent("goal")
    with console().caseload.transaction() as case:
        staff = me(case)
        client = case.clients.get_for(staff, client_id)
        if not form.validate():
            return render(case, client, form), 422
        goal = case.goals.add(client, form.text.data or "", by=staff)
        record(case, staff, client, "goal added", goal.id)
    flash("The goal is saved.", "success")
    return back(client_id, "goals")


@pages.post("/clients/<client_id>/goals/<goal_id>/words")
def change_words(client_id: str, goal_id: str) -> ResponseReturnValue:
    """Keep a goal in new words; the ones before stay under it."""
    form = sent("goal_words", goal_id)
    with console().caseload.transaction() as case:
        staff = me(case)
        client = case.clients.get_for(staff, client_id)
        goal = case.goals.get_for_client(client, goal_id)
        if not form.validate():
            return render(case, client, form), 422
        words = " ".join((form.text.data or "").split())
        if goal.text != words:
            case.goals.record_progress(client, goal_id, "changed", words, by="consultant")
            record(case, staff, client, "goal changed", goal_id)
    flash("The goal is saved. The words before are kept under it.", "success")
    return back(client_id, "goals")


@pages.post("/clients/<client_id>/goals/<goal_id>/<progress>")
def note_progress(client_id: str, goal_id: str, progress: str) -> ResponseReturnValue:
    """Note how a goal goes."""
    if progress not in PROGRESS:
        abort(404)
    with console().caseload.transaction() as case:
        staff = me(case)
        client = case.clients.get_for(staff, client_id)
        goal = case.goals.get_for_client(client, goal_id)
        last = goal.events[-1] if goal.events else None
        twice = last is not None and last.progress == progress and case.clock.now() - last.at < SENT_TWICE
        if progress != goal.status and not twice:
            case.goals.record_progress(client, goal_id, progress, by="consultant")
            record(case, staff, client, f"goal {progress}", goal_id)
    flash(f"Noted: {PROGRESS[progress].lower()}.", "success")
    return back(client_id, "goals")
