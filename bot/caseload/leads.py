"""Job leads: each change is an event, and the status is that of the last one."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from typing import Any, Required, TypedDict, Unpack
from zoneinfo import ZoneInfo

from sqlalchemy import func, select

from bot.caseload.errors import LeadNotOpen, NoSuchLead, SomeoneWasFaster
from bot.caseload.handoffs import Handoffs
from bot.caseload.models.people import Client, Staff
from bot.caseload.models.plan import CORRECTED, ENDED, TO_TAKE_BACK, JobLead, LeadEvent
from bot.caseload.repository import Repository, may_see

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

    def all_for(self, client: Client, limit: int | None = None) -> list[JobLead]:
        """Return the leads of the client, newest first."""
        query = (
            select(JobLead)
            .where(JobLead.client_id == client.id)
            .order_by(JobLead.shared_at.desc(), JobLead.id)
            .limit(limit)
        )
        return list(self._session.scalars(query))

    def open_for(self, client: Client) -> list[JobLead]:
        """Return the leads that are neither refused nor ended, newest first."""
        return [lead for lead in self.all_for(client) if lead.is_open]

    def get_for_client(self, client: Client, lead_id: str) -> JobLead:
        """Return a lead of this client; raise NoSuchLead otherwise."""
        lead = self._session.get(JobLead, lead_id)
        if lead is None or lead.client_id != client.id:
            raise NoSuchLead(lead_id)
        return lead

    def among(self, staff: Staff, lead_ids: Collection[str]) -> dict[str, JobLead]:
        """Return those of these leads that this person may see, by their ids."""
        query = (
            select(JobLead)
            .join(Client, Client.id == JobLead.client_id)
            .where(JobLead.id.in_(lead_ids), may_see(staff))
        )
        return {one.id: one for one in self._session.scalars(query)}

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
        """Note that the client has seen this lead in the chat, as it is now."""
        if lead.shown_at is None or lead.is_changed_since_shown:
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
        """Share a lead that the consultant found; the same one sent twice is one, as it was last written."""
        # Two forms that come at once wait for each other here.
        self._session.execute(select(Client.id).where(Client.id == client.id).with_for_update())
        query = select(JobLead).where(
            JobLead.client_id == client.id, JobLead.source == "consultant", JobLead.status.not_in(ENDED)
        )
        for known in self._session.scalars(query):
            if _same_job(known, job):
                self._correct(known, job)
                return known
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
        """Keep the client's answer, interested or not_interested; interest is told to the consultant.

        What was taken back meanwhile stays so; a reason that the client gives is kept all the same.
        """
        lead = self._locked(client, lead_id)
        if lead.is_taken_back and reason_code is None:
            return lead
        if lead.is_taken_back:
            answer = lead.status
        if lead.status == answer and (reason_code is None or lead.reason_code == reason_code):
            return lead
        self._move(lead, answer, by="client", reason_code=reason_code, words=words)
        if answer == "interested":
            Handoffs(self._session, self._clock).open(
                client, "", "lead", urgency="routine", subject=f"lead:{lead.id}"
            )
        return lead

    def correct(self, client: Client, lead_id: str, seen: int, **job: Unpack[JobFacts]) -> bool:
        """Correct what a lead says; what it said before is kept. False: it says so already.

        `seen` is its version when it was looked at. Raises NoSuchLead, LeadNotOpen when it has ended, and
        SomeoneWasFaster when a colleague or the client changed it since.
        """
        lead = self._locked(client, lead_id)
        if not _differing(lead, job):
            return False
        if not lead.is_open:
            raise LeadNotOpen(lead_id)
        if lead.version != seen:
            raise SomeoneWasFaster(lead_id)
        return self._correct(lead, job)

    def take_back(self, client: Client, lead_id: str, seen: int, why: str) -> bool:
        """Offer a lead to the client no more; `why` is one of TAKEN_BACK. False: that was done before.

        Raises as `correct` does, LeadNotOpen also when there is work of the client's own in it.
        """
        lead = self._locked(client, lead_id)
        if lead.is_taken_back:
            return False
        if not lead.may_be_taken_back:
            raise LeadNotOpen(lead_id)
        if lead.version != seen:
            raise SomeoneWasFaster(lead_id)
        self._move(lead, why, by="consultant")
        return True

    def offer_again(self, client: Client, lead_id: str) -> bool:
        """Undo that a lead was taken back; False when it is not. Raises NoSuchLead."""
        lead = self._locked(client, lead_id)
        if not lead.is_taken_back:
            return False
        before = [event.from_status for event in reversed(lead.events) if event.to_status == lead.status]
        self._move(lead, next((one for one in before if one in TO_TAKE_BACK), "shared"), by="consultant")
        return True

    def _locked(self, client: Client, lead_id: str) -> JobLead:
        # Read anew under the lock: the client may answer at the moment in which it is taken back.
        query = (
            select(JobLead)
            .where(JobLead.id == lead_id, JobLead.client_id == client.id)
            .with_for_update(of=JobLead)
            .execution_options(populate_existing=True)
        )
        lead = self._session.scalars(query).one_or_none()
        if lead is None:
            raise NoSuchLead(lead_id)
        return lead

    def _correct(self, lead: JobLead, job: JobFacts) -> bool:
        before = _differing(lead, job)
        if not before:
            return False
        for name in before:
            setattr(lead, name, job.get(name))
        lead.events.append(
            LeadEvent(
                from_status=lead.status,
                to_status=lead.status,
                reason_code=CORRECTED,
                words=json.dumps(before, ensure_ascii=False),
                by="consultant",
                at=self._now(),
            )
        )
        self._session.flush()
        return True

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


def _same_job(lead: JobLead, job: JobFacts) -> bool:
    """Return whether both are one job: its title, employer, place and advert are the same."""
    known = (lead.title, lead.employer, lead.place, lead.url)
    told = (job["title"], job.get("employer"), job.get("place"), job.get("url"))
    return [(one or "").casefold() for one in known] == [(one or "").casefold() for one in told]


def _differing(lead: JobLead, job: Mapping[str, Any]) -> dict[str, str | None]:
    """Return what the lead says where the job says something else."""
    return {name: getattr(lead, name) for name, value in job.items() if getattr(lead, name) != value}


def said_before(event: LeadEvent) -> dict[str, str | None]:
    """Return what a lead said before a correction, by the names of JobFacts; empty for other events."""
    if event.reason_code != CORRECTED or not event.words:
        return {}
    before: dict[str, str | None] = json.loads(event.words)
    return before
