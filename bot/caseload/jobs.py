"""Jobs that clients have: their start and end, hours and pay as dated history, and the check-ins."""

from __future__ import annotations

from datetime import date, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import select

from bot.caseload.check_in_schedule import AFTER_END, Due, Step, due_now, schedule
from bot.caseload.errors import NoSuchRecord
from bot.caseload.models.people import Client, Staff
from bot.caseload.models.work import CheckIn, Employer, Job, JobTerms
from bot.caseload.phases import Phases
from bot.caseload.repository import Repository

#: What happened, so that the next job fits better; nobody's fault.
END_REASONS = (
    "found_better",
    "did_not_fit",
    "health",
    "employer_ended_it",
    "trial_ended",
    "redundancy",
    "contract_ended",
    "transport_or_caring",
    "benefits",
    "other",
)
#: An end further back is history: nobody needs to be rung up about it within three days.
NEWS = timedelta(days=30)


class Jobs(Repository):
    """Use-cases about jobs."""

    def all_for(self, client: Client) -> list[Job]:
        """Return the client's jobs, the newest first."""
        query = select(Job).where(Job.client_id == client.id).order_by(Job.starts_on.desc(), Job.id)
        return list(self._session.scalars(query))

    def get_for_client(self, client: Client, job_id: str) -> Job:
        """Return a job of this client; raise NoSuchRecord otherwise."""
        job = self._session.get(Job, job_id)
        if job is None or job.client_id != client.id:
            raise NoSuchRecord(job_id)
        return job

    def start(
        self,
        client: Client,
        staff: Staff,
        employer: Employer,
        title: str,
        starts_on: date,
        *,
        hours_per_week: float | None = None,
        pay: float | None = None,
        pay_per: str | None = None,
    ) -> Job:
        """Write down a job, with which support in work begins; the same one sent twice is one."""
        query = select(Job).where(
            Job.client_id == client.id, Job.employer_id == employer.id, Job.starts_on == starts_on
        )
        for known in self._session.scalars(query):
            if known.title.casefold() == title.casefold():
                return known
        job = Job(
            client_id=client.id,
            employer_id=employer.id,
            title=title,
            starts_on=starts_on,
            created_at=self._now(),
            created_by=staff.id,
        )
        self._session.add(job)
        self._session.flush()
        if hours_per_week is not None or pay is not None:
            self.set_terms(job, staff, starts_on, hours_per_week=hours_per_week, pay=pay, pay_per=pay_per)
        self._session.refresh(job)
        self._phases.work_found(client, staff)
        return job

    def correct(self, job: Job, staff: Staff, employer: Employer, title: str, starts_on: date) -> None:
        """Correct the name, the employer or the first day; what is due follows the day."""
        job.employer_id, job.title, job.starts_on = employer.id, title, starts_on
        self._session.flush()
        self._session.refresh(job)
        self._phases.follow_days(self._client_of(job), staff)

    def end(self, job: Job, staff: Staff, ends_on: date, reason: str) -> None:
        """Write down that a job ends, and why; without another one the search goes on."""
        job.ends_on, job.end_reason = ends_on, reason
        today = self._now().astimezone(ZoneInfo("UTC")).date()
        if job.end_known_at is None and ends_on > today - NEWS:
            job.end_known_at = self._now()
        self._session.flush()
        self._phases.work_ended(self._client_of(job), staff)

    def go_on(self, job: Job, staff: Staff) -> None:
        """Undo an end: it was a mistake."""
        job.ends_on = job.end_reason = job.end_known_at = None
        self._session.flush()
        self._phases.work_found(self._client_of(job), staff)

    def set_terms(
        self,
        job: Job,
        staff: Staff,
        from_on: date,
        *,
        hours_per_week: float | None,
        pay: float | None,
        pay_per: str | None,
    ) -> bool:
        """Write down hours and pay from a day on; False when that is what holds on this day already."""
        held = terms_on(job, from_on)
        if held is not None and (held.hours_per_week, held.pay, held.pay_per) == (
            hours_per_week,
            pay,
            pay_per,
        ):
            return False
        self._session.add(
            JobTerms(
                job_id=job.id,
                from_on=from_on,
                hours_per_week=hours_per_week,
                pay=pay,
                pay_per=pay_per,
                recorded_at=self._now(),
                recorded_by=staff.id,
            )
        )
        self._session.flush()
        self._session.refresh(job)
        return True

    def check_in(
        self,
        job: Job,
        staff: Staff,
        *,
        step: str | None,
        done_on: date,
        mode: str,
        how_it_goes: str | None = None,
        still_in_job: bool | None = None,
        note: str | None = None,
    ) -> CheckIn:
        """Write down a check-in; one of the schedule is there once, and sent again it is corrected."""
        said = (done_on, mode, how_it_goes, still_in_job, note)
        known = next(
            (
                one
                for one in job.check_ins
                if one.step == step
                and (
                    step is not None
                    or said == (one.done_on, one.mode, one.how_it_goes, one.still_in_job, one.note)
                )
            ),
            None,
        )
        check_in = known or CheckIn(job_id=job.id, step=step)
        check_in.done_on, check_in.mode, check_in.how_it_goes = done_on, mode, how_it_goes
        check_in.still_in_job, check_in.note = still_in_job, note
        check_in.recorded_at, check_in.recorded_by = self._now(), staff.id
        if known is None:
            self._session.add(check_in)
        self._session.flush()
        self._session.refresh(job)
        client = self._client_of(job)
        if step == AFTER_END and known is None and _was_on_notice(job, ZoneInfo(client.timezone)):
            # When the end was written down, the last day had not come.
            self._phases.work_ended(client, staff)
        self._phases.follow_days(client, staff)
        return check_in

    def steps_of(self, client: Client, job: Job) -> list[Step]:
        """Return the check-ins of a job in their order."""
        return steps_of(job, ZoneInfo(client.timezone))

    def due_of(self, client: Client, job: Job) -> Due | None:
        """Return the check-in that is due now, if one is."""
        zone = ZoneInfo(client.timezone)
        return due_on(job, zone, self._now().astimezone(zone).date())

    @property
    def _phases(self) -> Phases:
        return Phases(self._session, self._clock)

    def _client_of(self, job: Job) -> Client:
        return self._session.get_one(Client, job.client_id)


def steps_of(job: Job, zone: ZoneInfo) -> list[Step]:
    """Return the check-ins of a job; the day on which its end was learned is one of this zone."""
    known_on = job.end_known_at.astimezone(zone).date() if job.end_known_at else None
    return schedule(job.starts_on, job.ends_on, known_on)


def due_on(job: Job, zone: ZoneInfo, day: date) -> Due | None:
    """Return the check-in that is due on a day; of a job that is over, only the talk about its end."""
    due = due_now(steps_of(job, zone), {one.step for one in job.check_ins}, day)
    is_over = job.ends_on is not None and job.ends_on < day
    return None if due is not None and is_over and due.step.key != AFTER_END else due


def terms_on(job: Job, day: date) -> JobTerms | None:
    """Return the hours and pay that hold on a day; of two from the same day, the one written last."""
    held = [terms for terms in job.terms if terms.from_on <= day]
    return held[-1] if held else None


def _was_on_notice(job: Job, zone: ZoneInfo) -> bool:
    """Whether the end of a job was known before its last day."""
    if job.ends_on is None or job.end_known_at is None:
        return False
    return job.end_known_at.astimezone(zone).date() < job.ends_on
