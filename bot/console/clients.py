"""The caseload: who are my clients?"""

from __future__ import annotations

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from bot.caseload.models.people import Staff
from bot.console.lists import SHOWN, asked
from bot.console.papers.table import as_table
from bot.console.parts import console, me, note_look
from bot.console.records import as_file

pages = Blueprint("clients", __name__)


@pages.get("/clients")
def page() -> ResponseReturnValue:
    """List my clients a page at a time, or those whose name or reference holds what I search for."""
    wanted = asked()
    also_closed = request.args.get("closed") == "1"
    with console().caseload.reading() as case:
        staff = me(case)
        found = case.overview.page(staff, wanted.search or None, wanted.skip, SHOWN, also_closed=also_closed)
        if wanted.search:
            _note_search(staff, found.total)
        note_look(case, "client list viewed", staff, [line.client.id for line in found.lines])
        return render_template(
            "clients/page.html",
            also_closed=also_closed,
            whole=staff.sees_whole_service,
            **wanted.shows(found),
        )


@pages.get("/clients.csv")
def table() -> ResponseReturnValue:
    """Give all my clients as a table."""
    with console().caseload.reading() as case:
        staff, now = me(case), case.clock.now()
        caseload = case.records.caseload(staff)
        note_look(case, "table of clients taken", staff, [line.client.id for line in caseload])
    with console().caseload.transaction() as case:
        case.audit.record(
            "caseload exported", staff_id=staff.id, subject=f"csv, {len(caseload)} clients, {now:%Y-%m-%d}"
        )
    return as_file(as_table(caseload), "text/csv", f"clients-{now:%Y-%m-%d}.csv")


def _note_search(staff: Staff, found: int) -> None:
    """Leave a line that this person looked for somebody, with how many were found and not for whom."""
    # Pages are read without waiting for writers, so the line has a transaction of its own.
    with console().caseload.transaction() as writing:
        writing.audit.record("clients searched", staff_id=staff.id, subject=f"found: {found}")
