"""While nobody is on it: what rings anew for a later cry, for a plea, and when the service opens."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from bot.clock import FixedClock
from tests.conversation.alarms import after, alerted, is_on_it
from tests.conversation.office import ClientPhone, FakeDialogue, Office
from tests.people import Colleague

CRISIS = "I want to kill myself"
THREE_AT_NIGHT = datetime(2026, 11, 25, 3, 0, tzinfo=UTC)
ELEVEN_AT_NIGHT = datetime(2026, 11, 25, 23, 0, tzinfo=UTC)


def test_a_second_cry_starts_no_second_ladder_while_nobody_is_on_it(
    sam: ClientPhone, office: Office, clock: FixedClock, cover: Colleague, grace: Colleague
) -> None:
    sam.asks(CRISIS)
    after(office, clock, minutes=3)
    said = sam.asks(CRISIS)
    assert "999" in " ".join(said)
    assert alerted(office) == ["Amina: consultant"]
    assert after(office, clock, minutes=2) == ["Piotr: cover", "Amina: cover"]
    assert "I have sent your message to Amina and Piotr." in sam.asks(CRISIS)[-1]
    assert after(office, clock, minutes=60) == ["Grace: duty"] or alerted(office)[-1] == "Grace: everyone"


def test_a_cry_at_night_in_an_alarm_of_the_morning_rings_whoever_is_there_now(
    sam: ClientPhone, office: Office, clock: FixedClock, grace: Colleague, dot: Colleague
) -> None:
    sam.asks("i keep cutting myself")
    after(office, clock, hours=1)
    clock.set(ELEVEN_AT_NIGHT)
    before = len(alerted(office))
    said = sam.asks("i have taken all my tablets")[-1]
    assert alerted(office)[before:] == ["Amina: consultant", "Dot: duty"]
    assert "I have sent your message to Amina, and to Dot, who is on duty." in said
    assert after(office, clock, minutes=15) == ["Grace: everyone"]


def test_a_cry_when_everybody_was_told_rings_anew_and_names_only_who_is_told_now(
    sam: ClientPhone, office: Office, clock: FixedClock, grace: Colleague
) -> None:
    sam.asks(CRISIS)
    after(office, clock, minutes=15)
    assert after(office, clock, minutes=1) == []
    before = len(alerted(office))
    said = sam.asks(CRISIS)[-1]
    assert alerted(office)[before:] == ["Amina: consultant"]
    assert "I have sent your message to Amina. " in said
    # Of several cries in five minutes one rings.
    sam.asks(CRISIS)
    assert len(alerted(office)) == before + 1


def test_worse_words_ring_anew_while_the_first_ladder_is_climbed(
    sam: ClientPhone, office: Office, clock: FixedClock, cover: Colleague
) -> None:
    sam.asks("i keep cutting myself")
    after(office, clock, minutes=6)
    before = len(alerted(office))
    sam.asks("i have taken all my tablets")
    assert alerted(office)[before:] == ["Amina: consultant"]


def test_a_cry_just_after_the_morning_round_began_starts_no_other(
    sam: ClientPhone, office: Office, clock: FixedClock, cover: Colleague, grace: Colleague
) -> None:
    clock.set(THREE_AT_NIGHT)
    sam.asks(CRISIS)
    after(office, clock, minutes=15)
    clock.set(THREE_AT_NIGHT.replace(hour=9))
    assert after(office, clock) == ["Amina: consultant"]
    assert after(office, clock, minutes=5) == ["Piotr: cover", "Amina: cover"]
    before = len(alerted(office))
    assert "I have sent your message to Amina and Piotr." in sam.asks(CRISIS)[-1]
    assert len(alerted(office)) == before


def test_a_cry_after_somebody_was_on_it_starts_a_new_ladder(
    sam: ClientPhone, office: Office, clock: FixedClock, amina: Colleague, cover: Colleague
) -> None:
    sam.asks(CRISIS)
    is_on_it(office, amina, sam)
    clock.advance(minutes=20)
    sam.asks(CRISIS)
    assert alerted(office) == ["Amina: consultant", "Amina: consultant"]
    assert after(office, clock, minutes=5) == ["Piotr: cover", "Amina: cover"]
    assert is_on_it(office, amina, sam)
    assert sum("is on it" in text for text in sam.reads) == 2


def test_what_rang_at_night_rings_again_when_the_service_opens(
    sam: ClientPhone, office: Office, clock: FixedClock, cover: Colleague, dot: Colleague, grace: Colleague
) -> None:
    clock.set(THREE_AT_NIGHT)
    sam.asks(CRISIS)
    assert after(office, clock, minutes=15) == ["Grace: everyone"]
    clock.set(THREE_AT_NIGHT.replace(hour=8, minute=59))
    assert after(office, clock) == []
    assert after(office, clock, minutes=1) == ["Amina: consultant"]
    assert after(office, clock, minutes=5) == ["Piotr: cover", "Amina: cover"]
    assert after(office, clock, minutes=5) == ["Dot: duty"]
    assert after(office, clock, minutes=5) == ["Grace: everyone"]


def test_every_morning_it_rings_again_until_somebody_is_on_it(
    sam: ClientPhone, office: Office, clock: FixedClock, amina: Colleague, cover: Colleague
) -> None:
    sam.asks(CRISIS)
    after(office, clock, hours=1)
    for day in (26, 27):
        clock.set(datetime(2026, 11, day, 9, 0, tzinfo=UTC))
        assert after(office, clock) == ["Amina: consultant"]
        assert after(office, clock, minutes=5) == ["Piotr: cover", "Amina: cover"]
    assert is_on_it(office, amina, sam)
    clock.set(datetime(2026, 11, 30, 9, 0, tzinfo=UTC))
    assert after(office, clock) == []


@pytest.mark.parametrize("words", ["help me", "nobody is answering", "is anyone there"])
def test_a_plea_rings_anew_when_everybody_was_told_and_nobody_is_on_it(
    sam: ClientPhone, office: Office, clock: FixedClock, grace: Colleague, dialogue: FakeDialogue, words: str
) -> None:
    dialogue.down = True
    sam.asks(CRISIS)
    after(office, clock, minutes=16)
    before = len(alerted(office))
    assert "I am still here." in sam.asks(words)[0]
    assert alerted(office)[before:] == ["Amina: consultant"]
    # Of several in five minutes one rings.
    sam.asks(words)
    assert len(alerted(office)) == before + 1


def test_a_plea_rings_nobody_anew_while_the_ladder_is_climbed(
    sam: ClientPhone, office: Office, clock: FixedClock, cover: Colleague
) -> None:
    sam.asks(CRISIS)
    after(office, clock, minutes=3)
    sam.asks("help me")
    assert alerted(office) == ["Amina: consultant"]


def test_a_plea_to_somebody_who_is_on_it_starts_no_ladder(
    sam: ClientPhone, office: Office, clock: FixedClock, amina: Colleague, cover: Colleague
) -> None:
    sam.asks(CRISIS)
    is_on_it(office, amina, sam)
    clock.advance(minutes=20)
    sam.asks("help me")
    assert after(office, clock, minutes=30) == []
    assert alerted(office) == ["Amina: consultant"]
