"""Sam decides when and how often the bot may write first."""

from __future__ import annotations

from datetime import UTC, datetime, time
from typing import TYPE_CHECKING, Any

import pytest

from actions.how_long import how_long_in, how_many_in
from actions.quiet_hours import quiet_hours_in, spoken_clock
from bot.caseload.models.people import ContactPreference

if TYPE_CHECKING:
    from tests.actions.conftest import Chat


def preference(sam: Chat) -> ContactPreference:
    with sam.services.caseload.transaction() as case:
        return case.preferences.get(case.clients.for_conversation(sam.conversation))


def test_stopping_messages_keeps_the_service_and_tells_amina(sam: Chat) -> None:
    sam.form = "stop_messages_form"
    sam.says("stop messages", "stop_messages")
    (said,) = sam.runs("action_stop_messages")

    assert said.response == "utter_messages_stopped"
    assert preference(sam).stopped_at == sam.services.clock.now()
    with sam.services.caseload.transaction() as case:
        client = case.clients.for_conversation(sam.conversation)
        assert client.status == "active"
        assert [handoff.reason for handoff in case.handoffs.open_for(client)] == ["messages_stopped"]
    assert sam.form is None


def test_start_again_undoes_a_stop_and_a_pause(sam: Chat) -> None:
    with sam.services.caseload.transaction() as case:
        client = case.clients.for_conversation(sam.conversation)
        case.preferences.stop(client)
        case.preferences.pause_until(client, datetime(2026, 12, 24, tzinfo=UTC))
    sam.says("start again", "resume_messages")
    sam.runs("action_resume_messages")

    assert (preference(sam).stopped_at, preference(sam).paused_until) == (None, None)


def asks(sam: Chat, text: str, intent: str, entities: list[tuple[str, Any]] | None = None) -> None:
    sam.says(text, intent, entities)
    sam.runs("action_prepare_preference")


def test_pause_for_two_weeks_ends_two_weeks_later_in_the_morning(sam: Chat) -> None:
    asks(sam, "pause for 2 weeks pls", "pause_messages")
    (said,) = sam.runs("action_pause_messages")

    assert said.args == {"day": "Monday 7 December"}
    assert preference(sam).paused_until == datetime(2026, 12, 7, 9, tzinfo=UTC)


def test_a_pressed_length_counts_like_a_typed_one(sam: Chat) -> None:
    sam.presses("pause_messages", duration="1 week")
    sam.runs("action_prepare_preference")
    (said,) = sam.runs("action_pause_messages")

    assert said.args == {"day": "Monday 30 November"}


def test_until_friday_ends_when_friday_comes(sam: Chat) -> None:
    asks(sam, "no messages til friday", "pause_messages", [("time", "2026-11-27")])
    (said,) = sam.runs("action_pause_messages")

    assert said.args == {"day": "Friday 27 November"}


def test_not_this_week_ends_with_the_week(sam: Chat) -> None:
    asks(sam, "dont message me this week", "pause_messages", [("time", "2026-11-23/2026-11-29")])
    (said,) = sam.runs("action_pause_messages")

    assert said.args == {"day": "Monday 30 November"}


def test_until_after_christmas_ends_when_that_begins(sam: Chat) -> None:
    asks(sam, "hold them until after xmas", "pause_messages", [("time", "2026-12-26/..")])
    (said,) = sam.runs("action_pause_messages")

    assert said.args == {"day": "Saturday 26 December"}


def test_a_pause_without_a_length_is_asked_for(sam: Chat) -> None:
    asks(sam, "need a break from this", "pause_messages")

    assert sam.slots["pause_until"] is None
    assert sam.runs("action_ask_pause_until")[0].response == "utter_ask_pause_until"


def test_a_pause_of_a_year_is_offered_shorter(sam: Chat) -> None:
    sam.says("12 months", "nlu_fallback")
    (said,) = sam.form_hears("pause_form", "pause_until")

    assert said.response == "utter_pause_too_long"
    assert sam.slots["pause_until"] is None


def test_a_length_that_nobody_understands_is_asked_again_then_a_person(sam: Chat) -> None:
    sam.says("til im better", "nlu_fallback")
    sam.form_hears("pause_form", "pause_until")
    first = [said.response for said in sam.runs("action_ask_pause_until")]
    sam.says("u know", "nlu_fallback")
    sam.form_hears("pause_form", "pause_until")
    second = [said.response for said in sam.runs("action_ask_pause_until")]

    assert first == ["utter_pause_until_not_understood", "utter_ask_pause_until"]
    assert second == ["utter_way_out"]


def test_saying_no_to_a_pause_changes_nothing(sam: Chat) -> None:
    sam.says("nah", "deny")
    (said,) = sam.form_hears("pause_form", "pause_until")

    assert said.response == "utter_preferences_unchanged"
    assert sam.form is None


@pytest.mark.parametrize("intent", ["stop", "ask_next_appointment", "request_person", "stop_messages"])
def test_a_pause_lets_go_when_sam_means_something_else(sam: Chat, intent: str) -> None:
    sam.says("something else", intent)

    assert sam.form_hears("pause_form", "pause_until") == []
    assert "form_misses" not in sam.slots


def test_not_after_nine_keeps_the_morning_as_it_was(sam: Chat) -> None:
    with sam.services.caseload.transaction() as case:
        case.preferences.set_quiet_hours(case.clients.for_conversation(sam.conversation), "22:00", "10:00")
    asks(sam, "not after 9pm", "set_quiet_hours")
    (said,) = sam.runs("action_set_quiet_hours")

    assert said.args == {"starts": "9pm", "ends": "10am"}
    assert (preference(sam).quiet_from, preference(sam).quiet_until) == ("21:00", "10:00")


def test_what_the_time_extractor_heard_counts_before_the_words(sam: Chat) -> None:
    asks(sam, "after tea is no good", "set_quiet_hours", [("quiet_time", "T18:00/..")])
    (said,) = sam.runs("action_set_quiet_hours")

    assert said.args == {"starts": "6pm", "ends": "8am"}


@pytest.mark.parametrize("words", ["no texts at weekends", "dont message me on sundays", "not on a saturday"])
def test_quiet_days_cannot_be_kept_and_sam_is_told(sam: Chat, words: str) -> None:
    sam.says(words, "set_quiet_hours", [("quiet_time", "SA,SU")])
    (said,) = sam.runs("action_prepare_preference")

    assert said.response == "utter_quiet_days_not_possible"
    assert sam.slots["quiet_hours"] is None


def test_quiet_days_are_told_in_the_open_form_too(sam: Chat) -> None:
    sam.says("weekends", "nlu_fallback")
    (said,) = sam.form_hears("quiet_hours_form", "quiet_hours")

    assert said.response == "utter_quiet_days_not_possible"


def test_fewer_messages_is_another_matter_while_asked_for_quiet_hours(sam: Chat) -> None:
    sam.says("fewer messages pls", "request_fewer_messages")

    assert sam.form_hears("quiet_hours_form", "quiet_hours") == []
    assert "form_misses" not in sam.slots


def test_any_time_lifts_the_quiet_hours(sam: Chat) -> None:
    sam.presses("set_quiet_hours", quiet_time="../..")
    sam.runs("action_prepare_preference")
    (said,) = sam.runs("action_set_quiet_hours")

    assert said.response == "utter_quiet_hours_lifted"
    assert preference(sam).quiet_from is None


def test_two_a_week_is_two_a_week(sam: Chat) -> None:
    asks(sam, "max 2 a week please", "request_fewer_messages")
    (said,) = sam.runs("action_set_messages_a_week")

    assert preference(sam).max_per_week == 2
    assert (said.response, said.args) == ("utter_messages_a_week_set", {"count": "2"})


def test_a_hundred_a_week_is_asked_again(sam: Chat) -> None:
    sam.says("100", "nlu_fallback")
    sam.form_hears("fewer_messages_form", "messages_a_week")
    said = sam.runs("action_ask_messages_a_week")

    assert [each.response for each in said] == [
        "utter_messages_a_week_not_understood",
        "utter_ask_messages_a_week",
    ]


def test_sam_sees_what_is_set(sam: Chat) -> None:
    with sam.services.caseload.transaction() as case:
        client = case.clients.for_conversation(sam.conversation)
        case.preferences.set_quiet_hours(client, "21:00", "08:30")
        case.preferences.set_max_per_week(client, 2)
    sam.says("what are my settings", "ask_contact_preferences")
    (said,) = sam.runs("action_show_contact_preferences")

    assert said.response == "utter_contact_preferences"
    assert said.args["facts"].splitlines() == [
        "I may send you messages, such as reminders.",
        "Quiet hours: 9pm to 8:30am.",
        "Most messages a week: 2.",
    ]


def test_a_pause_that_has_ended_is_not_shown(sam: Chat) -> None:
    with sam.services.caseload.transaction() as case:
        client = case.clients.for_conversation(sam.conversation)
        case.preferences.pause_until(client, datetime(2026, 11, 1, tzinfo=UTC))
    sam.says("are my messages paused", "ask_contact_preferences")
    (said,) = sam.runs("action_show_contact_preferences")

    assert said.response == "utter_contact_preferences"


@pytest.mark.parametrize(
    ("words", "starts", "ends"),
    [
        ("not after 9pm", time(21), None),
        ("dont message me after 8", time(20), None),
        ("not after half 8", time(20, 30), None),
        ("only mornings please", time(12), time(8)),
        ("nothing before 11 ta my meds knock me out", None, time(11)),
        ("i sleep til midday dont text before", None, time(12)),
        ("only message me between 9 and 5", time(17), time(9)),
        ("not between 2 and 4 i nap then", time(14), time(16)),
        ("text me after 6pm only, im at work", None, time(18)),
        ("between 10pm and 9", time(22), time(9)),
        ("dont text at night", time(21), time(8)),
        ("not in the mornings", None, time(12)),
        ("arvos only", time(18), time(12)),
    ],
)
def test_quiet_hours_as_clients_write_them(words: str, starts: time | None, ends: time | None) -> None:
    found = quiet_hours_in(words)

    assert found is not None
    assert (found.starts, found.ends) == (starts, ends)


@pytest.mark.parametrize("words", ["quiet hours", "not at weekends", "", "your messages annoy me"])
def test_words_without_a_time_of_day_are_no_quiet_hours(words: str) -> None:
    assert quiet_hours_in(words) is None


@pytest.mark.parametrize(
    ("words", "days"),
    [
        ("2 weeks", 14),
        ("a week", 7),
        ("a fortnight", 14),
        ("a couple of weeks", 14),
        ("3 days", 3),
        ("this week", None),
    ],
)
def test_lengths_as_clients_write_them(words: str, days: int | None) -> None:
    length = how_long_in(words)

    assert (length.days if length else None) == days


@pytest.mark.parametrize(
    ("words", "number"), [("once a week", 1), ("max 2 a week", 2), ("three", 3), ("too many", None)]
)
def test_numbers_as_clients_write_them(words: str, number: int | None) -> None:
    assert how_many_in(words) == number


def test_times_of_day_are_written_in_plain_words() -> None:
    assert [spoken_clock(each) for each in (time(21), time(8, 30), time(12), time(0))] == [
        "9pm",
        "8:30am",
        "midday",
        "midnight",
    ]


def test_one_a_day_is_not_taken_for_one_a_week(sam: Chat) -> None:
    sam.says("max 1 a day", "request_fewer_messages")
    sam.runs("action_prepare_preference")

    assert sam.slots["messages_a_week"] is None
