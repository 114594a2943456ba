"""My account: how do I prove that it is me?"""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, session, url_for
from flask.typing import ResponseReturnValue

from bot.caseload.models.people import Staff
from bot.caseload.store import Case
from bot.console import second_factor
from bot.console.parts import console, me
from bot.console.sign_in import CodeForm, check_code, setup_of

pages = Blueprint("account", __name__)

#: Kept in the session until the app shows the right code.
_NEW_SECRET = "new_secret"  # noqa: S105 (a name)


@pages.get("/account")
def page() -> ResponseReturnValue:
    """Show whether I have a second factor, or how to set it up."""
    with console().caseload.reading() as case:
        return _page(case, me(case), CodeForm(formdata=None))


@pages.post("/account/second-factor")
def set_up() -> ResponseReturnValue:
    """Set the second factor up, and show the recovery codes once."""
    form = CodeForm()
    with console().caseload.reading() as case:
        staff = me(case)
        secret = session.get(_NEW_SECRET)
        if not form.validate():
            return _page(case, staff, form), 422
        if staff.totp_secret is not None or not isinstance(secret, str):
            flash("Nothing was changed. Your second factor is as you see it here.", "info")
            return redirect(url_for("account.page"), 303)
    problem = check_code(staff, secret, form.code.data or "", is_new=True)
    if problem is not None:
        form.code.errors = [problem]
        with console().caseload.reading() as case:
            return _page(case, me(case), form), 422
    session.pop(_NEW_SECRET, None)
    return _fresh_codes()


@pages.post("/account/recovery-codes")
def new_codes() -> ResponseReturnValue:
    """Make new recovery codes for somebody who has their phone, and show them once."""
    form = CodeForm()
    with console().caseload.reading() as case:
        staff = me(case)
        if not form.validate():
            return _page(case, staff, form), 422
    secret = staff.totp_secret
    if secret is None:
        return redirect(url_for("account.page"), 303)
    problem = check_code(staff, secret, form.code.data or "")
    if problem is not None:
        form.code.errors = [problem]
        with console().caseload.reading() as case:
            return _page(case, me(case), form), 422
    return _fresh_codes()


def _fresh_codes() -> str:
    with console().caseload.transaction() as case:
        staff = me(case)
        codes = case.recovery.renew(staff)
        case.audit.record("recovery codes made", staff_id=staff.id)
    # Shown in this answer and kept nowhere.
    return render_template("account/codes.html", codes=codes, wanted=None)


def _page(case: Case, staff: Staff, form: CodeForm) -> str:
    setup = {}
    if staff.totp_secret is None:
        setup = setup_of(session.setdefault(_NEW_SECRET, second_factor.new_secret()), staff.email)
    return render_template(
        "account/page.html",
        staff=staff,
        form=form,
        codes_left=case.recovery.left(staff),
        until=second_factor.put_off_until(staff),
        changes=case.alerts.about_accounts(staff),
        zone=staff.service.timezone,
        **setup,
    )
