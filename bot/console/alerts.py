"""My alerts: how am I told when somebody may be in danger?"""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from bot.caseload.models.people import Staff
from bot.caseload.staff import FreshStaffLink
from bot.caseload.store import Case
from bot.console.parts import console, me

pages = Blueprint("alerts", __name__)


@pages.get("/alerts")
def page() -> ResponseReturnValue:
    """Show by which ways I am alerted, and the last alerts to me."""
    with console().caseload.reading() as case:
        return _page(case, me(case))


@pages.post("/alerts/link")
def link() -> ResponseReturnValue:
    """Make a code for my own Telegram and show it once; my older ones stop working."""
    with console().caseload.transaction() as case:
        staff = me(case)
        fresh = case.staff.make_link(staff)
        case.audit.record("code for alerts made", staff_id=staff.id)
        # Shown in this answer and kept nowhere, as an invite is.
        return _page(case, staff, fresh)


@pages.post("/alerts/unlink")
def unlink() -> ResponseReturnValue:
    """Send no more alerts to my Telegram."""
    with console().caseload.transaction() as case:
        staff = me(case)
        case.staff.unlink_alerts(staff)
        case.audit.record("alerts unlinked from Telegram", staff_id=staff.id)
    flash("No more alerts go to your Telegram.", "success")
    return redirect(url_for("alerts.page"), 303)


def _page(case: Case, staff: Staff, fresh: FreshStaffLink | None = None) -> str:
    username = console().config.bot_username
    return render_template(
        "alerts/page.html",
        staff=staff,
        zone=staff.service.timezone,
        sends_mail=console().config.sends_mail,
        alerts=case.alerts.to_staff(staff),
        reads_until=case.staff.reads_until(staff),
        fresh=fresh,
        link=f"https://t.me/{username}?start={fresh.token}" if fresh and username else None,
    )
