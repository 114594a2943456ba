"""Talks about what to tell an employer, and about benefits: dated, and held again when things change."""

from __future__ import annotations

from datetime import date

from sqlalchemy import select

from bot.caseload.errors import NoSuchRecord
from bot.caseload.models.people import Client, Staff
from bot.caseload.models.records import BenefitsDiscussion, DisclosureDiscussion
from bot.caseload.models.work import Employer
from bot.caseload.repository import Repository

WHAT = ("offered", "talked_about", "referred", "done")
STANCES = ("undecided", "none", "some", "full")


class Discussions(Repository):
    """Use-cases about talks with a client. Nothing of them ever goes to an employer."""

    def disclosure_for(self, client: Client) -> list[DisclosureDiscussion]:
        """Return the talks about what to tell employers, newest first."""
        query = (
            select(DisclosureDiscussion)
            .where(DisclosureDiscussion.client_id == client.id)
            .order_by(DisclosureDiscussion.held_on.desc(), DisclosureDiscussion.id.desc())
        )
        return list(self._session.scalars(query))

    def benefits_for(self, client: Client) -> list[BenefitsDiscussion]:
        """Return the talks about benefits, newest first."""
        query = (
            select(BenefitsDiscussion)
            .where(BenefitsDiscussion.client_id == client.id)
            .order_by(BenefitsDiscussion.held_on.desc(), BenefitsDiscussion.id.desc())
        )
        return list(self._session.scalars(query))

    def talk_of_disclosure(
        self,
        client: Client,
        staff: Staff,
        *,
        held_on: date,
        what: str,
        employer: Employer | None,
        stance: str | None,
        note: str | None,
        correcting: int | None = None,
    ) -> DisclosureDiscussion:
        """Write a talk down, once, or correct one of this client's; raises NoSuchRecord."""
        talk = (
            DisclosureDiscussion(client_id=client.id, staff_id=staff.id, recorded_at=self._now())
            if correcting is None
            else self._disclosure(client, correcting)
        )
        talk.held_on, talk.what, talk.stance, talk.note = held_on, what, stance, note
        talk.employer_id = employer.id if employer else None
        for known in self.disclosure_for(client) if correcting is None else ():
            if (known.held_on, known.what, known.stance, known.note, known.employer_id) == (
                held_on, what, stance, note, talk.employer_id,
            ):  # fmt: skip
                return known
        self._session.add(talk)
        self._session.flush()
        self._session.refresh(talk)
        return talk

    def talk_of_benefits(
        self,
        client: Client,
        staff: Staff,
        *,
        held_on: date,
        what: str,
        note: str | None,
        correcting: int | None = None,
    ) -> BenefitsDiscussion:
        """Write a talk down, once, or correct one of this client's; raises NoSuchRecord."""
        talk = (
            BenefitsDiscussion(client_id=client.id, staff_id=staff.id, recorded_at=self._now())
            if correcting is None
            else self._benefits(client, correcting)
        )
        talk.held_on, talk.what, talk.note = held_on, what, note
        for known in self.benefits_for(client) if correcting is None else ():
            if (known.held_on, known.what, known.note) == (held_on, what, note):
                return known
        self._session.add(talk)
        self._session.flush()
        self._session.refresh(talk)
        return talk

    def _disclosure(self, client: Client, talk_id: int) -> DisclosureDiscussion:
        talk = self._session.get(DisclosureDiscussion, talk_id)
        if talk is None or talk.client_id != client.id:
            raise NoSuchRecord(str(talk_id))
        return talk

    def _benefits(self, client: Client, talk_id: int) -> BenefitsDiscussion:
        talk = self._session.get(BenefitsDiscussion, talk_id)
        if talk is None or talk.client_id != client.id:
            raise NoSuchRecord(str(talk_id))
        return talk


def stances(talks: list[DisclosureDiscussion]) -> list[DisclosureDiscussion]:
    """Return, of talks that stand newest first, the one that holds for each employer."""
    held: dict[str | None, DisclosureDiscussion] = {}
    for talk in talks:
        if talk.stance is not None:
            held.setdefault(talk.employer_id, talk)
    return list(held.values())
