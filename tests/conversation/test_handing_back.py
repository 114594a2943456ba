"""A chat that is handed back: the bot says so and goes on where the consultant chose."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.conversation import ownership
from bot.conversation.ownership import Resume
from integrations.rasa.types import Turn, TurnResult
from tests.conversation.office import ClientPhone, FakeDialogue, Office, result
from tests.people import Colleague


def _goal_form(turn: Turn) -> TurnResult:
    """A dialogue with a form that stays open until the menu closes it."""
    if turn.intent == "open_menu":
        return result("What would you like to do?")
    return replace(result("What is your goal?"), open_form="goal_form")


@pytest.mark.parametrize(
    ("resume", "asked", "says"),
    [
        (Resume.WHERE_IT_WAS, ["EXTERNAL_handed_back"], "What is your goal?"),
        (Resume.MENU, ["open_menu"], "What would you like to do?"),
        (Resume.NOTHING, [], "See you Thursday"),
    ],
)
def test_the_bot_goes_on_where_amina_chose(
    sam: ClientPhone, office: Office, dialogue: FakeDialogue, amina: Colleague,
    resume: Resume, asked: list[str], says: str,
) -> None:  # fmt: skip
    dialogue.answer = _goal_form
    sam.asks("add a goal")
    with office.caseload.transaction() as case:
        staff, chat = case.staff.get(amina.id), case.conversations.lock(sam.conversation_id)
        ownership.take_over(case, office.words, staff, chat.id, chat.epoch)
        ownership.hand_back(case, office.words, staff, chat.id, "See you Thursday", resume)
    before = len(dialogue.turns)
    office.settle()
    assert [turn.intent for turn in dialogue.turns[before:]] == asked
    assert says in sam.reads[-1]
    assert any("You are talking to me, the assistant, again." in text for text in sam.reads)
