"""Fills a database with the fictional services, so that a newcomer has somebody to talk to."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

import holidays
from argon2 import PasswordHasher

from bot.caseload.models.people import Client, Service, Staff
from bot.caseload.store import Case, Caseload
from bot.conversation import starting_replies
from bot.conversation.linking import PURPOSES
from bot.conversation.phone import DEMO_BOT
from bot.demo.people import (
    CLIENTS,
    DEMO_PASSWORD,
    DEMO_TOTP_SECRET,
    FIRST_NAMES,
    LAST_NAMES,
    OFFICE_HOURS,
    SERVICES,
    STAFF,
    DemoClient,
    DemoService,
)

AVAILABILITY = [(day, "10:00", "12:00") for day in range(5)] + [(day, "13:30", "16:30") for day in range(4)]
CONSENT_VERSION = "demo"


class RealServiceHere(Exception):
    """The database belongs to a real service: the demo's accounts, with their public password, stay out."""


def seed(caseload: Caseload, extra_clients: int = 0) -> None:
    """Load the fictional services; what is there already stays as it is. Raises RealServiceHere."""
    with caseload.transaction() as case:
        if {service.ref for service in case.services.all()} - {service.ref for service in SERVICES}:
            raise RealServiceHere
        if case.services.find(SERVICES[0].ref) is None:
            _first_time(case)
        _extra(case, extra_clients)


def _first_time(case: Case) -> None:
    password_hash = PasswordHasher().hash(DEMO_PASSWORD)
    services = {one.ref: _service(case, one) for one in SERVICES}
    staff: dict[str, Staff] = {}
    for one in STAFF:
        staff[one.email] = case.staff.add(
            services[one.service],
            one.name,
            one.email,
            one.role,
            password_hash=password_hash,
            totp_secret=DEMO_TOTP_SECRET if one.second_factor else None,
        )
        if one.role == "consultant":
            case.staff.set_availability(staff[one.email], AVAILABILITY)
    for client in CLIENTS:
        _client(case, staff[client.consultant], client)
    _covers(case, list(staff.values()))


def _covers(case: Case, staff: list[Staff]) -> None:
    """Let each consultant be covered by another one of their service, if there is one."""
    for consultant in staff:
        others = [
            one
            for one in staff
            if one.role == "consultant" and one.service_id == consultant.service_id and one is not consultant
        ]
        for client in case.moves.looked_after_by(consultant) if others else []:
            case.enrolments.set_cover(client, others[0].id)


def _service(case: Case, one: DemoService) -> Service:
    service = case.services.add(
        ref=one.ref,
        name=one.name,
        region=one.region,
        timezone=one.timezone,
        phone=one.phone,
        hours=OFFICE_HOURS,
    )
    year = case.clock.now().year
    subdivision = "ENG" if one.country == "GB" else None
    for day, name in holidays.country_holidays(
        one.country, subdiv=subdivision, years=[year, year + 1]
    ).items():
        case.services.close_on(service, day, name[:80])
    starting_replies.give(case, service)
    return service


def _client(case: Case, consultant: Staff, one: DemoClient) -> None:
    client = case.clients.enrol(
        consultant.service,
        one.name,
        consultant=consultant,
        ref=one.ref,
        area=one.area,
        phase=one.phase,
        status=one.status,
        referred_at=case.clock.now() - timedelta(days=one.referred_days_ago),
        accepted_at=case.clock.now() - timedelta(days=max(one.referred_days_ago - 2, 0)),
    )
    for goal in one.goals:
        case.goals.add(client, goal)
    if one.meets_in is not None:
        case.appointments.arrange(
            client,
            consultant,
            _meeting(case, client, *one.meets_in),
            minutes=45,
            mode="phone" if one.meets_at == "by phone" else "in_person_community",
            place=one.meets_at,
            purpose=None,
        )
    for lead in one.leads:
        case.leads.share(
            client,
            consultant,
            title=lead.title,
            employer=lead.employer,
            place=lead.place,
            hours_text=lead.hours,
            pay_text=lead.pay,
            summary=lead.summary,
            why_match=lead.why,
        )
    if one.status == "in_work":
        employer = case.employers.named(consultant, "Crumb and Co", one.area)
        weeks_ago = timedelta(weeks=one.referred_days_ago // 40)
        first_day = (case.clock.now() - weeks_ago).date()
        case.jobs.start(client, consultant, employer, "Bakery assistant", first_day, hours_per_week=16)
    _give_phone(case, client)


def _meeting(case: Case, client: Client, days: int, hour: int) -> datetime:
    zone = ZoneInfo(client.timezone)
    day = case.clock.now().astimezone(zone).date() + timedelta(days=days)
    while day.weekday() > 4:
        day += timedelta(days=1)
    return datetime.combine(day, time(hour), zone)


def _give_phone(case: Case, client: Client) -> None:
    # A demo phone is linked and has said yes, so that a newcomer can chat at once.
    case.conversations.link(client, channel="demo", bot_id=DEMO_BOT, chat_id=client.ref)
    case.consents.record(client, PURPOSES["demo"], given=True, wording_version=CONSENT_VERSION)


def _extra(case: Case, count: int) -> None:
    service = case.services.find(SERVICES[0].ref)
    consultants = (
        [one for one in case.staff.all() if one.role == "consultant" and one.service_id == service.id]
        if service
        else []
    )
    for number in range(1, count + 1):
        ref = f"extra{number}"
        if service is None or case.clients.find_by_ref(ref) is not None:
            continue
        first = FIRST_NAMES[number % len(FIRST_NAMES)]
        last = LAST_NAMES[number // len(FIRST_NAMES) % len(LAST_NAMES)]
        client = case.clients.enrol(
            service,
            f"{first} {last}",
            consultant=consultants[number % len(consultants)],
            ref=ref,
            area="Westmere",
        )
        _give_phone(case, client)
