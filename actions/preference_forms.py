"""The forms about messages that the bot starts: what a client wants to change, and to what."""

from __future__ import annotations

import re
from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING

from rasa_sdk.events import SlotSet
from rasa_sdk.interfaces import Tracker

from actions.base import Event, FlowAction, Speaker, TurnFacts, entity, intent_of, turn_facts, words_of
from actions.forms import LET_GO, FormQuestion, ValidateForm, left, miss, miss_or_let_go, misses, take
from actions.how_long import how_long_in, how_many_in
from actions.quiet_hours import days_in, quiet_hours_in, read_quiet_hours
from actions.words import wanted_time

if TYPE_CHECKING:
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


class AskPreference(FormQuestion):
    """Ask for a preference; after a miss, say first what was not understood."""

    not_clear = None

    def ask(self, dispatcher: Speaker, tracker: Tracker, case: Case) -> list[Event]:  # noqa: ARG002
        """Ask."""
        if misses(tracker):
            own = f"utter_{self.slot}_not_understood"
            dispatcher.utter_message(response=own if dispatcher.has(own) else "utter_answer_not_understood")
        dispatcher.utter_message(response=f"utter_ask_{self.slot}")
        return []


class ActionAskStopChoice(AskPreference):
    """Ask once whether messages shall stop."""


class ActionAskPauseUntil(AskPreference):
    """Ask how long to pause."""


class ActionAskQuietHours(AskPreference):
    """Ask when to be quiet."""


class ActionAskMessagesAWeek(AskPreference):
    """Ask how many messages a week are right."""


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
