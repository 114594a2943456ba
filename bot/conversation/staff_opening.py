"""One client opened in a staff chat: why they wait, and only then their last words."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from bot.caseload.alerts import is_alarming
from bot.caseload.errors import NoSuchClient
from bot.caseload.models.conversation import Conversation, Handoff, Message, Mode
from bot.caseload.models.people import Client, Staff
from bot.caseload.models.staff_chats import StaffButton
from bot.caseload.staff_buttons import StaffButtonSpec
from bot.caseload.store import Case
from bot.conversation import linking
from bot.conversation.escalation import acknowledge_and_say, danger_shown, mark_of
from bot.conversation.reasons import say_reason
from bot.conversation.staff_speaking import StaffWords, Visit
from bot.safety.content import SafetyContent
from bot.spoken import short_length
from integrations.telegram.types import OutgoingButton

LINES_SHOWN = 5
#: How far back a cry is looked for.
LINES_READ = 60
#: In place of the mark of the danger, where a cry stands too far back: no danger has this one.
NOT_SHOWN = "?"


def open_client(visit: Visit, client_id: str, *, read_first: bool = False) -> None:
    """Open one client, if this person may see them now; `read_first` when they want to say "I am on it"."""
    case, staff = visit.case, visit.staff
    case.staff_focus.close(staff)
    try:
        client = case.clients.get_for(staff, client_id)
    except NoSuchClient:
        visit.say("not_yours")
        return
    handoffs = [one for one in case.handoffs.waiting_for(staff) if one.client_id == client.id]
    conversation = _chat_of(case, client, handoffs)
    if conversation is None:
        visit.say("no_chat", client)
        return
    # Before the words are read: a cry that comes now is one that was not shown.
    danger = danger_shown(case, client)
    newest = case.transcript.newest(conversation, LINES_READ)
    alarm = next((one for one in handoffs if is_alarming(one)), None)
    cries = case.safety_events.waiting_behind(alarm.id) if alarm else set()
    lines, is_whole = _last_lines(visit, client, newest, cries)
    if not is_whole:
        # What was not shown is not acknowledged, whatever they do here.
        danger = NOT_SHOWN
    case.staff_focus.open(
        staff,
        conversation,
        danger=danger,
        shown=newest[-1].id if newest else 0,
        holds=has_it(staff, conversation),
    )
    if handoffs:
        case.handoffs.mark_seen(staff, handoffs[0])
    case.audit.record(
        "conversation viewed in Telegram", staff_id=staff.id, client_id=client.id, subject=conversation.id
    )
    head = [_head(visit, conversation, handoffs)]
    if linking.waits_for_consent(case, conversation):
        head.append(visit.words.say("no_consent_yet", client_label=visit.label(client)))
    if alarm is not None and not is_whole:
        head.append(visit.words.say("more_before"))
    elif alarm is not None and read_first:
        head.append(visit.words.say("read_first", button=visit.words.buttons["on_it"]))
    text = "\n".join([*head, "", *(lines or [visit.words.say("no_words")])])
    visit.show(text, client, choices(visit, conversation, danger, alarms=alarm is not None and is_whole))


def choices(visit: Visit, conversation: Conversation, danger: str, *, alarms: bool) -> list[StaffButtonSpec]:
    """Return what can be done about the open client, as it stands now."""
    does = ["on_it"] if alarms else []
    if has_it(visit.staff, conversation):
        does += ["hand_back"]
    elif conversation.mode != Mode.PERSON:
        does += ["take_over", "answer_once"]
    return [
        visit.button(
            one,
            conversation.client,
            conversation_id=conversation.id,
            epoch=conversation.epoch,
            danger=danger,
        )
        for one in [*does, "back"]
    ]


def say_on_it(visit: Visit, content: SafetyContent, button: StaffButton) -> None:
    """Acknowledge what stood above the button, and nothing that came after it."""
    case, staff = visit.case, visit.staff
    try:
        client = case.clients.get_for(staff, button.client_id)
    except NoSuchClient:
        visit.say("not_yours")
        return
    seen = button.danger or ""
    was_first = acknowledge_and_say(case, content, staff, client, seen)
    focus = case.staff_focus.current(staff)
    if focus is not None and focus.conversation.client_id == client.id:
        focus.danger_seen = seen
        case.staff_focus.stay(focus)
    if not tell_danger_news(visit, client, seen):
        visit.say("on_it" if was_first else "on_it_already", client)


def tell_danger_news(visit: Visit, client: Client, seen: str) -> bool:
    """Tell this person that an alarm goes on which they have not seen; return whether one does."""
    alarms = [one for one in visit.case.handoffs.open_for(client) if is_alarming(one)]
    if all(mark_of(one) == seen for one in alarms):
        return False
    visit.say("danger_news", client, [visit.button("open", client)])
    return True


def buttons_of_alert(
    case: Case, words: StaffWords, staff: Staff, client_id: str
) -> tuple[OutgoingButton, ...]:
    """Return the buttons under an alert to somebody's own Telegram, if they read clients there.

    Whether they may see the client is asked when they press, and not now.
    """
    if not case.staff.may_read_in_telegram(staff):
        return ()
    specs = [StaffButtonSpec(words.buttons[does], does, client_id) for does in ("open", "on_it_first")]
    offered = case.staff_buttons.offer(staff, specs)
    return tuple(OutgoingButton(one["label"], one["token"]) for one in offered)


def is_alarmed(case: Case, client: Client) -> bool:
    """Return whether people are being alerted about this client, and nobody is on it."""
    return any(is_alarming(one) for one in case.handoffs.open_for(client))


def has_it(staff: Staff, conversation: Conversation) -> bool:
    """Return whether this person has the chat."""
    return conversation.mode == Mode.PERSON and conversation.held_by_id == staff.id


def who_has(visit: Visit, conversation: Conversation) -> str:
    """Say who has the chat, to the person who asks."""
    if conversation.mode != Mode.PERSON:
        return visit.words.say("has_bot")
    if has_it(visit.staff, conversation):
        return visit.words.say("has_you")
    holder = conversation.held_by
    name = holder.first_name if holder else visit.words.authors["colleague"]
    return visit.words.say("has_other", name=name)


def _chat_of(case: Case, client: Client, handoffs: Sequence[Handoff]) -> Conversation | None:
    """Return the chat that the most urgent thing came from, or the one that the client used last."""
    linked = case.conversations.of_client(client)
    asked_in = handoffs[0].conversation_id if handoffs else None
    return next((one for one in linked if one.id == asked_in), next(iter(linked), None))


def why_and_how_long(visit: Visit, handoff: Handoff, worked: int) -> tuple[str, str]:
    """Say why somebody waits, and how long by now; `worked` is in seconds of working time.

    What is urgent waits by the clock on the wall: at night, working time would make little of it.
    """
    why = say_reason(handoff.reason, handoff.subject)
    if handoff.asked_count > 1:
        why = visit.words.say("asked_often", why=why, count=str(handoff.asked_count))
    if handoff.urgency == "now" or handoff.reason == "safety":
        passed = visit.case.clock.now() - handoff.waiting_since
        return why, short_length(int(passed.total_seconds()))
    return why, visit.words.say("worked", long=short_length(worked))


def _head(visit: Visit, conversation: Conversation, handoffs: Sequence[Handoff]) -> str:
    case, reason = visit.case, visit.words.say("no_reason")
    if handoffs:
        worked = case.working_time.seconds_waited(handoffs[:1], case.clock.now())
        why, long = why_and_how_long(visit, handoffs[0], worked[handoffs[0].id])
        reason = visit.words.say("waits", why=why, long=long)
    client = conversation.client
    return visit.words.say(
        "client", label=visit.label(client), reason=reason, who=who_has(visit, conversation)
    )


def _last_lines(
    visit: Visit, client: Client, newest: Sequence[Message], cries: Collection[int]
) -> tuple[list[str], bool]:
    """Return the last lines, back to the first cry that nobody is on; and whether all the cries are in them.

    Our safety messages are one short line: they are long, and would push the client's words away.
    """
    said = [place for place, one in enumerate(newest) if one.author != "safety"]
    heard = {one.inbox_seq: place for place, one in enumerate(newest) if one.author == "client"}
    first = min([*said[-LINES_SHOWN:][:1], *(heard[seq] for seq in cries if seq in heard)], default=0)
    lines: list[str] = []
    for message in newest[first:]:
        line = _line(visit, client, message)
        if message.author != "safety" or line not in lines[-1:]:
            lines.append(line)
    return lines, all(seq in heard for seq in cries)


def _line(visit: Visit, client: Client, message: Message) -> str:
    authors = visit.words.authors
    if message.author == "safety":
        return visit.words.say("numbers_sent")
    if message.author == "client":
        who = visit.label(client)
    elif message.author == "person" and message.staff_id == visit.staff.id:
        who = authors["you"]
    elif message.author == "person" and message.staff is not None:
        who = message.staff.first_name
    else:
        who = authors.get(message.author, authors["colleague"])
    return f"{who}: {words_of(message)}"


def words_of(message: Message) -> str:
    """Return what was written, with the kind of what was not a text."""
    kind = "" if message.kind == "text" else f"[{message.kind.replace('_', ' ')}] "
    return f"{kind}{message.text}".strip()
