"""The caseload for the team meeting: how each client stands, and nothing of what was said."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from zoneinfo import ZoneInfo

from bot.caseload.models.people import Staff
from bot.caseload.records import CaseloadLine
from bot.console import labels, times
from bot.console.papers.contact_note import REASONS
from bot.console.papers.paper import Entry, Heading, Mark, Paper

NOBODY = "Nobody's client yet"


@dataclass(frozen=True)
class MeetingLine:
    """One client in words."""

    client_id: str
    name: str
    consultant: str
    phase: str
    next_appointment: str
    waiting: str
    leads: str
    last_contact: str
    last_met: str


def meeting_lines(caseload: list[CaseloadLine], now: datetime) -> list[MeetingLine]:
    """Return the clients in words, those of one consultant together."""
    lines = [_line(one, now) for one in caseload]
    return sorted(lines, key=lambda line: (line.consultant == NOBODY, line.consultant))


def by_consultant(lines: list[MeetingLine]) -> list[tuple[str, list[MeetingLine]]]:
    """Return sorted lines under the name of whose clients they are."""
    return [(name, list(group)) for name, group in groupby(lines, key=lambda line: line.consultant)]


def meeting_paper(staff: Staff, lines: list[MeetingLine], now: datetime) -> Paper:
    """Return the lines as a paper."""
    when = times.day_and_time(now, staff.service.timezone, now)
    facts = (
        ("Service", staff.service.name),
        ("Made by", f"{staff.name}, {labels.say(labels.ROLE_WORDS, staff.role)}, on {when}"),
        ("Clients", str(len(lines))),
        ("Left out", "everything that was said in a chat"),
    )
    return Paper("For the team meeting", facts, tuple(_body(lines)), f"Team meeting · {when}")


def _body(lines: list[MeetingLine]) -> Iterator[Heading | Mark | Entry]:
    if not lines:
        yield Mark("No clients.")
    for name, group in by_consultant(lines):
        yield Heading(f"{name}: {labels.count(len(group), 'client')}")
        for line in group:
            facts = (
                f"Next: {line.next_appointment}",
                f"Waiting: {line.waiting}",
                f"Jobs: {line.leads}",
                f"Last contact: {line.last_contact}. Last met: {line.last_met}",
            )
            yield Entry(f"{line.name}: {line.phase}", "\n".join(facts))


def _line(one: CaseloadLine, now: datetime) -> MeetingLine:
    client = one.client
    phase = labels.say(labels.PHASES, client.phase)
    if client.status != "active":
        phase += f" ({labels.say({}, client.status).lower()})"
    return MeetingLine(
        client.id,
        client.display_name,
        client.consultant.name if client.consultant else NOBODY,
        phase,
        _next(one, now),
        _waiting(one, now),
        _leads(one),
        _last_contact(one, now),
        _days_since(one.met_at, client.timezone, now, "not written down"),
    )


def _next(one: CaseloadLine, now: datetime) -> str:
    if one.next_at is None:
        return "no appointment ahead"
    when = times.day_and_time(one.next_at, one.client.timezone, now)
    return when if one.next_status == "confirmed" else f"{when} (not confirmed)"


def _waiting(one: CaseloadLine, now: datetime) -> str:
    if not one.waiting:
        return "nothing"
    since = times.how_long(one.waiting[0][1], now)
    counted = Counter(labels.say(REASONS, reason) for reason, _ in one.waiting)
    reasons = [f"{reason} ({count} times)" if count > 1 else reason for reason, count in counted.items()]
    return f"{'; '.join(reasons)}, for {since}"


def _leads(one: CaseloadLine) -> str:
    if not one.leads:
        return "none open"
    parts = [
        f"{count} {labels.say(labels.LEAD_STATUSES, status).lower()}"
        for status, count in sorted(one.leads.items())
    ]
    return ", ".join(parts)


def _last_contact(one: CaseloadLine, now: datetime) -> str:
    last = max((at for at in (one.wrote_at, one.met_at) if at is not None), default=None)
    said = _days_since(last, one.client.timezone, now, "none is written down")
    if one.unreachable_since is not None:
        said += ", cannot be reached on the chat"
    return said


def _days_since(at: datetime | None, zone_name: str, now: datetime, none: str) -> str:
    """Return how many local days ago an instant was."""
    if at is None:
        return none
    zone = ZoneInfo(zone_name)
    days = (now.astimezone(zone).date() - at.astimezone(zone).date()).days
    return "today" if days <= 0 else f"{labels.count(days, 'day')} ago"
