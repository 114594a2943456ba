"""Where conversations are kept for Rasa: one row each, a bounded window, errors raised and never hidden."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from typing import Any, Iterable, List, Optional, Tuple

import sqlalchemy as sa
from rasa.core.brokers.broker import EventBroker
from rasa.core.tracker_store import TrackerStore
from rasa.shared.core.domain import Domain
from rasa.shared.core.trackers import DialogueStateTracker
from sqlalchemy.engine import Engine
from sqlalchemy.exc import IntegrityError, SQLAlchemyError

from integrations.rasa.inside.trackers import (
    ConversationTracker,
    EventDecoder,
    close_unknown_form,
    encode,
    keep_window,
    tracker_from,
    user_turns,
)

# Measured in benchmarks/turn_cost.md: the cost of a turn grows with the events that policies look at.
TURNS_KEPT = 12
# Cutting means replaying the window, so cut several turns at once.
TURNS_BEFORE_CUT = 16
CONVERSATIONS_IN_MEMORY = 256
BUSY_SECONDS = 5

metadata = sa.MetaData()
trackers = sa.Table(
    "dialogue_trackers",
    metadata,
    sa.Column("sender_id", sa.String(255), primary_key=True),
    sa.Column("events", sa.Text, nullable=False),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
)


class TrackerStoreError(Exception):
    """The conversation could not be read or written: the turn must not go on."""


class TrackerConflict(TrackerStoreError):
    """Another process wrote this conversation since it was read."""


class CaseworkTrackerStore(TrackerStore):
    """Keeps each conversation's last turns in one row of SQLite or PostgreSQL."""

    def __init__(
        self,
        domain: Optional[Domain] = None,
        host: Optional[str] = None,
        event_broker: Optional[EventBroker] = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(domain, event_broker)
        if not host:
            raise TrackerStoreError("endpoints.yml gives no url for the tracker store.")
        self._engine = engine_for(host)
        self._decoder = EventDecoder()
        self._recent: OrderedDict[str, ConversationTracker] = OrderedDict()
        self._turns_kept = int(kwargs.get("turns_kept", TURNS_KEPT))
        self._turns_before_cut = int(kwargs.get("turns_before_cut", TURNS_BEFORE_CUT))

    async def prepare(self) -> None:
        """Make the table if it is not there, which also proves that the database answers."""
        await self._in_thread(metadata.create_all, self._engine)

    async def retrieve(self, sender_id: str) -> Optional[DialogueStateTracker]:
        """The conversation, or None if it is new. Raises TrackerStoreError."""
        recent = self._recent.get(sender_id)
        row = await self._in_thread(self._read, sender_id, recent.store_version if recent else 0)
        if row is None:
            self._recent.pop(sender_id, None)
            return None
        version, stored = row
        if recent is not None and version == recent.store_version:
            self._recent.move_to_end(sender_id)
            return recent.copy()
        tracker = self._decoded(sender_id, stored)
        tracker.store_version = version
        self._remember(tracker)
        return tracker.copy()

    async def create_tracker(self, sender_id: str, append_action_listen: bool = True) -> DialogueStateTracker:
        """A new conversation, which is written when its first turn ends."""
        del append_action_listen  # Rasa's processor never asks for it.
        return ConversationTracker(sender_id, self.domain.slots)

    async def save(self, tracker: DialogueStateTracker) -> None:
        """Write the conversation. Raises TrackerConflict if it changed since it was read."""
        if not isinstance(tracker, ConversationTracker):
            raise TrackerStoreError("Only trackers of this store can be saved.")
        kept = tracker
        if user_turns(tracker.events) > self._turns_before_cut:
            kept = keep_window(tracker, self.domain, self._turns_kept)
        events = list(kept.events)
        encoded = kept.encoded + [encode(event) for event in events[len(kept.encoded) :]]
        await self._in_thread(self._write, kept.sender_id, kept.store_version, "[" + ",".join(encoded) + "]")
        kept.encoded = encoded
        kept.store_version += 1
        self._remember(kept)

    async def keys(self) -> Iterable[str]:
        """The ids of all conversations."""
        return await self._in_thread(self._all_keys)

    def _decoded(self, sender_id: str, stored: str) -> ConversationTracker:
        try:
            tracker = tracker_from(sender_id, self._decoder.decode(stored), self.domain)
        except (KeyError, ValueError, TypeError) as error:
            raise TrackerStoreError("A stored conversation cannot be read.") from error
        tracker.encoded = [encode(event) for event in tracker.events]
        close_unknown_form(tracker, self.domain)
        return tracker

    def _remember(self, tracker: ConversationTracker) -> None:
        self._recent[tracker.sender_id] = tracker
        self._recent.move_to_end(tracker.sender_id)
        while len(self._recent) > CONVERSATIONS_IN_MEMORY:
            self._recent.popitem(last=False)

    async def _in_thread(self, work: Any, *args: Any) -> Any:
        """Run database work beside the event loop, so that a busy database does not stop other chats."""
        try:
            return await asyncio.get_running_loop().run_in_executor(None, work, *args)
        except SQLAlchemyError as error:
            raise TrackerStoreError(f"The conversation store failed ({type(error).__name__}).") from error

    def _read(self, sender_id: str, known_version: int) -> Optional[Tuple[int, str]]:
        # The events are big and mostly known already, so they are read only if another process wrote.
        mine = trackers.c.sender_id == sender_id
        events = sa.case((trackers.c.version == known_version, ""), else_=trackers.c.events)
        with self._engine.connect() as connection:
            row = connection.execute(sa.select(trackers.c.version, events).where(mine)).first()
        return (row[0], row[1]) if row else None

    def _write(self, sender_id: str, version: int, events: str) -> None:
        values = {"events": events, "version": version + 1, "updated_at": sa.func.now()}
        with self._engine.begin() as connection:
            if version == 0:
                try:
                    connection.execute(trackers.insert().values(sender_id=sender_id, **values))
                except IntegrityError as error:
                    raise TrackerConflict("The conversation was begun by another process.") from error
                return
            mine = sa.and_(trackers.c.sender_id == sender_id, trackers.c.version == version)
            if connection.execute(trackers.update().where(mine).values(**values)).rowcount != 1:
                raise TrackerConflict("The conversation was written by another process.")

    def _all_keys(self) -> List[str]:
        with self._engine.connect() as connection:
            return list(connection.execute(sa.select(trackers.c.sender_id)).scalars())


def engine_for(url: str) -> Engine:
    """An engine with the settings that keep conversations safe; nothing is connected yet."""
    parsed = sa.engine.make_url(url)
    if parsed.get_backend_name() == "sqlite":
        settings = {"timeout": BUSY_SECONDS, "check_same_thread": False}
        engine = sa.create_engine(
            parsed, poolclass=sa.pool.QueuePool, pool_size=4, connect_args=settings, future=True
        )
        sa.event.listen(engine, "connect", _durable_sqlite)
        return engine
    # The application uses psycopg 3, which SQLAlchemy 1.4 does not know.
    parsed = parsed.set(drivername="postgresql+psycopg2")
    return sa.create_engine(
        parsed, pool_pre_ping=True, pool_size=4, connect_args={"connect_timeout": BUSY_SECONDS}, future=True
    )


def _durable_sqlite(connection: Any, _record: Any) -> None:
    cursor = connection.cursor()
    cursor.execute("PRAGMA journal_mode=WAL")
    cursor.execute("PRAGMA synchronous=FULL")
    cursor.close()
