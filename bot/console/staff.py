"""Staff: who works here?"""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from bot.caseload.accounts import RESET, FreshLink, looks_after, roles_given_by
from bot.caseload.errors import AccountNotYours, EmailTaken, LastOfRole, SomeoneWasFaster
from bot.caseload.models.people import Staff
from bot.caseload.store import Case
from bot.console import labels
from bot.console.access import for_roles
from bot.console.parts import console, me
from bot.console.staff_forms import InviteForm, MoveAllForm, RoleForm, offer_people, offer_roles
from bot.conversation import account_alerts, leaving, moving

pages = Blueprint("staff", __name__)

TAKEN = "There is an account with this address already. If it is disabled, open it below and enable it."
NOT_YOURS = "You cannot change this account: it is your own, or it is for an admin to change."
LAST = "Nothing was changed: the service would be without {role}. Invite another one first."
ROLE_WITH_ARTICLE = {"manager": "a service manager", "admin": "an admin"}


@pages.get("/staff")
@for_roles("admin", "manager")
def page() -> ResponseReturnValue:
    """List who works here, and the clients whom nobody has."""
    with console().caseload.reading() as case:
        return _list(case, me(case), InviteForm(formdata=None))


@pages.post("/staff")
@for_roles("admin", "manager")
def invite() -> ResponseReturnValue:
    """Open an account and show its one-time link once."""
    form = InviteForm()
    try:
        with console().caseload.transaction() as case:
            by = me(case)
            offer_roles(form, roles_given_by(by))
            if not form.validate():
                return _list(case, by, form), 422
            staff = case.accounts.open(by, form.name.data or "", form.email.data or "", form.role.data)
            _record_and_tell(case, by, staff, f"account opened: {staff.role}")
            return _one(case, by, staff, fresh=_make_link(case, by, staff))
    except EmailTaken:
        form.email.errors = [TAKEN]
    with console().caseload.reading() as case:
        return _list(case, me(case), form), 422


@pages.get("/staff/<staff_id>")
@for_roles("admin", "manager")
def one(staff_id: str) -> ResponseReturnValue:
    """Show one account, and what can be changed about it."""
    with console().caseload.reading() as case:
        by = me(case)
        return _one(case, by, case.accounts.get_for(by, staff_id))


@pages.post("/staff/<staff_id>/role")
@for_roles("admin", "manager")
def change_role(staff_id: str) -> ResponseReturnValue:
    """Give somebody another role; they sign in anew."""
    form = RoleForm()
    try:
        with console().caseload.transaction() as case:
            by = me(case)
            offer_roles(form, roles_given_by(by))
            staff = case.accounts.lock_for(by, staff_id)
            if not form.validate():
                return _one(case, by, staff, role_form=form), 422
            if form.role.data != staff.role:
                case.accounts.change_role(staff, form.role.data)
                _record_and_tell(case, by, staff, f"role changed to {staff.role}")
                leaving.come_back(case, staff)
                leaving.leave(case, console().words, by, staff)
    except (AccountNotYours, LastOfRole) as error:
        return _refused(staff_id, error)
    flash(
        f"{staff.name} is {labels.say(labels.ROLES, staff.role).lower()} from the next sign-in on.", "success"
    )
    return _back(staff_id)


@pages.post("/staff/<staff_id>/disable")
@for_roles("admin", "manager")
def disable(staff_id: str) -> ResponseReturnValue:
    """Close an account: sessions end with their next request, and no chat stays with nobody in it."""
    try:
        with console().caseload.transaction() as case:
            by = me(case)
            staff = case.accounts.lock_for(by, staff_id)
            if staff.disabled_at is None:
                case.accounts.disable(staff)
                case.audit.record("account disabled", staff_id=by.id, subject=staff.id)
                leaving.leave(case, console().words, by, staff)
    except (AccountNotYours, LastOfRole) as error:
        return _refused(staff_id, error)
    flash(f"{staff.name} is signed out everywhere and cannot sign in any more.", "success")
    return _back(staff_id)


@pages.post("/staff/<staff_id>/enable")
@for_roles("admin", "manager")
def enable(staff_id: str) -> ResponseReturnValue:
    """Open a closed account again."""
    try:
        with console().caseload.transaction() as case:
            by = me(case)
            staff = case.accounts.lock_for(by, staff_id)
            if staff.disabled_at is not None:
                case.accounts.enable(staff)
                leaving.come_back(case, staff)
                _record_and_tell(case, by, staff, "account enabled")
    except AccountNotYours as error:
        return _refused(staff_id, error)
    flash(f"{staff.name} can sign in again, with the password from before.", "success")
    return _back(staff_id)


@pages.post("/staff/<staff_id>/link")
@for_roles("admin", "manager")
def make_link(staff_id: str) -> ResponseReturnValue:
    """Make a one-time link for a password and show it once; older ones stop working."""
    try:
        with console().caseload.transaction() as case:
            by = me(case)
            staff = case.accounts.lock_for(by, staff_id)
            if staff.disabled_at is None:
                return _one(case, by, staff, fresh=_make_link(case, by, staff))
    except AccountNotYours as error:
        return _refused(staff_id, error)
    flash("The account is disabled, so no link was made. Enable it first.", "danger")
    return _back(staff_id)


@pages.post("/staff/<staff_id>/revoke-link")
@for_roles("admin", "manager")
def revoke_link(staff_id: str) -> ResponseReturnValue:
    """Let the links to an account work no more."""
    try:
        with console().caseload.transaction() as case:
            by = me(case)
            staff = case.accounts.lock_for(by, staff_id)
            if case.accounts.revoke_links(staff):
                case.audit.record("account link revoked", staff_id=by.id, subject=staff.id)
    except AccountNotYours as error:
        return _refused(staff_id, error)
    flash("No link to this account works any more.", "success")
    return _back(staff_id)


@pages.post("/staff/<staff_id>/second-factor")
@for_roles("admin", "manager")
def reset_second_factor(staff_id: str) -> ResponseReturnValue:
    """Forget somebody's authenticator app: they set up another one at the next sign-in."""
    try:
        with console().caseload.transaction() as case:
            by = me(case)
            staff = case.accounts.lock_for(by, staff_id)
            if staff.totp_secret is not None:
                case.accounts.reset_second_factor(staff)
                _record_and_tell(case, by, staff, "second factor reset")
    except AccountNotYours as error:
        return _refused(staff_id, error)
    flash(f"{staff.name} is signed out and sets up a new code at the next sign-in.", "success")
    return _back(staff_id)


@pages.post("/staff/<staff_id>/move-clients")
@for_roles("manager")
def move_clients(staff_id: str) -> ResponseReturnValue:
    """Give all clients of somebody to another consultant."""
    form = MoveAllForm()
    with console().caseload.transaction() as case:
        by = me(case)
        staff = case.accounts.get_for(by, staff_id)
        offer_people(form, case.moves.possible(by), staff)
        if not form.validate():
            return _one(case, by, staff, move_form=form), 422
        to = case.moves.get_possible(by, form.to.data)
        count = 0
        for client in case.moves.clients_of(by, staff):
            try:
                moving.move_client(case, console().words, by, client.id, to, staff.id)
                count += 1
            except (moving.AlreadyTheirs, SomeoneWasFaster):
                continue  # A colleague moved this one at this moment, and said to whom.
    flash(f"{labels.count(count, 'client')} moved from {staff.name} to {to.name}.", "success")
    return _back(staff_id)


def _make_link(case: Case, by: Staff, staff: Staff) -> FreshLink:
    fresh = case.accounts.invite(by, staff)
    _record_and_tell(case, by, staff, f"account link made: {fresh.kind}", is_news=fresh.kind == RESET)
    return fresh


def _record_and_tell(case: Case, by: Staff, staff: Staff, action: str, *, is_news: bool = True) -> None:
    line = case.audit.record(action, staff_id=by.id, subject=staff.id)
    if is_news:
        account_alerts.tell(case, line, by, staff, by_mail=console().config.sends_mail)


def _list(case: Case, by: Staff, form: InviteForm) -> str:
    offer_roles(form, roles_given_by(by))
    return render_template(
        "staff/page.html",
        me=by,
        everybody=case.accounts.of_service(by),
        counts=case.moves.counts(by),
        without=case.moves.without_consultant(by),
        possible=case.moves.possible(by),
        form=form,
        zone=by.service.timezone,
    )


def _one(
    case: Case,
    by: Staff,
    staff: Staff,
    *,
    role_form: RoleForm | None = None,
    move_form: MoveAllForm | None = None,
    fresh: FreshLink | None = None,
) -> str:
    role_form = role_form or RoleForm(formdata=None)
    move_form = move_form or MoveAllForm(formdata=None)
    offer_roles(role_form, [role for role in roles_given_by(by) if role != staff.role])
    offer_people(move_form, case.moves.possible(by), staff)
    link = None
    if fresh is not None:
        # Shown in this answer and kept nowhere.
        link = url_for(f"account_links.{fresh.kind}", token=fresh.token, _external=True)
    return render_template(
        "staff/one.html",
        staff=staff,
        may_change=looks_after(by, staff),
        is_me=by.id == staff.id,
        clients=case.moves.clients_of(by, staff),
        count=case.moves.counts(by).get(staff.id, 0),
        sees_clients=by.sees_whole_service,
        open_link=case.accounts.open_link(staff),
        codes_left=case.recovery.left(staff),
        role_form=role_form,
        move_form=move_form,
        fresh=fresh,
        link=link,
        zone=by.service.timezone,
    )


def _refused(staff_id: str, error: AccountNotYours | LastOfRole) -> ResponseReturnValue:
    if isinstance(error, LastOfRole):
        flash(LAST.format(role=ROLE_WITH_ARTICLE[str(error)]), "danger")
    else:
        flash(NOT_YOURS, "danger")
    return _back(staff_id)


def _back(staff_id: str) -> ResponseReturnValue:
    return redirect(url_for("staff.one", staff_id=staff_id), 303)
