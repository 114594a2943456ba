"""A consultant's appointments at a secret address, for a calendar that signs in nowhere."""

from __future__ import annotations

from flask import Blueprint, abort
from flask.typing import ResponseReturnValue

from bot.console import calendar_file
from bot.console.access import public
from bot.console.diary import calendar_answer
from bot.console.parts import console, note_look

pages = Blueprint("calendar_feed", __name__)


@pages.get("/calendar/<token>.ics")
@public
def read(token: str) -> ResponseReturnValue:
    """Give the appointments of whoever made this address; one that does not work looks like any other."""
    with console().caseload.reading() as case:
        found = case.calendar_feeds.read(token)
        if found is None:
            abort(404)
        note_look(case, "calendar feed read", found.staff, [one.client_id for one in found.appointments])
        entries = [
            calendar_file.entry_of(one, with_initials=found.with_initials) for one in found.appointments
        ]
    return calendar_answer(entries, "Foothold", "foothold.ics")
