"""What else a message in danger says: it must not be lost behind the safety reply."""

import re
from itertools import islice

from bot.safety.screen import Screen

_BETWEEN_SENTENCES = re.compile(
    r"(?<=[.!?…])\s+|\n+|\b(?:also|anyway|btw|by the way|p\.?s\.?)\b", re.IGNORECASE
)
_WORD = re.compile(r"[a-z]+")
#: What people come to this service with, and the words by which they ask for it.
_MATTERS = frozenset(
    {
        *("appointment", "appt", "meeting", "interview", "job", "jobs", "work", "working", "shift", "shifts"),
        *("hours", "wage", "wages", "pay", "boss", "course", "training", "cv", "application", "apply"),
        *("applied", "lead", "leads", "goal", "goals", "money", "benefit", "benefits", "uc", "pip", "winz"),
        *("jobcentre", "bus", "fare", "letter", "form", "cancel", "book", "move", "change", "rearrange"),
        *("tell", "ask", "remind", "send"),
    }
)
#: With one of these a question asks for something; "what is the point?" does not.
_REQUESTS = frozenset({"can", "could", "would", "please", "where", "which"})
_SENTENCES_READ = 12  # each costs a screening; what stands further back stays in the transcript anyway


def rest_of(text: str, screen: Screen) -> str:
    """The sentences that are about another matter than danger, or nothing.

    A sentence counts when the screen finds nothing in it and it asks for something or names a matter of this
    service. The rest of what somebody says in distress is part of it, and is not called "the rest".
    """
    sentences = (part.strip() for part in _BETWEEN_SENTENCES.split(text))
    asking = (part for part in sentences if _is_a_matter(part))
    return " ".join(part for part in islice(asking, _SENTENCES_READ) if screen.read(part).route is None)


def _is_a_matter(sentence: str) -> bool:
    words = set(_WORD.findall(sentence.casefold()))
    return bool(words & _MATTERS or ("?" in sentence and words & _REQUESTS))
