"""Words that a reviewer masked and kept, so that the safety screen is measured on them from then on."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from bot.caseload.errors import NoSuchSafetyRecord
from bot.caseload.masking import mask
from bot.caseload.models.people import Client, Staff
from bot.caseload.models.safety import SafetyExample
from bot.caseload.repository import Repository, may_see


@dataclass(frozen=True)
class Example:
    """One kept example; `route` None means that the screen has to stay quiet."""

    id: int
    words: str
    route: str | None
    region: str | None
    added_by: str
    added_at: datetime


class SafetyExamples(Repository):
    """Use-cases about kept examples. Nothing here changes a rule, a text or a model."""

    def masked(self, client: Client, words: str) -> str:
        """Return the words with whatever could name the client or who works with them hidden."""
        near = [staff.name for staff in (client.consultant, client.cover) if staff is not None]
        return mask(words, (client.display_name, client.preferred_name, *near)).strip()

    def keep(self, staff: Staff, client: Client, words: str, route: str | None) -> SafetyExample:
        """Keep the words, masked once more whatever was typed; the same words stay one example."""
        masked = self.masked(client, words)
        query = select(SafetyExample).where(
            SafetyExample.client_id == client.id, SafetyExample.words == masked
        )
        example = self._session.scalars(query).first()
        if example is None:
            example = SafetyExample(
                client_id=client.id, words=masked, route=route, added_by=staff.id, added_at=self._now()
            )
            self._session.add(example)
        else:
            example.route, example.added_by, example.added_at = route, staff.id, self._now()
        self._session.flush()
        return example

    def of_service(self, staff: Staff, limit: int = 500) -> list[Example]:
        """Return the examples from clients whom this person may see, newest first."""
        query = (
            select(SafetyExample, Client.region, Staff.name)
            .join(Client, Client.id == SafetyExample.client_id)
            .join(Staff, Staff.id == SafetyExample.added_by)
            .where(may_see(staff))
            .order_by(SafetyExample.id.desc())
            .limit(limit)
        )
        return [_as_example(*row) for row in self._session.execute(query).unique()]

    def all(self) -> list[Example]:
        """Return every example, oldest first: for the operator's commands, never for a page."""
        query = (
            select(SafetyExample, Client.region, Staff.name)
            .join(Client, Client.id == SafetyExample.client_id)
            .join(Staff, Staff.id == SafetyExample.added_by)
            .order_by(SafetyExample.id)
        )
        return [_as_example(*row) for row in self._session.execute(query).unique()]

    def remove_for(self, staff: Staff, example_id: int) -> SafetyExample:
        """Remove an example and return what it was; raise NoSuchSafetyRecord when it is not theirs."""
        query = (
            select(SafetyExample)
            .join(Client, Client.id == SafetyExample.client_id)
            .where(SafetyExample.id == example_id, may_see(staff))
        )
        example = self._session.scalars(query).one_or_none()
        if example is None:
            raise NoSuchSafetyRecord(str(example_id))
        self._session.delete(example)
        self._session.flush()
        return example


def _as_example(example: SafetyExample, region: str | None, name: str) -> Example:
    return Example(example.id, example.words, example.route, region, name, example.added_at)
