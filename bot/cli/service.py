"""A service: the operator opens it, and sets what its managers set on the page Our service."""

from __future__ import annotations

import re
from zoneinfo import available_timezones

import click

from bot.caseload.calendars import COUNTRIES, areas_of
from bot.caseload.models.people import Service
from bot.caseload.services import SILENCE_MINUTES
from bot.caseload.store import Case
from bot.cli.data import ready_caseload
from bot.cli.support import WrongArgument, fail, print_line
from bot.conversation import starting_replies

#: Of the regions that have one time zone.
ZONES = {"england": "Europe/London", "new_zealand": "Pacific/Auckland", "ireland": "Europe/Dublin"}
#: Monday to Friday, until a manager says otherwise.
FIRST_HOURS = {str(day): [["09:00", "17:00"]] for day in range(5)}
_REF = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")


@click.command()
@click.argument("ref")
@click.option("--open", "name", metavar="NAME", help="Open a new service of this name; needs --region.")
@click.option("--region", type=click.Choice(sorted(COUNTRIES)), help="For a new service: its crisis lines.")
@click.option("--timezone", metavar="ZONE", help="For a new service: such as Australia/Perth.")
@click.option("--phone", metavar="NUMBER", help="For a new service: where clients can phone.")
@click.option(
    "--confirm-links",
    type=click.Choice(["on", "off"]),
    help="Whether a newly linked phone is told nothing until the consultant has compared its code.",
)
@click.option(
    "--holiday-area",
    metavar="AREA",
    help="The part of the country whose bank holidays count too, such as AUK; 'none': the whole country's.",
)
@click.option(
    "--silence-minutes",
    type=click.IntRange(*SILENCE_MINUTES),
    help="Working minutes after which the lead is told that whoever has a chat does not answer.",
)
def service(
    ref: str,
    name: str | None,
    region: str | None,
    timezone: str | None,
    phone: str | None,
    confirm_links: str | None,
    holiday_area: str | None,
    silence_minutes: int | None,
) -> None:
    """Show the settings of the service REF, change one, or open it."""
    if name is None and (region or timezone or phone):
        raise WrongArgument("--region, --timezone and --phone need --open.")
    with ready_caseload().transaction() as case:
        found = _find(case, ref) if name is None else _open(case, ref, name, region, timezone, phone)
        if confirm_links is not None:
            case.services.set_confirm_links(found, confirm=confirm_links == "on")
            case.audit.record(f"confirm links {confirm_links}", actor="operator", subject=found.id)
        if holiday_area is not None:
            try:
                case.services.set_holiday_area(found, None if holiday_area == "none" else holiday_area)
            except ValueError as error:
                known = ", ".join(areas_of(found.region)) or "none"
                raise click.BadParameter(
                    f"{holiday_area!r} is no area here; these are: {known}.", param_hint="--holiday-area"
                ) from error
            case.audit.record("holiday area set", actor="operator", subject=found.id)
        if silence_minutes is not None:
            case.services.set_silence_minutes(found, silence_minutes)
            case.audit.record("silence minutes set", actor="operator", subject=found.id)
        print_line(
            {
                "service": found.ref,
                "name": found.name,
                "confirm_links": found.confirm_links,
                "holiday_area": found.holiday_area,
                "silence_minutes": found.silence_minutes,
            }
        )


def _find(case: Case, ref: str) -> Service:
    found = case.services.find(ref)
    if found is None:
        known = ", ".join(one.ref for one in case.services.all()) or "none yet"
        fail(f"there is no service {ref!r}; these are: {known}. --open makes one.")
    return found


def _open(
    case: Case, ref: str, name: str, region: str | None, zone: str | None, phone: str | None
) -> Service:
    if region is None:
        raise WrongArgument("--open needs --region: clients are told its crisis lines.")
    zone = zone or ZONES.get(region)
    if zone is None or zone not in available_timezones():
        raise WrongArgument(f"{region} needs --timezone with the name of a zone, such as Australia/Perth.")
    if not _REF.fullmatch(ref):
        raise WrongArgument("REF is small letters, digits and hyphens, 40 at most.")
    name, phone = name.strip(), (phone or "").strip() or None
    if not name or len(name) > 120 or len(phone or "") > 40:
        raise WrongArgument("the name has 1 to 120 characters, the phone number 40 at most.")
    if case.services.find(ref) is not None:
        fail(f"there is a service {ref!r} already: leave out --open to change its settings.")
    opened = case.services.add(
        ref=ref, name=name, region=region, timezone=zone, phone=phone, hours=FIRST_HOURS
    )
    starting_replies.give(case, opened)
    case.audit.record("service opened", actor="operator", subject=opened.id)
    return opened
