"""What clients agreed to: append-only, the newest line of a purpose counts."""

from __future__ import annotations

from sqlalchemy import select

from bot.caseload.models.people import Client, Consent
from bot.caseload.repository import Repository


class Consents(Repository):
    """Use-cases about consent."""

    def record(self, client: Client, purpose: str, *, given: bool, wording_version: str) -> None:
        """Write down a yes or a no to the wording that the client saw."""
        self._session.add(
            Consent(
                client_id=client.id,
                purpose=purpose,
                given=given,
                wording_version=wording_version,
                at=self._now(),
            )
        )
        self._session.flush()

    def latest(self, client: Client, purpose: str = "chat") -> Consent | None:
        """Return the newest answer for a purpose, or None when the client was never asked."""
        query = (
            select(Consent)
            .where(Consent.client_id == client.id, Consent.purpose == purpose)
            .order_by(Consent.id.desc())
            .limit(1)
        )
        return self._session.scalars(query).one_or_none()

    def has_given(self, client: Client, purpose: str = "chat") -> bool:
        """Return whether the newest answer is yes."""
        newest = self.latest(client, purpose)
        return newest is not None and newest.given

    def history(self, client: Client) -> list[Consent]:
        """Return every answer, oldest first."""
        query = select(Consent).where(Consent.client_id == client.id).order_by(Consent.id)
        return list(self._session.scalars(query))
