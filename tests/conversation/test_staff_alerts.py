"""Alerts in Amina's own Telegram open the right client, and nobody is on what they have not read."""

from __future__ import annotations

import asyncio

import pytest

from bot.conversation.alerting import AlertSender
from integrations.telegram.types import ChatUnreachable
from tests.conversation.office import ClientPhone, Office, linked
from tests.conversation.staff_phones import StaffPhone, own_phone
from tests.conversation.test_staff_answering import CRISIS, cries, is_acknowledged
from tests.people import Colleague

URL = "https://foothold.example"


@pytest.fixture
def hers(office: Office, amina: Colleague) -> StaffPhone:
    """Amina's own phone."""
    return own_phone(office, amina)


def alert(office: Office) -> None:
    """Send the alerts that are due."""
    sender = AlertSender(office.caseload, {office.bot_id: office.phones}, None, URL, "alerts")
    asyncio.run(sender.send_due("telegram"))


def test_an_alert_opens_its_client_with_one_press(office: Office, sam: ClientPhone, hers: StaffPhone) -> None:
    cries(office, sam)
    alert(office)
    shown = hers.bubbles[-1]
    assert shown.text.startswith("Somebody needs you now. Open Foothold: https://")
    assert shown.labels == ["Open", "I am on it"]
    assert "SO" not in f"{shown}"
    [said] = hers.does("[Open]")
    assert said.startswith("SO: May be in danger: read this now. Waits 0 min. The bot has the chat.")
    assert f"SO: {CRISIS}" in said
    assert not is_acknowledged(office)


def test_i_am_on_it_shows_the_words_first_and_ends_the_alarm_with_the_second_press(
    office: Office, sam: ClientPhone, hers: StaffPhone
) -> None:
    cries(office, sam)
    alert(office)
    [said] = hers.does("[I am on it]")
    assert "The alerts still go on. Read this, then press “I am on it” under it." in said
    assert CRISIS in said
    assert not is_acknowledged(office)
    assert hers.does("[I am on it]") == ["You are on it for SO. The alerts have stopped."]
    assert is_acknowledged(office)
    assert "Amina is on it" in " ".join(sam.reads)


def test_a_cry_that_much_was_written_after_is_shown_all_the_same(
    office: Office, sam: ClientPhone, hers: StaffPhone
) -> None:
    cries(office, sam)
    for number in range(8):
        sam.asks(f"later {number}")
    alert(office)
    [said] = hers.does("[Open]")
    assert said.splitlines()[2:4] == [f"SO: {CRISIS}", "(The safety messages were sent here.)"]
    assert "later 7" in said
    assert "I am on it" in hers.bubbles[-1].labels


def test_nobody_is_on_a_cry_that_stands_too_far_back_to_be_shown(
    office: Office, sam: ClientPhone, hers: StaffPhone
) -> None:
    cries(office, sam)
    with office.caseload.transaction() as case:
        conversation = case.conversations.lock(sam.conversation_id)
        for number in range(70):
            case.transcript.add_from_client(
                conversation, f"later {number}", kind="text", inbox_seq=None, channel_message_id=None
            )
    alert(office)
    [said] = hers.does("[I am on it]")
    assert "not all of it is shown here" in said
    assert hers.bubbles[-1].labels == ["Take over", "Answer once", "Back"]
    hers.does("[Take over]")
    assert not is_acknowledged(office)


def test_an_alert_after_somebody_was_on_it_only_opens_the_client(
    office: Office, sam: ClientPhone, hers: StaffPhone
) -> None:
    cries(office, sam)
    alert(office)
    token = hers.bubbles[-1].buttons[1].token
    hers.does("[Open]", "[I am on it]")
    hers.presses_token(token)
    office.settle()
    assert "The alerts still go on" not in hers.reads[-1]
    assert "I am on it" not in hers.bubbles[-1].labels


def test_access_is_asked_at_the_press_and_not_when_the_alert_left(
    office: Office, sam: ClientPhone, hers: StaffPhone, piotr: Colleague
) -> None:
    cries(office, sam)
    alert(office)
    with office.caseload.transaction() as case:
        case.clients.for_conversation(sam.conversation_id).consultant_id = piotr.id
    assert hers.does("[Open]") == ["You can no longer open this client."]
    assert hers.does("[I am on it]") == ["You can no longer open this client."]
    assert not is_acknowledged(office)


def test_whoever_does_not_read_in_telegram_gets_the_alert_without_buttons(
    office: Office, sam: ClientPhone, amina: Colleague
) -> None:
    phone = own_phone(office, amina, reads=False)
    cries(office, sam)
    alert(office)
    assert phone.reads == [
        f"Somebody needs you now. Open Foothold: {URL}/handoffs/{office.rows('handoffs')[0]['id']}"
    ]
    assert phone.bubbles[-1].buttons == ()


def test_an_alert_goes_out_while_another_client_is_open_and_says_nothing_of_either(
    office: Office, sam: ClientPhone, hers: StaffPhone, amina: Colleague
) -> None:
    ann = linked(office, "ann", "Ann Moss", amina)
    with office.caseload.transaction() as case:
        case.handoffs.open(case.clients.for_conversation(ann.conversation_id), "Hi", "person")
    hers.opens("AM")
    hers.does("[Take over]")
    cries(office, sam)
    alert(office)
    assert not {"SO", "AM", "Sam", "Ann"} & set(hers.reads[-1].replace(":", " ").split())
    [said] = hers.does("[Open]")
    assert said.startswith("SO: May be in danger")
    assert "AM" not in said


def test_an_alert_to_a_chat_that_cannot_be_reached_is_dead_and_the_others_leave(
    office: Office, sam: ClientPhone, hers: StaffPhone, grace: Colleague
) -> None:
    office.phones.faults.clear()
    cries(office, sam)
    office.phones.faults.append(ChatUnreachable("blocked"))
    alert(office)
    states = {(row["channel"], row["status"]) for row in office.rows("alerts")}
    assert states == {("console", "sent"), ("telegram", "dead")}


def test_a_flood_in_a_staff_chat_does_not_stop_its_alerts(
    office: Office, sam: ClientPhone, hers: StaffPhone
) -> None:
    for number in range(40):
        hers.says(f"flood {number}")
    office.settle()
    cries(office, sam)
    alert(office)
    assert hers.bubbles[-1].labels == ["Open", "I am on it"]
