"""The words for staff about work, tries to reach somebody, talks and profiles. Clients never read these."""

from __future__ import annotations

from bot.caseload.check_in_schedule import AFTER_END, Step
from bot.caseload.leads import said_before
from bot.caseload.models.people import Client
from bot.caseload.models.plan import Appointment, LeadEvent
from bot.caseload.today import FirstContact, Silent
from bot.console import labels

OUTREACH_HOW = {
    "phone": "By phone",
    "text": "By text message",
    "chat": "In the chat",
    "letter": "By letter or card",
    "visit_home": "Visit at home",
    "visit_community": "Visit in the community",
    "joint_visit": "Visit with the clinical team",
    "family": "Through family, as agreed",
    "colleague": "Through a colleague",
}
OUTREACH_RESULTS = {
    "reached": "Reached",
    "message_left": "Left a message",
    "no_answer": "No answer",
    "not_there": "Was not there",
}
#: What to do after so many days without a sign.
SILENT_ACTIONS = {
    7: "Send a line or phone.",
    14: "Phone, and try another way if nobody answers.",
    28: "Visit, or go with somebody they know. Silence closes nothing.",
}
FIRST_CONTACT_ACTIONS = {
    14: "Plan a visit to an employer together.",
    21: "Fix a day this week for the first employer.",
    28: "Meet an employer now: 30 days is the aim.",
}
TALKS = {
    "offered": "Offered",
    "talked_about": "Talked about",
    "referred": "Referred to an adviser",
    "done": "Done",
}
STANCES = {
    "undecided": "Has not decided",
    "none": "Tell them nothing",
    "some": "Tell them some of it",
    "full": "Tell them openly",
}
WHO_SPOKE = {"consultant": "I spoke to them", "client": "The client spoke to them"}
END_REASONS = {
    "found_better": "Found something better",
    "did_not_fit": "It did not fit",
    "health": "Health",
    "employer_ended_it": "The employer ended it",
    "trial_ended": "The trial ended",
    "redundancy": "The job went away",
    "contract_ended": "The contract came to its end",
    "transport_or_caring": "Transport or caring",
    "benefits": "Benefits",
    "other": "Another reason",
}
PAY_PER = {"hour": "an hour", "week": "a week", "month": "a month", "year": "a year"}
CHECK_IN_MODES = {
    "in_person": "Face to face",
    "phone": "By phone",
    "video": "By video",
    "chat": "In the chat",
    "not_wanted": "They did not want this one",
}
HOW_IT_GOES = {"well": "Going well", "mixed": "A bit tricky", "hard": "Hard just now"}
TOPICS = {
    "job_types_yes": "Work they want",
    "job_types_no": "Work they do not want",
    "hours": "Hours a week",
    "times_of_day": "Days and times",
    "pay_floor": "Least pay",
    "travel": "How far, and how they travel",
    "surroundings": "Surroundings: people, pace, noise, outdoors",
    "strengths": "Strengths and skills",
    "training": "Training and licences",
    "work_history": "Work before: liked, disliked, what helped",
    "what_helps": "What helps at work",
    "practical": "Practical things: papers, phone, clothes, caring",
    "network": "People they know",
    "other": "Something else",
}
#: Why a job is offered no more; it is the status of the lead from then on.
TAKEN_BACK = {
    "withdrawn": "It does not fit, or it was a mistake",
    "closed_by_employer": "The employer has filled or closed it",
    "expired": "Its last day has passed",
}
#: What a lead says, in the order in which it is read.
LEAD_FACTS = {
    "title": "Job title",
    "employer": "Employer",
    "place": "Place",
    "hours_text": "Hours",
    "pay_text": "Pay",
    "url": "Link",
    "why_match": "Why it fits",
    "summary": "Advert",
}
SOURCES = {
    "client": "the client",
    "consultant": "the consultant",
    "clinician": "the clinical team",
    "family": "family",
}


def check_in(key: str | None) -> str:
    """Return the words for a check-in of the schedule: "week_2" is "Week 2"."""
    if key is None:
        return "Another talk"
    if key == "before":
        return "Before the first day"
    if key == "first_days":
        return "The first 3 days"
    if key == AFTER_END:
        return "After the end"
    kind, _, number = key.partition("_")
    return f"{kind.capitalize()} {number}"


def check_in_action(step: Step) -> str:
    """Return what a check-in is for."""
    if step.key == "before":
        return "Plan the first day: the way, the clothes, who to ask for."
    if step.key == AFTER_END:
        return "Speak within 3 days. What worked, and what comes next?"
    ask = f" Ask whether they are still in the job: {step.weeks} weeks." if step.weeks else ""
    return f"Ask how it goes, face to face if they like.{ask}"


def appointment_state(one: Appointment) -> str:
    """Return how an appointment stands."""
    if one.client_cannot_come:
        return "They cannot come: find another time"
    if one.status == "confirmed" and one.client_confirmed_at is not None:
        return "Confirmed, and they said they will be there"
    return labels.say(labels.APPOINTMENT_STATUSES, one.status)


def lead_before(event: LeadEvent) -> list[tuple[str, str]]:
    """Return what a lead said before it was corrected: [("Pay", "£12 an hour"), …]; of others nothing."""
    before = said_before(event)
    return [(words, before[name] or "nothing") for name, words in LEAD_FACTS.items() if name in before]


def silence(one: Silent) -> str:
    """Return since when nothing was heard: "Last words from Sam 15 days ago"."""
    name = one.client.preferred_name
    said = {
        "words": f"Last words from {name} {one.days} days ago",
        "met": f"Last met {name} {one.days} days ago",
        "talked": f"Last spoke with {name} {one.days} days ago",
    }
    return said.get(one.last, f"Nothing heard from {name} since they joined {one.days} days ago")


def first_contact(one: FirstContact) -> str:
    """Return how long nobody has met an employer: "Day 16, and no employer met yet"."""
    return f"Day {one.days}, and no employer met face to face yet"


#: Why the bot did not, or could not, write to a client.
NOT_REACHED = {
    "no_chat": "no chat is linked yet",
    "unlinked": "the chat is not linked any more",
    "unreachable": "the chat cannot be reached",
    "person": "a person has the chat",
    "no_consent": "{name} has not said yes to the chat",
    "stopped": "{name} asked for no messages",
    "danger": "the bot waits until danger is cleared",
    "quiet": "the bot was asked to be quiet until it was too late",
}


def not_reached(why: str, client: Client) -> str:
    """Say why the bot did not, or could not, write to a client."""
    return NOT_REACHED.get(why, "the bot could not write").format(name=client.preferred_name)


def told(done: str, reached: str, why: str | None, client: Client) -> str:
    """Say what was done, and then what reached the client: `reached`, or else why nothing did."""
    if why is None:
        return f"{done} {reached}".strip()
    name = client.preferred_name
    return f"{done} The bot could not tell {name}: {not_reached(why, client)}. Tell them yourself."
