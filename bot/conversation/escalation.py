"""Who is told that somebody may be in danger, in which order, and when that stops."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

import structlog

from bot.caseload.alerts import alarm_key, alarm_of, is_alarming
from bot.caseload.models.conversation import Conversation, Handoff, Mode
from bot.caseload.models.people import Client, Staff
from bot.caseload.models.queues import Timer
from bot.caseload.store import Case
from bot.conversation.speaking import queue
from bot.conversation.wording import Said
from bot.safety.content import SafetyContent

logger = structlog.get_logger(__name__)

TIMER = "escalate"
#: Whose turn it is, one after the other. A step with nobody in it falls through to the next at once.
STEPS = ("consultant", "cover", "duty", "everyone")
#: How long after the alarm each step rings while nobody is on it; the consultant is alerted at once.
IN_HOURS = {"cover": timedelta(minutes=5), "duty": timedelta(minutes=10), "everyone": timedelta(minutes=15)}
#: Out of hours people on duty, where a service has them, are alerted at once as well.
OUT_OF_HOURS = {"everyone": timedelta(minutes=15)}


@dataclass(frozen=True)
class Reach:
    """First names of who is told about a client at once, or has been told already."""

    people: tuple[str, ...] = ()
    #: Those who are told because they are on duty while the service is closed.
    on_duty: tuple[str, ...] = ()


@dataclass(frozen=True)
class Escalation:
    """The ladder of alerts; `by_mail` says whether this install can send mail."""

    by_mail: bool = False

    def start(self, case: Case, handoff: Handoff) -> None:
        """Raise the alarm, in the transaction that opens the handoff; one that goes on already goes on."""
        if is_alarming(handoff):
            return
        client = handoff.client
        in_hours = case.services.honest_time(client).in_hours
        case.handoffs.note_escalated(handoff)
        self._alert(case, handoff, "consultant")
        if not in_hours and case.staff.with_role(client.service, "duty"):
            self._alert(case, handoff, "duty")
        for step, after in (IN_HOURS if in_hours else OUT_OF_HOURS).items():
            case.timers.set(
                f"{TIMER}:{alarm_key(handoff)}{step}",
                TIMER,
                case.clock.now() + after,
                client_id=client.id,
                payload={"handoff": handoff.id, "alarm": alarm_of(handoff), "step": step},
            )

    def ring(self, case: Case, timer: Timer) -> None:
        """Alert the next people, unless somebody is on it."""
        handoff = case.handoffs.find(str(timer.payload["handoff"]))
        if handoff is None or not is_alarming(handoff) or alarm_of(handoff) != timer.payload["alarm"]:
            return
        step = str(timer.payload["step"])
        logger.warning("nobody is on it yet", handoff_id=handoff.id, step=step)
        self._alert(case, handoff, step)

    def reach(self, case: Case, client: Client) -> Reach:
        """Return who was told about this client's danger, or would be at once; it may be nobody."""
        in_hours = case.services.honest_time(client).in_hours
        alarm = next((one for one in case.handoffs.open_for(client) if is_alarming(one)), None)
        if alarm is not None:
            told = [one.staff for one in case.alerts.of_alarm(alarm)]
        else:
            told = _next_people(case, client, "consultant")[1]
            if not in_hours:
                told = told + case.staff.with_role(client.service, "duty")
        people = {staff.id: staff for staff in told}.values()
        on_duty = [] if in_hours else [staff for staff in people if staff.role == "duty"]
        others = [staff for staff in people if staff not in on_duty]
        return Reach(_first_names(others), _first_names(on_duty))

    def _alert(self, case: Case, handoff: Handoff, step: str) -> None:
        reached, people = _next_people(case, handoff.client, step)
        if not people:
            logger.error("there is nobody to alert", handoff_id=handoff.id, step=step)
        for staff in people:
            case.alerts.queue(handoff, staff, reached, self._channels(staff))
        if step == "cover":
            for staff in _people(case, handoff.client, "consultant"):
                case.alerts.queue(handoff, staff, "cover", self._channels(staff))

    def _channels(self, staff: Staff) -> list[str]:
        channels = ["console"]
        if staff.alert_chat_id is not None:
            channels.append("telegram")
        if self.by_mail:
            channels.append("email")
        return channels


def acknowledge(case: Case, staff: Staff, client: Client) -> list[Handoff]:
    """Note that this person is on it, and stop the alerts; return the alarms that this ends."""
    ended = []
    for handoff in case.handoffs.open_for(client):
        locked = case.handoffs.find(handoff.id, lock=True) if is_alarming(handoff) else None
        if locked is None or not is_alarming(locked):
            continue
        # Before it is noted: the keys of an alarm hold its number.
        case.timers.cancel(f"{TIMER}:{alarm_key(locked)}")
        case.alerts.drop_waiting(locked)
        case.handoffs.note_acknowledged(staff, locked)
        case.audit.record("alarm acknowledged", staff_id=staff.id, client_id=client.id, subject=locked.id)
        ended.append(locked)
    case.safety_events.acknowledge(staff, client)
    return ended


def acknowledge_and_say(case: Case, content: SafetyContent, staff: Staff, client: Client) -> bool:
    """Acknowledge, and tell the client once who has seen their message; return whether an alarm ended."""
    ended = acknowledge(case, staff, client)
    for handoff in ended:
        kinds = case.safety_events.kinds_of(handoff.id)
        conversation = _chat_of(case, handoff)
        if conversation is None or content.is_quiet(kinds) or _is_with(conversation, staff):
            continue
        said = content.seen(staff.first_name, client.region)
        # With the number that the alarm had: one sentence for each.
        key = f"seen:{handoff.id}:{alarm_of(handoff) - 1}"
        queue(case, conversation, Said(said.text), key=key, origin="safety", staff=staff)
    return bool(ended)


def _next_people(case: Case, client: Client, step: str) -> tuple[str, list[Staff]]:
    """Return the first step from this one on that has people in it, with them."""
    for name in STEPS[STEPS.index(step) :]:
        if people := _people(case, client, name):
            return name, people
    return step, []


def _people(case: Case, client: Client, step: str) -> list[Staff]:
    if step == "consultant":
        return _enabled(client.consultant)
    if step == "cover":
        return _enabled(client.cover)
    if step == "duty":
        on_duty = case.staff.with_role(client.service, "duty")
        return on_duty or case.staff.with_role(client.service, "lead")
    return case.staff.with_role(client.service, "lead", "manager")


def _enabled(staff: Staff | None) -> list[Staff]:
    return [staff] if staff is not None and staff.disabled_at is None else []


def _first_names(people: list[Staff]) -> tuple[str, ...]:
    return tuple(staff.first_name for staff in people)


def _chat_of(case: Case, handoff: Handoff) -> Conversation | None:
    known = case.conversations.find(handoff.conversation_id) if handoff.conversation_id else None
    if known is not None and known.unlinked_at is None:
        return known
    return case.conversations.primary_for(handoff.client)


def _is_with(conversation: Conversation, staff: Staff) -> bool:
    """Return whether this person has the chat: the client was told so when they took it."""
    return conversation.mode == Mode.PERSON and conversation.held_by_id == staff.id
