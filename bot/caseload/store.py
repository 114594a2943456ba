"""The one way into the database: a transaction that offers the caseload's use-cases."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Engine, create_engine, event, text
from sqlalchemy.engine import Connection, make_url
from sqlalchemy.exc import ArgumentError, NoSuchModuleError
from sqlalchemy.orm import Session

from bot.caseload.absences import Absences
from bot.caseload.access_log import AccessLog
from bot.caseload.accounts import Accounts
from bot.caseload.alerts import Alerts
from bot.caseload.appointments import Appointments
from bot.caseload.attachments import Attachments
from bot.caseload.audit import AuditTrail
from bot.caseload.availability import AvailabilityList
from bot.caseload.buttons import Buttons
from bot.caseload.calendar_feeds import CalendarFeeds
from bot.caseload.clients import Clients
from bot.caseload.consents import Consents
from bot.caseload.conversations import Conversations
from bot.caseload.dealings import Dealings
from bot.caseload.diary import Diary
from bot.caseload.discussions import Discussions
from bot.caseload.done_once import DoneOnceKeys
from bot.caseload.employers import Employers
from bot.caseload.enrolments import Enrolments
from bot.caseload.errors import CaseloadUnavailable, DatabaseUrlWrong, named_errors
from bot.caseload.first_steps import FirstSteps
from bot.caseload.goals import Goals
from bot.caseload.handoffs import Handoffs
from bot.caseload.inbox import Inbox
from bot.caseload.internal_notes import InternalNotes
from bot.caseload.invites import Invites
from bot.caseload.jobs import Jobs
from bot.caseload.later_replies import LaterReplies
from bot.caseload.leads import Leads
from bot.caseload.misses import Misses
from bot.caseload.moves import Moves
from bot.caseload.outbox import Outbox
from bot.caseload.outreach import Outreach
from bot.caseload.overview import Overview
from bot.caseload.phases import Phases
from bot.caseload.preferences import Preferences
from bot.caseload.presences import Presences
from bot.caseload.profile import Profile
from bot.caseload.quick_replies import QuickReplies
from bot.caseload.records import Records
from bot.caseload.recovery import RecoveryCodes
from bot.caseload.repository import CLOCK
from bot.caseload.retention import Retention
from bot.caseload.rights import Rights
from bot.caseload.safety_events import SafetyEvents
from bot.caseload.safety_examples import SafetyExamples
from bot.caseload.safety_misses import SafetyMisses
from bot.caseload.safety_reviews import SafetyReviews
from bot.caseload.sending import Sending
from bot.caseload.services import Services
from bot.caseload.staff import StaffList
from bot.caseload.staff_aliases import StaffAliases
from bot.caseload.staff_buttons import StaffButtons
from bot.caseload.staff_focus import StaffFocuses
from bot.caseload.stranded import Stranded
from bot.caseload.strangers import Strangers
from bot.caseload.timers import Timers
from bot.caseload.today import Today
from bot.caseload.transcript import Transcript
from bot.caseload.waits import Waits
from bot.caseload.working_time import WorkingTime
from bot.clock import Clock, SystemClock

#: How long a writer waits for another one on SQLite, in milliseconds.
SQLITE_BUSY_MS = 10_000
POSTGRESQL_CONNECT_SECONDS = 5


class Case:
    """The use-cases, sharing one transaction. Nouns are attributes: ``case.goals.add(…)``."""

    def __init__(self, session: Session, clock: Clock) -> None:
        self.clock = clock
        session.info[CLOCK] = clock
        self.audit = AuditTrail(session, clock)
        self.services = Services(session, clock)
        self.staff = StaffList(session, clock)
        self.staff_aliases = StaffAliases(session, clock)
        self.staff_buttons = StaffButtons(session, clock)
        self.staff_focus = StaffFocuses(session, clock)
        self.clients = Clients(session, clock)
        self.enrolments = Enrolments(session, clock)
        self.invites = Invites(session, clock)
        self.consents = Consents(session, clock)
        self.preferences = Preferences(session, clock)
        self.timers = Timers(session, clock)
        self.inbox = Inbox(session, clock)
        self.outbox = Outbox(session, clock)
        self.sending = Sending(session, clock)
        self.transcript = Transcript(session, clock)
        self.buttons = Buttons(session, clock)
        self.conversations = Conversations(session, clock)
        self.handoffs = Handoffs(session, clock)
        self.safety_events = SafetyEvents(session, clock)
        self.alerts = Alerts(session, clock)
        self.safety_reviews = SafetyReviews(session, clock)
        self.safety_misses = SafetyMisses(session, clock)
        self.safety_examples = SafetyExamples(session, clock)
        self.first_steps = FirstSteps(session, clock)
        self.goals = Goals(session, clock)
        self.appointments = Appointments(session, clock)
        self.leads = Leads(session, clock)
        self.availability = AvailabilityList(session, clock)
        self.calendar_feeds = CalendarFeeds(session, clock)
        self.diary = Diary(session, clock)
        self.discussions = Discussions(session, clock)
        self.employers = Employers(session, clock)
        self.dealings = Dealings(session, clock)
        self.jobs = Jobs(session, clock)
        self.overview = Overview(session, clock)
        self.outreach = Outreach(session, clock)
        self.phases = Phases(session, clock)
        self.profile = Profile(session, clock)
        self.today = Today(session, clock)
        self.misses = Misses(session, clock)
        self.done_once = DoneOnceKeys(session, clock)
        self.stranded = Stranded(session, clock)
        self.strangers = Strangers(session, clock)
        self.records = Records(session, clock)
        self.rights = Rights(session, clock)
        self.retention = Retention(session, clock)
        self.accounts = Accounts(session, clock)
        self.recovery = RecoveryCodes(session, clock)
        self.moves = Moves(session, clock)
        self.access_log = AccessLog(session, clock)
        self.absences = Absences(session, clock)
        self.working_time = WorkingTime(session, clock)
        self.waits = Waits(session, clock)
        self.attachments = Attachments(session, clock)
        self.internal_notes = InternalNotes(session, clock)
        self.quick_replies = QuickReplies(session, clock)
        self.later_replies = LaterReplies(session, clock)
        self.presences = Presences(session, clock)


class Caseload:
    """The caseload database; opens nothing until it is first used."""

    def __init__(self, url: str, clock: Clock | None = None) -> None:
        self.clock = clock or SystemClock()
        self.engine = _engine(url)
        # SQLite lets one write at a time, and of those who wait it favours nobody: one of many threads may
        # wait in vain. So within a process they queue up here; between processes SQLite decides.
        self._turn = threading.Lock() if self.engine.dialect.name == "sqlite" else None

    @contextmanager
    def transaction(self) -> Iterator[Case]:
        """Offer the use-cases in one transaction: committed on leaving, rolled back on any exception."""
        with (
            self._turn_to_write(),
            named_errors(),
            Session(self.engine, expire_on_commit=False) as session,
            session.begin(),
        ):
            yield Case(session, self.clock)

    @contextmanager
    def _turn_to_write(self) -> Iterator[None]:
        """Wait for our turn among this process's writers, as long as for another process's."""
        if self._turn is None:
            yield
            return
        if not self._turn.acquire(timeout=SQLITE_BUSY_MS / 1000):
            raise CaseloadUnavailable("The database is too busy.")
        try:
            yield
        finally:
            self._turn.release()

    @contextmanager
    def reading(self) -> Iterator[Case]:
        """Offer the use-cases for reading only: does not wait for writers, and never commits."""
        with (
            named_errors(),
            self.engine.connect().execution_options(foothold_reading=True) as connection,
            Session(connection, expire_on_commit=False) as session,
        ):
            yield Case(session, self.clock)
            # What was read stays readable afterwards: a rollback would empty every object.
            session.expunge_all()
            session.rollback()

    def check(self) -> None:
        """Raise CaseloadUnavailable when the database does not answer."""
        with (
            named_errors(),
            self.engine.connect().execution_options(foothold_reading=True) as connection,
        ):
            connection.execute(text("SELECT 1"))

    def close(self) -> None:
        """Give all connections back."""
        self.engine.dispose()


def _engine(url: str) -> Engine:
    try:
        backend = make_url(url).get_backend_name()
        if backend == "postgresql":
            return create_engine(
                url,
                pool_pre_ping=True,
                # An error's text would else quote the values of the statement: a client's words.
                hide_parameters=True,
                pool_size=10,
                max_overflow=10,
                connect_args={"connect_timeout": POSTGRESQL_CONNECT_SECONDS},
            )
    except (ArgumentError, NoSuchModuleError, ModuleNotFoundError) as error:
        raise DatabaseUrlWrong from error
    if backend != "sqlite":
        raise DatabaseUrlWrong
    engine = create_engine(
        url,
        hide_parameters=True,
        connect_args={"timeout": SQLITE_BUSY_MS / 1000, "check_same_thread": False},
    )
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    # The driver must not open transactions by itself: _begin_sqlite decides which kind is opened.
    connection.isolation_level = None
    cursor = connection.cursor()
    cursor.execute("PRAGMA journal_mode=WAL")
    cursor.execute("PRAGMA synchronous=FULL")
    cursor.execute("PRAGMA foreign_keys=ON")
    cursor.execute(f"PRAGMA busy_timeout={SQLITE_BUSY_MS}")
    cursor.execute("PRAGMA secure_delete=ON")
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    # A transaction that starts as a reader and then writes fails at once when another one wrote
    # in between (no busy wait can help it), so a writer takes the write lock at its start.
    reading = connection.get_execution_options().get("foothold_reading", False)
    connection.exec_driver_sql("BEGIN" if reading else "BEGIN IMMEDIATE")
