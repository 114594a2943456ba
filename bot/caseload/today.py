"""Who needs a consultant today: each list most urgent first, all of it derived from what is recorded."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import and_, func, select
from sqlalchemy.orm import lazyload

from bot.caseload.appointments import OPEN_STATUSES
from bot.caseload.check_in_schedule import Due
from bot.caseload.diary import Diary
from bot.caseload.handoffs import Handoffs
from bot.caseload.jobs import due_on
from bot.caseload.models.conversation import Conversation, Handoff
from bot.caseload.models.people import Audit, Client, ContactPreference, Staff
from bot.caseload.models.plan import Appointment
from bot.caseload.models.records import OutreachAttempt
from bot.caseload.models.work import CheckIn, EmployerContact, Job
from bot.caseload.repository import Repository, cared_for_by, may_see

#: After so many days without a sign somebody reaches out, each time by a nearer way.
SILENT_DAYS = (28, 14, 7)
#: The first employer is met within 30 days (IPS-25 item 15).
FIRST_CONTACT_DAYS = (28, 21, 14)
#: Under this name the audit trail keeps that a reminder did not leave.
NOT_SENT = "reminder not sent"
#: Reminders leave within so long before a meeting.
REMINDED_WITHIN = timedelta(days=3)
#: Somebody who tried this lately has done what there is to do for now.
TRIED_LATELY = timedelta(days=3)

#: The lists of a day in which something is to do, in the order of the page.
TO_DO = (
    "handoffs", "unreachable", "not_reminded", "silent", "appointments", "check_ins", "first_contacts",
    "without_outcome",
)  # fmt: skip


@dataclass(frozen=True)
class Unreachable:
    """A client whose chat cannot be reached."""

    client: Client
    since: datetime


@dataclass(frozen=True)
class Silent:
    """A client of whom nothing was heard; `last` says what was: words, met, talked or joined."""

    client: Client
    since: datetime
    days: int
    #: 7, 14 or 28.
    step: int
    last: str
    #: The client asked the bot for no messages.
    stopped: bool
    tried: OutreachAttempt | None


@dataclass(frozen=True)
class CheckInDue:
    """A check-in of somebody in work."""

    client: Client
    job: Job
    due: Due


@dataclass(frozen=True)
class FirstContact:
    """A client for whom nobody has met an employer yet."""

    client: Client
    days: int
    #: 14, 21 or 28.
    step: int


@dataclass(frozen=True)
class NotReminded:
    """A client whom the bot did not remind of a meeting that lies ahead; `why` is a code."""

    client: Client
    appointment: Appointment
    why: str


@dataclass(frozen=True)
class TodayList:
    """Everything that waits for one consultant."""

    day: date
    handoffs: list[Handoff]
    unreachable: list[Unreachable]
    not_reminded: list[NotReminded]
    silent: list[Silent]
    tried_lately: list[Silent]
    appointments: list[Appointment]
    check_ins: list[CheckInDue]
    first_contacts: list[FirstContact]
    without_outcome: list[Appointment]

    @property
    def client_ids(self) -> list[str]:
        """Of whom something stands here."""
        by_id: list[Handoff | Appointment] = [*self.handoffs, *self.appointments, *self.without_outcome]
        of: list[Unreachable | NotReminded | Silent | CheckInDue | FirstContact] = [
            *self.unreachable,
            *self.not_reminded,
            *self.silent,
            *self.tried_lately,
            *self.check_ins,
            *self.first_contacts,
        ]
        return [one.client_id for one in by_id] + [one.client.id for one in of]

    @property
    def totals(self) -> dict[str, int]:
        """How much is in each list, by its name."""
        return {name: len(getattr(self, name)) for name in (*TO_DO, "tried_lately")}

    @property
    def count(self) -> int:
        """How many things there are to do."""
        return sum(len(getattr(self, name)) for name in TO_DO)

    def first(self, number: int) -> TodayList:
        """Return the same with at most so much in each list."""
        return replace(self, **{name: getattr(self, name)[:number] for name in self.totals})


class Today(Repository):
    """Derives who needs somebody today. It reads, and never closes or changes anything."""

    def of(self, staff: Staff, consultant: Staff) -> TodayList:
        """Return what waits for a consultant, as far as the person who asks may see their clients."""
        zone = ZoneInfo(consultant.service.timezone)
        day = self._now().astimezone(zone).date()
        mine = and_(may_see(staff), cared_for_by(consultant), Client.status != "closed")
        # They share a service and a consultant: reading both with each of them takes most of the page.
        by_name = select(Client).options(lazyload("*")).where(mine).order_by(Client.display_name)
        clients = list(self._session.scalars(by_name))
        unreachable = self._unreachable(clients)
        lost = {one.client.id for one in unreachable}
        silent = self._silent(clients, day, zone)
        lately = self._now() - TRIED_LATELY
        midnight = datetime.combine(day, time(), zone)
        after_tomorrow = datetime.combine(day + timedelta(days=2), time(), zone)
        diary = Diary(self._session, self._clock)
        to_note = diary.without_outcome(staff, consultant)
        noted_first = {one.id for one in to_note}
        jobs = self._jobs(clients)
        handoffs = Handoffs(self._session, self._clock).waiting_for(staff, which=mine)
        return TodayList(
            day=day,
            handoffs=[one for one in handoffs if not _told_below(one, lost)],
            unreachable=unreachable,
            not_reminded=self._not_reminded(clients),
            silent=[one for one in silent if one.tried is None or one.tried.at <= lately],
            tried_lately=[one for one in silent if one.tried is not None and one.tried.at > lately],
            appointments=[
                one
                for one in diary.between(staff, midnight, after_tomorrow, consultant)
                if one.status in {"requested", "confirmed", "change_requested"} and one.id not in noted_first
            ],
            check_ins=_check_ins(clients, jobs, day, zone),
            first_contacts=self._first_contacts(clients, {job.client_id for job in jobs}, day, zone),
            without_outcome=to_note,
        )

    def _unreachable(self, clients: Sequence[Client]) -> list[Unreachable]:
        live: dict[str, list[tuple[str, datetime | None]]] = {}
        query = select(Conversation.client_id, Conversation.channel, Conversation.unreachable_at).where(
            Conversation.client_id.in_([client.id for client in clients]), Conversation.unlinked_at.is_(None)
        )
        for client_id, channel, unreachable_at in self._session.execute(query):
            live.setdefault(client_id, []).append((channel, unreachable_at))
        found = []
        for client in clients:
            chats = live.get(client.id, ())
            lost = [at for channel, at in chats if channel == "telegram"] or [at for _, at in chats]
            since = [at for at in lost if at is not None]
            # One chat that works is enough.
            if since and len(since) == len(lost):
                found.append(Unreachable(client, min(since)))
        return sorted(found, key=lambda one: one.since)

    def _silent(self, clients: Sequence[Client], day: date, zone: ZoneInfo) -> list[Silent]:
        ids = [client.id for client in clients]
        heard = self._last_signs(ids, zone)
        tried: dict[str, OutreachAttempt] = {}
        attempts = select(OutreachAttempt).where(OutreachAttempt.client_id.in_(ids))
        for attempt in self._session.scalars(attempts.order_by(OutreachAttempt.at, OutreachAttempt.id)):
            tried[attempt.client_id] = attempt
            if attempt.result == "reached":
                heard.setdefault(attempt.client_id, []).append((attempt.at, "talked"))
        stopped = set(
            self._session.scalars(
                select(ContactPreference.client_id).where(
                    ContactPreference.client_id.in_(ids), ContactPreference.stopped_at.is_not(None)
                )
            )
        )
        found = []
        for client in clients:
            since, last = max(
                heard.get(client.id, ()), default=(client.accepted_at or client.created_at, "joined")
            )
            days = (day - since.astimezone(zone).date()).days
            step = next((one for one in SILENT_DAYS if days >= one), None)
            if step is not None:
                tried_last = tried.get(client.id)
                later = tried_last if tried_last is not None and tried_last.at > since else None
                found.append(Silent(client, since, days, step, last, client.id in stopped, later))
        return sorted(found, key=lambda one: -one.days)

    def _last_signs(self, ids: Sequence[str], zone: ZoneInfo) -> dict[str, list[tuple[datetime, str]]]:
        """Return when each client last wrote, was met, and spoke about their job."""
        signs: dict[str, list[tuple[datetime, str]]] = {}
        words = (
            select(Conversation.client_id, func.max(Conversation.last_in_at))
            .where(Conversation.client_id.in_(ids), Conversation.last_in_at.is_not(None))
            .group_by(Conversation.client_id)
        )
        met = (
            select(Appointment.client_id, func.max(Appointment.starts_at))
            .where(Appointment.client_id.in_(ids), Appointment.status.in_(("attended", "late")))
            .group_by(Appointment.client_id)
        )
        for query, what in ((words, "words"), (met, "met")):
            for client_id, at in self._session.execute(query):
                if at is not None:
                    signs.setdefault(client_id, []).append((at, what))
        talked = (
            select(Job.client_id, func.max(CheckIn.done_on))
            .join(CheckIn, CheckIn.job_id == Job.id)
            .where(Job.client_id.in_(ids), CheckIn.mode != "not_wanted")
            .group_by(Job.client_id)
        )
        for client_id, on in self._session.execute(talked):
            signs.setdefault(client_id, []).append((datetime.combine(on, time(12), zone), "talked"))
        return signs

    def _jobs(self, clients: Sequence[Client]) -> list[Job]:
        query = select(Job).where(Job.client_id.in_([client.id for client in clients]))
        return list(self._session.scalars(query.order_by(Job.starts_on, Job.id)))

    def _first_contacts(
        self, clients: Sequence[Client], with_job: set[str], day: date, zone: ZoneInfo
    ) -> list[FirstContact]:
        met = set(
            self._session.scalars(
                select(EmployerContact.client_id).where(
                    EmployerContact.client_id.in_([client.id for client in clients]),
                    EmployerContact.face_to_face.is_(True),
                )
            )
        )
        found = []
        for client in clients:
            if client.id in met | with_job or client.status not in {"referred", "active"}:
                continue
            accepted = client.accepted_at or client.created_at
            days = (day - accepted.astimezone(zone).date()).days
            step = next((one for one in FIRST_CONTACT_DAYS if days >= one), None)
            if step is not None:
                found.append(FirstContact(client, days, step))
        return sorted(found, key=lambda one: -one.days)

    def _not_reminded(self, clients: Sequence[Client]) -> list[NotReminded]:
        """Return the meetings ahead of which the bot did not remind somebody, soonest first."""
        by_id, now = {client.id: client for client in clients}, self._now()
        lines = self._session.scalars(
            select(Audit.subject)
            .where(Audit.client_id.in_(by_id), Audit.action == NOT_SENT, Audit.at > now - REMINDED_WITHIN)
            .order_by(Audit.id)
        )
        why = dict((line or "").split(":", 1) for line in lines if line and ":" in line)
        ahead = select(Appointment).where(
            Appointment.id.in_(why),
            Appointment.client_id.in_(by_id),
            Appointment.status.in_(OPEN_STATUSES),
            Appointment.client_confirmed_at.is_(None),
            Appointment.starts_at > now,
        )
        found = self._session.scalars(ahead.order_by(Appointment.starts_at)).unique() if why else ()
        return [NotReminded(by_id[one.client_id], one, why[one.id]) for one in found]


def _told_below(handoff: Handoff, lost: set[str]) -> bool:
    """Return whether this handoff only says what the list of the unreachable says better."""
    return handoff.reason == "unreachable" and handoff.client_id in lost


def _check_ins(clients: Sequence[Client], jobs: Sequence[Job], day: date, zone: ZoneInfo) -> list[CheckInDue]:
    by_id = {client.id: client for client in clients}
    found = []
    for job in jobs:
        due = due_on(job, zone, day)
        if due is not None:
            found.append(CheckInDue(by_id[job.client_id], job, due))
    return sorted(found, key=lambda one: one.due.step.due_on)
