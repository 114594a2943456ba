"""Replies for later: sent once, at a decent hour, and not when something has happened since."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from bot.caseload.errors import NoSuchLaterReply, SomeoneWasFaster
from bot.caseload.models.talk import LaterReply
from bot.caseload.store import Case
from bot.clock import FixedClock
from bot.conversation import later, ownership
from bot.conversation.blanks import BlanksLeft
from tests.conversation.office import ClientPhone, Office
from tests.people import Colleague

#: Today is Wednesday, ten in the morning.
THURSDAY = datetime(2026, 11, 26, 9, 30, tzinfo=UTC)
WORDS = "Good luck today, Sam."
KEY = "a" * 32


def writes(
    sam: ClientPhone, who: Colleague, at: datetime = THURSDAY, *, although_stopped: bool = False
) -> str:
    """Write a reply for later; returns its id."""
    with sam.office.caseload.transaction() as case:
        return later.write(
            case, case.staff.get(who.id), case.conversations.lock(sam.conversation_id), WORDS, at,
            although_stopped=although_stopped, form_key=KEY,
        ).id  # fmt: skip


def comes(office: Office, clock: FixedClock, when: datetime) -> None:
    clock.set(when)
    office.timers.ring_due()
    office.settle()


def kept(office: Office, later_id: str) -> LaterReply:
    with office.caseload.reading() as case:
        found = case.later_replies.find(later_id)
        assert found is not None
        return found


def test_it_leaves_once_at_its_time_also_after_a_restart(
    sam: ClientPhone, office: Office, amina: Colleague, clock: FixedClock
) -> None:
    later_id = writes(sam, amina)
    comes(office, clock, THURSDAY - timedelta(seconds=1))
    assert sam.reads == []
    office.restart()
    for _ in range(3):
        comes(office, clock, THURSDAY)
    comes(office, clock, THURSDAY + timedelta(hours=1))
    assert sam.reads == [f"Amina (your consultant):\n{WORDS}"]
    assert kept(office, later_id).status == "sent"


def test_the_same_form_twice_is_one_message(
    sam: ClientPhone, office: Office, amina: Colleague, clock: FixedClock
) -> None:
    assert writes(sam, amina) == writes(sam, amina)
    comes(office, clock, THURSDAY)
    assert len(sam.reads) == 1


def test_it_ends_no_question_that_came_meanwhile(
    sam: ClientPhone, office: Office, amina: Colleague, clock: FixedClock
) -> None:
    writes(sam, amina)
    with office.caseload.transaction() as case:
        client = case.clients.for_conversation(sam.conversation_id)
        case.handoffs.open(client, "Can I keep my benefit?", "question")
    comes(office, clock, THURSDAY)
    with office.caseload.reading() as case:
        assert [one.reason for one in case.handoffs.waiting_for(case.staff.get(amina.id))] == ["question"]


def test_it_waits_for_the_end_of_quiet_hours(
    sam: ClientPhone, office: Office, amina: Colleague, clock: FixedClock
) -> None:
    with office.caseload.transaction() as case:
        case.preferences.set_quiet_hours(case.clients.for_conversation(sam.conversation_id), "20:00", "10:00")
    later_id = writes(sam, amina)
    assert kept(office, later_id).send_at == THURSDAY + timedelta(minutes=30)
    comes(office, clock, THURSDAY)
    assert sam.reads == []
    comes(office, clock, THURSDAY + timedelta(minutes=30))
    assert len(sam.reads) == 1


def test_quiet_hours_that_were_set_afterwards_count_too(
    sam: ClientPhone, office: Office, amina: Colleague, clock: FixedClock
) -> None:
    later_id = writes(sam, amina)
    with office.caseload.transaction() as case:
        case.preferences.set_quiet_hours(case.clients.for_conversation(sam.conversation_id), "20:00", "11:00")
    comes(office, clock, THURSDAY)
    assert sam.reads == []
    assert kept(office, later_id).send_at == THURSDAY + timedelta(minutes=90)
    comes(office, clock, THURSDAY + timedelta(minutes=90))
    assert len(sam.reads) == 1


def test_somebody_who_stopped_messages_gets_it_only_if_the_author_says_so(
    sam: ClientPhone, office: Office, amina: Colleague, clock: FixedClock
) -> None:
    with office.caseload.transaction() as case:
        case.preferences.stop(case.clients.for_conversation(sam.conversation_id))
    with pytest.raises(later.AskedForSilence):
        writes(sam, amina)
    writes(sam, amina, although_stopped=True)
    comes(office, clock, THURSDAY)
    assert len(sam.reads) == 1


def test_a_pause_counts_only_as_long_as_it_lasts(
    sam: ClientPhone, office: Office, amina: Colleague, clock: FixedClock
) -> None:
    with office.caseload.transaction() as case:
        client = case.clients.for_conversation(sam.conversation_id)
        case.preferences.pause_until(client, THURSDAY + timedelta(hours=1))
    with pytest.raises(later.AskedForSilence):
        writes(sam, amina)
    writes(sam, amina, THURSDAY + timedelta(hours=2))
    comes(office, clock, THURSDAY + timedelta(hours=2))
    assert len(sam.reads) == 1


def _stopped(case: Case, sam: ClientPhone, amina: Colleague, grace: Colleague) -> None:
    case.preferences.stop(case.clients.for_conversation(sam.conversation_id))


def _with_grace(case: Case, sam: ClientPhone, amina: Colleague, grace: Colleague) -> None:
    seen = case.conversations.lock(sam.conversation_id).epoch
    ownership.take_over(case, sam.office.words, case.staff.get(grace.id), sam.conversation_id, seen)


def _not_hers_any_more(case: Case, sam: ClientPhone, amina: Colleague, grace: Colleague) -> None:
    case.clients.for_conversation(sam.conversation_id).consultant_id = None


def _unlinked(case: Case, sam: ClientPhone, amina: Colleague, grace: Colleague) -> None:
    case.conversations.unlink(case.conversations.lock(sam.conversation_id))


def _account_closed(case: Case, sam: ClientPhone, amina: Colleague, grace: Colleague) -> None:
    case.staff.disable(case.staff.get(amina.id))


@pytest.mark.parametrize(
    ("happened", "end"),
    [
        (_stopped, ("held", "stopped")),
        (_with_grace, ("held", "colleague")),
        (_not_hers_any_more, ("held", "access")),
        (_unlinked, ("cancelled", "unlinked")),
        (_account_closed, ("cancelled", "account")),
    ],
)
def test_what_happened_since_is_not_written_over(
    sam: ClientPhone,
    office: Office,
    amina: Colleague,
    grace: Colleague,
    clock: FixedClock,
    happened: Callable[[Case, ClientPhone, Colleague, Colleague], None],
    end: tuple[str, str],
) -> None:
    later_id = writes(sam, amina)
    with office.caseload.transaction() as case:
        happened(case, sam, amina, grace)
    for _ in range(2):
        comes(office, clock, THURSDAY)
    assert not any(WORDS in text for text in sam.reads)
    found = kept(office, later_id)
    assert (found.status, found.reason) == end
    with office.caseload.reading() as case:
        waiting = [one.reason for one in case.handoffs.waiting_for(case.staff.get(grace.id))]
    assert waiting == ["not_sent"]


def test_danger_since_it_was_written_holds_it_until_its_author_has_looked(
    sam: ClientPhone, office: Office, amina: Colleague, clock: FixedClock
) -> None:
    later_id = writes(sam, amina)
    clock.advance(minutes=5)
    sam.asks("I want to kill myself")
    comes(office, clock, THURSDAY)
    assert not any(WORDS in text for text in sam.reads)
    assert (kept(office, later_id).status, kept(office, later_id).reason) == ("held", "danger")
    with office.caseload.transaction() as case:
        later.change(
            case, case.staff.get(amina.id), later_id, WORDS, THURSDAY + timedelta(hours=1),
            although_stopped=False, seen_version=kept(office, later_id).version,
        )  # fmt: skip
    comes(office, clock, THURSDAY + timedelta(hours=1))
    assert sam.reads[-1].endswith(WORDS)


def test_danger_that_was_there_before_does_not(
    sam: ClientPhone, office: Office, amina: Colleague, clock: FixedClock
) -> None:
    sam.asks("I want to kill myself")
    clock.advance(minutes=5)
    writes(sam, amina)
    comes(office, clock, THURSDAY)
    assert sam.reads[-1].endswith(WORDS)


def test_what_is_changed_leaves_at_the_new_time_only(
    sam: ClientPhone, office: Office, amina: Colleague, clock: FixedClock
) -> None:
    later_id = writes(sam, amina)
    with office.caseload.transaction() as case:
        later.change(
            case, case.staff.get(amina.id), later_id, "See you at two.", THURSDAY + timedelta(hours=3),
            although_stopped=False, seen_version=1,
        )  # fmt: skip
    comes(office, clock, THURSDAY)
    assert sam.reads == []
    comes(office, clock, THURSDAY + timedelta(hours=3))
    assert [text.splitlines()[-1] for text in sam.reads] == ["See you at two."]


def test_what_is_cancelled_never_leaves(
    sam: ClientPhone, office: Office, amina: Colleague, grace: Colleague, clock: FixedClock
) -> None:
    later_id = writes(sam, amina)
    with office.caseload.transaction() as case:
        later.cancel(case, case.staff.get(grace.id), later_id)
    comes(office, clock, THURSDAY)
    assert sam.reads == []
    with pytest.raises(SomeoneWasFaster), office.caseload.transaction() as case:
        later.cancel(case, case.staff.get(amina.id), later_id)


def test_what_was_sent_can_be_neither_changed_nor_cancelled(
    sam: ClientPhone, office: Office, amina: Colleague, clock: FixedClock
) -> None:
    later_id = writes(sam, amina)
    comes(office, clock, THURSDAY)
    for version in (1, 2):
        with pytest.raises(SomeoneWasFaster), office.caseload.transaction() as case:
            later.change(
                case, case.staff.get(amina.id), later_id, "Else", THURSDAY + timedelta(days=1),
                although_stopped=False, seen_version=version,
            )  # fmt: skip
    with pytest.raises(SomeoneWasFaster), office.caseload.transaction() as case:
        later.cancel(case, case.staff.get(amina.id), later_id)


def test_grace_does_not_change_what_goes_out_under_aminas_name_and_piotr_sees_nothing(
    sam: ClientPhone, office: Office, amina: Colleague, grace: Colleague, piotr: Colleague
) -> None:
    later_id = writes(sam, amina)
    for who in (grace, piotr):
        with pytest.raises(NoSuchLaterReply), office.caseload.transaction() as case:
            later.change(
                case, case.staff.get(who.id), later_id, "Mine", THURSDAY, although_stopped=False,
                seen_version=1,
            )  # fmt: skip
    with pytest.raises(NoSuchLaterReply), office.caseload.transaction() as case:
        later.cancel(case, case.staff.get(piotr.id), later_id)


def test_after_erasure_nothing_is_left_to_send(
    sam: ClientPhone, office: Office, amina: Colleague, clock: FixedClock
) -> None:
    writes(sam, amina)
    with office.caseload.transaction() as case:
        case.rights.erase(case.clients.for_conversation(sam.conversation_id))
    comes(office, clock, THURSDAY)
    assert sam.reads == []
    assert office.rows("later_replies") == office.rows("timers") == []


@pytest.mark.parametrize("text", ["See you on {day}.", "I am ___ minutes late."])
def test_blanks_stop_it_now_and_later(sam: ClientPhone, office: Office, amina: Colleague, text: str) -> None:
    with pytest.raises(BlanksLeft), office.caseload.transaction() as case:
        later.write(
            case, case.staff.get(amina.id), case.conversations.lock(sam.conversation_id), text, THURSDAY,
            although_stopped=False, form_key=KEY,
        )  # fmt: skip
    with pytest.raises(BlanksLeft), office.caseload.transaction() as case:
        ownership.reply(case, office.words, case.staff.get(amina.id), sam.conversation_id, text, KEY)
    assert office.rows("outbox") == []
