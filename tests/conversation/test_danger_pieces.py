"""A thought in pieces is read as one, and pieces of different thoughts are not (domain 4.4 (must) 1)."""

from __future__ import annotations

from datetime import timedelta

from bot.clock import FixedClock
from bot.conversation import ownership
from tests.conversation.office import ClientPhone, FakeDialogue, Office, result
from tests.people import Colleague


def _fired(office: Office) -> bool:
    return ("done", "safety:crisis") in office.outcomes()


def test_pieces_are_joined_over_the_bots_replies(sam: ClientPhone, office: Office) -> None:
    for piece in ("i want to", "kill", "myself"):
        sam.asks(piece)
    assert _fired(office)


def test_a_cancelled_visit_with_thanks_and_a_goodbye_is_no_farewell_when_each_was_answered(
    sam: ClientPhone, office: Office
) -> None:
    for piece in ("cancel my appointment", "thanks", "bye"):
        sam.asks(piece)
    assert not _fired(office)


def test_the_same_in_one_breath_is_a_farewell(
    sam: ClientPhone, office: Office, dialogue: FakeDialogue
) -> None:
    dialogue.thinking = True
    for piece in ("cancel my appointment", "thanks", "bye"):
        sam.says(piece)
    assert _fired(office)


def test_a_pressed_button_between_the_pieces_neither_parts_nor_joins_them(
    sam: ClientPhone, office: Office
) -> None:
    sam.says("i cant")
    sam.presses_token("no such token")
    sam.says("do this anymore")
    office.settle()
    assert _fired(office)


def test_pieces_that_are_more_than_ten_minutes_apart_are_not_joined(
    sam: ClientPhone, office: Office, clock: FixedClock
) -> None:
    sam.asks("i cant")
    clock.set(clock.now() + timedelta(minutes=11))
    sam.asks("do this anymore")
    assert not _fired(office)


def test_a_piece_that_is_edited_is_read_in_its_place(sam: ClientPhone, office: Office) -> None:
    sam.asks("i cant")
    middle = sam.message({"text": "hm"})
    office.receive({"update_id": 1, "message": middle})
    sam.asks("anymore")
    assert not _fired(office)
    office.receive(
        {"update_id": 2, "edited_message": {**middle, "text": "do this", "edit_date": middle["date"]}}
    )
    office.settle()
    assert _fired(office)


def test_an_edited_piece_counts_once_and_as_it_reads_now(sam: ClientPhone, office: Office) -> None:
    first = sam.message({"text": "i cnt"})
    office.receive({"update_id": 1, "message": first})
    office.receive(
        {"update_id": 2, "edited_message": {**first, "text": "i cant", "edit_date": first["date"]}}
    )
    sam.says("do this")
    sam.says("anymore")
    office.settle()
    assert _fired(office)


def test_what_was_answered_does_not_fire_again_with_the_next_word(sam: ClientPhone, office: Office) -> None:
    for piece in ("i cant", "do this", "anymore", "ok", "thanks"):
        sam.asks(piece)
    assert len(office.rows("safety_events")) == 1


def test_pieces_are_joined_while_amina_has_the_chat_and_writes_in_between(
    sam: ClientPhone, office: Office, amina: Colleague
) -> None:
    with office.caseload.transaction() as case:
        seen = case.conversations.lock(sam.conversation_id).epoch
        ownership.take_over(case, office.words, case.staff.get(amina.id), sam.conversation_id, seen)
    sam.asks("i want to")
    with office.caseload.transaction() as case:
        staff = case.staff.get(amina.id)
        ownership.reply(case, office.words, staff, sam.conversation_id, "What is it, Sam?", "form")
    sam.asks("kill myself today")
    assert _fired(office)


def test_short_answers_to_the_questions_of_a_form_are_not_danger(
    sam: ClientPhone, office: Office, dialogue: FakeDialogue
) -> None:
    dialogue.answer = lambda turn: result("What next?")
    for answer in ("a job", "not nights", "killing time til monday", "dead keen", "end of the month", "bye"):
        sam.asks(answer)
    assert office.rows("safety_events") == []
