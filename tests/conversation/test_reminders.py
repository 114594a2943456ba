"""What Sam answers to a reminder: it is done, said honestly, and Amina knows."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from bot.caseload.models.conversation import Handoff
from bot.caseload.models.plan import Appointment
from bot.caseload.store import Case
from bot.clock import FixedClock
from tests.conversation.office import ClientPhone, Office, linked
from tests.people import Colleague, hired

#: Friday half past two; today is Wednesday.
MEETING = datetime(2026, 11, 27, 14, 30, tzinfo=UTC)
LABELS = ["I will be there", "I cannot come", "I need help to get there"]


def arranges(office: Office, sam: ClientPhone, amina: Colleague, at: datetime = MEETING) -> str:
    with office.caseload.transaction() as case:
        return case.appointments.arrange(
            case.clients.for_conversation(sam.conversation_id), case.staff.get(amina.id), at,
            minutes=45, mode="office", place="the library", purpose=None,
        ).id  # fmt: skip


@pytest.fixture
def meeting(sam: ClientPhone, office: Office, amina: Colleague) -> str:
    return arranges(office, sam, amina)


@pytest.fixture
def reminded(sam: ClientPhone, office: Office, clock: FixedClock, meeting: str) -> str:
    """The meeting, of which Sam was reminded the day before."""
    rings_at(office, clock, MEETING - timedelta(days=1))
    return meeting


def rings_at(office: Office, clock: FixedClock, when: datetime) -> None:
    clock.set(when)
    office.timers.ring_due()
    office.settle()


def presses(office: Office, sam: ClientPhone, label: str) -> str:
    sam.presses(label)
    office.settle()
    return sam.reads[-1]


def meeting_of(office: Office, meeting: str) -> Appointment:
    with office.caseload.reading() as case:
        return case.appointments.get_for_client(case.clients.find_by_ref("sam"), meeting)  # type: ignore[arg-type]


def handoffs_of(case: Case) -> list[Handoff]:
    client = case.clients.find_by_ref("sam")
    assert client is not None
    return case.handoffs.open_for(client)


def test_a_reminder_has_three_buttons(sam: ClientPhone, reminded: str) -> None:
    assert sam.bubbles[-1].labels == LABELS


def test_i_will_be_there_is_noted_and_said_back(office: Office, sam: ClientPhone, reminded: str) -> None:
    assert "you will be there on Friday 27 November at 2:30pm" in presses(office, sam, LABELS[0])
    assert meeting_of(office, reminded).client_confirmed_at is not None
    with office.caseload.reading() as case:
        assert handoffs_of(case) == []


def test_i_cannot_come_asks_amina_for_another_time_and_promises_nothing(
    office: Office, sam: ClientPhone, reminded: str
) -> None:
    said = presses(office, sam, LABELS[1])
    assert "I have told Amina that you cannot come on Friday 27 November at 2:30pm" in said
    assert "They work until 5pm today." in said
    meeting = meeting_of(office, reminded)
    assert (meeting.status, meeting.wanted_at, meeting.starts_at) == ("change_requested", None, MEETING)
    with office.caseload.reading() as case:
        [handoff] = handoffs_of(case)
        assert (handoff.reason, handoff.urgency) == ("appointment", "today")
        assert handoff.subject == f"appointment:{reminded}"


def test_whoever_cannot_come_is_not_reminded_again(
    office: Office, clock: FixedClock, sam: ClientPhone, reminded: str
) -> None:
    presses(office, sam, LABELS[1])
    before = len(sam.reads)
    rings_at(office, clock, MEETING - timedelta(hours=2))
    assert len(sam.reads) == before


def test_help_to_get_there_reaches_amina_today_and_names_a_number(
    office: Office, sam: ClientPhone, reminded: str
) -> None:
    said = presses(office, sam, LABELS[2])
    assert "I have asked Amina to help you get there" in said
    assert "you can call Northside on 01632 960 001" in said
    assert meeting_of(office, reminded).status == "confirmed"
    with office.caseload.reading() as case:
        [handoff] = handoffs_of(case)
        assert (handoff.reason, handoff.urgency) == ("travel", "today")


def test_out_of_hours_sam_reads_when_somebody_will_see_it(
    office: Office, clock: FixedClock, sam: ClientPhone, amina: Colleague
) -> None:
    monday = datetime(2026, 11, 30, 9, 0, tzinfo=UTC)
    arranges(office, sam, amina, monday)
    rings_at(office, clock, monday - timedelta(days=1))
    said = presses(office, sam, LABELS[2])
    assert "Nobody reads this until Monday 30 November at 9am." in said


def test_a_button_about_a_meeting_that_is_off_does_nothing_and_says_so(
    office: Office, sam: ClientPhone, reminded: str
) -> None:
    with office.caseload.transaction() as case:
        client = case.clients.for_conversation(sam.conversation_id)
        case.appointments.cancel_by_service(case.appointments.get_for_client(client, reminded))
    assert "is not ahead any more, so I did nothing" in presses(office, sam, LABELS[0])
    assert meeting_of(office, reminded).status == "cancelled_by_service"


def test_a_button_of_a_moved_meeting_speaks_of_the_time_that_holds(
    office: Office, sam: ClientPhone, reminded: str
) -> None:
    with office.caseload.transaction() as case:
        client = case.clients.for_conversation(sam.conversation_id)
        case.diary.rearrange(
            case.appointments.get_for_client(client, reminded), MEETING + timedelta(days=3),
            minutes=45, mode="office", place=None, purpose=None,
        )  # fmt: skip
    assert "Monday 30 November at 2:30pm" in presses(office, sam, LABELS[0])


def test_pressing_twice_does_it_once(office: Office, sam: ClientPhone, reminded: str) -> None:
    [token] = [one.token for one in sam.bubbles[-1].buttons if one.label == LABELS[1]]
    for _ in range(2):
        sam.presses_token(token)
        office.settle()
    assert "That button is old" in sam.reads[-1]
    with office.caseload.reading() as case:
        assert [one.asked_count for one in handoffs_of(case)] == [1]


def test_a_typed_answer_is_as_good_as_a_press(office: Office, sam: ClientPhone, reminded: str) -> None:
    assert "I have told Amina that you cannot come" in sam.asks("I cannot come")[0]


def test_who_can_come_after_all_is_expected_again(
    office: Office, clock: FixedClock, sam: ClientPhone, amina: Colleague, reminded: str
) -> None:
    with office.caseload.transaction() as case:
        client = case.clients.for_conversation(sam.conversation_id)
        case.diary.cannot_come(client, case.appointments.get_for_client(client, reminded))
    presses(office, sam, LABELS[0])
    assert meeting_of(office, reminded).status == "confirmed"
    rings_at(office, clock, MEETING - timedelta(hours=2))
    assert "reminder" in sam.reads[-1]


@pytest.mark.parametrize(
    ("service", "zone", "meets"),
    [
        ("northside", "Europe/London", datetime(2026, 10, 25, 10, 0)),
        ("northside", "Europe/London", datetime(2027, 3, 28, 10, 0)),
        ("kauri", "Pacific/Auckland", datetime(2026, 9, 27, 10, 0)),
        ("kauri", "Pacific/Auckland", datetime(2027, 4, 4, 10, 0)),
    ],
)
def test_reminders_keep_to_the_clients_clock_when_the_clocks_change(
    office: Office, clock: FixedClock, service: str, zone: str, meets: datetime
) -> None:
    clock.set(datetime(2026, 9, 1, 9, 0, tzinfo=UTC))
    mere = hired(office.caseload, service, "Mere Paki", "consultant")
    wiremu = linked(office, "wiremu", "Wiremu Paki", mere)
    at = meets.replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)
    arranges(office, wiremu, mere, at)
    day_before = (meets - timedelta(days=1)).replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)
    rings_at(office, clock, day_before - timedelta(minutes=1))
    assert wiremu.reads == []
    rings_at(office, clock, day_before)
    assert len(wiremu.reads) == 1
    assert "at 10am, the library" in wiremu.reads[0]
    rings_at(office, clock, at - timedelta(hours=2, minutes=1))
    assert len(wiremu.reads) == 1
    rings_at(office, clock, at - timedelta(hours=2))
    assert len(wiremu.reads) == 2


def test_a_reminder_at_a_time_that_the_day_before_does_not_have_comes_an_hour_later(
    office: Office, clock: FixedClock, amina: Colleague, sam: ClientPhone
) -> None:
    clock.set(datetime(2027, 3, 20, 9, 0, tzinfo=UTC))
    london = ZoneInfo("Europe/London")
    arranges(office, sam, amina, datetime(2027, 3, 29, 1, 30, tzinfo=london).astimezone(UTC))
    rings_at(office, clock, datetime(2027, 3, 28, 1, 29, tzinfo=UTC))
    assert sam.reads == []
    rings_at(office, clock, datetime(2027, 3, 28, 2, 30, tzinfo=london).astimezone(UTC))
    assert len(sam.reads) == 1
