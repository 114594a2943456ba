"""What is known of a client for work: each fact with who said it and when; a newer one takes its place."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy import select

from bot.caseload.models.people import Client, Staff
from bot.caseload.models.records import ProfileFact
from bot.caseload.repository import Repository

#: What a profile holds. No diagnosis, medicine or history of risk has a place here.
TOPICS = (
    "job_types_yes",
    "job_types_no",
    "hours",
    "times_of_day",
    "pay_floor",
    "travel",
    "surroundings",
    "strengths",
    "training",
    "work_history",
    "what_helps",
    "practical",
    "network",
    "other",
)
SOURCES = ("client", "consultant", "clinician", "family")


@dataclass(frozen=True)
class Known:
    """A topic: what holds now, and what was said before, newest first."""

    topic: str
    now: ProfileFact
    before: list[ProfileFact]


class Profile(Repository):
    """Use-cases about what is known of a client."""

    def known_of(self, client: Client) -> list[Known]:
        """Return what is known, in the order of the topics; one that was taken back keeps its history."""
        query = select(ProfileFact).where(ProfileFact.client_id == client.id)
        newest_first = query.order_by(ProfileFact.said_on.desc(), ProfileFact.id.desc())
        by_topic: dict[str, list[ProfileFact]] = {}
        for fact in self._session.scalars(newest_first):
            by_topic.setdefault(fact.topic, []).append(fact)
        order = [*TOPICS, *sorted(by_topic.keys() - set(TOPICS))]
        return [Known(topic, by_topic[topic][0], by_topic[topic][1:]) for topic in order if topic in by_topic]

    def note(
        self, client: Client, staff: Staff | None, topic: str, value: str, *, source: str, said_on: date
    ) -> ProfileFact | None:
        """Write down what was said; None when exactly this holds already. Empty: it holds no more."""
        held = next((known.now for known in self.known_of(client) if known.topic == topic), None)
        if held is not None and (held.value, held.source, held.said_on) == (value, source, said_on):
            return None
        if held is None and not value:
            return None
        fact = ProfileFact(
            client_id=client.id,
            topic=topic,
            value=value,
            source=source,
            said_on=said_on,
            recorded_at=self._now(),
            recorded_by=staff.id if staff else None,
        )
        self._session.add(fact)
        self._session.flush()
        return fact
