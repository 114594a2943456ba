"""Another consultant for a client, and who has looked at the client's data."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user  # type: ignore[import-untyped]

from bot.caseload.errors import NoSuchColleague, SomeoneWasFaster
from bot.caseload.models.people import Client, Staff
from bot.caseload.store import Case
from bot.console.access import for_roles
from bot.console.forms import number_asked_for
from bot.console.parts import console, me
from bot.conversation import moving

pages = Blueprint("moves", __name__)

#: How many lines of the access log stand on one page.
SHOWN = 50


@dataclass(frozen=True)
class MoveChoice:
    """What the client's page offers to those who may move the client."""

    people: list[Staff]


def choice_for(case: Case, client: Client) -> MoveChoice | None:
    """Return to whom the person who asks may move this client; None for those who may not."""
    if not current_user.moves_clients:
        return None
    people = case.moves.possible(me(case))
    return MoveChoice([one for one in people if one.id != client.consultant_id])


@pages.post("/clients/<client_id>/move")
@for_roles("lead", "manager")
def move(client_id: str) -> ResponseReturnValue:
    """Give the client another consultant."""
    to_id, seen = request.form.get("to", ""), request.form.get("seen") or None
    with console().caseload.transaction() as case:
        by = me(case)
        client = case.clients.get_for(by, client_id)
        name = client.preferred_name
        # Each of these is found out before anything is written.
        try:
            to = case.moves.get_possible(by, to_id)
            moving.move_client(case, console().words, by, client_id, to, seen)
            said, how = f"{name} is {to.name}'s client now. {to.first_name} is told.", "success"
        except NoSuchColleague:
            said, how = f"Choose who has {name} from now on. Nothing was changed.", "danger"
        except moving.AlreadyTheirs:
            said, how = f"{name} is {to.name}'s client already.", "info"
        except SomeoneWasFaster:
            said, how = (
                f"A colleague moved {name} since you opened the page. Look again, then decide.",
                "danger",
            )
    flash(said, how)
    if request.form.get("back") == "staff" and current_user.looks_after_accounts:
        return redirect(url_for("staff.page"), 303)
    return redirect(url_for("client.page", client_id=client_id), 303)


@pages.get("/clients/<client_id>/access")
@for_roles("lead", "manager")
def access(client_id: str) -> ResponseReturnValue:
    """Show who viewed or changed what, newest first."""
    before = number_asked_for("before")
    with console().caseload.transaction() as case:
        staff = me(case)
        client = case.clients.get_for(staff, client_id)
        case.audit.record("access log viewed", staff_id=staff.id, client_id=client.id)
    with console().caseload.reading() as case:
        lines = case.access_log.newest(client, SHOWN + 1, before)
    return render_template(
        "moves/access.html",
        client=client,
        zone=client.service.timezone,
        lines=lines[:SHOWN],
        is_first=not before,
        older=lines[SHOWN - 1].number if len(lines) > SHOWN else None,
    )
