"""A conversation's tracker that is cheap to copy, and the bounded window of events that it keeps."""

from __future__ import annotations

import copy
import dataclasses
import json
from collections import deque
from typing import Any, Dict, Iterable, List, Optional

from rasa.shared.constants import ASSISTANT_ID_KEY
from rasa.shared.core.constants import ACTION_LISTEN_NAME, ACTION_SESSION_START_NAME, REQUESTED_SLOT
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import (
    ActionExecuted,
    ActionExecutionRejected,
    ActiveLoop,
    ConversationPaused,
    Event,
    SessionStarted,
    SlotSet,
    UserUttered,
)
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.shared.utils.common import all_subclasses

RANKING_KEPT = 5


class ConversationTracker(DialogueStateTracker):
    """A tracker that knows the version of the row it came from."""

    def __init__(self, *arguments: Any, **more: Any) -> None:
        super().__init__(*arguments, **more)
        self.store_version = 0
        # The first events as they are stored, so that saving encodes only the new ones.
        self.encoded: List[str] = []

    def copy(self) -> ConversationTracker:
        """The same state without replaying every event, which Rasa does for each action that it runs."""
        clone = type(self)(
            self.sender_id,
            self.slots.values(),
            self._max_event_history,
            self.sender_source,
            is_rule_tracker=self.is_rule_tracker,
        )
        clone.slots = {name: copy.copy(slot) for name, slot in self.slots.items()}
        clone.events = deque(self.events, self._max_event_history)
        clone._paused = self._paused
        clone.followup_action = self.followup_action
        clone.latest_action = self.latest_action
        clone.latest_message = self.latest_message
        clone.latest_bot_utterance = self.latest_bot_utterance
        clone.active_loop = dataclasses.replace(self.active_loop) if self.active_loop else None
        clone.store_version = self.store_version
        clone.encoded = self.encoded
        return clone


def tracker_from(sender_id: str, events: Iterable[Event], domain: Domain) -> ConversationTracker:
    """Build a tracker by applying events to the domain's slots."""
    tracker = ConversationTracker(sender_id, domain.slots)
    for event in events:
        tracker.update(event)
    return tracker


def user_turns(events: Iterable[Event]) -> int:
    """How many messages of the client are among the events."""
    return sum(isinstance(event, UserUttered) for event in events)


def keep_window(tracker: ConversationTracker, domain: Domain, keep: int) -> ConversationTracker:
    """The same conversation with only its last `keep` client messages; what is older becomes its outcome."""
    events = list(tracker.events)
    starts = [index for index, event in enumerate(events) if isinstance(event, UserUttered)]
    if len(starts) <= keep:
        return tracker
    cut = starts[-keep]
    before = tracker_from(tracker.sender_id, events[:cut], domain)
    outcome = _outcome(before, events[cut].timestamp)
    shortened = tracker_from(tracker.sender_id, outcome + events[cut:], domain)
    shortened.store_version = tracker.store_version
    shortened.encoded = [encode(event) for event in outcome] + tracker.encoded[cut:]
    return shortened


def _outcome(tracker: ConversationTracker, timestamp: float) -> List[Event]:
    """The fewest events that bring a new tracker to this one's slots, open form and paused state."""
    outcome: List[Event] = [ActionExecuted(ACTION_SESSION_START_NAME), SessionStarted()]
    for name, slot in tracker.slots.items():
        if name != REQUESTED_SLOT and slot.value != slot.initial_value:
            outcome.append(SlotSet(name, slot.value))
    form = tracker.active_loop_name
    if form is not None:
        # Rasa takes the next run of a form for its first one, unless it sees an earlier run before it.
        outcome += [ActionExecuted(form), ActiveLoop(form)]
    if tracker.get_slot(REQUESTED_SLOT) is not None:
        outcome.append(SlotSet(REQUESTED_SLOT, tracker.get_slot(REQUESTED_SLOT)))
    outcome.append(ActionExecuted(ACTION_LISTEN_NAME))
    if form is not None and tracker.is_active_loop_rejected:
        outcome.append(ActionExecutionRejected(form))
    if tracker.is_paused():
        outcome.append(ConversationPaused())
    for event in outcome:
        event.timestamp = timestamp
    return outcome


def close_unknown_form(tracker: ConversationTracker, domain: Domain) -> None:
    """End a form that the present model no longer has, so that a client is not caught in it."""
    form = tracker.active_loop_name
    if form is not None and form not in domain.form_names:
        tracker.update(ActiveLoop(None))
        tracker.update(SlotSet(REQUESTED_SLOT, None))


def encode(event: Event) -> str:
    """One event as JSON, without the copies that Rasa can make again from the rest."""
    fields = event.as_dict()
    metadata = dict(fields.get("metadata") or {})
    metadata.pop(ASSISTANT_ID_KEY, None)
    if isinstance(event, UserUttered):
        parsed = dict(fields["parse_data"])
        for repeated in ("text", "message_id", "metadata", "text_tokens"):
            parsed.pop(repeated, None)
        if "intent_ranking" in parsed:
            parsed["intent_ranking"] = parsed["intent_ranking"][:RANKING_KEPT]
        fields["parse_data"] = parsed
    else:
        metadata.pop("model_id", None)
    fields["metadata"] = metadata
    return json.dumps(fields, ensure_ascii=False, separators=(",", ":"))


class EventDecoder:
    """Turns stored JSON back into events; looks each type up once, where Rasa searches all classes."""

    def __init__(self) -> None:
        self._types: Dict[str, Any] = {}
        for event_type in all_subclasses(Event):
            self._types.setdefault(event_type.type_name, event_type)

    def decode(self, stored: str) -> List[Event]:
        """The events of a row. Raises ValueError or KeyError if it is not what `encode` wrote."""
        return [event for fields in json.loads(stored) if (event := self._event(fields)) is not None]

    def _event(self, fields: Dict[str, Any]) -> Optional[Event]:
        decoded: Optional[Event] = self._types[fields["event"]]._from_parameters(fields)
        return decoded
