"""Why a client does not want a job, as one of the reasons that the service counts."""

from __future__ import annotations

import re

#: Earlier lines win: "too far to walk at night" is about the way, "night shifts" about the shifts.
_SIGNS: tuple[tuple[str, str], ...] = (
    ("been_there_before", r"worked there|been there|work there before|used to work|old job|went there"),
    ("closed", r"closed|already gone|expired|been filled|already taken"),
    (
        "too_far",
        r"\bfar\b|miles|\bbus\b|buses|train|travel|get there|no car|commute|distance|way out|other side of",
    ),
    ("nights", r"\bnights?\b|shifts?\b"),
    (
        "hours",
        r"\bhours?\b|\bhrs\b|early|\blate\b|weekends?|full ?time|part ?time|school run|pick ?up"
        r"|saturdays?|sundays?|mornings?",
    ),
    ("pay", r"\bpay\b|money|wage|paid|an hour"),
    ("people_contact", r"people|customers?|public|crowd|busy|phones?\b"),
    ("health", r"health|\bback\b|knees?\b|\bmeds\b|tablets|anxi|\bbad for me|doctor|pain"),
    (
        "type_of_work",
        r"kind of work|type of work|sort of (?:job|work)|that work|not my thing|boring|hate|dont like"
        r"|don't like|\bpub\b|\bbar\b|drink|alcohol",
    ),
)
CODES = frozenset(code for code, _ in _SIGNS) | {"other"}


def reason_in(words: str) -> str:
    """Return the reason that the words give; "other" when they give none of the known ones."""
    words = words.lower()
    return next((code for code, sign in _SIGNS if re.search(sign, words)), "other")
