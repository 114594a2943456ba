"""Tries to reach a client (IPS-25 item 25). They are written down, and never close anything."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select

from bot.caseload.errors import NoSuchRecord
from bot.caseload.models.people import Client, Staff
from bot.caseload.models.records import OutreachAttempt
from bot.caseload.repository import Repository

HOW = (
    "phone",
    "text",
    "chat",
    "letter",
    "visit_home",
    "visit_community",
    "joint_visit",
    "family",
    "colleague",
)
#: Within this time the same words are the same try.
SENT_TWICE = timedelta(minutes=2)
RESULTS = ("reached", "message_left", "no_answer", "not_there")


class Outreach(Repository):
    """Use-cases about tries to reach a client."""

    def record(
        self,
        client: Client,
        staff: Staff,
        *,
        how: str,
        result: str,
        note: str | None = None,
    ) -> OutreachAttempt:
        """Write a try down; the same form sent twice is one try."""
        twice = select(OutreachAttempt).where(
            OutreachAttempt.client_id == client.id,
            OutreachAttempt.staff_id == staff.id,
            OutreachAttempt.how == how,
            OutreachAttempt.result == result,
            OutreachAttempt.note.is_(None) if note is None else OutreachAttempt.note == note,
            OutreachAttempt.at > self._now() - SENT_TWICE,
        )
        known = self._session.scalars(twice).first()
        if known is not None:
            return known
        attempt = OutreachAttempt(
            client_id=client.id, staff_id=staff.id, at=self._now(), how=how, result=result, note=note
        )
        self._session.add(attempt)
        self._session.flush()
        return attempt

    def all_for(self, client: Client, limit: int = 50) -> list[OutreachAttempt]:
        """Return the tries to reach a client, newest first."""
        query = (
            select(OutreachAttempt)
            .where(OutreachAttempt.client_id == client.id)
            .order_by(OutreachAttempt.at.desc(), OutreachAttempt.id.desc())
            .limit(limit)
        )
        return list(self._session.scalars(query))

    def get_for_client(self, client: Client, attempt_id: int) -> OutreachAttempt:
        """Return a try to reach this client; raise NoSuchRecord otherwise."""
        attempt = self._session.get(OutreachAttempt, attempt_id)
        if attempt is None or attempt.client_id != client.id:
            raise NoSuchRecord(str(attempt_id))
        return attempt
