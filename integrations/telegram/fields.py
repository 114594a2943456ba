"""Reading one field of untrusted JSON: the value if it has the expected type, else None."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime

Json = Mapping[str, object]

_INT64 = 2**63
# A NUL cannot be stored as text by PostgreSQL, and half a surrogate pair cannot be encoded at all.
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


def load(text: str) -> object:
    """The value of a JSON text; None where it is not JSON (or nested too deep to be read)."""
    try:
        value: object = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return value


def dump(value: object) -> str:
    """JSON in ASCII only, so that every database and every log line can hold it."""
    try:
        return json.dumps(value, separators=(",", ":"), ensure_ascii=True, default=str)
    except (TypeError, ValueError, RecursionError):
        return "null"


def storable(text: str) -> str:
    """The text without the characters that no database can hold."""
    return _UNSTORABLE.sub("\ufffd", text)


def mapping(source: Json | None, key: str) -> Json | None:
    """The object at `key`."""
    value = source.get(key) if source is not None else None
    return value if isinstance(value, dict) else None


def string(source: Json | None, key: str, limit: int | None = None) -> str | None:
    """The text at `key`, without characters that no database can hold, cut to `limit` characters."""
    value = source.get(key) if source is not None else None
    return storable(value[:limit]) if isinstance(value, str) else None


def integer(source: Json | None, key: str) -> int | None:
    """The whole number at `key`, if a 64-bit column can hold it (`true` is not a number)."""
    value = source.get(key) if source is not None else None
    if isinstance(value, bool) or not isinstance(value, int) or not -_INT64 <= value < _INT64:
        return None
    return value


def moment(source: Json | None, key: str) -> datetime | None:
    """The Unix time at `key` as aware UTC; zero means that Telegram will not say."""
    seconds = integer(source, key)
    if not seconds:
        return None
    try:
        return datetime.fromtimestamp(seconds, UTC)
    except (ValueError, OverflowError, OSError):
        return None


def objects(source: Json | None, key: str) -> list[Json]:
    """The objects in the list at `key`."""
    value = source.get(key) if source is not None else None
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []
