"""Amina's own Telegram: linked by a code from the console, for alerts, and never a client's chat."""

from __future__ import annotations

import pytest

from bot.clock import FixedClock
from bot.conversation.gate import Gate
from integrations.telegram.parsing import parse
from tests.conversation.office import ClientPhone, FakeDialogue, Office
from tests.people import Colleague


@pytest.fixture
def her_phone(office: Office) -> ClientPhone:
    """A phone that the service does not know yet."""
    return ClientPhone(office, "6000000001", None)


def code_for(office: Office, who: Colleague) -> str:
    with office.caseload.transaction() as case:
        return case.staff.make_link(case.staff.get(who.id)).token


def chat_of(office: Office, who: Colleague) -> str | None:
    with office.caseload.reading() as case:
        return case.staff.get(who.id).alert_chat_id


def test_amina_links_her_own_phone_with_a_code(
    office: Office, her_phone: ClientPhone, amina: Colleague
) -> None:
    [said] = her_phone.asks(f"/start {code_for(office, amina)}")
    assert "Foothold will alert you here, Amina" in said
    assert chat_of(office, amina) == her_phone.chat_id
    assert office.rows("conversations") == []
    assert [row["payload"] for row in office.rows("inbox")] == [None]


def test_a_code_works_once(
    office: Office, her_phone: ClientPhone, stranger: ClientPhone, amina: Colleague
) -> None:
    code = code_for(office, amina)
    her_phone.asks(f"/start {code}")
    stranger.asks(f"/start {code}")
    assert chat_of(office, amina) == her_phone.chat_id
    assert "alert" not in stranger.reads[-1]


def test_an_old_code_is_no_good(
    office: Office, her_phone: ClientPhone, amina: Colleague, clock: FixedClock
) -> None:
    code, newer = code_for(office, amina), code_for(office, amina)
    her_phone.asks(f"/start {code}")
    assert chat_of(office, amina) is None
    clock.advance(minutes=30)
    her_phone.asks(f"/start {newer}")
    assert chat_of(office, amina) is None


def test_anything_else_typed_there_gets_one_fixed_sentence(
    office: Office, her_phone: ClientPhone, amina: Colleague, dialogue: FakeDialogue
) -> None:
    her_phone.asks(f"/start {code_for(office, amina)}")
    [said] = her_phone.asks("Sam is doing well today")
    assert "This chat is for alerts only." in said
    assert dialogue.turns == []
    assert office.rows("messages") == []
    assert {row["payload"] for row in office.rows("inbox")} == {None}


def test_the_sentence_has_the_consoles_address(
    office: Office, her_phone: ClientPhone, amina: Colleague
) -> None:
    her_phone.asks(f"/start {code_for(office, amina)}")
    office.shut()
    seq = her_phone.says("hello").seq
    assert seq is not None
    with office.caseload.transaction() as case:
        item = case.inbox.get(seq)
        inbound = parse(item.payload or "", office.bot_id)
        Gate(office.words, office.danger, "https://foothold.example").decide(case, item, inbound)
    [row] = office.rows("outbox")
    assert row["text"].endswith("https://foothold.example")


def test_a_staff_chat_never_becomes_a_clients(
    office: Office, her_phone: ClientPhone, sam: ClientPhone, amina: Colleague
) -> None:
    her_phone.asks(f"/start {code_for(office, amina)}")
    with office.caseload.transaction() as case:
        invite = case.invites.create(case.clients.for_conversation(sam.conversation_id)).token
    her_phone.asks(f"/start {invite}")
    assert [row["chat_id"] for row in office.rows("conversations")] == [sam.chat_id]


def test_sams_chat_never_becomes_a_staff_chat(office: Office, sam: ClientPhone, amina: Colleague) -> None:
    sam.asks(f"/start {code_for(office, amina)}")
    assert chat_of(office, amina) is None


def test_risk_words_from_a_staff_chat_are_not_answered_as_for_a_stranger(
    office: Office, her_phone: ClientPhone, amina: Colleague
) -> None:
    her_phone.asks(f"/start {code_for(office, amina)}")
    [said] = her_phone.asks("I want to kill myself")
    assert "This chat is for alerts only." in said
    assert office.rows("handoffs") == office.rows("safety_events") == []


def test_once_it_is_unlinked_it_is_a_strangers_again(
    office: Office, her_phone: ClientPhone, amina: Colleague
) -> None:
    her_phone.asks(f"/start {code_for(office, amina)}")
    with office.caseload.transaction() as case:
        case.staff.unlink_alerts(case.staff.get(amina.id))
    said = " ".join(her_phone.asks("I want to kill myself"))
    assert "999" in said
    assert "111" in said


def test_a_phone_that_is_passed_on_belongs_to_the_last_who_linked_it(
    office: Office, her_phone: ClientPhone, amina: Colleague, piotr: Colleague
) -> None:
    her_phone.asks(f"/start {code_for(office, amina)}")
    her_phone.asks(f"/start {code_for(office, piotr)}")
    assert (chat_of(office, amina), chat_of(office, piotr)) == (None, her_phone.chat_id)


def test_blocking_the_bot_unlinks_it(office: Office, her_phone: ClientPhone, amina: Colleague) -> None:
    her_phone.asks(f"/start {code_for(office, amina)}")
    her_phone.becomes("kicked")
    office.settle()
    assert chat_of(office, amina) is None


def test_a_closed_account_gets_no_more_alerts(
    office: Office, her_phone: ClientPhone, amina: Colleague
) -> None:
    her_phone.asks(f"/start {code_for(office, amina)}")
    with office.caseload.transaction() as case:
        case.staff.disable(case.staff.get(amina.id))
    assert "alerts only" not in her_phone.asks("hello")[0]
