"""The pages behind a one-time link: which password will I use?"""

from __future__ import annotations

from flask import Blueprint, Response, flash, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import CSRFError, validate_csrf  # type: ignore[import-untyped]
from wtforms import PasswordField, SubmitField, ValidationError
from wtforms.validators import InputRequired, Length

from bot.caseload.accounts import RESET, WELCOME
from bot.caseload.errors import LinkNotUsable
from bot.console import passwords
from bot.console.access import public
from bot.console.forms import Form
from bot.console.parts import console

pages = Blueprint("account_links", __name__)


class NewPasswordForm(Form):
    """A password of one's own."""

    password = PasswordField(
        "New password",
        validators=[
            InputRequired("Choose a password."),
            Length(max=passwords.MAX_LENGTH, message=f"Use {passwords.MAX_LENGTH} characters at most."),
        ],
    )
    again = PasswordField("The same password again", validators=[InputRequired("Type the password again.")])
    submit = SubmitField("Save the password")


@pages.before_request
def check_form() -> None:
    """Refuse a form that is not ours.

    These pages send no referrer, because their address is a secret, so the usual check, which asks for one
    over https, is not used. The token is bound to a cookie that no other site can read or set.
    """
    if request.method == "POST":
        try:
            validate_csrf(request.form.get("csrf_token"))
        except ValidationError as error:
            raise CSRFError(str(error)) from error


@pages.after_request
def keep_address_secret(response: Response) -> Response:
    """Let no other page learn the address."""
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["X-Robots-Tag"] = "noindex"
    return response


@pages.route("/welcome/<token>", methods=["GET", "POST"])
@public
def welcome(token: str) -> ResponseReturnValue:
    """Let somebody who was invited choose their password."""
    return _choose_password(WELCOME, token)


@pages.route("/reset/<token>", methods=["GET", "POST"])
@public
def reset(token: str) -> ResponseReturnValue:
    """Let somebody who forgot their password choose another one."""
    return _choose_password(RESET, token)


def _choose_password(kind: str, token: str) -> ResponseReturnValue:
    form = NewPasswordForm()
    try:
        with console().caseload.transaction() as case:
            staff = case.accounts.behind_link(kind, token)
        if not form.validate_on_submit() or not _is_good(form, staff.name, staff.email):
            status = 422 if form.is_submitted() else 200
            return render_template("welcome/password.html", form=form, staff=staff, kind=kind), status
        # Outside of any transaction: hashing is slow on purpose.
        password_hash = passwords.hash_password(form.password.data or "")
        with console().caseload.transaction() as case:
            staff = case.accounts.use_link(kind, token, password_hash)
            action = "account taken up" if kind == WELCOME else "password reset by link"
            case.audit.record(action, staff_id=staff.id)
    except LinkNotUsable:
        return render_template("welcome/not_usable.html"), 404
    # Whoever was signed in here was perhaps somebody else.
    session.clear()
    flash("Your password is saved. Sign in with it now.", "success")
    return redirect(url_for("sign_in.page"), 303)


def _is_good(form: NewPasswordForm, name: str, email: str) -> bool:
    password = form.password.data or ""
    problem = passwords.problem_with(password, name, email, console().config.demo_password)
    if problem is not None:
        form.password.errors = [problem]
        return False
    if form.again.data != password:
        form.again.errors = ["The two passwords are not the same. Type them again."]
        return False
    return True
