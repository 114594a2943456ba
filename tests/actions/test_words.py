"""Days and times as clients read them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from actions.words import listed, shortened, wanted_time
from bot.spoken import clock_words, short_when_words, when_words

LONDON, AUCKLAND = ZoneInfo("Europe/London"), ZoneInfo("Pacific/Auckland")


@pytest.mark.parametrize(
    ("hour", "minute", "spoken"),
    [
        (14, 30, "2:30pm"),
        (9, 0, "9am"),
        (12, 0, "midday"),
        (0, 0, "midnight"),
        (12, 15, "12:15pm"),
        (0, 5, "12:05am"),
    ],
)
def test_a_time_is_written_in_nhs_style(hour: int, minute: int, spoken: str) -> None:
    assert clock_words(datetime(2026, 11, 25, hour, minute, tzinfo=LONDON), LONDON) == spoken


def test_a_moment_is_told_in_the_clients_own_zone() -> None:
    moment = datetime(2026, 11, 25, 14, 30, tzinfo=UTC)
    assert when_words(moment, LONDON) == "Wednesday 25 November at 2:30pm"
    assert when_words(moment, AUCKLAND) == "Thursday 26 November at 3:30am"


def test_every_moment_of_a_year_fits_a_button() -> None:
    start = datetime(2026, 1, 1, tzinfo=UTC)
    assert max(len(short_when_words(start + timedelta(minutes=35 * n), LONDON)) for n in range(15_000)) <= 24


def test_a_list_is_read_aloud_well() -> None:
    assert [listed([]), listed(["a"]), listed(["a", "b"]), listed(["a", "b", "c"])] == [
        "",
        "a",
        "a and b",
        "a, b and c",
    ]


def test_long_words_are_cut_at_a_word() -> None:
    assert shortened("Get a part-time job in a bakery near home") == "Get a part-time job in…"
    assert shortened("Learn to drive") == "Learn to drive"


def span(value: object) -> tuple[str, str]:
    """The one span that a value means, in London's time."""
    wish = wanted_time(value, LONDON)
    assert wish is not None
    (only,) = wish.readings
    return only.start.isoformat(), only.end.isoformat()


def test_a_date_is_the_whole_of_that_day() -> None:
    assert span("2026-11-26") == ("2026-11-26T00:00:00+00:00", "2026-11-27T00:00:00+00:00")


def test_the_day_on_which_clocks_change_ends_at_midnight() -> None:
    assert span("2026-10-25") == ("2026-10-25T00:00:00+01:00", "2026-10-26T00:00:00+00:00")


def test_days_from_to_include_the_last_one() -> None:
    assert span("2026-11-30/2026-12-06") == ("2026-11-30T00:00:00+00:00", "2026-12-07T00:00:00+00:00")


def test_an_afternoon_ends_where_it_ends() -> None:
    afternoon = "2026-11-26T12:00:00+00:00/2026-11-26T18:00:00+00:00"
    assert span(afternoon) == ("2026-11-26T12:00:00+00:00", "2026-11-26T18:00:00+00:00")


def test_an_open_side_reaches_three_weeks() -> None:
    assert span("2026-11-26T14:00:00+00:00/..")[1] == "2026-12-17T14:00:00+00:00"
    assert span("../2026-11-27")[0] == "2026-11-07T00:00:00+00:00"


def test_words_that_leave_it_open_fit_each_reading_and_nothing_between() -> None:
    wish = wanted_time(["2026-11-27T15:00:00+00:00", "2026-12-04T15:00:00+00:00"], LONDON)
    assert wish is not None
    fits = [wish.holds(datetime(2026, 11, 27, 15, tzinfo=UTC) + timedelta(days=days)) for days in (0, 1, 7)]
    assert fits == [True, False, True]


@pytest.mark.parametrize("value", ["2026-11-26", ["2026-11-26T14:30:00+00:00"], "2026-11-26/.."])
def test_a_wish_survives_the_slot(value: object) -> None:
    wish = wanted_time(value, LONDON)
    assert wish is not None
    kept = wanted_time(wish.as_slot(), LONDON)
    assert kept is not None
    assert [(each.start, each.end) for each in kept.readings] == [
        (each.start, each.end) for each in wish.readings
    ]


@pytest.mark.parametrize("value", [None, "", "soon", 7, [], {}, [None], "same_time", "../.."])
def test_what_is_no_time_is_no_wish(value: object) -> None:
    assert wanted_time(value, LONDON) is None
