"""Signs without a word: a knife and a tear, three pills, a grave. No phrase rule and no model reads them."""

from __future__ import annotations

import re
from collections.abc import Sequence

from bot.safety.routes import Finding, Route

#: One of these by itself is enough; of the second sort it takes two, or one beside a sad face.
_DEADLY = re.compile("[🔪🔫⚰🪦]")
_HARMFUL = re.compile("[💊🩸]")
_SAD = re.compile("[😢😭😞😔🥺💔😥😣😖😩☹🖤]")
_WORDS = re.compile(r"[^\W_]")
#: Longer than this is no message of signs.
LONGEST = 200


class SignsAlone:
    """Answers a message of signs alone with the warm line and the offer of a call: it may mean either."""

    name = "signs"

    def find(self, text: str) -> Sequence[Finding]:
        """Return one finding of the soft route, or none."""
        if len(text) > LONGEST or _WORDS.search(text):
            return ()
        harmful = len(_HARMFUL.findall(text))
        if _DEADLY.search(text) or harmful > 1 or (harmful and _SAD.search(text)):
            return (Finding(Route.SOFT, "low_mood", self.name),)
        return ()
