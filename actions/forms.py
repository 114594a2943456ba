"""How every form hears an answer: it takes it, lets the client go, or asks again in an easier way."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from rasa_sdk.events import SlotSet
from rasa_sdk.interfaces import Tracker

from actions.base import Event, FlowAction, Speaker, away_for, intent_of, leave_form, let_go, words_of

if TYPE_CHECKING:
    from bot.caseload.store import Case

#: No slot is set, so Rasa leaves the form for the rule of this intent, and the form asks again afterwards.
LET_GO: list[Event] = []

#: These are never an answer, not even where any words are.
NEVER_AN_ANSWER = frozenset(
    {
        "EXTERNAL_handed_back",
        "EXTERNAL_put_aside",
        "stop",
        "skip",
        "open_menu",
        "ask_what_i_can_do",
        "request_person",
        "request_call",
        "stop_messages",
        "pause_messages",
        "ask_who_are_you",
        "ask_if_robot",
        "ask_who_reads",
        "ask_if_private",
        "ask_if_monitored",
        "ask_what_you_know",
        "ask_data_deletion",
    }
)
#: Not understood, or words that mean nothing without the question they answer.
UNCLEAR = frozenset({"nlu_fallback", "not_sure", "inform_time", "choose_option", "affirm", "deny"})

#: Below this, words that are no answer are more likely a badly heard answer than another matter.
SURE_OF_ANOTHER_MATTER = 0.6
#: After such a silence the client is reminded of what was open.
LONG_SILENCE = timedelta(hours=3)
MISSES_BEFORE_A_WAY_OUT = 2


class FormQuestion(FlowAction):
    """The question of a form, `action_ask_<slot>`; after misses in a row it offers a way out instead."""

    writes = False
    #: Said first when the client was silent for long while this question was open.
    reminder: str | None = None
    #: Said first when the last answer was not understood; None where the question itself is put otherwise.
    not_clear: str | None = "utter_not_clear"

    @property
    def slot(self) -> str:
        """The slot that is asked for."""
        return self.name().removeprefix("action_ask_")

    def act(self, dispatcher: Speaker, tracker: Tracker, case: Case) -> list[Event]:
        """Ask, or offer a way out."""
        if misses(tracker) >= MISSES_BEFORE_A_WAY_OUT:
            dispatcher.utter_message(response="utter_way_out")
            return []
        if self.reminder and resumes(tracker, self.slot):
            dispatcher.utter_message(response=self.reminder)
        elif self.not_clear and misses(tracker):
            dispatcher.utter_message(response=self.not_clear)
        return self.ask(dispatcher, tracker, case)

    def ask(self, dispatcher: Speaker, tracker: Tracker, case: Case) -> list[Event]:
        """Put the question."""
        raise NotImplementedError


class ValidateForm(FlowAction):
    """Reads the answer to the question that is open: `read_<slot>` of the form's own class says how."""

    writes = False

    def act(self, dispatcher: Speaker, tracker: Tracker, case: Case) -> list[Event]:
        """Hand the client's words to the reader of the slot that was asked for."""
        read = getattr(self, f"read_{tracker.get_slot('requested_slot')}", None)
        # No question of this form is open yet: it is being opened, with slots filled beforehand. An event
        # keeps Rasa from asking a second time.
        if read is None:
            return [SlotSet("form_misses", 0)]
        if intent_of(tracker) == "go_back":
            return self.step_back(tracker)
        if intent_of(tracker) in NEVER_AN_ANSWER:
            return LET_GO
        events: list[Event] = read(dispatcher, tracker, case)
        return events

    def step_back(self, tracker: Tracker) -> list[Event]:  # noqa: ARG002 (for subclasses)
        """Return the events that open the question before; at the first one, "back" leaves the form."""
        return LET_GO


def take(**slots: Any) -> list[Event]:
    """Return the events of an answer that was understood."""
    return [*(SlotSet(name, value) for name, value in slots.items()), SlotSet("form_misses", 0)]


def left() -> list[Event]:
    """Return the events of an answer that leaves the form; without a slot, Rasa hears no answer."""
    return [*take(), *leave_form()]


def miss(tracker: Tracker, **slots: Any) -> list[Event]:
    """Return the events of an answer that was not understood; the form asks again."""
    return [
        *(SlotSet(name, value) for name, value in slots.items()),
        SlotSet("form_misses", misses(tracker) + 1),
    ]


def miss_or_let_go(tracker: Tracker) -> list[Event]:
    """Ask again when the words were unclear; let go when they clearly mean something else."""
    sure = float((tracker.latest_message.get("intent") or {}).get("confidence") or 0.0)
    return miss(tracker) if intent_of(tracker) in UNCLEAR or sure < SURE_OF_ANOTHER_MATTER else LET_GO


def misses(tracker: Tracker) -> int:
    """Return how many answers in a row were not understood; none when this message was another matter."""
    return 0 if let_go(tracker) else int(tracker.get_slot("form_misses") or 0)


def resumes(tracker: Tracker, slot: str) -> bool:
    """Whether this question was already open when the client fell silent for long."""
    return tracker.get_slot("requested_slot") == slot and away_for(tracker) > LONG_SILENCE


def chosen_number(tracker: Tracker, count: int) -> int | None:
    """Return which of `count` choices the client means ("the 2nd one"), counted from 0, or None."""
    words = re.findall(r"[a-z0-9]+", words_of(tracker).casefold())
    # "One" counts in "number one" and alone; in "the bakery one" it does not.
    counts = len(words) == 1 or bool({"number", "option", "no", "nr"} & set(words))
    for word in words:
        number = _ORDINALS.get(word) or (_CARDINALS.get(word) if counts else None)
        if number is None and word.isdigit() and counts:
            number = int(word)
        if number == -1:
            return count - 1
        if number is not None and 1 <= number <= count:
            return number - 1
        if word == "middle" and count % 2:
            return count // 2
    return None


_ORDINALS = {
    **dict.fromkeys(("first", "1st", "top", "earliest"), 1),
    **dict.fromkeys(("second", "2nd"), 2),
    **dict.fromkeys(("third", "3rd"), 3),
    **dict.fromkeys(("fourth", "4th"), 4),
    **dict.fromkeys(("last", "bottom", "latest"), -1),
}
_CARDINALS = {"one": 1, "two": 2, "three": 3, "four": 4}
