"""Training messages are spelled as people in a hurry spell, and stay the same from run to run."""

from __future__ import annotations

import random

from benchmarks.safety.slips import embedded, with_slips

WORDS = "I can't keep doing this, it's every single night now"


def test_some_are_left_as_they_were_written_and_others_are_not() -> None:
    chance = random.Random(1)
    made = {with_slips(WORDS, chance) for _ in range(50)}
    assert WORDS in made
    assert len(made) > 10
    assert any("cant" in one for one in made)


def test_what_is_said_is_still_there_amid_ordinary_talk() -> None:
    chance = random.Random(1)
    made = [embedded(WORDS, ["see you at ten"], chance) for _ in range(200)]
    assert all(WORDS in one for one in made)
    assert 0 < sum("see you at ten" in one for one in made) < 60


def test_a_word_of_three_letters_keeps_its_letters() -> None:
    assert with_slips("i am so sad", random.Random(3)).lower() == "i am so sad"


def test_the_same_chance_makes_the_same_slips() -> None:
    assert with_slips(WORDS, random.Random(7)) == with_slips(WORDS, random.Random(7))
