"""Times as staff read them, and local times as they type them."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from bot.console import times
from tests.people import WEDNESDAY

AUCKLAND = ZoneInfo("Pacific/Auckland")


def test_a_local_time_becomes_an_instant() -> None:
    assert times.instant(date(2026, 11, 26), time(9, 0), AUCKLAND) == datetime(
        2026, 11, 25, 20, 0, tzinfo=UTC
    )


def test_the_hour_that_is_skipped_does_not_exist() -> None:
    with pytest.raises(times.TimeDoesNotExist):
        times.instant(date(2026, 9, 27), time(2, 30), AUCKLAND)


def test_the_hour_that_comes_twice_is_not_guessed() -> None:
    with pytest.raises(times.TimeHappensTwice):
        times.instant(date(2027, 4, 4), time(2, 30), AUCKLAND)


@pytest.mark.parametrize(
    ("ago", "words"),
    [
        (timedelta(seconds=59), "less than a minute"),
        (timedelta(seconds=-5), "less than a minute"),
        (timedelta(minutes=1), "1 minute"),
        (timedelta(hours=2), "2 hours"),
        (timedelta(hours=2, minutes=5), "2 hours 5 minutes"),
        (timedelta(days=3, hours=1), "3 days 1 hour"),
    ],
)
def test_how_long_somebody_has_waited(ago: timedelta, words: str) -> None:
    assert times.how_long(WEDNESDAY - ago, WEDNESDAY) == words


def test_today_needs_no_day_and_another_year_is_named() -> None:
    assert times.short_time(WEDNESDAY, "Europe/London", WEDNESDAY) == "10am"
    later = datetime(2027, 1, 5, 14, 30, tzinfo=UTC)
    assert times.short_time(later, "Europe/London", WEDNESDAY) == "Tuesday 5 January 2027 at 2:30pm"
