"""What Amina has in her own Telegram: labels, buttons, and one open client, on both databases."""

from __future__ import annotations

import pytest

from bot.caseload.errors import SomeoneWasFaster
from bot.caseload.models.base import Base
from bot.caseload.staff_buttons import BUTTON_LIFETIME, StaffButtonSpec
from bot.caseload.staff_focus import SILENCE
from bot.caseload.store import Case, Caseload
from bot.clock import FixedClock
from tests.people import Colleague, Person, enrolled


def link(case: Case, who: Colleague, chat_id: str = "6000000001") -> None:
    staff = case.staff.get(who.id)
    assert case.staff.use_link(case.staff.make_link(staff).token, "7000000001", chat_id)
    case.staff.allow_reading(staff)


def opens(case: Case, who: Colleague, person: Person, *, holds: bool = False) -> None:
    """Open a client, and take the chat first if told so."""
    staff, conversation = case.staff.get(who.id), case.conversations.lock(person.conversation_id)
    if holds:
        case.conversations.take(staff, conversation, conversation.epoch)
    case.staff_focus.open(staff, conversation, danger="", shown=0, holds=holds)


def test_labels_are_initials_with_a_number_where_needed_and_stay(
    caseload: Caseload, amina: Colleague, sam: Person
) -> None:
    people = [sam, enrolled(caseload, "sid", "Sid Onslow", amina), enrolled(caseload, "x", "!? ", amina)]
    for _ in range(2):
        with caseload.transaction() as case:
            staff = case.staff.get(amina.id)
            labels = [case.staff_aliases.label_of(staff, case.clients.find(one.id)) for one in people]
        assert labels == ["SO", "SO2", "X"]


def test_one_client_is_open_at_a_time_and_a_held_chat_is_kept(
    caseload: Caseload, amina: Colleague, sam: Person
) -> None:
    ann = enrolled(caseload, "ann", "Ann Moss", amina)
    with caseload.transaction() as case:
        link(case, amina)
        opens(case, amina, sam, holds=True)
        opens(case, amina, ann)
    with caseload.reading() as case:
        staff = case.staff.get(amina.id)
        current = case.staff_focus.current(staff)
        assert current is not None
        assert current.conversation_id == ann.conversation_id
        assert case.staff_focus.find(staff, sam.conversation_id) is not None
        assert [one.id for one in case.staff_focus.held_by(staff)] == [sam.conversation_id]
    with caseload.transaction() as case:
        opens(case, amina, sam)
        assert case.staff_focus.find(case.staff.get(amina.id), ann.conversation_id) is None


def test_there_is_news_while_she_holds_the_chat_and_the_client_writes(
    caseload: Caseload, amina: Colleague, sam: Person, clock: FixedClock
) -> None:
    with caseload.transaction() as case:
        link(case, amina)
        opens(case, amina, sam, holds=True)
    with caseload.reading() as case:
        assert case.staff_focus.with_news() == []
    sam.says("hello")
    with caseload.transaction() as case:
        [news] = case.staff_focus.with_news()
        focus = case.staff_focus.claim_news(news)
        assert focus is not None
        assert case.staff_focus.is_in_sight(focus)
        [message] = case.staff_focus.unshown(focus, 20)
        focus.shown_id = message.id
    with caseload.reading() as case:
        assert case.staff_focus.with_news() == []
    clock.advance(seconds=SILENCE.total_seconds())
    sam.says("are you there?")
    with caseload.transaction() as case:
        focus = case.staff_focus.claim_news(news)
        assert focus is not None
        assert not case.staff_focus.is_in_sight(focus)
        focus.is_nudged = True
    with caseload.reading() as case:
        assert case.staff_focus.with_news() == []
    with caseload.transaction() as case:
        case.conversations.give_back(case.staff.get(amina.id), case.conversations.lock(sam.conversation_id))
    with caseload.reading() as case:
        assert case.staff_focus.with_news() == [news]


def test_two_gateways_tell_news_once(caseload: Caseload, amina: Colleague, sam: Person) -> None:
    with caseload.transaction() as case:
        link(case, amina)
        opens(case, amina, sam, holds=True)
    sam.says("hello")
    with caseload.reading() as case:
        [news] = case.staff_focus.with_news()
    if caseload.engine.dialect.name == "sqlite":
        # There the first one's transaction keeps every other writer out.
        return
    with caseload.transaction() as first:
        assert first.staff_focus.claim_news(news) is not None
        with caseload.transaction() as second:
            assert second.staff_focus.claim_news(news) is None


def test_a_button_is_for_one_person_one_chat_and_one_day(
    caseload: Caseload, amina: Colleague, piotr: Colleague, sam: Person, clock: FixedClock
) -> None:
    with caseload.transaction() as case:
        link(case, amina)
        link(case, piotr, "6000000002")
        staff = case.staff.get(amina.id)
        [offered] = case.staff_buttons.offer(staff, [StaffButtonSpec("Open", "open", sam.id)])
        token = offered["token"]
        assert case.staff_buttons.find(staff, token) is not None
        assert case.staff_buttons.find(case.staff.get(piotr.id), token) is None
    clock.advance(seconds=BUTTON_LIFETIME.total_seconds())
    with caseload.transaction() as case:
        assert case.staff_buttons.find(case.staff.get(amina.id), token) is None
        case.staff_buttons.forget_old()
    with caseload.engine.connect() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM staff_buttons").scalar_one() == 0


def test_words_that_wait_are_forgotten_with_their_button(
    caseload: Caseload, amina: Colleague, sam: Person
) -> None:
    with caseload.transaction() as case:
        link(case, amina)
        staff = case.staff.get(amina.id)
        for words in ("one", "two"):
            yes = StaffButtonSpec("Send", "send", sam.id, sam.conversation_id, words=words)
            no = StaffButtonSpec("Do not send", "do_not_send", sam.id, sam.conversation_id)
            offered = case.staff_buttons.offer(staff, [yes, no])
        assert case.staff_buttons.drafts_of(staff) == 2
        button = case.staff_buttons.find(staff, offered[1]["token"])
        assert button is not None
        case.staff_buttons.use(button)
        assert case.staff_buttons.drafts_of(staff) == 1
        case.staff_buttons.forget_drafts(staff)
        assert case.staff_buttons.drafts_of(staff) == 0


def test_erasing_sam_takes_what_staff_chats_had_of_him(
    caseload: Caseload, amina: Colleague, sam: Person
) -> None:
    with caseload.transaction() as case:
        link(case, amina)
        staff, client = case.staff.get(amina.id), case.clients.find(sam.id)
        case.staff_aliases.label_of(staff, client)
        opens(case, amina, sam)
        case.staff_buttons.offer(staff, [StaffButtonSpec("Send", "send", sam.id, words="zebrafinch")])
        case.outbox.add_for_staff(staff, "SO: zebrafinch", dedup_key="x", about=client)
    with caseload.transaction() as case:
        counts = case.rights.erase(case.clients.find(sam.id))
    tables = ("staff_aliases", "staff_focus", "staff_buttons", "outbox")
    assert {name: counts[name] for name in tables} == dict.fromkeys(tables, 1)
    with caseload.engine.connect() as connection:
        left = [connection.execute(Base.metadata.tables[name].select()).all() for name in tables]
    assert left == [[], [], [], []]


def test_of_two_who_take_a_chat_one_is_faster(
    caseload: Caseload, amina: Colleague, grace: Colleague, sam: Person
) -> None:
    with caseload.transaction() as case:
        conversation = case.conversations.lock(sam.conversation_id)
        seen = conversation.epoch
        case.conversations.take(case.staff.get(grace.id), conversation, seen)
    with caseload.transaction() as case:
        staff, conversation = case.staff.get(amina.id), case.conversations.lock(sam.conversation_id)
        with pytest.raises(SomeoneWasFaster):
            case.conversations.take(staff, conversation, seen)
        # Nothing was changed, so the same transaction can still say who has the chat.
        holder = case.conversations.lock(sam.conversation_id).held_by
        assert holder is not None
        assert holder.first_name == "Grace"
