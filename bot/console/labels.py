"""The words for staff: what a code of the caseload means. Clients never read these."""

from __future__ import annotations

from datetime import datetime, timedelta

from bot.caseload.alerts import AccountChange
from bot.caseload.models.conversation import Conversation, Handoff, Message, Mode
from bot.caseload.models.people import Client
from bot.caseload.models.talk import Attachment
from bot.conversation.file_types import ENDINGS
from bot.conversation.reasons import REASONS as REASONS
from bot.conversation.reasons import say_reason as say_reason

ROLES = {
    "consultant": "Consultant",
    "lead": "Team lead",
    "duty": "Duty lead",
    "manager": "Service manager",
    "admin": "Admin",
}
ROLES_SEE = {
    "consultant": "sees their own clients and those they cover",
    "lead": "sees all clients of the service",
    "duty": "sees a client only while they may be in danger",
    "manager": "sees all clients of the service, and looks after staff",
    "admin": "looks after accounts, and sees no client",
}
STEPS = {
    "consultant": "the consultant",
    "cover": "the cover, and the consultant again",
    "duty": "the duty lead",
    "everyone": "all leads and managers",
    "opening": "everybody again, when the service opens",
}
WAIT_STEPS = {
    "opened": "whoever reads",
    "reminder": "a reminder",
    "cover": "the cover",
    "lead": "the lead",
}
#: As it stands beside a name in a paper.
ROLE_WORDS = {
    "consultant": "consultant",
    "lead": "team lead",
    "manager": "service manager",
    "duty": "on duty",
    "admin": "administrator",
}
#: For so long a page says that a client is back on the chat.
BACK_IS_NEWS = timedelta(days=7)
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
    "active": "Taken up again",
}
BY = {"client": "the client", "consultant": "the consultant", "bot": "the bot"}
APPOINTMENT_STATUSES = {
    "requested": "Asked for, waits for your yes",
    "confirmed": "Confirmed",
    "change_requested": "Asks to move it, waits for your yes",
    "cancelled_by_client": "Cancelled by the client",
    "cancelled_by_service": "Cancelled by us",
    "attended": "Attended",
    "late": "Came late",
    "not_attended": "Did not come",
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
    "expired": "Taken back: its last day has passed",
    "closed_by_employer": "Taken back: the employer has closed it",
    "withdrawn": "Taken back",
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
FILES = {
    "voice": "Voice message",
    "audio": "Sound file",
    "photo": "Photo",
    "document": "File",
    "video": "Video",
    "video_note": "Video message",
}
FILE_STATES = {
    "waiting": "It is being fetched.",
    "late": "It could not be fetched yet. It is tried again by itself.",
    "removed": "It is not kept any more.",
    "too_big": "It is larger than 10 MB, so it was not fetched. Ask for a smaller one.",
    "not_allowed": "Files of its kind are not kept. Sound, pictures, MP4, PDF, text and Word files are.",
    "before_consent": "It came before it was agreed to chat here, so it was not fetched.",
    "gone": "Telegram did not give it to us.",
    "not_fetched": "It could not be fetched.",
}
MIMES = {
    "audio/ogg": "sound",
    "audio/mpeg": "sound",
    "audio/mp4": "sound",
    "image/jpeg": "picture",
    "image/png": "picture",
    "image/webp": "picture",
    "image/gif": "picture",
    "video/mp4": "MP4 video",
    "application/pdf": "PDF",
    "text/plain": "text",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": "Word file",
}
LATER_REASONS = {
    "danger": "Held: there was a sign of danger since it was written. Read the chat first.",
    "stopped": "Held: the client has asked for no messages since it was written. Change or cancel it.",
    "colleague": "Held: a colleague had the chat at that time. Change or cancel it.",
    "access": "Held: whoever wrote it does not see this client any more. Cancel it, and write your own.",
    "unlinked": "Not sent: this chat is not linked any more.",
    "account": "Not sent: the account of the person who wrote it is closed.",
}
CHANNELS = {"telegram": "Telegram", "demo": "Demo phone"}
REGIONS = {
    "england": "England",
    "new_zealand": "New Zealand",
    "ireland": "Ireland",
    "australia": "Australia",
}
#: The zones of those regions, as people there call them.
ZONES = {
    "Europe/London": "London",
    "Europe/Dublin": "Dublin",
    "Pacific/Auckland": "Auckland",
    "Pacific/Chatham": "Chatham Islands",
    "Australia/Sydney": "Sydney",
    "Australia/Melbourne": "Melbourne",
    "Australia/Brisbane": "Brisbane",
    "Australia/Adelaide": "Adelaide",
    "Australia/Darwin": "Darwin",
    "Australia/Perth": "Perth",
    "Australia/Hobart": "Hobart",
}
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
    "screen_failed": "the safety check failed",
}
SAFETY_VERDICTS = {
    "right": "Right",
    "not_needed": "Not needed",
    "missed": "Should have answered",
}
DETECTORS = {
    "rules": "phrases",
    "model": "trained model",
    "signs": "signs alone",
    "button": "a button",
    "review": "a reviewer",
    "set_aside": "read, but not taken in",
    "not_readable": "not readable, while danger is open",
    "failed": "a detector failed",
}
ALERT_CHANNELS = {"console": "in Foothold", "telegram": "by Telegram", "email": "by e-mail"}
#: What an audit line about an account says, up to its colon.
ACCOUNT_CHANGES = {
    "account link made": "made a link to set a new password for",
    "account opened": "opened an account for",
    "account enabled": "opened a closed account again, of",
    "second factor reset": "reset the second factor of",
    "role changed": "changed the role of",
}
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


def account_change(change: AccountChange) -> str:
    """Say who did what to whose account: "Ada Quist opened an account for Max Roe (Service manager)"."""
    what, _, detail = change.action.replace(" to ", ": ").partition(": ")
    role = f" ({ROLES[detail]})" if detail in ROLES else ""
    whom = "you" if change.is_mine else change.name
    return f"{change.by or 'The operator'} {say(ACCOUNT_CHANGES, what)} {whom}{role}"


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


def back_since(conversation: Conversation, now: datetime) -> datetime | None:
    """Return since when a client who could not be reached is back, while that is news."""
    back_at = conversation.back_at
    if conversation.unreachable_at is not None or back_at is None or now - back_at > BACK_IS_NEWS:
        return None
    return back_at


def is_urgent(handoff: Handoff) -> bool:
    """Return whether somebody may be in danger."""
    return handoff.urgency == "now" or handoff.reason == "safety"


def size(number: int | None) -> str:
    """Return how large a file is: "340 kB", "2.1 MB"."""
    if number is None:
        return "size not known"
    if number < 1_000_000:
        return f"{max(1, round(number / 1000))} kB"
    return f"{number / 1_000_000:.1f} MB"


def saved_as(file: Attachment) -> str:
    """Return a name for a stored file that tells of nobody: "voice-2026-11-25.ogg"."""
    kind = file.kind.replace("_", "-")
    return f"{kind}-{file.created_at:%Y-%m-%d}{ENDINGS[file.mime or '']}"


def count(number: int, one: str, many: str | None = None) -> str:
    """Return "1 client" or "3 clients"."""
    return f"{number} {one if number == 1 else many or one + 's'}"


def resumes(open_form: str | None) -> list[tuple[str, str]]:
    """Return where the bot may go on after a hand-back, with the words for it, the usual one first."""
    first = "With the question that was open" if open_form else "The bot says what it can do"
    return [
        ("where_it_was", first),
        ("menu", "With the menu"),
        ("nothing", "It waits for the client to write"),
    ]
