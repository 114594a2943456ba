"""Words and numbers of a message with their places in it."""

import re
from dataclasses import dataclass

# A client's message is at most 4,096 characters in Telegram; what stands after that is not read.
LONGEST = 4096
_PAD = 12  # empty words after the end, so that readers may look ahead without asking for the length

_TOKEN = re.compile(
    r"""
      \d{1,4}(?:[:.]\d{1,2})?\s?(?:[ap]m\b|[ap]\.m\b\.?)(?!\w)  # 2pm, 2.30 p.m.
    | \d{1,2}-\d{1,2}-(?:\d{4}|\d{2})(?!\d)               # 25-11-26
    | \d{4}-\d{1,2}-\d{1,2}(?!\d)                        # 2026-11-25
    | \d+(?:[:./]\d+)*[^\W\d_]*                          # 5, 14:30, 3/12, 3rd, 2moro
    | [^\W\d_]+\d?(?:['’`][^\W\d_]+)*                    # words, also b4 and don't
    | [£$€&,.!?;:/|()@%\n+–—-]
    """,
    re.VERBOSE | re.IGNORECASE,
)
_MARKS = str.maketrans("", "", "'’`")


@dataclass(frozen=True)
class Words:
    """Lower-case words without apostrophes, and where each starts and ends in the message."""

    words: list[str]
    starts: list[int]
    ends: list[int]
    count: int


def split_words(text: str) -> Words:
    """Split a message; never fails, and the places always lie inside the message."""
    words: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    for found in _TOKEN.finditer(text, 0, LONGEST):
        word = found.group().lower()
        if not word.isalnum():
            word = word.translate(_MARKS)
        words.append(word)
        starts.append(found.start())
        ends.append(found.end())
    count = len(words)
    words.extend([""] * _PAD)
    return Words(words, starts, ends, count)
