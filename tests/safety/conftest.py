"""The screen and the content, loaded once: both are read-only. And Sam's phone with the gateway behind it."""

import pytest

from bot.safety.content import SafetyContent
from bot.safety.screen import Screen
from tests.conversation.conftest import caseload, danger, dialogue, office, phones, sam, stranger, words
from tests.people import amina, clock, grace, piotr

__all__ = [
    "amina", "caseload", "clock", "danger", "dialogue", "grace", "office", "phones", "piotr", "sam",
    "stranger", "words",
]  # fmt: skip


@pytest.fixture(scope="session")
def screen() -> Screen:
    return Screen.load()


@pytest.fixture(scope="session")
def content() -> SafetyContent:
    return SafetyContent.load()
