"""A message of signs alone is read too: it may be danger, so it gets a warm line and the offer of a call."""

from __future__ import annotations

import pytest

from bot.safety.routes import Route
from bot.safety.screen import Screen


@pytest.mark.parametrize("signs", ["🔪😢", "💊💊💊", "🪦", "⚰️", "🔫", "💊 😭", "🩸🩸", "🔪…"])
def test_signs_of_death_or_harm_alone_get_the_soft_reply(screen: Screen, signs: str) -> None:
    assert screen.read(signs).route is Route.SOFT


@pytest.mark.parametrize(
    "signs", ["🙂", "👍", "😢", "💊", "🎉🎂", "☕", "!!!", "", "🔪 skills", "🪦 gardener job"]
)
def test_other_signs_and_signs_beside_words_are_not_answered_for_it(screen: Screen, signs: str) -> None:
    assert "signs" not in screen.read(signs).detectors


def test_danger_in_words_beside_a_sign_is_still_a_crisis(screen: Screen) -> None:
    assert screen.read("i want to die 🪦").route is Route.CRISIS
