"""Brings a database to the newest schema."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine

from bot.caseload.errors import MigrationBroken, named_errors


def migrate(engine: Engine, revision: str = "head") -> None:
    """Bring the database to the newest schema; changes nothing when it is there already."""
    with (
        named_errors(),
        engine.connect() as connection,
        _tables_may_be_made_anew(connection),
        connection.begin(),
    ):
        command.upgrade(_config(connection), revision)
        _refuse_loose_ends(connection)


def is_newest(engine: Engine) -> bool:
    """Return whether the database has the newest schema."""
    with named_errors(), engine.connect().execution_options(foothold_reading=True) as connection:
        current = MigrationContext.configure(connection).get_current_revision()
    return current == ScriptDirectory.from_config(_config(None)).get_current_head()


def is_empty(engine: Engine) -> bool:
    """Return whether the database has no schema of ours yet."""
    with named_errors(), engine.connect().execution_options(foothold_reading=True) as connection:
        return MigrationContext.configure(connection).get_current_revision() is None


def make_revision(engine: Engine, message: str) -> None:
    """Write a migration from the difference between the database and the models."""
    with engine.begin() as connection:
        command.revision(_config(connection), message=message, autogenerate=True)


@contextmanager
def _tables_may_be_made_anew(connection: Connection) -> Iterator[None]:
    """Let SQLite replace a table that others refer to: it cannot change most things in place.

    The switch has no effect inside a transaction, so it is turned on the driver's own connection.
    """
    driver = connection.connection.driver_connection
    if connection.dialect.name != "sqlite" or driver is None:
        yield
        return
    driver.execute("PRAGMA foreign_keys=OFF")
    try:
        yield
    finally:
        driver.execute("PRAGMA foreign_keys=ON")


def _refuse_loose_ends(connection: Connection) -> None:
    if connection.dialect.name == "sqlite":
        broken = connection.exec_driver_sql("PRAGMA foreign_key_check").first()
        if broken is not None:
            raise MigrationBroken(f"Rows of {broken[0]} would refer to rows that do not exist.")


def _config(connection: object) -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent))
    config.attributes["connection"] = connection
    return config
