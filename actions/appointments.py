"""Appointments: what is next, ask for one, move it, say that you cannot come."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from rasa_sdk.events import FollowupAction, SlotSet
from rasa_sdk.interfaces import Tracker

from actions.appointment_words import later_words, say_appointment
from actions.base import Event, FlowAction, Speaker, TurnFacts, entity, leave_form, slot, turn_facts, words_of
from actions.earlier import intent_before, take_again
from actions.honest_time import say_when_it_is_read
from actions.second_matter import also_asks_for_jobs
from actions.words import WantedTime, each_day, wanted_time
from bot.caseload.errors import TimeNotFree
from bot.spoken import clock_words, day_words, when_words

if TYPE_CHECKING:
    from bot.caseload.models.people import Client
    from bot.caseload.models.plan import Appointment
    from bot.caseload.store import Case

#: After these "when?" is about the person who was asked for.
ASKED_A_PERSON = frozenset(
    {"request_call", "request_person", "ask_consultant", "send_question", "ask_if_monitored"}
)
#: In the slot appointment_id: a new appointment is asked for.
NEW = "new"


class ActionSayNextAppointment(FlowAction):
    """Say when, where and with whom the next appointment is, and how certain it is."""

    writes = False

    def act(self, dispatcher: Speaker, tracker: Tracker, case: Case) -> list[Event]:
        """Say it, and what comes after it."""
        facts = turn_facts(tracker, self.services.clock)
        client = case.clients.for_conversation(tracker.sender_id)
        coming = case.appointments.upcoming_for(client)
        if not coming:
            dispatcher.utter_message(response="utter_no_appointment")
            return []
        first, *later = coming
        if later:
            # First what comes after: the buttons belong to the next one, so it is said last.
            after = later_words(dispatcher, later[:3], facts)
            dispatcher.utter_message(response="utter_later_appointments", appointments=after)
        say_appointment(dispatcher, case, client, first, facts)
        return []


class ActionPrepareRequest(FlowAction):
    """Start asking for a new appointment, with the time that the message names."""

    writes = False

    def act(self, dispatcher: Speaker, tracker: Tracker, case: Case) -> list[Event]:  # noqa: ARG002
        """Clear what was left over and keep the wish."""
        facts = turn_facts(tracker, self.services.clock)
        # The button of a time from an older offer: that time is offered again if it is still free.
        pressed = wanted_time(entity(tracker, "starts_at"), facts.zone)
        return _start("ask", NEW, pressed or next(iter(heard_times(tracker, facts)), None))


class ActionPrepareMove(FlowAction):
    """Start moving an appointment: which one, and where to, as far as the message says."""

    writes = False

    def act(self, dispatcher: Speaker, tracker: Tracker, case: Case) -> list[Event]:
        """Find the appointment; with none, say so and stop there."""
        facts = turn_facts(tracker, self.services.clock)
        coming = case.appointments.upcoming_for(case.clients.for_conversation(tracker.sender_id))
        if not coming:
            dispatcher.utter_message(response="utter_no_appointment_to_move")
            return [*leave_form(), FollowupAction("action_listen")]
        times = heard_times(tracker, facts)
        meant = _meant(coming, times, tracker)
        # "Move Thursday to Friday": a time that has an appointment says which, the other says where to.
        wishes = [time for time in times if not any(time.holds(each.starts_at) for each in coming)]
        wish = wishes[-1] if wishes else _after_to(tracker, times)
        return _start("move", meant.id if meant else None, wish)


class ActionPrepareCancel(FlowAction):
    """Start cancelling: find out which appointment is meant."""

    writes = False

    def act(self, dispatcher: Speaker, tracker: Tracker, case: Case) -> list[Event]:
        """Find the appointment; with none, say so and stop there."""
        facts = turn_facts(tracker, self.services.clock)
        coming = case.appointments.upcoming_for(case.clients.for_conversation(tracker.sender_id))
        if not coming:
            dispatcher.utter_message(response="utter_no_appointment_to_cancel")
            return [*leave_form(), FollowupAction("action_listen")]
        if also_asks_for_jobs(words_of(tracker)):
            dispatcher.utter_message(response="utter_also_jobs")
        meant = _meant(coming, heard_times(tracker, facts), tracker)
        return _start(None, meant.id if meant else None, None)


class ActionRequestAppointment(FlowAction):
    """Ask the consultant for the chosen time; they decide, and the client hears that."""

    def act(self, dispatcher: Speaker, tracker: Tracker, case: Case) -> list[Event]:
        """Write the request; a time that somebody else just took leads back to the choice."""
        chosen = tracker.get_slot("appointment_time")
        if not chosen:
            return []
        facts = turn_facts(tracker, self.services.clock)
        client = case.clients.for_conversation(tracker.sender_id)
        starts_at = datetime.fromisoformat(chosen)
        try:
            self._ask_for(dispatcher, tracker, case, client, starts_at, facts)
        except TimeNotFree:
            dispatcher.utter_message(response="utter_time_gone")
            again = [
                SlotSet("appointment_time", None),
                SlotSet("offered", None),
                SlotSet("wanted_time", None),
            ]
            return [*again, FollowupAction("appointment_form")]
        return _start(None, None, None)

    def _ask_for(
        self,
        dispatcher: Speaker,
        tracker: Tracker,
        case: Case,
        client: Client,
        starts_at: datetime,
        facts: TurnFacts,
    ) -> None:
        day, time = day_words(starts_at, facts.zone), clock_words(starts_at, facts.zone)
        if tracker.get_slot("appointment_change") == "move":
            moved = case.appointments.request_move(client, slot(tracker, "appointment_id"), starts_at)
            old = when_words(moved.starts_at, facts.zone)
            dispatcher.utter_message(response="utter_move_requested", day=day, time=time, old=old)
        else:
            case.appointments.request(client, starts_at, via="bot")
            dispatcher.utter_message(response="utter_appointment_requested", day=day, time=time)


class ActionCancelAppointment(FlowAction):
    """Cancel the appointment, or keep it, as the client decided."""

    def act(self, dispatcher: Speaker, tracker: Tracker, case: Case) -> list[Event]:
        """Do what was confirmed; a form that was left changes nothing."""
        confirmed, appointment_id = tracker.get_slot("cancel_confirmed"), tracker.get_slot("appointment_id")
        if confirmed is None or not appointment_id:
            return []
        facts = turn_facts(tracker, self.services.clock)
        client = case.clients.for_conversation(tracker.sender_id)
        if confirmed:
            appointment = case.appointments.cancel_by_client(client, appointment_id)
        else:
            appointment = case.appointments.get_for_client(client, appointment_id)
        dispatcher.utter_message(
            response="utter_appointment_cancelled" if confirmed else "utter_appointment_kept",
            day=day_words(appointment.starts_at, facts.zone),
            time=clock_words(appointment.starts_at, facts.zone),
        )
        return _start(None, None, None)


class ActionPassOnLate(FlowAction):
    """Tell the consultant at once that the client is late."""

    def act(self, dispatcher: Speaker, tracker: Tracker, case: Case) -> list[Event]:
        """Open a handoff for now: somebody is waiting."""
        return _pass_on_late(dispatcher, tracker, case)


class ActionHearTime(FlowAction):
    """Make something of a day or time that nothing asked for, from what was said before it."""

    def act(self, dispatcher: Speaker, tracker: Tracker, case: Case) -> list[Event]:
        """Say how late, say when, or ask what the time is for."""
        if intent_before(tracker) == "run_late":
            return _pass_on_late(dispatcher, tracker, case)
        named = list(tracker.get_latest_entity_values("time"))
        if named and all(value is None for value in named):
            dispatcher.utter_message(response="utter_no_such_day")
        elif not named and re.match(
            r"\W*(?:so |but |and |ok )?(?:when|wen|what time)\b", words_of(tracker), re.I
        ):
            if intent_before(tracker) not in ASKED_A_PERSON:
                return take_again(tracker, "ask_next_appointment")
            say_when_it_is_read(dispatcher, case, case.clients.for_conversation(tracker.sender_id))
        else:
            dispatcher.utter_message(response="utter_time_for_what")
        return []


def _pass_on_late(dispatcher: Speaker, tracker: Tracker, case: Case) -> list[Event]:
    client = case.clients.for_conversation(tracker.sender_id)
    case.handoffs.open(client, words_of(tracker), "appointment", urgency="now")
    dispatcher.utter_message(response="utter_late_passed_on")
    return []


def heard_times(tracker: Tracker, facts: TurnFacts) -> list[WantedTime]:
    """Return the times that the client's message names, in the order they were written."""
    values: Iterable[object] = tracker.get_latest_entity_values("time")
    if not words_of(tracker):
        # "Thursday" - "What is it for?" - a button: the day is in the message before the button.
        values = _times_before(tracker)
    times = [time for value in values if (time := wanted_time(value, facts.zone)) is not None]
    # "Afternoons only": that part of every day ahead.
    named = [str(value) for value in tracker.get_latest_entity_values("recurring")]
    # The same words are heard as quiet outside that part ("T18:00/T12:00"): turned round, it is the wish.
    quiet = [str(value).partition("/") for value in tracker.get_latest_entity_values("quiet_time")]
    named += [f"{ends}/{starts}" for starts, _, ends in quiet if ends < starts]
    parts = [each_day(value, facts.now, facts.zone) for value in named]
    return times or [part for part in parts if part is not None]


def _times_before(tracker: Tracker) -> list[object]:
    said = [event["parse_data"] for event in tracker.events if event.get("event") == "user"]
    if len(said) < 2 or (said[-2].get("intent") or {}).get("name") != "inform_time":
        return []
    return [each.get("value") for each in said[-2].get("entities") or [] if each.get("entity") == "time"]


def held_wish(tracker: Tracker, facts: TurnFacts) -> WantedTime | None:
    """Return the span in which the client wants the appointment, as the slot holds it."""
    return wanted_time(tracker.get_slot("wanted_time"), facts.zone)


def _start(change: str | None, appointment_id: str | None, wish: WantedTime | None) -> list[Event]:
    slots = {
        "appointment_change": change,
        "appointment_id": appointment_id,
        "wanted_time": wish.as_slot() if wish else None,
        "appointment_time": None,
        "cancel_confirmed": None,
        "offered": None,
        "declined_times": None,
        "form_misses": 0,
        "requested_slot": None,
    }
    return [SlotSet(name, value) for name, value in slots.items()]


def _meant(
    coming: Sequence[Appointment], times: Sequence[WantedTime], tracker: Tracker
) -> Appointment | None:
    if len(coming) == 1:
        return coming[0]
    named = [each for each in coming if any(time.holds(each.starts_at) for time in times)]
    if len(named) == 1:
        return named[0]
    # "Move it", pressed or said while that one is being cancelled.
    if tracker.active_loop_name is not None:
        held = tracker.get_slot("appointment_id")
        return next((each for each in coming if each.id == held), None)
    return None


def _after_to(tracker: Tracker, times: Sequence[WantedTime]) -> WantedTime | None:
    """Return the time that follows the word "to" ("move it to Thursday", later on the same day)."""
    text = words_of(tracker)
    starts = [
        each["start"]
        for each in tracker.latest_message.get("entities") or []
        if each.get("entity") == "time" and isinstance(each.get("start"), int)
    ]
    follows = bool(starts) and text[: starts[-1]].casefold().rstrip().endswith(" to")
    return times[-1] if follows and times else None
