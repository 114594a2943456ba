"""The migrations give what the models say, on both databases; instants are UTC or refused."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import text
from sqlalchemy.exc import StatementError

from bot.caseload.errors import CaseloadUnavailable
from bot.caseload.migrations.migrate import is_newest, migrate
from bot.caseload.models.people import Audit
from bot.caseload.models.tables import Base
from bot.caseload.store import Caseload
from bot.clock import FixedClock
from tests.people import WEDNESDAY, Person

#: Made by the dialogue server for itself, beside our tables.
NOT_OURS = {"dialogue_trackers", "alembic_version"}


#: As the first schema kept them: a client whose chat, message and safety event refer to one another.
OLDER_ROWS = (
    "INSERT INTO services (id, ref, name, region, timezone, hours)"
    " VALUES ('s1', 'hope', 'Hope', 'england', 'Europe/London', '{}')",
    "INSERT INTO clients"
    " (id, ref, service_id, display_name, preferred_name, timezone, phase, status, created_at)"
    " VALUES ('c1', 'sam', 's1', 'Sam Okoro', 'Sam', 'Europe/London', 'job_search', 'active', '2026-11-01')",
    "INSERT INTO conversations (id, client_id, channel, bot_id, chat_id, mode, epoch, linked_at)"
    " VALUES ('t1', 'c1', 'telegram', 'b', '1', 'bot', 1, '2026-11-01 09:00:00')",
    "INSERT INTO messages (conversation_id, author, kind, text, delivery, created_at)"
    " VALUES ('t1', 'client', 'text', 'Hello', 'received', '2026-11-01 09:00:00')",
    "INSERT INTO safety_events (id, client_id, conversation_id, route, detectors, content_version, at)"
    " VALUES ('e1', 'c1', 't1', 'crisis', '[]', '1', '2026-11-01 09:00:00')",
)


def test_the_migrations_make_exactly_the_tables_of_the_models(caseload: Caseload) -> None:
    def is_ours(_object: object, name: str | None, kind: str, *_: object) -> bool:
        return not (kind == "table" and name in NOT_OURS)

    with caseload.engine.connect() as connection:
        context = MigrationContext.configure(
            connection, opts={"compare_type": True, "include_object": is_ours}
        )
        assert compare_metadata(context, Base.metadata) == []


def test_migrating_again_changes_nothing(caseload: Caseload, sam: Person) -> None:
    migrate(caseload.engine)
    assert is_newest(caseload.engine)
    with caseload.reading() as case:
        assert case.clients.find(sam.id).display_name == "Sam Okoro"


def test_an_older_database_keeps_its_rows_when_the_schema_moves_on(tmp_path: Path) -> None:
    caseload = Caseload(f"sqlite:///{tmp_path / 'older.db'}", FixedClock(WEDNESDAY))
    migrate(caseload.engine, "0001")
    with caseload.engine.begin() as connection:
        for statement in OLDER_ROWS:
            connection.execute(text(statement))
    migrate(caseload.engine)
    assert is_newest(caseload.engine)
    with caseload.transaction() as case:
        client = case.clients.find("c1")
        assert client.display_name == "Sam Okoro"
        assert case.safety_events.paused_since(client) is not None
        assert case.conversations.primary_for(client).open_form is None
    caseload.close()


def test_an_instant_comes_back_as_utc_whatever_zone_it_was_given_in(caseload: Caseload) -> None:
    half_past_nine_in_auckland = datetime(2026, 7, 1, 9, 30, tzinfo=timezone(timedelta(hours=12)))
    caseload.clock.set(half_past_nine_in_auckland)  # type: ignore[attr-defined]
    with caseload.transaction() as case:
        case.audit.record("looked", client_id=None)
    with caseload.engine.connect() as connection:
        kept = connection.execute(text("SELECT at FROM audit")).scalar_one()
    assert "21:30" in str(kept) or getattr(kept, "hour", None) in (21, 9)
    with caseload.reading() as case:
        [line] = case.audit._session.query(Audit).all()
        assert line.at == half_past_nine_in_auckland
        assert line.at.utcoffset() == timedelta(0)


def test_a_time_without_a_zone_is_refused(caseload: Caseload, sam: Person) -> None:
    with pytest.raises(StatementError, match="time zone"), caseload.transaction() as case:
        case.preferences.pause_until(case.clients.find(sam.id), datetime(2026, 11, 25, 10, 0))


def test_instants_are_in_order_also_across_the_hour_that_comes_twice(caseload: Caseload) -> None:
    before = datetime(2026, 10, 25, 0, 59, tzinfo=UTC)
    after = datetime(2026, 10, 25, 1, 0, tzinfo=UTC)
    with caseload.transaction() as case:
        case.timers.set("second", "test", after)
        case.timers.set("first", "test", before)
    caseload.clock.set(after)  # type: ignore[attr-defined]
    with caseload.reading() as case:
        assert [timer.key for timer in case.timers.due()] == ["first", "second"]


def test_what_fails_half_way_leaves_nothing_behind(caseload: Caseload, sam: Person) -> None:
    with pytest.raises(LookupError), caseload.transaction() as case:
        case.goals.add(case.clients.find(sam.id), "Work with plants")
        raise LookupError
    with caseload.reading() as case:
        assert case.goals.all_for(case.clients.find(sam.id)) == []


def test_a_database_that_is_not_there_is_named_so() -> None:
    caseload = Caseload("sqlite:////nowhere/at/all.db", FixedClock(WEDNESDAY))
    with pytest.raises(CaseloadUnavailable):
        caseload.check()
