"""Amina answers from her own Telegram: shown back first, never to the wrong client, and no race is silent."""

from __future__ import annotations

import pytest

from bot.caseload.staff_buttons import DRAFT_LIFETIME
from bot.caseload.staff_focus import SILENCE
from bot.clock import FixedClock
from bot.conversation import ownership
from bot.conversation.staff_relay import StaffRelay
from tests.conversation.office import ClientPhone, FakeDialogue, Office, linked
from tests.conversation.staff_phones import StaffPhone, own_phone
from tests.conversation.test_staff_reading import asks, audited
from tests.people import Colleague

CRISIS = "I want to kill myself"


@pytest.fixture
def hers(office: Office, amina: Colleague) -> StaffPhone:
    """Amina's own phone."""
    return own_phone(office, amina)


@pytest.fixture
def ann(office: Office, amina: Colleague) -> ClientPhone:
    """Another client of Amina's."""
    return linked(office, "ann", "Ann Moss", amina)


@pytest.fixture
def held(office: Office, sam: ClientPhone, hers: StaffPhone) -> ClientPhone:
    """Sam, whose chat Amina took in her own Telegram."""
    asks(office, sam)
    hers.opens("SO")
    hers.does("[Take over]")
    return sam


def of_amina(phone: ClientPhone) -> list[str]:
    """What a client has read from Amina."""
    return [text for text in phone.reads if text.startswith("Amina")]


def cries(office: Office, phone: ClientPhone) -> None:
    """Have a client write of danger."""
    phone.asks(CRISIS)


def is_acknowledged(office: Office) -> bool:
    return any(row["what"] == "acknowledged" for row in office.rows("handoff_events"))


# Answer once.


def test_an_answer_is_shown_back_and_sent_after_a_yes(
    office: Office, sam: ClientPhone, hers: StaffPhone
) -> None:
    asks(office, sam)
    hers.opens("SO")
    assert hers.does("[Answer once]", "Yes, up to 16 hours") == ["To SO: Yes, up to 16 hours"]
    assert of_amina(sam) == []
    assert hers.does("[Send]") == ["Sent to SO. The bot keeps the chat."]
    assert len(of_amina(sam)) == 1
    assert "Yes, up to 16 hours" in of_amina(sam)[0]
    [handoff] = office.rows("handoffs")
    assert handoff["status"] == "answered"
    assert "reply sent from Telegram" in audited(office)
    assert sam.asks("thank you") == ["You said: thank you"]


def test_once_is_once(office: Office, sam: ClientPhone, hers: StaffPhone) -> None:
    asks(office, sam)
    hers.opens("SO")
    hers.does("[Answer once]", "Yes", "[Send]")
    assert hers.does("And another thing") == ["Choose whom first: /waiting. Your text was not sent."]


def test_a_no_sends_nothing(office: Office, sam: ClientPhone, hers: StaffPhone) -> None:
    asks(office, sam)
    hers.opens("SO")
    assert hers.does("[Answer once]", "Wrong words", "[Do not send]") == ["It was not sent."]
    assert "out of date" in hers.does("[Send]")[0]
    assert of_amina(sam) == []


def test_send_pressed_twice_sends_once(office: Office, sam: ClientPhone, hers: StaffPhone) -> None:
    asks(office, sam)
    hers.opens("SO")
    hers.does("[Answer once]", "Yes")
    hers.presses("Send")
    hers.presses("Send")
    office.settle()
    assert len(of_amina(sam)) == 1
    assert "used or out of date" in hers.reads[-1]


def test_words_for_somebody_who_was_only_opened_are_not_sent(
    office: Office, sam: ClientPhone, hers: StaffPhone
) -> None:
    asks(office, sam)
    hers.opens("SO")
    assert hers.does("Yes") == ["Your text was not sent. First choose what to do with SO."]
    assert hers.bubbles[-1].labels == ["Take over", "Answer once", "Back"]
    assert office.rows("staff_buttons")[0]["words"] is None


def test_too_long_is_said_before_it_is_shown_back(office: Office, sam: ClientPhone, hers: StaffPhone) -> None:
    asks(office, sam)
    hers.opens("SO")
    said = hers.does("[Answer once]", "x" * (ownership.MAX_REPLY + 1))
    assert said == ["Not sent: this is too long for one message. Send it in two parts."]


def test_a_long_answer_with_wide_characters_is_shown_back_whole(
    office: Office, sam: ClientPhone, hers: StaffPhone
) -> None:
    asks(office, sam)
    hers.opens("SO")
    said = hers.does("[Answer once]", "😀" * 3000)
    assert sum(part.count("😀") for part in said) == 3000
    assert hers.bubbles[-1].labels == ["Send", "Do not send"]


def test_a_colleague_who_took_the_chat_meanwhile_is_not_interrupted(
    office: Office, sam: ClientPhone, hers: StaffPhone, grace: Colleague
) -> None:
    asks(office, sam)
    hers.opens("SO")
    hers.does("[Answer once]", "Yes")
    _takes(office, grace, sam)
    assert hers.does("[Send]") == ["Not sent: a colleague has the chat of SO now."]
    assert of_amina(sam) == []


# The wrong one.


def test_words_for_sam_are_not_sent_once_ann_is_open(
    office: Office, sam: ClientPhone, ann: ClientPhone, hers: StaffPhone
) -> None:
    asks(office, sam)
    hers.opens("SO")
    hers.does("[Answer once]", "For Sam only")
    asks(office, ann, "Help", "person")
    send = next(one.token for one in hers.bubbles[-1].buttons if one.label == "Send")
    hers.opens("AM")
    before = len(hers.reads)
    hers.presses_token(send)
    office.settle()
    assert hers.reads[before:] == ["Not sent: SO is not open here any more. To whom is it? /waiting"]
    assert of_amina(sam) == of_amina(ann) == []
    assert "For Sam only" not in str(office.rows("staff_buttons"))


def test_an_old_button_of_sam_opens_sam_again_instead_of_acting_while_ann_is_open(
    office: Office, sam: ClientPhone, ann: ClientPhone, hers: StaffPhone
) -> None:
    asks(office, sam)
    hers.opens("SO")
    take_sam = next(one.token for one in hers.bubbles[-1].buttons if one.label == "Take over")
    asks(office, ann, "Help", "person")
    hers.opens("AM")
    hers.presses_token(take_sam)
    office.settle()
    assert hers.reads[-1].startswith("SO: Asks a question")
    assert {row["mode"] for row in office.rows("conversations")} == {"waiting"}


def test_words_wait_for_a_yes_for_a_quarter_of_an_hour_and_are_then_forgotten(
    office: Office, sam: ClientPhone, hers: StaffPhone, clock: FixedClock
) -> None:
    asks(office, sam)
    hers.opens("SO")
    hers.does("[Answer once]", "Secret words")
    clock.advance(seconds=DRAFT_LIFETIME.total_seconds())
    assert "out of date" in hers.does("[Send]")[0]
    assert of_amina(sam) == []
    StaffRelay(office.caseload).clear()
    assert "Secret words" not in str(office.rows("staff_buttons"))
    assert office.rows("staff_focus") == []


def test_no_more_than_a_few_texts_wait_for_a_yes(office: Office, sam: ClientPhone, hers: StaffPhone) -> None:
    asks(office, sam)
    hers.opens("SO")
    hers.does("[Answer once]")
    for number in range(6):
        hers.does(f"text {number}")
    assert hers.reads[-1].startswith("Not sent: other texts wait for your yes.")


def test_she_is_told_when_the_client_wrote_again_while_she_typed(
    office: Office, sam: ClientPhone, hers: StaffPhone
) -> None:
    asks(office, sam)
    hers.opens("SO")
    hers.does("[Answer once]")
    sam.asks("I have found it out myself")
    said = hers.does("Here is how")
    assert said == [
        "SO wrote again after you looked. Open the chat before you send this.", "To SO: Here is how"
    ]  # fmt: skip


# The whole chat.


def test_amina_takes_the_chat_and_the_two_talk(
    office: Office, held: ClientPhone, hers: StaffPhone, dialogue: FakeDialogue, clock: FixedClock
) -> None:
    turns = len(dialogue.turns)
    assert "has joined the chat" in held.reads[-1]
    held.says("are you there?")
    office.settle()
    assert hers.gets_news() == ["SO: are you there?"]
    assert hers.gets_news() == []
    assert hers.does("I am") == ["To SO: I am"]
    assert hers.does("[Send]") == ["Sent to SO."]
    assert hers.does("What can I do?") == ["Sent to SO."]
    assert [text.split("\n")[-1] for text in of_amina(held)[-2:]] == ["I am", "What can I do?"]
    clock.advance(minutes=2)
    assert hers.does("Hello?") == ["To SO: Hello?"]
    assert len(dialogue.turns) == turns
    for action in (
        "conversation taken in Telegram",
        "messages shown in Telegram",
        "reply sent from Telegram",
    ):
        assert action in audited(office)


def test_a_flood_of_the_client_comes_over_in_order_and_whole(
    office: Office, held: ClientPhone, hers: StaffPhone
) -> None:
    for number in range(50):
        held.says(f"is job {number} still open")
    office.settle()
    # It comes in one message or in several, and then there is no more.
    came = [line for _ in range(4) for news in hers.gets_news() for line in news.splitlines()]
    assert came == [f"SO: is job {number} still open" for number in range(50)]


def test_pictures_of_the_client_are_named(office: Office, held: ClientPhone, hers: StaffPhone) -> None:
    held.sends({"voice": {"file_id": "x", "file_unique_id": "x", "duration": 3}})
    office.settle()
    assert hers.gets_news() == ["SO: [voice]"]


# Two at once.


def _takes(office: Office, who: Colleague, phone: ClientPhone) -> None:
    with office.caseload.transaction() as case:
        epoch = case.conversations.lock(phone.conversation_id).epoch
        ownership.take_over(case, office.words, case.staff.get(who.id), phone.conversation_id, epoch)


def test_of_two_who_take_the_chat_the_second_is_told(
    office: Office, sam: ClientPhone, hers: StaffPhone, grace: Colleague
) -> None:
    theirs = own_phone(office, grace)
    asks(office, sam)
    hers.opens("SO")
    theirs.opens("SO")
    assert "You have the chat of SO" in theirs.does("[Take over]")[0]
    assert hers.does("[Take over]") == [
        "A colleague was faster. Grace has the chat. Nothing was changed by you."
    ]
    assert hers.opens("SO")[0].startswith(
        "SO: Asks a question. Waits 0 min of working time. Grace has the chat."
    )
    assert hers.bubbles[-1].labels == ["Back"]


def test_two_consultants_talk_to_their_own_clients_at_the_same_time(
    office: Office, held: ClientPhone, hers: StaffPhone, piotr: Colleague
) -> None:
    jo, his = linked(office, "jo", "Jo Lind", piotr), own_phone(office, piotr)
    asks(office, jo, "Hello", "person")
    his.opens("JL")
    his.does("[Take over]")
    held.says("from Sam")
    jo.says("from Jo")
    office.settle()
    StaffRelay(office.caseload).tell_news()
    office.settle()
    assert (hers.reads[-1], his.reads[-1]) == ("SO: from Sam", "JL: from Jo")
    hers.says("to Sam")
    his.says("to Jo")
    office.settle()
    hers.presses("Send")
    his.presses("Send")
    office.settle()
    assert "to Sam" in held.reads[-1]
    assert "to Jo" in jo.reads[-1]


def test_a_chat_that_was_handed_back_in_the_console_takes_no_more_words(
    office: Office, held: ClientPhone, hers: StaffPhone, amina: Colleague
) -> None:
    hers.does("Words")
    with office.caseload.transaction() as case:
        ownership.hand_back(case, office.words, case.staff.get(amina.id), held.conversation_id)
    lost = "You no longer have the chat of SO. Nothing that you write here goes there."
    assert hers.does("[Send]") == [lost]
    assert "Words" not in " ".join(held.reads)


def test_she_is_told_by_itself_that_she_lost_the_chat(
    office: Office, held: ClientPhone, hers: StaffPhone, amina: Colleague
) -> None:
    with office.caseload.transaction() as case:
        ownership.hand_back(case, office.words, case.staff.get(amina.id), held.conversation_id)
    assert hers.gets_news() == ["You no longer have the chat of SO. Nothing that you write here goes there."]
    assert hers.gets_news() == []


def test_after_silence_a_chat_that_she_holds_calls_her_once_without_words(
    office: Office, held: ClientPhone, hers: StaffPhone, clock: FixedClock
) -> None:
    clock.advance(seconds=SILENCE.total_seconds())
    held.says("are you still there?")
    held.says("hello??")
    office.settle()
    assert hers.gets_news() == ["SO wrote. You still have this chat."]
    assert hers.gets_news() == []
    [said] = hers.does("[Open]")
    assert "SO: hello??" in said
    assert "Hand back" in hers.bubbles[-1].labels
    held.says("good")
    office.settle()
    assert hers.gets_news() == ["SO: good"]


def test_while_another_is_open_the_words_of_the_one_she_holds_stay_away(
    office: Office, held: ClientPhone, hers: StaffPhone, ann: ClientPhone
) -> None:
    asks(office, ann, "Help", "person")
    hers.opens("AM")
    held.says("Sam's private words")
    office.settle()
    assert hers.gets_news() == ["SO wrote. You still have this chat."]
    hers.does("/waiting")
    assert sorted(hers.bubbles[-1].labels) == ["AM", "SO"]


# Danger.


def test_danger_that_came_after_she_looked_goes_on_alarming_when_she_answers(
    office: Office, sam: ClientPhone, hers: StaffPhone
) -> None:
    asks(office, sam)
    hers.opens("SO")
    hers.does("[Answer once]", "Yes")
    cries(office, sam)
    said = hers.does("[Send]")
    assert said[-1].startswith("SO may be in danger and wrote after you looked.")
    assert not is_acknowledged(office)


def test_danger_while_she_holds_the_chat_comes_over_and_needs_her_yes(
    office: Office, held: ClientPhone, hers: StaffPhone
) -> None:
    cries(office, held)
    [said] = hers.gets_news()
    assert said == f"SO: {CRISIS}\n\nThere may be danger in this. The numbers for help were sent."
    assert not is_acknowledged(office)
    hers.does("I am with you", "[Send]")
    assert not is_acknowledged(office)
    assert hers.does("[I am on it]") == ["You are on it for SO. The alerts have stopped."]
    assert is_acknowledged(office)
    assert hers.does("[I am on it]")[0].startswith("Somebody is on it for SO already.")


def test_a_yes_to_the_first_cry_does_not_silence_the_second(
    office: Office, held: ClientPhone, hers: StaffPhone
) -> None:
    cries(office, held)
    hers.gets_news()
    cries(office, held)
    assert hers.does("[I am on it]")[0].startswith("SO may be in danger and wrote after you looked.")
    assert not is_acknowledged(office)


def test_taking_over_ends_the_alarm_that_she_read(office: Office, sam: ClientPhone, hers: StaffPhone) -> None:
    cries(office, sam)
    hers.opens("SO")
    assert hers.bubbles[-1].labels == ["I am on it", "Take over", "Answer once", "Back"]
    hers.does("[Take over]")
    assert is_acknowledged(office)
