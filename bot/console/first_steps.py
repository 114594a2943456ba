"""First steps: what do I set up before my clients write?"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from flask import Blueprint, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue

from bot.caseload.first_steps import SetUp
from bot.caseload.models.people import Staff
from bot.caseload.store import Case
from bot.console import labels
from bot.console.cookies import Transport, transport_of
from bot.console.parts import console, me

pages = Blueprint("first_steps", __name__)

#: The longest that browsers keep a cookie.
HIDDEN_FOR = 400 * 24 * 3600


@dataclass(frozen=True)
class Step:
    """One thing to set up, with the page that does it."""

    title: str
    #: Why, or what to press there.
    why: str
    endpoint: str
    is_done: bool
    #: A second page that belongs to it, as (endpoint, words).
    beside: tuple[str, str] | None = None


def steps_for(case: Case, staff: Staff) -> list[Step]:
    """Return what somebody of this role sets up first; nothing once all is done or they hid it."""
    if request.cookies.get(_cookie_of(staff)):
        return []
    steps = _STEPS[staff.role](case.first_steps.of(staff))
    return [] if all(step.is_done for step in steps) else steps


@pages.post("/first-steps/hide")
def hide() -> ResponseReturnValue:
    """Show me the steps no more in this browser; nothing of the service changes."""
    with console().caseload.reading() as case:
        staff = me(case)
    answer = redirect(url_for("inbox.page"), 303)
    answer.set_cookie(
        _cookie_of(staff),
        "hidden",
        max_age=HIDDEN_FOR,
        secure=transport_of(request) == Transport.HTTPS,
        httponly=True,
        samesite="Lax",
    )
    flash("The first steps are hidden. You find the same pages at the top.", "info")
    return answer


def _cookie_of(staff: Staff) -> str:
    # One for each person: colleagues may share a computer.
    return f"first-steps-{staff.id[:12]}"


def _consultant(found: SetUp) -> list[Step]:
    if found.clients:
        have = "has" if found.reached == 1 else "have"
        invite = f"Open the client’s page, then press “Make an invite link”. {found.reached} of your "
        invite += f"{labels.count(found.clients, 'client')} {have} a chat or a link."
    else:
        invite = "You have no clients yet. Take somebody on, or ask your service manager to give you clients."
    return [
        _alerts(found),
        Step(
            "Say when clients can meet you",
            "The bot offers clients these times. Without them it can arrange no meeting.",
            "availability.page",
            found.meeting_times,
            ("hours.page", "Check your working days and absences too"),
        ),
        Step("Invite your first client", invite, "clients.page", found.reached > 0),
    ]


def _lead(found: SetUp) -> list[Step]:
    return [
        _alerts(found),
        _quick_replies(found),
        Step(
            "Give every client a consultant",
            "Nobody but leads and managers reads what a client without a consultant writes.",
            "clients.page",
            found.everybody_has_a_consultant,
        ),
    ]


def _duty(found: SetUp) -> list[Step]:
    return [
        _alerts(found),
        Step(
            "Set up the code from your phone",
            "From the eighth day on you cannot sign in without it.",
            "account.page",
            found.second_factor,
        ),
    ]


def _manager(found: SetUp) -> list[Step]:
    return [
        _alerts(found),
        Step(
            "Invite your consultants",
            "They choose their own password. Give them their clients on the same page.",
            "staff.page",
            bool(found.colleagues & {"consultant", "lead"}),
            ("hours.page", "Check your team’s hours and absences too"),
        ),
        _quick_replies(found),
    ]


def _admin(found: SetUp) -> list[Step]:
    return [
        Step(
            "Invite the service manager",
            "They answer for the service, and for what its bot says.",
            "staff.page",
            "manager" in found.colleagues,
        ),
        Step(
            "Invite the consultants",
            "Each of them sees their own clients only.",
            "staff.page",
            "consultant" in found.colleagues,
        ),
        Step(
            "Invite a team lead, or somebody on duty",
            "An alert goes on to them when the consultant does not answer.",
            "staff.page",
            bool(found.colleagues & {"lead", "duty"}),
        ),
    ]


def _alerts(found: SetUp) -> Step:
    by_mail = console().config.sends_mail
    return Step(
        "Be told when somebody may be in danger",
        "Alerts go to your email address. Your own Telegram can make a sound at night."
        if by_mail
        else "Link your own Telegram: else an alert is on these pages only.",
        "alerts.page",
        found.telegram or by_mail,
    )


def _quick_replies(found: SetUp) -> Step:
    return Step(
        "Write your first quick reply",
        "Words that your service uses often. Consultants put them in with one press.",
        "quick_replies.page",
        found.quick_replies,
    )


_STEPS: dict[str, Callable[[SetUp], list[Step]]] = {
    "consultant": _consultant,
    "lead": _lead,
    "duty": _duty,
    "manager": _manager,
    "admin": _admin,
}
