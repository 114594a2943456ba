"""Sign in: who are you?"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import urlsplit

import structlog
from flask import Blueprint, flash, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user, logout_user  # type: ignore[import-untyped]
from wtforms import EmailField, PasswordField, StringField, SubmitField
from wtforms.validators import InputRequired, Length

from bot.caseload.models.people import Staff
from bot.caseload.recovery import is_recovery_code
from bot.console import labels, passwords, person, second_factor
from bot.console.access import public
from bot.console.cookies import Transport, transport_of
from bot.console.forms import Form, tidy
from bot.console.parts import console, me

logger = structlog.get_logger()
pages = Blueprint("sign_in", __name__)

#: How long somebody may take between the password and the code.
PENDING = timedelta(minutes=10)
WRONG = "The email address or the password is not right."
LOCKED = "Too many tries. Wait 15 minutes, then try again."
WRONG_RECOVERY = "That recovery code is not right, or it was used already. Try another one."
WRONG_CODE = "That code is not right, or it was used already. Wait for the next one."


@dataclass(frozen=True)
class DemoPerson:
    """Somebody of the fictional service whom the reader can be."""

    name: str
    email: str
    role: str
    service: str


class SignInForm(Form):
    """Email address and password."""

    email = EmailField(
        "Email address",
        filters=[tidy],
        validators=[InputRequired("Enter your email address."), Length(max=200)],
    )
    password = PasswordField(
        "Password", validators=[InputRequired("Enter your password."), Length(max=passwords.MAX_LENGTH)]
    )
    submit = SubmitField("Sign in")


class CodeForm(Form):
    """A code from an authenticator app."""

    code = StringField(
        "Code of 6 digits", filters=[tidy], validators=[InputRequired("Enter the code."), Length(max=10)]
    )
    submit = SubmitField("Sign in")


class RecoveryForm(Form):
    """A code that was written down."""

    recovery_code = StringField(
        "Recovery code",
        filters=[tidy],
        validators=[InputRequired("Enter one of your recovery codes."), Length(max=40)],
    )
    submit = SubmitField("Sign in")


@pages.route("/sign-in", methods=["GET", "POST"])
@public
def page() -> ResponseReturnValue:
    """Ask for the email address and the password."""
    if current_user.is_authenticated:
        return redirect(url_for("inbox.page"))
    form = SignInForm()
    if form.validate_on_submit():
        staff, problem = _check_password(form.email.data or "", form.password.data or "")
        if staff is not None:
            return _after_password(staff)
        flash(problem, "danger")
    elif request.method == "GET":
        form.email.data = request.args.get("email", "")
    return render_template(
        "sign_in/password.html", form=form, people=_demo_people(), password=_shown_password()
    )


@pages.route("/sign-in/code", methods=["GET", "POST"])
@public
def code() -> ResponseReturnValue:
    """Ask for the second factor."""
    staff = _pending()
    if staff is None or staff.totp_secret is None:
        return redirect(url_for("sign_in.page"))
    form = CodeForm()
    if form.validate_on_submit():
        problem = check_code(staff, staff.totp_secret, form.code.data or "")
        if problem is None:
            return _let_in(staff, session.get("next"))
        flash(problem, "danger")
    now = console().caseload.clock.now()
    demo_code = second_factor.next_unused_code(staff, now) if console().config.demo else None
    return render_template("sign_in/code.html", form=form, demo_code=demo_code)


@pages.route("/sign-in/enrol", methods=["GET", "POST"])
@public
def enrol() -> ResponseReturnValue:
    """Set the second factor up at the first sign-in."""
    staff = _pending()
    if staff is None or staff.totp_secret is not None:
        return redirect(url_for("sign_in.page"))
    secret = session.setdefault("new_secret", second_factor.new_secret())
    form = CodeForm()
    if form.validate_on_submit():
        problem = check_code(staff, secret, form.code.data or "", is_new=True)
        if problem is None:
            wanted = _own_page(session.get("next"))
            with console().caseload.transaction() as case:
                codes = case.recovery.renew(case.staff.get(staff.id))
            _let_in(staff, None)
            return render_template("account/codes.html", codes=codes, wanted=wanted)
        flash(problem, "danger")
    return render_template("sign_in/enrol.html", form=form, **setup_of(secret, staff.email))


@pages.route("/sign-in/recovery", methods=["GET", "POST"])
@public
def recovery() -> ResponseReturnValue:
    """Let somebody in who has lost their phone but kept their recovery codes."""
    staff = _pending()
    if staff is None or staff.totp_secret is None:
        return redirect(url_for("sign_in.page"))
    form = RecoveryForm()
    if form.validate_on_submit():
        problem = _check_recovery_code(staff, form.recovery_code.data or "")
        if problem is None:
            answer = _let_in(staff, session.get("next"))
            with console().caseload.reading() as case:
                left = labels.count(case.recovery.left(case.staff.get(staff.id)), "recovery code")
            flash(f"You used a recovery code and have {left} left. “My account” makes new ones.", "info")
            return answer
        flash(problem, "danger")
    return render_template("sign_in/recovery.html", form=form)


@pages.post("/sign-out")
def sign_out() -> ResponseReturnValue:
    """End this person's sessions, here and on their other devices: a copied cookie dies too."""
    with console().caseload.transaction() as case:
        staff = me(case)
        case.staff.end_sessions(staff)
        case.audit.record("signed out", staff_id=staff.id)
    logout_user()
    session.clear()
    flash("You are signed out, on all your devices.", "success")
    return redirect(url_for("sign_in.page"), 303)


def _check_password(email: str, password: str) -> tuple[Staff | None, str]:
    attempts = console().attempts
    key = f"password:{email.casefold()}:{request.remote_addr}"
    if not attempts.start(key):
        logger.warning("sign-in locked", address=request.remote_addr)
        return None, LOCKED
    with console().caseload.transaction() as case:
        staff = case.staff.find_by_email(email)
        kept = staff.password_hash if staff else None
    # Always compared, known address or not: the time it takes must not tell which addresses exist.
    if not passwords.is_right(password, kept) or _is_public_elsewhere(password):
        return None, WRONG
    attempts.succeeded(key)
    return staff, ""


def _is_public_elsewhere(password: str) -> bool:
    """Return whether this is the demo's password on its way from another machine."""
    return password == console().config.demo_password and transport_of(request) != Transport.LOOPBACK


def _after_password(staff: Staff) -> ResponseReturnValue:
    now = console().caseload.clock.now()
    if not second_factor.needs_code(staff, now, demo=console().config.demo):
        return _let_in(staff, request.args.get("next"))
    session.clear()
    session["next"] = request.args.get("next")
    session["pending"] = person.as_signed_in(staff).get_id()
    session["pending_at"] = now.timestamp()
    return redirect(url_for("sign_in.code" if staff.totp_secret else "sign_in.enrol"), 303)


def _pending() -> Staff | None:
    """Return who has given the right password and not yet a code."""
    staff_id, _, version = str(session.get("pending", "")).partition(".")
    now = console().caseload.clock.now().timestamp()
    if now - float(session.get("pending_at", 0)) > PENDING.total_seconds():
        return None
    with console().caseload.transaction() as case:
        staff = case.staff.find_enabled(staff_id)
    return staff if staff and str(staff.session_version) == version else None


def setup_of(secret: str, email: str) -> dict[str, str]:
    """Return what a page shows for setting a code generator up."""
    key = " ".join(secret[start : start + 4] for start in range(0, len(secret), 4))
    return {"key": key, "link": second_factor.setup_link(secret, email)}


def check_code(staff: Staff, secret: str, code: str, *, is_new: bool = False) -> str | None:
    """Return what is wrong with a code, or None when it is right; a right one is used up."""
    key = f"code:{staff.id}"
    if not console().attempts.start(key):
        logger.warning("sign-in locked", staff_id=staff.id)
        return LOCKED
    step = second_factor.matching_step(secret, code, console().caseload.clock.now())
    if step is None:
        return WRONG_CODE
    with console().caseload.transaction() as case:
        account = case.staff.get(staff.id)
        if is_new:
            if account.totp_secret is not None:
                return WRONG_CODE
            case.staff.set_second_factor(account, secret)
            case.audit.record("second factor set up", staff_id=staff.id)
        if not case.staff.use_code(account, step):
            return WRONG_CODE
    console().attempts.succeeded(key)
    return None


def _check_recovery_code(staff: Staff, typed: str) -> str | None:
    """Return what is wrong with a recovery code, or None when it is right; a right one is used up."""
    # The same key as for codes: both together are tried five times.
    key = f"code:{staff.id}"
    if not console().attempts.start(key):
        logger.warning("sign-in locked", staff_id=staff.id)
        return LOCKED
    with console().caseload.transaction() as case:
        account = case.staff.get(staff.id)
        if not is_recovery_code(typed) or not case.recovery.use(account, typed):
            return WRONG_RECOVERY
        case.audit.record("recovery code used", staff_id=staff.id)
    console().attempts.succeeded(key)
    return None


def _let_in(staff: Staff, wanted: str | None) -> ResponseReturnValue:
    with console().caseload.transaction() as case:
        account = case.staff.get(staff.id)
        newest = next(iter(case.alerts.about_accounts(account, 1)), None)
        is_news = newest is not None and (
            account.last_sign_in_at is None or newest.at > account.last_sign_in_at
        )
        case.staff.note_signed_in(account)
        case.audit.record("signed in", staff_id=staff.id)
    person.sign_in(account)
    if is_news:
        flash(
            "The way into an account was changed since you were last here. See it on My account.", "warning"
        )
    return redirect(_own_page(wanted) or url_for("inbox.page"), 303)


def _own_page(wanted: str | None) -> str | None:
    """Return a path of this site, or None: nobody is sent elsewhere after signing in."""
    if not wanted or not wanted.startswith("/") or wanted.startswith(("//", "/\\")):
        return None
    parts = urlsplit(wanted)
    return wanted if not parts.scheme and not parts.netloc and wanted.isprintable() else None


def _shown_password() -> str | None:
    config = console().config
    return config.demo_password if config.demo else None


def _demo_people() -> list[DemoPerson]:
    if not console().config.demo:
        return []
    with console().caseload.reading() as case:
        return [DemoPerson(one.name, one.email, one.role, one.service.name) for one in case.staff.all()]
