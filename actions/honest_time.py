"""When a person reads what the client wrote, said as it is."""

from __future__ import annotations

from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from actions.base import Speaker
from bot.spoken import clock_words, day_words

if TYPE_CHECKING:
    from bot.caseload.models.people import Client
    from bot.caseload.store import Case


def say_when_it_is_read(dispatcher: Speaker, case: Case, client: Client) -> None:
    """Say until when people are at work, or from when they will be; no more than is known."""
    hours = case.services.honest_time(client)
    zone = ZoneInfo(client.timezone)
    if hours.in_hours and hours.until is not None:
        dispatcher.utter_message(response="utter_read_in_hours", until=clock_words(hours.until, zone))
    elif hours.next_start is not None:
        dispatcher.utter_message(
            response="utter_read_from",
            day=day_words(hours.next_start, zone),
            time=clock_words(hours.next_start, zone),
        )
    else:
        dispatcher.utter_message(response="utter_read_unknown")
