"""The caseload as a table that a spreadsheet opens: comma-separated, and harmless to whoever opens it."""

from __future__ import annotations

import csv
import io
from datetime import datetime
from zoneinfo import ZoneInfo

from bot.caseload.records import CaseloadLine
from bot.console import labels

COLUMNS = (
    "ref", "name", "phase", "status", "consultant", "cover", "referred", "last client message",
    "next appointment", "open leads", "open handoffs", "linked",
)  # fmt: skip
#: A cell that begins so is a formula to a spreadsheet, and can fetch or send things.
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")
#: Tells Excel that what follows is UTF-8.
BOM = "\ufeff"


def as_table(caseload: list[CaseloadLine]) -> str:
    """Return one row a client, with times local to each client."""
    out = io.StringIO()
    rows = csv.writer(out)
    rows.writerow(COLUMNS)
    for one in caseload:
        rows.writerow([harmless(cell) for cell in _cells(one)])
    return BOM + out.getvalue()


def harmless(cell: str) -> str:
    """Return a cell that no spreadsheet takes for a formula."""
    # Behind a space too: some of them cut leading space before they look.
    return f"'{cell}" if cell.startswith(FORMULA) or cell.lstrip().startswith(FORMULA) else cell


def _cells(one: CaseloadLine) -> tuple[str, ...]:
    client = one.client

    def local(at: datetime | None, pattern: str) -> str:
        return at.astimezone(ZoneInfo(client.timezone)).strftime(pattern) if at else ""

    return (
        client.ref,
        client.display_name,
        labels.say(labels.PHASES, client.phase),
        labels.say({}, client.status),
        client.consultant.name if client.consultant else "",
        client.cover.name if client.cover else "",
        local(client.referred_at, "%Y-%m-%d"),
        local(one.wrote_at, "%Y-%m-%d"),
        local(one.next_at, "%Y-%m-%d %H:%M"),
        str(sum(one.leads.values())),
        str(len(one.waiting)),
        "yes" if one.linked else "no",
    )
