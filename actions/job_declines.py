"""Saying no to a job lead: it is kept, and why, for whoever likes to say."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rasa_sdk.interfaces import Tracker

from actions.base import Event, FlowAction, Speaker, entity, intent_of, words_of
from actions.decline_reasons import CODES, reason_in
from actions.earlier import last_response, take_again
from actions.forms import LET_GO, ValidateForm, take
from actions.job_leads import OPEN_TO_ANSWERS, ask_anew, meant_lead, nothing_more
from actions.job_words import heading

if TYPE_CHECKING:
    from bot.caseload.store import Case

WORDS_LENGTH = 300
SKIPPED = "skip"

#: Answered by the rules of these intents, not taken as a reason.
NOT_A_REASON = frozenset(
    {
        "like_job",
        "ask_job_details",
        "ask_another_job",
        "leave_jobs",
        "search_jobs",
        "ask_consultant",
        "start_question",
        "ask_next_appointment",
        "request_appointment",
        "move_appointment",
        "cancel_appointment",
        "see_goals",
        "pick_meaning",
    }
)


class ActionDeclineJob(FlowAction):
    """Keep that a job is not for the client; the form then asks why, unless they said so already."""

    def act(self, dispatcher: Speaker, tracker: Tracker, case: Case) -> list[Event]:
        """Save it; "cannot do that one" right after an appointment was told is about the appointment."""
        if words_of(tracker) and last_response(tracker).startswith("utter_next_appointment"):
            return take_again(tracker, "cancel_appointment")
        client = case.clients.for_conversation(tracker.sender_id)
        lead = meant_lead(dispatcher, tracker, case, client)
        if lead is None:
            return nothing_more()
        if lead.status not in OPEN_TO_ANSWERS:
            dispatcher.utter_message(response="utter_job_under_way", heading=heading(dispatcher, lead))
            return nothing_more()
        case.leads.answer(client, lead.id, "not_interested")
        return [*take(lead=lead.id, lead_shown=True, decline_reason=_reason_said(tracker)), ask_anew()]


class ActionAskDeclineReason(FlowAction):
    """Ask why, with few buttons; nobody has to say."""

    writes = False

    def act(self, dispatcher: Speaker, tracker: Tracker, case: Case) -> list[Event]:  # noqa: ARG002
        """Ask."""
        dispatcher.utter_message(response="utter_ask_decline_reason")
        return []


class ValidateDeclineReasonForm(ValidateForm):
    """Take a reason in any words, or none."""

    def read_decline_reason(self, dispatcher: Speaker, tracker: Tracker, case: Case) -> list[Event]:  # noqa: ARG002
        """Take what was pressed or written."""
        intent, words = intent_of(tracker), words_of(tracker)
        if intent in {"deny", "not_sure"} and reason_in(words) == "other":
            return take(decline_reason=SKIPPED)
        said = _reason_said(tracker)
        if said:
            return take(decline_reason=said)
        if intent in NOT_A_REASON or not words:
            return LET_GO
        return take(decline_reason=words[:WORDS_LENGTH])


class ActionSaveDeclineReason(FlowAction):
    """Keep why a job is not for the client."""

    def act(self, dispatcher: Speaker, tracker: Tracker, case: Case) -> list[Event]:
        """Save it as one of the service's reasons, beside the client's words."""
        said, lead_id = tracker.get_slot("decline_reason"), tracker.get_slot("lead")
        if not said or not lead_id:
            return []
        if said == SKIPPED:
            dispatcher.utter_message(response="utter_decline_reason_skipped")
            return take(decline_reason=None)
        client = case.clients.for_conversation(tracker.sender_id)
        code = said if said in CODES else reason_in(said)
        # What is wrong with somebody's health does not belong in the caseload: the code is enough.
        words = None if said in CODES or code == "health" else said
        case.leads.answer(client, lead_id, "not_interested", reason_code=code, words=words)
        vague = code == "other" and words is None
        dispatcher.utter_message(
            response="utter_decline_reason_vague" if vague else "utter_decline_reason_saved"
        )
        return take(decline_reason=None)


def _reason_said(tracker: Tracker) -> str | None:
    """Return the client's words when they hold a known reason, or the reason that was pressed."""
    words, pressed = words_of(tracker), str(entity(tracker, "reason") or "")
    if words and reason_in(words) != "other":
        return words[:WORDS_LENGTH]
    return pressed if pressed in CODES else None
