"""Passwords, as Argon2id hashes."""

from __future__ import annotations

import re
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

MIN_LENGTH = 12
#: So much must be left of a password without its owner's name and address.
LEFT_WITHOUT_NAMES = 6
#: What is guessed first among those that are long enough, without signs, and without digits at the end.
COMMON = frozenset(
    {
        "password", "passwordpassword", "password1password", "mypassword", "thisismypassword", "passphrase",
        "qwertyuiop", "qwertyuiopasdfghjkl", "qwertyqwerty", "asdfghjkl", "asdfghjklzxcvbnm", "zxcvbnm",
        "1qaz2wsx3edc", "1q2w3e4r5t6y", "1q2w3e4r5t", "q1w2e3r4t5y6", "qazwsxedcrfv", "abcdefghijkl",
        "abcdefghijklm", "abcdefghijklmnop", "letmein", "letmeinletmein", "letmeinplease", "iloveyou",
        "iloveyouiloveyou", "welcome", "welcomewelcome", "welcomehome", "administrator", "adminadmin",
        "adminadminadmin", "changeme", "changemeplease", "changemenow", "secretsecret", "supersecret",
        "trustnoone", "football", "footballfootball", "liverpoolfc", "manchesterunited", "sunshine",
        "sunshinesunshine", "princess", "princessprincess", "superman", "startrek", "starwars",
        "correcthorsebatterystaple", "123456789012", "1234567890123", "12345678901234", "123456789123",
        "123123123123", "123456123456", "1234567890", "098765432109", "112233445566", "unitedkingdom",
        "newzealand", "employment", "jobcentreplus", "summer", "winter", "autumn", "spring", "monday",
    }
)  # fmt: skip
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


def problem_with(password: str, name: str, email: str, known: str | None = None) -> str | None:
    """Return why a new password is too easy to guess, in words for whoever chose it; None for a good one.

    `known` is a password that everybody can read, such as the demo's.
    """
    if len(password) < MIN_LENGTH:
        return f"Use {MIN_LENGTH} characters or more. Four words that do not belong together are a good one."
    plain = _letters_and_digits(password)
    core = plain.rstrip("0123456789")
    if plain in COMMON or core in COMMON or len(set(plain)) < 4 or password == known:
        return "Many people use this password, so it is guessed first. Choose another one."
    own = plain
    parts = re.split(r"[\s@._+-]+", f"{name} {email} foothold")
    for part in sorted((_letters_and_digits(part) for part in parts), key=len, reverse=True):
        own = own.replace(part, "") if len(part) >= 3 else own
    if len(own) < LEFT_WITHOUT_NAMES:
        return "This password is made of your name or your email address. Choose another one."
    return None


def prepare() -> None:
    """Make the hash of nobody ahead of time: the first unknown address must not take longer than the next."""
    _hash_of_nobody()


@cache
def _hash_of_nobody() -> str:
    return _HASHER.hash("nobody has this password")


def _letters_and_digits(text: str) -> str:
    return "".join(character for character in text.casefold() if character.isalnum())
