"""Who reads what the client wrote, and when, said as it is."""

from __future__ import annotations

from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from actions.base import Speaker
from bot.spoken import back_words, clock_words, day_words, within_words

if TYPE_CHECKING:
    from bot.caseload.models.people import Client
    from bot.caseload.store import Case


def say_when_it_is_read(dispatcher: Speaker, case: Case, client: Client) -> None:
    """Say who stands in, until when people are at work, or from when; no more than is known."""
    zone, now = ZoneInfo(client.timezone), case.clock.now()
    reads = case.working_time.who_reads(client)
    hours, reader = reads.time, reads.reader
    if reads.away is not None and reader is not None and reads.back_at is not None:
        dispatcher.utter_message(
            response="utter_read_while_away",
            away=reads.away.first_name,
            back=back_words(reads.back_at, now, zone),
            reader=reader.first_name,
        )
    if hours.in_hours and hours.until is not None:
        until = clock_words(hours.until, zone)
        usual = case.working_time.usual_wait(reader) if reader else None
        if reader is None:
            dispatcher.utter_message(response="utter_read_in_hours", until=until)
        elif usual is None:
            dispatcher.utter_message(response="utter_read_by", reader=reader.first_name, until=until)
        else:
            dispatcher.utter_message(
                response="utter_read_by_usual",
                reader=reader.first_name,
                until=until,
                within=within_words(usual, (hours.until - now).total_seconds()),
            )
    elif hours.next_start is not None:
        dispatcher.utter_message(
            response="utter_read_from",
            day=day_words(hours.next_start, zone),
            time=clock_words(hours.next_start, zone),
        )
    else:
        dispatcher.utter_message(response="utter_read_unknown")
