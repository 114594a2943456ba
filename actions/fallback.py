"""Not understood: say so, offer likely meanings and a person, and keep what the client picks."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from rasa_sdk.events import ActionExecuted
from rasa_sdk.interfaces import Tracker

from actions.base import Event, FlowAction, Speaker, entity, intent_of, last_message, turn_facts, words_of
from actions.forms import chosen_number

if TYPE_CHECKING:
    from bot.caseload.store import Case

#: Likely meanings that are offered; "Ask a person" is always there too.
MEANINGS_OFFERED = 3
#: A reading that is less likely than this, or than this share of the likeliest, is noise.
LEAST_CONFIDENCE = 0.02
LEAST_SHARE = 0.2
RANKING_KEPT = 5
MISSED = frozenset({"nlu_fallback"})
#: These ask one question, and their first button is its yes.
YES_IS_THE_FIRST_BUTTON = frozenset(
    {
        "utter_not_understood_twice",
        "utter_sorry_not_helping",
        "utter_feel_low",
        "utter_way_out",
        "utter_ask_what_to_stop",
        "utter_no_appointment",
        "utter_no_appointment_to_move",
        "utter_no_free_times",
        "utter_no_goals",
    }
)
_KEPT = ("input_channel", "message_id", "metadata")
_PAYLOAD = re.compile(r"^/(\w+)\s*(\{.*\})?$")


class ActionOfferMeanings(FlowAction):
    """Offer two or three likely meanings; the second time in a row, a person comes first."""

    def act(self, dispatcher: Speaker, tracker: Tracker, case: Case) -> list[Event]:
        """Offer them and keep the miss for tuning."""
        facts = turn_facts(tracker, self.services.clock)
        ranking = _ranking(tracker)
        again = _missed_before(tracker)
        meanings = _likely(dispatcher, ranking)[: MEANINGS_OFFERED - 1 if again else MEANINGS_OFFERED]
        buttons = [_pick(dispatcher.label(f"utter_likely_{meaning}"), meaning) for meaning in meanings]
        if again:
            menu = {"title": dispatcher.label("utter_label_show_the_menu"), "payload": "/open_menu"}
            dispatcher.utter_message(response="utter_not_understood_twice", buttons=[*buttons, menu])
        elif buttons:
            person = _pick(dispatcher.label("utter_label_ask_a_person"), "request_person")
            dispatcher.utter_message(response="utter_not_understood", buttons=[*buttons, person])
        else:
            dispatcher.utter_message(response="utter_not_understood_no_guess")
        case.misses.record(
            tracker.sender_id,
            facts.message_id or "",
            words_of(tracker),
            ranking[:RANKING_KEPT],
            meanings,
            (facts.first_name, facts.consultant),
        )
        return []


class ActionRecordPick(FlowAction):
    """Keep what the client says they meant, and go on as if they had written it."""

    def act(self, dispatcher: Speaker, tracker: Tracker, case: Case) -> list[Event]:
        """Record the pick and take the turn again with the picked meaning."""
        meaning = str(entity(tracker, "meaning") or "")
        if meaning != "request_person" and not dispatcher.has(f"utter_likely_{meaning}"):
            dispatcher.utter_message(response="utter_not_understood_no_guess")
            return []
        case.misses.record_pick(tracker.sender_id, meaning)
        return _take_again(tracker, meaning)


class ActionTakeUpOffer(FlowAction):
    """Read "yes" or "the 2nd one" as pressing a button of what was last said."""

    writes = False

    def act(self, dispatcher: Speaker, tracker: Tracker, case: Case) -> list[Event]:  # noqa: ARG002
        """Take the turn again as if the button had been pressed; with nothing to choose, offer the menu."""
        said = last_reply(tracker)
        buttons = (said.get("data") or {}).get("buttons") or []
        chosen: int | None
        if intent_of(tracker) == "choose_option":
            chosen = chosen_number(tracker, len(buttons))
        else:
            chosen = (
                0 if (said.get("metadata") or {}).get("utter_action") in YES_IS_THE_FIRST_BUTTON else None
            )
        found = _PAYLOAD.match(buttons[chosen]["payload"]) if chosen is not None and buttons else None
        if found is None:
            dispatcher.utter_message(response="utter_affirm_outside")
            return []
        return _take_again(tracker, found[1], json.loads(found[2] or "{}"))


def last_reply(tracker: Tracker) -> dict[str, Any]:
    """Return the event of what the bot said last before the client's message, or an empty one."""
    said = [event for event in tracker.events if event.get("event") in {"user", "bot"}]
    before = said[:-1]
    return dict(before[-1]) if before and before[-1].get("event") == "bot" else {}


def _take_again(tracker: Tracker, intent_name: str, entities: Mapping[str, Any] | None = None) -> list[Event]:
    """Return the events of the client's message said again, with its id and metadata but another meaning."""
    said = {name: value for name, value in last_message(tracker).items() if name in _KEPT}
    intent = {"name": intent_name, "confidence": 1.0}
    text = f"/{intent_name}"
    found = [{"entity": name, "value": value} for name, value in (entities or {}).items()]
    parsed = {"text": text, "intent": intent, "intent_ranking": [intent], "entities": found}
    again = {**said, "event": "user", "timestamp": time.time(), "text": text, "parse_data": parsed}
    return [ActionExecuted("action_listen"), again]


def _pick(title: str, meaning: str) -> dict[str, str]:
    return {"title": title, "payload": f'/pick_meaning{{"meaning": "{meaning}"}}'}


def _ranking(tracker: Tracker) -> list[tuple[str, float]]:
    found: list[dict[str, Any]] = tracker.latest_message.get("intent_ranking") or []
    return [(each["name"], float(each["confidence"])) for each in found if each["name"] not in MISSED]


def _likely(dispatcher: Speaker, ranking: list[tuple[str, float]]) -> list[str]:
    """Return the likely intents that have words for a button, no two with the same words."""
    by_label: dict[str, str] = {}
    least = max(LEAST_CONFIDENCE, LEAST_SHARE * max((confidence for _, confidence in ranking), default=0.0))
    for name, confidence in ranking:
        if confidence >= least and dispatcher.has(f"utter_likely_{name}"):
            by_label.setdefault(dispatcher.label(f"utter_likely_{name}"), name)
    return list(by_label.values())


def _missed_before(tracker: Tracker) -> bool:
    """Whether the message before this one was not understood either."""
    said = [event for event in tracker.events if event.get("event") == "user"]
    if len(said) < 2:
        return False
    return (said[-2].get("parse_data") or {}).get("intent", {}).get("name") in MISSED
