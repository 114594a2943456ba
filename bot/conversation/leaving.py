"""Somebody leaves the service, or gets a role without clients: nobody whom they looked after is orphaned."""

from __future__ import annotations

from bot.caseload.models.people import Client, Staff
from bot.caseload.store import Case
from bot.caseload.waits import NO_CONSULTANT
from bot.conversation import moving
from bot.conversation.wording import Wording


def leave(case: Case, words: Wording, by: Staff, staff: Staff) -> int:
    """See to the chats and clients of somebody whose account was closed, or who got another role.

    Each client whom nobody looks after now stands among what waits for the leads, and the leads are alerted
    once for all of them. Returns how many clients those are.
    """
    moving.leave_chats(case, words, by, staff)
    case.waits.set_anew_for(staff)
    left = case.moves.left_by(staff)
    opened = [
        case.handoffs.open(client, _why(case, staff, client), NO_CONSULTANT, "today").handoff
        for client in left
    ]
    if opened:
        case.waits.tell_once(opened[0])
    return len(opened)


def come_back(case: Case, staff: Staff) -> None:
    """See to the clients of somebody who is back: what the leads were asked to do is not needed any more."""
    case.waits.set_anew_for(staff)
    for client in case.moves.looked_after_by(staff):
        case.handoffs.close_by_itself(client, NO_CONSULTANT, f"{staff.name} is back")


def _why(case: Case, staff: Staff, client: Client) -> str:
    name = client.preferred_name
    what = "has left" if staff.disabled_at else "has another role now"
    lines = [f"{staff.name} {what}. Give {name} another consultant."]
    if meetings := case.stranded.between(staff, client):
        count = f"{len(meetings)} meeting" + ("" if len(meetings) == 1 else "s")
        lines.append(f"{count} ahead with {staff.first_name}: rearrange or cancel. {name} is not reminded.")
    return "\n".join(lines)
