"""Who waits, in a staff chat: what the inbox lists for this person, by their labels and without a word."""

from __future__ import annotations

from bot.caseload.models.conversation import Conversation, Handoff, Mode
from bot.caseload.staff_buttons import StaffButtonSpec
from bot.conversation.staff_opening import has_it, why_and_how_long
from bot.conversation.staff_speaking import Visit

#: More lines and buttons than this nobody reads on a phone.
MOST_LISTED = 12
#: Under this name the audit keeps that a client stood in the list.
LOOKED = "waiting list seen in Telegram"


def list_waiting(visit: Visit) -> None:
    """List the open handoffs as the inbox does: the same ones, in the same order, counted the same way."""
    case, staff = visit.case, visit.staff
    total = case.overview.waiting(staff).count
    shown = case.handoffs.waiting_for(staff, MOST_LISTED)
    chats = case.conversations.of_handoffs(shown)
    worked = case.working_time.seconds_waited(shown, case.clock.now())
    lines = [_line(visit, one, chats.get(one.id), worked[one.id]) for one in shown]
    entries: dict[str, StaffButtonSpec] = {}
    for handoff in shown:
        said = f"{_mark(handoff)}{visit.label(handoff.client)}"
        entries.setdefault(handoff.client_id, StaffButtonSpec(said, "open", handoff.client_id))
    # A chat that they have is theirs to answer, though nothing in it waits at this moment.
    held = [one.client for one in case.staff_focus.held_by(staff) if one.client_id not in entries]
    entries |= {one.id: StaffButtonSpec(visit.label(one), "open", one.id) for one in held}
    _note_looks(visit, list(entries))
    if not entries:
        visit.say("nobody_waits")
        return
    text = [_head(visit, total, len(shown)), "", *lines] if shown else [visit.words.say("nobody_waits")]
    if held:
        labels = ", ".join(visit.label(one) for one in dict.fromkeys(held))
        text += ["", visit.words.say("also_yours", labels=labels)]
    visit.show("\n".join(text), buttons=list(entries.values()))


def _head(visit: Visit, total: int, listed: int) -> str:
    count = "1 thing waits" if total == 1 else f"{total} things wait"
    return visit.words.say("waiting_more" if listed < total else "waiting", count=count, shown=str(listed))


def _line(visit: Visit, handoff: Handoff, chat: Conversation | None, worked: int) -> str:
    why, long = why_and_how_long(visit, handoff, worked)
    parts = [f"{_mark(handoff)}{visit.label(handoff.client)}", why, long]
    if chat is not None and chat.mode == Mode.PERSON:
        name = chat.held_by.first_name if chat.held_by else visit.words.authors["colleague"]
        parts.append(
            visit.words.say("listed_yours" if has_it(visit.staff, chat) else "listed_has", name=name)
        )
    elif handoff.status == "seen":
        parts.append(visit.words.say("listed_seen"))
    return " · ".join(parts)


def _mark(handoff: Handoff) -> str:
    return "❗ " if handoff.urgency == "now" else ""


def _note_looks(visit: Visit, client_ids: list[str]) -> None:
    """Leave a line about each client who is listed, one an hour, as the inbox does."""
    audit, staff = visit.case.audit, visit.staff
    fresh = audit.not_noted(LOOKED, staff.id, client_ids)
    if fresh:
        audit.note_looks(LOOKED, staff.id, fresh)
    elif not client_ids:
        audit.record(LOOKED, staff_id=staff.id)
