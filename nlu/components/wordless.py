"""What a message without a single word says: the encoders see every emoji as the same unknown sign."""

from __future__ import annotations

import re
from typing import Final, Mapping, Optional, Text

_WORD: Final = re.compile(r"\w")
# Skin tones, joiners and the sign that asks for the coloured form.
_NOT_TOLD: Final = re.compile("[\U0001f3fb-\U0001f3ff\u200d\ufe0f\\s]")
_SIGNS: Final[Mapping[Text, Text]] = {
    "affirm": "👍👌✅✔🆗",
    "deny": "👎❌🙅🚫",
    "thank": "🙏❤💚💙💜🧡💛🖤🤍💕🥰😘🤗",
    "feel_good": "🙂😀😁😃😄😊😎🎉🥳💪😌☺",
    "feel_low": "😭😢😞😔☹🙁😟😩😫😖😣🥺💔😰😥😿😓",
    "greet": "👋",
    "insult_bot": "😡😠🤬🖕💩👿",
    "not_sure": "?？🤷🤔❓😕",
}


def has_no_words(text: Text) -> bool:
    """Whether a message holds signs only: emoji, marks."""
    return bool(text.strip()) and not _WORD.search(text)


def intent_of_signs(text: Text) -> Optional[Text]:
    """Return the intent that all known signs of the message agree on; None when there is none, or two."""
    signs = _NOT_TOLD.sub("", text)
    found = {intent for intent, known in _SIGNS.items() if any(sign in known for sign in signs)}
    return found.pop() if len(found) == 1 else None
