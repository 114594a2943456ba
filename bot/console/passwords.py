"""Passwords, as Argon2id hashes."""

from __future__ import annotations

from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

#: Longer input is refused before it costs any work.
MAX_LENGTH = 200

# Less memory than RFC 9106 names (64 MiB), because several people sign in at once on a small machine;
# more passes make up for it (OWASP: 46 MiB with one pass, 19 MiB with two).
_HASHER = PasswordHasher(time_cost=3, memory_cost=32 * 1024, parallelism=1)


def hash_password(password: str) -> str:
    """Return the hash to keep for a password."""
    return _HASHER.hash(password)


def is_right(password: str, kept_hash: str | None) -> bool:
    """Return whether a password fits; takes equally long when there is no hash to compare with."""
    if len(password) > MAX_LENGTH:
        return False
    try:
        _HASHER.verify(kept_hash or _hash_of_nobody(), password)
    except (VerificationError, InvalidHashError):
        return False
    return kept_hash is not None


def prepare() -> None:
    """Make the hash of nobody ahead of time: the first unknown address must not take longer than the next."""
    _hash_of_nobody()


@cache
def _hash_of_nobody() -> str:
    return _HASHER.hash("nobody has this password")
