"""What the bot says about itself, about what it knows, and about the client's right to have it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rasa_sdk.interfaces import Tracker

from actions.base import Event, FlowAction, Speaker, turn_facts, words_of
from actions.honest_time import say_when_it_is_read
from actions.words import listed, shortened
from bot.spoken import when_words

if TYPE_CHECKING:
    from bot.caseload.models.people import Client
    from bot.caseload.store import Case

#: More goals than this would not be short; the goals flow shows them all.
GOALS_SHOWN = 3
GOAL_LENGTH = 60


class ActionShowWhatIKnow(FlowAction):
    """Tell the client what stands about them in the caseload, a short line for each."""

    writes = False

    def act(self, dispatcher: Speaker, tracker: Tracker, case: Case) -> list[Event]:
        """Show it, with how to put it right."""
        client = case.clients.for_conversation(tracker.sender_id)
        lines = [
            dispatcher.label("utter_know_name", name=client.preferred_name),
            *_area_line(dispatcher, client),
            *_consultant_line(dispatcher, client),
            _goals_line(dispatcher, case, client),
            self._appointment_line(dispatcher, tracker, case, client),
            dispatcher.label("utter_know_leads", count=str(len(case.leads.all_for(client)))),
        ]
        dispatcher.utter_message(response="utter_what_i_know", facts="\n".join(lines))
        return []

    def _appointment_line(self, dispatcher: Speaker, tracker: Tracker, case: Case, client: Client) -> str:
        appointment = case.appointments.next_for(client)
        if appointment is None:
            return dispatcher.label("utter_know_no_appointment")
        when = when_words(appointment.starts_at, turn_facts(tracker, self.services.clock).zone)
        return dispatcher.label("utter_know_appointment", when=when)


class ActionShowConsultant(FlowAction):
    """Say who the client's consultant is, and when people are at work."""

    writes = False

    def act(self, dispatcher: Speaker, tracker: Tracker, case: Case) -> list[Event]:
        """Say it."""
        client = case.clients.for_conversation(tracker.sender_id)
        consultant = client.working_consultant
        if consultant is None:
            dispatcher.utter_message(response="utter_no_consultant_yet")
            return []
        name = consultant.first_name
        if client.cover is not None:
            cover = client.cover.first_name
            dispatcher.utter_message(response="utter_your_consultant_has_cover", name=name, cover=cover)
        else:
            dispatcher.utter_message(response="utter_your_consultant", name=name)
        say_when_it_is_read(dispatcher, case, client)
        return []


class ActionSayWorkingHours(FlowAction):
    """Say when people of the service read this chat."""

    writes = False

    def act(self, dispatcher: Speaker, tracker: Tracker, case: Case) -> list[Event]:
        """Say it."""
        say_when_it_is_read(dispatcher, case, case.clients.for_conversation(tracker.sender_id))
        return []


class RequestAboutData(FlowAction):
    """Pass on a request about the client's data: a person decides it, and the bot promises nothing more."""

    reason = ""
    response = ""

    def act(self, dispatcher: Speaker, tracker: Tracker, case: Case) -> list[Event]:
        """Record the request once."""
        client = case.clients.for_conversation(tracker.sender_id)
        opened = case.handoffs.open(client, words_of(tracker), self.reason)
        known = opened.asked_before
        dispatcher.utter_message(response="utter_request_already_made" if known else self.response)
        return []


class ActionRequestDeletion(RequestAboutData):
    """Ask for the client's data to be deleted."""

    reason = "data_deletion"
    response = "utter_deletion_requested"


class ActionRequestCopy(RequestAboutData):
    """Ask for a copy of the client's data."""

    reason = "data_copy"
    response = "utter_copy_requested"


def _area_line(dispatcher: Speaker, client: Client) -> list[str]:
    return [dispatcher.label("utter_know_area", area=client.area)] if client.area else []


def _consultant_line(dispatcher: Speaker, client: Client) -> list[str]:
    consultant = client.working_consultant
    if consultant is None:
        return []
    return [dispatcher.label("utter_know_consultant", name=consultant.first_name)]


def _goals_line(dispatcher: Speaker, case: Case, client: Client) -> str:
    goals = case.goals.active_for(client)
    if not goals:
        return dispatcher.label("utter_know_no_goals")
    shown = listed([shortened(goal.text, GOAL_LENGTH) for goal in goals[-GOALS_SHOWN:]])
    if len(goals) > GOALS_SHOWN:
        return dispatcher.label("utter_know_more_goals", count=str(len(goals)), goals=shown)
    return dispatcher.label("utter_know_goals", goals=shown)
