"""Employers of a service, and who spoke to them."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Required, TypedDict, Unpack

from sqlalchemy import exists, or_, select

from bot.caseload.errors import EmployerKnown, NoSuchRecord
from bot.caseload.folding import without_accents
from bot.caseload.models.people import Client, Service, Staff
from bot.caseload.models.work import Employer, EmployerContact
from bot.caseload.repository import Repository, may_see

#: Whether a firm writes this or not, it is the same firm.
_FORM_OF_FIRM = re.compile(r"\b(?:ltd|limited|plc|llp|inc|co|company|the|pty)\b")
_KEY_LENGTH = 200


class ContactFacts(TypedDict, total=False):
    """What is known of a contact with an employer."""

    by: Required[str]
    at: Required[datetime]
    face_to_face: Required[bool]
    matches: bool | None
    why: str | None
    outcome: str | None
    next_action: str | None


class Employers(Repository):
    """Use-cases about employers. They are the whole service's; a contact about a client is that client's."""

    def of_service(self, service: Service, limit: int = 500) -> list[Employer]:
        """Return the employers that a service knows, by name."""
        query = select(Employer).where(Employer.service_id == service.id)
        return list(self._session.scalars(query.order_by(Employer.name, Employer.site).limit(limit)))

    def named(self, staff: Staff, name: str, site: str | None = None, sector: str | None = None) -> Employer:
        """Return the service's employer of this name and site, however it is written; a new one is added."""
        key = dedupe_key(name, site)
        query = select(Employer).where(Employer.service_id == staff.service_id, Employer.dedupe_key == key)
        known = self._session.scalars(query).one_or_none()
        if known is not None:
            known.sector = known.sector or sector
            return known
        employer = Employer(
            service_id=staff.service_id,
            name=" ".join(name.split()),
            site=" ".join(site.split()) if site else None,
            sector=sector,
            dedupe_key=key,
            created_at=self._now(),
            created_by=staff.id,
        )
        self._session.add(employer)
        self._session.flush()
        return employer

    def get_for(self, staff: Staff, employer_id: str) -> Employer:
        """Return an employer of this person's service; raise NoSuchRecord otherwise."""
        employer = self._session.get(Employer, employer_id)
        if employer is None or employer.service_id != staff.service_id:
            raise NoSuchRecord(employer_id)
        return employer

    def change(self, employer: Employer, name: str, site: str | None, sector: str | None) -> None:
        """Correct an employer for the whole service; raise EmployerKnown where another one is called so."""
        key = dedupe_key(name, site)
        query = select(Employer.id).where(
            Employer.service_id == employer.service_id,
            Employer.dedupe_key == key,
            Employer.id != employer.id,
        )
        known = self._session.scalars(query).one_or_none()
        if known is not None:
            raise EmployerKnown(known)
        employer.name = " ".join(name.split())
        employer.site = " ".join(site.split()) if site else None
        employer.sector, employer.dedupe_key = sector, key
        self._session.flush()

    def add_contact(
        self, staff: Staff, employer: Employer, client: Client | None, **facts: Unpack[ContactFacts]
    ) -> EmployerContact:
        """Write down that somebody spoke to an employer; the same one sent twice is one."""
        query = select(EmployerContact).where(
            EmployerContact.employer_id == employer.id,
            EmployerContact.client_id == (client.id if client else None),
            EmployerContact.at == facts["at"],
            EmployerContact.by == facts["by"],
        )
        known = self._session.scalars(query).first()
        if known is not None:
            self.change_contact(known, employer, **facts)
            return known
        contact = EmployerContact(
            service_id=employer.service_id,
            employer_id=employer.id,
            client_id=client.id if client else None,
            staff_id=staff.id,
            recorded_at=self._now(),
            **facts,
        )
        self._session.add(contact)
        self._session.flush()
        self._session.refresh(contact)
        return contact

    def change_contact(
        self, contact: EmployerContact, employer: Employer, **facts: Unpack[ContactFacts]
    ) -> None:
        """Correct what was written down about a contact."""
        contact.employer_id = employer.id
        for name, value in facts.items():
            setattr(contact, name, value)
        self._session.flush()
        self._session.refresh(contact)

    def contacts_for(self, client: Client, limit: int = 100) -> list[EmployerContact]:
        """Return the contacts about a client, newest first."""
        query = (
            select(EmployerContact)
            .where(EmployerContact.client_id == client.id)
            .order_by(EmployerContact.at.desc(), EmployerContact.id)
            .limit(limit)
        )
        return list(self._session.scalars(query))

    def get_contact(self, staff: Staff, contact_id: str) -> EmployerContact:
        """Return a contact about a client whom this person may see, or one of their service about nobody."""
        seen = (
            exists().where(Client.id == EmployerContact.client_id, may_see(staff)).correlate(EmployerContact)
        )
        query = select(EmployerContact).where(
            EmployerContact.id == contact_id,
            EmployerContact.service_id == staff.service_id,
            or_(EmployerContact.client_id.is_(None), seen),
        )
        contact = self._session.scalars(query).one_or_none()
        if contact is None:
            raise NoSuchRecord(contact_id)
        return contact


def dedupe_key(name: str, site: str | None) -> str:
    """Return what is the same for one site of one employer: "The Crumb & Co. Ltd" is "crumb and"."""
    parts = []
    for text in (name, site or ""):
        plain = " ".join(re.findall(r"\w+", without_accents(text).replace("&", " and ")))
        parts.append(" ".join(_FORM_OF_FIRM.sub(" ", plain).split()) or plain)
    return "|".join(parts)[:_KEY_LENGTH]
