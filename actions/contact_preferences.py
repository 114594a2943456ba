"""Messages that the bot starts: stop them, pause them, when and how many. An answer is never held back."""

from __future__ import annotations

from datetime import datetime, time
from typing import TYPE_CHECKING

from rasa_sdk.interfaces import Tracker

from actions.base import Event, FlowAction, Speaker, TurnFacts, leave_form, turn_facts, words_of
from actions.forms import take
from actions.quiet_hours import NIGHT_ENDS, NIGHT_STARTS, QuietHours, read_quiet_hours, spoken_clock
from bot.spoken import day_words

if TYPE_CHECKING:
    from bot.caseload.models.people import ContactPreference
    from bot.caseload.store import Case


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
        day = day_words(datetime.fromisoformat(until), turn_facts(tracker, self.services.clock).zone)
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
        return dispatcher.label("utter_preference_paused", day=day_words(paused, facts.zone))
    return dispatcher.label("utter_preference_on")


def _quiet_line(dispatcher: Speaker, preference: ContactPreference) -> str:
    if not (preference.quiet_from and preference.quiet_until):
        return dispatcher.label("utter_preference_no_quiet")
    starts, ends = time.fromisoformat(preference.quiet_from), time.fromisoformat(preference.quiet_until)
    return dispatcher.label("utter_preference_quiet", starts=spoken_clock(starts), ends=spoken_clock(ends))
