"""A client gets another consultant, or their consultant leaves: who is told, and who has the chat."""

from __future__ import annotations

from bot.caseload.errors import SomeoneWasFaster
from bot.caseload.models.conversation import Conversation
from bot.caseload.models.people import Client, Staff
from bot.caseload.models.queues import Timer
from bot.caseload.moves import Moved
from bot.caseload.store import Case
from bot.caseload.waits import NO_CONSULTANT
from bot.conversation.escalation import Escalation
from bot.conversation.linking import has_consent
from bot.conversation.speaking import say_to
from bot.conversation.wording import Wording

TIMER = "consultant_changed"
#: Reasons of handoffs: a chat was left behind, or only the consultant changed.
MOVED, NEW_CLIENT = "moved", "new_client"


class AlreadyTheirs(Exception):
    """The client has this consultant already; nothing was changed."""


def move_client(case: Case, words: Wording, by: Staff, client_id: str, to: Staff, seen: str | None) -> Moved:
    """Give a client another consultant, and tell both the client and the new consultant.

    `seen` is the id of the consultant whom the page showed. Raises NoSuchClient, AlreadyTheirs, or
    SomeoneWasFaster when somebody else moved them since.
    """
    client = case.moves.lock(by, client_id)
    if client.consultant_id == to.id:
        raise AlreadyTheirs(client_id)
    if client.consultant_id != seen:
        raise SomeoneWasFaster(client_id)
    before = client.consultant
    held = case.moves.held_by(before, client) if before else []
    moved = case.moves.move(client, to)
    left = [one for one in held if before is not None and _leave(case, words, before, one)]
    if left:
        case.handoffs.let_go(by, client)
    not_told = _tell_client(case, words, moved)
    _tell_consultant(case, moved, left, not_told)
    # The new consultant has other hours, and another cover.
    case.waits.set_anew_of(client)
    case.handoffs.close_by_itself(client, NO_CONSULTANT, f"{to.name} is the consultant now")
    Escalation().ring_new_consultant(case, client)
    case.audit.record("moved to another consultant", staff_id=by.id, client_id=client.id, subject=to.id)
    return moved


def tell_of_new_client(case: Case, by: Staff, client: Client) -> None:
    """Tell a consultant that somebody was taken on for them, unless they did it themselves."""
    if client.consultant is not None and client.consultant_id != by.id:
        text = f"{by.name} took {client.preferred_name} on, and {client.preferred_name} is your client now."
        case.handoffs.open(client, text, NEW_CLIENT)


def leave_chats(case: Case, words: Wording, by: Staff, staff: Staff) -> int:
    """Let the chats that this person has and may not see any more wait for a person; return how many.

    For somebody whose account was closed, or who got another role.
    """
    left = 0
    for conversation in case.moves.may_not_see(staff, case.moves.held_by(staff)):
        if not _leave(case, words, staff, conversation):
            continue
        left += 1
        client = conversation.client
        text = f"{staff.name} had the chat with {client.preferred_name} and cannot go on with it."
        case.handoffs.open(client, text, MOVED, "today").handoff.conversation_id = conversation.id
        case.handoffs.let_go(by, client)
        case.audit.record(
            "chat left without a person", staff_id=by.id, client_id=client.id, subject=conversation.id
        )
    return left


def ring(case: Case, timer: Timer, *, words: Wording) -> None:
    """Tell the client after their quiet hours, if it is still so."""
    client = case.clients.find(str(timer.client_id))
    if client.consultant_id != timer.payload["to"]:
        return
    reason = _why_not(case, client)
    if reason is None:
        due = case.preferences.earliest_start(client, case.clock.now())
        if due > case.clock.now():
            case.timers.put_off(timer, due)
        else:
            _say(case, words, client, str(timer.payload["before"]), timer.key)
    else:
        case.handoffs.open(client, reason, NEW_CLIENT)


def _leave(case: Case, words: Wording, staff: Staff, conversation: Conversation) -> bool:
    if not case.moves.release(staff, conversation):
        return False
    if conversation.unreachable_at is None:
        key = f"back:{conversation.id}:{conversation.epoch}"
        name = {"staff_name": staff.first_name}
        say_to(case, words, conversation, "utter_gateway_handed_back", key=key, silent=True, values=name)
    return True


def _tell_client(case: Case, words: Wording, moved: Moved) -> str | None:
    """Say or plan to say who helps them now; return why the bot does not."""
    client, now = moved.client, case.clock.now()
    reason = _why_not(case, client)
    if reason is not None:
        return reason
    before = _names(moved)
    key = f"{TIMER}:{client.id}:{moved.to.id}:{now.isoformat()}"
    due = case.preferences.earliest_start(client, now)
    if due > now:
        payload = {"before": before, "to": moved.to.id}
        case.timers.set(key, TIMER, due, client_id=client.id, payload=payload)
    else:
        _say(case, words, client, before, key)
    return None


def _say(case: Case, words: Wording, client: Client, before: str, key: str) -> None:
    conversation, consultant = case.conversations.primary_for(client), client.consultant
    if conversation is None or consultant is None:
        return
    # Two people with one first name are told apart.
    name = consultant.name if before.partition(" ")[0] == consultant.first_name else consultant.first_name
    response = "utter_gateway_consultant_changed" if before else "utter_gateway_consultant_found"
    say_to(case, words, conversation, response, key=key, values={"staff_name": name, "before": before})


def _names(moved: Moved) -> str:
    if moved.before is None:
        return ""
    same = moved.before.first_name == moved.to.first_name
    return moved.before.name if same else moved.before.first_name


def _why_not(case: Case, client: Client) -> str | None:
    """Return why the bot starts no message to this client, in words for their consultant."""
    conversation, name = case.conversations.primary_for(client), client.preferred_name
    yourself = f"The bot did not tell {name} who helps them now. Please do it yourself"
    if conversation is None:
        return f"{yourself}: there is no chat."
    if conversation.unreachable_at is not None:
        return f"{yourself}: {name} cannot be reached on the chat."
    if not has_consent(case, conversation):
        return f"{yourself}: {name} has not agreed to chat here."
    if case.preferences.get(client).stopped_at is not None:
        return f"{yourself}: {name} asked the bot not to write."
    if case.safety_events.paused_since(client) is not None:
        return f"{yourself}: the bot starts nothing until the danger is cleared."
    return None


def _tell_consultant(case: Case, moved: Moved, left: list[Conversation], not_told: str | None) -> None:
    client, name = moved.client, moved.client.preferred_name
    whose = f"{moved.before.name}'s client" if moved.before else "nobody's client"
    lines = [f"{name} was {whose} until now."]
    if left and moved.before is not None:
        lines.append(f"{moved.before.first_name} had the chat. {name} waits for a person.")
    if moved.appointments:
        count = len(moved.appointments)
        lines.append(f"{count} {'meeting' if count == 1 else 'meetings'} moved with {name}.")
    if moved.clashes:
        lines.append(f"At the same time as another of your meetings: {len(moved.clashes)}. Please look.")
    if not_told is not None:
        lines.append(not_told)
    reason, urgency = (MOVED, "today") if left else (NEW_CLIENT, "routine")
    opened = case.handoffs.open(client, "\n".join(lines), reason, urgency)
    if left:
        # Of several chats, the one that somebody sat in.
        opened.handoff.conversation_id = left[0].id
