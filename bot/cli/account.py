"""The account of one member of staff: the first of a service, or one that nobody else can help with."""

from __future__ import annotations

import click

from bot.caseload.accounts import RESET, ROLES
from bot.caseload.models.people import Staff
from bot.caseload.store import Case
from bot.cli.data import ready_caseload
from bot.cli.support import WrongArgument, fail, print_line, settings
from bot.conversation import account_alerts


@click.command()
@click.argument("email")
@click.option("--open", "service", metavar="SERVICE", help="Open it at this service; needs --name.")
@click.option("--name", help="First and last name, for a new account.")
@click.option(
    "--role", type=click.Choice(ROLES), default="admin", show_default=True, help="For a new account."
)
@click.option("--reset-second-factor", is_flag=True, help="Forget the authenticator app as well.")
def account(email: str, service: str | None, name: str | None, role: str, reset_second_factor: bool) -> None:
    """Print a one-time link by which EMAIL sets a password; older links stop working."""
    if service is not None and not (name or "").strip():
        raise WrongArgument("--open needs --name.")
    config = settings()
    with ready_caseload().transaction() as case:
        staff = _open(case, service, str(name).strip(), email, role) if service else _find(case, email)
        lines = []
        if reset_second_factor:
            case.accounts.reset_second_factor(staff)
            lines.append(case.audit.record("second factor reset", actor="operator", subject=staff.id))
        fresh = case.accounts.invite(None, staff)
        line = case.audit.record(f"account link made: {fresh.kind}", actor="operator", subject=staff.id)
        for news in (*lines, line) if fresh.kind == RESET else lines:
            account_alerts.tell(case, news, None, staff, by_mail=config.mail is not None)
    root = config.link_url.rstrip("/")
    print_line(
        {
            "email": staff.email,
            "role": staff.role,
            "link": f"{root}/{fresh.kind}/{fresh.token}",
            "expires_at": fresh.expires_at.isoformat(),
        }
    )


def _open(case: Case, ref: str, name: str, email: str, role: str) -> Staff:
    service = case.services.find(ref)
    if service is None:
        known = ", ".join(one.ref for one in case.services.all()) or "none yet"
        fail(f"there is no service {ref!r}; these are: {known}.")
    if "@" not in email or len(email) > 200 or len(name) > 80:
        raise WrongArgument("EMAIL is no email address, or it or the name is too long.")
    if case.accounts.is_taken(email):
        fail(f"there is an account with {email} already: leave out --open for a new link.")
    staff = case.accounts.open_at(service, name, email, role)
    case.audit.record(f"account opened: {role}", actor="operator", subject=staff.id)
    return staff


def _find(case: Case, email: str) -> Staff:
    staff = case.staff.find_by_email(email)
    if staff is None:
        fail(f"{email!r} has no open account: --open makes one, the page Staff enables one.")
    return staff
