"""People look at what the safety screen did: every fire, and a sample of what stayed just under its line."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import blake2b
from zoneinfo import ZoneInfo

from sqlalchemy import Select, func, select

from bot.caseload.errors import NoSuchSafetyRecord
from bot.caseload.models.conversation import Message
from bot.caseload.models.people import Client, Staff
from bot.caseload.models.queues import OutboxItem
from bot.caseload.models.safety import Alert, NearMiss, SafetyEvent
from bot.caseload.repository import Repository, may_see

RIGHT, NOT_NEEDED, MISSED = "right", "not_needed", "missed"
#: So many near misses wait for people, a service and day: enough to see a drift, few enough to be read.
SAMPLE = 20
#: The screen also reads the join of short messages, so a reviewer needs those just before.
BEFORE = timedelta(minutes=30)
BEFORE_LINES = 3


#: Where a message stands: its conversation and its place in the inbox.
Place = tuple[str | None, int | None]


@dataclass(frozen=True)
class Seen:
    """What a reviewer reads about one fire or near miss. `words` None: they are no longer kept."""

    item: SafetyEvent | NearMiss
    words: str | None
    before: tuple[str, ...] = ()
    shown: tuple[Message, ...] = ()
    alerts: tuple[Alert, ...] = ()
    acknowledged_by: str | None = None
    reviewed_by: str | None = None

    @property
    def is_fire(self) -> bool:
        """Whether the screen fired, and did not only come near to it."""
        return isinstance(self.item, SafetyEvent)

    @property
    def client(self) -> Client:
        """Whose message it was; strangers' fires are only counted."""
        if self.item.client is None:
            raise NoSuchSafetyRecord(str(self.item.id))
        return self.item.client

    @property
    def may_be_kept(self) -> bool:
        """Whether a reviewer found the screen wrong and the words are still there to become an example."""
        return self.words is not None and self.item.verdict in {NOT_NEEDED, MISSED}


def drawn_by(seed: str) -> Callable[[int], float]:
    """Return a lottery: it gives each message a number from 0 to 1, and always the same one."""

    def draw(inbox_seq: int) -> float:
        digest = blake2b(f"{seed}:{inbox_seq}".encode(), digest_size=8).digest()
        return int.from_bytes(digest, "big") / 2**64

    return draw


class SafetyReviews(Repository):
    """Use-cases of the people who review the safety screen. Each sees only clients whom they may see."""

    def note_near_miss(
        self,
        client: Client,
        conversation_id: str,
        inbox_seq: int,
        route: str,
        score: float,
        *,
        lottery: Callable[[int], float] = drawn_by("near misses"),  # noqa: B008 (holds no state)
    ) -> NearMiss | None:
        """Keep a message just under the line if it is drawn; None when it is not.

        The messages with the lowest numbers of the day stay, so each one has the same chance whenever it
        came. That needs no counter, and several gateways draw as one.
        """
        known = select(NearMiss).where(NearMiss.client_id == client.id, NearMiss.inbox_seq == inbox_seq)
        again = self._session.scalars(known).unique().first()
        if again is not None:
            return again
        new = NearMiss(
            client_id=client.id,
            conversation_id=conversation_id,
            inbox_seq=inbox_seq,
            route=route,
            score=score,
            at=self._now(),
        )
        ranked = sorted([*self._waiting_today(client), new], key=lambda one: lottery(one.inbox_seq))
        for surplus in ranked[SAMPLE:]:
            if surplus is not new:
                self._session.delete(surplus)
        if new not in ranked[:SAMPLE]:
            return None
        self._session.add(new)
        self._session.flush()
        return new

    def fires_to_review(self, staff: Staff, skip: int = 0, limit: int = 25) -> list[Seen]:
        """Return the fires that nobody has reviewed, oldest first."""
        query = self._fires(staff).where(SafetyEvent.reviewed_at.is_(None))
        return self._page(query.order_by(SafetyEvent.at, SafetyEvent.id), skip, limit)

    def near_misses_to_review(self, staff: Staff, skip: int = 0, limit: int = 25) -> list[Seen]:
        """Return the near misses that nobody has reviewed, oldest first."""
        query = self._near_misses(staff).where(NearMiss.reviewed_at.is_(None))
        return self._page(query.order_by(NearMiss.at, NearMiss.id), skip, limit)

    def count_to_review(self, staff: Staff) -> tuple[int, int]:
        """Return how many fires and how many near misses wait for a reviewer."""
        fires = self._fires(staff).where(SafetyEvent.reviewed_at.is_(None))
        near = self._near_misses(staff).where(NearMiss.reviewed_at.is_(None))
        return self._count(fires), self._count(near)

    def reviewed_fires(
        self, staff: Staff, route: str | None, verdict: str | None, skip: int = 0, limit: int | None = 25
    ) -> list[Seen]:
        """Return the reviewed fires, newest review first; all of them with `limit` None."""
        query = self._fires(staff).where(SafetyEvent.reviewed_at.is_not(None))
        if route:
            query = query.where(SafetyEvent.route == route)
        if verdict:
            query = query.where(SafetyEvent.verdict == verdict)
        return self._page(query.order_by(SafetyEvent.reviewed_at.desc(), SafetyEvent.id), skip, limit)

    def reviewed_near_misses(
        self, staff: Staff, route: str | None, verdict: str | None, skip: int = 0, limit: int | None = 25
    ) -> list[Seen]:
        """Return the reviewed near misses, newest review first."""
        query = self._near_misses(staff).where(NearMiss.reviewed_at.is_not(None))
        if route:
            query = query.where(NearMiss.route == route)
        if verdict:
            query = query.where(NearMiss.verdict == verdict)
        return self._page(query.order_by(NearMiss.reviewed_at.desc(), NearMiss.id), skip, limit)

    def fires_for_strangers(self, since: datetime) -> dict[str, int]:
        """Return how often each route fired for people whom the bot does not know; nothing else is kept."""
        query = (
            select(SafetyEvent.route, func.count().label("count"))
            .where(SafetyEvent.client_id.is_(None), SafetyEvent.at >= since)
            .group_by(SafetyEvent.route)
        )
        return {row.route: row[1] for row in self._session.execute(query)}

    def fire_for(self, staff: Staff, event_id: str) -> Seen:
        """Return one fire, locked until the transaction ends; raise NoSuchSafetyRecord when not theirs."""
        query = self._fires(staff).where(SafetyEvent.id == event_id).with_for_update(of=SafetyEvent)
        return self._one(query, event_id)

    def near_miss_for(self, staff: Staff, near_miss_id: int) -> Seen:
        """Return one near miss, locked like a fire; raise NoSuchSafetyRecord when it is not theirs."""
        query = self._near_misses(staff).where(NearMiss.id == near_miss_id).with_for_update(of=NearMiss)
        return self._one(query, str(near_miss_id))

    def review(
        self,
        staff: Staff,
        item: SafetyEvent | NearMiss,
        verdict: str,
        *,
        what_was_done: str | None = None,
        note: str | None = None,
    ) -> None:
        """Write down what the reviewer found; a later review takes the place of the one before."""
        allowed = {RIGHT, NOT_NEEDED} if isinstance(item, SafetyEvent) else {RIGHT, MISSED}
        if verdict not in allowed:
            raise ValueError(verdict)
        item.reviewed_at = self._now()
        item.reviewed_by = staff.id
        item.verdict = verdict
        item.review_note = note
        if isinstance(item, SafetyEvent):
            item.what_was_done = what_was_done
        self._session.flush()

    def _fires(self, staff: Staff) -> Select[SafetyEvent]:
        return select(SafetyEvent).join(Client, Client.id == SafetyEvent.client_id).where(may_see(staff))

    def _near_misses(self, staff: Staff) -> Select[NearMiss]:
        return select(NearMiss).join(Client, Client.id == NearMiss.client_id).where(may_see(staff))

    def _waiting_today(self, client: Client) -> list[NearMiss]:
        zone = ZoneInfo(client.service.timezone)
        midnight = self._now().astimezone(zone).replace(hour=0, minute=0, second=0, microsecond=0)
        query = (
            select(NearMiss)
            .join(Client, Client.id == NearMiss.client_id)
            .where(
                Client.service_id == client.service_id,
                NearMiss.reviewed_at.is_(None),
                NearMiss.at >= midnight,
            )
        )
        return list(self._session.scalars(query).unique())

    def _count(self, query: Select[SafetyEvent] | Select[NearMiss]) -> int:
        ids = query.with_only_columns(func.count(), maintain_column_froms=True)
        return self._session.scalar(ids) or 0

    def _one(self, query: Select[SafetyEvent] | Select[NearMiss], asked_for: str) -> Seen:
        item = self._session.scalars(query).unique().one_or_none()
        if item is None:
            raise NoSuchSafetyRecord(asked_for)
        return self._seen([item])[0]

    def _page(
        self, query: Select[SafetyEvent] | Select[NearMiss], skip: int, limit: int | None
    ) -> list[Seen]:
        return self._seen(list(self._session.scalars(query.offset(skip).limit(limit)).unique()))

    def _seen(self, items: Sequence[SafetyEvent | NearMiss]) -> list[Seen]:
        places = {(one.conversation_id, one.inbox_seq) for one in items}
        said: dict[Place, Message] = {
            (one.conversation_id, one.inbox_seq): one for one in self._messages(places)
        }
        shown = self._shown(places)
        alerts = self._alerts({one.handoff_id for one in items if isinstance(one, SafetyEvent)})
        found = []
        for one in items:
            message = said.get((one.conversation_id, one.inbox_seq))
            words = message.text if message is not None and message.text else None
            before = self._before(message) if message is not None and words else ()
            if isinstance(one, NearMiss):
                found.append(Seen(one, words, before, reviewed_by=self._name(one.reviewed_by)))
                continue
            # What rang after somebody had seen this one belongs to a later fire.
            until = one.acknowledged_at
            rang = [a for a in alerts.get(one.handoff_id, ()) if until is None or a.created_at <= until]
            found.append(
                Seen(
                    one,
                    words,
                    before,
                    shown=tuple(shown.get((one.conversation_id, one.inbox_seq), ())),
                    alerts=tuple(rang),
                    acknowledged_by=self._name(one.acknowledged_by),
                    reviewed_by=self._name(one.reviewed_by),
                )
            )
        return found

    def _messages(self, places: set[Place]) -> list[Message]:
        query = select(Message).where(
            Message.author == "client",
            Message.conversation_id.in_({chat for chat, _ in places}),
            Message.inbox_seq.in_({seq for _, seq in places}),
        )
        return list(self._session.scalars(query).unique())

    def _before(self, message: Message) -> tuple[str, ...]:
        query = (
            select(Message.text)
            .where(
                Message.conversation_id == message.conversation_id,
                Message.author == "client",
                Message.id < message.id,
                Message.created_at >= message.created_at - BEFORE,
                Message.text != "",
            )
            .order_by(Message.id.desc())
            .limit(BEFORE_LINES)
        )
        return tuple(self._session.scalars(query))[::-1]

    def _shown(self, places: set[Place]) -> dict[Place, list[Message]]:
        query = (
            select(OutboxItem.conversation_id, OutboxItem.inbox_seq, Message)
            .join(Message, Message.id == OutboxItem.message_id)
            .where(
                OutboxItem.origin == "safety",
                OutboxItem.conversation_id.in_({chat for chat, _ in places}),
                OutboxItem.inbox_seq.in_({seq for _, seq in places}),
            )
            .order_by(Message.id)
        )
        shown: dict[Place, list[Message]] = {}
        for chat, seq, message in self._session.execute(query).unique():
            shown.setdefault((chat, seq), []).append(message)
        return shown

    def _alerts(self, handoff_ids: set[str | None]) -> dict[str | None, list[Alert]]:
        query = select(Alert).where(Alert.handoff_id.in_(handoff_ids)).order_by(Alert.id)
        alerts: dict[str | None, list[Alert]] = {}
        for alert in self._session.scalars(query).unique():
            alerts.setdefault(alert.handoff_id, []).append(alert)
        return alerts

    def _name(self, staff_id: str | None) -> str | None:
        staff = self._session.get(Staff, staff_id) if staff_id else None
        return staff.name if staff else None
