"""Signatures on calls between our own processes; standard library only, so that both environments load it."""

from __future__ import annotations

import hashlib
import hmac

ALLOWED_SKEW_SECONDS = 60
HEADER = "X-Foothold-Signature"

DIALOGUE = "dialogue"
ACTIONS = "actions"
MODELS = "models"


def derive(secret: str, purpose: str) -> str:
    """A key in hex for one purpose, from which neither the secret nor another purpose's key can be found."""
    if not secret:
        raise ValueError("The install's secret is empty.")
    return hmac.new(secret.encode(), b"foothold/" + purpose.encode(), hashlib.sha256).hexdigest()


def digest(key: str, body: bytes) -> str:
    """The HMAC-SHA256 of a body, in hex."""
    return hmac.new(key.encode(), body, hashlib.sha256).hexdigest()


def sign(key: str, body: bytes, now: float) -> str:
    """The header value for a body sent at `now` (Unix seconds)."""
    moment = str(int(now))
    return f"t={moment},v1={digest(key, moment.encode() + b'.' + body)}"


def verify(key: str, body: bytes, header: str | None, now: float) -> bool:
    """Whether the header was made with this key for this body within the last minute."""
    fields = dict(part.split("=", 1) for part in (header or "").split(",") if "=" in part)
    moment, given = fields.get("t", ""), fields.get("v1", "")
    if not (moment.isascii() and moment.isdigit() and len(moment) <= 12):
        return False
    expected = digest(key, moment.encode() + b"." + body)
    genuine = hmac.compare_digest(expected.encode(), given.encode("utf-8", "replace"))
    return genuine and abs(now - int(moment)) <= ALLOWED_SKEW_SECONDS
