"""The blanks in words that are used again and again: some we fill, the others stop the message."""

from __future__ import annotations

import re
from collections.abc import Sequence
from zoneinfo import ZoneInfo

from bot.caseload.models.people import Client
from bot.caseload.store import Case
from bot.conversation.speaking import names_of
from bot.conversation.wording import Wording
from bot.spoken import when_words

_BLANK = re.compile(r"\{[^{}\n]{1,40}\}|_{3,}")
#: What `fill` knows, for whoever writes the words.
FILLED = ("first_name", "consultant", "next_appointment")


class BlanksLeft(Exception):
    """Words still have blanks in them; `blanks` are these, as they stand there."""

    def __init__(self, blanks: Sequence[str]) -> None:
        super().__init__("blanks left")
        self.blanks = tuple(blanks)


def blanks_in(text: str) -> list[str]:
    """Return the blanks in a text, each once, in order."""
    return list(dict.fromkeys(_BLANK.findall(text)))


def fill(case: Case, words: Wording, client: Client, text: str) -> str:
    """Return a text with what we know about a client filled in; other blanks stay for the person to fill."""
    names = names_of(words, client)
    known = {"{first_name}": names["first_name"], "{consultant}": names["consultant"]}
    appointment = case.appointments.next_for(client)
    if appointment is not None:
        known["{next_appointment}"] = when_words(appointment.starts_at, ZoneInfo(client.timezone))
    return _BLANK.sub(lambda found: known.get(found[0], found[0]), text)
