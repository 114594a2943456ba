"""What crosses the border between our side and the dialogue server."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime


class DialogueError(Exception):
    """The dialogue server did not give an answer to a turn."""


class DialogueUnavailable(DialogueError):
    """The dialogue server could not be reached or is not able to work now: ask again later."""


class TurnFailed(DialogueError):
    """The dialogue server met this turn and could not finish it: nothing of the turn was kept."""


@dataclass(frozen=True)
class TurnContext:
    """What the dialogue must know about the moment and the person, beside the words; times are aware."""

    now: datetime
    timezone: str
    region: str
    first_name: str
    consultant: str
    service: str
    sent_at: datetime | None = None

    def as_metadata(self) -> dict[str, str]:
        """The message metadata that components, actions and responses read inside Rasa."""
        metadata = {
            "now": self.now.isoformat(),
            "timezone": self.timezone,
            "region": self.region,
            "first_name": self.first_name,
            "consultant": self.consultant,
            "service": self.service,
        }
        if self.sent_at is not None:
            metadata["sent_at"] = self.sent_at.isoformat()
        return metadata


@dataclass(frozen=True)
class Turn:
    """One thing that a client did: words, or an intent from our own button or timer; never both."""

    conversation: str
    message_id: str
    context: TurnContext
    text: str | None = None
    intent: str | None = None
    entities: Mapping[str, object] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if (self.text is None) == (self.intent is None):
            raise ValueError("A turn has either text or an intent.")


@dataclass(frozen=True)
class ReplyButton:
    """A button that the dialogue offers; the gateway makes an opaque token of it."""

    label: str
    intent: str
    entities: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True)
class Reply:
    """One message to the client; `response` is the name in the domain, where there is one."""

    text: str
    buttons: tuple[ReplyButton, ...] = ()
    response: str | None = None


@dataclass(frozen=True)
class Understanding:
    """What the model took the words to mean, likeliest first in `ranking` (name, confidence 0 to 1)."""

    intent: str | None
    confidence: float
    ranking: tuple[tuple[str, float], ...] = ()


@dataclass(frozen=True)
class TurnResult:
    """The answer to a turn; `repeated` is true when it had been answered before and nothing was run.

    `open_form` is the form that waits for the client's answer now, if one does.
    """

    replies: tuple[Reply, ...]
    understanding: Understanding
    actions: tuple[str, ...] = ()
    repeated: bool = False
    open_form: str | None = None
