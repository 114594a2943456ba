"""Days and times as Sam in England and Aroha in New Zealand type them."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from nlu.components.times import TimeMention, read_times

WEDNESDAY = datetime(2026, 11, 25, 10, 0, tzinfo=ZoneInfo("Europe/London"))
AUCKLAND = "Pacific/Auckland"


def sam_says(text: str, now: datetime = WEDNESDAY) -> list[TimeMention]:
    return read_times(text, now, "Europe/London", "england")


def aroha_says(text: str, now: datetime) -> list[TimeMention]:
    return read_times(text, now, AUCKLAND, "nz")


def values(mentions: list[TimeMention]) -> list[object]:
    return [mention.value for mention in mentions]


def test_sam_moves_an_appointment_and_both_days_are_read() -> None:
    mentions = sam_says("can we move it from thursday to friday at half 3")
    assert [(m.text, m.value) for m in mentions] == [
        ("thursday", "2026-11-26"),
        ("friday at half 3", "2026-11-27T15:30:00+00:00"),
    ]


def test_the_place_of_each_mention_is_its_words_in_the_message() -> None:
    text = "Soz İ cant do THURS ARVO 😀 what about weds week at 10?"
    for mention in sam_says(text):
        assert text[mention.start : mention.end] == mention.text
    assert [m.text for m in sam_says(text)] == ["THURS ARVO", "weds week at 10"]


def test_next_tuesday_said_on_a_monday_is_both_tuesdays_with_the_nearest_first() -> None:
    monday = datetime(2026, 11, 30, 9, 0, tzinfo=ZoneInfo("Europe/London"))
    assert values(sam_says("next tuesday", monday)) == [("2026-12-01", "2026-12-08")]


def test_next_tuesday_said_on_a_wednesday_is_one_day() -> None:
    assert values(sam_says("next tuesday")) == ["2026-12-01"]


def test_monday_week_is_a_week_after_the_coming_monday() -> None:
    for words in ("monday week", "a week on monday", "week on monday", "a week monday"):
        assert values(sam_says(words)) == ["2026-12-07"], words


def test_a_short_weekday_before_week_is_a_day_as_well() -> None:
    assert values(sam_says("mon week arvo")) == ["2026-12-07T12:00:00+00:00/2026-12-07T18:00:00+00:00"]
    friday = datetime(2026, 11, 27, 9, 0, tzinfo=ZoneInfo("Europe/London"))
    assert values(sam_says("wed week at 2", friday)) == ["2026-12-09T14:00:00+00:00"]


def test_the_day_that_sam_can_do_is_read_beside_the_one_that_he_cannot() -> None:
    assert values(sam_says("i cant do friday can we do wed instead at half 10")) == [
        "2026-11-27",
        "2026-11-25T10:30:00+00:00",
    ]


def test_a_weekday_that_is_today_stays_today_while_the_time_is_ahead() -> None:
    assert values(sam_says("weds at 3")) == ["2026-11-25T15:00:00+00:00"]
    assert values(sam_says("weds at 9")) == ["2026-12-02T09:00:00+00:00"]
    assert values(sam_says("weds")) == [("2026-11-25", "2026-12-02")]


def test_a_choice_of_days_is_one_mention_with_both() -> None:
    assert values(sam_says("tues or thurs at 2")) == [
        ("2026-11-26T14:00:00+00:00", "2026-12-01T14:00:00+00:00"),
    ]


def test_ten_to_twelve_in_figures_may_be_a_stretch_or_a_time() -> None:
    assert values(sam_says("10 to 12 tomorrow")) == [
        ("2026-11-26T10:00:00+00:00/2026-11-26T12:00:00+00:00", "2026-11-26T11:50:00+00:00"),
    ]
    assert values(sam_says("ten to 12 tomorrow")) == ["2026-11-26T11:50:00+00:00"]


@pytest.mark.parametrize("words", ["31 feb", "25:00", "13pm", "32nd of december", "14:75", "31/11/26"])
def test_a_time_that_cannot_be_is_a_mention_without_a_value(words: str) -> None:
    assert values(sam_says(words)) == [None]


def test_a_weekday_that_does_not_fit_its_date_gives_both_readings() -> None:
    assert values(sam_says("thurs 27th november")) == [("2026-11-26", "2026-11-27")]


@pytest.mark.parametrize(
    "words",
    [
        "may i ask you something",
        "the sun is out",
        "march on",
        "the 2nd one please",
        "second one",
        "£12 an hour",
        "12 quid",
        "16 hours a week",
        "call me on 07700 900123",
        "1 of them",
        "one",
        "they are open 24/7",
        "a minute ago",
        "day job",
        "12 high st",
        "i sat at home",
        "see you later",
        "good morning amina",
        "i have 3 kids",
        "on benefits since 2019 and before 2015 as well",
    ],
)
def test_words_that_only_look_like_times_are_left_alone(words: str) -> None:
    assert sam_says(words) == []


@pytest.mark.parametrize(
    ("words", "value"),
    [
        ("dont text me after 9", "T21:00/.."),
        ("no messages before 10 in the morning please", "../T10:00"),
        ("only evenings", "T00:00/T18:00"),
        ("not at weekends", "SA,SU"),
        ("only text me monday to friday", "SA,SU"),
        ("please dont ring between 10pm and 8am", "T22:00/T08:00"),
        ("only weekday evenings pls", "SA,SU; MO,TU,WE,TH,FR T00:00/T18:00"),
    ],
)
def test_quiet_hours_say_when_to_be_quiet(words: str, value: str) -> None:
    assert [(m.kind, m.value) for m in sam_says(words)] == [("quiet_time", value)]


def test_a_day_in_a_request_for_quiet_is_a_day_and_not_a_rule() -> None:
    assert [(m.kind, m.value) for m in sam_says("dont message me until monday")] == [("time", "2026-11-30")]


def test_what_comes_round_is_no_single_time() -> None:
    assert [(m.kind, m.value) for m in sam_says("i work mon-fri 9-5")] == [
        ("recurring", "MO,TU,WE,TH,FR T09:00/T17:00")
    ]


def test_same_time_is_left_to_the_dialogue() -> None:
    assert values(sam_says("same time next week")) == ["same_time", "2026-11-30/2026-12-06"]


def test_dinner_time_is_open_in_england_and_evening_in_new_zealand() -> None:
    now = datetime(2026, 11, 25, 9, 0, tzinfo=ZoneInfo(AUCKLAND))
    assert values(aroha_says("dinner time", now)) == ["2026-11-25T18:00:00+13:00/2026-11-25T20:00:00+13:00"]
    assert len(sam_says("dinner time")[0].value or ()) == 2


def test_a_clock_time_that_comes_twice_when_clocks_go_back_gives_both() -> None:
    saturday = datetime(2026, 10, 24, 12, 0, tzinfo=ZoneInfo("Europe/London"))
    assert values(sam_says("1.30am tomorrow", saturday)) == [
        ("2026-10-25T01:30:00+01:00", "2026-10-25T01:30:00+00:00"),
    ]
    friday = datetime(2027, 4, 2, 10, 0, tzinfo=ZoneInfo(AUCKLAND))
    assert values(aroha_says("sunday 2.30am", friday)) == [
        ("2027-04-04T02:30:00+13:00", "2027-04-04T02:30:00+12:00"),
    ]


def test_a_clock_time_that_is_skipped_when_clocks_go_forward_moves_on_by_the_gap() -> None:
    thursday = datetime(2027, 3, 25, 9, 0, tzinfo=ZoneInfo("Europe/London"))
    assert values(sam_says("sunday at 1.30am", thursday)) == ["2027-03-28T02:30:00+01:00"]
    friday = datetime(2026, 9, 25, 14, 0, tzinfo=ZoneInfo(AUCKLAND))
    assert values(aroha_says("sunday 2.30am", friday)) == ["2026-09-27T03:30:00+13:00"]


def test_hours_run_through_a_change_of_the_clocks_and_days_do_not() -> None:
    saturday = datetime(2026, 10, 24, 12, 0, tzinfo=ZoneInfo("Europe/London"))
    assert values(sam_says("in 24 hours", saturday)) == ["2026-10-25T11:00:00+00:00"]
    assert values(sam_says("tomorrow at midday", saturday)) == ["2026-10-25T12:00:00+00:00"]


def test_now_is_taken_in_the_clients_zone() -> None:
    late_in_utc = datetime(2026, 11, 25, 22, 30, tzinfo=ZoneInfo("UTC"))  # Thursday in Auckland
    assert values(aroha_says("tomorrow", late_in_utc)) == ["2026-11-27"]
    assert values(sam_says("tomorrow", late_in_utc)) == ["2026-11-26"]


def test_a_naive_now_is_refused() -> None:
    with pytest.raises(ValueError, match="aware"):
        read_times("tomorrow", datetime(2026, 11, 25), "Europe/London", "england")
