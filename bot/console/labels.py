"""The words for staff: what a code of the caseload means. Clients never read these."""

from __future__ import annotations

from bot.caseload.models.conversation import Conversation, Handoff, Message, Mode
from bot.caseload.models.people import Client

REASONS = {
    "question": "Asks a question",
    "person": "Wants to speak to a person",
    "safety": "May be in danger: read this now",
    "complaint": "Is not happy with the service",
    "appointment": "Asks about an appointment",
    "lead": "Is interested in a job",
    "not_saved": "The bot could not save something",
    "not_answered": "The bot could not answer",
    "screen_failed": "The safety check failed: read the last messages",
    "unreachable": "Cannot be reached on the chat",
    "invite": "Has used an invite link",
}
STEPS = {
    "consultant": "the consultant",
    "cover": "the cover, and the consultant again",
    "duty": "the duty lead",
    "everyone": "all leads and managers",
}
URGENCIES = {"now": "Now", "today": "Today", "routine": "When you can"}
PHASES = {
    "planning_preparation": "Planning and preparation",
    "job_search": "Job search",
    "placement_support": "In work, with support",
}
GOAL_STATUSES = {"active": "Working on it", "achieved": "Done", "changed": "Changed", "dropped": "Set aside"}
PROGRESS = {
    "set": "Set",
    "closer": "A step closer",
    "achieved": "Done",
    "changed": "Changed; before",
    "dropped": "Set aside",
}
BY = {"client": "the client", "consultant": "the consultant", "bot": "the bot"}
APPOINTMENT_STATUSES = {
    "requested": "Asked for, waits for your yes",
    "confirmed": "Confirmed",
    "change_requested": "Asks to move it, waits for your yes",
    "cancelled_by_client": "Cancelled by the client",
    "cancelled_by_service": "Cancelled by us",
    "attended": "Attended",
    "not_attended": "Did not attend",
}
MODES = {
    "office": "At the office",
    "in_person_community": "In the community",
    "home": "At home",
    "employer_site": "At an employer",
    "phone": "By phone",
    "video": "By video",
}
LEAD_STATUSES = {
    "shared": "Waits for an answer",
    "interested": "Interested",
    "not_interested": "Not for them",
    "preparing": "Preparing",
    "applied": "Applied",
    "expired": "No longer open",
}
AUTHORS = {"bot": "Bot", "safety": "Safety message", "system": "Service message"}
KINDS = {
    "button": "pressed a button",
    "edited": "changed a message",
    "voice": "sent a voice message",
    "audio": "sent a sound file",
    "video": "sent a video",
    "video_note": "sent a video message",
    "photo": "sent a photo",
    "document": "sent a file",
    "sticker": "sent a sticker",
    "animation": "sent an animation",
    "location": "sent a location",
    "contact": "sent a contact",
    "poll": "sent a poll",
    "dice": "rolled a dice",
    "other": "sent something the bot cannot read",
}
DELIVERIES = {
    "received": "Received",
    "queued": "Waiting to be sent",
    "sending": "Sending",
    "sent": "Sent",
    "uncertain": "Sent, may have arrived twice",
    "failed": "Not delivered",
    "suppressed": "Not sent: a person had the chat",
}
CHANNELS = {"telegram": "Telegram", "demo": "Demo phone"}
PURPOSES = {
    "chat": "Chat with the bot",
    "share_with_clinical_team": "Share with the clinical team",
    "family": "Talk with family",
    "reminders": "Reminders",
    "ai_training": "Help to improve the bot",
}
SAFETY_ROUTES = {
    "crisis": "Danger to oneself",
    "harm_others": "Danger to somebody else",
    "safeguarding": "Being hurt or watched",
    "third_party": "Worry about another person",
    "soft": "Low mood or a lapse",
}
SAFETY_KINDS = {
    "overdose": "overdose or injury",
    "suicidal": "suicidal thoughts",
    "psychosis": "frightening beliefs or voices",
    "self_harm": "self-harm",
    "harm_others": "may hurt somebody",
    "abuse": "is being hurt or threatened",
    "watched_phone": "somebody reads the phone",
    "worried_about_someone": "worry about somebody",
    "low_mood": "low mood",
    "bereaved": "grief",
    "denied": "says that it is not that",
    "lapse": "a lapse",
}
SAFETY_VERDICTS = {
    "right": "Right",
    "not_needed": "Not needed",
    "missed": "Should have answered",
}
DETECTORS = {"rules": "phrases", "model": "trained model"}
ALERT_CHANNELS = {"console": "in Foothold", "telegram": "by Telegram", "email": "by e-mail"}
ALERT_STATUSES = {
    "new": "on its way",
    "sending": "on its way",
    "sent": "sent",
    "dead": "not delivered",
    "dropped": "not needed any more",
}


def say(words: dict[str, str], code: str | None) -> str:
    """Return the words for a code; a new code reads as itself rather than breaking the page."""
    if code is None:
        return ""
    return words.get(code) or code.replace("_", " ").capitalize()


def detector(name: str) -> str:
    """Return what found it: "rules:not-want-to-live" is "phrases (not want to live)"."""
    family, _, rule = name.partition(":")
    said = say(DETECTORS, family).lower()
    return f"{said} ({rule.replace('-', ' ').replace('_', ' ')})" if rule else said


def who_wrote(message: Message, client: Client) -> str:
    """Return who is behind a message."""
    if message.author == "client":
        return client.preferred_name
    if message.author == "person":
        return message.staff.first_name if message.staff else "A colleague"
    return say(AUTHORS, message.author)


def who_has(conversation: Conversation, staff_id: str) -> str:
    """Return who has the chat now, said to the person who reads the page."""
    if conversation.unlinked_at is not None:
        return "This chat is not linked any more. Nothing can be sent."
    if conversation.mode == Mode.PERSON:
        if conversation.held_by_id == staff_id:
            return "You have the chat. The bot is silent."
        name = conversation.held_by.first_name if conversation.held_by else "A colleague"
        return f"{name} has the chat. The bot is silent."
    if conversation.mode == Mode.WAITING:
        return f"{conversation.client.preferred_name} waits for a person. The bot still answers."
    return "The bot has the chat."


def is_urgent(handoff: Handoff) -> bool:
    """Return whether somebody may be in danger."""
    return handoff.urgency == "now" or handoff.reason == "safety"


def count(number: int, one: str, many: str | None = None) -> str:
    """Return "1 client" or "3 clients"."""
    return f"{number} {one if number == 1 else many or one + 's'}"
