"""Finding the way: leaving what is open, stopping, going back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rasa_sdk.interfaces import Tracker

from actions.base import Event, FlowAction, Speaker, intent_of, leave_form
from actions.earlier import intent_before, last_reply, last_response, take_again

if TYPE_CHECKING:
    from bot.caseload.store import Case

#: With these something was passed on to a person a moment ago.
JUST_SENT = frozenset({"send_question", "affirm", "request_person", "request_call"})


class ActionLeaveForm(FlowAction):
    """Close whatever form is open, without a word."""

    writes = False

    def act(self, dispatcher: Speaker, tracker: Tracker, case: Case) -> list[Event]:  # noqa: ARG002
        """Leave the form."""
        return leave_form()


class ActionStopHere(FlowAction):
    """Do what "stop", "back" or "skip" means here: leave the open form, or what there is instead."""

    writes = False

    def act(self, dispatcher: Speaker, tracker: Tracker, case: Case) -> list[Event]:  # noqa: ARG002
        """Say that nothing was saved; with nothing open, ask what to stop, or show the menu."""
        if tracker.active_loop_name is not None:
            dispatcher.utter_message(response="utter_stopped")
            return leave_form()
        offered = {
            button.get("payload") for button in (last_reply(tracker).get("data") or {}).get("buttons") or []
        }
        if intent_of(tracker) == "skip" and "/ask_another_job" in offered:
            return take_again(tracker, "ask_another_job")
        stop = intent_of(tracker) == "stop"
        if stop and last_response(tracker).startswith("utter_read_") and intent_before(tracker) in JUST_SENT:
            dispatcher.utter_message(response="utter_cannot_take_back")
            return []
        dispatcher.utter_message(response="utter_ask_what_to_stop" if stop else "utter_menu")
        return []


class ActionGoOn(FlowAction):
    """Go on by itself after a person left the chat: with the open question, else with the menu."""

    writes = False

    def act(self, dispatcher: Speaker, tracker: Tracker, case: Case) -> list[Event]:  # noqa: ARG002
        """Say nothing where a form is open, as the form asks again right after."""
        if tracker.active_loop_name is None:
            dispatcher.utter_message(response="utter_menu")
        return []
