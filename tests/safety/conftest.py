"""The screen and the content, loaded once: both are read-only."""

import pytest

from bot.safety.content import SafetyContent
from bot.safety.screen import Screen


@pytest.fixture(scope="session")
def screen() -> Screen:
    return Screen.load()


@pytest.fixture(scope="session")
def content() -> SafetyContent:
    return SafetyContent.load()
