"""Amina asks in her own Telegram who waits: it is her inbox, by her labels and without a client's words."""

from __future__ import annotations

import pytest

from bot.caseload.models.conversation import Handoff
from bot.caseload.store import Case
from bot.clock import FixedClock
from bot.conversation import ownership
from bot.conversation.reasons import REASONS
from bot.conversation.staff_list import LOOKED, MOST_LISTED
from tests.conversation.office import ClientPhone, Office, linked
from tests.conversation.staff_phones import StaffPhone, own_phone
from tests.people import Colleague, hired

URGENT_FIRST = "Urgent first, then longest waiting. Press one to open it."


@pytest.fixture
def hers(office: Office, amina: Colleague) -> StaffPhone:
    """Amina's own phone."""
    return own_phone(office, amina)


def asks(office: Office, phone: ClientPhone, words: str, reason: str = "question") -> None:
    """Have a client ask something that waits for a human."""
    phone.asks(words)
    with office.caseload.transaction() as case:
        client = case.clients.for_conversation(phone.conversation_id)
        case.handoffs.open(client, words, reason, "now" if reason == "safety" else "routine")


def takes(office: Office, who: Colleague, phone: ClientPhone) -> None:
    with office.caseload.transaction() as case:
        seen = case.conversations.lock(phone.conversation_id).epoch
        ownership.take_over(case, office.words, case.staff.get(who.id), phone.conversation_id, seen)


def inbox_of(case: Case, who: Colleague) -> list[Handoff]:
    """What the console's inbox lists, and how many it says there are."""
    staff = case.staff.get(who.id)
    listed = case.handoffs.waiting_for(staff)
    assert case.overview.waiting(staff).count == len(listed)
    return listed


def test_each_has_a_label_the_reason_in_words_and_how_long(
    office: Office, sam: ClientPhone, hers: StaffPhone, amina: Colleague, clock: FixedClock
) -> None:
    ann = linked(office, "ann", "Ann Moss", amina)
    asks(office, sam, "Can I keep my benefit?")
    clock.advance(minutes=12)
    asks(office, ann, "I feel so alone", "safety")
    hers.does("/waiting")
    shown = hers.bubbles[-1]
    assert shown.text.splitlines() == [
        f"2 things wait. {URGENT_FIRST}",
        "",
        "❗ AM · May be in danger: read this now · 0 min",
        "SO · Asks a question · 12 min of working time",
    ]
    assert shown.labels == ["❗ AM", "SO"]
    for word in ("Sam", "Okoro", "Ann", "Moss", "benefit", "alone"):
        assert word not in f"{shown.text} {shown.labels}"


def test_at_night_a_question_does_not_grow_old_and_danger_does(
    office: Office, sam: ClientPhone, hers: StaffPhone, amina: Colleague, clock: FixedClock
) -> None:
    clock.advance(hours=12)
    asks(office, sam, "Can I keep my benefit?")
    asks(office, linked(office, "ann", "Ann Moss", amina), "I feel so alone", "safety")
    clock.advance(hours=2)
    [said] = hers.does("/waiting")
    assert said.splitlines()[2:] == [
        "❗ AM · May be in danger: read this now · 2 h",
        "SO · Asks a question · 0 min of working time",
    ]


def test_it_is_the_inbox_with_its_number_and_its_order(
    office: Office, sam: ClientPhone, hers: StaffPhone, amina: Colleague, clock: FixedClock
) -> None:
    ann = linked(office, "ann", "Ann Moss", amina)
    for phone, reason in ((sam, "complaint"), (ann, "question"), (sam, "question"), (ann, "unreachable")):
        asks(office, phone, "please", reason)
        clock.advance(minutes=1)
    [said] = hers.does("/waiting")
    lines = said.splitlines()
    with office.caseload.reading() as case:
        listed = inbox_of(case, amina)
    labels = {"Sam": "SO", "Ann": "AM"}
    assert lines[0].startswith(f"{len(listed)} things wait.")
    assert [line.rpartition(" · ")[0] for line in lines[2:]] == [
        f"{labels[one.client.preferred_name]} · {REASONS[one.reason]}" for one in listed
    ]
    # One button for each client, however much of theirs waits.
    assert hers.bubbles[-1].labels == ["SO", "AM"]


def test_a_chat_that_a_colleague_has_is_said_to_be_theirs(
    office: Office, sam: ClientPhone, hers: StaffPhone, grace: Colleague
) -> None:
    asks(office, sam, "Can I keep my benefit?")
    takes(office, grace, sam)
    [said] = hers.does("/waiting")
    assert said.splitlines()[2:] == ["SO · Asks a question · 0 min of working time · Grace has the chat"]


def test_a_chat_of_her_own_in_which_nothing_waits_is_not_counted_and_can_be_opened(
    office: Office, sam: ClientPhone, hers: StaffPhone, amina: Colleague
) -> None:
    takes(office, amina, sam)
    assert hers.does("/waiting") == ["Nobody waits for you.\n\nYou have the chat of: SO."]
    assert hers.bubbles[-1].labels == ["SO"]
    asks(office, linked(office, "ann", "Ann Moss", amina), "Can I keep my benefit?")
    [said] = hers.does("/waiting")
    assert said.splitlines()[0] == f"1 thing waits. {URGENT_FIRST}"
    assert said.splitlines()[-1] == "You have the chat of: SO."


def test_what_was_seen_and_asked_again_says_so(office: Office, sam: ClientPhone, hers: StaffPhone) -> None:
    asks(office, sam, "Can I keep my benefit?")
    asks(office, sam, "And my flat?")
    hers.opens("SO")
    [said] = hers.does("/waiting")
    assert said.splitlines()[2:] == [
        "SO · Asks a question, asked 2 times · 0 min of working time · seen, not answered yet"
    ]


def test_more_than_a_phone_shows_are_counted_all_the_same(
    office: Office, hers: StaffPhone, amina: Colleague
) -> None:
    with office.caseload.transaction() as case:
        staff = case.staff.get(amina.id)
        for number in range(MOST_LISTED + 3):
            client = case.clients.enrol(staff.service, f"C{number} Ward", ref=f"c{number}", consultant=staff)
            case.handoffs.open(client, "", "question")
    [said] = hers.does("/waiting")
    assert said.startswith(f"{MOST_LISTED + 3} things wait. Here are the first {MOST_LISTED},")
    assert len(hers.bubbles[-1].labels) == len(said.splitlines()) - 2 == MOST_LISTED


def test_a_lead_on_duty_reads_what_their_own_inbox_lists(
    office: Office, sam: ClientPhone, amina: Colleague
) -> None:
    dot = own_phone(office, hired(office.caseload, "northside", "Dot Yule", "duty"))
    asks(office, sam, "Can I keep my benefit?")
    assert dot.does("/waiting") == ["Nobody waits for you."]


def test_whoever_is_listed_can_learn_that_they_were(
    office: Office, sam: ClientPhone, hers: StaffPhone, amina: Colleague, clock: FixedClock
) -> None:
    asks(office, sam, "Can I keep my benefit?")
    hers.does("/waiting", "/waiting")
    with office.caseload.reading() as case:
        client = case.clients.for_conversation(sam.conversation_id)
        looks = [line for line in case.audit.of_client(client.id) if line.action == LOOKED]
    assert [line.staff_id for line in looks] == [amina.id]
    clock.advance(hours=1, seconds=1)
    hers.does("/waiting")
    assert len([row for row in office.rows("audit") if row["action"] == LOOKED]) == 2
