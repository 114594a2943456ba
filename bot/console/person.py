"""Who is signed in, and for how long."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from flask import g, session
from flask_login import LoginManager, login_user  # type: ignore[import-untyped]

from bot.caseload.accounts import LOOKS_AFTER
from bot.caseload.models.people import Staff
from bot.caseload.moves import WITH_CLIENTS
from bot.console import second_factor
from bot.console.parts import console

IDLE = timedelta(minutes=30)
LONGEST = timedelta(hours=12)
_SIGNED_IN_AT = "signed_in_at"
_SEEN_AT = "seen_at"


@dataclass(frozen=True)
class SignedIn:
    """The person behind a session, as pages and Flask-Login see them."""

    staff_id: str
    session_version: int
    name: str
    role: str
    #: Of their service: the zone in which they read times that are nobody else's.
    timezone: str
    #: Until when they may do without the second factor that they have not set up; None for everybody else.
    code_put_off_until: datetime | None = None

    is_authenticated = True
    is_active = True
    is_anonymous = False

    @property
    def reads_misses(self) -> bool:
        """Whether this person looks after what the bot understands."""
        return self.role in {"manager", "lead"}

    @property
    def has_clients(self) -> bool:
        """Whether this person can have clients of their own, and take somebody on."""
        return self.role in WITH_CLIENTS

    @property
    def moves_clients(self) -> bool:
        """Whether this person decides who is whose consultant, and sees who looked at a client's data."""
        return self.role in {"manager", "lead"}

    @property
    def looks_after_accounts(self) -> bool:
        """Whether this person invites others and closes accounts."""
        return self.role in LOOKS_AFTER

    @property
    def reads_settings(self) -> bool:
        """Whether this person sees how the service is set up."""
        return self.role in {"manager", "admin", "lead"}

    def get_id(self) -> str:
        """Return what the session keeps: the version in it makes old sessions void."""
        return f"{self.staff_id}.{self.session_version}"


def sign_in(staff: Staff) -> None:
    """Start a fresh session: nothing of the one before sign-in lives on."""
    session.clear()
    # A page in this same answer must not show the token of the session that has ended.
    g.pop("csrf_token", None)
    now = console().caseload.clock.now().timestamp()
    session[_SIGNED_IN_AT] = session[_SEEN_AT] = now
    login_user(as_signed_in(staff))


def as_signed_in(staff: Staff) -> SignedIn:
    """Return what a session says about a member of staff."""
    return SignedIn(
        staff.id,
        staff.session_version,
        staff.name,
        staff.role,
        staff.service.timezone,
        second_factor.put_off_until(staff),
    )


def load(user_id: str) -> SignedIn | None:
    """Return who has this session, or None once it has ended, was ended, or the account is closed."""
    if not _is_fresh():
        return None
    staff_id, _, version = user_id.partition(".")
    with console().caseload.reading() as case:
        staff = case.staff.find_enabled(staff_id)
        if staff is None or str(staff.session_version) != version:
            return None
        signed_in = as_signed_in(staff)
    # They came in without a code, and the time for that is over.
    until = signed_in.code_put_off_until
    is_over = until is not None and console().caseload.clock.now() >= until
    return None if is_over and not console().config.demo else signed_in


def note_activity() -> None:
    """Put the idle limit off. Pages that ask by themselves do not call this."""
    session[_SEEN_AT] = console().caseload.clock.now().timestamp()


def prepare(manager: LoginManager) -> None:
    """Tell Flask-Login how to find people."""
    # Its own protection ties a session to an IP address, which changes all day on a phone.
    manager.session_protection = None
    manager.user_loader(load)


def _is_fresh() -> bool:
    now = console().caseload.clock.now()
    signed_in_at, seen_at = _instant(_SIGNED_IN_AT), _instant(_SEEN_AT)
    if signed_in_at is None or seen_at is None:
        return False
    return now - signed_in_at < LONGEST and now - seen_at < IDLE


def _instant(key: str) -> datetime | None:
    seconds = session.get(key)
    return datetime.fromtimestamp(seconds, UTC) if isinstance(seconds, int | float) else None
