"""Sam's phone and the gateway's own tasks, with a dialogue that says what the test wants."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.caseload.store import Caseload
from bot.clock import FixedClock
from bot.conversation.danger import Danger
from bot.conversation.phone import DEMO_BOT
from bot.conversation.wording import Wording
from bot.safety.content import SafetyContent
from bot.safety.screen import Screen
from tests.conftest import ROOT
from tests.conversation.office import BOT, ClientPhone, FakeDialogue, FakePhones, Office, linked
from tests.people import Colleague, amina, clock, grace, hired, piotr

__all__ = ["amina", "clock", "grace", "piotr"]


@pytest.fixture
def caseload(empty_sqlite: Caseload, clock: FixedClock) -> Caseload:
    empty_sqlite.clock = clock
    return empty_sqlite


@pytest.fixture(scope="session")
def words() -> Wording:
    domain = Path(ROOT / "domain.yml")
    return Wording.load(domain)


@pytest.fixture(scope="session")
def screen() -> Screen:
    return Screen.load()


@pytest.fixture(scope="session")
def content() -> SafetyContent:
    return SafetyContent.load()


@pytest.fixture
def danger(screen: Screen, content: SafetyContent) -> Danger:
    """Of each test's own: it remembers the numbers of the updates that it has answered."""
    return Danger(screen, content)


@pytest.fixture
def dialogue() -> FakeDialogue:
    return FakeDialogue()


@pytest.fixture
def phones() -> FakePhones:
    return FakePhones()


@pytest.fixture
def office(
    caseload: Caseload, words: Wording, danger: Danger, dialogue: FakeDialogue, phones: FakePhones
) -> Iterator[Office]:
    """The gateway without Telegram: ingest, turns, sender and timers, on a loop of their own.

    Its bot has no limits of Telegram's, so that no test waits for them that is not about them.
    """
    with Office(caseload, words, danger, dialogue, phones, DEMO_BOT) as running:
        yield running


@pytest.fixture
def paced_office(
    caseload: Caseload, words: Wording, danger: Danger, dialogue: FakeDialogue, phones: FakePhones
) -> Iterator[Office]:
    """The same with Telegram's limits."""
    with Office(caseload, words, danger, dialogue, phones, BOT) as running:
        yield running


@pytest.fixture
def sam(office: Office, amina: Colleague) -> ClientPhone:
    """Amina's client, linked on Telegram, who said yes to chatting."""
    return linked(office, "sam", "Sam Okoro", amina)


@pytest.fixture
def stranger(office: Office) -> ClientPhone:
    """Somebody whom the service does not know."""
    return ClientPhone(office, "9000000001", None)


@pytest.fixture
def cover(office: Office, sam: ClientPhone, piotr: Colleague) -> Colleague:
    """Piotr covers for Amina."""
    with office.caseload.transaction() as case:
        case.clients.for_conversation(sam.conversation_id).cover_id = piotr.id
    return piotr


@pytest.fixture
def lena(office: Office) -> Colleague:
    """The team lead of the service."""
    return hired(office.caseload, "northside", "Lena Hart", "lead")


@pytest.fixture
def dot(office: Office) -> Colleague:
    """Somebody who is on duty in the service."""
    return hired(office.caseload, "northside", "Dot Yule", "duty")
