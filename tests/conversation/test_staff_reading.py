"""Amina opens one client in her own Telegram: labels first, words only of the one, and only while she may."""

from __future__ import annotations

import pytest

from bot.caseload.staff import READING_LASTS
from bot.caseload.staff_focus import SILENCE
from bot.clock import FixedClock
from bot.conversation.sender import Sender
from bot.conversation.staff_relay import StaffRelay
from integrations.telegram.types import ChatUnreachable, Outgoing
from tests.conversation.office import ClientPhone, FakeDialogue, Office, linked
from tests.conversation.staff_phones import StaffPhone, own_phone
from tests.people import Colleague, hired

QUESTION = "Can I keep my benefit?"


@pytest.fixture
def hers(office: Office, amina: Colleague) -> StaffPhone:
    """Amina's own phone."""
    return own_phone(office, amina)


@pytest.fixture
def his(office: Office, piotr: Colleague) -> StaffPhone:
    """Piotr's own phone."""
    return own_phone(office, piotr)


def asks(office: Office, phone: ClientPhone, question: str = QUESTION, reason: str = "question") -> None:
    """Have a client ask something that waits for a human."""
    phone.asks(question)
    with office.caseload.transaction() as case:
        client = case.clients.for_conversation(phone.conversation_id)
        case.handoffs.open(client, question, reason, "now" if reason == "safety" else "routine")


def audited(office: Office) -> list[str]:
    return [row["action"] for row in office.rows("audit")]


def test_opening_shows_the_reason_and_the_last_five_lines_of_one_client(
    office: Office, sam: ClientPhone, hers: StaffPhone, amina: Colleague, dialogue: FakeDialogue
) -> None:
    asks(office, linked(office, "ann", "Ann Moss", amina), "An errand of Ann's")
    for number in range(4):
        sam.asks(f"line {number}")
    asks(office, sam)
    [said] = hers.opens("SO")
    assert said.splitlines() == [
        "SO: Asks a question. Waits 0 min of working time. The bot has the chat.", "",
        "Bot: You said: line 2", "SO: line 3", "Bot: You said: line 3",
        f"SO: {QUESTION}", f"Bot: You said: {QUESTION}",
    ]  # fmt: skip
    assert hers.bubbles[-1].labels == ["Take over", "Answer once", "Back"]
    assert "conversation viewed in Telegram" in audited(office)
    assert dialogue.turns[-1].text == QUESTION


def test_what_goes_to_staff_is_kept_nowhere_and_cannot_be_passed_on(
    office: Office, sam: ClientPhone, hers: StaffPhone
) -> None:
    protected: list[bool] = []

    def note(chat_id: str, outgoing: Outgoing) -> None:
        if chat_id == hers.chat_id:
            protected.append(outgoing.protect)

    office.phones.before_send = note
    asks(office, sam)
    hers.opens("SO")
    hers.does("[Answer once]", "It is on page 3", "[Do not send]")
    assert protected == [True] * len(protected) != []
    assert [row for row in office.rows("outbox") if row["chat_id"] == hers.chat_id] == []
    assert [row["payload"] for row in office.rows("inbox") if row["chat_id"] is None] == [None] * 5
    assert "page 3" not in f"{office.rows('inbox')}{office.rows('staff_buttons')}{office.rows('messages')}"


def test_a_long_chat_comes_in_several_messages_each_with_the_label(
    office: Office, sam: ClientPhone, hers: StaffPhone
) -> None:
    for number in range(3):
        sam.says(f"{number}" + " word" * 700)
    asks(office, sam)
    said = hers.opens("SO")
    assert len(said) > 1
    assert all(part.startswith("SO: ") and len(part) <= 4096 for part in said)
    assert [bool(one.buttons) for one in hers.bubbles[-len(said) :]] == [False] * (len(said) - 1) + [True]


@pytest.mark.parametrize("kind", ["voice", "photo", "sticker", "location"])
def test_only_text_can_be_sent(office: Office, sam: ClientPhone, hers: StaffPhone, kind: str) -> None:
    media = {"file_id": "x", "file_unique_id": "x", "duration": 1}
    hers.sends({kind: [{**media, "width": 1}] if kind == "photo" else media})
    office.settle()
    assert hers.reads == ["Only text can be sent from here."]


def test_an_edit_changes_nothing_and_says_so(office: Office, sam: ClientPhone, hers: StaffPhone) -> None:
    hers.edits("something else")
    office.settle()
    assert hers.reads == ["Changing a message here changes nothing that was sent."]


def test_a_member_of_staff_who_quotes_a_client_gets_no_crisis_text(
    office: Office, hers: StaffPhone, piotr: Colleague
) -> None:
    quote = "She said: I want to kill myself"
    assert hers.asks(quote) == ["Choose whom first: /waiting. Your text was not sent."]
    only_alerts = own_phone(office, piotr, reads=False)
    assert "This chat is for alerts only." in only_alerts.asks(quote)[0]
    assert office.rows("safety_events") == office.rows("handoffs") == []


def test_past_the_database_too_a_quote_gets_no_crisis_text(office: Office, hers: StaffPhone) -> None:
    hers.asks("hello")
    lifeline, bot = office.ingest.lifeline, office.bot_id
    assert (bot, hers.chat_id) in lifeline._staff
    with office.caseload.transaction() as case:
        case.staff.unlink_alerts(case.staff.all()[0])
    hers.asks("hello again")
    assert (bot, hers.chat_id) not in lifeline._staff


def test_a_staff_chat_that_becomes_a_clients_is_a_clients_to_the_lifeline_too(
    office: Office, sam: ClientPhone, hers: StaffPhone
) -> None:
    hers.asks("hello")
    with office.caseload.transaction() as case:
        case.staff.unlink_alerts(case.staff.all()[0])
        invite = case.invites.create(case.clients.for_conversation(sam.conversation_id)).token
    hers.asks(f"/start {invite}")
    assert (office.bot_id, hers.chat_id) not in office.ingest.lifeline._staff


# Who may read, and until when.


def test_without_a_yes_in_the_console_nothing_is_shown(
    office: Office, sam: ClientPhone, amina: Colleague
) -> None:
    asks(office, sam)
    phone = own_phone(office, amina, reads=False)
    [said] = phone.asks("/waiting")
    assert "This chat is for alerts only." in said


def test_the_yes_lasts_thirty_days(
    office: Office, sam: ClientPhone, hers: StaffPhone, clock: FixedClock
) -> None:
    asks(office, sam)
    clock.advance(seconds=READING_LASTS.total_seconds() - 1)
    assert "1 thing waits" in hers.does("/waiting")[0]
    clock.advance(seconds=1)
    assert "alerts only" in hers.does("/waiting")[0]


def _disabled(office: Office, amina: Colleague) -> None:
    with office.caseload.transaction() as case:
        case.staff.disable(case.staff.get(amina.id))


def _another_role(office: Office, amina: Colleague) -> None:
    with office.caseload.transaction() as case:
        case.staff.get(amina.id).role = "lead"


def _unlinked(office: Office, amina: Colleague) -> None:
    with office.caseload.transaction() as case:
        case.staff.unlink_alerts(case.staff.get(amina.id))


def _forbidden(office: Office, amina: Colleague) -> None:
    with office.caseload.transaction() as case:
        case.staff.get(amina.id).service.telegram_reading = False


@pytest.mark.parametrize("change", [_disabled, _another_role, _unlinked, _forbidden])
@pytest.mark.parametrize("step", ["/waiting", "[Take over]", "[Answer once]", "[Back]", "words", "[SO]"])
def test_whoever_may_no_longer_read_sees_nothing_more_at_once(
    office: Office, sam: ClientPhone, hers: StaffPhone, amina: Colleague, change: object, step: str
) -> None:
    asks(office, sam)
    hers.opens("SO")
    change(office, amina)  # type: ignore[operator]
    said = " ".join(hers.does(step))
    for word in ("SO", "benefit", "waits", "Sam"):
        assert word not in said
    assert office.rows("conversations")[0]["mode"] != "person"
    assert all("Amina" not in one for one in sam.reads)


@pytest.mark.parametrize("change", [_disabled, _another_role, _unlinked, _forbidden])
def test_what_waits_to_leave_does_not_leave_any_more(
    office: Office, sam: ClientPhone, hers: StaffPhone, amina: Colleague, change: object
) -> None:
    asks(office, sam)
    hers.opens("SO")
    hers.does("[Take over]")
    office.shut()
    sam.says("a new message")
    assert StaffRelay(office.caseload).tell_news() == 1
    change(office, amina)  # type: ignore[operator]
    office.open()
    office.settle()
    assert "a new message" not in " ".join(hers.reads)
    assert [row for row in office.rows("outbox") if row["staff_id"]] == []


def test_a_client_who_gets_another_consultant_disappears_at_once(
    office: Office, sam: ClientPhone, hers: StaffPhone, piotr: Colleague, his: StaffPhone
) -> None:
    asks(office, sam)
    hers.opens("SO")
    hers.does("[Take over]")
    with office.caseload.transaction() as case:
        case.clients.for_conversation(sam.conversation_id).consultant_id = piotr.id
    sam.says("for Piotr only")
    office.settle()
    assert hers.gets_news() == []
    assert hers.does("words") == ["Choose whom first: /waiting. Your text was not sent."]
    assert hers.does("[SO]") == ["You can no longer open this client."]
    assert hers.does("/waiting") == ["Nobody waits for you."]
    assert "for Piotr only" in his.opens("SO")[0]


# Buttons.


def test_piotr_cannot_press_aminas_button(
    office: Office, sam: ClientPhone, hers: StaffPhone, his: StaffPhone, stranger: ClientPhone
) -> None:
    asks(office, sam)
    hers.does("/waiting")
    token = hers.bubbles[-1].buttons[0].token
    his.presses_token(token)
    stranger.presses_token(token)
    sam.presses_token(token)
    office.settle()
    assert his.reads == ["This button is used or out of date. Go on with /waiting"]
    assert QUESTION not in " ".join(stranger.reads)
    assert office.rows("staff_focus") == []


@pytest.mark.parametrize("token", ["x", "made-up-token", "0" * 64, "'; DROP TABLE staff; --"])
def test_a_forged_button_does_nothing(office: Office, hers: StaffPhone, token: str) -> None:
    hers.presses_token(token)
    office.settle()
    assert hers.reads == ["This button is used or out of date. Go on with /waiting"]


def test_a_button_is_for_one_chat_and_for_a_day(
    office: Office, sam: ClientPhone, hers: StaffPhone, amina: Colleague, clock: FixedClock
) -> None:
    asks(office, sam)
    hers.does("/waiting")
    token = hers.bubbles[-1].buttons[0].token
    clock.advance(hours=24)
    hers.presses_token(token)
    office.settle()
    assert "out of date" in hers.reads[-1]
    newer = own_phone(office, amina)
    newer.presses_token(token)
    office.settle()
    assert "out of date" in newer.reads[-1]


def test_a_clients_button_means_nothing_in_a_staff_chat(
    office: Office, sam: ClientPhone, hers: StaffPhone
) -> None:
    asks(office, sam)
    with office.caseload.engine.connect() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM buttons").scalar_one() == 0
    hers.opens("SO")
    assert {row["conversation_id"] for row in office.rows("staff_buttons")} == {None, sam.conversation_id}


# Two people, silence, and chats that cannot be reached.


def test_each_has_their_own_labels_and_their_own_open_client(
    office: Office, sam: ClientPhone, hers: StaffPhone, his: StaffPhone, amina: Colleague, piotr: Colleague
) -> None:
    with office.caseload.transaction() as case:
        client = case.clients.for_conversation(sam.conversation_id)
        client.cover_id = piotr.id
        case.staff_aliases.choose(case.staff.get(piotr.id), client, "Blue 7")
    asks(office, sam)
    assert hers.opens("SO")[0].startswith("SO: ")
    assert his.opens("Blue")[0].startswith("Blue 7: ")
    assert len(office.rows("staff_focus")) == 2


def test_two_clients_with_the_same_initials_get_a_number_that_stays(
    office: Office, sam: ClientPhone, hers: StaffPhone, amina: Colleague
) -> None:
    asks(office, sam)
    hers.does("/waiting")
    asks(office, linked(office, "sid", "Sid Onslow", amina), "Hello", "safety")
    hers.does("/waiting")
    assert hers.bubbles[-1].labels == ["❗ SO2", "SO"]


def test_somebody_on_duty_sees_a_client_only_while_there_is_danger(
    office: Office, sam: ClientPhone, grace: Colleague
) -> None:
    dot = own_phone(office, hired(office.caseload, "northside", "Dot Yule", "duty"))
    asks(office, sam)
    assert dot.does("/waiting") == ["Nobody waits for you."]
    asks(office, sam, "...", "safety")
    assert "SO: May be in danger" in dot.opens("SO")[0]


def test_after_a_quarter_of_an_hour_of_silence_nobody_is_open(
    office: Office, sam: ClientPhone, hers: StaffPhone, clock: FixedClock
) -> None:
    asks(office, sam)
    hers.opens("SO")
    hers.does("[Answer once]")
    clock.advance(seconds=SILENCE.total_seconds())
    assert hers.does("Yes, you can") == ["Choose whom first: /waiting. Your text was not sent."]
    assert all("Yes, you can" not in one for one in sam.reads)


def test_a_staff_chat_that_cannot_be_reached_closes_its_client_and_holds_up_nobody(
    office: Office, sam: ClientPhone, hers: StaffPhone
) -> None:
    asks(office, sam)
    hers.opens("SO")

    def refuse(chat_id: str, _outgoing: Outgoing) -> None:
        if chat_id == hers.chat_id:
            raise ChatUnreachable("blocked")

    office.phones.before_send = refuse
    hers.does("/waiting")
    assert office.rows("staff_focus") == []
    assert [row for row in office.rows("outbox") if row["staff_id"]] == []
    assert "own Telegram cannot be reached" in audited(office)
    assert office.rows("conversations")[0]["unreachable_at"] is None
    assert sam.asks("still here?") == ["You said: still here?"]


def test_blocking_the_bot_forgets_whom_she_had_open(
    office: Office, sam: ClientPhone, hers: StaffPhone
) -> None:
    asks(office, sam)
    hers.opens("SO")
    hers.becomes("kicked")
    office.settle()
    assert office.rows("staff_focus") == office.rows("staff_buttons") == []


def test_a_flood_from_a_staff_chat_holds_up_no_client_and_has_an_end(
    office: Office, sam: ClientPhone, hers: StaffPhone
) -> None:
    office.shut()
    for number in range(45):
        hers.says(f"flood {number}")
    sam.says("Hello")
    office.open()
    office.waits_until(lambda: sam.reads)
    office.settle()
    assert len(hers.reads) == 31
    assert "not read and not sent" in hers.reads[-1]


def test_what_goes_to_staff_leaves_behind_what_goes_to_clients(
    office: Office, sam: ClientPhone, hers: StaffPhone
) -> None:
    office.shut()
    with office.caseload.transaction() as case:
        staff = case.staff.all()[0]
        for number in range(5):
            case.outbox.add_for_staff(staff, f"news {number}", dedup_key=f"news:{number}")
        conversation = case.conversations.lock(sam.conversation_id)
        case.outbox.add(conversation, "For Sam", origin="bot", dedup_key="sam")
    sender = Sender(office.caseload, {office.bot_id: office.phones}, "worker")
    with office.caseload.transaction() as case:
        [first] = sender._claim(case, 1)
    assert first.chat_id == sam.chat_id
