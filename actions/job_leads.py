"""Job leads: the consultant's first, then the job boards'; one at a time, and the client's answer to each."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rasa_sdk.events import FollowupAction, SlotSet
from rasa_sdk.interfaces import Tracker

from actions.base import Event, FlowAction, Services, Speaker, entity, intent_of, leave_form, words_of
from actions.earlier import last_response, take_again
from actions.forms import LET_GO, FormQuestion, ValidateForm, miss_or_let_go, misses, take
from actions.job_search import BoardsAnswer, SearchWords, ask_boards, keep_best, next_waiting, search_words
from actions.job_words import answer_buttons, buttons_to_choose, fact_lines, heading, link, plain
from actions.second_matter import also_cannot_come
from actions.which_lead import ShownLead, mentioned_lead
from bot.caseload.errors import NoSuchLead
from bot.caseload.leads import MAX_A_DAY

if TYPE_CHECKING:
    from bot.caseload.models.people import Client
    from bot.caseload.models.plan import JobLead
    from bot.caseload.store import Case

#: An answer can still be changed while a lead stands at one of these.
OPEN_TO_ANSWERS = frozenset({"shared", "interested", "not_interested"})
#: "The 2nd one" is one of the last few; nobody means a job of last month.
REMEMBERED = 3

#: What a button says again for an answer that named no job clearly.
ASKED_AGAIN_AS = {
    "affirm": "like_job",
    "deny": "decline_job",
    "give_decline_reason": "decline_job",
    "choose_option": "ask_job_details",
}


class ActionFindJob(FlowAction):
    """Put the next job on the table, or say honestly why there is none."""

    def look_up(self, tracker: Tracker, services: Services) -> BoardsAnswer | None:
        """Ask the job boards, unless a lead waits already or it was enough for today."""
        with services.caseload.reading() as case:
            client = case.clients.for_conversation(tracker.sender_id)
            if case.leads.shared_today(client) >= MAX_A_DAY or next_waiting(case, client, tracker):
                return None
            words = search_words(case, client, tracker)
        return ask_boards(services.boards, words)

    def act_on(self, dispatcher: Speaker, tracker: Tracker, case: Case, found: Any) -> list[Event]:
        """Choose the lead; the form shows it."""
        if also_cannot_come(words_of(tracker)):
            dispatcher.utter_message(response="utter_also_cannot_come")
        client = case.clients.for_conversation(tracker.sender_id)
        words = search_words(case, client, tracker)
        kept = [SlotSet("job_type", words.asked_type), SlotSet("place", words.asked_place)]
        lead = next_waiting(case, client, tracker)
        if lead is None and found is not None:
            lead = keep_best(dispatcher, case, client, words, found)
        if lead is None:
            _say_why_not(dispatcher, case, client, words, found)
            return [*kept, *nothing_more()]
        return [*kept, *_put_on_the_table(lead)]


class ActionAskLeadAnswer(FormQuestion):
    """Show the job with its buttons; coming back to it, remind in one line."""

    writes = True
    not_clear = None

    def ask(self, dispatcher: Speaker, tracker: Tracker, case: Case) -> list[Event]:
        """Show it in full the first time."""
        client = case.clients.for_conversation(tracker.sender_id)
        lead_id = tracker.get_slot("lead")
        if not lead_id:
            dispatcher.utter_message(response="utter_no_job_on_the_table")
            return nothing_more()
        lead = case.leads.get_for_client(client, lead_id)
        if lead.is_taken_back:
            dispatcher.utter_message(response="utter_job_taken_back", heading=heading(dispatcher, lead))
            return nothing_more()
        if misses(tracker):
            dispatcher.utter_message(response="utter_answer_not_understood")
        if tracker.get_slot("lead_shown") and not lead.is_changed_since_shown:
            dispatcher.utter_message(
                response="utter_job_again",
                heading=heading(dispatcher, lead),
                buttons=answer_buttons(dispatcher, lead, short=intent_of(tracker) == "ask_job_details"),
            )
            return []
        facts = fact_lines(dispatcher, lead)
        case.leads.mark_shown(lead)
        dispatcher.utter_message(
            response="utter_job",
            heading=heading(dispatcher, lead),
            facts="\n".join(facts),
            buttons=answer_buttons(dispatcher, lead),
        )
        return [SlotSet("lead_shown", True)]


class ValidateJobLeadForm(ValidateForm):
    """Leave the answer to the rules; only words that are no answer are a miss."""

    def read_lead_answer(self, dispatcher: Speaker, tracker: Tracker, case: Case) -> list[Event]:  # noqa: ARG002
        """Count what was not understood."""
        if intent_of(tracker) in {"affirm", "deny", "choose_option"}:
            return LET_GO
        return miss_or_let_go(tracker)


class ActionLikeJob(FlowAction):
    """Keep that the client is interested; the consultant is told."""

    def act(self, dispatcher: Speaker, tracker: Tracker, case: Case) -> list[Event]:
        """Save it."""
        client = case.clients.for_conversation(tracker.sender_id)
        lead = meant_lead(dispatcher, tracker, case, client)
        if lead is None:
            return nothing_more()
        name = heading(dispatcher, lead)
        if lead.status not in OPEN_TO_ANSWERS:
            dispatcher.utter_message(response="utter_job_under_way", heading=name)
        else:
            case.leads.answer(client, lead.id, "interested")
            dispatcher.utter_message(response="utter_job_liked", heading=name)
        return [SlotSet("lead", lead.id), *leave_form()]


class ActionShowJobDetails(FlowAction):
    """Tell more about a job: what its advert says, and where to read it."""

    writes = False

    def act(self, dispatcher: Speaker, tracker: Tracker, case: Case) -> list[Event]:
        """Show it; the form asks again whether the client is interested."""
        if words_of(tracker) and last_response(tracker).startswith("utter_next_appointment"):
            return take_again(tracker, "ask_next_appointment")
        client = case.clients.for_conversation(tracker.sender_id)
        lead = meant_lead(dispatcher, tracker, case, client)
        if lead is None:
            return nothing_more()
        name = heading(dispatcher, lead)
        if lead.summary:
            dispatcher.utter_message(response="utter_job_details", heading=name, summary=plain(lead.summary))
        else:
            dispatcher.utter_message(response="utter_job_details_no_summary", heading=name)
        if url := link(lead):
            dispatcher.utter_message(response="utter_job_link", url=url)
        return [*take(lead=lead.id, lead_shown=True), ask_anew()]


class ActionChooseJob(FlowAction):
    """Put the job on the table that the client named by its number."""

    writes = False

    def act(self, dispatcher: Speaker, tracker: Tracker, case: Case) -> list[Event]:
        """Choose it."""
        client = case.clients.for_conversation(tracker.sender_id)
        lead = meant_lead(dispatcher, tracker, case, client)
        return _put_on_the_table(lead) if lead else nothing_more()


def meant_lead(dispatcher: Speaker, tracker: Tracker, case: Case, client: Client) -> JobLead | None:
    """Return the job that the message is about; None after asking which one, or saying that it is gone."""
    pressed = entity(tracker, "lead")
    # A job that was refused counts as well: people change their mind.
    shown = [lead for lead in case.leads.all_for(client) if lead.shown_at is not None]
    shown = sorted(shown, key=lambda lead: (lead.shown_at, lead.id))[-REMEMBERED:]
    mention = mentioned_lead(
        words_of(tracker), [ShownLead(lead.id, lead.title, lead.employer or "") for lead in shown]
    )
    offered = [lead for lead in shown if not lead.is_taken_back]
    if mention.unclear and offered and not pressed:
        asks = ASKED_AGAIN_AS.get(intent_of(tracker), intent_of(tracker))
        dispatcher.utter_message(response="utter_which_job", buttons=buttons_to_choose(offered, asks))
        return None
    lead_id = pressed or mention.id or (None if mention.unclear else tracker.get_slot("lead"))
    if lead_id is None:
        dispatcher.utter_message(response="utter_no_job_on_the_table")
        return None
    try:
        lead = case.leads.get_for_client(client, str(lead_id))
    except NoSuchLead:
        dispatcher.utter_message(response="utter_job_gone")
        return None
    if lead.is_taken_back:
        dispatcher.utter_message(response="utter_job_taken_back", heading=heading(dispatcher, lead))
        return None
    return lead


def _say_why_not(
    dispatcher: Speaker, case: Case, client: Client, words: SearchWords, found: BoardsAnswer | None
) -> None:
    count = case.leads.shared_today(client)
    if found is None and count >= MAX_A_DAY:
        dispatcher.utter_message(response="utter_enough_jobs_today", count=count)
    elif found is not None and found.down:
        dispatcher.utter_message(response="utter_job_site_down")
    elif not words.enough:
        dispatcher.utter_message(response="utter_ask_what_work")
    elif words.asked_type and words.place:
        dispatcher.utter_message(
            response="utter_no_jobs_found_of_type",
            job_type=plain(words.asked_type, 40),
            place=plain(words.place, 40).title(),
        )
    else:
        dispatcher.utter_message(response="utter_no_jobs_found")


def _put_on_the_table(lead: JobLead) -> list[Event]:
    return [*take(lead=lead.id, lead_shown=False), ask_anew()]


def ask_anew() -> Event:
    """Let no question that was open before count as the one that is answered."""
    event: Event = SlotSet("requested_slot", None)
    return event


def nothing_more() -> list[Event]:
    """Stop here: no form asks about a job that is not there."""
    return [*leave_form(), FollowupAction("action_listen")]
