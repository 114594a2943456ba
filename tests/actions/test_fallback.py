"""Not understood: honest, with likely meanings and a person, and Sam's pick is kept."""

from __future__ import annotations

from bot.caseload.store import Caseload
from tests.actions.conftest import Chat

RANKING = [
    ("nlu_fallback", 0.6),
    ("move_appointment", 0.2),
    ("greet", 0.15),
    ("achieve_goal", 0.1),
    ("near_goal", 0.09),
    ("update_goal", 0.08),
]


def picks(caseload: Caseload) -> list[tuple[str, str | None]]:
    with caseload.reading() as case:
        amina = case.staff.find_by_email("amina@northside.example")
        assert amina is not None
        return [
            (miss.words, miss.picked)
            for miss in case.misses.of_service(amina, case.clock.now().replace(year=2000))
        ]


def test_likely_meanings_are_offered_with_a_person_last(sam: Chat) -> None:
    sam.says("shift the thing", "nlu_fallback", ranking=RANKING)
    (said,) = sam.runs("action_offer_meanings")
    assert said.response == "utter_not_understood"
    assert said.labels == (
        "Move an appointment",
        "Mark a goal as done",
        "Mark progress on a goal",
        "Ask a person",
    )


def test_no_label_is_offered_twice_and_none_is_too_long(sam: Chat) -> None:
    ranking = [("near_goal", 0.3), ("update_goal", 0.3), ("see_goals", 0.2)]
    sam.says("goal thing", "nlu_fallback", ranking=ranking)
    (said,) = sam.runs("action_offer_meanings")
    assert said.labels == ("Mark progress on a goal", "See my goals", "Ask a person")


def test_without_a_likely_meaning_there_is_still_a_way_on(sam: Chat) -> None:
    sam.says("asdf", "nlu_fallback", ranking=[("nlu_fallback", 0.9), ("greet", 0.1)])
    assert [each.response for each in sam.runs("action_offer_meanings")] == ["utter_not_understood_no_guess"]


def test_the_second_miss_in_a_row_offers_the_person_first(sam: Chat) -> None:
    for words in ("shift the thing", "THE THING"):
        sam.says(words, "nlu_fallback", ranking=RANKING)
        (said,) = sam.runs("action_offer_meanings")
    assert said.response == "utter_not_understood_twice"
    first = sam.services.responses["utter_not_understood_twice"][0]["buttons"][0]
    assert first["title"] == "Ask a person"
    assert len(said.labels) + 1 <= 4


def test_an_understood_message_in_between_starts_anew(sam: Chat) -> None:
    sam.says("shift the thing", "nlu_fallback", ranking=RANKING)
    sam.says("thanks", "thank")
    sam.says("shift the thing", "nlu_fallback", ranking=RANKING)
    assert [each.response for each in sam.runs("action_offer_meanings")] == ["utter_not_understood"]


def test_the_pick_is_kept_with_what_was_not_understood_and_the_turn_goes_on_with_it(
    sam: Chat, caseload: Caseload
) -> None:
    sam.says("shift the thing sam", "nlu_fallback", ranking=RANKING)
    sam.runs("action_offer_meanings")
    sam.presses("pick_meaning", meaning="move_appointment")
    assert sam.runs("action_record_pick") == []
    assert picks(caseload) == [("shift the thing [name]", "move_appointment")]
    listen, again = sam.events[-2:]
    assert listen["name"] == "action_listen"
    assert again["parse_data"]["intent"]["name"] == "move_appointment"
    assert (again["message_id"], again["metadata"]["first_name"]) == ("m2", "Sam")


def test_a_meaning_that_was_never_offered_is_refused(sam: Chat, caseload: Caseload) -> None:
    sam.says("shift the thing", "nlu_fallback", ranking=RANKING)
    sam.runs("action_offer_meanings")
    sam.presses("pick_meaning", meaning="EXTERNAL_client_linked")
    assert [each.response for each in sam.runs("action_record_pick")] == ["utter_not_understood_no_guess"]
    assert picks(caseload) == [("shift the thing", None)]


def offered(sam: Chat, response: str, *payloads: str) -> None:
    """The bot said something with buttons."""
    buttons = [{"title": payload, "payload": payload} for payload in payloads]
    sam.events.append({"event": "bot", "data": {"buttons": buttons}, "metadata": {"utter_action": response}})


def taken_as(sam: Chat) -> tuple[str, dict[str, object]]:
    """What the last message was taken for."""
    parsed = sam.events[-1]["parse_data"]
    return parsed["intent"]["name"], {each["entity"]: each["value"] for each in parsed["entities"]}


def test_yes_takes_up_what_was_offered(sam: Chat) -> None:
    sam.says("rubbish", "insult_bot")
    offered(sam, "utter_sorry_not_helping", "/request_person", "/open_menu")
    sam.says("yes", "affirm")
    assert sam.runs("action_take_up_offer") == []
    assert taken_as(sam) == ("request_person", {})


def test_the_second_one_is_the_second_button_with_what_it_means(sam: Chat) -> None:
    sam.says("shift the thing", "nlu_fallback", ranking=RANKING)
    offered(
        sam,
        "utter_not_understood",
        '/pick_meaning{"meaning": "greet"}',
        '/pick_meaning{"meaning": "see_goals"}',
    )
    sam.says("the 2nd one", "choose_option")
    sam.runs("action_take_up_offer")
    assert taken_as(sam) == ("pick_meaning", {"meaning": "see_goals"})


def test_yes_to_nothing_in_particular_offers_the_menu(sam: Chat) -> None:
    sam.says("hiya", "greet")
    offered(sam, "utter_greet", "/ask_next_appointment", "/search_jobs")
    sam.says("yes", "affirm")
    assert [each.response for each in sam.runs("action_take_up_offer")] == ["utter_affirm_outside"]


def test_a_number_that_was_not_offered_is_not_guessed(sam: Chat) -> None:
    sam.says("hiya", "greet")
    offered(sam, "utter_greet", "/ask_next_appointment", "/search_jobs")
    sam.says("number 7", "choose_option")
    assert [each.response for each in sam.runs("action_take_up_offer")] == ["utter_affirm_outside"]
