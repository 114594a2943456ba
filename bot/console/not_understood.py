"""For the service manager: what was not understood?"""

from __future__ import annotations

from collections import Counter
from datetime import timedelta

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from bot.caseload.models.conversation import Miss
from bot.console.access import for_roles
from bot.console.parts import console, me

pages = Blueprint("not_understood", __name__)

#: The spans that the page offers, in days.
SPANS = (7, 30, 90)


@pages.get("/not-understood")
@for_roles("manager", "lead")
def page() -> ResponseReturnValue:
    """Show what the bot did not understand: the words, masked, what it did and what the client picked."""
    days = request.args.get("days", default=30, type=int)
    days = days if days in SPANS else 30
    with console().caseload.reading() as case:
        staff = me(case)
        misses = case.misses.of_service(staff, case.clock.now() - timedelta(days=days))
        return render_template(
            "not_understood/page.html",
            misses=misses,
            picks=_picks(misses),
            days=days,
            spans=SPANS,
            zone=staff.service.timezone,
        )


def _picks(misses: list[Miss]) -> list[tuple[str, int]]:
    """Return what was picked and how often, most often first; no pick counts as nothing."""
    return Counter(miss.picked or "" for miss in misses).most_common()
