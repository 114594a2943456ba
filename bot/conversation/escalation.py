"""Who is told that somebody may be in danger, in which order, and when that stops."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog

from bot.caseload.absences import enabled
from bot.caseload.alerts import URGENT, alarm_key, alarm_of, channels_of, is_alarming
from bot.caseload.models.conversation import Conversation, Handoff, Mode
from bot.caseload.models.people import Client, Staff
from bot.caseload.models.queues import Timer
from bot.caseload.models.safety import Alert
from bot.caseload.safety_events import SCREEN_FAILED
from bot.caseload.store import Case
from bot.conversation.speaking import queue
from bot.conversation.wording import Said
from bot.safety.content import SafetyContent
from bot.safety.routes import Route, rank_of

logger = structlog.get_logger(__name__)

TIMER = "escalate"
#: Whose turn it is, one after the other. A step with nobody in it falls through to the next at once.
STEPS = ("consultant", "cover", "duty", "everyone")
#: Not a step but the moment at which the service opens and all of them ring anew.
OPENING = "opening"
#: How long after the alarm each step rings while nobody is on it; the consultant is alerted at once.
IN_HOURS = {"cover": timedelta(minutes=5), "duty": timedelta(minutes=10), "everyone": timedelta(minutes=15)}
#: Out of hours people on duty, where a service has them, are alerted at once as well.
OUT_OF_HOURS = {"everyone": timedelta(minutes=15)}
#: A cry in an alarm that nobody is on may ring again; but not for each short message of one thought.
ROUND_EVERY = timedelta(minutes=5)


@dataclass(frozen=True)
class Reach:
    """First names of who is told about a client at once, or has been told already."""

    people: tuple[str, ...] = ()
    #: Those who are told because they are on duty while the service is closed.
    on_duty: tuple[str, ...] = ()


@dataclass(frozen=True)
class Escalation:
    """The ladder of alerts; `by_mail` says whether this install can send mail.

    While nobody is on it, it is climbed anew each time the service opens: what rang at night rings again. So
    it is when the client cries out again and everybody was told already, or another sort of hours has begun,
    or what they write now is worse. Each climb is a round.
    """

    by_mail: bool = False

    def start(
        self, case: Case, handoff: Handoff, route: Route = Route.CRISIS, kind: str | None = None
    ) -> None:
        """Raise the alarm, in the transaction that opens the handoff, or asks again.

        One that goes on rings anew only for a new round; `route` and `kind` say what was read now.
        """
        again = ""
        if is_alarming(handoff):
            if not self._is_new_round(case, handoff, rank_of(route, kind)):
                return
            again = f"r{handoff.asked_count}:"
        client = handoff.client
        in_hours = case.services.open_time(client).in_hours
        case.handoffs.note_escalated(handoff)
        self._alert(case, handoff, "consultant", again)
        if not in_hours and case.staff.with_role(client.service, "duty"):
            self._alert(case, handoff, "duty", again)
        self._set_ladder(case, handoff, IN_HOURS if in_hours else OUT_OF_HOURS, again)
        self._ring_at_opening(case, handoff)

    def _is_new_round(self, case: Case, handoff: Handoff, rank: tuple[int, int]) -> bool:
        if self._is_spent(case, handoff):
            return True
        before = [rank_of(Route(route), kind) for route, kind in case.safety_events.read_behind(handoff.id)]
        is_worse = bool(before) and rank < min(before)
        return is_worse and case.clock.now() - _round_began(case, handoff) >= ROUND_EVERY

    def _is_spent(self, case: Case, handoff: Handoff) -> bool:
        """Return whether the round has rung everybody, or was climbed by the rules of other hours."""
        began = _round_began(case, handoff)
        if case.clock.now() - began < ROUND_EVERY:
            return False
        coming = case.timers.waiting(f"{TIMER}:{alarm_key(handoff)}")
        if all(timer.payload["step"] == OPENING for timer in coming):
            return True
        times = case.services
        return times.open_time(handoff.client, began).in_hours != times.open_time(handoff.client).in_hours

    def _set_ladder(
        self, case: Case, handoff: Handoff, ladder: Mapping[str, timedelta], again: str = ""
    ) -> None:
        for step, after in ladder.items():
            self._set(case, handoff, step, case.clock.now() + after, again)

    def _ring_at_opening(self, case: Case, handoff: Handoff) -> None:
        opens_at = case.services.next_opening(handoff.client)
        if opens_at is not None:
            self._set(case, handoff, OPENING, opens_at, f"{opens_at:%Y%m%d%H%M}:")

    def _set(self, case: Case, handoff: Handoff, step: str, at: datetime, again: str) -> None:
        case.timers.set(
            f"{TIMER}:{alarm_key(handoff)}{again}{step}",
            TIMER,
            at,
            client_id=handoff.client_id,
            payload={"handoff": handoff.id, "alarm": alarm_of(handoff), "step": step, "again": again},
        )

    def ring_new_consultant(self, case: Case, client: Client) -> None:
        """Alert whoever is the client's consultant from now on as well, while an alarm goes on."""
        for handoff in case.handoffs.open_for(client):
            if is_alarming(handoff):
                # Short, because it becomes a part of keys that already hold two ids.
                again = f"to{str(client.consultant_id)[:8]}:"
                self._set(case, handoff, "consultant", case.clock.now(), again)

    def ring(self, case: Case, timer: Timer) -> None:
        """Alert the next people, unless somebody is on it."""
        handoff = case.handoffs.find(str(timer.payload["handoff"]))
        if handoff is None or not is_alarming(handoff) or alarm_of(handoff) != timer.payload["alarm"]:
            return
        step, again = str(timer.payload["step"]), str(timer.payload.get("again", ""))
        logger.warning("nobody is on it yet", handoff_id=handoff.id, step=step)
        if step == OPENING:
            self._set_ladder(case, handoff, IN_HOURS, again)
            self._ring_at_opening(case, handoff)
            step = "consultant"
        self._alert(case, handoff, step, again)

    def reach(self, case: Case, client: Client) -> Reach:
        """Return who was told about this client's danger in this round, or would be at once; maybe nobody."""
        in_hours = case.services.open_time(client).in_hours
        alarm = next((one for one in case.handoffs.open_for(client) if is_alarming(one)), None)
        if alarm is not None and not self._is_spent(case, alarm):
            told = _told_in_round(case, alarm)
        else:
            told = _next_people(case, client, "consultant")[1]
            if not in_hours:
                told = told + case.staff.with_role(client.service, "duty")
        people = {staff.id: staff for staff in told}.values()
        on_duty = [] if in_hours else [staff for staff in people if staff.role == "duty"]
        others = [staff for staff in people if staff not in on_duty]
        return Reach(_first_names(others), _first_names(on_duty))

    def _alert(self, case: Case, handoff: Handoff, step: str, again: str = "") -> None:
        reached, people = _next_people(case, handoff.client, step)
        if not people:
            logger.error("there is nobody to alert", handoff_id=handoff.id, step=step)
        for staff in people:
            case.alerts.queue(handoff, staff, reached, self._channels(staff), again)
        if step == "cover":
            for staff in _people(case, handoff.client, "consultant"):
                case.alerts.queue(handoff, staff, "cover", self._channels(staff), again)

    def _channels(self, staff: Staff) -> list[str]:
        return channels_of(staff, by_mail=self.by_mail)


def danger_shown(case: Case, client: Client) -> str:
    """Return a mark of the danger that a page about this client shows: it changes with each cry."""
    return next((mark_of(one) for one in case.handoffs.open_for(client) if one.reason == "safety"), "")


def mark_of(handoff: Handoff) -> str:
    """Return a mark of a safety handoff as it stands now: one cry more makes another one."""
    return f"{handoff.id}.{handoff.asked_count}"


def acknowledge(case: Case, staff: Staff, client: Client, seen: str) -> list[Handoff]:
    """Note that this person is on it, and stop the alerts; return the alarms that this ends.

    `seen` is the mark of what they had before their eyes. Danger that came after it goes on alarming.
    """
    ended = []
    for handoff in case.handoffs.open_for(client):
        locked = case.handoffs.find(handoff.id, lock=True) if is_alarming(handoff) else None
        if locked is None or not is_alarming(locked) or mark_of(locked) != seen:
            continue
        # Before it is noted: the keys of an alarm hold its number.
        case.timers.cancel(f"{TIMER}:{alarm_key(locked)}")
        case.alerts.drop_waiting(locked)
        case.handoffs.note_acknowledged(staff, locked)
        case.audit.record("alarm acknowledged", staff_id=staff.id, client_id=client.id, subject=locked.id)
        ended.append(locked)
    if danger_shown(case, client) in {seen, ""}:
        case.safety_events.acknowledge(staff, client)
    return ended


def acknowledge_and_say(case: Case, content: SafetyContent, staff: Staff, client: Client, seen: str) -> bool:
    """Acknowledge, and tell the client once who is on it; return whether an alarm ended."""
    ended = acknowledge(case, staff, client, seen)
    for handoff in ended:
        kinds = case.safety_events.kinds_of(handoff.id)
        conversation = _chat_of(case, handoff)
        if conversation is None or content.is_quiet(kinds) or _is_with(conversation, staff):
            continue
        if kinds == {SCREEN_FAILED}:
            # The client was told of no alarm.
            continue
        said = content.on_it(staff.first_name, client.region)
        # With the number that the alarm had: one sentence for each.
        key = f"seen:{handoff.id}:{alarm_of(handoff) - 1}"
        queue(case, conversation, Said(said.text), key=key, origin="safety", staff=staff)
    return bool(ended)


def _round_began(case: Case, handoff: Handoff) -> datetime:
    """Return when the ladder was climbed last: for a cry, or because the service opened."""
    began = [event.at for event in handoff.events if event.what == "escalated"]
    openings: dict[str, datetime] = {}
    for alert in case.alerts.of_alarm(handoff):
        again = alert.key.removeprefix(alarm_key(handoff)).split(":")[0]
        # The rounds of an opening are named after its time.
        if again.isdigit():
            openings.setdefault(again, alert.created_at)
    return max([*began, *openings.values()])


def _told_in_round(case: Case, handoff: Handoff) -> list[Staff]:
    """Return whom an alert of this round has reached or may still reach."""
    return [staff for staff, ways in _alerts_in_round(case, handoff) if not _are_dead(ways)]


def _alerts_in_round(case: Case, handoff: Handoff) -> list[tuple[Staff, list[Alert]]]:
    began = _round_began(case, handoff)
    found: dict[str, list[Alert]] = {}
    for alert in case.alerts.of_alarm(handoff):
        if alert.created_at >= began:
            found.setdefault(alert.staff_id, []).append(alert)
    return [(ways[0].staff, ways) for ways in found.values()]


def _are_dead(ways: list[Alert]) -> bool:
    """Return whether nothing that was sent to somebody can arrive; the console alone is no sending."""
    sent = [alert for alert in ways if alert.channel != "console"]
    return bool(sent) and all(alert.status == "dead" for alert in sent)


def hurry_next_step(case: Case, alert: Alert) -> None:
    """Ring the next step at once when an alert has died, and with it all of its step and of later ones."""
    handoff = case.handoffs.find(alert.handoff_id) if alert.handoff_id else None
    if handoff is None or alert.about != URGENT or not is_alarming(handoff):
        return
    place = STEPS.index(alert.step)
    for _, ways in _alerts_in_round(case, handoff):
        later = [one for one in ways if STEPS.index(one.step) >= place]
        if later and not _are_dead(later):
            return
    for timer in case.timers.waiting(f"{TIMER}:{alarm_key(handoff)}"):
        step = str(timer.payload["step"])
        if step != OPENING and STEPS.index(step) > place:
            logger.warning(
                "an alert reaches nobody: the next step rings now", handoff_id=handoff.id, step=step
            )
            case.timers.put_off(timer, case.clock.now())
            return


def _next_people(case: Case, client: Client, step: str) -> tuple[str, list[Staff]]:
    """Return the first step from this one on that has people in it, with them."""
    for name in STEPS[STEPS.index(step) :]:
        if people := _people(case, client, name):
            return name, people
    return step, []


def _people(case: Case, client: Client, step: str) -> list[Staff]:
    if step == "consultant":
        # While the consultant is away, whoever stands in.
        reader = case.working_time.stands_in(client) if enabled(client.consultant) else None
        return [reader] if reader else []
    if step == "cover":
        cover = enabled(client.cover)
        return [cover] if cover else []
    if step == "duty":
        on_duty = case.staff.with_role(client.service, "duty")
        return on_duty or case.staff.with_role(client.service, "lead")
    return case.staff.with_role(client.service, "lead", "manager")


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
