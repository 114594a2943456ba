"""What else a message in danger says is kept apart from the danger in it."""

from __future__ import annotations

import pytest

from bot.safety.rest import rest_of
from bot.safety.screen import Screen


@pytest.mark.parametrize(
    ("words", "rest"),
    [
        ("i want to die. can you move my appointment to friday?", "can you move my appointment to friday?"),
        ("please cancel the interview. i want to die", "please cancel the interview."),
        ("i want to die also can you tell Amina i got the bus pass", "can you tell Amina i got the bus pass"),
        ("i want to die\nwhat time do i start work", "what time do i start work"),
        ("i want to die. When is Amina back?", "When is Amina back?"),
        ("i want to die\nhow long till i get paid", "how long till i get paid"),
        (
            "Did you get my email? Who is covering on thursday? i want to die",
            "Did you get my email? Who is covering on thursday?",
        ),
        ("is the group on today? i want to die", "is the group on today?"),
        ("i want to die, what time is my appointment", "what time is my appointment"),
        ("i want to die, can you cancel thursday", "can you cancel thursday"),
        ("i want to die, also when is Amina back", "when is Amina back"),
    ],
)
def test_another_matter_is_the_rest(screen: Screen, words: str, rest: str) -> None:
    assert rest_of(words, screen) == rest


@pytest.mark.parametrize(
    "words",
    [
        "i want to die",
        "i want to die. i am so tired. i am sorry",
        "i want to kill myself because of this job",
        "what is the point? i want to die",
        "",
    ],
)
def test_what_belongs_to_the_distress_is_no_rest(screen: Screen, words: str) -> None:
    assert rest_of(words, screen) == ""


def test_a_very_long_message_costs_only_so_many_readings(screen: Screen) -> None:
    assert rest_of("can you help? " * 2000, screen).count("can you help?") == 12
