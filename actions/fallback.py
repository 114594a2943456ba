"""Not understood: say so, offer likely meanings and a person, and keep what the client picks."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from rasa_sdk.interfaces import Tracker

from actions.base import Event, FlowAction, Speaker, entity, intent_of, turn_facts, words_of
from actions.earlier import intent_before, last_reply, last_response, take_again
from actions.forms import chosen_number
from actions.work_wanted import bare_work_in

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
_PAYLOAD = re.compile(r"^/(\w+)\s*(\{.*\})?$")


class ActionOfferMeanings(FlowAction):
    """Offer two or three likely meanings; the second time in a row, a person comes first."""

    def act(self, dispatcher: Speaker, tracker: Tracker, case: Case) -> list[Event]:
        """Offer them and keep the miss for tuning; words for "what kind of work" are an answer."""
        if last_response(tracker) == "utter_ask_what_work":
            work = bare_work_in(words_of(tracker))
            if work.job_type:
                said = {"job_type": work.job_type, "place": work.place}
                return take_again(tracker, "search_jobs", {name: word for name, word in said.items() if word})
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
        return take_again(tracker, meaning)


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
        return take_again(tracker, found[1], json.loads(found[2] or "{}"))


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
    return intent_before(tracker) in MISSED
