"""The caseload: who are my clients?"""

from __future__ import annotations

from dataclasses import dataclass

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from bot.caseload.models.conversation import Conversation
from bot.caseload.models.people import Client
from bot.caseload.models.plan import Appointment
from bot.caseload.store import Case
from bot.console.parts import console, me

pages = Blueprint("clients", __name__)

#: More than this is found by searching.
SHOWN = 100
SEARCH_LENGTH = 80


@dataclass(frozen=True)
class Line:
    """One client of the list."""

    client: Client
    conversation: Conversation | None
    next_appointment: Appointment | None
    waiting: int


@pages.get("/clients")
def page() -> ResponseReturnValue:
    """List my clients, or those whose name holds what I search for."""
    search = request.args.get("search", "").strip()[:SEARCH_LENGTH]
    with console().caseload.reading() as case:
        staff = me(case)
        found = case.clients.seen_by(staff, search or None)
        lines = [_line(case, client) for client in found[:SHOWN]]
        return render_template(
            "clients/page.html", lines=lines, search=search, total=len(found), whole=staff.sees_whole_service
        )


def _line(case: Case, client: Client) -> Line:
    return Line(
        client=client,
        conversation=case.conversations.primary_for(client),
        next_appointment=case.appointments.next_for(client),
        waiting=len(case.handoffs.open_for(client)),
    )
