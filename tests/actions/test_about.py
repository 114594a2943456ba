"""Sam asks what this is, who reads it, and what it knows of him."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from bot.caseload.models.people import Client
from bot.clock import FixedClock

if TYPE_CHECKING:
    from tests.actions.conftest import Chat


def test_sam_sees_what_is_kept_about_him_in_short_lines(sam: Chat, clock: FixedClock) -> None:
    with sam.services.caseload.transaction() as case:
        client = case.clients.for_conversation(sam.conversation)
        client.area = "Leeds"
        case.goals.add(client, "work in a bakery")
        clock.advance(minutes=1)
        case.goals.add(client, "save for a bike")
    sam.says("what do you know about me", "ask_what_you_know")
    (said,) = sam.runs("action_show_what_i_know")

    lines = said.args["facts"].splitlines()
    assert lines[1:] == [
        "Your area: Leeds.",
        "Your consultant: Amina.",
        "Your goals: work in a bakery and save for a bike.",
        "Next appointment: none.",
        "Jobs we have looked at: 0.",
    ]


def test_what_is_known_shows_nothing_of_another_client(sam: Chat, jo: Chat) -> None:
    with sam.services.caseload.transaction() as case:
        case.goals.add(case.clients.for_conversation(jo.conversation), "become a diver")
    sam.says("what do you know about me", "ask_what_you_know")
    (said,) = sam.runs("action_show_what_i_know")

    assert "diver" not in said.args["facts"]


def test_the_newest_goals_are_shown_when_there_are_many(sam: Chat, clock: FixedClock) -> None:
    with sam.services.caseload.transaction() as case:
        client = case.clients.for_conversation(sam.conversation)
        for goal in ("one", "two", "three", "four"):
            case.goals.add(client, f"goal {goal}")
            clock.advance(minutes=1)
    sam.says("what do you know about me", "ask_what_you_know")
    (said,) = sam.runs("action_show_what_i_know")

    assert "You have 4 goals. The newest: goal two, goal three and goal four." in said.args["facts"]


def test_sam_hears_who_his_consultant_is_and_when_she_is_there(sam: Chat) -> None:
    sam.says("who is my consultant", "ask_my_consultant")
    said = sam.runs("action_show_consultant")

    assert [each.response for each in said] == ["utter_your_consultant", "utter_read_by"]
    assert said[0].args == {"name": "Amina"}


def test_a_client_without_a_consultant_is_told_so(sam: Chat) -> None:
    with sam.services.caseload.transaction() as case:
        case.clients.for_conversation(sam.conversation).consultant = None
    sam.says("who is my consultant", "ask_my_consultant")

    assert [each.response for each in sam.runs("action_show_consultant")] == ["utter_no_consultant_yet"]


def test_at_night_sam_hears_that_nobody_is_there(sam: Chat, clock: FixedClock) -> None:
    clock.set(datetime(2026, 11, 24, 3, 0, tzinfo=UTC))
    sam.says("is someone watching this all the time", "ask_if_monitored")
    (said,) = sam.runs("action_say_working_hours")

    assert (said.response, said.args) == ("utter_read_from", {"day": "Tuesday 24 November", "time": "9am"})


def test_while_amina_is_away_sam_hears_who_reads(sam: Chat) -> None:
    with sam.services.caseload.transaction() as case:
        amina = case.clients.for_conversation(sam.conversation).consultant
        assert amina is not None
        mail = "piotr@northside.example"
        piotr = case.staff.add(
            amina.service,
            "Piotr Nowak",
            mail,
            "consultant",
            password_hash=None,
            totp_secret=None,
        )
        today = case.clock.now().replace(hour=0, minute=0)
        case.absences.add(amina, amina, today, today + timedelta(days=1), cover=piotr)
    sam.says("is someone watching this all the time", "ask_if_monitored")
    away, read = sam.runs("action_say_working_hours")

    assert (away.response, away.args["away"], away.args["reader"]) == (
        "utter_read_while_away",
        "Amina",
        "Piotr",
    )
    assert (read.response, read.args) == ("utter_read_by", {"reader": "Piotr", "until": "5pm"})


def test_sam_hears_how_long_amina_usually_takes(sam: Chat, clock: FixedClock) -> None:
    now = clock.now().replace(hour=10, minute=0)
    for _ in range(5):
        clock.set(now - timedelta(days=7))
        with sam.services.caseload.transaction() as case:
            client = case.clients.for_conversation(sam.conversation)
            assert client.consultant is not None
            case.handoffs.open(client, "", "complaint")
            clock.advance(minutes=100)
            case.handoffs.mark_answered(client.consultant, client)
    sam.says("is someone watching this all the time", "ask_if_monitored")
    (said,) = sam.runs("action_say_working_hours")

    assert said.response == "utter_read_by_usual"
    assert said.args == {"reader": "Amina", "until": "5pm", "within": "2 hours"}


def _requests(sam: Chat) -> list[tuple[str, int]]:
    with sam.services.caseload.transaction() as case:
        client: Client = case.clients.for_conversation(sam.conversation)
        return [(handoff.reason, handoff.asked_count) for handoff in case.handoffs.open_for(client)]


def test_a_wish_to_delete_is_passed_on_and_deletes_nothing_itself(sam: Chat) -> None:
    with sam.services.caseload.transaction() as case:
        case.goals.add(case.clients.for_conversation(sam.conversation), "work in a bakery")
    sam.presses("confirm_data_deletion")
    (said,) = sam.runs("action_request_deletion")

    assert said.response == "utter_deletion_requested"
    assert _requests(sam) == [("data_deletion", 1)]
    with sam.services.caseload.transaction() as case:
        assert len(case.goals.all_for(case.clients.for_conversation(sam.conversation))) == 1


def test_asking_for_a_copy_twice_is_one_request(sam: Chat) -> None:
    for _ in range(2):
        sam.says("i want a copy of my data", "ask_data_copy")
        (said,) = sam.runs("action_request_copy")

    assert said.response == "utter_request_already_made"
    assert _requests(sam) == [("data_copy", 2)]
