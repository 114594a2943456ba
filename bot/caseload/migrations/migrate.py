"""Brings a database to the newest schema."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine

from bot.caseload.errors import named_errors


def migrate(engine: Engine) -> None:
    """Bring the database to the newest schema; changes nothing when it is there already."""
    with named_errors(), engine.begin() as connection:
        command.upgrade(_config(connection), "head")


def is_newest(engine: Engine) -> bool:
    """Return whether the database has the newest schema."""
    with named_errors(), engine.connect().execution_options(foothold_reading=True) as connection:
        current = MigrationContext.configure(connection).get_current_revision()
    return current == ScriptDirectory.from_config(_config(None)).get_current_head()


def make_revision(engine: Engine, message: str) -> None:
    """Write a migration from the difference between the database and the models."""
    with engine.begin() as connection:
        command.revision(_config(connection), message=message, autogenerate=True)


def _config(connection: object) -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent))
    config.attributes["connection"] = connection
    return config
