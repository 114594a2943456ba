"""A morning at the demo's service, for the pictures of the guides. Everybody in it is invented."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from bot.caseload.models.people import Client, Staff
from bot.caseload.store import Case, Caseload
from bot.clock import FixedClock
from bot.conversation.escalation import Escalation
from bot.conversation.timers import TimerRunner
from bot.conversation.wording import Wording
from bot.demo.seed import seed
from tests.console.test_safety_review import fires
from tests.people import Colleague, Person, hired

BOT = "foothold_bot"
#: A Wednesday in November: London is on UTC.
OPENS = datetime(2026, 11, 25, 9, 0, tzinfo=UTC)
SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"


@dataclass(frozen=True)
class Morning:
    """Who is in the pictures."""

    caseload: Caseload
    clock: FixedClock
    amina: Colleague
    #: She began today.
    nadia: Colleague
    #: Amina's clients.
    sam: Person
    leila: Person
    joan: Person

    @classmethod
    def begin(cls, caseload: Caseload, clock: FixedClock, words: Wording) -> Morning:
        """Fill the caseload with the demo's people, and let the morning go by."""
        clock.set(OPENS - timedelta(days=9))
        seed(caseload)
        clock.set(OPENS)
        nadia = hired(caseload, "ashbourne", "Nadia Brandt", "consultant")
        with caseload.transaction() as case:
            staff = case.staff.find_by_email("amina@demo.example")
            assert staff is not None
            # What everybody has after the first week.
            case.staff.set_second_factor(staff, SECRET)
            case.staff.use_link(case.staff.make_link(staff).token, BOT, "1")
            amina = Colleague(staff.id, staff.name, staff.email, staff.role, SECRET)
            people = {ref: _on_telegram(case, caseload, ref) for ref in ("sam", "leila", "joan", "dev")}
            for name in ("Ines Moreau", "Callum Reid"):
                case.clients.enrol(staff.service, name, consultant=case.staff.get(nadia.id))
            _week_of(case, staff)
        morning = cls(caseload, clock, amina, nadia, people["sam"], people["leila"], people["joan"])
        morning._goes_by(people["dev"], TimerRunner(caseload, words))
        return morning

    def _goes_by(self, dev: Person, timers: TimerRunner) -> None:
        self.clock.advance(minutes=2)
        dev.says("morning, shift went ok")
        dev.is_told("Good to hear, Dev. I have noted it for Amina.")
        self.leila.says("can i come at a different time")
        self.leila.is_told("Here are times when Amina is free.")
        with self.caseload.transaction() as case:
            client = case.clients.find(self.leila.id)
            case.appointments.request(client, case.appointments.free_times(client)[-1].starts_at)
        timers.ring_due()
        self.clock.advance(minutes=15)
        self.sam.says("hi is the garden one still going")
        self.sam.is_told("Yes. It is 16 hours a week, in the mornings, at Fernleigh Plants.")
        self.sam.asks("if i do 16 hours do i lose my money?")
        self.sam.is_told("I have asked Amina. She reads messages today until 5pm.")
        timers.ring_due()
        self.clock.advance(minutes=26)

    def somebody_is_in_danger(self) -> None:
        """Let the safety screen fire on what Joan writes."""
        fires(self.joan, "i cant do this any more", seq=90)
        with self.caseload.transaction() as case:
            for handoff in case.handoffs.open_for(case.clients.find(self.joan.id)):
                Escalation().start(case, handoff)
        self.clock.advance(minutes=3)


def _on_telegram(case: Case, caseload: Caseload, ref: str) -> Person:
    """Give a demo client the chat that a real one has."""
    client = case.clients.find_by_ref(ref)
    assert client is not None
    for chat in case.conversations.of_client(client):
        case.conversations.unlink(chat)
    chat = case.conversations.link(client, channel="telegram", bot_id=BOT, chat_id=ref)
    case.consents.record(client, "chat", given=True, wording_version="1")
    return Person(caseload, client.id, ref, chat.id)


def _week_of(case: Case, staff: Staff) -> None:
    """Arrange what the demo's people have not arranged themselves."""
    for ref, at, minutes, place in (
        ("dev", OPENS - timedelta(days=1, hours=-2), 30, "Crumb and Co, at the back door"),
        ("joan", OPENS + timedelta(hours=5), 45, "Northgate Library"),
        ("sam", OPENS + timedelta(days=1, hours=1), 60, "Westmere Library cafe"),
    ):
        client: Client | None = case.clients.find_by_ref(ref)
        assert client is not None
        case.appointments.arrange(
            client, staff, at, minutes=minutes, mode="in_person_community", place=place, purpose=None
        )
