"""The team meeting: how does each client stand?"""

from __future__ import annotations

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from bot.caseload.models.people import Staff
from bot.caseload.store import Case
from bot.console.papers.meeting import MeetingLine, by_consultant, meeting_lines, meeting_paper
from bot.console.papers.paper import as_text
from bot.console.papers.pdf import as_pdf
from bot.console.parts import console, me, note_look
from bot.console.records import as_file

pages = Blueprint("team_meeting", __name__)

#: A team has a few consultants with 20 clients each; more than this is chosen by consultant.
SHOWN = 100


@pages.get("/team-meeting")
def page() -> ResponseReturnValue:
    """Show one line a client, ready to be printed."""
    with console().caseload.reading() as case:
        staff = me(case)
        found = case.records.meeting_page(staff, _chosen() or None, SHOWN)
        lines = meeting_lines(found.lines, case.clock.now())
        note_look(case, "team meeting viewed", staff, [line.client_id for line in lines])
        return render_template(
            "team_meeting/page.html",
            groups=by_consultant(lines),
            total=found.total,
            shown=len(lines),
            consultants=case.staff.with_role(staff.service, "consultant") if staff.sees_whole_service else [],
            chosen=_chosen(),
            zone=staff.service.timezone,
        )


@pages.get("/team-meeting.txt")
def text() -> ResponseReturnValue:
    """Give the lines as text."""
    return _export("txt")


@pages.get("/team-meeting.pdf")
def pdf() -> ResponseReturnValue:
    """Give the lines as PDF."""
    return _export("pdf")


def _export(kind: str) -> ResponseReturnValue:
    with console().caseload.reading() as case:
        staff, now = me(case), case.clock.now()
        lines = _lines(case, staff)
        note_look(case, f"team meeting taken ({kind})", staff, [line.client_id for line in lines])
        paper = meeting_paper(staff, lines, now)
    name = f"team-meeting-{now:%Y-%m-%d}.{kind}"
    content = as_text(paper) if kind == "txt" else as_pdf(paper, now)
    with console().caseload.transaction() as case:
        case.audit.record(
            "team meeting exported",
            staff_id=staff.id,
            subject=f"{kind}, {len(lines)} clients, {now:%Y-%m-%d}",
        )
    return as_file(content, "text/plain" if kind == "txt" else "application/pdf", name)


def _lines(case: Case, staff: Staff) -> list[MeetingLine]:
    return meeting_lines(case.records.caseload(staff, _chosen() or None), case.clock.now())


def _chosen() -> str:
    """Return the id of the consultant whose clients are asked for; one of nobody finds no clients."""
    return request.args.get("consultant", "")[:32]
