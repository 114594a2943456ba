"""Reading in Telegram: may I read and answer clients in my own Telegram, and what do I call them there?"""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from wtforms import PasswordField, StringField
from wtforms.validators import DataRequired, InputRequired, Length

from bot.caseload.errors import LabelNotUsable
from bot.caseload.models.people import Staff
from bot.caseload.staff import READING_LASTS
from bot.caseload.staff_aliases import MAX_LABEL
from bot.console import passwords, second_factor
from bot.console.access import for_roles
from bot.console.forms import Form, tidy
from bot.console.parts import console, me
from bot.console.sign_in import LOCKED, WRONG_CODE

pages = Blueprint("telegram_reading", __name__)

WRONG_PASSWORD = "That password is not right."  # noqa: S105 (a sentence)


class CodeForm(Form):
    """The code of an authenticator app."""

    proof = StringField(
        "Code of 6 digits", filters=[tidy], validators=[InputRequired("Enter the code."), Length(max=10)]
    )


class PasswordForm(Form):
    """The password, of those who sign in without a code."""

    proof = PasswordField(
        "Your password", validators=[InputRequired("Enter your password."), Length(max=passwords.MAX_LENGTH)]
    )


class LabelForm(Form):
    """What to call a client."""

    label = StringField(
        "What you call them",
        filters=[tidy],
        validators=[
            DataRequired("Write initials or a code."),
            Length(max=MAX_LABEL, message=f"Use 1 to {MAX_LABEL} characters."),
        ],
    )


@pages.route("/alerts/reading", methods=["GET", "POST"])
def allow() -> ResponseReturnValue:
    """Let me read clients in my own Telegram, after I have proved once more that it is me."""
    with console().caseload.reading() as case:
        staff = me(case)
    form = CodeForm() if staff.totp_secret is not None else PasswordForm()
    status = 200
    if form.is_submitted():
        problem = _problem(staff, form.proof.data or "") if form.validate() else None
        if not form.errors and problem is None:
            return _allowed()
        status = 422
        if problem is not None:
            form.proof.errors = [problem]
    return render_template(
        "telegram_reading/allow.html", form=form, staff=staff, days=READING_LASTS.days
    ), status


@pages.post("/alerts/reading/stop")
def stop() -> ResponseReturnValue:
    """Show no client in my Telegram any more."""
    with console().caseload.transaction() as case:
        staff = me(case)
        case.staff.stop_reading(staff)
        case.audit.record("reading in Telegram stopped", staff_id=staff.id)
    flash("No client is shown in your Telegram any more. Alerts still go there.", "success")
    return redirect(url_for("alerts.page"), 303)


@pages.post("/alerts/reading/service")
@for_roles("manager")
def switch_service() -> ResponseReturnValue:
    """Forbid reading in Telegram for everybody of my service, or leave it to each of them again."""
    # What the page said that the button does: pressed twice, it does it once.
    allowed = request.form.get("allowed") == "yes"
    with console().caseload.transaction() as case:
        staff = me(case)
        case.staff.leave_reading_to_staff(staff.service, allowed=allowed)
        action = "reading in Telegram left to staff" if allowed else "reading in Telegram forbidden"
        case.audit.record(action, staff_id=staff.id, subject=staff.service_id)
    if allowed:
        flash("Each member of staff can now allow reading in their own Telegram.", "success")
    else:
        flash("Nobody of your service reads clients in Telegram from now on.", "success")
    return redirect(url_for("alerts.page"), 303)


@pages.route("/clients/<client_id>/label", methods=["GET", "POST"])
def label(client_id: str) -> ResponseReturnValue:
    """Choose what I call a client in my own Telegram."""
    form, status = LabelForm(), 200
    with console().caseload.transaction() as case:
        staff = me(case)
        client = case.clients.get_for(staff, client_id)
        if form.is_submitted():
            try:
                if form.validate():
                    case.staff_aliases.choose(staff, client, form.label.data or "")
                    case.audit.record("label for Telegram chosen", staff_id=staff.id, client_id=client.id)
                    flash(f"You call {client.preferred_name} {form.label.data} in Telegram.", "success")
                    return redirect(url_for("client.page", client_id=client_id), 303)
            except LabelNotUsable as error:
                form.label.errors = [str(error)]
            status = 422
        else:
            form.label.data = case.staff_aliases.find(staff, client)
            case.audit.record("label for Telegram viewed", staff_id=staff.id, client_id=client.id)
    return render_template("telegram_reading/label.html", form=form, client=client, most=MAX_LABEL), status


def _allowed() -> ResponseReturnValue:
    with console().caseload.transaction() as case:
        staff = me(case)
        if staff.alert_chat_id is None:
            flash("Link your own Telegram first.", "info")
        elif not staff.service.telegram_reading:
            flash("Your service does not allow reading in Telegram. Ask your service manager.", "info")
        else:
            case.staff.allow_reading(staff)
            case.audit.record("reading in Telegram allowed", staff_id=staff.id)
            flash("You can read and answer clients in your Telegram. Write /waiting there.", "success")
    return redirect(url_for("alerts.page"), 303)


def _problem(staff: Staff, proof: str) -> str | None:
    """Return what is wrong with a code or a password, or None when it is right; a code is used up."""
    attempts, needs_code = console().attempts, staff.totp_secret is not None
    # The same counts as at the sign-in, so that this is no second way to guess.
    key = f"code:{staff.id}" if needs_code else f"reading:{staff.id}"
    if not attempts.start(key):
        return LOCKED
    if not needs_code:
        if not passwords.is_right(proof, staff.password_hash):
            return WRONG_PASSWORD
    else:
        step = second_factor.matching_step(staff.totp_secret or "", proof, console().caseload.clock.now())
        with console().caseload.transaction() as case:
            if step is None or not case.staff.use_code(me(case), step):
                return WRONG_CODE
    attempts.succeeded(key)
    return None
