"""The cast: Sam is a client, Amina his consultant, Piotr another consultant, Grace their service manager.

Import the fixtures that a folder needs into its conftest.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

import pytest

from bot.caseload.files import FileStore
from bot.caseload.models.people import Client, Service, Staff
from bot.caseload.store import Case, Caseload
from bot.clock import FixedClock
from bot.conversation.file_types import type_of

#: A Wednesday morning in November: London is on UTC.
WEDNESDAY = datetime(2026, 11, 25, 10, 0, tzinfo=UTC)
PASSWORD = "correct horse battery staple"
WORK_HOURS = {str(day): [["09:00", "17:00"]] for day in range(5)}


@dataclass(frozen=True)
class Colleague:
    """Somebody who works for a service."""

    id: str
    name: str
    email: str
    role: str
    totp_secret: str | None = None

    @property
    def first_name(self) -> str:
        return self.name.split()[0]


@dataclass(frozen=True)
class Person:
    """A client, and what they do."""

    caseload: Caseload
    id: str
    ref: str
    conversation_id: str

    def says(self, text: str, kind: str = "text") -> None:
        """Write in the chat, with nobody answering."""
        with self.caseload.transaction() as case:
            conversation = case.conversations.lock(self.conversation_id)
            case.transcript.add_from_client(
                conversation, text, kind=kind, inbox_seq=None, channel_message_id=None
            )

    def sends(
        self, content: bytes, kind: str = "document", name: str | None = None, files: FileStore | None = None
    ) -> str:
        """Send a file; with `files` it was fetched already. Returns the attachment's id."""
        with self.caseload.transaction() as case:
            conversation = case.conversations.lock(self.conversation_id)
            message = case.transcript.add_from_client(
                conversation, "", kind=kind, inbox_seq=None, channel_message_id=None
            )
            attachment = case.attachments.add(
                message, conversation, file_id="f", kind=kind, name=name, size=len(content), may_keep=True
            )
            if files is not None:
                mime = type_of(content)
                assert mime is not None
                files.write(attachment.stored_as, content)
                case.attachments.stored(attachment, content, mime)
            return attachment.id

    def asks(
        self,
        question: str,
        reason: str = "question",
        urgency: str = "routine",
        subject: str | None = None,
    ) -> str:
        """Ask for something that needs a human; returns the handoff's id."""
        self.says(question)
        with self.caseload.transaction() as case:
            client = case.clients.find(self.id)
            return case.handoffs.open(client, question, reason, urgency, subject=subject).handoff.id

    def is_told(self, text: str, delivery: str = "sent") -> int:
        """Get a message of the bot; returns its id in the transcript."""
        with self.caseload.transaction() as case:
            conversation = case.conversations.lock(self.conversation_id)
            key = f"told:{self.ref}:{len(case.transcript.newest(conversation))}"
            item = case.outbox.add(conversation, text, origin="bot", dedup_key=key)
            if delivery == "sent":
                case.sending.sent(item, 1)
            assert item.message_id is not None
            return item.message_id


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock(WEDNESDAY)


@pytest.fixture
def caseload(new_sqlite: Callable[[], str], clock: FixedClock) -> Iterator[Caseload]:
    store = Caseload(new_sqlite(), clock)
    yield store
    store.close()


@pytest.fixture
def amina(caseload: Caseload) -> Colleague:
    """Sam's consultant."""
    return hired(caseload, "northside", "Amina Khan", "consultant")


@pytest.fixture
def piotr(caseload: Caseload) -> Colleague:
    """Another consultant of the same service."""
    return hired(caseload, "northside", "Piotr Nowak", "consultant")


@pytest.fixture
def grace(caseload: Caseload) -> Colleague:
    """The manager of Amina's and Piotr's service."""
    return hired(caseload, "northside", "Grace Mensah", "manager", "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP")


@pytest.fixture
def hana(caseload: Caseload) -> Colleague:
    """The manager of another service, in New Zealand."""
    return hired(caseload, "kauri", "Hana Ngata", "manager", "KRSXG5CTMVRXEZLUKRSXG5CTMVRXEZLU")


@pytest.fixture
def sam(caseload: Caseload, amina: Colleague) -> Person:
    """Amina's client."""
    return enrolled(caseload, "sam", "Sam Okoro", amina)


@pytest.fixture
def jo(caseload: Caseload, piotr: Colleague) -> Person:
    """Piotr's client."""
    return enrolled(caseload, "jo", "Jo Lind", piotr)


def hired(caseload: Caseload, service: str, name: str, role: str, secret: str | None = None) -> Colleague:
    """Give somebody an account at a service. The tests of a sign-in set the password."""
    email = f"{name.split()[0].lower()}@{service}.example"
    with caseload.transaction() as case:
        staff = case.staff.add(
            _service(case, service), name, email, role, password_hash=None, totp_secret=secret
        )
        if role == "consultant":
            case.staff.set_availability(staff, [(1, "10:00", "12:00"), (3, "13:00", "16:00")])
        return Colleague(staff.id, name, email, role, secret)


def enrolled(caseload: Caseload, ref: str, name: str, consultant: Colleague | None) -> Person:
    """Take somebody on, with a chat of the demo's kind."""
    with caseload.transaction() as case:
        staff: Staff | None = case.staff.get(consultant.id) if consultant else None
        service = staff.service if staff else _service(case, "northside")
        client: Client = case.clients.enrol(service, name, ref=ref, consultant=staff)
        conversation = case.conversations.link(client, channel="demo", bot_id="demo", chat_id=ref)
        return Person(caseload, client.id, ref, conversation.id)


def _service(case: Case, ref: str) -> Service:
    region, zone = ("new_zealand", "Pacific/Auckland") if ref == "kauri" else ("england", "Europe/London")
    return case.services.find(ref) or case.services.add(
        ref=ref, name=ref.capitalize(), region=region, timezone=zone, phone="01632 960 001", hours=WORK_HOURS
    )
