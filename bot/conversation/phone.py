"""The demo's phone: browser page and terminal write into the inbox and read the transcript."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime

from bot.caseload.errors import NotEnrolled
from bot.caseload.models.conversation import Conversation
from bot.caseload.store import Case, Caseload
from bot.conversation.ingest import Ingest
from integrations.telegram.types import Inbound

DEMO_BOT = "demo"


@dataclass(frozen=True)
class PhoneButton:
    """A button on the demo's phone."""

    label: str
    token: str


@dataclass(frozen=True)
class Bubble:
    """A message as the phone shows it; `mine` is the client's own."""

    id: int
    mine: bool
    author: str
    text: str
    kind: str
    at: datetime
    buttons: tuple[PhoneButton, ...]
    delivery: str


class Phone:
    """Acts as the phones of the demo's clients."""

    def __init__(self, caseload: Caseload, ingest: Ingest) -> None:
        self._caseload = caseload
        self._ingest = ingest

    def owners(self) -> list[tuple[str, str]]:
        """Return (reference, name) of every client with a demo phone, by name."""
        with self._caseload.reading() as case:
            return [
                (line.ref, line.display_name)
                for line in case.clients.lines()
                if case.conversations.find_by_chat(DEMO_BOT, line.ref) is not None
            ]

    def send(self, ref: str, text: str) -> int | None:
        """Type a message; returns its place in the inbox. Raises NotEnrolled for a client without a phone."""
        return self._put(ref, kind="text", text=text, token=None)

    def press(self, ref: str, token: str) -> int | None:
        """Press a button; returns its place in the inbox."""
        return self._put(ref, kind="button", text=None, token=token)

    def messages(self, ref: str, after: int = 0) -> list[Bubble]:
        """Return what the phone shows after a message id, oldest first."""
        with self._caseload.reading() as case:
            conversation = self._conversation(case, ref)
            messages = case.transcript.after(conversation, after)
            offers = case.outbox.offers_of([message.id for message in messages])
            return [
                Bubble(
                    id=message.id,
                    mine=message.author == "client",
                    author=message.author,
                    text=message.text,
                    kind=message.kind,
                    at=message.created_at,
                    buttons=tuple(
                        PhoneButton(button["label"], button["token"]) for button in offers.get(message.id, [])
                    ),
                    delivery=message.delivery,
                )
                for message in messages
                if message.author == "client" or message.delivery in {"sent", "uncertain"}
            ]

    def is_settled(self, ref: str) -> bool:
        """Return whether every message has its outcome and nothing is on its way to this phone."""
        with self._caseload.reading() as case:
            conversation = self._conversation(case, ref)
            return not case.inbox.waits_in(conversation) and not case.outbox.waits_in(conversation)

    def _conversation(self, case: Case, ref: str) -> Conversation:
        conversation = case.conversations.find_by_chat(DEMO_BOT, ref)
        if conversation is None:
            raise NotEnrolled(ref)
        return conversation

    def _put(self, ref: str, *, kind: str, text: str | None, token: str | None) -> int | None:
        with self._caseload.transaction() as case:
            self._conversation(case, ref)
            number = case.inbox.next_number(DEMO_BOT)
            inbound = Inbound(
                bot_id=DEMO_BOT,
                update_id=number,
                chat_id=ref,
                kind=kind if text is None or text.strip() else "other",
                text=text,
                token=token,
                callback_id=None,
                message_id=number,
                sent_at=case.clock.now(),
                language=None,
                file=None,
                payload=json.dumps(
                    {"kind": kind, "chat": ref, "text": text, "token": token, "number": number}
                ),
            )
            return self._ingest.receive_in(case, inbound).seq


def parse_demo(payload: str, bot_id: str) -> Inbound:
    """Read back what a demo phone sent."""
    raw = json.loads(payload)
    return Inbound(
        bot_id=bot_id,
        update_id=raw["number"],
        chat_id=raw["chat"],
        kind=raw["kind"],
        text=raw["text"],
        token=raw["token"],
        callback_id=None,
        message_id=raw["number"],
        sent_at=None,
        language=None,
        file=None,
        payload=payload,
    )
