"""Job leads: each change is an event, and the status is that of the last one."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Required, TypedDict, Unpack
from zoneinfo import ZoneInfo

from sqlalchemy import func, select

from bot.caseload.errors import NoSuchLead
from bot.caseload.handoffs import Handoffs
from bot.caseload.models.people import Client, Staff
from bot.caseload.models.plan import JobLead, LeadEvent
from bot.caseload.repository import Repository

#: Fewer and better: the bot shows at most this many leads a day.
MAX_A_DAY = 3


class JobFacts(TypedDict, total=False):
    """What is known of a job, as staff typed it or as a board told it."""

    title: Required[str]
    employer: str | None
    place: str | None
    hours_text: str | None
    pay_text: str | None
    summary: str | None
    url: str | None
    why_match: str | None


class Leads(Repository):
    """Use-cases about job leads."""

    def next_for(self, client: Client) -> JobLead | None:
        """Return the next lead that waits for an answer: the consultant's first, then the oldest."""
        query = (
            select(JobLead)
            .where(JobLead.client_id == client.id, JobLead.status == "shared")
            .order_by((JobLead.source != "consultant"), JobLead.shared_at, JobLead.id)
            .limit(1)
        )
        return self._session.scalars(query).one_or_none()

    def all_for(self, client: Client) -> list[JobLead]:
        """Return every lead of the client, newest first."""
        query = (
            select(JobLead)
            .where(JobLead.client_id == client.id)
            .order_by(JobLead.shared_at.desc(), JobLead.id)
        )
        return list(self._session.scalars(query))

    def open_for(self, client: Client) -> list[JobLead]:
        """Return the leads that are neither refused nor ended, newest first."""
        ended = {"not_interested", "rejected", "declined", "expired", "closed_by_employer", "client_withdrew"}
        return [lead for lead in self.all_for(client) if lead.status not in ended]

    def get_for_client(self, client: Client, lead_id: str) -> JobLead:
        """Return a lead of this client; raise NoSuchLead otherwise."""
        lead = self._session.get(JobLead, lead_id)
        if lead is None or lead.client_id != client.id:
            raise NoSuchLead(lead_id)
        return lead

    def shared_today(self, client: Client) -> int:
        """Return how many leads the client was shown on this day of theirs."""
        zone = ZoneInfo(client.timezone)
        midnight = datetime.combine(self._now().astimezone(zone).date(), datetime.min.time(), zone)
        query = select(func.count()).where(
            JobLead.client_id == client.id,
            JobLead.shown_at >= midnight,
            JobLead.shown_at < midnight + timedelta(days=1),
        )
        return self._session.scalar(query) or 0

    def mark_shown(self, lead: JobLead) -> None:
        """Note that the client has seen this lead in the chat."""
        if lead.shown_at is None:
            lead.shown_at = self._now()

    def seen_vacancy_ids(self, client: Client) -> set[tuple[str, str]]:
        """Return (board, id) of every vacancy that this client was ever given."""
        query = select(JobLead.board, JobLead.board_ref).where(
            JobLead.client_id == client.id, JobLead.board.is_not(None)
        )
        return {(board, ref) for board, ref in self._session.execute(query) if board and ref}

    def not_for_me_reasons(self, client: Client) -> list[str]:
        """Return the reason codes the client gave for saying no, newest first."""
        query = (
            select(JobLead.reason_code)
            .where(JobLead.client_id == client.id, JobLead.reason_code.is_not(None))
            .order_by(JobLead.shared_at.desc())
        )
        return [code for code in self._session.scalars(query) if code]

    def share(self, client: Client, staff: Staff, **job: Unpack[JobFacts]) -> JobLead:
        """Share a lead that the consultant found."""
        return self._add(JobLead(client_id=client.id, source="consultant", shared_by=staff.id, **job))

    def keep_vacancy(self, client: Client, *, board: str, board_ref: str, **job: Unpack[JobFacts]) -> JobLead:
        """Keep the client's own copy of a board's vacancy; the same one is never kept twice."""
        query = select(JobLead).where(
            JobLead.client_id == client.id, JobLead.board == board, JobLead.board_ref == board_ref
        )
        known = self._session.scalars(query).one_or_none()
        if known is not None:
            return known
        return self._add(
            JobLead(client_id=client.id, source="board", board=board, board_ref=board_ref, **job)
        )

    def answer(
        self,
        client: Client,
        lead_id: str,
        answer: str,
        reason_code: str | None = None,
        words: str | None = None,
    ) -> JobLead:
        """Keep the client's answer, interested or not_interested; interest is told to the consultant."""
        lead = self.get_for_client(client, lead_id)
        if lead.status == answer and (reason_code is None or lead.reason_code == reason_code):
            return lead
        self._move(lead, answer, by="client", reason_code=reason_code, words=words)
        if answer == "interested":
            Handoffs(self._session, self._clock).open(
                client, "", "lead", urgency="routine", subject=f"lead:{lead.id}"
            )
        return lead

    def _add(self, lead: JobLead) -> JobLead:
        lead.status, lead.shared_at = "shared", self._now()
        by = "consultant" if lead.source == "consultant" else "bot"
        lead.events.append(LeadEvent(from_status=None, to_status=lead.status, by=by, at=lead.shared_at))
        self._session.add(lead)
        self._session.flush()
        return lead

    def _move(
        self, lead: JobLead, to: str, *, by: str, reason_code: str | None = None, words: str | None = None
    ) -> None:
        lead.events.append(
            LeadEvent(
                from_status=lead.status,
                to_status=to,
                reason_code=reason_code,
                words=words,
                by=by,
                at=self._now(),
            )
        )
        lead.status = to
        lead.reason_code = reason_code
        self._session.flush()
