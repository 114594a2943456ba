"""When to ask somebody in work how it goes: derived from the day the job starts (IPS-25 item 23)."""

from __future__ import annotations

import calendar
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, timedelta

#: Weeks at which services count whether a job lasts; asked with the check-in that is due then.
WEEKS_COUNTED = {"week_4": 4, "month_3": 13, "month_6": 26, "month_12": 52}
#: The contact after a job has ended.
AFTER_END = "after_end"
_LAST_MONTH = 12


@dataclass(frozen=True)
class Step:
    """One check-in of the schedule: the days within which it is done in time."""

    key: str
    opens_on: date
    due_on: date

    @property
    def weeks(self) -> int | None:
        """The weeks in work that the client is asked to confirm with it."""
        return WEEKS_COUNTED.get(self.key)


@dataclass(frozen=True)
class Due:
    """The check-in that is due now, and how many before it nobody noted."""

    step: Step
    overdue: bool
    missed: int


def schedule(starts_on: date, ends_on: date | None = None, end_known_on: date | None = None) -> list[Step]:
    """Return the check-ins of a job in their order: weekly for a month, then monthly for a year.

    Those that would come after its end fall away; once it is known, three days are left to speak.
    """
    steps = [
        Step("before", starts_on - timedelta(days=7), starts_on - timedelta(days=1)),
        Step("first_days", starts_on + timedelta(days=1), starts_on + timedelta(days=3)),
    ]
    for week in range(1, 5):
        due = starts_on + timedelta(weeks=week)
        steps.append(Step(f"week_{week}", due - timedelta(days=2), due))
    for month in range(2, _LAST_MONTH + 1):
        key = f"month_{month}"
        # Three short months are a day less than 13 weeks, and nobody has been there that long by then.
        due = max(_months_on(starts_on, month), starts_on + timedelta(weeks=WEEKS_COUNTED.get(key, 0)))
        steps.append(Step(key, due - timedelta(days=7), due))
    if ends_on is not None:
        steps = [step for step in steps if step.due_on <= ends_on]
    if end_known_on is not None:
        steps.append(Step(AFTER_END, end_known_on, end_known_on + timedelta(days=3)))
    return steps


def due_now(steps: list[Step], done: Collection[str | None], today: date) -> Due | None:
    """Return the check-in to do now: the newest that is open; older ones that were left out are counted."""
    opened = [step for step in steps if step.opens_on <= today]
    if not opened or opened[-1].key in done:
        return None
    missed = sum(step.key not in done for step in opened[:-1])
    return Due(opened[-1], today > opened[-1].due_on, missed)


def _months_on(day: date, months: int) -> date:
    year, month = divmod(day.month - 1 + months, 12)
    year, month = day.year + year, month + 1
    return date(year, month, min(day.day, calendar.monthrange(year, month)[1]))
