"""My day: who needs me today?"""

from __future__ import annotations

from flask import Blueprint, abort, render_template, request
from flask.typing import ResponseReturnValue

from bot.caseload.models.people import Staff
from bot.caseload.store import Case
from bot.console.client_page import Forms
from bot.console.parts import console, me, note_look
from bot.console.wait_state import lengths_of

pages = Blueprint("today", __name__)

#: More of one list than a day holds; all of it is a press away.
SHOWN = 20


@pages.get("/today")
def page() -> ResponseReturnValue:
    """Show who needs a consultant today: oneself, or the one that a lead or manager chose."""
    with console().caseload.reading() as case:
        staff = me(case)
        consultant = chosen(case, staff)
        everything = case.today.of(staff, consultant) if consultant else None
        found = everything.first(SHOWN) if everything and request.args.get("all") != "1" else everything
        if found is not None:
            note_look(case, "today viewed", staff, found.client_ids)
        return render_template(
            "today/page.html",
            staff=staff,
            consultant=consultant,
            zone=staff.service.timezone,
            found=found,
            count=everything.count if everything else 0,
            totals=everything.totals if everything else {},
            consultants=consultants_of(case, staff),
            waits=lengths_of(case, found.handoffs) if found else {},
            forms=Forms(),
        )


def consultants_of(case: Case, staff: Staff) -> list[Staff]:
    """Return among whom this person may choose; nobody to choose from for those who see only their own."""
    return case.staff.with_role(staff.service, "consultant", "lead") if staff.sees_whole_service else []


def chosen(case: Case, staff: Staff) -> Staff | None:
    """Return whose day is asked for: one's own, or one of the service; None when nobody is chosen yet."""
    if not staff.sees_whole_service:
        return staff
    wanted = request.args.get("consultant", "")
    if not wanted:
        return None
    found = next((one for one in consultants_of(case, staff) if one.id == wanted), None)
    return found or abort(404)
