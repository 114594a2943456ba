"""Whatever a client types, the grammar answers, in order, inside the message and quickly."""

import re
import time
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st

from nlu.components.times import MOST_MENTIONS, TimeMention, read_times

TYPED = """
thurs monday next week on at 5 half 3 to 10 12 between and or the 3rd of dec 31 feb a an in 2 weeks hours ago
quarter past after before not only text me dont evenings weekends mornings every 9pm 25:00 2.30 1430 3/12
25/11/26 until from tonight tomoz , . ? £ - / first end early may sun sat boxing day half an hour fortnight
now later same time last this month day rāmere 00:00 99 midnight easter bank holiday 0 1 feb 2028 noon ² ٣ pm
"""
WORDS = TYPED.split()
ZONES = [("Europe/London", "england"), ("Pacific/Auckland", "nz")]
MOMENTS = st.datetimes(datetime(2020, 1, 1), datetime(2040, 1, 1), timezones=st.just(UTC))
KINDS = {"time", "duration", "quiet_time", "recurring"}
DURATION = re.compile(r"P(\d+(\.\d+)?[DWMY])|PT(\d+H)?(\d+M)?")
LIMIT = re.compile(r"((MO|TU|WE|TH|FR|SA|SU)(,|; | |$))*((T\d\d:\d\d|\.\.)/?)*.*")


def edges(value: str) -> list[datetime]:
    """The moments in a value, local days at their start, in the order written."""
    parts = [part for part in value.split("/") if part != ".."]
    found = [datetime.fromisoformat(part) for part in parts]
    return [moment if moment.tzinfo else moment.replace(tzinfo=UTC) for moment in found]


def check(text: str, mentions: list[TimeMention]) -> None:
    after = 0
    for mention in mentions:
        assert after <= mention.start < mention.end <= len(text)
        assert text[mention.start : mention.end] == mention.text
        after = mention.end
        assert mention.kind in KINDS
        values = mention.value if isinstance(mention.value, tuple) else (mention.value,)
        assert len(set(values)) == len(values)
        if mention.kind == "duration":
            assert DURATION.fullmatch(str(mention.value))
        if mention.kind != "time" or mention.value in (None, "same_time", "same_day"):
            continue
        starts = []
        for value in values:
            assert isinstance(value, str)
            moments = edges(value)
            assert moments == sorted(moments), value
            starts.append(moments[0])
        if not any(".." in str(value) for value in values) and len({len(str(v)) for v in values}) == 1:
            assert starts == sorted(starts), values


@settings(max_examples=300, deadline=None)
@given(st.text(max_size=300), MOMENTS, st.sampled_from(ZONES))
def test_any_text_is_read_without_an_error(text: str, now: datetime, place: tuple[str, str]) -> None:
    check(text, read_times(text, now, *place))


@settings(max_examples=600, deadline=None)
@given(st.lists(st.sampled_from(WORDS), max_size=14), MOMENTS, st.sampled_from(ZONES))
def test_any_order_of_time_words_is_read_without_an_error(
    words: list[str], now: datetime, place: tuple[str, str]
) -> None:
    text = " ".join(words)
    check(text, read_times(text, now, *place))


@settings(max_examples=150, deadline=None)
@given(st.integers(0, 10**7), st.integers(0, 23), st.integers(0, 59), st.sampled_from(ZONES))
def test_a_full_date_and_time_comes_back_as_written(
    minutes: int, hour: int, minute: int, place: tuple[str, str]
) -> None:
    now = datetime(2026, 1, 1, tzinfo=UTC)
    day = (now + timedelta(minutes=minutes)).date()
    mentions = read_times(f"{day.day}/{day.month}/{day.year} at {hour:02}:{minute:02}", now, *place)
    assert len(mentions) == 1
    values = mentions[0].value if isinstance(mentions[0].value, tuple) else (mentions[0].value,)
    wall = datetime(day.year, day.month, day.day, hour, minute)
    zone = ZoneInfo(place[0])
    exists = wall.replace(tzinfo=zone).astimezone(UTC).astimezone(zone).replace(tzinfo=None) == wall
    for value in values:
        assert value is not None
        assert (datetime.fromisoformat(value).replace(tzinfo=None) == wall) is exists


def test_the_longest_message_is_read_in_a_few_milliseconds() -> None:
    now = datetime(2026, 11, 25, 10, 0, tzinfo=UTC)
    for words in (
        "hi amina i went in to the jobcentre at last and ",
        "thurs at 2 or 3, ",
        "9 to ",
        "2 10 half ",
    ):
        text = (words * 4096)[:4096]
        best = 1.0
        for _ in range(8):
            began = time.process_time()
            mentions = read_times(text, now, "Europe/London", "england")
            best = min(best, time.process_time() - began)
        assert len(mentions) <= MOST_MENTIONS
        # Aim: 5 ms. The bound is looser, because a busy machine must not fail the suite.
        assert best < 0.05
