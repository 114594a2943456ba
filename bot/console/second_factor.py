"""Codes from an authenticator app (TOTP, RFC 6238)."""

from __future__ import annotations

import hmac
from datetime import datetime, timedelta

import pyotp

from bot.caseload.models.people import Staff

STEP_SECONDS = 30
ISSUER = "Foothold"
#: Everybody else sees more than their own clients or looks after accounts: a password alone is not enough.
MAY_PUT_OFF = frozenset({"consultant"})
PUT_OFF = timedelta(days=7)


def needs_code(staff: Staff, now: datetime, *, demo: bool = False) -> bool:
    """Return whether this person signs in with a code as well, or has to set it up first.

    The demo's passwords are public and its page shows the codes, so there it can be put off for ever.
    """
    until = put_off_until(staff)
    return until is None or (now >= until and not demo)


def put_off_until(staff: Staff) -> datetime | None:
    """Return until when this person may do without a code; None when they have one or may not."""
    if staff.totp_secret is not None or staff.role not in MAY_PUT_OFF:
        return None
    return (staff.welcomed_at or staff.created_at) + PUT_OFF


def new_secret() -> str:
    """Return a fresh secret for an authenticator app."""
    return pyotp.random_base32()


def setup_link(secret: str, email: str) -> str:
    """Return the link that adds the secret to an authenticator app on the same device."""
    return pyotp.TOTP(secret).provisioning_uri(name=email, issuer_name=ISSUER)


def matching_step(secret: str, code: str, now: datetime) -> int | None:
    """Return the time step whose code this is: the present one, or one to either side; None for no match."""
    present = int(now.timestamp()) // STEP_SECONDS
    digits = "".join(code.split())
    if not (digits.isascii() and digits.isdigit()):
        return None
    matches = [step for step in (present - 1, present, present + 1) if _fits(secret, digits, step)]
    return matches[-1] if matches else None


def next_unused_code(staff: Staff, now: datetime) -> str | None:
    """Return a code that will be accepted now: shown in demo mode, where nobody has the phone."""
    if staff.totp_secret is None:
        return None
    present = int(now.timestamp()) // STEP_SECONDS
    step = max(present, (staff.totp_last_step or 0) + 1)
    return pyotp.TOTP(staff.totp_secret).generate_otp(step) if step <= present + 1 else None


def _fits(secret: str, digits: str, step: int) -> bool:
    return hmac.compare_digest(pyotp.TOTP(secret).generate_otp(step), digits)
