"""How an appointment stands, in words: certain, asked for, to be moved, or one the client cannot come to."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from actions.base import Speaker, TurnFacts
from actions.words import listed
from bot.spoken import when_words

if TYPE_CHECKING:
    from bot.caseload.models.people import Client
    from bot.caseload.models.plan import Appointment
    from bot.caseload.store import Case

WHERE = {"phone": "utter_label_by_phone", "video": "utter_label_by_video", "home": "utter_label_at_home"}


def say_appointment(
    dispatcher: Speaker, case: Case, client: Client, appointment: Appointment, facts: TurnFacts
) -> None:
    """Say when, where and with whom it is, and how certain that is."""
    moment = when_words(appointment.starts_at, facts.zone)
    if appointment.place:
        moment += dispatcher.label("utter_label_at_place", place=appointment.place)
    elif appointment.mode in WHERE:
        moment += dispatcher.label(WHERE[appointment.mode])
    who = appointment.staff.first_name if appointment.staff else facts.consultant
    if appointment.client_cannot_come:
        waits = f"appointment:{appointment.id}" in {one.subject for one in case.handoffs.open_for(client)}
        dispatcher.utter_message(
            response="utter_next_appointment_cannot_come" if waits else "utter_next_appointment_no_new_time",
            # Where it would be does not matter any more.
            moment=when_words(appointment.starts_at, facts.zone),
            with_whom=who,
        )
    elif appointment.status == "change_requested" and appointment.wanted_at is not None:
        dispatcher.utter_message(
            response="utter_next_appointment_change_requested",
            moment=moment,
            with_whom=who,
            wanted=when_words(appointment.wanted_at, facts.zone),
        )
    elif appointment.status == "requested":
        dispatcher.utter_message(response="utter_next_appointment_requested", moment=moment, with_whom=who)
    else:
        dispatcher.utter_message(response="utter_next_appointment", moment=moment, with_whom=who)


def later_words(dispatcher: Speaker, later: Sequence[Appointment], facts: TurnFacts) -> str:
    """Return the moments of what comes after the next one, with what is not certain about each."""
    return listed([when_words(one.starts_at, facts.zone) + _doubt(dispatcher, one) for one in later])


def _doubt(dispatcher: Speaker, appointment: Appointment) -> str:
    if appointment.client_cannot_come:
        return dispatcher.label("utter_label_cannot_come")
    if appointment.status == "change_requested":
        return dispatcher.label("utter_label_asked_to_move")
    return dispatcher.label("utter_label_not_certain") if appointment.status == "requested" else ""
