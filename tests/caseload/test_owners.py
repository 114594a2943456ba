"""Exactly one owner of a chat, also when several people and processes want it in the same instant."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable

import pytest

from bot.caseload.errors import NotHolding, SomeoneWasFaster
from bot.caseload.models.conversation import Conversation, Mode
from bot.caseload.store import Caseload
from bot.clock import FixedClock
from tests.conftest import NewDatabase
from tests.people import Colleague, Person, enrolled, hired


def test_the_second_to_take_a_chat_is_told(
    caseload: Caseload, sam: Person, amina: Colleague, grace: Colleague
) -> None:
    seen = _now(caseload, sam).epoch
    with caseload.transaction() as case:
        case.conversations.take(case.staff.get(amina.id), case.conversations.lock(sam.conversation_id), seen)
    with pytest.raises(SomeoneWasFaster), caseload.transaction() as case:
        case.conversations.take(case.staff.get(grace.id), case.conversations.lock(sam.conversation_id), seen)
    now = _now(caseload, sam)
    assert (now.mode, now.held_by_id, now.epoch) == (Mode.PERSON, amina.id, seen + 1)


def test_only_who_has_the_chat_gives_it_back(
    caseload: Caseload, sam: Person, amina: Colleague, grace: Colleague
) -> None:
    seen = _now(caseload, sam).epoch
    with caseload.transaction() as case:
        chat = case.conversations.lock(sam.conversation_id)
        case.conversations.take(case.staff.get(amina.id), chat, seen)
    with pytest.raises(NotHolding), caseload.transaction() as case:
        case.conversations.give_back(case.staff.get(grace.id), case.conversations.lock(sam.conversation_id))
    with caseload.transaction() as case:
        case.conversations.give_back(case.staff.get(amina.id), case.conversations.lock(sam.conversation_id))
    with pytest.raises(NotHolding), caseload.transaction() as case:
        case.conversations.give_back(case.staff.get(amina.id), case.conversations.lock(sam.conversation_id))
    now = _now(caseload, sam)
    assert (now.mode, now.held_by_id, now.epoch) == (Mode.BOT, None, seen + 2)


def test_many_want_one_chat_and_one_gets_it(caseload: Caseload, sam: Person, amina: Colleague) -> None:
    seen = _now(caseload, sam).epoch
    won: list[int] = []

    def take(number: int) -> None:
        try:
            with caseload.transaction() as case:
                chat = case.conversations.find(sam.conversation_id)
                assert chat is not None
                case.conversations.take(case.staff.get(amina.id), chat, seen)
        except SomeoneWasFaster:
            return
        won.append(number)

    _together([lambda number=number: take(number) for number in range(8)])
    assert len(won) == 1
    assert _now(caseload, sam).epoch == seen + 1


@pytest.mark.slow
def test_two_workers_never_have_the_same_chat(new_postgres: NewDatabase, clock: FixedClock) -> None:
    caseload = Caseload(new_postgres(), clock)
    people = [enrolled(caseload, f"c{number}", f"Client {number}", None) for number in range(6)]
    with caseload.transaction() as case:
        for update_id in range(60):
            chat = people[update_id % 6].ref
            case.inbox.receive(
                bot_id="demo", update_id=update_id, chat_id=chat, kind="text", payload="{}",
                conversation=case.conversations.find_by_chat("demo", chat),
            )  # fmt: skip
    in_hand: Counter[str] = Counter()
    handled: dict[str, list[int]] = {}
    wrong: list[str] = []
    guard = threading.Lock()

    def work(name: str) -> None:
        while True:
            with caseload.transaction() as case:
                items = [(item.seq, str(item.chat_id)) for item in case.inbox.claim(name, 3)]
            with guard:
                in_hand.update(chat for _, chat in items)
                wrong.extend(chat for chat, count in in_hand.items() if count > 1)
                for seq, chat in items:
                    handled.setdefault(chat, []).append(seq)
            for seq, chat in items:
                with guard:
                    in_hand[chat] -= 1
                with caseload.transaction() as case:
                    case.inbox.finish(case.inbox.get(seq), "done", "bot")
            with caseload.reading() as case:
                if case.inbox.waiting()[0] == 0:
                    return

    _together([lambda name=f"w{number}": work(name) for number in range(4)])
    caseload.close()
    assert wrong == []
    assert sum(map(len, handled.values())) == 60
    assert all(seqs == sorted(seqs) for seqs in handled.values())


@pytest.mark.slow
def test_two_senders_never_send_the_same_message(new_postgres: NewDatabase, clock: FixedClock) -> None:
    caseload = Caseload(new_postgres(), clock)
    people = [enrolled(caseload, f"c{number}", f"Client {number}", None) for number in range(4)]
    with caseload.transaction() as case:
        for number in range(40):
            chat = case.conversations.lock(people[number % 4].conversation_id)
            case.outbox.add(chat, str(number), origin="bot", dedup_key=str(number))
    sent: list[int] = []

    def send(name: str) -> None:
        while True:
            with caseload.transaction() as case:
                items = [item.id for item in case.sending.claim(name, ["demo"], 2)]
            sent.extend(items)
            for item_id in items:
                with caseload.transaction() as case:
                    item = case.sending.get(item_id)
                    assert item is not None
                    case.sending.sent(item, 1)
            with caseload.reading() as case:
                if case.outbox.waiting()[0] == 0:
                    return

    _together([lambda name=f"s{number}": send(name) for number in range(4)])
    caseload.close()
    assert sorted(sent) == sorted(set(sent))
    assert len(sent) == 40


@pytest.mark.slow
def test_a_question_that_comes_while_amina_takes_the_chat_does_not_take_it_from_her(
    new_postgres: NewDatabase, clock: FixedClock
) -> None:
    caseload = Caseload(new_postgres(), clock)
    amina = hired(caseload, "northside", "Amina Khan", "consultant")
    sam = enrolled(caseload, "sam", "Sam Okoro", amina)
    with caseload.transaction() as action:
        client = action.clients.find(sam.id)
        # Read before the takeover, as by an action that runs while Amina presses the button.
        before = action.conversations.find(sam.conversation_id)
        assert before is not None
        with caseload.transaction() as console:
            chat = console.conversations.find(sam.conversation_id)
            assert chat is not None
            console.conversations.take(console.staff.get(amina.id), chat, chat.epoch)
        action.handoffs.open(client, "Can I keep my benefit?", "question")
    now = _now(caseload, sam)
    caseload.close()
    assert (now.mode, now.held_by_id) == (Mode.PERSON, amina.id)


def _now(caseload: Caseload, person: Person) -> Conversation:
    with caseload.transaction() as case:
        conversation = case.conversations.find(person.conversation_id)
        assert conversation is not None
        return conversation


def _together(jobs: list[Callable[[], None]]) -> None:
    failed: list[BaseException] = []
    start = threading.Barrier(len(jobs))

    def run(job: Callable[[], None]) -> None:
        start.wait(10)
        try:
            job()
        except BaseException as error:  # noqa: BLE001 (told to the test's own thread)
            failed.append(error)

    threads = [threading.Thread(target=run, args=(job,)) for job in jobs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert failed == []
