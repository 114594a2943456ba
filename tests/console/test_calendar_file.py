"""A calendar reads what we write: folded, escaped, and the same entry for ever."""

from __future__ import annotations

from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from bot.console.calendar_file import Entry, calendar, escaped, folded, initials

ENTRY = Entry(
    uid="abc@foothold",
    starts_at=datetime(2026, 11, 27, 14, 30, tzinfo=UTC),
    minutes=45,
    summary="Appointment, at the office",
    place="Library; 2nd floor, left\\right\nring twice",
    status="CONFIRMED",
    changes=2,
    stamp=datetime(2026, 11, 25, 10, 0, tzinfo=UTC),
)


def lines_of(data: bytes) -> list[str]:
    return data.decode().replace("\r\n ", "").split("\r\n")


def test_an_entry_has_what_calendars_need() -> None:
    lines = lines_of(calendar([ENTRY], "Foothold"))
    for line in (
        "BEGIN:VCALENDAR", "VERSION:2.0", "BEGIN:VEVENT", "UID:abc@foothold", "DTSTAMP:20261125T100000Z",
        "DTSTART:20261127T143000Z", "DTEND:20261127T151500Z", "SEQUENCE:2", "STATUS:CONFIRMED",
        "SUMMARY:Appointment\\, at the office",
        "LOCATION:Library\\; 2nd floor\\, left\\\\right\\nring twice", "END:VEVENT", "END:VCALENDAR",
    ):  # fmt: skip
        assert line in lines


def test_an_empty_calendar_is_one_too() -> None:
    assert lines_of(calendar([], "Foothold"))[-2:] == ["END:VCALENDAR", ""]


@given(st.text())
def test_no_line_is_longer_than_75_octets_and_no_character_is_cut(text: str) -> None:
    line = escaped(text.encode(errors="ignore").decode())
    parts = folded(f"SUMMARY:{line}").split(b"\r\n")
    assert all(len(part) <= 75 for part in parts)
    for part in parts:
        part.decode()
    assert b"".join([parts[0], *(part[1:] for part in parts[1:])]).decode() == f"SUMMARY:{line}"


@given(st.text())
def test_no_text_can_begin_a_line_of_its_own(text: str) -> None:
    assert "\n" not in escaped(text)
    assert "\r" not in escaped(text)


def test_initials_are_those_of_every_name() -> None:
    assert initials("Leticia Vandenberg-Ashworth") == "L.V."
    assert initials("Sam") == "S."
