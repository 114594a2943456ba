"""Sam looks at jobs: Amina's first, one at a time, and every answer is kept."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from actions.decline_reasons import reason_in
from actions.job_words import plain
from actions.which_lead import Mention, ShownLead, mentioned_lead
from bot.caseload.models.plan import JobLead
from bot.clock import FixedClock

if TYPE_CHECKING:
    from tests.actions.conftest import Chat

GARDEN = {
    "title": "Garden centre assistant",
    "employer": "Blooms",
    "place": "Leeds",
    "hours_text": "16 hours a week",
    "pay_text": "£12.40 an hour",
    "why_match": "You like plants.",
    "summary": "Watering and tidying.",
    "url": "https://blooms.example/jobs/1",
}


def share(sam: Chat, **fields: str | None) -> str:
    """Let Amina share a lead with Sam; return its id."""
    with sam.services.caseload.transaction() as case:
        client = case.clients.for_conversation(sam.conversation)
        amina = case.staff.find_by_email("amina@northside.example")
        assert amina is not None
        lead = case.leads.share(client, amina, **{"title": "Baker", **fields})
        return lead.id


def lead(sam: Chat, lead_id: str) -> JobLead:
    with sam.services.caseload.transaction() as case:
        return case.leads.get_for_client(case.clients.for_conversation(sam.conversation), lead_id)


def sees_next(sam: Chat, text: str = "any jobs going", intent: str = "search_jobs") -> str:
    """Let Sam ask for a job; return the response that he got."""
    sam.says(text, intent)
    said = sam.runs("action_find_job")
    if sam.follow_up:
        return said[0].response
    return sam.runs("action_ask_lead_answer")[0].response


def test_a_lead_of_aminas_is_shown_with_all_that_is_known(sam: Chat) -> None:
    lead_id = share(sam, **GARDEN)
    sam.says("any jobs going", "search_jobs")
    sam.runs("action_find_job")
    (said,) = sam.runs("action_ask_lead_answer")

    assert said.response == "utter_job"
    assert said.args["heading"] == "Garden centre assistant at Blooms"
    assert said.args["facts"].splitlines() == [
        "Amina picked this one for you.",
        "Where: Leeds",
        "Pay: £12.40 an hour",
        "Hours: 16 hours a week",
        "Why this one: You like plants.",
    ]
    assert said.labels == ("I am interested", "Not for me", "Tell me more", "Stop for now")
    assert said.payloads[0] == f'/like_job{{"lead": "{lead_id}"}}'
    assert lead(sam, lead_id).shown_at == sam.services.clock.now()


def test_a_lead_with_little_known_is_still_one_to_read(sam: Chat) -> None:
    share(sam, title="Baker")
    sam.says("any jobs going", "search_jobs")
    sam.runs("action_find_job")
    (said,) = sam.runs("action_ask_lead_answer")

    assert said.args == {"heading": "Baker", "facts": "Amina picked this one for you."}


def test_coming_back_to_the_job_is_one_short_line(sam: Chat) -> None:
    share(sam, **GARDEN)
    sees_next(sam)
    sam.says("when is my appointment", "ask_next_appointment")
    (said,) = sam.runs("action_ask_lead_answer")

    assert said.response == "utter_job_again"


def test_asking_for_jobs_shows_the_one_that_still_waits_in_full(sam: Chat, clock: FixedClock) -> None:
    first = share(sam, **GARDEN)
    sees_next(sam)
    clock.advance(days=1)

    assert sees_next(sam) == "utter_job"
    assert sam.slots["lead"] == first


def test_another_one_is_another_one(sam: Chat, clock: FixedClock) -> None:
    first = share(sam, title="Baker")
    clock.advance(minutes=1)
    second = share(sam, title="Gardener")
    sees_next(sam)
    assert sam.slots["lead"] == first
    sees_next(sam, "show me another", "ask_another_job")

    assert sam.slots["lead"] == second


def test_after_three_jobs_it_is_enough_for_today(sam: Chat, clock: FixedClock) -> None:
    for title in ("Baker", "Gardener", "Driver", "Cleaner"):
        share(sam, title=title)
    answers = [sees_next(sam)] + [sees_next(sam, "next one", "ask_another_job") for _ in range(3)]
    clock.advance(days=1)
    tomorrow = sees_next(sam, "next one", "ask_another_job")

    assert answers == ["utter_job", "utter_job", "utter_job", "utter_enough_jobs_today"]
    assert tomorrow == "utter_job"


def test_interest_is_kept_and_amina_is_told(sam: Chat) -> None:
    lead_id = share(sam, **GARDEN)
    sees_next(sam)
    sam.says("yeah keen", "affirm")
    (said,) = sam.runs("action_like_job")

    assert said.response == "utter_job_liked"
    assert lead(sam, lead_id).status == "interested"
    with sam.services.caseload.transaction() as case:
        client = case.clients.for_conversation(sam.conversation)
        assert [handoff.subject for handoff in case.handoffs.open_for(client)] == [f"lead:{lead_id}"]
    assert sam.form is None


def test_a_job_that_is_applied_for_does_not_go_back_to_interested(sam: Chat) -> None:
    lead_id = share(sam, **GARDEN)
    sees_next(sam)
    with sam.services.caseload.transaction() as case:
        case.leads.get_for_client(case.clients.for_conversation(sam.conversation), lead_id).status = "applied"
    sam.presses("like_job", lead=lead_id)
    (said,) = sam.runs("action_like_job")

    assert said.response == "utter_job_under_way"
    assert lead(sam, lead_id).status == "applied"


def test_an_old_button_answers_the_job_that_it_was_under(sam: Chat) -> None:
    first, second = share(sam, title="Baker"), share(sam, title="Gardener")
    sees_next(sam)
    sees_next(sam, "another", "ask_another_job")
    sam.presses("like_job", lead=first)
    sam.runs("action_like_job")

    assert (lead(sam, first).status, lead(sam, second).status) == ("interested", "shared")


def test_a_button_for_somebody_elses_job_finds_nothing(sam: Chat, jo: Chat) -> None:
    lead_id = share(sam, **GARDEN)
    jo.presses("like_job", lead=lead_id)
    (said,) = jo.runs("action_like_job")

    assert said.response == "utter_job_gone"
    assert jo.follow_up == "action_listen"
    assert lead(sam, lead_id).status == "shared"


def test_not_for_me_is_kept_before_the_reason_is_known(sam: Chat) -> None:
    lead_id = share(sam, **GARDEN)
    sees_next(sam)
    sam.presses("decline_job", lead=lead_id)
    sam.runs("action_decline_job")

    assert lead(sam, lead_id).status == "not_interested"
    assert sam.slots["decline_reason"] is None


@pytest.mark.parametrize(
    ("text", "intent", "code", "words"),
    [
        ("its miles away", "give_decline_reason", "too_far", "its miles away"),
        ("the bus takes ages", "nlu_fallback", "too_far", "the bus takes ages"),
        ("cant do nights on my tablets", "give_decline_reason", "nights", "cant do nights on my tablets"),
        ("my back wont take it", "give_decline_reason", "health", None),
        ("just a feeling", "nlu_fallback", "other", "just a feeling"),
    ],
)
def test_a_typed_reason_is_counted_and_kept(
    sam: Chat, text: str, intent: str, code: str, words: str | None
) -> None:
    lead_id = share(sam, **GARDEN)
    sees_next(sam)
    sam.presses("decline_job", lead=lead_id)
    sam.runs("action_decline_job")
    sam.says(text, intent)
    sam.form_hears("decline_reason_form", "decline_reason")
    (said,) = sam.runs("action_save_decline_reason")

    saved = lead(sam, lead_id)
    assert (saved.reason_code, saved.events[-1].words) == (code, words)
    assert said.response == "utter_decline_reason_saved"


def test_a_pressed_reason_is_kept(sam: Chat) -> None:
    lead_id = share(sam, **GARDEN)
    sam.slots["lead"] = lead_id
    sam.presses("give_decline_reason", reason="hours")
    sam.form_hears("decline_reason_form", "decline_reason")
    sam.runs("action_save_decline_reason")

    assert lead(sam, lead_id).reason_code == "hours"


def test_a_reason_in_the_same_breath_is_not_asked_again(sam: Chat) -> None:
    share(sam, **GARDEN)
    sees_next(sam)
    sam.says("nah too far for me", "decline_job")
    sam.runs("action_decline_job")

    assert sam.slots["decline_reason"] == "nah too far for me"


@pytest.mark.parametrize(("text", "intent"), [("no", "deny"), ("dunno", "not_sure")])
def test_nobody_has_to_say_why(sam: Chat, text: str, intent: str) -> None:
    lead_id = share(sam, **GARDEN)
    sam.slots["lead"] = lead_id
    sam.says(text, intent)
    sam.form_hears("decline_reason_form", "decline_reason")
    (said,) = sam.runs("action_save_decline_reason")

    assert said.response == "utter_decline_reason_skipped"
    assert lead(sam, lead_id).reason_code is None


@pytest.mark.parametrize(
    "intent", ["stop", "skip", "go_back", "like_job", "request_person", "ask_next_appointment"]
)
def test_the_question_why_lets_go_when_sam_means_something_else(sam: Chat, intent: str) -> None:
    sam.says("something else", intent)

    assert sam.form_hears("decline_reason_form", "decline_reason") == []
    assert sam.slots.get("decline_reason") is None


def test_more_about_a_job_is_its_advert_and_a_link_to_read(sam: Chat) -> None:
    share(sam, **GARDEN)
    sees_next(sam)
    sam.says("tell me more", "ask_job_details")
    said = sam.runs("action_show_job_details")
    (again,) = sam.runs("action_ask_lead_answer")

    assert said[0].args["summary"] == "Watering and tidying."
    assert said[1].args == {"url": "https://blooms.example/jobs/1"}
    assert again.labels == ("I am interested", "Not for me", "Stop for now")


def test_an_advert_is_shown_as_text_and_short(sam: Chat) -> None:
    advert = "Great job {first_name} \u202etxet\u200b /stop " + "and more words " * 40
    share(sam, title="Baker", summary=advert, url="javascript:alert(1)")
    sees_next(sam)
    sam.says("tell me more", "ask_job_details")
    said = sam.runs("action_show_job_details")

    assert len(said) == 1
    summary = said[0].args["summary"]
    assert len(summary) <= 200
    assert "\u202e" not in summary
    assert "\u200b" not in summary
    assert "{first_name}" in summary


def test_a_job_named_by_its_words_is_the_one_that_is_answered(sam: Chat) -> None:
    garden, baker = share(sam, **GARDEN), share(sam, title="Baker", employer="Greggs")
    sees_next(sam)
    sees_next(sam, "another", "ask_another_job")
    sam.says("im interested in the garden centre one", "like_job")
    sam.runs("action_like_job")

    assert (lead(sam, garden).status, lead(sam, baker).status) == ("interested", "shared")


def test_sam_can_want_a_job_after_all(sam: Chat) -> None:
    garden = share(sam, **GARDEN)
    sees_next(sam)
    sam.presses("decline_job", lead=garden)
    sam.runs("action_decline_job")
    sam.says("actually i like the garden centre one", "like_job")
    sam.runs("action_like_job")

    assert lead(sam, garden).status == "interested"


def test_a_job_that_was_never_shown_is_asked_about_and_nothing_is_saved(sam: Chat) -> None:
    garden = share(sam, **GARDEN)
    sees_next(sam)
    sam.says("i want the library one", "like_job")
    (said,) = sam.runs("action_like_job")

    assert said.response == "utter_which_job"
    assert said.labels == ("Garden centre assistant",)
    assert lead(sam, garden).status == "shared"
    assert sam.follow_up == "action_listen"


def test_a_yes_with_no_job_on_the_table_saves_nothing(sam: Chat) -> None:
    sam.says("im interested", "like_job")
    (said,) = sam.runs("action_like_job")

    assert said.response == "utter_no_job_on_the_table"


def test_two_misses_lead_to_a_person(sam: Chat) -> None:
    share(sam, **GARDEN)
    sees_next(sam)
    heard = []
    for _ in range(2):
        sam.says("hmm", "nlu_fallback")
        sam.form_hears("job_lead_form", "lead_answer")
        heard.append([said.response for said in sam.runs("action_ask_lead_answer")])

    assert heard == [["utter_answer_not_understood", "utter_job_again"], ["utter_way_out"]]


SHOWN = (
    ShownLead("a", "Garden centre assistant", "Blooms"),
    ShownLead("b", "Baker's assistant", "Greggs"),
    ShownLead("c", "Warehouse assistant", "Asda"),
)


@pytest.mark.parametrize(
    ("words", "meant"),
    [
        ("the 2nd one please", Mention("b")),
        ("that garden centre one", Mention("a")),
        ("the bakery one", Mention("b")),
        ("the last one", Mention("c")),
        ("go on the asda one then", Mention("c")),
        ("number 3", Mention("c")),
        ("im interested", Mention(None)),
        ("nah too far", Mention(None)),
        ("the school one", Mention(None, unclear=True)),
        ("the one in the kitchen, im interested", Mention(None, unclear=True)),
        ("the one at blooms", Mention("a")),
        ("the 9th one", Mention(None)),
    ],
)
def test_which_job_as_clients_write_it(words: str, meant: Mention) -> None:
    assert mentioned_lead(words, SHOWN) == meant


@pytest.mark.parametrize(
    ("words", "code"),
    [
        ("bus takes ages", "too_far"),
        ("cant do weekends", "hours"),
        ("pay is rubbish", "pay"),
        ("too many people", "people_contact"),
        ("used to work there", "been_there_before"),
        ("its in a pub", "type_of_work"),
        ("just no", "other"),
    ],
)
def test_reasons_as_clients_write_them(words: str, code: str) -> None:
    assert reason_in(words) == code


def test_an_adverts_words_lose_what_hides_or_turns_text() -> None:
    assert plain("a\u202e b\n\tc\x07\u200d d") == "a b c d"


def test_cannot_do_that_one_right_after_an_appointment_is_about_the_appointment(sam: Chat) -> None:
    sam.events.append({"event": "bot", "data": {}, "metadata": {"utter_action": "utter_next_appointment"}})
    sam.says("cant do that one sorry bad night", "decline_job")
    assert sam.runs("action_decline_job") == []
    assert sam.events[-1]["parse_data"]["intent"]["name"] == "cancel_appointment"


def test_that_he_cannot_come_is_not_lost_when_sam_asks_for_jobs_too(sam: Chat) -> None:
    share(sam, **GARDEN)
    sam.says("I cant come tmrw and can you find me cleaning jobs", "search_jobs")
    (said,) = sam.runs("action_find_job")
    assert said.response == "utter_also_cannot_come"


def test_and_where_right_after_an_appointment_is_about_the_appointment(sam: Chat) -> None:
    sam.events.append({"event": "bot", "data": {}, "metadata": {"utter_action": "utter_next_appointment"}})
    sam.says("and where", "ask_job_details")
    assert sam.runs("action_show_job_details") == []
    assert sam.events[-1]["parse_data"]["intent"]["name"] == "ask_next_appointment"
