"""What a service had to do with each employer, as far as the person who asks may see the clients in it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, or_, select

from bot.caseload.employers import dedupe_key
from bot.caseload.folding import fold
from bot.caseload.models.people import Client, Staff
from bot.caseload.models.plan import JobLead
from bot.caseload.models.work import Employer, EmployerContact, Job
from bot.caseload.repository import Found, Repository, may_see

#: More of one kind than anybody reads on one page.
MOST = 100


@dataclass(frozen=True)
class EmployerLine:
    """One employer of the list, with what there is of the clients whom somebody may see."""

    employer: Employer
    contacts: int
    last_contact_at: datetime | None
    jobs: int


@dataclass(frozen=True)
class WithEmployer:
    """All that happened with one employer; a contact may be about no client."""

    contacts: list[tuple[EmployerContact, Client | None]]
    leads: list[tuple[JobLead, Client]]
    jobs: list[tuple[Job, Client]]


class Dealings(Repository):
    """Use-cases about employers and what was done with them. It only reads."""

    def page(self, staff: Staff, search: str = "", skip: int = 0, limit: int = 50) -> Found[EmployerLine]:
        """Return a page of the service's employers by name; `search` is part of name, place or sector."""
        wanted = fold(search)
        names = select(Employer.id, Employer.name, Employer.site, Employer.sector)
        known = self._session.execute(
            names.where(Employer.service_id == staff.service_id).order_by(
                Employer.name, Employer.site, Employer.id
            )
        )
        ids = [one for one, *written in known if wanted in fold(" ".join(filter(None, written)))]
        return Found(self._lines(staff, ids[skip : skip + limit]), len(ids))

    def with_employer(self, staff: Staff, employer: Employer) -> WithEmployer:
        """Return the contacts, leads and jobs with an employer, newest first."""
        contacts = (
            select(EmployerContact, Client)
            .outerjoin(Client, Client.id == EmployerContact.client_id)
            .where(
                EmployerContact.employer_id == employer.id,
                or_(EmployerContact.client_id.is_(None), may_see(staff)),
            )
            .order_by(EmployerContact.at.desc(), EmployerContact.id)
        )
        jobs = (
            select(Job, Client)
            .join(Client, Client.id == Job.client_id)
            .where(Job.employer_id == employer.id, may_see(staff))
            .order_by(Job.starts_on.desc(), Job.id)
        )
        leads = (
            select(JobLead, Client)
            .join(Client, Client.id == JobLead.client_id)
            .where(JobLead.employer.in_(self._names(staff, employer)), may_see(staff))
            .order_by(JobLead.shared_at.desc(), JobLead.id)
        )
        return WithEmployer(
            self._pairs(contacts, EmployerContact.id),
            self._pairs(leads, JobLead.id),
            self._pairs(jobs, Job.id),
        )

    def _names(self, staff: Staff, employer: Employer) -> list[str]:
        """Return how this employer is written in leads: by a board or a colleague, and without a site."""
        name = employer.dedupe_key.partition("|")[0]
        written = (
            select(JobLead.employer)
            .join(Client, Client.id == JobLead.client_id)
            .where(JobLead.employer.is_not(None), may_see(staff))
            .distinct()
        )
        names = [one for one in self._session.scalars(written) if one is not None]
        return [one for one in names if dedupe_key(one, None) == f"{name}|"]

    def _lines(self, staff: Staff, ids: Sequence[str]) -> list[EmployerLine]:
        employers = {
            one.id: one for one in self._session.scalars(select(Employer).where(Employer.id.in_(ids)))
        }
        contacts = self._counts(
            select(EmployerContact.employer_id, func.count(), func.max(EmployerContact.at))
            .outerjoin(Client, Client.id == EmployerContact.client_id)
            .where(
                EmployerContact.employer_id.in_(ids),
                or_(EmployerContact.client_id.is_(None), may_see(staff)),
            )
            .group_by(EmployerContact.employer_id)
        )
        jobs = self._counts(
            select(Job.employer_id, func.count(), func.max(Job.starts_on))
            .join(Client, Client.id == Job.client_id)
            .where(Job.employer_id.in_(ids), may_see(staff))
            .group_by(Job.employer_id)
        )
        return [
            EmployerLine(
                employers[one],
                contacts=contacts[one][0] if one in contacts else 0,
                last_contact_at=contacts[one][1] if one in contacts else None,
                jobs=jobs[one][0] if one in jobs else 0,
            )
            for one in ids
        ]

    def _counts(self, query: Any) -> dict[str, tuple[int, Any]]:
        return {employer_id: (number, last) for employer_id, number, last in self._session.execute(query)}

    def _pairs(self, query: Any, key: Any) -> list[Any]:
        # Which ones first: sorting tens of thousands of whole rows to keep a hundred takes most of a page.
        newest = query.with_only_columns(key, maintain_column_froms=True).limit(MOST)
        rows = self._session.execute(query.where(key.in_(list(self._session.scalars(newest)))))
        return [tuple(row) for row in rows.unique()]
