"""Whose phone is it? Where a service asks for it, nothing of the case is shown until Amina has confirmed."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from bot.caseload.store import Caseload
from bot.conversation import linking, ownership
from bot.conversation.internal import internal_turn
from bot.conversation.wording import Wording
from bot.safety.content import SafetyContent
from tests.conversation.office import ClientPhone, FakeDialogue, Office, linked
from tests.people import Colleague

YES, NO = "Yes, that is OK", "No, thank you"
CODE = re.compile(r"Please tell Amina this code: (\d{4})\. Then we can chat here\.")


@pytest.fixture
def token(caseload: Caseload, amina: Colleague) -> str:
    """Sam's invite, at a service that confirms new phones."""
    with caseload.transaction() as case:
        staff = case.staff.get(amina.id)
        staff.service.confirm_links = True
        client = case.clients.enrol(staff.service, "Sam Okoro", ref="sam", consultant=staff)
        return case.invites.create(client).token


@pytest.fixture
def waiting(stranger: ClientPhone, office: Office, token: str) -> ClientPhone:
    """Sam's new phone: consent is given, and Amina has not looked yet."""
    stranger.asks(f"/start {token}")
    stranger.presses(YES)
    office.settle()
    return stranger


def chat_id_of(office: Office) -> str:
    return str(office.rows("conversations")[-1]["id"])


def confirms(office: Office, who: Colleague) -> None:
    chat_id = chat_id_of(office)
    with office.caseload.transaction() as case:
        linking.confirm_chat(case, case.staff.get(who.id), chat_id)
    office.settle()


def new_link(office: Office, ref: str = "sam") -> str:
    with office.caseload.transaction() as case:
        client = case.clients.find_by_ref(ref)
        assert client is not None
        return case.invites.create(client).token


def test_the_code_stands_in_a_bubble_of_its_own_beside_the_question(
    stranger: ClientPhone, office: Office, token: str
) -> None:
    asked, code = stranger.asks(f"/start {token}")
    assert "Is it OK to chat here?" in asked
    assert stranger.bubbles[0].labels == [YES, NO]
    found = CODE.fullmatch(code)
    assert found
    assert office.rows("conversations")[0]["link_code"] == found[1]


@pytest.mark.parametrize(
    "typed", ["What jobs are there?", "/menu", "/person", "/stop", "/start", "4821", "1"]
)
def test_until_then_everything_gets_the_one_text(
    waiting: ClientPhone, dialogue: FakeDialogue, typed: str
) -> None:
    [said] = waiting.asks(typed)
    assert CODE.fullmatch(said)
    assert dialogue.turns == []


def test_a_picture_gets_it_too_behind_the_numbers(waiting: ClientPhone, office: Office) -> None:
    before = len(waiting.reads)
    waiting.sends({"photo": [{"file_id": "a", "file_unique_id": "b", "width": 1, "height": 1}]})
    office.settle()
    assert CODE.fullmatch(waiting.reads[-1])
    assert len(waiting.reads) > before + 1


def test_who_reads_this_is_answered_as_to_a_stranger(waiting: ClientPhone, words: Wording) -> None:
    assert waiting.asks("/privacy") == [words.say("utter_gateway_privacy").text]


def test_danger_is_answered_and_people_are_alerted(waiting: ClientPhone, office: Office) -> None:
    said = waiting.asks("I want to kill myself")
    assert not any(CODE.search(text) for text in said)
    assert "safety" in [row["reason"] for row in office.rows("handoffs")]
    assert office.outcomes()[-1] == ("done", "safety:crisis")


def test_it_is_sam_and_the_welcome_comes(
    waiting: ClientPhone, office: Office, amina: Colleague, dialogue: FakeDialogue
) -> None:
    confirms(office, amina)
    assert [turn.intent for turn in dialogue.turns] == ["EXTERNAL_client_linked"]
    assert waiting.asks("Hello") == ["You said: Hello"]
    [chat] = office.rows("conversations")
    assert chat["confirmed_by"] == amina.id


def test_pressed_twice_he_is_welcomed_once(
    waiting: ClientPhone, office: Office, amina: Colleague, dialogue: FakeDialogue
) -> None:
    confirms(office, amina)
    confirms(office, amina)
    assert len(dialogue.turns) == 1
    assert [row["action"] for row in office.rows("audit")].count("chat confirmed") == 1


def test_confirmed_before_the_yes_the_welcome_waits_for_the_yes(
    stranger: ClientPhone, office: Office, amina: Colleague, token: str, dialogue: FakeDialogue
) -> None:
    stranger.asks(f"/start {token}")
    confirms(office, amina)
    assert dialogue.turns == []
    stranger.presses(YES)
    office.settle()
    assert [turn.intent for turn in dialogue.turns] == ["EXTERNAL_client_linked"]


def test_after_a_no_confirming_starts_nothing(
    stranger: ClientPhone, office: Office, amina: Colleague, token: str, dialogue: FakeDialogue
) -> None:
    stranger.asks(f"/start {token}")
    stranger.presses(NO)
    office.settle()
    confirms(office, amina)
    assert dialogue.turns == []


def test_the_bot_starts_nothing_there(
    waiting: ClientPhone, office: Office, amina: Colleague, dialogue: FakeDialogue
) -> None:
    before = len(waiting.reads)
    chat_id = chat_id_of(office)
    with office.caseload.transaction() as case:
        client = case.clients.find_by_ref("sam")
        assert client is not None
        due = case.clock.now() + timedelta(days=2)
        case.appointments.arrange(
            client, case.staff.get(amina.id), due, minutes=45, mode="phone", place="Northgate", purpose=None
        )
        conversation = case.conversations.lock(chat_id)
        case.inbox.receive_internal(conversation, internal_turn("EXTERNAL_handed_back"))
    office.caseload.clock.advance(hours=25)  # type: ignore[attr-defined]  # the tests' clock
    office.timers.ring_due()
    office.settle()
    assert [row["status"] for row in office.rows("timers")].count("done") == 1
    assert waiting.reads[before:] == []
    assert dialogue.turns == []


def test_with_a_person_in_the_chat_the_bot_is_silent(
    waiting: ClientPhone, office: Office, amina: Colleague, words: Wording
) -> None:
    chat_id = chat_id_of(office)
    with office.caseload.transaction() as case:
        conversation = case.conversations.lock(chat_id)
        staff = case.staff.get(amina.id)
        ownership.take_over(case, words, staff, conversation.id, conversation.epoch)
    office.settle()
    assert waiting.asks("Is it you?") == []
    assert office.outcomes()[-1] == ("held", "a person has the chat")


def test_without_the_setting_no_code_is_shown_and_amina_is_told_all_the_same(
    stranger: ClientPhone, office: Office, amina: Colleague, token: str, dialogue: FakeDialogue
) -> None:
    with office.caseload.transaction() as case:
        case.staff.get(amina.id).service.confirm_links = False
    assert len(stranger.asks(f"/start {token}")) == 1
    stranger.presses(YES)
    office.settle()
    assert len(dialogue.turns) == 1
    [handoff] = office.rows("handoffs")
    assert (handoff["reason"], handoff["urgency"]) == ("invite", "routine")
    assert "A phone was linked for Sam." in handoff["question"]
    confirms(office, amina)
    assert len(dialogue.turns) == 1
    assert office.rows("handoffs")[0]["status"] == "closed"


def test_turning_it_on_locks_out_nobody_who_chats_already(
    sam: ClientPhone, office: Office, amina: Colleague
) -> None:
    with office.caseload.transaction() as case:
        case.staff.get(amina.id).service.confirm_links = True
    assert sam.asks("Hello") == ["You said: Hello"]


def test_a_new_phone_closes_the_old_one_which_learns_nothing(
    sam: ClientPhone, stranger: ClientPhone, office: Office, words: Wording
) -> None:
    before = len(sam.reads)
    office.shut()
    with office.caseload.transaction() as case:
        old = case.conversations.lock(sam.conversation_id)
        item = case.outbox.add(
            old, "You are meeting Amina at the library", origin="timer", dedup_key="reminder"
        )
        # It waits longer than the link does.
        case.sending.retry(item, timedelta(hours=1), "the server did not take it")
    stranger.says(f"/start {new_link(office)}")
    office.open()
    office.settle()
    closed = words.say("utter_gateway_chat_closed").text
    assert sam.reads[before:] == [closed]
    [message] = [row for row in office.rows("messages") if "library" in row["text"]]
    assert message["delivery"] == "suppressed"
    [handoff] = office.rows("handoffs")
    assert "The phone that was linked before is closed." in handoff["question"]
    assert "not sent: 1." in handoff["question"]
    assert handoff["conversation_id"] == chat_of(office, stranger)
    assert {"chat replaced", "chat linked"} <= {row["action"] for row in office.rows("audit")}
    assert sam.asks("Hello?") == [words.say("utter_gateway_stranger").text]


def chat_of(office: Office, phone: ClientPhone) -> str:
    [row] = [row for row in office.rows("conversations") if row["chat_id"] == phone.chat_id]
    return str(row["id"])


def test_a_third_phone_stays_one_handoff_about_the_newest(
    sam: ClientPhone, stranger: ClientPhone, office: Office
) -> None:
    stranger.asks(f"/start {new_link(office)}")
    third = ClientPhone(office, "9000000002", None)
    third.asks(f"/start {new_link(office)}")
    [handoff] = office.rows("handoffs")
    assert (handoff["asked_count"], handoff["conversation_id"]) == (2, chat_of(office, third))


def test_not_sam_the_phone_is_unlinked_and_told_one_sentence(
    waiting: ClientPhone, office: Office, amina: Colleague, words: Wording, dialogue: FakeDialogue
) -> None:
    before = len(waiting.reads)
    chat_id = chat_id_of(office)
    with office.caseload.transaction() as case:
        linking.unlink_chat(case, words, SafetyContent.load(), case.staff.get(amina.id), chat_id)
    office.settle()
    assert waiting.reads[before:] == [words.say("utter_gateway_chat_closed").text]
    assert waiting.asks("Hello?") == [words.say("utter_gateway_stranger").text]
    assert dialogue.turns == []
    assert office.rows("handoffs")[0]["status"] == "closed"
    [line] = [row for row in office.rows("audit") if row["action"] == "chat unlinked"]
    assert line["staff_id"] == amina.id


def test_a_chat_that_was_unlinked_meanwhile_cannot_be_confirmed(
    waiting: ClientPhone, office: Office, amina: Colleague, words: Wording, dialogue: FakeDialogue
) -> None:
    chat_id = chat_id_of(office)
    with office.caseload.transaction() as case:
        staff = case.staff.get(amina.id)
        linking.unlink_chat(case, words, SafetyContent.load(), staff, chat_id)
        assert linking.confirm_chat(case, staff, chat_id) is None
        assert linking.unlink_chat(case, words, SafetyContent.load(), staff, chat_id) is None
    office.settle()
    assert dialogue.turns == []


def test_while_sam_waits_others_chat_on(waiting: ClientPhone, office: Office, amina: Colleague) -> None:
    leila = linked(office, "leila", "Leila Haddad", amina)
    assert leila.asks("Hello") == ["You said: Hello"]
    assert CODE.fullmatch(waiting.asks("Hello")[0])
