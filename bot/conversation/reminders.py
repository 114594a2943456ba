"""Reminders of appointments, and what a client answers to one by its buttons."""

from __future__ import annotations

from dataclasses import replace
from zoneinfo import ZoneInfo

from bot.caseload.buttons import ButtonSpec
from bot.caseload.errors import NoSuchAppointment
from bot.caseload.models.conversation import Conversation
from bot.caseload.models.people import Client
from bot.caseload.models.plan import Appointment
from bot.caseload.models.queues import Button, OutboxItem
from bot.caseload.store import Case
from bot.caseload.today import NOT_SENT
from bot.conversation.speaking import meeting_names, queue, say_to, say_to_whom_it_went
from bot.conversation.wording import Wording
from bot.spoken import clock_words, when_words

#: What the buttons under a reminder mean.
ANSWERS = frozenset({"reminder_confirm", "reminder_cannot", "reminder_help"})

#: Answers that tell the client who was told.
PASSED_ON = frozenset({"utter_gateway_reminder_cannot", "utter_gateway_reminder_help"})


def is_still_on(appointment: Appointment) -> bool:
    """Return whether the client is expected: not once they said that they cannot come."""
    return appointment.status in {"confirmed", "change_requested"} and not appointment.client_cannot_come


def remind(
    case: Case, words: Wording, conversation: Conversation, appointment: Appointment, key: str
) -> OutboxItem:
    """Queue the reminder; its buttons know which appointment they are about."""
    values = {**meeting_names(words, appointment), **_facts(conversation.client, appointment)}
    said = words.say("utter_gateway_appointment_reminder", **values)
    buttons = tuple(
        ButtonSpec(one.label, {**one.means, "appointment": appointment.id}) for one in said.buttons
    )
    return queue(case, conversation, replace(said, buttons=buttons), key=key, origin="timer")


def note_not_sent(case: Case, appointment: Appointment, why: str) -> None:
    """Note that a reminder did not leave, so that a person can remind the client: see `case.today`."""
    case.audit.record(
        NOT_SENT, actor="bot", client_id=appointment.client_id, subject=f"{appointment.id}:{why}"
    )


def answer(
    case: Case, words: Wording, conversation: Conversation, means: str, button: Button, inbox_seq: int
) -> str:
    """Do what a button under a reminder says, and say honestly what was done; return the response's name."""
    client = conversation.client
    appointment = _about(case, client, button)
    values: dict[str, str] = {}
    if appointment is None or not _lies_ahead(case, appointment):
        response = "utter_gateway_reminder_gone"
    else:
        values = _facts(client, appointment)
        if means == "reminder_confirm":
            case.diary.will_come(appointment)
            response = "utter_gateway_reminder_confirmed"
        elif means == "reminder_cannot":
            case.diary.cannot_come(client, appointment)
            response = "utter_gateway_reminder_cannot"
        else:
            case.handoffs.open(client, "", "travel", urgency="today", subject=f"appointment:{appointment.id}")
            response = "utter_gateway_reminder_help"
        case.audit.record(
            means.replace("_", " "), actor="client", client_id=client.id, subject=appointment.id
        )
        values |= {"reads": _when_read(case, words, client), "call": _number_to_call(words, client)}
    key = f"in:{inbox_seq}:0"
    if response in PASSED_ON:
        say_to_whom_it_went(case, words, conversation, response, key=key, inbox_seq=inbox_seq, values=values)
    else:
        say_to(case, words, conversation, response, key=key, origin="bot", inbox_seq=inbox_seq, values=values)
    return response


def _about(case: Case, client: Client, button: Button) -> Appointment | None:
    wanted = button.means.get("appointment")
    try:
        # A button from before it knew its appointment means the next one.
        return (
            case.appointments.get_for_client(client, str(wanted))
            if wanted
            else case.appointments.next_for(client)
        )
    except NoSuchAppointment:
        return None


def _lies_ahead(case: Case, appointment: Appointment) -> bool:
    return (
        appointment.status in {"confirmed", "change_requested"} and appointment.starts_at > case.clock.now()
    )


def _facts(client: Client, appointment: Appointment) -> dict[str, str]:
    return {
        "when": when_words(appointment.starts_at, ZoneInfo(client.timezone)),
        "place": f", {appointment.place}" if appointment.place else "",
    }


def _when_read(case: Case, words: Wording, client: Client) -> str:
    honest = case.services.honest_time(client)
    zone = ZoneInfo(client.timezone)
    if honest.in_hours and honest.until is not None:
        until = clock_words(honest.until, zone)
        return words.say("utter_gateway_reads_in_hours", until=until).text
    if honest.next_start is not None:
        start = when_words(honest.next_start, zone)
        return words.say("utter_gateway_reads_out_of_hours", next_start=start).text
    return words.say("utter_gateway_reads_no_time").text


def _number_to_call(words: Wording, client: Client) -> str:
    service = client.service
    if not service.phone:
        return ""
    return words.say("utter_gateway_can_call", service=service.name, phone=service.phone).text
