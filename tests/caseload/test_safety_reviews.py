"""People review what the screen did: each fire, a fair sample of near misses, examples that name nobody."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.caseload.errors import NoSuchSafetyRecord
from bot.caseload.models.safety import NearMiss, SafetyEvent
from bot.caseload.safety_reviews import MISSED, NOT_NEEDED, RIGHT, SAMPLE, drawn_by
from bot.caseload.store import Case, Caseload
from bot.cli.safety import examples_of
from bot.clock import FixedClock
from tests.people import Colleague, Person


def fires(person: Person, words: str = "i cant go on", route: str = "crisis", seq: int = 1) -> str:
    """Let the screen fire on a message, as the gateway writes it down; return the event's id."""
    with person.caseload.transaction() as case:
        writes(case, person, words, seq)
        event = case.safety_events.record(
            client=case.clients.find(person.id), conversation_id=person.conversation_id, handoff_id=None,
            inbox_seq=seq, route=route, kind="suicidal", detectors=("rules:cannot-go-on",),
            content_version="shared:1+england:1",
        )  # fmt: skip
        return event.id


def writes(case: Case, person: Person, words: str, seq: int) -> None:
    conversation = case.conversations.lock(person.conversation_id)
    case.transcript.add_from_client(conversation, words, kind="text", inbox_seq=seq, channel_message_id=None)


def nearly_fires(
    person: Person, seq: int = 1, words: str = "see you on the other side", seed: str = "x"
) -> int:
    """Let a message stay just under the line; return the near miss's id, 0 when it was not drawn."""
    with person.caseload.transaction() as case:
        writes(case, person, words, seq)
        near = case.safety_reviews.note_near_miss(
            case.clients.find(person.id), person.conversation_id, seq, "crisis", 0.48, lottery=drawn_by(seed)
        )
        return near.id if near else 0


def kept_seqs(caseload: Caseload, grace: Colleague) -> list[int | None]:
    with caseload.reading() as case:
        found = case.safety_reviews.near_misses_to_review(case.staff.get(grace.id), limit=1000)
        return [one.item.inbox_seq for one in found]


def reviews(caseload: Caseload, grace: Colleague, event_id: str, verdict: str, **more: str) -> None:
    with caseload.transaction() as case:
        staff = case.staff.get(grace.id)
        case.safety_reviews.review(staff, case.safety_reviews.fire_for(staff, event_id).item, verdict, **more)


def test_every_fire_waits_for_grace_oldest_first(
    caseload: Caseload, clock: FixedClock, grace: Colleague, sam: Person, jo: Person
) -> None:
    fires(sam, "i cant go on", seq=1)
    clock.advance(hours=1)
    fires(jo, "everything is grey", route="soft", seq=2)
    with caseload.reading() as case:
        found = case.safety_reviews.fires_to_review(case.staff.get(grace.id))
        assert [(one.words, one.item.route) for one in found] == [
            ("i cant go on", "crisis"),
            ("everything is grey", "soft"),
        ]
        assert case.safety_reviews.count_to_review(case.staff.get(grace.id)) == (2, 0)


def test_hana_sees_no_fire_of_another_service(caseload: Caseload, hana: Colleague, sam: Person) -> None:
    event_id = fires(sam)
    near_miss_id = nearly_fires(sam, seq=2)
    with caseload.transaction() as case:
        staff = case.staff.get(hana.id)
        assert case.safety_reviews.count_to_review(staff) == (0, 0)
        with pytest.raises(NoSuchSafetyRecord):
            case.safety_reviews.fire_for(staff, event_id)
        with pytest.raises(NoSuchSafetyRecord):
            case.safety_reviews.near_miss_for(staff, near_miss_id)


def test_the_short_messages_before_are_there_to_read(
    caseload: Caseload, clock: FixedClock, grace: Colleague, sam: Person
) -> None:
    sam.says("an hour ago")
    clock.advance(hours=1)
    sam.says("i cant")
    sam.says("do this")
    fires(sam, "anymore")
    with caseload.reading() as case:
        [one] = case.safety_reviews.fires_to_review(case.staff.get(grace.id))
        assert (one.words, one.before) == ("anymore", ("i cant", "do this"))


def test_a_review_is_kept_and_can_be_changed(caseload: Caseload, grace: Colleague, sam: Person) -> None:
    event_id = fires(sam)
    reviews(caseload, grace, event_id, NOT_NEEDED, note="a song")
    reviews(caseload, grace, event_id, RIGHT, what_was_done="Amina rang him", note="not a song")
    with caseload.transaction() as case:
        staff = case.staff.get(grace.id)
        assert case.safety_reviews.fires_to_review(staff) == []
        [one] = case.safety_reviews.reviewed_fires(staff, "crisis", RIGHT)
        assert isinstance(one.item, SafetyEvent)
        assert (one.item.what_was_done, one.item.review_note) == ("Amina rang him", "not a song")
        assert one.reviewed_by == "Grace Mensah"
        assert case.safety_reviews.reviewed_fires(staff, None, NOT_NEEDED) == []
        assert case.safety_reviews.reviewed_fires(staff, "soft", None) == []


def test_a_verdict_that_does_not_fit_is_refused(caseload: Caseload, grace: Colleague, sam: Person) -> None:
    event_id = fires(sam)
    with pytest.raises(ValueError, match=MISSED):
        reviews(caseload, grace, event_id, MISSED)


def test_fires_for_strangers_are_only_counted(
    caseload: Caseload, clock: FixedClock, grace: Colleague
) -> None:
    with caseload.transaction() as case:
        for route in ("crisis", "crisis", "soft"):
            case.safety_events.record(
                client=None, conversation_id=None, handoff_id=None, inbox_seq=1, route=route, kind=None,
                detectors=(), content_version="1",
            )  # fmt: skip
        staff = case.staff.get(grace.id)
        assert case.safety_reviews.fires_to_review(staff) == []
        assert case.safety_reviews.fires_for_strangers(clock.now()) == {"crisis": 2, "soft": 1}
        assert case.safety_reviews.fires_for_strangers(clock.now() + timedelta(seconds=1)) == {}


def test_at_most_twenty_near_misses_of_a_day_wait(
    caseload: Caseload, clock: FixedClock, grace: Colleague, sam: Person
) -> None:
    for seq in range(1, 61):
        nearly_fires(sam, seq)
    assert len(kept_seqs(caseload, grace)) == SAMPLE
    clock.advance(days=1)
    for seq in range(61, 64):
        nearly_fires(sam, seq)
    assert len(kept_seqs(caseload, grace)) == SAMPLE + 3


def test_the_sample_is_not_only_the_first_of_the_day(
    caseload: Caseload, grace: Colleague, sam: Person
) -> None:
    draw = drawn_by("a seed of the tests")
    for seq in range(1, 61):
        nearly_fires(sam, seq, seed="a seed of the tests")
    kept = kept_seqs(caseload, grace)
    assert sorted(map(int, filter(None, kept))) == sorted(sorted(range(1, 61), key=draw)[:SAMPLE])
    assert any(seq is not None and seq > 40 for seq in kept)


def test_the_lottery_is_fair_over_the_day() -> None:
    early = late = 0
    for seed in range(200):
        drawn = sorted(range(60), key=drawn_by(str(seed)))[:SAMPLE]
        early += sum(seq < 30 for seq in drawn)
        late += sum(seq >= 30 for seq in drawn)
    # 4,000 draws, half of them expected late; 150 is more than four standard deviations.
    assert abs(late - early) < 300


def test_a_message_that_comes_twice_is_one_near_miss(
    caseload: Caseload, grace: Colleague, sam: Person
) -> None:
    nearly_fires(sam, 7)
    nearly_fires(sam, 7)
    assert kept_seqs(caseload, grace) == [7]


def test_another_services_near_misses_take_no_place(
    caseload: Caseload, grace: Colleague, sam: Person, hana: Colleague
) -> None:
    for seq in range(1, SAMPLE + 1):
        nearly_fires(sam, seq)
    with caseload.transaction() as case:
        kauri = case.clients.enrol(case.staff.get(hana.id).service, "Mere Tane", consultant=None)
        chat = case.conversations.link(kauri, channel="demo", bot_id="demo", chat_id="mere")
        for seq in range(100, 105):
            assert case.safety_reviews.note_near_miss(kauri, chat.id, seq, "crisis", 0.4) is not None
    assert len(kept_seqs(caseload, grace)) == SAMPLE


def test_old_near_misses_go_and_a_verdict_stays_without_its_notes(
    caseload: Caseload, clock: FixedClock, grace: Colleague, sam: Person
) -> None:
    event_id = fires(sam)
    nearly_fires(sam, 2)
    reviews(caseload, grace, event_id, RIGHT, what_was_done="Amina rang him", note="his mum helped")
    clock.advance(days=91)
    nearly_fires(sam, 3)
    before = clock.now() - timedelta(days=90)
    with caseload.transaction() as case:
        due = case.retention.due(before)
        assert (due["near_misses"], due["review_notes"]) == (1, 1)
        assert case.retention.apply(before) == due
    with caseload.transaction() as case:
        one = case.safety_reviews.fire_for(case.staff.get(grace.id), event_id)
        assert isinstance(one.item, SafetyEvent)
        assert (one.item.verdict, one.item.what_was_done, one.item.review_note) == (RIGHT, None, None)
        assert one.words is None
        assert case.retention.due(before)["review_notes"] == 0
    assert kept_seqs(caseload, grace) == [3]


def test_an_example_is_masked_whatever_was_typed(caseload: Caseload, grace: Colleague, sam: Person) -> None:
    with caseload.transaction() as case:
        client, staff = case.clients.find(sam.id), case.staff.get(grace.id)
        words = "Sam here, tell Amina to ring 07700 900123"
        case.safety_examples.keep(staff, client, words, None)
        again = case.safety_examples.keep(staff, client, words, "crisis")
        [one] = case.safety_examples.of_service(staff)
        assert (one.id, one.words, one.route) == (
            again.id,
            "[name] here, tell [name] to ring [number]",
            "crisis",
        )


def test_erasing_sam_erases_his_examples_and_near_misses(
    caseload: Caseload, grace: Colleague, sam: Person, jo: Person
) -> None:
    for n, person in enumerate((sam, jo)):
        nearly_fires(person, n)
        with caseload.transaction() as case:
            case.safety_examples.keep(
                case.staff.get(grace.id), case.clients.find(person.id), f"words number {n}", None
            )
    with caseload.transaction() as case:
        counts = case.rights.erase(case.clients.find(sam.id))
        assert (counts["safety_examples"], counts["near_misses"]) == (1, 1)
    with caseload.reading() as case:
        staff = case.staff.get(grace.id)
        assert [one.words for one in case.safety_examples.of_service(staff)] == ["words number 1"]
        [left] = case.safety_reviews.near_misses_to_review(staff)
        assert isinstance(left.item, NearMiss)
        assert left.item.client_id == jo.id


def test_the_proof_gets_the_words_and_never_whose_they_were(
    caseload: Caseload, grace: Colleague, hana: Colleague, sam: Person
) -> None:
    with caseload.transaction() as case:
        client, staff = case.clients.find(sam.id), case.staff.get(grace.id)
        case.safety_examples.keep(staff, client, "dying to start on Monday", None)
        kept = case.safety_examples.keep(staff, client, "wont need the bus pass after friday", "crisis")
        with pytest.raises(NoSuchSafetyRecord):
            case.safety_examples.remove_for(case.staff.get(hana.id), kept.id)
    expected = {"kind": None, "style": "reviewed", "region": "england"}
    assert examples_of(caseload) == [
        {"text": "dying to start on Monday", "route": None, **expected},
        {"text": "wont need the bus pass after friday", "route": "crisis", **expected},
    ]
