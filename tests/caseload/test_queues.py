"""The queues: a repeat is known, order is kept, a dead worker's work comes back, buttons are one chat's."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from bot.caseload.buttons import ButtonSpec
from bot.caseload.store import Case, Caseload
from bot.clock import FixedClock
from tests.people import Person


def _receive(case: Case, update_id: int, chat: str = "sam") -> int | None:
    conversation = case.conversations.find_by_chat("demo", chat)
    item = case.inbox.receive(
        bot_id="demo", update_id=update_id, chat_id=chat, kind="text", payload="{}", conversation=conversation
    )
    return item.seq if item else None


def test_an_update_that_comes_again_is_stored_once(caseload: Caseload, sam: Person) -> None:
    with caseload.transaction() as case:
        assert _receive(case, 1) is not None
    with caseload.transaction() as case:
        assert _receive(case, 1) is None
    with caseload.transaction() as case:
        # Also after it was handled and its words were deleted.
        item = case.inbox.claim("w", 1)[0]
        case.inbox.finish(item, "done", "bot")
        case.inbox.forget(item)
        assert _receive(case, 1) is None


def test_order_is_ours_and_not_the_number_of_the_update(caseload: Caseload, sam: Person, jo: Person) -> None:
    with caseload.transaction() as case:
        first, second = _receive(case, 900), _receive(case, 5)
        others = _receive(case, 901, "jo")
        assert [item.seq for item in case.inbox.claim("w", 9)] == [first, others]
        assert case.inbox.claim("w", 9) == []
        assert first is not None
        case.inbox.finish(case.inbox.get(first), "done", "bot")
        assert [item.seq for item in case.inbox.claim("w", 9)] == [second]


def test_a_message_that_waits_for_its_retry_holds_the_chat_and_no_other(
    caseload: Caseload, sam: Person, jo: Person, clock: FixedClock
) -> None:
    with caseload.transaction() as case:
        first = _receive(case, 1)
        _receive(case, 2)
        item = case.inbox.claim("w", 1)[0]
        case.inbox.retry(item, timedelta(seconds=3), "failed", counts=True)
        others = _receive(case, 3, "jo")
        assert [item.seq for item in case.inbox.claim("w", 9)] == [others]
    clock.advance(seconds=3)
    with caseload.transaction() as case:
        [again] = case.inbox.claim("w", 9)
        assert (again.seq, again.attempts) == (first, 1)


def test_a_dead_workers_message_comes_back_and_a_living_ones_does_not(
    caseload: Caseload, sam: Person, jo: Person, clock: FixedClock
) -> None:
    with caseload.transaction() as case:
        first = _receive(case, 1)
        _receive(case, 2, "jo")
        case.inbox.claim("dead", 1)
        case.inbox.claim("living", 1)
    clock.advance(seconds=9)
    with caseload.transaction() as case:
        case.inbox.renew("living")
        assert case.inbox.release_abandoned() == 0
    clock.advance(seconds=2)
    with caseload.transaction() as case:
        assert case.inbox.has_work()
        assert case.inbox.release_abandoned() == 1
        assert [item.seq for item in case.inbox.claim("other", 9)] == [first]


def test_what_a_worker_had_who_is_known_to_be_dead_is_free_at_once(
    caseload: Caseload, sam: Person, jo: Person
) -> None:
    with caseload.transaction() as case:
        first = _receive(case, 1)
        _receive(case, 2, "jo")
        case.inbox.claim("here:1:dead", 1)
        case.inbox.claim("here:1:living", 1)
        assert case.inbox.release_of({"here:1:dead", "here:2:idle"}) == 1
        assert [item.seq for item in case.inbox.claim("other", 9)] == [first]


def test_our_own_turns_stand_behind_what_the_client_wrote(caseload: Caseload, sam: Person) -> None:
    with caseload.transaction() as case:
        first = _receive(case, 1)
        conversation = case.conversations.lock(sam.conversation_id)
        own = [case.inbox.receive_internal(conversation, "{}").seq for _ in range(2)]
        assert len(set(own)) == 2
        assert [item.seq for item in case.inbox.claim("w", 9)] == [first]


def test_a_message_is_queued_once_under_its_key(caseload: Caseload, sam: Person) -> None:
    with caseload.transaction() as case:
        conversation = case.conversations.lock(sam.conversation_id)
        first = case.outbox.add(conversation, "Hello", origin="bot", dedup_key="in:1:0")
        again = case.outbox.add(conversation, "Hello", origin="bot", dedup_key="in:1:0")
        assert again.id == first.id
        assert len(case.transcript.newest(conversation)) == 1


def test_messages_leave_one_by_one_and_a_crisis_text_before_the_others(
    caseload: Caseload, sam: Person
) -> None:
    with caseload.transaction() as case:
        conversation = case.conversations.lock(sam.conversation_id)
        for text_, origin in (("One", "bot"), ("Two", "bot"), ("Help", "safety")):
            case.outbox.add(conversation, text_, origin=origin, dedup_key=text_)
        order = []
        while items := case.sending.claim("w", ["demo"], 9):
            assert len(items) == 1
            assert case.sending.claim("w", ["demo"], 9) == []
            order.append(items[0].text)
            case.sending.sent(items[0], len(order))
        assert order == ["Help", "One", "Two"]
        numbers = [message.channel_message_id for message in case.transcript.newest(conversation)]
        assert numbers == [2, 3, 1]


def test_a_message_that_must_wait_holds_those_behind_it(
    caseload: Caseload, sam: Person, clock: FixedClock
) -> None:
    with caseload.transaction() as case:
        conversation = case.conversations.lock(sam.conversation_id)
        for text_ in ("One", "Two"):
            case.outbox.add(conversation, text_, origin="bot", dedup_key=text_)
        case.sending.retry(case.sending.claim("w", ["demo"], 9)[0], timedelta(seconds=5), "too many")
        assert case.sending.claim("w", ["demo"], 9) == []
    clock.advance(seconds=5)
    with caseload.transaction() as case:
        assert [item.text for item in case.sending.claim("w", ["demo"], 9)] == ["One"]


def test_what_a_dead_sender_had_in_hand_is_marked_uncertain(
    caseload: Caseload, sam: Person, clock: FixedClock
) -> None:
    with caseload.transaction() as case:
        case.outbox.add(case.conversations.lock(sam.conversation_id), "Hello", origin="bot", dedup_key="1")
        case.sending.claim("dead", ["demo"], 9)
    clock.advance(seconds=16)
    with caseload.transaction() as case:
        assert case.sending.release_abandoned() == 1
        [item] = case.sending.claim("w", ["demo"], 9)
        assert item.uncertain
        case.sending.sent(item, 1)
        [message] = case.transcript.newest(case.conversations.lock(sam.conversation_id))
        assert message.delivery == "uncertain"


def test_what_a_sender_had_who_is_known_to_be_dead_is_free_at_once_and_marked(
    caseload: Caseload, sam: Person, jo: Person
) -> None:
    with caseload.transaction() as case:
        for person, sender in ((sam, "dead"), (jo, "living")):
            conversation = case.conversations.lock(person.conversation_id)
            case.outbox.add(conversation, person.ref, origin="bot", dedup_key=person.ref)
            case.sending.claim(sender, ["demo"], 9)
        assert case.sending.release_of({"dead"}) == 1
        assert [(item.text, item.uncertain) for item in case.sending.claim("w", ["demo"], 9)] == [
            ("sam", True)
        ]


def test_another_bots_messages_and_resting_chats_are_left_alone(
    caseload: Caseload, sam: Person, jo: Person
) -> None:
    with caseload.transaction() as case:
        for person in (sam, jo):
            conversation = case.conversations.lock(person.conversation_id)
            case.outbox.add(conversation, person.ref, origin="bot", dedup_key=person.ref)
        assert case.sending.claim("w", ["another"], 9) == []
        assert [item.text for item in case.sending.claim("w", ["demo"], 9, [("demo", "sam")])] == ["jo"]


def test_a_crisis_text_does_not_wait_for_a_resting_chat(caseload: Caseload, sam: Person) -> None:
    with caseload.transaction() as case:
        conversation = case.conversations.lock(sam.conversation_id)
        case.outbox.add(conversation, "Help", origin="safety", dedup_key="1")
        assert [item.text for item in case.sending.claim("w", ["demo"], 9, [("demo", "sam")])] == ["Help"]


def test_the_answer_to_a_stranger_leaves_no_row(caseload: Caseload) -> None:
    with caseload.transaction() as case:
        for number, end in enumerate(("sent", "refused")):
            case.outbox.add_for_stranger("demo", "999", "Hello", dedup_key=str(number))
            [item] = case.sending.claim("w", ["demo"], 9)
            if end == "sent":
                case.sending.sent(item, 1)
            else:
                case.sending.give_up(item, "blocked")
    with caseload.engine.connect() as connection:
        assert connection.execute(text("SELECT count(*) FROM outbox")).scalar_one() == 0


def test_what_waits_for_a_lost_chat_is_listed(caseload: Caseload, sam: Person) -> None:
    with caseload.transaction() as case:
        conversation = case.conversations.lock(sam.conversation_id)
        for text_ in ("One", "Two"):
            case.outbox.add(conversation, text_, origin="bot", dedup_key=text_)
        assert case.sending.give_up_chat(conversation, "the client blocked the bot") == 2
        assert [item.last_error for item in case.outbox.dead()] == ["the client blocked the bot"] * 2
        assert not case.outbox.waits_in(conversation)


def test_a_button_belongs_to_one_chat_and_is_used_with_its_message(
    caseload: Caseload, sam: Person, jo: Person, clock: FixedClock
) -> None:
    with caseload.transaction() as case:
        sams, jos = (case.conversations.lock(one.conversation_id) for one in (sam, jo))
        offered = case.buttons.offer(
            sams, "offer", [ButtonSpec("Yes", {"intent": "affirm"}), ButtonSpec("No", {"intent": "deny"})]
        )
        assert all(len(one["token"].encode()) <= 64 for one in offered)
        yes = case.buttons.find(sams, offered[0]["token"])
        assert yes is not None
        assert case.buttons.find(jos, offered[0]["token"]) is None
        assert case.buttons.find(sams, "forged") is None
        assert [one.label for one in case.buttons.newest_offer(sams)] == ["Yes", "No"]
        case.buttons.use(yes)
        no = case.buttons.find(sams, offered[1]["token"])
        assert no is not None
        assert not case.buttons.is_live(no)
        assert case.buttons.newest_offer(sams) == []
        case.buttons.offer(sams, "later", [ButtonSpec("Menu", {"gateway": "menu"})])
    clock.advance(hours=24)
    with caseload.reading() as case:
        conversation = case.conversations.find(sam.conversation_id)
        assert conversation is not None
        assert case.buttons.newest_offer(conversation) == []


def test_a_timer_rings_once_and_can_be_cancelled_and_set_again(caseload: Caseload, clock: FixedClock) -> None:
    soon = clock.now() + timedelta(hours=1)
    with caseload.transaction() as case:
        case.timers.set("a:1", "test", soon)
        case.timers.set("a:1", "test", soon + timedelta(hours=5))
        case.timers.set("a_1", "test", soon)
        assert case.timers.due() == []
    clock.advance(hours=1)
    with caseload.transaction() as case:
        assert [timer.key for timer in case.timers.due()] == ["a:1", "a_1"]
        # The underscore is a letter here, and not any letter.
        case.timers.cancel("a_")
        [timer] = case.timers.due()
        case.timers.finish(timer)
        assert case.timers.due() == []
        case.timers.set("a_1", "test", clock.now())
        assert [timer.key for timer in case.timers.due()] == ["a_1"]


def test_a_timer_that_keeps_failing_is_given_up(caseload: Caseload, clock: FixedClock) -> None:
    with caseload.transaction() as case:
        timer_id = case.timers.set("a", "test", clock.now()).id
    for _ in range(5):
        with caseload.transaction() as case:
            assert [timer.id for timer in case.timers.due()] == [timer_id]
            case.timers.failed(timer_id)
        clock.advance(minutes=1)
    with caseload.reading() as case:
        assert case.timers.due() == []


def test_an_action_is_done_once(caseload: Caseload, sam: Person) -> None:
    key = (sam.conversation_id, "m1", "action_save_goal")
    with caseload.transaction() as case:
        assert case.done_once.find(*key) is None
        case.done_once.record(*key, result={"said": ["utter_goal_saved"]})
    with caseload.reading() as case:
        assert case.done_once.find(*key) == {"said": ["utter_goal_saved"]}
        assert case.done_once.find(sam.conversation_id, "m1", "action_save") is None
        assert case.done_once.find(sam.conversation_id, "m1action_save_goal") is None
    with pytest.raises(IntegrityError), caseload.transaction() as case:
        case.goals.add(case.clients.find(sam.id), "A goal that must not stay")
        case.done_once.record(*key, result={})
    with caseload.reading() as case:
        assert case.goals.all_for(case.clients.find(sam.id)) == []


def test_the_newest_words_of_a_client_end_where_the_bot_spoke(caseload: Caseload, sam: Person) -> None:
    sam.says("Before")
    sam.is_told("Hello")
    sam.says("One")
    sam.says("Two")
    with caseload.reading() as case:
        conversation = case.conversations.find(sam.conversation_id)
        assert conversation is not None
        assert case.transcript.around(conversation).recent == ("One", "Two")
