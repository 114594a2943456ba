"""Recovery codes: 80 random bits each, which stand in for the authenticator app once."""

from __future__ import annotations

import base64
import hashlib
import re
import secrets

from sqlalchemy import delete, func, select

from bot.caseload.models.accounts import RecoveryCode
from bot.caseload.models.people import Staff
from bot.caseload.repository import Repository

HOW_MANY = 10
_BYTES = 10
_LETTERS = re.compile(r"[A-Z2-7]{16}")


class RecoveryCodes(Repository):
    """Use-cases about recovery codes."""

    def renew(self, staff: Staff) -> list[str]:
        """Make ten fresh codes, to be shown once; the older ones stop working."""
        self.remove(staff)
        codes = [base64.b32encode(secrets.token_bytes(_BYTES)).decode().lower() for _ in range(HOW_MANY)]
        for code in codes:
            self._session.add(RecoveryCode(staff_id=staff.id, code_hash=_hash(code)))
        self._session.flush()
        return ["-".join(code[start : start + 4] for start in range(0, len(code), 4)) for code in codes]

    def use(self, staff: Staff, typed: str) -> bool:
        """Use a code up; return False for one that is wrong or was used before."""
        query = select(RecoveryCode).where(
            RecoveryCode.staff_id == staff.id, RecoveryCode.code_hash == _hash(typed)
        )
        # Locked and read anew, so that of two requests at the same moment only one uses the code.
        locked = query.with_for_update().execution_options(populate_existing=True)
        code = self._session.scalars(locked).one_or_none()
        if code is None or code.used_at is not None:
            return False
        code.used_at = self._now()
        self._session.flush()
        return True

    def left(self, staff: Staff) -> int:
        """Return how many codes still work."""
        unused = select(func.count()).where(RecoveryCode.staff_id == staff.id, RecoveryCode.used_at.is_(None))
        return self._session.scalar(unused) or 0

    def remove(self, staff: Staff) -> None:
        """Let none of somebody's codes work any more."""
        self._session.execute(delete(RecoveryCode).where(RecoveryCode.staff_id == staff.id))


def is_recovery_code(typed: str) -> bool:
    """Return whether this looks like a recovery code, however it was spaced."""
    return _LETTERS.fullmatch(_plain(typed)) is not None


def _plain(typed: str) -> str:
    return re.sub(r"[\s-]", "", typed).upper()


def _hash(typed: str) -> str:
    # Without salt and in one pass: nobody tries out 80 random bits.
    return hashlib.sha256(_plain(typed).encode()).hexdigest()
