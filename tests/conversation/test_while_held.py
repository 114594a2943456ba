"""While a person has the chat: /start says who has it, and the question of consent is asked and kept once."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from bot.clock import FixedClock
from bot.conversation import ownership
from bot.conversation.ownership import Resume
from tests.conversation.office import ClientPhone, FakeDialogue, Office, linked
from tests.conversation.staff_phones import own_phone
from tests.people import Colleague

YES, NO = "Yes, that is OK", "No, thank you"
HAS_IT = "Amina has this chat now. What you type here goes to Amina."
TOKEN = "/start " + "token" * 5


def takes(office: Office, amina: Colleague, phone: ClientPhone) -> None:
    with office.caseload.transaction() as case:
        seen = case.conversations.lock(phone.conversation_id).epoch
        ownership.take_over(case, office.words, case.staff.get(amina.id), phone.conversation_id, seen)
    office.settle()


def hands_back(
    office: Office, amina: Colleague, phone: ClientPhone, resume: Resume = Resume.WHERE_IT_WAS
) -> list[str]:
    """Give the chat back, and return what the client reads then."""
    before = len(phone.bubbles)
    with office.caseload.transaction() as case:
        ownership.hand_back(case, office.words, case.staff.get(amina.id), phone.conversation_id, None, resume)
    office.settle()
    return phone.reads[before:]


def given(office: Office) -> list[bool]:
    return [bool(row["given"]) for row in office.rows("consents")]


@pytest.fixture
def leila(office: Office, amina: Colleague) -> ClientPhone:
    """Leila's chat is linked, and she was asked whether it is OK to chat; she has not answered yet."""
    phone = linked(office, "leila", "Leila Haddad", amina, consent=None)
    phone.asks("/start")
    assert phone.bubbles[-1].labels == [YES, NO]
    return phone


# /start


@pytest.mark.parametrize("typed", ["/start", TOKEN, "/START@foothold_bot"])
def test_start_while_amina_has_the_chat_says_who_has_it_and_nothing_of_the_menu(
    office: Office, sam: ClientPhone, dialogue: FakeDialogue, amina: Colleague, typed: str
) -> None:
    takes(office, amina, sam)
    assert sam.asks(typed) == [HAS_IT]
    assert sam.bubbles[-1].labels == []
    assert dialogue.turns == []
    assert office.rows("timers") == []


@pytest.mark.parametrize("typed", ["/menu", "/help", "/person"])
def test_another_command_is_held_for_amina_and_sam_is_told_so(
    office: Office, sam: ClientPhone, dialogue: FakeDialogue, amina: Colleague, typed: str
) -> None:
    takes(office, amina, sam)
    assert sam.asks(typed) == [HAS_IT]
    assert office.outcomes() == [("held", "a person has the chat")]
    assert dialogue.turns == office.rows("handoffs") == []


def test_coming_back_to_a_blocked_bot_while_amina_has_the_chat(
    office: Office, sam: ClientPhone, dialogue: FakeDialogue, amina: Colleague
) -> None:
    takes(office, amina, sam)
    sam.becomes("kicked")
    office.settle()
    sam.becomes("member")
    office.settle()
    assert sam.asks("/start") == [HAS_IT]
    assert dialogue.turns == []


def test_start_takes_back_a_stop_also_while_amina_has_the_chat(
    office: Office, sam: ClientPhone, amina: Colleague
) -> None:
    with office.caseload.transaction() as case:
        case.preferences.stop(case.clients.for_conversation(sam.conversation_id))
    takes(office, amina, sam)
    sam.asks("/start")
    with office.caseload.reading() as case:
        assert case.preferences.may_start(case.clients.for_conversation(sam.conversation_id))


def bot_has_it(_office: Office, _sam: ClientPhone) -> None:
    """Nobody waits."""


def waits(office: Office, sam: ClientPhone) -> None:
    with office.caseload.transaction() as case:
        case.handoffs.open(case.clients.for_conversation(sam.conversation_id), "Hello?", "question")


@pytest.mark.parametrize("mode", [bot_has_it, waits])
@pytest.mark.parametrize(
    ("typed", "response"),
    [("/start", "utter_gateway_started_again"), (TOKEN, "utter_gateway_linked_already")],
)
def test_start_in_a_chat_that_the_bot_has_changes_nothing_of_who_has_it(
    office: Office, sam: ClientPhone, dialogue: FakeDialogue, typed: str, response: str,
    mode: Callable[[Office, ClientPhone], None],
) -> None:  # fmt: skip
    mode(office, sam)
    before = office.rows("conversations")[0]["mode"]
    assert sam.asks(typed) == [office.words.say(response).text]
    assert office.rows("conversations")[0]["mode"] == before
    assert dialogue.turns == []


def test_start_in_a_chat_that_nobody_confirmed_shows_the_code_alone(
    office: Office, sam: ClientPhone, dialogue: FakeDialogue
) -> None:
    with office.caseload.transaction() as case:
        case.conversations.ask_to_confirm(case.conversations.lock(sam.conversation_id))
    [said] = sam.asks("/start")
    assert "this code" in said
    assert dialogue.turns == []


# Consent


def test_what_leila_writes_to_amina_is_held_and_the_question_is_not_asked_over_her(
    office: Office, leila: ClientPhone, amina: Colleague
) -> None:
    takes(office, amina, leila)
    assert leila.asks("hello are you there") == []
    assert leila.asks("/start") == [HAS_IT]
    assert [why for _, why in office.outcomes()][-2:] == [
        "a person has the chat",
        "fixed:utter_gateway_person_has_chat",
    ]
    assert given(office) == []


@pytest.mark.parametrize(("press", "answer"), [(YES, True), (NO, False)])
def test_a_press_while_amina_has_the_chat_is_kept_once_and_the_bot_stays_silent(
    office: Office, leila: ClientPhone, amina: Colleague, dialogue: FakeDialogue, press: str, answer: bool
) -> None:
    takes(office, amina, leila)
    leila.presses(press)
    leila.presses(press)
    office.settle()
    assert given(office) == [answer]
    assert leila.reads[-2].startswith("Thank you. I have kept your answer. Amina has this chat now")
    assert dialogue.turns == []


def test_a_typed_yes_to_amina_is_no_consent(office: Office, leila: ClientPhone, amina: Colleague) -> None:
    takes(office, amina, leila)
    assert leila.asks("yes") == []
    assert given(office) == []
    assert office.outcomes()[-1] == ("held", "a person has the chat")


@pytest.mark.parametrize("resume", list(Resume))
def test_a_question_that_is_still_open_is_asked_again_at_the_hand_back(
    office: Office, leila: ClientPhone, amina: Colleague, dialogue: FakeDialogue, resume: Resume
) -> None:
    takes(office, amina, leila)
    said = hands_back(office, amina, leila, resume)
    assert said[-1] == office.words.say("utter_gateway_consent_needed").text
    assert leila.bubbles[-1].labels == [YES, NO]
    assert dialogue.turns == []
    leila.presses(YES)
    office.settle()
    assert [turn.intent for turn in dialogue.turns] == ["EXTERNAL_client_linked"]
    # The question from before Amina came still stands on the phone.
    first = next(one for one in leila.bubbles if NO in one.labels)
    leila.presses_token(first.buttons[1].token)
    office.settle()
    assert given(office) == [True]


@pytest.mark.parametrize("resume", list(Resume))
def test_a_yes_to_the_question_while_amina_was_there_is_greeted_at_the_hand_back(
    office: Office, leila: ClientPhone, amina: Colleague, dialogue: FakeDialogue, resume: Resume,
    clock: FixedClock,
) -> None:  # fmt: skip
    takes(office, amina, leila)
    clock.advance(seconds=1)
    leila.presses(YES)
    office.settle()
    hands_back(office, amina, leila, resume)
    assert [turn.intent for turn in dialogue.turns] == ["EXTERNAL_client_linked"]


def test_after_a_no_the_bot_asks_and_starts_nothing_at_the_hand_back(
    office: Office, leila: ClientPhone, amina: Colleague, dialogue: FakeDialogue
) -> None:
    takes(office, amina, leila)
    leila.presses(NO)
    office.settle()
    [said] = hands_back(office, amina, leila)
    assert said.startswith("Amina has left the chat.")
    assert dialogue.turns == []


def test_amina_reads_in_her_own_telegram_that_the_question_is_open(
    office: Office, leila: ClientPhone, sam: ClientPhone, amina: Colleague
) -> None:
    hers = own_phone(office, amina)
    for phone in (leila, sam):
        waits(office, phone)
    assert "LH has not said yet whether it is OK to chat here." in hers.opens("LH")[0]
    assert "OK to chat" not in hers.opens("SO")[0]
