"""What is known of a client for work, with who said it."""

from __future__ import annotations

from flask import Blueprint, abort, flash
from flask.typing import ResponseReturnValue

from bot.caseload.profile import TOPICS
from bot.console.client_page import back, record, render, sent
from bot.console.forms import today
from bot.console.parts import console, me

pages = Blueprint("profile", __name__)


@pages.post("/clients/<client_id>/facts", defaults={"topic": None})
@pages.post("/clients/<client_id>/facts/<topic>")
def note(client_id: str, topic: str | None) -> ResponseReturnValue:
    """Write down something that is known, or what holds now instead of what was known."""
    form = sent("fact", topic or "")
    with console().caseload.transaction() as case:
        staff = me(case)
        client = case.clients.get_for(staff, client_id)
        if topic is not None and topic not in TOPICS:
            abort(404)
        if not form.validate():
            return render(case, client, form), 422
        about = topic or form.topic.data
        fact = case.profile.note(
            client, staff, about, form.value.data, source=form.source.data, said_on=form.said_on.data
        )
        if fact is not None:
            record(case, staff, client, "profile changed", about)
    flash("It is saved. What was known before is kept under it.", "success")
    return back(client_id, "profile")


@pages.post("/clients/<client_id>/facts/<topic>/gone")
def take_back(client_id: str, topic: str) -> ResponseReturnValue:
    """Note that something does not hold any more."""
    with console().caseload.transaction() as case:
        staff = me(case)
        client = case.clients.get_for(staff, client_id)
        if topic not in TOPICS:
            abort(404)
        fact = case.profile.note(client, staff, topic, "", source="consultant", said_on=today())
        if fact is not None:
            record(case, staff, client, "profile changed", topic)
    flash("Noted: this does not hold any more. What was said is kept.", "success")
    return back(client_id, "profile")
