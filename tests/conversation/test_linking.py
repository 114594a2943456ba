"""From the invite link to the first chat: links work once, and a no is fine."""

from __future__ import annotations

import pytest

from bot.caseload.store import Caseload
from bot.clock import FixedClock
from bot.conversation import linking
from bot.conversation.wording import Wording
from bot.safety.content import SafetyContent
from tests.conversation.office import ClientPhone, FakeDialogue, Office, linked
from tests.people import Colleague

YES, NO = "Yes, that is OK", "No, thank you"


@pytest.fixture
def token(caseload: Caseload, amina: Colleague) -> str:
    """Sam's invite; Sam has no chat yet."""
    with caseload.transaction() as case:
        staff = case.staff.get(amina.id)
        client = case.clients.enrol(staff.service, "Sam Okoro", ref="sam", consultant=staff)
        return case.invites.create(client).token


def test_an_invite_asks_for_consent_and_a_yes_starts_the_chat(
    stranger: ClientPhone, office: Office, token: str, dialogue: FakeDialogue, words: Wording
) -> None:
    [asked] = stranger.asks(f"/start {token}")
    assert "Is it OK to chat here?" in asked
    assert stranger.bubbles[0].labels == [YES, NO]
    assert dialogue.turns == []
    stranger.presses(YES)
    office.settle()
    assert [turn.intent for turn in dialogue.turns] == ["EXTERNAL_client_linked"]
    [consent] = office.rows("consents")
    assert (bool(consent["given"]), consent["purpose"]) == (True, "chat")
    assert consent["wording_version"] == words.version("utter_gateway_consent")
    assert stranger.asks("Hello") == ["You said: Hello"]


def test_the_token_is_nowhere_in_the_database_afterwards(
    stranger: ClientPhone, office: Office, token: str
) -> None:
    stranger.asks(f"/start {token}")
    for table in ("inbox", "outbox", "messages", "invites", "audit"):
        assert token not in str(office.rows(table))


def test_a_no_is_fine_and_a_later_yes_works(
    stranger: ClientPhone, office: Office, token: str, dialogue: FakeDialogue
) -> None:
    stranger.asks(f"/start {token}")
    stranger.presses(NO)
    office.settle()
    assert "That is fine" in stranger.reads[-1]
    [needed] = stranger.asks("What jobs are there?")
    assert "I need your answer" in needed
    assert dialogue.turns == []
    stranger.presses("Start the chat")
    office.settle()
    assert [turn.intent for turn in dialogue.turns] == ["EXTERNAL_client_linked"]
    assert [bool(row["given"]) for row in office.rows("consents")] == [False, True]


@pytest.mark.parametrize(
    ("typed", "given"), [("yes", True), ("Yeah!", True), ("no thanks", False), ("NOPE", False)]
)
def test_the_answer_can_be_typed(
    stranger: ClientPhone, office: Office, token: str, typed: str, given: bool
) -> None:
    stranger.asks(f"/start {token}")
    stranger.asks(typed)
    assert [bool(row["given"]) for row in office.rows("consents")] == [given]


def test_nothing_is_answered_before_consent(office: Office, amina: Colleague, dialogue: FakeDialogue) -> None:
    leila = linked(office, "leila", "Leila Haddad", amina, consent=None)
    for words in ("What jobs are there?", "/menu", "/help"):
        assert len(leila.asks(words)) == 1
    assert dialogue.turns == []
    assert office.rows("consents") == []


def _is_used(caseload: Caseload, clock: FixedClock, token: str) -> str:
    with caseload.transaction() as case:
        case.invites.use(token)
    return token


def _is_over(caseload: Caseload, clock: FixedClock, token: str) -> str:
    clock.advance(hours=73)
    return token


def _is_revoked(caseload: Caseload, clock: FixedClock, token: str) -> str:
    with caseload.transaction() as case:
        client = case.clients.find_by_ref("sam")
        assert client is not None
        case.invites.create(client)
    return token


def _is_altered(caseload: Caseload, clock: FixedClock, token: str) -> str:
    return token[:-1] + ("A" if token[-1] != "A" else "B")


def _is_of_somebody_who_left(caseload: Caseload, clock: FixedClock, token: str) -> str:
    with caseload.transaction() as case:
        client = case.clients.find_by_ref("sam")
        assert client is not None
        client.status = "closed"
    return token


@pytest.mark.parametrize(
    "spoil", [_is_used, _is_over, _is_revoked, _is_altered, _is_of_somebody_who_left],
    ids=["used", "over", "revoked", "altered", "client left"],
)  # fmt: skip
def test_a_link_that_does_not_work_gets_the_same_text_as_no_link(
    stranger: ClientPhone,
    office: Office,
    clock: FixedClock,
    token: str,
    words: Wording,
    spoil: object,
) -> None:
    spoiled = spoil(office.caseload, clock, token)  # type: ignore[operator]
    assert stranger.asks(f"/start {spoiled}") == [words.say("utter_gateway_stranger").text]
    assert office.rows("conversations") == []
    assert spoiled not in str(office.rows("inbox"))


def test_somebody_elses_link_in_a_linked_chat_changes_nothing(
    sam: ClientPhone, office: Office, piotr: Colleague, words: Wording
) -> None:
    with office.caseload.transaction() as case:
        staff = case.staff.get(piotr.id)
        jo = case.clients.enrol(staff.service, "Jo Lind", ref="jo", consultant=staff)
        token = case.invites.create(jo).token
    assert sam.asks(f"/start {token}") == [words.say("utter_gateway_linked_already").text]
    assert len(office.rows("conversations")) == 1
    assert office.rows("invites")[0]["used_at"] is None


def test_what_is_written_in_the_same_breath_as_the_link_is_kept(
    stranger: ClientPhone, office: Office, token: str
) -> None:
    office.shut()
    stranger.says(f"/start {token}")
    stranger.says("Hello, it is me")
    office.open()
    office.settle()
    said = [row["text"] for row in office.rows("messages") if row["author"] == "client"]
    assert said == ["Hello, it is me"]


def test_a_cry_in_the_same_breath_as_the_link_is_sams_and_not_a_strangers(
    stranger: ClientPhone, office: Office, token: str
) -> None:
    office.shut()
    stranger.says(f"/start {token}")
    stranger.says("I want to kill myself")
    office.open()
    office.settle()
    said = " ".join(stranger.reads)
    assert "I have sent your message to Amina." in said
    assert "I do not know who you are" not in said
    assert [row["reason"] for row in office.rows("handoffs") if row["urgency"] == "now"] == ["safety"]


def test_a_phone_that_changes_hands_before_the_crisis_text_left_still_gets_the_numbers(
    office: Office, amina: Colleague, words: Wording
) -> None:
    sam = linked(office, "sam", "Sam Okoro", amina)
    office.shut()
    sam.says("I want to kill myself")
    with office.caseload.transaction() as case:
        staff = case.staff.get(amina.id)
        linking.unlink_chat(case, words, SafetyContent.load(), staff, sam.conversation_id)
    office.open()
    office.settle()
    said = " ".join(sam.reads)
    assert "999" in said
    assert "Amina" not in said
