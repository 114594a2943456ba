"""Goals in what clients write: whether a message says one, in which words, and which goal it means."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bot.caseload.models.plan import Goal

GOAL_LENGTH = 300
#: Words that say what they want within the sentence that opens the form.
_SAYS_A_GOAL = re.compile(
    r"\bgoals? (?:is|would be|are)\b|\b(?:want|like|love|wanna|hope|dream)\b|^goal:? ", re.I
)
_PREFACE = re.compile(r"^(?:(?:my|a|the|one of my|new) )?goals?(?: is| are| would be)?(?: to)?\b[:\s]*", re.I)
#: Words that only ask to add one.
_ASKS_TO_ADD = re.compile(
    r"\b(?:add|set|new|make|save|write|tell|have)\b[^.]{0,24}\b(?:goals?|something)\b", re.I
)


def numbered(goals: Sequence[Goal]) -> str:
    """Return the goals as a numbered list, in the client's words."""
    return "\n".join(f"{number}. {goal.text}" for number, goal in enumerate(goals, start=1))


def only_asks(words: str) -> bool:
    """Whether the words ask to add a goal without saying one."""
    return bool(_ASKS_TO_ADD.search(words)) and not re.search(r"\bgoals? (?:is|would be)\b", words, re.I)


def goal_within(words: str) -> str | None:
    """Return the message itself when it already says a goal ("my goal is 16 hours a week")."""
    if not words or only_asks(words) or not _SAYS_A_GOAL.search(words):
        return None
    return goal_words(words)


def goal_words(words: str) -> str:
    """Return the goal as it was said, without "my goal is" before it."""
    return (_PREFACE.sub("", words, count=1).strip() or words)[:GOAL_LENGTH]


def goal_named(goals: Sequence[Goal], words: str) -> Goal | None:
    """Return the one goal that shares most telling words with the message, if there is just one."""
    said = _telling(words)
    scores = sorted(((len(said & _telling(goal.text)), goal.id, goal) for goal in goals), reverse=True)
    if not scores or scores[0][0] == 0 or (len(scores) > 1 and scores[1][0] == scores[0][0]):
        return None
    return scores[0][2]


def names_the_goal(goal: Goal, words: str) -> bool:
    """Whether the words speak of a goal, or share a telling word with this one."""
    return bool(re.search(r"\bgoals?\b", words, re.I)) or bool(_telling(words) & _telling(goal.text))


def _telling(words: str) -> set[str]:
    return {word for word in re.findall(r"[a-z]{3,}", words.casefold()) if word not in _COMMON}


_COMMON = frozenset(
    re.findall(
        r"[a-z]+",
        "about and bit can cant closer did done dont drop for from get getting goal goals got have ive like "
        "mark more not now off one out progress some that the this thing want with work yay you",
    )
)
