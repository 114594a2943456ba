"""How long somebody has waited in working time is said in the same words wherever it is listed."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from tests.console.conftest import Door
from tests.people import Colleague, Person

WORDS = "Waits 1 h 20 min of working time."


def waits_over_night(console: Door, sam: Person, reason: str) -> None:
    """Ask an hour before the service closes, and be looked at twenty minutes after it opens."""
    console.clock.set(datetime(2026, 11, 24, 16, 0, tzinfo=UTC))
    sam.asks("Can somebody call me?", reason=reason, urgency="today")
    console.clock.set(datetime(2026, 11, 25, 9, 20, tzinfo=UTC))


@pytest.mark.parametrize("place", ["/", "/today", "/clients/{client}", "/conversations/{chat}"])
def test_the_same_words_stand_wherever_sam_is_listed(
    console: Door, amina: Colleague, sam: Person, place: str
) -> None:
    waits_over_night(console, sam, "person")
    page = console.as_(amina).text(place.format(client=sam.id, chat=sam.conversation_id))
    assert page.count(WORDS) == 1


@pytest.mark.parametrize("place", ["/today", "/clients/{client}", "/conversations/{chat}"])
def test_what_tells_nobody_says_no_working_time_anywhere(
    console: Door, amina: Colleague, sam: Person, place: str
) -> None:
    waits_over_night(console, sam, "not_saved")
    page = console.as_(amina).text(place.format(client=sam.id, chat=sam.conversation_id))
    assert "could not save something" in page
    assert "of working time" not in page
