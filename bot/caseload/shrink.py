"""Makes what was deleted unreadable in the database's files too."""

from __future__ import annotations

from sqlalchemy import Engine


def rewrite(engine: Engine) -> bool:
    """Write the database anew without what was deleted; return whether nothing stood in the way.

    SQLite overwrites deleted rows (`secure_delete`), but the write-ahead log still has the old pages until
    it is emptied. On PostgreSQL the space is given free; its own log ages out by the server's settings.
    """
    if engine.dialect.name != "sqlite":
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.exec_driver_sql("VACUUM")
        return True
    raw = engine.raw_connection()
    try:
        # The raw driver: no transaction may be open around these.
        cursor = raw.cursor()
        cursor.execute("VACUUM")
        cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        row = cursor.fetchone()
        cursor.close()
    except engine.dialect.loaded_dbapi.OperationalError:
        # Another process is in the middle of something for longer than we wait.
        return False
    finally:
        raw.close()
    return row is not None and row[0] == 0
