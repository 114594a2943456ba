"""What else a message in danger says: it must not be lost behind the safety reply."""

import re
from itertools import islice

from bot.safety.screen import Screen

_BETWEEN_SENTENCES = re.compile(
    r"(?<=[.!?…])\s+|\n+|\b(?:also|anyway|btw|by the way|p\.?s\.?)\b"
    # After a comma too: "i want to die, what time is my appointment". Not before "where" and "which", which
    # seldom begin a question there.
    r"|,\s*(?:and\s+)?(?=(?:what|when|can|could|how|who|is|did|please)\b)",
    re.IGNORECASE,
)
_WORD = re.compile(r"[a-z]+")
#: What people come to this service with, and the words by which they ask for it.
_MATTERS = frozenset(
    {
        *("appointment", "appt", "meeting", "interview", "job", "jobs", "work", "working", "shift", "shifts"),
        *("hours", "wage", "wages", "pay", "paid", "boss", "course", "training", "cv", "application"),
        *("apply", "applied", "lead", "leads", "goal", "goals", "money", "benefit", "benefits", "uc", "pip"),
        *("winz", "jobcentre", "bus", "fare", "letter", "form", "cancel", "book", "move", "change"),
        *("rearrange", "tell", "ask", "remind", "send", "email", "group"),
    }
)
#: With one of these, words ask for something without a question mark: "how long till it comes".
_ASKS = re.compile(
    r"^(?:and |so |please )*(?:what time|what day|when (?:is|are|do|does|will)|how long till"
    r"|how much|how many"
    r"|(?:can|could|would|will) you (?!help))\b",
    re.IGNORECASE,
)
_SENTENCES_READ = 12  # each costs a screening; what stands further back stays in the transcript anyway


def rest_of(text: str, screen: Screen) -> str:
    """The sentences that are about another matter than danger, or nothing.

    A sentence counts when the screen finds nothing in it and it asks something or names a matter of this
    service. What is a question of despair, such as "what is the point?", the screen itself reads as danger.
    """
    sentences = (part.strip() for part in _BETWEEN_SENTENCES.split(text) if part)
    asking = (part for part in sentences if _is_a_matter(part))
    return " ".join(part for part in islice(asking, _SENTENCES_READ) if screen.read(part).route is None)


def _is_a_matter(sentence: str) -> bool:
    words = set(_WORD.findall(sentence.casefold()))
    return bool(words & _MATTERS) or "?" in sentence or _ASKS.match(sentence) is not None
