"""Why a client waits for a human, in the words that staff read; in the console and in their own Telegram."""

from __future__ import annotations

from collections.abc import Mapping

REASONS = {
    "question": "Asks a question",
    "person": "Wants to speak to a person",
    "person:call": "Wants a phone call",
    "safety": "May be in danger: read this now",
    "complaint": "Is not happy with the service",
    "appointment": "Asks about an appointment",
    "lead": "Is interested in a job",
    "not_saved": "The bot could not save something",
    "not_answered": "The bot could not answer",
    "screen_failed": "The safety check failed: read the last messages",
    "unreachable": "Cannot be reached on the chat: please phone",
    "invite": "Has used an invite link",
    "moved": "Was in a chat with a colleague who has it no longer",
    "new_client": "Is your client from now on",
    "no_consultant": "Has no consultant",
    "covered_meeting": "Has a meeting with somebody who is away",
    "silent": "Has no answer from whoever has the chat",
    "travel": "Needs help to get to an appointment",
    "not_sent": "A message for later was not sent: open the chat",
}


def say_reason(code: str, subject: str | None = None, words: Mapping[str, str] = REASONS) -> str:
    """Return the words for a reason and what it is about; a new one reads as itself."""
    return words.get(f"{code}:{subject}") or words.get(code) or code.replace("_", " ").capitalize()
