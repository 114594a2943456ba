"""Speaks to a member of staff in their own Telegram: one client at most in a message, and never a name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import yaml

from bot.caseload.models.people import Client, Staff
from bot.caseload.staff_buttons import StaffButtonSpec
from bot.caseload.store import Case
from integrations.telegram.splitting import MAX_UNITS, split_text, units

SENTENCES = Path(__file__).with_name("staff_says.yml")


@dataclass(frozen=True)
class StaffWords:
    """The sentences, labels of buttons and authors."""

    sentences: Mapping[str, str]
    buttons: Mapping[str, str]
    authors: Mapping[str, str]

    @classmethod
    def load(cls) -> StaffWords:
        """Read them."""
        return cls(**yaml.safe_load(SENTENCES.read_text(encoding="utf-8")))

    def say(self, sentence: str, /, **values: str) -> str:
        """Fill a sentence."""
        return self.sentences[sentence].format(**values).strip()


@dataclass
class Visit:
    """One thing that happened in a staff chat, and what is answered there."""

    case: Case
    staff: Staff
    words: StaffWords
    #: What is queued under it is queued once.
    key: str
    said: int = 0

    def label(self, client: Client) -> str:
        """Return what this person calls a client."""
        return self.case.staff_aliases.label_of(self.staff, client)

    def button(
        self,
        does: str,
        client: Client,
        *,
        conversation_id: str | None = None,
        epoch: int | None = None,
        danger: str | None = None,
        words: str | None = None,
    ) -> StaffButtonSpec:
        """Return a button about one client, with what was seen above it."""
        label = self.words.buttons[does]
        return StaffButtonSpec(label, does, client.id, conversation_id, epoch, danger, words)

    def say(
        self,
        sentence: str,
        client: Client | None = None,
        buttons: Sequence[StaffButtonSpec] = (),
        **values: str,
    ) -> None:
        """Queue one of the sentences; `client` is the one whom it is about."""
        if client is not None:
            values["label"] = self.label(client)
        self.show(self.words.say(sentence, **values), client, buttons)

    def show(self, text: str, client: Client | None = None, buttons: Sequence[StaffButtonSpec] = ()) -> None:
        """Queue a text in as many messages as Telegram needs, each with its client's label, buttons last."""
        again = f"{self.label(client)}: … " if client is not None else ""
        offered = self.case.staff_buttons.offer(self.staff, buttons) if buttons else []
        parts = split_text(text, MAX_UNITS - units(again))
        for number, part in enumerate(parts):
            self.case.outbox.add_for_staff(
                self.staff,
                f"{again}{part}" if number else part,
                dedup_key=f"{self.key}:{self.said}",
                about=client,
                buttons=offered if number == len(parts) - 1 else [],
            )
            self.said += 1
