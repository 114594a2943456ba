"""The two forms about appointments: choosing a time, and making sure before one is cancelled."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from rasa_sdk.events import SlotSet
from rasa_sdk.interfaces import Tracker

from actions.appointments import NEW, heard_times, held_wish
from actions.base import (
    Event,
    Speaker,
    TurnFacts,
    entity,
    intent_of,
    leave_form,
    slot,
    turn_facts,
)
from actions.forms import (
    UNCLEAR,
    FormQuestion,
    ValidateForm,
    chosen_number,
    left,
    miss,
    miss_or_let_go,
    misses,
    resumes,
    take,
)
from actions.words import WantedTime
from bot.spoken import clock_words, day_words, short_when_words, when_words

if TYPE_CHECKING:
    from bot.caseload.models.people import Client
    from bot.caseload.store import Case

#: Three times and "Another time" make the four buttons that a message may have.
TIMES_OFFERED = 3
#: So far ahead times are offered.
LOOK_FURTHER = timedelta(days=21)
#: More free times than anybody has in three weeks.
MANY = 500
NEXT_WORDS = frozenset({"ask_another_time", "deny"})


class ActionAskAppointmentId(FormQuestion):
    """Ask which of several appointments is meant."""

    def ask(self, dispatcher: Speaker, tracker: Tracker, case: Case) -> list[Event]:
        """Ask, with the appointments as buttons."""
        facts = turn_facts(tracker, self.services.clock)
        coming = case.appointments.upcoming_for(case.clients.for_conversation(tracker.sender_id), limit=4)
        buttons = [
            _button(
                short_when_words(each.starts_at, facts.zone), "choose_appointment", "appointment_id", each.id
            )
            for each in coming
        ]
        dispatcher.utter_message(response="utter_ask_appointment_id", buttons=buttons)
        return [SlotSet("offered", [each.id for each in coming])]


class ActionAskAppointmentTime(FormQuestion):
    """Offer up to three free times; with none at all, say so and leave the form."""

    not_clear = None

    def ask(self, dispatcher: Speaker, tracker: Tracker, case: Case) -> list[Event]:
        """Offer what fits the wish, or what is nearest to it."""
        facts = turn_facts(tracker, self.services.clock)
        client = case.clients.for_conversation(tracker.sender_id)
        wish = held_wish(tracker, facts)
        declined = {datetime.fromisoformat(text) for text in tracker.get_slot("declined_times") or []}
        wished = _times_within(case, client, wish, declined) if wish else []
        times = wished or _nearest(case, client, wish, declined)
        if not times:
            dispatcher.utter_message(response="utter_no_free_times")
            return leave_form()
        if resumes(tracker, "appointment_time"):
            dispatcher.utter_message(response="utter_still_choosing_time")
        buttons = [
            _button(short_when_words(time, facts.zone), "choose_time", "starts_at", time.isoformat())
            for time in times
        ]
        buttons.append(
            {"title": dispatcher.label("utter_label_another_time"), "payload": "/ask_another_time"}
        )
        response, args = self._question(
            dispatcher, tracker, case, client, wish if not wished else None, facts
        )
        dispatcher.utter_message(response=response, buttons=buttons, **args)
        return [SlotSet("offered", [time.isoformat() for time in times])]

    def _question(
        self,
        dispatcher: Speaker,
        tracker: Tracker,
        case: Case,
        client: Client,
        missed_wish: WantedTime | None,
        facts: TurnFacts,
    ) -> tuple[str, dict[str, Any]]:
        if misses(tracker):
            return "utter_ask_appointment_time_again", {}
        if missed_wish is not None and not tracker.get_slot("declined_times"):
            return "utter_ask_appointment_time_nothing_then", {
                "wish": _wish_words(dispatcher, missed_wish, facts)
            }
        if tracker.get_slot("declined_times"):
            return "utter_ask_appointment_time_more", {}
        if tracker.get_slot("appointment_change") == "move":
            old = case.appointments.get_for_client(client, slot(tracker, "appointment_id"))
            return "utter_ask_appointment_time_move", {"old": when_words(old.starts_at, facts.zone)}
        return "utter_ask_appointment_time", {}


class ValidateAppointmentForm(ValidateForm):
    """Take a time that is pressed, named, or counted ("the 2nd one")."""

    def read_appointment_id(self, dispatcher: Speaker, tracker: Tracker, case: Case) -> list[Event]:  # noqa: ARG002
        """Take which appointment is meant."""
        return _read_which(tracker, case, turn_facts(tracker, self.services.clock))

    def read_appointment_time(self, dispatcher: Speaker, tracker: Tracker, case: Case) -> list[Event]:  # noqa: ARG002
        """Take a free time, or narrow the offer."""
        facts = turn_facts(tracker, self.services.clock)
        pressed = entity(tracker, "starts_at")
        if pressed:
            return take(appointment_time=pressed)
        offered = [datetime.fromisoformat(text) for text in tracker.get_slot("offered") or []]
        times = heard_times(tracker, facts)
        if times and intent_of(tracker) in _NAMES_A_TIME:
            return self._narrow(tracker, case, offered, times[-1])
        number = chosen_number(tracker, len(offered)) if intent_of(tracker) in _COUNTED else None
        if number is not None:
            return take(appointment_time=offered[number].isoformat())
        if intent_of(tracker) in NEXT_WORDS:
            declined = [*(tracker.get_slot("declined_times") or []), *(time.isoformat() for time in offered)]
            return take(declined_times=declined)
        if intent_of(tracker) == "affirm" and len(offered) == 1:
            return take(appointment_time=offered[0].isoformat())
        return miss_or_let_go(tracker)

    def _narrow(
        self, tracker: Tracker, case: Case, offered: Sequence[datetime], wish: WantedTime
    ) -> list[Event]:
        fitting = [time for time in offered if wish.holds(time)]
        if not fitting and wish.exact:
            fitting = _times_within(case, case.clients.for_conversation(tracker.sender_id), wish)
        # "Thursday" answers an offer with one time on that day; "next week" does not choose what is left.
        if len(fitting) == 1 and wish.end - wish.start <= timedelta(days=1):
            return take(appointment_time=fitting[0].isoformat())
        return take(wanted_time=wish.as_slot(), offered=None, declined_times=None)


class ActionAskCancelConfirmed(FormQuestion):
    """Make sure, with a button for each way: cancel, move, keep."""

    def ask(self, dispatcher: Speaker, tracker: Tracker, case: Case) -> list[Event]:
        """Ask about the appointment by its day and time."""
        facts = turn_facts(tracker, self.services.clock)
        client = case.clients.for_conversation(tracker.sender_id)
        appointment = case.appointments.get_for_client(client, slot(tracker, "appointment_id"))
        dispatcher.utter_message(
            response="utter_ask_cancel_confirmed",
            day=day_words(appointment.starts_at, facts.zone),
            time=clock_words(appointment.starts_at, facts.zone),
        )
        return []


class ValidateCancelAppointmentForm(ValidateForm):
    """Take which appointment, and cancel or keep; "move it" is let go to the other form."""

    def read_appointment_id(self, dispatcher: Speaker, tracker: Tracker, case: Case) -> list[Event]:
        """Take which appointment is meant; keeping it leaves the question."""
        if intent_of(tracker) in {"keep_appointment", "deny"}:
            dispatcher.utter_message(response="utter_appointment_kept_plain")
            return left()
        return _read_which(tracker, case, turn_facts(tracker, self.services.clock))

    def read_cancel_confirmed(self, dispatcher: Speaker, tracker: Tracker, case: Case) -> list[Event]:  # noqa: ARG002
        """Take a clear answer only."""
        if intent_of(tracker) in {"affirm", "cancel_appointment"}:
            return take(cancel_confirmed=True)
        if intent_of(tracker) in {"deny", "keep_appointment"}:
            return take(cancel_confirmed=False)
        return miss_or_let_go(tracker)


#: With these a day or time narrows the offer; with any other intent it belongs to another matter.
_NAMES_A_TIME = UNCLEAR | {"request_appointment", "move_appointment", "ask_another_time", "keep_appointment"}
_COUNTED = frozenset({"choose_option", "affirm", "inform_time", "nlu_fallback", "request_appointment"})


def _button(title: str, intent: str, name: str, value: str) -> dict[str, Any]:
    return {"title": title, "payload": f'/{intent}{{"{name}": "{value}"}}'}


def _times_within(
    case: Case, client: Client, wish: WantedTime, declined: Collection[datetime] = ()
) -> list[datetime]:
    enough = TIMES_OFFERED + len(declined)
    found = {
        free.starts_at
        for span in wish.readings
        for free in case.appointments.free_times(client, (span.start, span.end), enough)
    }
    return sorted(found - set(declined))[:TIMES_OFFERED]


def _nearest(
    case: Case, client: Client, wish: WantedTime | None, declined: Collection[datetime]
) -> list[datetime]:
    """Return times from the wished day on, or the next ones when nothing is wished or nothing follows."""
    if wish is None and not declined:
        return [free.starts_at for free in case.appointments.free_times(client, limit=TIMES_OFFERED)]
    now = case.clock.now()
    for start in (wish.start, now) if wish else (now,):
        later = case.appointments.free_times(client, (start, start + LOOK_FURTHER), MANY)
        times = [free.starts_at for free in later if free.starts_at not in declined]
        if times:
            return _on_different_days(times)
    return []


def _on_different_days(times: Sequence[datetime]) -> list[datetime]:
    """Three times on one morning are no choice: take one of each day, as far as there are days."""
    first_of_day = list({time.date(): time for time in reversed(times)}.values())
    chosen = sorted(first_of_day)[:TIMES_OFFERED]
    rest = [time for time in times if time not in chosen]
    return sorted([*chosen, *rest[: TIMES_OFFERED - len(chosen)]])


def _read_which(tracker: Tracker, case: Case, facts: TurnFacts) -> list[Event]:
    coming = case.appointments.upcoming_for(case.clients.for_conversation(tracker.sender_id))
    known = {each.id for each in coming}
    pressed = entity(tracker, "appointment_id")
    if pressed in known or pressed == NEW:
        return take(appointment_id=pressed, offered=None)
    times = heard_times(tracker, facts)
    named = [each.id for each in coming if any(time.holds(each.starts_at) for time in times)]
    if len(named) == 1:
        return take(appointment_id=named[0], offered=None)
    offered = [each for each in tracker.get_slot("offered") or [] if each in known]
    number = chosen_number(tracker, len(offered)) if intent_of(tracker) in _COUNTED else None
    if number is not None:
        return take(appointment_id=offered[number], offered=None)
    if times and intent_of(tracker) in UNCLEAR:
        # "Friday at 10" says where to, not which one: it is kept for when that is known.
        moving = tracker.get_slot("appointment_change") == "move"
        return miss(tracker, wanted_time=times[-1].as_slot()) if moving else miss(tracker)
    return miss_or_let_go(tracker)


def _wish_words(dispatcher: Speaker, wish: WantedTime, facts: TurnFacts) -> str:
    span, day = wish.readings[0], day_words(wish.start, facts.zone)
    if len(wish.readings) > 1 or span.end - span.start > timedelta(days=1):
        return dispatcher.label("utter_label_wish_span")
    if span.exact:
        return dispatcher.label("utter_label_wish_moment", day=day, time=clock_words(span.start, facts.zone))
    return dispatcher.label("utter_label_wish_day", day=day)
