"""From her own Telegram Amina hands a chat back, leaves a client, and finds the way round."""

from __future__ import annotations

import pytest

from tests.conversation.office import ClientPhone, FakeDialogue, Office
from tests.conversation.staff_phones import StaffPhone, own_phone
from tests.conversation.test_staff_answering import cries, held, hers
from tests.conversation.test_staff_reading import asks, audited
from tests.people import hired

__all__ = ["held", "hers"]


@pytest.mark.parametrize(
    ("choice", "resume"),
    [
        ("With the question that was open", "EXTERNAL_handed_back"),
        ("With the menu", "open_menu"),
        ("It waits for the client to write", None),
    ],
)
def test_amina_hands_back_with_a_note_and_chooses_where_the_bot_goes_on(
    office: Office,
    held: ClientPhone,
    hers: StaffPhone,
    dialogue: FakeDialogue,
    choice: str,
    resume: str | None,
) -> None:
    turns = len(dialogue.turns)
    assert hers.does("/note I will ring on Friday") == ["Kept. SO gets this note when you hand back."]
    assert hers.does("[Hand back]") == ["Where does the bot go on with SO?"]
    assert hers.does(f"[{choice}]") == ["The bot has the chat of SO again, and said so."]
    assert any("I will ring on Friday" in text for text in held.reads)
    assert [turn.intent for turn in dialogue.turns[turns:]] == ([resume] if resume else [])
    assert office.rows("staff_focus") == []
    assert "conversation handed back in Telegram" in audited(office)


@pytest.mark.parametrize("command", ["/note", "/note " + "x" * 501])
def test_a_note_that_cannot_be_kept_says_how(
    office: Office, held: ClientPhone, hers: StaffPhone, command: str
) -> None:
    assert hers.does(command)[0].startswith("Write the note behind it")


def test_a_note_may_stand_on_a_line_of_its_own(office: Office, held: ClientPhone, hers: StaffPhone) -> None:
    hers.does("/note\nI will ring\non Friday", "[Hand back]", "[With the menu]")
    assert any("I will ring\non Friday" in text for text in held.reads)


def test_somebody_on_duty_hands_back_though_the_danger_ends_with_it(office: Office, sam: ClientPhone) -> None:
    dot = own_phone(office, hired(office.caseload, "northside", "Dot Yule", "duty"))
    cries(office, sam)
    dot.opens("SO")
    dot.does("[Take over]", "[Hand back]")
    assert dot.does("[With the menu]") == ["The bot has the chat of SO again, and said so."]
    assert dot.does("/waiting") == ["Nobody waits for you."]


def test_a_note_goes_with_a_chat_that_was_taken(office: Office, hers: StaffPhone) -> None:
    assert hers.does("/note hello")[0].startswith("A note goes with a hand-back.")


def test_done_leaves_a_client_but_not_a_chat_that_she_has(
    office: Office, sam: ClientPhone, hers: StaffPhone
) -> None:
    assert hers.does("/done") == ["Nobody is open. /waiting"]
    asks(office, sam)
    hers.opens("SO")
    assert hers.does("/done") == ["Closed. /waiting"]
    hers.opens("SO")
    hers.does("[Take over]")
    assert hers.does("/done")[0].startswith("You still have the chat of SO")
    assert office.rows("conversations")[0]["mode"] == "person"


def test_back_shows_who_waits(office: Office, sam: ClientPhone, hers: StaffPhone) -> None:
    asks(office, sam)
    hers.opens("SO")
    assert hers.does("[Back]")[0].startswith("1 thing waits.")
    assert office.rows("staff_focus") == []


@pytest.mark.parametrize("command", ["/help", "/start", "/menu", "/unknown"])
def test_help_names_the_commands(office: Office, hers: StaffPhone, command: str) -> None:
    [said] = hers.does(command)
    for name in ("/waiting", "/note", "/done"):
        assert name in said
