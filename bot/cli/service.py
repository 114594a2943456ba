"""The settings of one service that its operator decides on."""

from __future__ import annotations

import click

from bot.cli.data import ready_caseload
from bot.cli.support import fail, print_line


@click.command()
@click.argument("ref")
@click.option(
    "--confirm-links",
    type=click.Choice(["on", "off"]),
    help="Whether a newly linked phone is told nothing until the consultant has compared its code.",
)
def service(ref: str, confirm_links: str | None) -> None:
    """Show the settings of the service REF, or change one."""
    with ready_caseload().transaction() as case:
        found = case.services.find(ref)
        if found is None:
            known = ", ".join(one.ref for one in case.services.all()) or "none yet"
            fail(f"there is no service {ref!r}; these are: {known}.")
        if confirm_links is not None:
            found.confirm_links = confirm_links == "on"
            case.audit.record(f"confirm links {confirm_links}", actor="operator", subject=found.id)
        print_line({"service": found.ref, "name": found.name, "confirm_links": found.confirm_links})
