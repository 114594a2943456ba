"""Goals: say one in your own words, see them, mark how they go."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rasa_sdk.events import FollowupAction, SlotSet
from rasa_sdk.interfaces import Tracker

from actions.base import Event, FlowAction, Speaker, entity, intent_of, leave_form, slot, words_of
from actions.earlier import last_response
from actions.forms import (
    LET_GO,
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
from actions.goal_words import goal_named, goal_within, goal_words, names_the_goal, numbered, only_asks
from actions.words import shortened

if TYPE_CHECKING:
    from bot.caseload.models.plan import Goal
    from bot.caseload.store import Case

PROGRESS = {
    "achieve_goal": "achieved",
    "near_goal": "closer",
    "change_goal": "changed",
    "drop_goal": "dropped",
}
#: Right after these "i did it" is about the goal; elsewhere it may be about anything.
ABOUT_GOALS = frozenset({"utter_goals", "utter_goal_saved", "utter_goal_changed", "utter_ask_goal_progress"})
#: Answered here and now; the question what the goal is stays open meanwhile.
NOT_A_GOAL = frozenset(
    {"out_of_scope", "ask_next_appointment", "feel_low", "insult_bot", "thank", "say_goodbye", "see_goals"}
)
#: More would not fit under a message (domain: at most four buttons).
GOALS_AS_BUTTONS = 4


class ActionPrepareGoal(FlowAction):
    """Start a goal; when the message already says it, the form only has to confirm."""

    writes = False

    def act(self, dispatcher: Speaker, tracker: Tracker, case: Case) -> list[Event]:  # noqa: ARG002
        """Fill what is known and clear the rest."""
        text = entity(tracker, "goal_idea") or goal_within(words_of(tracker))
        return _start(goal_text=text, goal_confirmed=None, goal_id=None, goal_progress=None)


class ActionAskGoalText(FlowAction):
    """Ask for the goal, in an easier way when the client does not know."""

    writes = False

    def act(self, dispatcher: Speaker, tracker: Tracker, case: Case) -> list[Event]:  # noqa: ARG002
        """Ask."""
        if resumes(tracker, "goal_text"):
            dispatcher.utter_message(response="utter_still_writing_goal")
        if misses(tracker):
            dispatcher.utter_message(response="utter_ask_goal_text_ideas")
        elif (
            tracker.get_slot("goal_progress") == "changed"
            or tracker.get_slot("requested_slot") == "goal_confirmed"
        ):
            dispatcher.utter_message(response="utter_ask_goal_text_again")
        else:
            dispatcher.utter_message(response="utter_ask_goal_text")
        return []


class ActionAskGoalConfirmed(FormQuestion):
    """Show the words that will be saved, and who can see them."""

    reminder = "utter_still_writing_goal"

    def ask(self, dispatcher: Speaker, tracker: Tracker, case: Case) -> list[Event]:  # noqa: ARG002
        """Ask whether the words are right."""
        dispatcher.utter_message(response="utter_ask_goal_confirmed", goal=tracker.get_slot("goal_text"))
        return []


class ValidateGoalForm(ValidateForm):
    """Take the goal in any words, and a yes or other words for it."""

    def step_back(self, tracker: Tracker) -> list[Event]:
        """Go back from the yes to the words."""
        if tracker.get_slot("requested_slot") == "goal_confirmed":
            return take(goal_text=None, goal_confirmed=None)
        return LET_GO

    def read_goal_text(self, dispatcher: Speaker, tracker: Tracker, case: Case) -> list[Event]:  # noqa: ARG002
        """Take what was written as the goal."""
        intent, words = intent_of(tracker), words_of(tracker)
        idea = entity(tracker, "goal_idea")
        if idea:
            return take(goal_text=idea, goal_confirmed=None)
        if intent == "deny":
            dispatcher.utter_message(response="utter_goal_left")
            return left()
        if not words or only_asks(words):
            return LET_GO if intent != "add_goal" else miss(tracker)
        if intent in {"not_sure", "affirm"}:
            return miss(tracker)
        if intent in NOT_A_GOAL:
            return LET_GO
        return take(goal_text=goal_words(words), goal_confirmed=None)

    def read_goal_confirmed(self, dispatcher: Speaker, tracker: Tracker, case: Case) -> list[Event]:  # noqa: ARG002
        """Take a yes; anything that changes the words goes back to them."""
        intent, words = intent_of(tracker), words_of(tracker)
        if intent in {"affirm", "send_question"}:
            return take(goal_confirmed=True)
        if intent in {"deny", "change_words", "change_goal"}:
            return take(goal_text=None, goal_confirmed=None)
        # Shown again before it is saved, so other words are safe to take.
        other_words = intent == "add_goal" or (intent == "nlu_fallback" and len(words.split()) > 1)
        if other_words and words and not only_asks(words):
            return take(goal_text=goal_words(words), goal_confirmed=None)
        return miss_or_let_go(tracker)


class ActionSaveGoal(FlowAction):
    """Keep the goal as it was said, or put the new words in the place of the old ones."""

    def act(self, dispatcher: Speaker, tracker: Tracker, case: Case) -> list[Event]:
        """Save what was confirmed; a form that was left saves nothing."""
        text = tracker.get_slot("goal_text")
        if not text or not tracker.get_slot("goal_confirmed"):
            return []
        client = case.clients.for_conversation(tracker.sender_id)
        changed = tracker.get_slot("goal_id") if tracker.get_slot("goal_progress") == "changed" else None
        if changed:
            goal = case.goals.record_progress(client, changed, "changed", words=text)
            dispatcher.utter_message(response="utter_goal_changed", goal=goal.text)
        else:
            goal = case.goals.add(client, text)
            dispatcher.utter_message(response="utter_goal_saved", goal=goal.text)
        return _clear()


class ActionShowGoals(FlowAction):
    """Show the goals that the client is working on."""

    writes = False

    def act(self, dispatcher: Speaker, tracker: Tracker, case: Case) -> list[Event]:
        """Show them, or offer to add the first."""
        goals = case.goals.active_for(case.clients.for_conversation(tracker.sender_id))
        if goals:
            dispatcher.utter_message(response="utter_goals", goals=numbered(goals))
        else:
            dispatcher.utter_message(response="utter_no_goals")
        return []


class ActionPrepareGoalProgress(FlowAction):
    """Start marking progress: on which goal, and how it goes, as far as the message says."""

    writes = False

    def act(self, dispatcher: Speaker, tracker: Tracker, case: Case) -> list[Event]:
        """Fill what is known; with no goal at all, offer to add one and stop there."""
        goals = case.goals.active_for(case.clients.for_conversation(tracker.sender_id))
        if not goals:
            dispatcher.utter_message(response="utter_no_goals")
            return [*leave_form(), FollowupAction("action_listen")]
        goal = goals[0] if len(goals) == 1 else goal_named(goals, words_of(tracker))
        return _start(
            goal_id=goal.id if goal else None,
            goal_progress=PROGRESS.get(intent_of(tracker)) if self._sure(tracker, goals) else None,
            goal_text=None,
            goal_confirmed=None,
        )

    def _sure(self, tracker: Tracker, goals: list[Goal]) -> bool:
        """Whether the message is about a goal at all: news of a job must not mark the only goal there is."""
        words = words_of(tracker)
        if not words or tracker.active_loop_name is not None or last_response(tracker) in ABOUT_GOALS:
            return True
        # Of several, the client is asked which one, and that makes it sure.
        return len(goals) > 1 or names_the_goal(goals[0], words)


class ActionAskGoalId(FormQuestion):
    """Ask which goal is meant."""

    reminder = "utter_still_marking_goal"

    def ask(self, dispatcher: Speaker, tracker: Tracker, case: Case) -> list[Event]:
        """Ask, with the goals as buttons."""
        goals = case.goals.active_for(case.clients.for_conversation(tracker.sender_id))
        dispatcher.utter_message(
            response="utter_ask_goal_id",
            goals=numbered(goals),
            buttons=[
                {"title": shortened(goal.text), "payload": f'/choose_goal{{"goal_id": "{goal.id}"}}'}
                for goal in goals[:GOALS_AS_BUTTONS]
            ],
        )
        return [SlotSet("offered", [goal.id for goal in goals])]


class ActionAskGoalProgress(FormQuestion):
    """Ask how a goal is going."""

    reminder = "utter_still_marking_goal"

    def ask(self, dispatcher: Speaker, tracker: Tracker, case: Case) -> list[Event]:
        """Ask about the goal by its own words."""
        client = case.clients.for_conversation(tracker.sender_id)
        goal = case.goals.get_for_client(client, slot(tracker, "goal_id"))
        dispatcher.utter_message(response="utter_ask_goal_progress", goal=goal.text)
        return []


class ValidateGoalProgressForm(ValidateForm):
    """Take which goal is meant, and how it goes."""

    def step_back(self, tracker: Tracker) -> list[Event]:
        """Go back to which goal is meant, when there was a choice."""
        if tracker.get_slot("requested_slot") == "goal_progress" and tracker.get_slot("offered"):
            return take(goal_id=None)
        return LET_GO

    def read_goal_id(self, dispatcher: Speaker, tracker: Tracker, case: Case) -> list[Event]:  # noqa: ARG002
        """Take a pressed goal, its number, or words of it."""
        goals = case.goals.active_for(case.clients.for_conversation(tracker.sender_id))
        known = {goal.id for goal in goals}
        pressed = entity(tracker, "goal_id")
        if pressed in known:
            return take(goal_id=pressed)
        offered = [goal_id for goal_id in tracker.get_slot("offered") or [] if goal_id in known]
        number = chosen_number(tracker, len(offered))
        if number is not None:
            return take(goal_id=offered[number])
        named = goal_named(goals, words_of(tracker))
        return take(goal_id=named.id) if named else miss_or_let_go(tracker)

    def read_goal_progress(self, dispatcher: Speaker, tracker: Tracker, case: Case) -> list[Event]:  # noqa: ARG002
        """Take one of the four answers, pressed or said."""
        progress = PROGRESS.get(intent_of(tracker))
        return take(goal_progress=progress) if progress else miss_or_let_go(tracker)


class ActionRecordGoalProgress(FlowAction):
    """Note how a goal goes; a changed goal first needs its new words."""

    def act(self, dispatcher: Speaker, tracker: Tracker, case: Case) -> list[Event]:
        """Record it, or go on to the new words."""
        goal_id, progress = tracker.get_slot("goal_id"), tracker.get_slot("goal_progress")
        if not goal_id or not progress:
            return []
        if progress == "changed":
            return [*take(goal_text=None, goal_confirmed=None), FollowupAction("goal_form")]
        client = case.clients.for_conversation(tracker.sender_id)
        goal = case.goals.record_progress(client, goal_id, progress)
        dispatcher.utter_message(response=f"utter_goal_{progress}", goal=goal.text)
        return _clear()


def _start(**slots: object) -> list[Event]:
    return [*take(**slots), SlotSet("offered", None), SlotSet("requested_slot", None)]


def _clear() -> list[Event]:
    return _start(goal_text=None, goal_confirmed=None, goal_id=None, goal_progress=None)
