"""Somebody changed the way into another person's account: those whom it concerns are told, and by whom."""

from __future__ import annotations

from bot.caseload.alerts import channels_of
from bot.caseload.models.people import Audit, Staff
from bot.caseload.store import Case

#: Whoever has one of these accounts reads every client of a service, or can let somebody in who does.
HEADS = ("lead", "manager", "admin")


def tell(case: Case, line: Audit, by: Staff | None, staff: Staff, *, by_mail: bool) -> None:
    """Tell the person, and of a head's account the other leads and managers; `by` None is the operator.

    `line` is what the audit says was done, and `by_mail` whether this install can send mail.
    """
    told = {"mine": [staff]}
    if staff.role in HEADS:
        told["theirs"] = [
            one for one in case.staff.with_role(staff.service, "lead", "manager") if one is not staff
        ]
    for step, people in told.items():
        for one in people:
            # Whoever was only invited is told by the link itself.
            if one is not by and one.disabled_at is None and one.password_hash is not None:
                case.alerts.queue_about_account(line, one, step, channels_of(one, by_mail=by_mail))
