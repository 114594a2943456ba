"""Appointments as calendars read them (RFC 5545). Nobody's name is in them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from bot.caseload.models.plan import Appointment
from bot.console import labels

#: Longer lines are folded (RFC 5545, section 3.1); counted in octets.
LINE_OCTETS = 75
_STATUSES = {
    "requested": "TENTATIVE",
    "change_requested": "TENTATIVE",
    "cancelled_by_client": "CANCELLED",
    "cancelled_by_service": "CANCELLED",
}


@dataclass(frozen=True)
class Entry:
    """One entry of a calendar; `changes` and `stamp` let it take a newer copy for the newer one."""

    uid: str
    starts_at: datetime
    minutes: int
    summary: str
    place: str | None
    status: str
    changes: int
    stamp: datetime


def entry_of(appointment: Appointment, *, with_place: bool = False, with_initials: bool = False) -> Entry:
    """Return an appointment without names; somebody's home is never written down as a place."""
    summary = f"Appointment {initials(appointment.client.display_name)}" if with_initials else "Appointment"
    return Entry(
        uid=f"{appointment.id}@foothold",
        starts_at=appointment.starts_at,
        minutes=appointment.minutes,
        summary=f"{summary}, {labels.say(labels.MODES, appointment.mode).lower()}",
        place=appointment.place if with_place and appointment.mode != "home" else None,
        status=_STATUSES.get(appointment.status, "CONFIRMED"),
        changes=appointment.changes,
        stamp=appointment.changed_at or appointment.created_at,
    )


def initials(name: str) -> str:
    """Return "S.O." for Sam Okoro."""
    return "".join(f"{part[0].upper()}." for part in name.split() if part)


def calendar(entries: Iterable[Entry], name: str) -> bytes:
    """Return a calendar with these entries; its times are UTC, so that every calendar shows its own."""
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//Foothold//Appointments//EN",
        "CALSCALE:GREGORIAN",
        "METHOD:PUBLISH",
        f"X-WR-CALNAME:{escaped(name)}",
        "REFRESH-INTERVAL;VALUE=DURATION:PT1H",
    ]
    for entry in entries:
        lines += _event(entry)
    lines.append("END:VCALENDAR")
    return b"".join(folded(line) + b"\r\n" for line in lines)


def escaped(text: str) -> str:
    """Return a text as a value: commas, semicolons, backslashes and line ends would else mean something."""
    plain = text.replace("\r\n", "\n").replace("\r", "\n")
    for sign in ("\\", ";", ","):
        plain = plain.replace(sign, f"\\{sign}")
    # Other control characters are not allowed at all.
    return "".join("\\n" if sign == "\n" else sign for sign in plain if sign >= " " or sign in "\n\t")


def folded(line: str) -> bytes:
    """Return a line folded so that no part is longer than 75 octets, and no character is cut in two."""
    parts: list[bytes] = []
    part = b""
    for sign in line:
        octets = sign.encode()
        # What follows a fold begins with a space, which counts.
        if len(part) + len(octets) > LINE_OCTETS:
            parts.append(part)
            part = b" "
        part += octets
    return b"\r\n".join([*parts, part])


def _event(entry: Entry) -> Iterator[str]:
    yield "BEGIN:VEVENT"
    yield f"UID:{entry.uid}"
    yield f"DTSTAMP:{_utc(entry.stamp)}"
    yield f"LAST-MODIFIED:{_utc(entry.stamp)}"
    yield f"DTSTART:{_utc(entry.starts_at)}"
    yield f"DTEND:{_utc(entry.starts_at + timedelta(minutes=entry.minutes))}"
    yield f"SEQUENCE:{entry.changes}"
    yield f"STATUS:{entry.status}"
    yield f"SUMMARY:{escaped(entry.summary)}"
    if entry.place:
        yield f"LOCATION:{escaped(entry.place)}"
    yield "CLASS:PRIVATE"
    yield "END:VEVENT"


def _utc(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")
