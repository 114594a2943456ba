"""When somebody in work is asked how it goes: derived from the first day, and never typed."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from bot.caseload.check_in_schedule import AFTER_END, due_now, schedule

START = date(2026, 1, 1)


def test_the_schedule_is_weekly_for_a_month_and_monthly_for_a_year() -> None:
    steps = {step.key: step for step in schedule(START)}
    assert (steps["before"].opens_on, steps["before"].due_on) == (date(2025, 12, 25), date(2025, 12, 31))
    assert (steps["first_days"].opens_on, steps["first_days"].due_on) == (date(2026, 1, 2), date(2026, 1, 4))
    assert [steps[f"week_{n}"].due_on - START for n in (1, 2, 3, 4)] == [
        timedelta(days=7 * n) for n in (1, 2, 3, 4)
    ]
    assert steps["month_2"].due_on == date(2026, 3, 1)
    assert steps["month_12"].due_on == date(2027, 1, 1)
    assert len(steps) == 17


@pytest.mark.parametrize(
    "start", [date(2026, 1, 1), date(2026, 1, 31), date(2027, 11, 30), date(2028, 2, 29)]
)
def test_nobody_is_asked_to_confirm_weeks_that_they_have_not_worked(start: date) -> None:
    for step in schedule(start):
        if step.weeks:
            assert step.due_on >= start + timedelta(weeks=step.weeks)


@pytest.mark.parametrize("start", [date(2026, 1, 31), date(2024, 2, 29), date(2026, 12, 31)])
def test_a_first_day_that_not_every_month_has_keeps_the_order(start: date) -> None:
    due = [step.due_on for step in schedule(start)]
    assert due == sorted(due)
    assert len(set(due)) == len(due)


def test_the_check_in_before_the_first_day_is_due_in_the_week_before() -> None:
    steps = schedule(START)
    assert due_now(steps, set(), START - timedelta(days=8)) is None
    due = due_now(steps, set(), START - timedelta(days=1))
    assert due is not None
    assert (due.step.key, due.overdue, due.missed) == ("before", False, 0)


def test_one_that_was_done_is_not_due_and_a_late_one_is_overdue() -> None:
    steps = schedule(START)
    eighth = START + timedelta(days=8)
    due = due_now(steps, {"before", "first_days"}, eighth)
    assert due is not None
    assert (due.step.key, due.overdue, due.missed) == ("week_1", True, 0)
    assert due_now(steps, {"before", "first_days", "week_1"}, eighth) is None


def test_of_many_that_nobody_noted_only_the_newest_is_asked_for() -> None:
    due = due_now(schedule(START), {"before"}, START + timedelta(days=200))
    assert due is not None
    assert due.step.key == "month_6"
    assert due.missed == 9


def test_when_a_job_has_ended_three_days_are_left_to_speak_and_nothing_else_is_due() -> None:
    end = START + timedelta(days=10)
    steps = schedule(START, end, end + timedelta(days=1))
    assert [step.key for step in steps] == ["before", "first_days", "week_1", AFTER_END]
    due = due_now(steps, set(), end + timedelta(days=5))
    assert due is not None
    assert (due.step.key, due.step.due_on, due.overdue) == (AFTER_END, end + timedelta(days=4), True)
    assert due_now(steps, {AFTER_END}, end + timedelta(days=5)) is None
