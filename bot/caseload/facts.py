"""Facts about the database itself, for the operator."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Engine, text

from bot.caseload.errors import named_errors


@dataclass(frozen=True)
class DatabaseFacts:
    """What the database is; `journal` and `writable` are known for SQLite only."""

    kind: str
    version: str
    journal: str | None
    writable: bool


def database_facts(engine: Engine) -> DatabaseFacts:
    """Return the facts; raises CaseloadUnavailable."""
    with named_errors(), engine.connect().execution_options(foothold_reading=True) as connection:
        if engine.dialect.name != "sqlite":
            version = connection.execute(text("SHOW server_version")).scalar_one()
            return DatabaseFacts("PostgreSQL", str(version), None, True)
        version = connection.execute(text("SELECT sqlite_version()")).scalar_one()
        journal = connection.execute(text("PRAGMA journal_mode")).scalar_one()
    file = Path(engine.url.database or "")
    writable = os.access(file, os.W_OK) and os.access(file.parent, os.W_OK)
    return DatabaseFacts("SQLite", str(version), str(journal), writable)
