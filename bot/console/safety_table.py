"""Reviewed fires as a table for a spreadsheet: no client, no words and no notes."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from datetime import datetime

from bot.caseload.models.safety import SafetyEvent
from bot.caseload.safety_reviews import Seen

COLUMNS = (
    "event", "at", "route", "kind", "detectors", "content_version", "late", "alerts",
    "acknowledged_at", "acknowledged_by", "minutes_until_acknowledged", "cleared_at",
    "reviewed_at", "reviewed_by", "verdict",
)  # fmt: skip


def table_of(shown: Iterable[Seen]) -> str:
    """Return comma-separated values with a line of headings; times are UTC."""
    text = io.StringIO()
    table = csv.writer(text)
    table.writerow(COLUMNS)
    for one in shown:
        if isinstance(one.item, SafetyEvent):
            table.writerow([_cell(value) for value in _values(one, one.item)])
    return text.getvalue()


def _values(one: Seen, event: SafetyEvent) -> list[object]:
    waited = event.acknowledged_at - event.at if event.acknowledged_at else None
    return [
        event.id, event.at, event.route, event.kind, " ".join(map(str, event.detectors)),
        event.content_version, "yes" if event.late else "no", len(one.alerts),
        event.acknowledged_at, one.acknowledged_by,
        round(waited.total_seconds() / 60, 1) if waited else None, event.cleared_at,
        event.reviewed_at, one.reviewed_by, event.verdict,
    ]  # fmt: skip


def _cell(value: object) -> object:
    if isinstance(value, datetime):
        return value.isoformat(timespec="seconds")
    # A spreadsheet would run a name that starts like a formula.
    if isinstance(value, str) and value.startswith(("=", "+", "-", "@", "\t", "\r")):
        return f"'{value}"
    return value
