"""What every page needs: the caseload, the wording, the settings, and who is asking."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import cast

from flask import current_app
from flask_login import current_user  # type: ignore[import-untyped]

from bot.caseload.models.people import Staff
from bot.caseload.store import Case, Caseload
from bot.console.attempts import Attempts
from bot.console.config import ConsoleConfig
from bot.console.readiness import Readiness
from bot.conversation.phone import Phone
from bot.conversation.wording import Wording
from bot.safety.content import SafetyContent


@dataclass(frozen=True)
class Console:
    """The parts that pages share."""

    caseload: Caseload
    words: Wording
    config: ConsoleConfig
    attempts: Attempts
    readiness: Readiness
    #: What the client is told when somebody is on it.
    safety: SafetyContent
    #: The demo clients' phones; None outside demo mode.
    phone: Phone | None


def console() -> Console:
    """Return the parts of the running console."""
    return cast(Console, current_app.extensions["foothold"])


def note_look(case: Case, action: str, staff: Staff, client_ids: Collection[str]) -> None:
    """Leave a line about each client whom a page shows: one an hour for each person, page and client."""
    fresh = case.audit.not_noted(action, staff.id, client_ids)
    if fresh:
        # Pages are read without waiting for writers, so the lines have a transaction of their own.
        with console().caseload.transaction() as writing:
            writing.audit.note_looks(action, staff.id, fresh)


def me(case: Case) -> Staff:
    """Return who asks, within this transaction; raise NoSuchStaff when the account was just closed."""
    return case.staff.get(current_user.staff_id)
