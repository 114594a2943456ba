"""A job as the client reads it. An advert is somebody else's text: shown as text, short, never as more."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from typing import TYPE_CHECKING

from actions.base import Speaker
from actions.words import shortened

if TYPE_CHECKING:
    from bot.caseload.models.plan import JobLead

ADVERT_LENGTH = 200
TITLE_LENGTH = 80
FACT_LENGTH = 80


def plain(text: str, limit: int = ADVERT_LENGTH) -> str:
    """Return an advert's words on one line, without characters that hide or turn text, cut at a word."""
    visible = "".join(" " if char.isspace() else char for char in text if char.isspace() or _is_visible(char))
    return shortened(visible, limit)


def link(lead: JobLead) -> str | None:
    """Return the advert's address when it is one that a person can open and read."""
    url = (lead.url or "").strip()
    readable = url.startswith(("https://", "http://")) and all(_is_visible(char) for char in url)
    return url if readable and " " not in url else None


def heading(dispatcher: Speaker, lead: JobLead) -> str:
    """Return "Baker at Greggs"."""
    title = plain(lead.title, TITLE_LENGTH)
    if not lead.employer:
        return title
    return dispatcher.label("utter_job_heading", title=title, employer=plain(lead.employer, TITLE_LENGTH))


def fact_lines(dispatcher: Speaker, lead: JobLead) -> list[str]:
    """Return a line for each thing that is known: who found it, where, pay, hours, why it matches.

    Who has seen it before it was corrected reads that too.
    """
    facts = (
        ("utter_job_place", "place", lead.place),
        ("utter_job_pay", "pay", lead.pay_text),
        ("utter_job_hours", "hours", lead.hours_text),
        ("utter_job_why", "why", lead.why_match),
    )
    found_by = "utter_job_from_consultant" if lead.source == "consultant" else "utter_job_from_board"
    lines = [dispatcher.label(found_by)]
    if lead.is_changed_since_shown:
        lines.append(dispatcher.label("utter_job_corrected"))
    for response, name, value in facts:
        if value:
            lines.append(dispatcher.label(response, **{name: plain(value, FACT_LENGTH)}))
    return lines


def answer_buttons(dispatcher: Speaker, lead: JobLead, *, short: bool = False) -> list[dict[str, str]]:
    """Return the answers to a job; `short` leaves out asking for more, right after more was told."""
    answers = ["like_job", "decline_job", "job_details", "leave_jobs"]
    if short:
        answers.remove("job_details")
    intents = {"job_details": "ask_job_details"}
    return [
        {
            "title": dispatcher.label(f"utter_button_{answer}"),
            "payload": "/leave_jobs" if answer == "leave_jobs" else _about(intents.get(answer, answer), lead),
        }
        for answer in answers
    ]


def buttons_to_choose(leads: Sequence[JobLead], intent: str) -> list[dict[str, str]]:
    """Return one button for each job, newest first, that says again what the client said."""
    return [
        {"title": shortened(plain(lead.title)), "payload": _about(intent, lead)} for lead in reversed(leads)
    ]


def _about(intent: str, lead: JobLead) -> str:
    return f'/{intent}{{"lead": "{lead.id}"}}'


def _is_visible(char: str) -> bool:
    # Cc controls, Cf joins and direction marks, Co and Cn private and unassigned.
    return unicodedata.category(char) not in {"Cc", "Cf", "Co", "Cn", "Cs"}
