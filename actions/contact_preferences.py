"""Messages that the bot starts: stop them, pause them, when and how many. An answer is never held back."""

from __future__ import annotations

import re
from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING

from rasa_sdk.events import SlotSet
from rasa_sdk.interfaces import Tracker

from actions.base import (
    Event,
    FlowAction,
    Speaker,
    TurnFacts,
    entity,
    intent_of,
    leave_form,
    turn_facts,
    words_of,
)
from actions.forms import LET_GO, ValidateForm, left, miss, miss_or_let_go, misses, needs_a_way_out, take
from actions.how_long import how_long_in, how_many_in
from actions.quiet_hours import (
    NIGHT_ENDS,
    NIGHT_STARTS,
    QuietHours,
    days_in,
    quiet_hours_in,
    read_quiet_hours,
    spoken_clock,
)
from actions.words import spoken_day, wanted_time

if TYPE_CHECKING:
    from bot.caseload.models.people import ContactPreference
    from bot.caseload.store import Case

LONGEST_PAUSE = timedelta(days=92)
#: A pause ends at a decent hour, not at midnight.
PAUSE_ENDS_AT = time(9)
MOST_A_WEEK = 7

#: In the form of its own, such a message is an answer, only too short; in another form it is another matter.
OWN_INTENT = {"quiet_hours_form": "set_quiet_hours", "fewer_messages_form": "request_fewer_messages"}
_A_DAY = re.compile(r"\b(?:a|per|each|every) day\b|\bdaily\b")
#: Short answers that are left to the rules of the open form.
YES_OR_NO = frozenset({"affirm", "deny"})


class ActionPreparePreference(FlowAction):
    """Start changing a preference; what the message says already is not asked again."""

    writes = False

    def act(self, dispatcher: Speaker, tracker: Tracker, case: Case) -> list[Event]:  # noqa: ARG002
        """Fill what is known."""
        facts = turn_facts(tracker, self.services.clock)
        found = {
            "pause_messages": ("pause_until", _pause_until(tracker, facts)),
            "set_quiet_hours": ("quiet_hours", _quiet_hours(tracker)),
            "request_fewer_messages": ("messages_a_week", _messages_a_week(tracker)),
        }
        slot, value = found[intent_of(tracker)]
        if slot == "pause_until" and value:
            value = _not_too_long(dispatcher, value, facts)
        if slot == "quiet_hours" and not value and days_in(words_of(tracker)):
            dispatcher.utter_message(response="utter_quiet_days_not_possible")
        return [*take(**{slot: value}), SlotSet("requested_slot", None)]


class AskPreference(FlowAction):
    """Ask for a preference; after a miss, say first what was not understood."""

    writes = False
    slot = ""

    def act(self, dispatcher: Speaker, tracker: Tracker, case: Case) -> list[Event]:  # noqa: ARG002
        """Ask, or offer a way out."""
        if needs_a_way_out(tracker):
            dispatcher.utter_message(response="utter_way_out")
            return []
        if misses(tracker):
            own = f"utter_{self.slot}_not_understood"
            dispatcher.utter_message(response=own if dispatcher.has(own) else "utter_answer_not_understood")
        dispatcher.utter_message(response=f"utter_ask_{self.slot}")
        return []


class ActionAskStopChoice(AskPreference):
    """Ask once whether messages shall stop."""

    slot = "stop_choice"


class ActionAskPauseUntil(AskPreference):
    """Ask how long to pause."""

    slot = "pause_until"


class ActionAskQuietHours(AskPreference):
    """Ask when to be quiet."""

    slot = "quiet_hours"


class ActionAskMessagesAWeek(AskPreference):
    """Ask how many messages a week are right."""

    slot = "messages_a_week"


class ValidateStopMessagesForm(ValidateForm):
    """Leave the answer to the rules; only words that are no answer are a miss."""

    def read_stop_choice(self, dispatcher: Speaker, tracker: Tracker, case: Case) -> list[Event]:  # noqa: ARG002
        """Count what was not understood."""
        return LET_GO if intent_of(tracker) in YES_OR_NO else miss_or_let_go(tracker)


class ValidatePauseForm(ValidateForm):
    """Take a length or a day."""

    def read_pause_until(self, dispatcher: Speaker, tracker: Tracker, case: Case) -> list[Event]:  # noqa: ARG002
        """Take it when it lies ahead, and not too far."""
        facts = turn_facts(tracker, self.services.clock)
        until = _pause_until(tracker, facts)
        if until is None:
            return _refuse_or_miss(dispatcher, tracker)
        return take(pause_until=_not_too_long(dispatcher, until, facts))


class ValidateQuietHoursForm(ValidateForm):
    """Take times of the day in any words."""

    def read_quiet_hours(self, dispatcher: Speaker, tracker: Tracker, case: Case) -> list[Event]:  # noqa: ARG002
        """Take what names a time of the day."""
        wanted = _quiet_hours(tracker)
        if not wanted and days_in(words_of(tracker)):
            dispatcher.utter_message(response="utter_quiet_days_not_possible")
            return take(quiet_hours=None)
        return take(quiet_hours=wanted) if wanted else _refuse_or_miss(dispatcher, tracker)


class ValidateFewerMessagesForm(ValidateForm):
    """Take a number of messages a week."""

    def read_messages_a_week(self, dispatcher: Speaker, tracker: Tracker, case: Case) -> list[Event]:  # noqa: ARG002
        """Take a number from 1 to 7."""
        number = _messages_a_week(tracker)
        return take(messages_a_week=number) if number else _refuse_or_miss(dispatcher, tracker)


class ActionStopMessages(FlowAction):
    """Stop every message that the bot starts, and tell the consultant: the service goes on."""

    def act(self, dispatcher: Speaker, tracker: Tracker, case: Case) -> list[Event]:
        """Stop them."""
        client = case.clients.for_conversation(tracker.sender_id)
        case.preferences.stop(client)
        case.handoffs.open(client, words_of(tracker), "messages_stopped")
        dispatcher.utter_message(response="utter_messages_stopped")
        return leave_form()


class ActionPauseMessages(FlowAction):
    """Pause what the bot starts until a day."""

    def act(self, dispatcher: Speaker, tracker: Tracker, case: Case) -> list[Event]:
        """Pause, and say until when."""
        until = tracker.get_slot("pause_until")
        if not until:
            return []
        client = case.clients.for_conversation(tracker.sender_id)
        case.preferences.pause_until(client, datetime.fromisoformat(until))
        day = spoken_day(datetime.fromisoformat(until), turn_facts(tracker, self.services.clock).zone)
        dispatcher.utter_message(response="utter_messages_paused", day=day)
        return take(pause_until=None)


class ActionResumeMessages(FlowAction):
    """Undo a stop or a pause."""

    def act(self, dispatcher: Speaker, tracker: Tracker, case: Case) -> list[Event]:
        """Allow messages again."""
        case.preferences.resume(case.clients.for_conversation(tracker.sender_id))
        dispatcher.utter_message(response="utter_messages_resumed")
        return leave_form()


class ActionSetQuietHours(FlowAction):
    """Keep the quiet hours; a side that the client did not name stays as it was."""

    def act(self, dispatcher: Speaker, tracker: Tracker, case: Case) -> list[Event]:
        """Set them, and say both sides."""
        wanted = read_quiet_hours(tracker.get_slot("quiet_hours"))
        if wanted is None:
            return []
        client = case.clients.for_conversation(tracker.sender_id)
        if wanted.lifted:
            case.preferences.set_quiet_hours(client, None, None)
            dispatcher.utter_message(response="utter_quiet_hours_lifted")
        else:
            starts, ends = _both_sides(wanted, case.preferences.get(client))
            case.preferences.set_quiet_hours(client, f"{starts:%H:%M}", f"{ends:%H:%M}")
            dispatcher.utter_message(
                response="utter_quiet_hours_set", starts=spoken_clock(starts), ends=spoken_clock(ends)
            )
        return take(quiet_hours=None)


class ActionSetMessagesAWeek(FlowAction):
    """Keep how many messages a week the bot may start."""

    def act(self, dispatcher: Speaker, tracker: Tracker, case: Case) -> list[Event]:
        """Set the number."""
        number = tracker.get_slot("messages_a_week")
        if not number:
            return []
        case.preferences.set_max_per_week(case.clients.for_conversation(tracker.sender_id), int(number))
        response = "utter_messages_a_week_set_once" if number == "1" else "utter_messages_a_week_set"
        dispatcher.utter_message(response=response, count=number)
        return take(messages_a_week=None)


class ActionShowContactPreferences(FlowAction):
    """Show what is set, with what can be changed."""

    writes = False

    def act(self, dispatcher: Speaker, tracker: Tracker, case: Case) -> list[Event]:
        """Show it."""
        facts = turn_facts(tracker, self.services.clock)
        preference = case.preferences.get(case.clients.for_conversation(tracker.sender_id))
        paused = preference.paused_until if _still_paused(preference, facts) else None
        off = preference.stopped_at is not None or paused is not None
        lines = [_state_line(dispatcher, preference, paused, facts), _quiet_line(dispatcher, preference)]
        if preference.max_per_week:
            lines.append(dispatcher.label("utter_preference_max", count=str(preference.max_per_week)))
        response = "utter_contact_preferences_off" if off else "utter_contact_preferences"
        dispatcher.utter_message(response=response, facts="\n".join(lines))
        return []


def _refuse_or_miss(dispatcher: Speaker, tracker: Tracker) -> list[Event]:
    """A "no" to the question leaves everything as it was."""
    if intent_of(tracker) == "deny":
        dispatcher.utter_message(response="utter_preferences_unchanged")
        return left()
    # "Quiet hours please" with no time in it is still an answer, only too short.
    own = OWN_INTENT.get(tracker.active_loop_name or "")
    says_too_little = intent_of(tracker) == own and bool(words_of(tracker))
    return miss(tracker) if says_too_little else miss_or_let_go(tracker)


def _said(tracker: Tracker, name: str) -> str:
    """Return what was typed, or what the pressed button stands for."""
    return words_of(tracker) or str(entity(tracker, name) or "")


def _pause_until(tracker: Tracker, facts: TurnFacts) -> str | None:
    words = _said(tracker, "duration")
    length = how_long_in(words)
    named = wanted_time(entity(tracker, "time"), facts.zone)
    if length is not None:
        day = (facts.now + length).astimezone(facts.zone).date()
    elif named is not None:
        # "until Friday" and "until after Christmas" end when that begins; "not this week" ends with the week.
        ends = named.start if re.search(r"til|\bafter\b", words.lower()) else named.end
        day = ends.astimezone(facts.zone).date()
    else:
        return None
    until = datetime.combine(day, PAUSE_ENDS_AT, facts.zone)
    return until.isoformat() if until > facts.now else None


def _not_too_long(dispatcher: Speaker, until: str, facts: TurnFacts) -> str | None:
    if datetime.fromisoformat(until) - facts.now <= LONGEST_PAUSE:
        return until
    dispatcher.utter_message(response="utter_pause_too_long")
    return None


def _quiet_hours(tracker: Tracker) -> str | None:
    wanted = read_quiet_hours(entity(tracker, "quiet_time")) or quiet_hours_in(words_of(tracker))
    return wanted.as_slot() if wanted else None


def _messages_a_week(tracker: Tracker) -> str | None:
    words = _said(tracker, "max_per_week")
    # "One a day" is not one a week, and a limit for each day is not kept.
    number = None if _A_DAY.search(words.lower()) else how_many_in(words)
    return str(number) if number and number <= MOST_A_WEEK else None


def _both_sides(wanted: QuietHours, preference: ContactPreference) -> tuple[time, time]:
    kept_from = time.fromisoformat(preference.quiet_from) if preference.quiet_from else NIGHT_STARTS
    kept_until = time.fromisoformat(preference.quiet_until) if preference.quiet_until else NIGHT_ENDS
    starts = wanted.starts if wanted.starts is not None else kept_from
    ends = wanted.ends if wanted.ends is not None else kept_until
    # "Not before 9pm" on top of quiet from 9pm would be no quiet hours at all.
    return (starts, ends) if starts != ends else (starts, NIGHT_ENDS)


def _still_paused(preference: ContactPreference, facts: TurnFacts) -> bool:
    return preference.paused_until is not None and preference.paused_until > facts.now


def _state_line(
    dispatcher: Speaker, preference: ContactPreference, paused: datetime | None, facts: TurnFacts
) -> str:
    if preference.stopped_at is not None:
        return dispatcher.label("utter_preference_stopped")
    if paused is not None:
        return dispatcher.label("utter_preference_paused", day=spoken_day(paused, facts.zone))
    return dispatcher.label("utter_preference_on")


def _quiet_line(dispatcher: Speaker, preference: ContactPreference) -> str:
    if not (preference.quiet_from and preference.quiet_until):
        return dispatcher.label("utter_preference_no_quiet")
    starts, ends = time.fromisoformat(preference.quiet_from), time.fromisoformat(preference.quiet_until)
    return dispatcher.label("utter_preference_quiet", starts=spoken_clock(starts), ends=spoken_clock(ends))
