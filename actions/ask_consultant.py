"""Questions for the consultant: in the client's own words, shown before they are sent."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rasa_sdk.events import FollowupAction, SlotSet
from rasa_sdk.interfaces import Tracker

from actions.base import Event, FlowAction, Speaker, intent_of, leave_form, words_of
from actions.forms import (
    LET_GO,
    FormQuestion,
    ValidateForm,
    left,
    miss,
    miss_or_let_go,
    misses,
    take,
)
from actions.honest_time import say_when_it_is_read

if TYPE_CHECKING:
    from bot.caseload.store import Case

FORM = "question_form"
#: As long as a Telegram message; only what is shown back is cut.
QUESTION_LENGTH = 2000
SHOWN_LENGTH = 200

#: Answered here and now; the question stays open meanwhile.
NOT_A_QUESTION = frozenset(
    {
        "like_job",
        "ask_another_job",
        "leave_jobs",
        "search_jobs",
        "ask_next_appointment",
        "request_appointment",
        "move_appointment",
        "cancel_appointment",
        "see_goals",
        "add_goal",
        "pick_meaning",
    }
)
#: About a job that is on the table; with none there, such words are the question.
ABOUT_A_JOB = frozenset({"decline_job", "ask_job_details", "give_decline_reason"})
#: Of what the question is about, where the service counts it apart.
ASKS_FOR = {"request_person": "person", "request_call": "call"}


class ActionBeginQuestion(FlowAction):
    """Start a question; words that are there already only have to be confirmed."""

    writes = False

    def act(self, dispatcher: Speaker, tracker: Tracker, case: Case) -> list[Event]:  # noqa: ARG002
        """Fill what is known; more words for a question that is still open are added to it."""
        words = "" if intent_of(tracker) == "start_question" else words_of(tracker)
        open_words = tracker.get_slot("question") if tracker.active_loop_name == FORM else None
        question = "\n".join(part for part in (open_words, words) if part)
        return [
            *take(question=question[:QUESTION_LENGTH] or None, question_choice=None),
            SlotSet("requested_slot", None),
        ]


class ActionAskQuestion(FormQuestion):
    """Ask what the consultant should know."""

    not_clear = None

    def ask(self, dispatcher: Speaker, tracker: Tracker, case: Case) -> list[Event]:  # noqa: ARG002
        """Ask, in an easier way when the client does not know how to say it."""
        if misses(tracker):
            dispatcher.utter_message(response="utter_ask_question_easier")
        else:
            dispatcher.utter_message(response="utter_ask_question")
        return []


class ActionAskQuestionChoice(FormQuestion):
    """Show the words before they are sent."""

    reminder = "utter_still_writing_question"
    not_clear = "utter_answer_not_understood"

    def ask(self, dispatcher: Speaker, tracker: Tracker, case: Case) -> list[Event]:  # noqa: ARG002
        """Ask whether they are right."""
        words = str(tracker.get_slot("question"))
        shown = words if len(words) <= SHOWN_LENGTH else f"{words[: SHOWN_LENGTH - 1].rstrip()}…"
        dispatcher.utter_message(response="utter_ask_question_choice", words=shown)
        return []


class ValidateQuestionForm(ValidateForm):
    """Take any words as the question, and a yes or other words for it."""

    def read_question(self, dispatcher: Speaker, tracker: Tracker, case: Case) -> list[Event]:  # noqa: ARG002
        """Take what was written as the question; a question that another flow answers is answered there."""
        intent, words = intent_of(tracker), words_of(tracker)
        if intent == "deny":
            dispatcher.utter_message(response="utter_question_not_sent")
            return left()
        if intent in {"not_sure", "affirm"}:
            return miss(tracker)
        if intent in ABOUT_A_JOB and tracker.get_slot("lead"):
            return LET_GO
        if intent in NOT_A_QUESTION or intent == "start_question" or not words:
            return LET_GO
        return take(question=words[:QUESTION_LENGTH], question_choice=None)

    def read_question_choice(self, dispatcher: Speaker, tracker: Tracker, case: Case) -> list[Event]:
        """Take a yes; "no" sends nothing: the client may not want it sent at all."""
        intent = intent_of(tracker)
        if intent in {"send_question", "affirm"}:
            return take(question_choice="send")
        if intent == "deny":
            return ActionDropQuestion(self.services).act(dispatcher, tracker, case)
        if intent == "change_words":
            return take(question=None, question_choice=None)
        return miss_or_let_go(tracker)


class ActionChangeWords(FlowAction):
    """Go back to the words of the question; from there, out of it."""

    writes = False

    def act(self, dispatcher: Speaker, tracker: Tracker, case: Case) -> list[Event]:
        """Clear the words, so that the form asks for them again."""
        if not tracker.get_slot("question"):
            return [
                *ActionDropQuestion(self.services).act(dispatcher, tracker, case),
                FollowupAction("action_listen"),
            ]
        return take(question=None, question_choice=None)


class ActionDropQuestion(FlowAction):
    """Leave the question: nothing is sent."""

    writes = False

    def act(self, dispatcher: Speaker, tracker: Tracker, case: Case) -> list[Event]:  # noqa: ARG002
        """Say that nothing was sent."""
        dispatcher.utter_message(response="utter_question_not_sent")
        return [*take(question=None, question_choice=None), *leave_form()]


class ActionSendQuestion(FlowAction):
    """Pass the client's question to their consultant."""

    def act(self, dispatcher: Speaker, tracker: Tracker, case: Case) -> list[Event]:
        """Send what was confirmed; a form that was left sends nothing."""
        question = tracker.get_slot("question")
        if not question or tracker.get_slot("question_choice") != "send":
            return []
        client = case.clients.for_conversation(tracker.sender_id)
        waiting = [h.question for h in case.handoffs.open_for(client) if h.reason == "question"]
        asked_before = case.handoffs.open(client, question, "question").asked_before
        if any(question in words for words in waiting):
            dispatcher.utter_message(response="utter_question_sent_already")
        else:
            dispatcher.utter_message(
                response="utter_question_added" if asked_before else "utter_question_sent"
            )
        say_when_it_is_read(dispatcher, case, client)
        return take(question=None, question_choice=None)


class ActionAskForPerson(FlowAction):
    """Tell the consultant that the client wants to talk, or wants a call."""

    def act(self, dispatcher: Speaker, tracker: Tracker, case: Case) -> list[Event]:
        """Pass it on at once, with the client's words, and leave whatever was open."""
        client = case.clients.for_conversation(tracker.sender_id)
        wanted = ASKS_FOR.get(intent_of(tracker), "person")
        # A call is its own thing on the consultant's list, but both are somebody waiting for a person.
        subject = "call" if wanted == "call" else None
        opened = case.handoffs.open(
            client, words_of(tracker)[:QUESTION_LENGTH], "person", "today", subject=subject
        )
        said = f"utter_{wanted}_asked"
        dispatcher.utter_message(response=f"{said}_already" if opened.asked_before else said)
        say_when_it_is_read(dispatcher, case, client)
        return [*take(question=None, question_choice=None), *leave_form()]
