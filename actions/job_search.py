"""Where the next job for a client comes from: what waits for an answer, then the job boards."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import structlog
from rasa_sdk.interfaces import Tracker

from actions.base import Speaker, entity, intent_of, words_of
from actions.earlier import last_response
from actions.work_wanted import bare_work_in, work_wanted_in
from bot.caseload.leads import MAX_A_DAY
from bot.jobs.matching import Match, Preferences, rank
from integrations.job_boards.types import COUNTRY_OF_REGION, JobBoardError, JobQuery, Vacancy

if TYPE_CHECKING:
    from bot.caseload.models.people import Client
    from bot.caseload.models.plan import JobLead
    from bot.caseload.store import Case
    from integrations.job_boards.base import JobBoard

logger = structlog.get_logger(__name__)

#: Somebody who takes anything is not asked what.
_TAKES_ANYTHING = re.compile(
    r"\banything\b|\bwhatever\b|\bnot fuss|\b(?:dont|don't|do not) mind\b", re.IGNORECASE
)
#: A place to drink is not shown again to somebody who said no to one.
_DRINK = re.compile(r"\b(?:pubs?|bars?|drink(?:ing)?|alcohol|booze)\b", re.IGNORECASE)
DRINK_WORDS = frozenset({"bar", "pub", "bartender", "brewery"})


@dataclass(frozen=True)
class SearchWords:
    """What to look for and where; `asked_…` is what the client said in this conversation."""

    what: str | None
    place: str | None
    asked_type: str | None
    asked_place: str | None
    #: Of the boards; None where no board searches.
    country: str | None
    takes_anything: bool = False

    @property
    def enough(self) -> bool:
        """Whether there is something to look for."""
        return self.what is not None or self.takes_anything


@dataclass(frozen=True)
class BoardsAnswer:
    """What the job boards gave; `down` when none of them answered."""

    vacancies: tuple[Vacancy, ...] = ()
    down: bool = False


def search_words(case: Case, client: Client, tracker: Tracker) -> SearchWords:
    """Return the client's words of now, else of earlier in this conversation, else their goal and area."""
    said = words_of(tracker) if intent_of(tracker) == "search_jobs" else ""
    asked = last_response(tracker) == "utter_ask_what_work"
    told = bare_work_in(said) if asked else work_wanted_in(said)
    asked_type = entity(tracker, "job_type") or told.job_type or tracker.get_slot("job_type")
    asked_place = entity(tracker, "place") or told.place or tracker.get_slot("place")
    return SearchWords(
        what=asked_type or _work_in_goals(case, client),
        place=asked_place or client.area,
        asked_type=asked_type,
        asked_place=asked_place,
        country=COUNTRY_OF_REGION.get(client.region or client.service.region),
        takes_anything=bool(_TAKES_ANYTHING.search(said)),
    )


def next_waiting(case: Case, client: Client, tracker: Tracker) -> JobLead | None:
    """Return the lead that waits for an answer: a new one of the consultant's first, else the one still open.

    Somebody who asks for another one, or for other work, does not get the one that they have seen.
    """
    waiting = [lead for lead in case.leads.open_for(client) if lead.status == "shared"]
    waiting.sort(key=lambda lead: (lead.source != "consultant", lead.shared_at, lead.id))
    new = [lead for lead in waiting if lead.shown_at is None]
    if new and case.leads.shared_today(client) < MAX_A_DAY:
        return new[0]
    other_work = entity(tracker, "job_type") or work_wanted_in(words_of(tracker)).job_type
    wants_other = intent_of(tracker) != "search_jobs" or other_work is not None
    return None if wants_other else next((lead for lead in waiting if lead.shown_at), None)


def ask_boards(boards: Mapping[str, JobBoard], words: SearchWords) -> BoardsAnswer:
    """Return what the boards have; one board that fails does not stop the others."""
    if words.country is None or not words.enough:
        return BoardsAnswer()
    query = JobQuery(what=words.what, where=words.place, country=words.country)
    found: list[Vacancy] = []
    failed = 0
    for name, board in boards.items():
        try:
            found.extend(board.search(query))
        except JobBoardError as error:
            failed += 1
            logger.warning(
                "job board failed", board=name, error=type(error).__name__, temporary=error.temporary
            )
    return BoardsAnswer(tuple(found), down=bool(boards) and failed == len(boards))


def keep_best(
    dispatcher: Speaker, case: Case, client: Client, words: SearchWords, found: BoardsAnswer
) -> JobLead | None:
    """Keep the vacancy that fits best as the client's own lead, with why; None when nothing is left."""
    matches = rank(found.vacancies, _preferences(case, client, words), case.leads.seen_vacancy_ids(client))
    if not matches:
        return None
    vacancy = matches[0].vacancy
    return case.leads.keep_vacancy(
        client,
        board=vacancy.board,
        board_ref=vacancy.id,
        title=vacancy.title,
        employer=vacancy.employer,
        place=vacancy.place,
        hours_text=vacancy.hours_text,
        pay_text=vacancy.pay_text,
        summary=vacancy.summary,
        url=vacancy.url,
        why_match=_why(dispatcher, words, matches[0]),
    )


def _preferences(case: Case, client: Client, words: SearchWords) -> Preferences:
    """Return what the client wants, and what they said no to and why."""
    refused = [lead for lead in case.leads.all_for(client) if lead.status == "not_interested"]
    said = " ".join(event.words or "" for lead in refused for event in lead.events)
    return Preferences(
        work=words.what,
        place=words.place,
        declined=frozenset(lead.reason_code for lead in refused if lead.reason_code),
        not_titles=frozenset(lead.title for lead in refused if lead.reason_code == "type_of_work"),
        not_employers=frozenset(
            lead.employer for lead in refused if lead.employer and lead.reason_code == "been_there_before"
        ),
        avoid=DRINK_WORDS if _DRINK.search(said) else frozenset(),
    )


def _why(dispatcher: Speaker, words: SearchWords, match: Match) -> str | None:
    """Return why a vacancy was chosen, and what its advert leaves open, in the domain's words."""
    said = {"work": "utter_why_asked" if words.asked_type else "utter_why_goal", "place": "utter_why_place"}
    doubts = {code: f"utter_doubt_{code}" for code in match.reasons_against}
    codes = [said[code] for code in match.reasons_for if code in said] + list(doubts.values())
    values = {"work": words.what or "", "place": (words.place or "").title()}
    return " ".join(dispatcher.label(code, **values) for code in codes if dispatcher.has(code)) or None


def _work_in_goals(case: Case, client: Client) -> str | None:
    """Return the kind of work in the client's newest goal that names one."""
    goals = reversed(case.goals.active_for(client))
    return next((kind for goal in goals if (kind := work_wanted_in(goal.text).job_type)), None)
